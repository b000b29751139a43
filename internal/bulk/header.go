package bulk

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/staffctl/staffctl/internal/staff"
)

// readHeader finds the delimiter and the field of each column.
func (r *Reader) readHeader(text *bufio.Reader) error {
	start, err := text.Peek(bufferSize)
	if err != nil && !errors.Is(err, io.EOF) {
		return cannotRead(err)
	}
	sep, named := sepOf(string(start))
	r.above = named
	switch {
	case r.comma != 0:
	case named:
		r.comma = sep
	default:
		r.comma = delimiterOf(string(start))
	}
	if r.comma == '"' || r.comma == '\r' || r.comma == '\n' || r.comma == utf8.RuneError || !utf8.ValidRune(r.comma) {
		return staff.Errorf(staff.CodeInvalid, "delimiter", "%q cannot stand between cells; give comma, semicolon, tab or another character", r.comma)
	}
	c := r.parser(text)
	header, err := c.readNames()
	switch {
	case errors.Is(err, io.EOF):
		return staff.Errorf(staff.CodeInvalid, "file", "the file is empty; its first line names the columns, such as email,first_name,last_name")
	case err != nil:
		at, failure, err := c.refused(err)
		if err != nil {
			return err
		}
		return staff.Errorf(staff.CodeInvalid, "file", "line %d: %w", at.line, failure)
	}
	r.header = header
	return r.mapColumns()
}

// delimiterOf is the one of comma, semicolon, tab and bar that stands most often
// in the first line that is not empty, outside of quotes.
func delimiterOf(start string) rune {
	counts := map[rune]int{}
	quoted := false
	for i, c := range strings.TrimLeft(start, "\r\n") {
		if c == '"' {
			quoted = !quoted
		}
		if !quoted && c == '\n' && i > 0 {
			break
		}
		if !quoted {
			counts[c]++
		}
	}
	best := ','
	for _, c := range ";\t|" {
		if counts[c] > counts[best] {
			best = c
		}
	}
	return best
}

// mapColumns finds the field of each column, or says which it cannot be.
func (r *Reader) mapColumns() error {
	r.columns = &columns{}
	for i, cell := range r.header {
		r.header[i] = strings.Clone(cellText(cell))
	}
	if len(r.header) > math.MaxInt16 {
		return staff.Errorf(staff.CodeInvalid, "file", "the header has %d columns, which are too many", len(r.header))
	}
	if err := r.checkKnown(); err != nil {
		return err
	}
	for i, name := range r.header {
		if name == "" {
			continue // where a line ends with a delimiter
		}
		f, err := r.names.find("column", name)
		if err != nil {
			return err
		}
		if f == leftOut {
			continue
		}
		if other := r.columns[f]; other > 0 {
			return bothAre(f, r.header[other-1], name)
		}
		r.columns[f] = int16(i + 1)
	}
	for plainName, column := range r.names.asked {
		if !r.hasColumn(plainName) {
			return staff.Errorf(staff.CodeInvalid, "map", "--map: the file has no column %q%s", brief(column), staff.Suggest(column, r.header))
		}
	}
	return r.checkEmail()
}

func bothAre(f field, one, other string) error {
	if plain(one) == plain(other) {
		return staff.Errorf(staff.CodeInvalid, "file", "columns %q and %q have the same name; rename one in the file, or remove it", brief(one), brief(other))
	}
	return staff.Errorf(staff.CodeInvalid, "file", "columns %q and %q are both %s; leave one out with --map %s=-", brief(one), brief(other), fields[f].name, shown(other))
}

// checkKnown names all columns that are not known, where there are several. A first
// line that is a person may hold secrets, and is not quoted.
func (r *Reader) checkKnown() error {
	var unknown []string
	named, address := 0, false
	for _, name := range r.header {
		if name == "" {
			continue
		}
		named++
		address = address || strings.Contains(name, "@")
		if _, ok := r.names.fields[plain(name)]; !ok {
			unknown = append(unknown, strconv.Quote(brief(name)))
		}
	}
	switch n := len(unknown); {
	case n > 0 && n == named && address:
		return staff.Errorf(staff.CodeInvalid, "file", "the first line is a person and no header; put a line above it that names the columns, such as email,first_name,last_name")
	case n < 2:
		return nil // one is told with what is near
	default:
		const most = 20
		list, more := strings.Join(unknown[:min(n, most)], ", "), ""
		if n > most {
			more = fmt.Sprintf(" and %d more", n-most)
		}
		return staff.Errorf(staff.CodeInvalid, "file", "no field for columns %s%s; known are %s; say with --map COLUMN=FIELD which each is, or leave it out with --map COLUMN=-",
			list, more, strings.Join(Fields(), ", "))
	}
}

func (r *Reader) hasColumn(plainName string) bool {
	for _, name := range r.header {
		if plain(name) == plainName {
			return true
		}
	}
	return false
}

func (r *Reader) checkEmail() error {
	switch mail := r.columns[mailField]; {
	case r.columns[emailField] > 0:
		return nil
	case mail > 0:
		return staff.Errorf(staff.CodeInvalid, "file", "the file has no column email; if %s holds the addresses, and not the mail categories, give --map %s=email",
			brief(r.header[mail-1]), shown(r.header[mail-1]))
	default:
		return staff.Errorf(staff.CodeInvalid, "file", "the file has no column email; say with --map COLUMN=email which it is (columns: %s)", strings.Join(r.header, ", "))
	}
}
