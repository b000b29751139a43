// Package bulk reads people from CSV, JSON and JSON lines, a row an action, and
// writes the rows that were refused back to be mended.
//
// A [Reader] streams: it holds one row at a time, or a CSV file of a middling size, and
// reads its input again from the beginning each time that its rows are asked for. What a file leaves open is
// found out: the format, the encoding, the delimiter, and which column is which.
package bulk

import (
	"bufio"
	"errors"
	"io"
	"iter"
	"path/filepath"
	"strings"
	"sync/atomic"

	"github.com/staffctl/staffctl/internal/staff"
)

// Format is how rows are written in a file.
type Format string

// The formats. JSON is an array of objects, JSONL an object a line.
const (
	CSV   Format = "csv"
	JSON  Format = "json"
	JSONL Format = "jsonl"
)

// Formats are the values of [Format].
var Formats = []string{string(CSV), string(JSON), string(JSONL)}

// Options say how a file is to be read.
type Options struct {
	Name      string   // of the file; its extension tells the format
	Format    Format   // "": by the name and by how the file begins
	Delimiter rune     // of CSV; 0: the one that the header holds most
	Map       []string // COLUMN=FIELD, before what is known of names; the field - leaves a column out
	// OnConflict and Mail go into the actions: without Mail they make no links.
	OnConflict staff.OnConflict
	Mail       bool
}

// Reader reads the rows of one file. Make it with [New].
type Reader struct {
	in   io.ReaderAt
	size int64
	// These are [sortAbove] and [heldBelow] but for tests.
	sortAbove, heldBelow int64

	done    atomic.Int64
	format  Format
	comma   rune
	above   bool // a line such as sep=; stands above the header
	names   *names
	header  []string // of CSV
	columns *columns // of CSV
	onClash staff.OnConflict
	mail    bool
}

// source yields the records of one pass over the input; io.EOF ends it. A
// failure is of the record alone.
type source interface {
	next() (r *record, failure, err error)
}

// New looks at how the input begins, and refuses with CodeInvalid a header that
// cannot be read, a column that is not known, and one that is missing.
func New(in io.ReaderAt, size int64, o Options) (*Reader, error) {
	r := &Reader{in: in, size: size, sortAbove: sortAbove, heldBelow: heldBelow, format: o.Format, comma: o.Delimiter, onClash: o.OnConflict, mail: o.Mail}
	var err error
	if r.names, err = newNames(o.Map); err != nil {
		return nil, err
	}
	if strings.EqualFold(filepath.Ext(o.Name), ".tsv") && r.comma == 0 {
		r.comma = '\t'
	}
	if err := r.checkNoArchive(); err != nil {
		return nil, err
	}
	text, err := r.begin()
	if err != nil {
		return nil, err
	}
	if err := r.findFormat(text, o.Name); err != nil {
		return nil, err
	}
	if r.format == CSV {
		if err := r.readHeader(text); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// bufferSize is how much is read at once.
const bufferSize = 64 << 10

// begin opens the input anew, as text in UTF-8.
func (r *Reader) begin() (*bufio.Reader, error) {
	r.done.Store(0)
	text, err := decoded(&counted{io.NewSectionReader(r.in, 0, r.size), &r.done})
	if err != nil {
		return nil, cannotRead(err)
	}
	return bufio.NewReaderSize(text, bufferSize), nil
}

// counted counts what is read.
type counted struct {
	r io.Reader
	n *atomic.Int64
}

// Read reads from what lies below.
func (c *counted) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n.Add(int64(n))
	return n, err
}

// Progress says how many bytes of how many have been read in the present pass.
// It may be called while another goroutine reads.
func (r *Reader) Progress() (done, size int64) { return r.done.Load(), r.size }

// Format is the format that the file has.
func (r *Reader) Format() Format { return r.format }

// Rows reads the rows, each time from the beginning; those of a large CSV file by
// e-mail and not by line. A row that cannot be read has an error of its own; an error
// beside a row ends the reading.
func (r *Reader) Rows() iter.Seq2[staff.Row, error] {
	return func(yield func(staff.Row, error) bool) {
		if r.format == CSV && r.size > r.sortAbove && r.byEmail(yield) {
			return
		}
		src, err := r.source()
		b := newBuilder(r.onClash, r.mail)
		for err == nil {
			var rec *record
			var failure error
			if rec, failure, err = src.next(); err != nil {
				break
			}
			row := staff.Row{Line: rec.line, Err: failure, Source: rec}
			if failure == nil {
				row.Action, row.Err = b.action(rec)
			}
			if !yield(row, nil) {
				return
			}
		}
		if !errors.Is(err, io.EOF) {
			yield(staff.Row{}, err)
		}
	}
}

func (r *Reader) source() (source, error) {
	text, err := r.begin()
	switch {
	case err != nil:
		return nil, err
	case r.format == CSV:
		return r.newCSV(text)
	case r.format == JSON:
		return newArray(text, r.names)
	default:
		return newLines(text, r.names), nil
	}
}

func cannotRead(err error) error {
	var e *staff.Error
	if errors.As(err, &e) {
		return err
	}
	return staff.Errorf(staff.CodeUnavailable, "file", "cannot read the file: %w", err)
}
