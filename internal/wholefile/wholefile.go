// Package wholefile writes files that are there as a whole or not at all.
package wholefile

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Replace puts a new file of mode 0600 in the place of what stands at path, once all
// of it is on the disk: nobody reads half of it, and no link is followed. Its error
// names no path.
func Replace(path string, write func(io.Writer) error) error {
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return withoutPath(err)
	}
	err = errors.Join(write(file), file.Sync(), file.Close())
	if err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		_ = os.Remove(file.Name())
	}
	return withoutPath(err)
}

// withoutPath is an error without the temporary name of the file that it is about.
func withoutPath(err error) error {
	var e *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &e):
		return e.Err
	case errors.As(err, &link):
		return link.Err
	}
	return err
}
