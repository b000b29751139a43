package cmd

import (
	"errors"
	"io"
	"io/fs"
	"os"

	"github.com/staffctl/staffctl/internal/staff"
)

// input is a file that can be read more than once.
type input struct {
	file *os.File
	size int64
	temp bool
}

// openInput opens a file; what comes from standard input or another pipe is kept
// in a temporary file meanwhile, since it may have to be read again.
func (d *deps) openInput(name string) (*input, error) {
	if name == "-" {
		return spool(d.ios.In)
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, cannotImport(name, err)
	}
	info, err := f.Stat()
	switch {
	case err != nil:
		err = cannotImport(name, err)
	case info.IsDir():
		err = staff.Errorf(staff.CodeInvalid, "file", "%s is a directory; name a file", name)
	case info.Mode().IsRegular():
		return &input{file: f, size: info.Size()}, nil
	default:
		in, err := spool(f)
		return in, errors.Join(err, f.Close())
	}
	return nil, errors.Join(err, f.Close())
}

func cannotImport(name string, err error) error {
	code := staff.CodeUnavailable
	if errors.Is(err, fs.ErrNotExist) {
		code = staff.CodeNotFound
	}
	var e *fs.PathError
	if errors.As(err, &e) {
		err = e.Err
	}
	return staff.Errorf(code, "file", "cannot open %s: %w", name, err)
}

// spool copies to a file of mode 0600 that has no name any more, where the system
// allows that: it may hold password hashes.
func spool(from io.Reader) (*input, error) {
	f, err := os.CreateTemp("", "staffctl-import-*")
	if err != nil {
		return nil, staff.Errorf(staff.CodeUnavailable, "file", "cannot keep the input: %w", err)
	}
	in := &input{file: f, temp: os.Remove(f.Name()) != nil}
	if in.size, err = io.Copy(f, from); err != nil {
		return nil, errors.Join(staff.Errorf(staff.CodeUnavailable, "file", "cannot keep the input: %w", err), in.close())
	}
	return in, nil
}

func (in *input) close() error {
	err := in.file.Close()
	if in.temp {
		err = errors.Join(err, os.Remove(in.file.Name()))
	}
	return err
}
