package output

import (
	"encoding/json"
	"testing"
)

func TestSchema(t *testing.T) {
	type pet struct{}
	view := View[pet]{Columns: []Column[pet]{
		{Key: "name", Doc: "what it is called: <b>", Type: String},
		{Key: "kind", Type: OrNull(OneOf([]string{"cat", "dog"}))},
		{Key: "born_at", Type: OrNull(Time)},
		{Key: "toys", Type: ListOf(Object(func() []Column[pet] { return []Column[pet]{{Key: "id", Type: Integer}} }))},
		{Key: "notes", Type: AnyObject},
		{Key: "forgotten"},
	}}
	got, err := json.Marshal(view.Schema())
	want := `{"type":"object","properties":{` +
		`"name":{"description":"what it is called: \u003cb\u003e","type":"string"},` +
		`"kind":{"type":["string","null"],"enum":["cat","dog",null]},` +
		`"born_at":{"type":["string","null"],"format":"date-time"},` +
		`"toys":{"type":"array","items":{"type":"object","properties":{"id":{"type":"integer"}},"required":["id"]}},` +
		`"notes":{"type":"object","additionalProperties":true},` +
		`"forgotten":{}},` +
		`"required":["name","kind","born_at","toys","notes","forgotten"]}`
	if err != nil || string(got) != want {
		t.Errorf("%v\n got %s\nwant %s", err, got, want)
	}
}
