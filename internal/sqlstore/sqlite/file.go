package sqlite

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/staffctl/staffctl/internal/ownership"
	"github.com/staffctl/staffctl/internal/staff"
)

// checkFile refuses what cannot be a store before SQLite opens it.
func checkFile(path string) error {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return staff.Errorf(staff.CodeNotFound, "store", "no store at %s; make one with staffctl init", path)
	case err != nil:
		return staff.Errorf(staff.CodeUnavailable, "store", "store %s: %w", path, cause(err))
	case !info.Mode().IsRegular():
		return staff.Errorf(staff.CodeUnavailable, "store", "%s is no file; name a store file with --store", path)
	}
	return ownership.Check("store", path, info)
}

func createFile(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return staff.Errorf(staff.CodeUnavailable, "store", "the directory of store %s: %w", path, cause(err))
	}
	err := createNew(path)
	if errors.Is(err, fs.ErrExist) {
		err = checkFile(path)
		if err == nil && isEmpty(path) {
			return takeOver(path)
		}
	}
	return err
}

// takeOver lets only the owner read an empty file that becomes a store.
func takeOver(path string) error {
	if err := os.Chmod(path, 0o600); err != nil {
		return staff.Errorf(staff.CodeUnavailable, "store", "store %s: %w", path, cause(err))
	}
	return nil
}

func isEmpty(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Size() == 0
}

// createNew makes an empty file that only its owner can read, and follows no
// link.
func createNew(path string) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	switch {
	case errors.Is(err, fs.ErrExist):
		return &staff.Error{Code: staff.CodeConflict, Field: "file", Message: path + " exists already; name a new file", Cause: err}
	case errors.Is(err, fs.ErrNotExist):
		return staff.Errorf(staff.CodeNotFound, "file", "the directory of %s does not exist; make it first", path)
	case err != nil:
		return staff.Errorf(staff.CodeUnavailable, "file", "%s: %w", path, cause(err))
	}
	return file.Close()
}

func syncFile(path string) error {
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return staff.Errorf(staff.CodeUnavailable, "file", "%s: %w", path, cause(err))
	}
	defer func() { _ = file.Close() }()
	if err := file.Sync(); err != nil {
		return staff.Errorf(staff.CodeUnavailable, "file", "%s: %w", path, cause(err))
	}
	return nil
}

// removeFailed removes what a failed backup left; that it failed is told
// already.
func removeFailed(path string) { _ = os.Remove(path) }

// cause drops the operation and the path, which the message has.
func cause(err error) error {
	var e *fs.PathError
	if errors.As(err, &e) {
		return e.Err
	}
	return err
}
