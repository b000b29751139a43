package bulk

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/staffctl/staffctl/internal/output"
	"github.com/staffctl/staffctl/internal/staff"
)

// WriteErrors writes the rows that were refused, as they were in the file and with
// line, field and reason before them. CSV stays CSV; JSON becomes an object a
// line. What was mended can be read again: these three are left out then.
func (r *Reader) WriteErrors(w io.Writer, failures []staff.Failure) error {
	out := bufio.NewWriterSize(w, bufferSize)
	write := writeObject
	if r.format == CSV {
		table := r.newErrorTable(out)
		table.header()
		write = table.row
	}
	for i := range failures {
		write(out, &failures[i])
	}
	return out.Flush()
}

// errorTable writes failures as CSV.
type errorTable struct {
	columns []string
	own     []bool // the columns of a file of errors that is read again
	csv     *csv.Writer
	comma   rune
}

func (r *Reader) newErrorTable(w io.Writer) *errorTable {
	t := &errorTable{columns: r.header, own: make([]bool, len(r.header)), csv: csv.NewWriter(w), comma: r.comma}
	for f := lineField; f < fieldCount; f++ {
		if at := r.columns[f]; at > 0 {
			t.own[at-1] = true
		}
	}
	t.csv.Comma = r.comma
	return t
}

// rest are the cells without those of a file of errors.
func (t *errorTable) rest(cells []string) []string {
	var rest []string
	for i, cell := range cells {
		if i >= len(t.own) || !t.own[i] {
			rest = append(rest, output.Cell(cell))
		}
	}
	return rest
}

func (t *errorTable) header() {
	_ = t.csv.Write(append([]string{"line", "field", "reason"}, t.rest(t.columns)...)) // the writer below keeps its error
	t.csv.Flush()
}

func (t *errorTable) row(out *bufio.Writer, f *staff.Failure) {
	cells := []string{strconv.Itoa(f.Line), f.Err.Field, f.Err.Message}
	r, _ := f.Source.(*record)
	if r == nil || r.raw == "" {
		if r != nil {
			cells = append(cells, t.rest(r.cells)...)
		}
		_ = t.csv.Write(cells)
		t.csv.Flush()
		return
	}
	// What is no CSV stays as it is, behind the three.
	var start bytes.Buffer
	w := csv.NewWriter(&start)
	w.Comma = t.comma
	_ = w.Write(cells)
	w.Flush()
	_, _ = out.WriteString(strings.TrimSuffix(start.String(), "\n") + string(t.comma) + t.cut(r.raw) + "\n")
}

// cut drops the first cells of a text where they are those of a file of errors.
func (t *errorTable) cut(raw string) string {
	for i := 0; i < len(t.own) && t.own[i]; i++ {
		quoted := false
		at := strings.IndexFunc(raw, func(c rune) bool {
			quoted = quoted != (c == '"')
			return c == t.comma && !quoted
		})
		if at < 0 {
			return raw
		}
		raw = raw[at+len(string(t.comma)):]
	}
	return raw
}

// writeObject writes a failure as an object of its own line: with the members of
// the one that was refused, or with its text where it is none.
func writeObject(out *bufio.Writer, f *staff.Failure) {
	b := append([]byte(`{"line":`), strconv.Itoa(f.Line)...)
	b = output.AppendString(append(b, `,"field":`...), f.Err.Field)
	b = output.AppendString(append(b, `,"reason":`...), f.Err.Message)
	r, _ := f.Source.(*record)
	if r != nil && r.raw != "" {
		if members, ok := membersOf(r.raw); ok {
			b = append(b, members...)
		} else {
			b = output.AppendString(append(b, `,"text":`...), r.raw)
		}
	}
	_, _ = out.Write(append(b, "}\n"...))
}

// membersOf returns the members of an object, each after a comma, without those
// of a file of errors.
func membersOf(raw string) ([]byte, bool) {
	in := jsontext.NewDecoder(strings.NewReader(raw), lenient)
	if start, err := in.ReadToken(); err != nil || start.Kind() != '{' {
		return nil, false
	}
	var members []byte
	for in.PeekKind() == '"' {
		key, err := in.ReadToken()
		if err != nil {
			return nil, false
		}
		name := key.String()
		value, err := in.ReadValue()
		if value = value.Clone(); err != nil || value.Compact() != nil {
			return nil, false
		}
		if name == "line" || name == "field" || name == "reason" {
			continue
		}
		members = append(output.AppendString(append(members, ','), name), ':')
		members = append(members, value...)
	}
	if _, err := in.ReadToken(); err != nil {
		return nil, false
	}
	_, err := in.ReadToken()
	return members, errors.Is(err, io.EOF) // and nothing after it
}
