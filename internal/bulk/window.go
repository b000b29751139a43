package bulk

import (
	"bytes"
	"io"

	"github.com/staffctl/staffctl/internal/staff"
)

// maxRecord is more than any person has, in bytes.
const maxRecord = 1 << 20

// window keeps what has been read of a text since the end of the last record: for
// the line where the next one begins, and for what it says.
type window struct {
	r       io.Reader
	kept    []byte
	start   int64 // offset of what is kept
	end     int64 // where the last record ends
	counted int64 // up to where lines are counted, from start on
	lines   int
	err     error // why nothing more can be read
}

// Read reads from what lies below, and refuses a record without an end.
func (w *window) Read(p []byte) (int, error) {
	w.lineAt(max(w.end, w.counted))
	w.kept = append(w.kept[:0], w.kept[w.end-w.start:]...)
	w.start = w.end
	if len(w.kept) > maxRecord {
		w.err = staff.Errorf(staff.CodeInvalid, "file", "line %d: what begins there is longer than 1 MiB; look for a quote or a bracket that is not closed", w.nextLine())
		return 0, w.err
	}
	n, err := w.r.Read(p)
	w.kept, w.err = append(w.kept, p[:n]...), err
	return n, err
}

// text is what stands between the last record and the offset.
func (w *window) text(to int64) string { return string(w.kept[w.end-w.start : to-w.start]) }

// lineAt is the line at an offset that is not before those asked for already.
func (w *window) lineAt(offset int64) int {
	w.lines += bytes.Count(w.kept[w.counted-w.start:offset-w.start], []byte("\n"))
	w.counted = offset
	return w.lines + 1
}

// nextLine is the line of the record that follows.
func (w *window) nextLine() int {
	rest := w.kept[w.end-w.start:]
	blank := len(rest) - len(bytes.TrimLeft(rest, " \t\r\n,"))
	return w.lineAt(max(w.end+int64(blank), w.counted))
}
