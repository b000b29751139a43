package bulk

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/staffctl/staffctl/internal/staff"
	"github.com/staffctl/staffctl/internal/wholefile"
)

// CheckErrorsFile refuses with CodeConflict a path at which something stands that
// an earlier import has not made. An empty file may be overwritten too.
func CheckErrorsFile(path string) error {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if info, err := os.Stat(filepath.Dir(path)); err != nil || !info.IsDir() {
			return staff.Errorf(staff.CodeNotFound, "errors", "%s, where the file of errors is to be made, is no directory", filepath.Dir(path))
		}
		return nil
	case err != nil:
		return cannotWrite(err)
	case !info.Mode().IsRegular():
		return staff.Errorf(staff.CodeConflict, "errors", "%s is no plain file; name another for the errors", path)
	case info.Size() == 0:
		return nil
	}
	start, err := beginning(path)
	if err != nil {
		return cannotWrite(err)
	}
	if !beginsErrors(start) {
		return staff.Errorf(staff.CodeConflict, "errors", "%s is there already and was not made by an import; name another file for the errors", path)
	}
	return nil
}

// beginsErrors tells whether [Reader.WriteErrors] has written what a file begins with.
func beginsErrors(start []byte) bool {
	words := bytes.FieldsFunc(start, func(c rune) bool { return c < 'a' || c > 'z' })
	return bytes.HasPrefix(start, []byte(`{"line":`)) ||
		bytes.HasPrefix(start, []byte("line")) && len(words) > 2 && string(words[1]) == "field" && string(words[2]) == "reason"
}

func beginning(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	start, err := io.ReadAll(io.LimitReader(f, 64))
	return start, errors.Join(err, f.Close())
}

// WriteErrorsFile makes a file of mode 0600 with the failures, in the place of an
// older one. Without failures an older one stays: it may be somebody's work.
func (r *Reader) WriteErrorsFile(path string, failures []staff.Failure) error {
	if err := CheckErrorsFile(path); err != nil || len(failures) == 0 {
		return err
	}
	if err := wholefile.Replace(path, func(w io.Writer) error { return r.WriteErrors(w, failures) }); err != nil {
		return cannotWrite(err)
	}
	return nil
}

func cannotWrite(err error) error {
	return staff.Errorf(staff.CodeUnavailable, "errors", "cannot write the file of errors: %w", err)
}
