// Package output prints results. A noun describes its values once, as the
// columns of a [View], and [List] and [One] print them in every format.
//
// Results are collected in a buffer of 64 KiB and written when it is full, at
// the end, and when something fails: what was printed before an error is seen.
package output

import (
	"bytes"
	"cmp"
	"fmt"
	"iter"
	"slices"

	"github.com/staffctl/staffctl/internal/iostreams"
	"github.com/staffctl/staffctl/internal/staff"
)

// Format is how results are printed (--output).
type Format string

// The formats. Wide is a table with more columns.
const (
	Table Format = "table"
	Wide  Format = "wide"
	JSON  Format = "json"
	JSONL Format = "jsonl"
	CSV   Format = "csv"
	YAML  Format = "yaml"
	Name  Format = "name"
)

// Formats returns the names of all formats, for completion and help.
func Formats() []string {
	return []string{string(Table), string(Wide), string(JSON), string(JSONL), string(CSV), string(YAML), string(Name)}
}

// Meaning says in a sentence what the format is for.
func (f Format) Meaning() string {
	return map[Format]string{
		Table: "A table for people.",
		Wide:  "A table with more columns.",
		JSON:  "An array of objects, or one object; [] where a list is empty.",
		JSONL: "An object a line. Long lists stream.",
		CSV:   "The columns with a line of headings. Long lists stream.",
		YAML:  "The same keys as JSON.",
		Name:  "What the next command takes: an e-mail, a name or an id a line.",
	}[f]
}

// ParseFormat returns the format called s, or a [staff.Error] with CodeInvalid
// for the field output.
func ParseFormat(s string) (Format, error) {
	if !slices.Contains(Formats(), s) {
		return "", staff.Errorf(staff.CodeInvalid, "output", "unknown output format %q%s", s, staff.Suggest(s, Formats()))
	}
	return Format(s), nil
}

// Machine tells whether programs read the format, which errors follow then.
func (f Format) Machine() bool { return f == JSON || f == JSONL }

// Options are what a user chose.
type Options struct {
	Format    Format   // empty is Table
	Columns   []string // keys in the order wanted; empty is the view's own choice
	NoHeaders bool     // neither column headings nor group headings
	Quiet     bool     // no word when there is nothing to list
}

// Printer prints the results of one command. It is not safe for use by several
// goroutines at once.
type Printer struct {
	ios  *iostreams.IOStreams
	opts Options
	out  sink
	page bytes.Buffer // what a pager may show
}

// New returns a printer to ios.Out.
func New(ios *iostreams.IOStreams, opts Options) *Printer {
	opts.Format = cmp.Or(opts.Format, Table)
	return &Printer{ios: ios, opts: opts, out: sink{w: ios.Out}}
}

// encoder prints rows in one format. Failures stay in the printer's sink.
type encoder[T any] interface {
	row(v T)
	// end finishes the output. After a failed row it adds nothing that would make
	// the output look complete.
	end(complete bool)
}

// List prints rows as they arrive; tables are printed at the end, when the
// width of every cell is known, through a pager if they are longer than the screen.
// T is best a pointer or small: each column gets the row by value.
//
// On the first error, of a row or of writing, it stops and returns it, having
// written the rows that came before. A JSON array is left open then, so that no
// reader takes it for whole.
func List[T any](p *Printer, v View[T], rows iter.Seq2[T, error]) error {
	e, err := newEncoder(p, v, false)
	if err != nil {
		return err
	}
	return encode(p, e, rows)
}

// One prints one row: as headings and values below each other in tables, as an
// object (not an array) in JSON and YAML, with its header in CSV.
func One[T any](p *Printer, v View[T], row T) error {
	e, err := newEncoder(p, v, true)
	if err != nil {
		return err
	}
	return encode(p, e, func(yield func(T, error) bool) { yield(row, nil) })
}

func encode[T any](p *Printer, e encoder[T], rows iter.Seq2[T, error]) error {
	var failure error
	for v, err := range rows {
		if err != nil {
			failure = err
			break
		}
		e.row(v)
		if p.out.full() && p.out.flush() != nil {
			break
		}
	}
	e.end(failure == nil)
	return cmp.Or(failure, p.out.flush(), p.turn())
}

// turn shows what was kept for a pager.
func (p *Printer) turn() error {
	if p.page.Len() == 0 {
		return nil
	}
	defer p.page.Reset()
	return p.ios.Page(p.page.Bytes())
}

func newEncoder[T any](p *Printer, v View[T], one bool) (encoder[T], error) {
	cols, err := v.pick(p.opts, one)
	if err != nil {
		return nil, err
	}
	switch p.opts.Format {
	case JSONL:
		return newLines(p, cols), nil
	case JSON:
		return newArray(p, cols, one), nil
	case CSV:
		return newCSV(p, cols), nil
	case YAML:
		return newYAML(p, cols, one), nil
	case Name:
		return &names[T]{out: &p.out, name: v.name()}, nil
	case Table, Wide:
		if p.ios.Pages() {
			p.out.w = &p.page
		}
		if one {
			return newBlock(p, cols), nil
		}
		return newTable(p, v, cols), nil
	}
	return nil, fmt.Errorf("no encoder for the output format %q", p.opts.Format)
}
