package cmd

import (
	"bufio"
	"encoding/json"
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

// maxObject is more than any JSON object of a link's page has, in bytes.
const maxObject = 64 << 10

// readObject reads one JSON object with known keys from standard input. Its
// errors quote nothing of it, since it holds secrets.
func readObject(r io.Reader, into any) error {
	decoder := json.NewDecoder(io.LimitReader(r, maxObject))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(into)
	var wrongType *json.UnmarshalTypeError
	switch {
	case err == nil:
		if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
			return staff.Errorf(staff.CodeInvalid, "input", "there is something after the JSON object on standard input; give one object alone")
		}
		return nil
	case errors.As(err, &wrongType) && wrongType.Field != "":
		return staff.Errorf(staff.CodeInvalid, wrongType.Field, "%s in the JSON object on standard input must be a text", wrongType.Field)
	case strings.HasPrefix(err.Error(), "json: unknown field"):
		return staff.Errorf(staff.CodeInvalid, "input", "the JSON object on standard input has a key that is not known; see --help for the keys")
	default:
		return staff.Errorf(staff.CodeInvalid, "input", "standard input is no JSON object of at most 64 KiB; see --help for its keys")
	}
}

// tokenOf takes the token from a whole link too.
func tokenOf(s string) staff.Secret {
	s, _, _ = strings.Cut(strings.TrimSpace(s), "?")
	s, _, _ = strings.Cut(s, "#")
	return staff.Secret(s[strings.LastIndexByte(s, '/')+1:])
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
