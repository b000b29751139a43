package sqlite

import (
	"bufio"
	"errors"
	"io"
	"os"

	"github.com/staffctl/staffctl/internal/staff"
)

// Save makes a new file of mode 0600 that holds a database written by fill, such
// as a backup of a cluster, and turns it into a store in WAL mode. What fails
// leaves no file.
func Save(path string, fill func(io.Writer) error) error {
	if err := createNew(path); err != nil {
		return err
	}
	err := save(path, fill)
	if err != nil {
		removeFailed(path)
	}
	return err
}

func save(path string, fill func(io.Writer) error) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_TRUNC, 0)
	if err != nil {
		return staff.Errorf(staff.CodeUnavailable, "file", "%s: %w", path, cause(err))
	}
	buffered := bufio.NewWriterSize(file, chunkSize)
	if err := fill(buffered); err != nil {
		return errors.Join(err, file.Close())
	}
	if err := errors.Join(buffered.Flush(), file.Close()); err != nil {
		return staff.Errorf(staff.CodeUnavailable, "file", "%s cannot be written: %w", path, cause(err))
	}
	opened, err := open(path, "mode=rw", "_pragma=journal_mode(WAL)")
	if err != nil {
		return err
	}
	if err := errors.Join(opened.db.Ping(), opened.db.Close()); err != nil {
		return opened.translate(err)
	}
	return syncFile(path)
}
