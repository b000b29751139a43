package bulk

import (
	"bufio"
	"encoding/csv"
	"errors"
	"io"
	"strings"

	"github.com/staffctl/staffctl/internal/staff"
)

// csvRows reads rows below the header.
type csvRows struct {
	*Reader
	text   *window
	parser *csv.Reader
	cells  []string // room for the cells of rows to come
}

func (r *Reader) parser(text io.Reader) *csvRows {
	c := &csvRows{Reader: r, text: &window{r: text}}
	c.parser = csv.NewReader(bufio.NewReaderSize(c.text, bufferSize))
	c.parser.Comma, c.parser.FieldsPerRecord, c.parser.ReuseRecord = r.comma, -1, true
	return c
}

// readNames reads the header, below the line for Excel if there is one.
func (c *csvRows) readNames() ([]string, error) {
	if c.above {
		if _, err := c.parser.Read(); err != nil {
			return nil, err
		}
	}
	return c.parser.Read()
}

// newCSV skips the header, which was read before.
func (r *Reader) newCSV(text io.Reader) (*csvRows, error) {
	c := r.parser(text)
	if _, err := c.readNames(); err != nil {
		return nil, cannotRead(err)
	}
	c.text.end = c.parser.InputOffset()
	return c, nil
}

// next reads the next row that is not empty.
func (c *csvRows) next() (*record, error, error) {
	for {
		cells, err := c.parser.Read()
		if err != nil {
			return c.refused(err)
		}
		c.text.end = c.parser.InputOffset()
		line, _ := c.parser.FieldPos(0)
		r := &record{line: line, at: c.columns, cells: c.keep(cells)}
		failure := c.fill(r)
		if r.given > 0 || failure != nil {
			return r, failure, nil
		}
	}
}

// rawRow drops the empty lines before a row and the end of its last line.
func rawRow(text string) string {
	for {
		rest := strings.TrimPrefix(strings.TrimPrefix(text, "\r"), "\n")
		if len(rest) == len(text) || text[len(text)-len(rest)-1] != '\n' {
			return strings.TrimSuffix(strings.TrimSuffix(text, "\n"), "\r")
		}
		text = rest
	}
}

// keep copies the cells into a place of their own: many rows share an allocation.
func (c *csvRows) keep(cells []string) []string {
	if len(c.cells) < len(cells) {
		c.cells = make([]string, max(1024, len(cells)))
	}
	kept := c.cells[:len(cells):len(cells)]
	c.cells = c.cells[len(cells):]
	copy(kept, cells)
	return kept
}

// fill looks at the cells of a row.
func (c *csvRows) fill(r *record) error {
	empty := true
	for i, cell := range r.cells {
		r.cells[i] = cellText(cell)
		empty = empty && r.cells[i] == ""
	}
	if empty {
		return nil // as spreadsheets leave at the end
	}
	if n := len(c.header); len(r.cells) != n {
		return staff.Errorf(staff.CodeInvalid, "", "the row has %d field%s, the header has %d", len(r.cells), plural(len(r.cells)), n)
	}
	for f, at := range c.columns {
		if at == 0 {
			continue
		}
		if err := r.take(field(f), r.cells[at-1]); err != nil {
			return err
		}
	}
	for i, name := range c.header {
		if name == "" && r.cells[i] != "" {
			return staff.Errorf(staff.CodeInvalid, "", "column %d has a value and no name in the header", i+1)
		}
	}
	if r.given == 0 {
		return staff.Errorf(staff.CodeInvalid, fields[emailField].name, "the email is missing")
	}
	return nil
}

// refused says what is wrong with a row that is no CSV. Reading goes on below it,
// unless a quote is open to the end of the file.
func (c *csvRows) refused(err error) (*record, error, error) {
	var broken *csv.ParseError
	if !errors.As(err, &broken) {
		if errors.Is(err, io.EOF) {
			return nil, nil, err
		}
		return nil, nil, cannotRead(err)
	}
	end := c.parser.InputOffset()
	r := &record{line: broken.StartLine, raw: rawRow(c.text.text(end)), at: c.columns}
	c.text.end = end
	last := strings.ReplaceAll(r.raw, "\r\n", "\n")
	last = last[strings.LastIndexByte(last, '\n')+1:]
	switch {
	case errors.Is(err, csv.ErrBareQuote):
		return r, staff.Errorf(staff.CodeInvalid, "", "a quote stands within a cell that does not begin with one; put the cell in quotes and write the quote twice"), nil
	case broken.Column > len(last) && errors.Is(c.text.err, io.EOF):
		return nil, nil, staff.Errorf(staff.CodeInvalid, "file", "line %d: a quote that begins in this row is not closed to the end of the file", broken.StartLine)
	default:
		return r, staff.Errorf(staff.CodeInvalid, "", "a quote that begins in this row ends in the middle of a cell; write a quote within quotes twice"), nil
	}
}

func plural(n int) string {
	if n == 1 {
		return ""
	}
	return "s"
}
