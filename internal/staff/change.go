package staff

import (
	"encoding/json"
	"reflect"
	"slices"
)

// Change is a field that an action changes. Secrets read "set".
type Change struct {
	Field  string `json:"field"`
	Before any    `json:"before"`
	After  any    `json:"after"`
}

// field is a named value of a row, as the audit and a plan show it.
type field struct {
	key   string
	value any
}

// compare lists the fields that differ; nil on one side is a row that is not
// there.
func compare(before, after []field) []Change {
	if len(before) == len(after) && alike(before, after) {
		return nil
	}
	var changes []Change
	old := make(map[string]any, len(before))
	for _, f := range before {
		old[f.key] = f.value
	}
	for _, f := range after {
		if was, had := old[f.key]; !same(was, f.value) {
			if !had || isEmpty(was) {
				was = nil
			}
			changes = append(changes, Change{f.key, was, whole(f.value)})
		}
		delete(old, f.key)
	}
	for _, f := range before {
		if value, gone := old[f.key]; gone && !isEmpty(value) {
			changes = append(changes, Change{f.key, value, nil})
		}
	}
	return changes
}

// alike reports whether the fields are the same in the same order.
func alike(before, after []field) bool {
	for i := range before {
		if before[i].key != after[i].key || !same(before[i].value, after[i].value) {
			return false
		}
	}
	return true
}

// whole turns a nil slice into an empty one, which is a list in JSON.
func whole(v any) any {
	if r := reflect.ValueOf(v); r.Kind() == reflect.Slice && r.IsNil() {
		return reflect.MakeSlice(r.Type(), 0, 0).Interface()
	}
	return v
}

func same(a, b any) bool {
	switch a := a.(type) { // most are, and reflection takes ten times as long
	case string:
		if b, ok := b.(string); ok {
			return a == b
		}
	case bool:
		if b, ok := b.(bool); ok {
			return a == b
		}
	case []string:
		if b, ok := b.([]string); ok {
			return slices.Equal(a, b)
		}
	}
	return isEmpty(a) && isEmpty(b) || reflect.DeepEqual(a, b)
}

func isEmpty(v any) bool {
	if v == nil {
		return true
	}
	r := reflect.ValueOf(v)
	return r.IsZero() || r.Kind() == reflect.Slice && r.Len() == 0
}

// sides returns the audit's two JSON objects; "" for a side without fields.
func sides(changes []Change) (before, after string) {
	side := func(value func(Change) any) string {
		object := map[string]any{}
		for _, c := range changes {
			if v := value(c); v != nil {
				object[c.Field] = v
			}
		}
		if len(object) == 0 {
			return ""
		}
		text, err := json.Marshal(object)
		if err != nil {
			panic("an audit value does not marshal: " + err.Error())
		}
		return string(text)
	}
	return side(func(c Change) any { return c.Before }), side(func(c Change) any { return c.After })
}
