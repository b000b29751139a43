package bulk

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"path/filepath"
	"strings"

	"github.com/staffctl/staffctl/internal/staff"
)

// checkNoArchive refuses what begins as a ZIP archive: workbooks are such.
func (r *Reader) checkNoArchive() error {
	var start [4]byte
	if n, _ := r.in.ReadAt(start[:], 0); n == 4 && string(start[:]) == "PK\x03\x04" {
		return staff.Errorf(staff.CodeInvalid, "file", "the file is an Excel workbook or another archive; save the sheet as CSV UTF-8")
	}
	return nil
}

// findFormat finds the format unless it is given, and refuses what is no text and
// what apply reads.
func (r *Reader) findFormat(text *bufio.Reader, name string) error {
	start, err := text.Peek(4096)
	if err != nil && !errors.Is(err, io.EOF) {
		return cannotRead(err)
	}
	switch {
	case bytes.IndexByte(start, 0) >= 0:
		return staff.Errorf(staff.CodeInvalid, "file", "the file is no text; give CSV, JSON or JSON lines")
	case r.format != "":
		return nil
	case isTeamFile(start):
		return staff.Errorf(staff.CodeInvalid, "file", "this is a team file: staffctl apply -f FILE reads it")
	}
	r.format = formatOf(name)
	if r.format == CSV || r.format == JSONL {
		return nil
	}
	found, err := sniffFormat(text)
	if r.format == "" || found == JSONL { // also of a file of errors that is called .json
		r.format = found
	}
	return err
}

// isTeamFile goes by the first line that says something.
func isTeamFile(start []byte) bool {
	for line := range bytes.Lines(start) {
		switch line = bytes.TrimSpace(line); {
		case bytes.HasPrefix(line, []byte("# yaml")), bytes.HasPrefix(line, []byte("account:")):
			return true
		case len(line) > 0 && line[0] != '#' && string(line) != "---":
			return false
		}
	}
	return false
}

// formatOf goes by the extension; "" is one that tells nothing.
func formatOf(name string) Format {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".csv", ".tsv":
		return CSV
	case ".json":
		return JSON
	case ".jsonl", ".ndjson":
		return JSONL
	default:
		return ""
	}
}

// sniffFormat goes by the first character that is no white space.
func sniffFormat(text *bufio.Reader) (Format, error) {
	for n := 1; ; n++ {
		start, err := text.Peek(n)
		if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, bufio.ErrBufferFull) {
			return "", cannotRead(err)
		}
		switch {
		case len(start) < n:
			return CSV, nil
		case start[n-1] == '[':
			return JSON, nil
		case start[n-1] == '{':
			return JSONL, nil
		case !strings.ContainsRune(" \t\r\n", rune(start[n-1])):
			return CSV, nil
		}
	}
}
