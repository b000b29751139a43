package bulk

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/staffctl/staffctl/internal/staff"
)

// sortAbove is the size in bytes of a CSV file from which on its rows are read by
// e-mail and not by line: rows that come in the order of an index are written to
// each of its pages once, which halves the time that a million of them takes.
const sortAbove = 8 << 20

// heldBelow is the size in bytes of a file below which its rows are taken from memory
// then: reading each where it stands costs more than sorting saves.
const heldBelow = 64 << 20

// sortedRows is how many rows are read at once then, in the order of the file.
const sortedRows = 4_000

// place is where a row stands in the file.
type place struct {
	key    [2]uint64 // the first 16 bytes of the e-mail
	offset int64
	length int32
	line   int32
}

// byEmail reads the file twice: for where each row stands, and then by e-mail. It
// reports whether it could: places are known in UTF-8 alone.
func (r *Reader) byEmail(yield func(staff.Row, error) bool) (read bool) {
	if err := r.hold(); err != nil {
		yield(staff.Row{}, err)
		return true
	}
	places, bad, err := r.places()
	if errors.Is(err, errNotUTF8) {
		return false
	}
	for _, row := range bad {
		if !yield(row, nil) {
			return true
		}
	}
	if err != nil {
		yield(staff.Row{}, err)
		return true
	}
	slices.SortFunc(places, func(a, b place) int {
		return cmp.Or(cmp.Compare(a.key[0], b.key[0]), cmp.Compare(a.key[1], b.key[1]), cmp.Compare(a.offset, b.offset))
	})
	r.done.Store(0)
	b := newBuilder(r.onClash, r.mail)
	for some := range slices.Chunk(places, sortedRows) {
		if err := r.readPlaces(some, b, yield); err != nil {
			if !errors.Is(err, errStopped) {
				yield(staff.Row{}, err)
			}
			return true
		}
	}
	return true
}

// hold takes a file into memory that is not too large.
func (r *Reader) hold() error {
	if r.size >= r.heldBelow {
		return nil
	}
	text := make([]byte, r.size)
	if _, err := r.in.ReadAt(text, 0); err != nil {
		return cannotRead(err)
	}
	r.in = bytes.NewReader(text)
	return nil
}

var (
	errNotUTF8 = errors.New("the file is not in UTF-8")
	errStopped = errors.New("no more rows are wanted")
)

// places finds where each row stands, and which cannot be read.
func (r *Reader) places() (places []place, bad []staff.Row, err error) {
	text, err := r.begin()
	if err != nil {
		return nil, nil, err
	}
	rows, err := r.newCSV(text)
	if err != nil {
		return nil, nil, err
	}
	mark := r.markLength()
	for {
		start := rows.text.end
		rec, failure, err := rows.next()
		switch {
		case errors.Is(err, io.EOF) && rows.parser.InputOffset()+mark == r.size:
			return places, bad, nil
		case errors.Is(err, io.EOF):
			return nil, nil, errNotUTF8
		case err != nil:
			return nil, bad, err
		case failure != nil:
			bad = append(bad, staff.Row{Line: rec.line, Err: failure, Source: rec})
		default:
			places = append(places, place{keyOf(rec.text(emailField)), start + mark, int32(rows.text.end - start), int32(rec.line)})
		}
	}
}

// markLength is how long the mark of UTF-8 is that the file begins with, if any.
func (r *Reader) markLength() int64 {
	var start [3]byte
	if n, _ := r.in.ReadAt(start[:], 0); n == 3 && string(start[:]) == "\xef\xbb\xbf" {
		return 3
	}
	return 0
}

func keyOf(email string) (key [2]uint64) {
	var text [16]byte
	copy(text[:], strings.ToLower(email))
	return [2]uint64{binary.BigEndian.Uint64(text[:]), binary.BigEndian.Uint64(text[8:])}
}

// readPlaces reads some rows in the order in which they stand, and yields them by
// e-mail.
func (r *Reader) readPlaces(places []place, b *builder, yield func(staff.Row, error) bool) error {
	byKey := slices.Clone(places)
	slices.SortFunc(places, func(a, b place) int { return cmp.Compare(a.offset, b.offset) })
	text, err := r.textAt(places)
	if err != nil {
		return err
	}
	records := make(map[int64]*record, len(places))
	rows := r.parser(bytes.NewReader(text))
	for _, p := range places {
		rec, failure, err := rows.next()
		if err != nil || failure != nil || keyOf(rec.text(emailField)) != p.key {
			return staff.Errorf(staff.CodeUnavailable, "file", "line %d of the file has changed while it was read; import it again", p.line)
		}
		rec.line = int(p.line)
		records[p.offset] = rec
	}
	for _, p := range byKey {
		rec := records[p.offset]
		action, err := b.action(rec)
		if !yield(staff.Row{Line: rec.line, Action: action, Err: err, Source: rec}, nil) {
			return errStopped
		}
	}
	return nil
}

// textAt reads the rows, each with an end of its own.
func (r *Reader) textAt(places []place) ([]byte, error) {
	var text []byte
	for _, p := range places {
		start := len(text)
		text = slices.Grow(text, int(p.length)+1)[:start+int(p.length)]
		if _, err := r.in.ReadAt(text[start:], p.offset); err != nil {
			return nil, cannotRead(err)
		}
		text = append(text, '\n')
	}
	r.done.Add(int64(len(text)))
	return text, nil
}
