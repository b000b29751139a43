package output

import (
	"bytes"
	"encoding/csv"
	"slices"
)

// csvRows is a header and a record a row.
type csvRows[T any] struct {
	out    *sink
	w      *csv.Writer
	cols   []Column[T]
	header bool // still to be written
	cells  []string
	text   []byte // all cells of a row, so that they are one string
	ends   []int
	value  []byte
}

func newCSV[T any](p *Printer, cols []Column[T]) *csvRows[T] {
	return &csvRows[T]{
		out: &p.out, w: csv.NewWriter(&p.out), cols: cols, header: !p.opts.NoHeaders,
		cells: make([]string, len(cols)), ends: make([]int, len(cols)),
	}
}

func (e *csvRows[T]) row(v T) {
	e.head()
	e.text = e.text[:0]
	for i := range e.cols {
		e.cell(&e.cols[i], v)
		e.ends[i] = len(e.text)
	}
	all, start := string(e.text), 0
	for i, end := range e.ends {
		e.cells[i], start = all[start:end], end
	}
	e.write()
}

func (e *csvRows[T]) cell(c *Column[T], v T) {
	if c.Text != nil {
		e.text = append(e.text, Cell(c.Text(v))...)
		return
	}
	start := len(e.text)
	e.value = c.JSON(e.value[:0], v)
	e.text = appendPlain(e.text, e.value)
	if isText(e.value) && isFormula(bytes.TrimLeft(e.text[start:], "'")) {
		e.text = slices.Insert(e.text, start, '\'')
	}
}

// head writes the header once there is a result to stand below it.
func (e *csvRows[T]) head() {
	if !e.header {
		return
	}
	e.header = false
	for i, c := range e.cols {
		e.cells[i] = c.Key
	}
	e.write()
}

func (e *csvRows[T]) write() {
	if err := e.w.Write(e.cells); err != nil {
		e.out.fail(err)
	}
}

func (e *csvRows[T]) end(complete bool) {
	if complete {
		e.head()
	}
	e.w.Flush()
	e.out.fail(e.w.Error())
}
