package bulk

import (
	"strings"

	"github.com/staffctl/staffctl/internal/staff"
)

// record is a row as it was read. Actions point into it, so that a row costs few
// allocations.
type record struct {
	line  int
	cells []string // without the blanks around them, and restored
	at    *columns // which of the cells has each field
	given uint32   // the fields that are given, by their bits
	lists map[field][]string
	// raw is the text: of a JSON object, and of a row of CSV that has no cells.
	raw string

	phones []string
	phone  [1]string
}

// columns are the places of fields among cells, from 1; 0 is none.
type columns [fieldCount]int16

// text is what the field holds, or "".
func (r *record) text(f field) string {
	if at := r.at[f]; at > 0 && int(at) <= len(r.cells) {
		return r.cells[at-1]
	}
	return ""
}

// pointer is nil where the field is not given.
func (r *record) pointer(f field) *string {
	if r.given&f.bit() == 0 || r.at[f] == 0 {
		return nil
	}
	return &r.cells[r.at[f]-1]
}

// take notes a cell of a field, and refuses what could not be decoded.
func (r *record) take(f field, cell string) error {
	if cell == "" {
		return nil
	}
	r.given |= f.bit()
	if strings.Contains(cell, lost) {
		return damaged(fields[f].name)
	}
	return nil
}

func damaged(name string) error {
	return staff.Errorf(staff.CodeInvalid, name, "a character cannot be read (U+FFFD): the line is not in the encoding that the lines before are in; save the file in UTF-8")
}

// trimmed is a text without the blanks around it.
func trimmed(s string) string { return strings.TrimSpace(s) }
