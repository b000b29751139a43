package cmd

import (
	"bufio"
	"errors"
	"io"
	"io/fs"
	"iter"
	"strings"

	"github.com/staffctl/staffctl/internal/staff"
)

// maxSecret is more than any password or hash has, in bytes.
const maxSecret = 8 << 10

// firstLine reads a secret: the first line without its end.
func firstLine(field string, r io.Reader) (string, error) {
	line, err := bufio.NewReader(io.LimitReader(r, maxSecret)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", staff.Errorf(staff.CodeUnavailable, field, "cannot read the %s input, of which the first line counts: %w", field, err)
	}
	line = strings.TrimRight(line, "\r\n")
	if line == "" {
		return "", staff.Errorf(staff.CodeInvalid, field, "the first line of the %s input is empty", field)
	}
	return line, nil
}

// fileError says what is the matter with a file that a flag names.
func fileError(field string, err error) error {
	var e *fs.PathError
	if !errors.As(err, &e) {
		return staff.Errorf(staff.CodeUnavailable, field, "%w", err)
	}
	code := staff.CodeUnavailable
	if errors.Is(err, fs.ErrNotExist) {
		code = staff.CodeNotFound
	}
	return staff.Errorf(code, field, "cannot open %s, which --%s names: %w", e.Path, field, e.Err)
}

// all turns a sequence without errors into one that could have some.
func all[T any](rows iter.Seq[T]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for row := range rows {
			if !yield(row, nil) {
				return
			}
		}
	}
}
