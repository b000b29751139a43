// Package secretfile reads passwords from files that only their owner reads, and
// keeps the instance key in one: 32 random bytes that link tokens and TANs are
// computed with.
package secretfile

import (
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"github.com/staffctl/staffctl/internal/ownership"
	"github.com/staffctl/staffctl/internal/staff"
)

// KeySize is the length of an instance key, in bytes.
const KeySize = 32

// EnsureKey makes the key file of mode 0600 unless there is one, in a directory
// of mode 0700, and follows no link to make it. It reports whether it made one.
func EnsureKey(path string) (made bool, err error) {
	if err := check(path); !errors.Is(err, fs.ErrNotExist) {
		return false, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return false, unavailable(path, err)
	}
	return writeKey(path)
}

// ReadKey reads the instance key. A file that is not there is CodeNotFound; one
// that others can read or own is refused.
func ReadKey(path string) (key [KeySize]byte, err error) {
	err = check(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return key, staff.Errorf(staff.CodeNotFound, "key_file",
			"there is no instance key %s, which links are computed with; copy it from where staffctl init made it, or from a backup", path)
	case err != nil:
		return key, err
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return key, unavailable(path, err)
	}
	if len(text) != KeySize {
		return key, staff.Errorf(staff.CodeInvalid, "key_file", "%s is no instance key: it has %d bytes, not %d", path, len(text), KeySize)
	}
	return [KeySize]byte(text), nil
}

// check refuses what is no instance key. Its error is fs.ErrNotExist where
// nothing is, or a link to nothing.
func check(path string) error {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return unavailable(path, err)
	case !info.Mode().IsRegular():
		return staff.Errorf(staff.CodeInvalid, "key_file", "%s is no instance key: it is no file", path)
	case info.Size() != KeySize:
		return staff.Errorf(staff.CodeInvalid, "key_file", "%s is no instance key: it has %d bytes, not %d", path, info.Size(), KeySize)
	case runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0:
		return staff.Errorf(staff.CodeUnavailable, "key_file", "others can read the instance key %s; make it yours alone with chmod 600", path)
	default:
		return ownership.Check("key_file", path, info)
	}
}

// writeKey writes the key beside its place and links it there: whole or not at
// all, and never over one that another process has made meanwhile.
func writeKey(path string) (made bool, err error) {
	file, err := os.CreateTemp(filepath.Dir(path), ".instance-*") // of mode 0600
	if err != nil {
		return false, unavailable(path, err)
	}
	defer func() { _ = os.Remove(file.Name()) }()
	key := make([]byte, KeySize)
	_, _ = rand.Read(key) // never fails
	_, err = file.Write(key)
	err = errors.Join(err, file.Sync(), file.Close())
	if err != nil {
		return false, unavailable(path, err)
	}
	err = os.Link(file.Name(), path)
	if errors.Is(err, fs.ErrExist) {
		return false, check(path) // a link to nothing is no key
	}
	if err != nil {
		return false, unavailable(path, err)
	}
	return true, nil
}

func unavailable(path string, err error) error {
	return &staff.Error{Code: staff.CodeUnavailable, Field: "key_file", Message: "the instance key " + path + " cannot be made: " + err.Error(), Cause: err}
}
