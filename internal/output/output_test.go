package output

import (
	"bytes"
	"encoding/json"
	"errors"
	"iter"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/staffctl/staffctl/internal/iostreams"
	"github.com/staffctl/staffctl/internal/staff"
)

type person struct {
	id        int64
	name      string
	email     string
	areas     []string
	suspended bool
	created   int64
	delta     int64
}

func personView() View[*person] {
	return View[*person]{
		Empty: "no members",
		Name:  func(p *person) string { return p.email },
		Columns: []Column[*person]{
			{Key: "id", Heading: "Id", Wide: true, JSON: func(b []byte, p *person) []byte { return AppendInt(b, p.id) }},
			{Key: "name", Heading: "Name", Table: true, JSON: func(b []byte, p *person) []byte { return AppendString(b, p.name) }},
			{Key: "email", Heading: "E-mail", Table: true, JSON: func(b []byte, p *person) []byte { return AppendString(b, p.email) }},
			{Key: "areas", Heading: "Areas", Table: true, JSON: func(b []byte, p *person) []byte { return AppendStrings(b, p.areas) }},
			{
				Key: "suspended", Heading: "Suspended", Table: true,
				JSON: func(b []byte, p *person) []byte { return AppendBool(b, p.suspended) },
				Text: func(p *person) string { return map[bool]string{true: "yes", false: "no"}[p.suspended] },
				Style: func(p *person) Style {
					if p.suspended {
						return Bad
					}
					return Good
				},
			},
			{Key: "created_at", Heading: "Created", Wide: true, JSON: func(b []byte, p *person) []byte { return AppendTime(b, p.created) }},
			{Key: "delta", Heading: "Delta", JSON: func(b []byte, p *person) []byte { return AppendInt(b, p.delta) }},
		},
	}
}

func groupedView() View[*person] {
	v := personView()
	v.Group = func(p *person) string {
		if p.id < 3 {
			return "Can sign in"
		}
		return "Without access"
	}
	return v
}

var (
	anna  = &person{id: 1, name: "Anna Müller", email: "anna@example.ch", areas: []string{"invoices", "team"}, created: 1795348800000, delta: -3}
	sen   = &person{id: 2, name: "山田 太郎", email: "=cmd@例え.jp", suspended: true}
	emoji = &person{id: 3, name: "👩‍👩‍👦 Zoe\u0301 ❤️", email: "z@x.ch", areas: []string{"all"}}
	evil  = &person{id: 4, name: "שרה\u202e\x1b[31mx\n", email: "no", areas: []string{`a"b`}}
)

func rows(people ...*person) iter.Seq2[*person, error] {
	return func(yield func(*person, error) bool) {
		for _, p := range people {
			if !yield(p, nil) {
				return
			}
		}
	}
}

func thenFail(seq iter.Seq2[*person, error], err error) iter.Seq2[*person, error] {
	return func(yield func(*person, error) bool) {
		for p, rowErr := range seq {
			if !yield(p, rowErr) {
				return
			}
		}
		yield(nil, err)
	}
}

func list(t *testing.T, v View[*person], opts Options, people ...*person) (out, errs string) {
	t.Helper()
	ios, _, o, e := iostreams.Test()
	if err := List(New(ios, opts), v, rows(people...)); err != nil {
		t.Fatal(err)
	}
	return o.String(), e.String()
}

func same(t *testing.T, got, want string) {
	t.Helper()
	if d := cmp.Diff(strings.Split(strings.TrimPrefix(want, "\n"), "\n"), strings.Split(got, "\n")); d != "" {
		t.Errorf("-want +got\n%s", d)
	}
}

func TestList(t *testing.T) {
	for _, c := range []struct {
		name string
		opts Options
		want string
	}{
		{"jsonl", Options{Format: JSONL}, `
{"id":1,"name":"Anna Müller","email":"anna@example.ch","areas":["invoices","team"],"suspended":false,"created_at":"2026-11-22T12:00:00.000Z","delta":-3}
{"id":4,"name":"שרה` + "\u202e" + `\u001b[31mx\n","email":"no","areas":["a\"b"],"suspended":false,"created_at":null,"delta":0}
`},
		{"json", Options{Format: JSON, Columns: []string{"name", "areas"}}, `
[
  {
    "name": "Anna Müller",
    "areas": [
      "invoices",
      "team"
    ]
  },
  {
    "name": "שרה` + "\u202e" + `\u001b[31mx\n",
    "areas": [
      "a\"b"
    ]
  }
]
`},
		{"csv", Options{Format: CSV}, `
id,name,email,areas,suspended,created_at,delta
1,Anna Müller,anna@example.ch,"invoices,team",no,2026-11-22T12:00:00.000Z,-3
4,"שרה` + "\u202e\x1b" + `[31mx
",no,"a""b",no,,0
`},
		{"csv without header", Options{Format: CSV, NoHeaders: true, Columns: []string{"delta", "id"}}, "-3,1\n0,4\n"},
		{"yaml", Options{Format: YAML}, `
- id: 1
  name: Anna Müller
  email: anna@example.ch
  areas:
    - invoices
    - team
  suspended: false
  created_at: "2026-11-22T12:00:00.000Z"
  delta: -3
- id: 4
  name: "שרה` + "\u202e" + `\e[31mx\n"
  email: "no"
  areas:
    - "a\"b"
  suspended: false
  created_at: null
  delta: 0
`},
		{"name", Options{Format: Name}, "anna@example.ch\nno\n"},
		{"table", Options{}, `
NAME                         E-MAIL           AREAS          SUSPENDED
Anna Müller                  anna@example.ch  invoices,team  no
שרה\u{202e}\u{1b}[31mx\u{a}  no               a"b            no
`},
		{"wide", Options{Format: Wide, Columns: nil, NoHeaders: true}, `
1  Anna Müller                  anna@example.ch  invoices,team  no  2026-11-22T12:00:00.000Z
4  שרה\u{202e}\u{1b}[31mx\u{a}  no               a"b            no
`},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, errs := list(t, personView(), c.opts, anna, evil)
			same(t, got, c.want)
			if errs != "" {
				t.Errorf("standard error: %q", errs)
			}
		})
	}
}

func TestTableAlignsWideCharacters(t *testing.T) {
	got, _ := list(t, groupedView(), Options{}, anna, sen, emoji)
	same(t, got, `
NAME         E-MAIL           AREAS          SUSPENDED
Can sign in (2)
Anna Müller  anna@example.ch  invoices,team  no
山田 太郎    =cmd@例え.jp                    yes

Without access (1)
👩‍👩‍👦 Zoé ❤️    z@x.ch           all            no
`)
}

func TestTableWithoutHeadings(t *testing.T) {
	got, _ := list(t, groupedView(), Options{NoHeaders: true, Columns: []string{"email", "id"}}, anna, emoji)
	same(t, got, "anna@example.ch  1\nz@x.ch           3\n")
}

func TestColor(t *testing.T) {
	ios, _, out, _ := iostreams.Test()
	ios.SetColor("always", false)
	opts := Options{Columns: []string{"suspended", "name"}}
	if err := List(New(ios, opts), groupedView(), rows(sen, anna)); err != nil {
		t.Fatal(err)
	}
	same(t, out.String(), "\x1b[1mSUSPENDED\x1b[0m  \x1b[1mNAME\x1b[0m\n"+
		"\x1b[1mCan sign in (2)\x1b[0m\n"+
		"\x1b[31myes\x1b[0m        山田 太郎\n"+
		"\x1b[32mno\x1b[0m         Anna Müller\n")
}

func TestNoColorNoEscapes(t *testing.T) {
	for _, f := range Formats() {
		got, _ := list(t, groupedView(), Options{Format: Format(f)}, anna, sen, emoji)
		if strings.Contains(got, "\x1b") {
			t.Errorf("%s: %q", f, got)
		}
	}
}

func TestNarrowTerminalWraps(t *testing.T) {
	p := *anna
	p.areas = []string{"invoices", "team", "contract", "domains"}
	for _, c := range []struct {
		width int
		want  string
	}{
		{0, `
NAME         E-MAIL           AREAS                           SUSPENDED
Can sign in (2)
Anna Müller  anna@example.ch  invoices,team,contract,domains  no
山田 太郎    =cmd@例え.jp                                     yes
`},
		{56, `
NAME         E-MAIL           AREAS           SUSPENDED
Can sign in (2)
Anna Müller  anna@example.ch  invoices,team,  no
                              contract,
                              domains
山田 太郎    =cmd@例え.jp                     yes
`},
		{46, `
NAME    E-MAIL           AREAS      SUSPENDED
Can sign in (2)
Anna    anna@example.ch  invoices,  no
Müller                   team,
                         contract,
                         domains
山田    =cmd@例え.jp                yes
太郎
`},
		{40, `
Can sign in (2)
NAME       Anna Müller
E-MAIL     anna@example.ch
AREAS      invoices,team,contract,
           domains
SUSPENDED  no

NAME       山田 太郎
E-MAIL     =cmd@例え.jp
SUSPENDED  yes
`},
		{12, `
Can sign in
(2)
NAME
  Anna
  Müller
E-MAIL
  anna@examp
  le.ch
AREAS
  invoices,
  team,
  contract,
  domains
SUSPENDED
  no

NAME
  山田 太郎
E-MAIL
  =cmd@例え.
  jp
SUSPENDED
  yes
`},
	} {
		ios, _, out, _ := iostreams.Test()
		ios.SetTerminals(false, true, false)
		ios.SetColor("never", false)
		ios.SetWidth(c.width)
		if err := List(New(ios, Options{}), groupedView(), rows(&p, sen)); err != nil {
			t.Fatal(err)
		}
		same(t, out.String(), c.want)
	}
}

func TestEmpty(t *testing.T) {
	for format, want := range map[Format]string{
		JSON: "[]\n", JSONL: "", YAML: "[]\n", Name: "", Table: "", Wide: "",
		CSV: "id,name,email,areas,suspended,created_at,delta\n",
	} {
		for _, quiet := range []bool{false, true} {
			out, errs := list(t, personView(), Options{Format: format, Quiet: quiet})
			note := ""
			if !quiet && (format == Table || format == Wide) {
				note = "no members\n"
			}
			if out != want || errs != note {
				t.Errorf("%s, quiet %v: %q, standard error %q", format, quiet, out, errs)
			}
		}
	}
}

func TestOne(t *testing.T) {
	for _, c := range []struct {
		name string
		opts Options
		want string
	}{
		{"table", Options{}, `
Id         2
Name       山田 太郎
E-mail     =cmd@例え.jp
Suspended  yes
Delta      0
`},
		{"columns", Options{Columns: []string{"areas", "name"}}, "Areas\nName   山田 太郎\n"},
		{"no headers", Options{Columns: []string{"email", "name"}, NoHeaders: true}, "=cmd@例え.jp\n山田 太郎\n"},
		{"json", Options{Format: JSON, Columns: []string{"id", "areas"}}, "{\n  \"id\": 2,\n  \"areas\": []\n}\n"},
		{"jsonl", Options{Format: JSONL, Columns: []string{"id"}}, "{\"id\":2}\n"},
		{"yaml", Options{Format: YAML, Columns: []string{"id", "areas"}}, "id: 2\nareas: []\n"},
		{"csv", Options{Format: CSV, Columns: []string{"id", "email"}}, "id,email\n2,'=cmd@例え.jp\n"},
		{"name", Options{Format: Name}, "=cmd@例え.jp\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			ios, _, out, _ := iostreams.Test()
			if err := One(New(ios, c.opts), personView(), sen); err != nil {
				t.Fatal(err)
			}
			same(t, out.String(), c.want)
		})
	}
}

func TestErrorKeepsWhatCameBefore(t *testing.T) {
	cause := errors.New("store went away")
	for format, want := range map[Format]string{
		JSON:  "[\n  {\n    \"id\": 1\n  }",
		JSONL: "{\"id\":1}\n",
		YAML:  "- id: 1\n",
		CSV:   "id\n1\n",
		Name:  "anna@example.ch\n",
		Table: "ID\nCan sign in\n1\n",
	} {
		ios, _, out, _ := iostreams.Test()
		p := New(ios, Options{Format: format, Columns: []string{"id"}})
		err := List(p, groupedView(), thenFail(rows(anna), cause))
		if !errors.Is(err, cause) || out.String() != want {
			t.Errorf("%s: %v, %q", format, err, out)
		}
		ios, _, out, errs := iostreams.Test()
		err = List(New(ios, Options{Format: format}), groupedView(), thenFail(rows(), cause))
		if !errors.Is(err, cause) || out.Len() != 0 || errs.Len() != 0 {
			t.Errorf("%s: before the first row: %v, %q, %q", format, err, out, errs)
		}
	}
}

type brokenWriter struct{ calls int }

func (b *brokenWriter) Write([]byte) (int, error) {
	b.calls++
	return 0, errors.New("no space left")
}

func TestWriteErrorStops(t *testing.T) {
	for _, f := range Formats() {
		ios, _, _, _ := iostreams.Test()
		w := &brokenWriter{}
		ios.Out = w
		seen := 0
		endless := func(yield func(*person, error) bool) {
			for ; seen < 5000 && yield(anna, nil); seen++ {
			}
		}
		err := List(New(ios, Options{Format: Format(f)}), personView(), endless)
		if err == nil || err.Error() != "no space left" || w.calls != 1 {
			t.Errorf("%s: %v after %d writes", f, err, w.calls)
		}
		if seen == 5000 && f != "table" && f != "wide" {
			t.Errorf("%s went on after the error", f)
		}
	}
}

func TestUnknownNames(t *testing.T) {
	_, err := ParseFormat("jsno")
	if staff.CodeOf(err) != staff.CodeInvalid || err.Error() != `unknown output format "jsno"; did you mean json?` {
		t.Error(err)
	}
	for _, f := range Formats() {
		if got, err := ParseFormat(f); string(got) != f || err != nil {
			t.Errorf("%s: %v", f, err)
		}
		ios, _, out, _ := iostreams.Test()
		err := List(New(ios, Options{Format: Format(f), Columns: []string{"id", "nmae"}}), personView(), rows(anna))
		var e *staff.Error
		if !errors.As(err, &e) || e.Field != "columns" || e.Message != `unknown column "nmae"; did you mean name?` || out.Len() > 0 {
			t.Errorf("%s: %v", f, err)
		}
	}
}

func TestColumnNamedTwice(t *testing.T) {
	ios, _, _, _ := iostreams.Test()
	err := One(New(ios, Options{Format: JSON, Columns: []string{"id", "name", "id"}}), personView(), anna)
	if staff.CodeOf(err) != staff.CodeInvalid || err.Error() != `column "id" is named twice` {
		t.Error(err)
	}
}

func TestStructuredFormatsAgree(t *testing.T) {
	texts := []string{"", "yes", "No", "~", "null", "1e5", "0x1f", "12:30:45", "2026-11-22", " a", "a ", "a: b", "a #b", "- a", "*a", "&a", "!a",
		"|", ">", "%", "@a", "`", "{}", "[]", "a\nb", "\ttab", "'q'", `"q"`, "<<", "=", ".", "é\u0301", "👩‍👩‍👦", "\u2028", "\x00\x7f\u0085\ufeff", "0o7", "+41", "é, ü", "1_000"}
	p := &person{name: "yes", areas: texts}
	structured, _ := list(t, personView(), Options{Format: JSON}, p)
	yamlText, _ := list(t, personView(), Options{Format: YAML}, p, p)
	var fromJSON, fromYAML []struct{ Areas []string }
	if err := json.Unmarshal([]byte(structured), &fromJSON); err != nil {
		t.Fatal(err)
	}
	var untyped []map[string]any
	if err := errors.Join(yaml.Unmarshal([]byte(yamlText), &fromYAML), yaml.Unmarshal([]byte(yamlText), &untyped)); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(texts, fromJSON[0].Areas) + cmp.Diff(texts, fromYAML[1].Areas); d != "" {
		t.Error(d)
	}
	for _, a := range untyped[0]["areas"].([]any) {
		if _, ok := a.(string); !ok {
			t.Errorf("%v (%T) is no string any more", a, a)
		}
	}
}

func TestLongOutputIsWhole(t *testing.T) {
	ios, _, out, _ := iostreams.Test()
	many := func(yield func(*person, error) bool) {
		for range 5000 {
			if !yield(anna, nil) {
				return
			}
		}
	}
	if err := List(New(ios, Options{Format: JSON}), personView(), many); err != nil {
		t.Fatal(err)
	}
	var back []json.RawMessage
	if err := json.Unmarshal(out.Bytes(), &back); err != nil || len(back) != 5000 {
		t.Errorf("%d rows, %v", len(back), err)
	}
	if out.Len() < 2*bufferSize || !bytes.HasSuffix(out.Bytes(), []byte("}\n]\n")) {
		t.Error("the end is missing")
	}
}
