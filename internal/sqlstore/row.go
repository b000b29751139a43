package sqlstore

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/staffctl/staffctl/internal/staff"
)

// separator stands between the values of a row: the unit separator, which no
// value can hold since texts have no control characters.
const separator = '\x1f'

// packed returns the expression that joins columns to one text. Reading one
// column a row instead of twenty halves the time that a list takes.
func packed(columns string) string { return "concat_ws(char(31), " + columns + ")" }

// row reads the values of a packed row, one after the other.
type row struct {
	rest  string
	ended bool                // the last value has been read
	bad   bool                // fewer values than were asked for, or none that fits
	lists map[string][]string // lists seen before, by their JSON; may be nil
}

func (r *row) text() string {
	r.bad = r.bad || r.ended
	i := strings.IndexByte(r.rest, separator)
	if i < 0 {
		value := r.rest
		r.rest, r.ended = "", true
		return value
	}
	value := r.rest[:i]
	r.rest = r.rest[i+1:]
	return value
}

func (r *row) int() int64 {
	n, err := strconv.ParseInt(r.text(), 10, 64)
	r.bad = r.bad || err != nil
	return n
}

// like reads a value of the kind of another: a string or an int64.
func (r *row) like(other any) any {
	if _, ok := other.(int64); ok {
		return r.int()
	}
	return r.text()
}

func (r *row) bool() bool { return r.text() == "1" }

// list reads a JSON array of strings. Lists repeat from row to row, so they are
// kept, and must not be changed.
func (r *row) list() []string {
	text := r.text()
	if text == "[]" {
		return nil
	}
	if list, ok := r.lists[text]; ok {
		return list
	}
	var list []string
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		r.bad = true
	}
	if r.lists != nil && len(r.lists) < 4096 {
		r.lists[strings.Clone(text)] = list
	}
	return list
}

// phones reads a JSON array of phones; the way we write it is read by hand,
// since encoding/json would be a third of the time that a list takes.
func (r *row) phones() []staff.Phone {
	text := r.text()
	if text == "[]" {
		return nil
	}
	var phones []staff.Phone
	rest := strings.TrimSuffix(strings.TrimPrefix(text, "["), "]")
	for rest != "" {
		body, more, ok := strings.Cut(rest, `"}`)
		label, number, cut := strings.Cut(strings.TrimPrefix(body, `{"label":"`), `","number":"`)
		if !ok || !cut || strings.ContainsAny(label+number, `"\`) {
			return r.unusualPhones(text)
		}
		phones = append(phones, staff.Phone{Label: label, Number: number})
		rest = strings.TrimPrefix(more, ",")
	}
	return phones
}

func (r *row) unusualPhones(text string) []staff.Phone {
	var phones []staff.Phone
	if err := json.Unmarshal([]byte(text), &phones); err != nil {
		r.bad = true
	}
	return phones
}

// isWhole reports whether the row held what it should, and no more.
func (r *row) isWhole() bool { return r.ended && !r.bad }

// err refuses a row that did not hold what it should.
func (r *row) err(what string) error {
	if r.isWhole() {
		return nil
	}
	return staff.Errorf(staff.CodeDamaged, "store", "a row of %s cannot be read; run staffctl store check", what)
}
