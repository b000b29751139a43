package output

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// lines is the fast one: nothing is allocated for a row.
type lines[T any] struct {
	out  *sink
	keys []string
	cols []Column[T]
}

func newLines[T any](p *Printer, cols []Column[T]) *lines[T] {
	keys := make([]string, len(cols))
	for i, c := range cols {
		lead := ","
		if i == 0 {
			lead = "{"
		}
		keys[i] = string(append(AppendString([]byte(lead), c.Key), ':'))
	}
	return &lines[T]{out: &p.out, keys: keys, cols: cols}
}

func (e *lines[T]) append(dst []byte, v T) []byte {
	for i := range e.cols {
		dst = e.cols[i].JSON(append(dst, e.keys[i]...), v)
	}
	return append(dst, '}')
}

func (e *lines[T]) row(v T) { e.out.buf = append(e.append(e.out.buf, v), '\n') }

func (e *lines[T]) end(bool) {}

// array is indented JSON: an array of the rows, or the one row.
type array[T any] struct {
	*lines[T]
	one     bool
	rows    int
	compact []byte
	nice    bytes.Buffer
}

func newArray[T any](p *Printer, cols []Column[T], one bool) *array[T] {
	return &array[T]{lines: newLines(p, cols), one: one}
}

func (e *array[T]) row(v T) {
	prefix, lead := "  ", ",\n  "
	switch {
	case e.one:
		prefix, lead = "", ""
	case e.rows == 0:
		lead = "[\n  "
	}
	e.rows++
	e.compact = e.append(e.compact[:0], v)
	e.nice.Reset()
	if err := json.Indent(&e.nice, e.compact, prefix, "  "); err != nil {
		e.out.fail(fmt.Errorf("indent a row: %w", err))
		return
	}
	e.out.buf = append(append(e.out.buf, lead...), e.nice.Bytes()...)
}

func (e *array[T]) end(complete bool) {
	last := "\n]\n"
	switch {
	case e.out.err != nil || !complete:
		return
	case e.one:
		last = "\n"
	case e.rows == 0:
		last = "[]\n"
	}
	e.out.buf = append(e.out.buf, last...)
}

// names prints what a script passes on to the next command.
type names[T any] struct {
	out  *sink
	name func(T) string
}

func (e *names[T]) row(v T) { e.out.buf = append(append(e.out.buf, Text(e.name(v))...), '\n') }

func (e *names[T]) end(bool) {}
