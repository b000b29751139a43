package sqlite

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/staffctl/staffctl/internal/sqlstore"
	"github.com/staffctl/staffctl/internal/staff"
)

// translate turns a failure of the driver into one that says what to do.
func (f *File) translate(err error) error {
	var known *staff.Error
	var e *sqlite.Error
	switch {
	case err == nil || errors.As(err, &known):
		return err
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return staff.Errorf(staff.CodeInterrupted, "", "interrupted; nothing was changed")
	case !errors.As(err, &e):
		return staff.Errorf(staff.CodeUnavailable, "store", "store %s: %w", f.path, err)
	}
	switch code := e.Code() & 0xff; code {
	case sqlite3.SQLITE_CONSTRAINT:
		if strings.Contains(e.Error(), staff.ErrStale.Error()) { // what a guard raises
			return fmt.Errorf("%w: %w", staff.ErrStale, err)
		}
		return fmt.Errorf("%w: %w", staff.ErrRefused, err)
	case sqlite3.SQLITE_INTERRUPT:
		return staff.Errorf(staff.CodeInterrupted, "", "interrupted; nothing was changed")
	case sqlite3.SQLITE_ERROR, sqlite3.SQLITE_SCHEMA:
		return fmt.Errorf("%w: %w", sqlstore.ErrSQL, err)
	case sqlite3.SQLITE_CORRUPT:
		return f.damaged(err)
	default:
		return &staff.Error{Code: staff.CodeUnavailable, Field: "store", Message: fmt.Sprintf(explanation(int32(code)), f.path), Cause: err}
	}
}

// explanation says what a result code means to an operator; %s is the path.
func explanation(code int32) string {
	switch code {
	case sqlite3.SQLITE_NOTADB:
		return "%s is no SQLite database, so no staffctl store; name another file with --store"
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return "%s is kept busy by another program; nothing was changed, try again"
	case sqlite3.SQLITE_FULL:
		return "the disk of %s is full; nothing was changed, make room and try again"
	case sqlite3.SQLITE_READONLY:
		return "%s cannot be written; nothing was changed, check the rights of the file and its directory"
	case sqlite3.SQLITE_CANTOPEN:
		return "%s cannot be opened; check the rights of the file and its directory, which must be writable"
	case sqlite3.SQLITE_IOERR:
		return "%s cannot be read or written; check the disk (a full one shows like this too)"
	default:
		return "%s cannot be used"
	}
}

func (f *File) damaged(cause error) error {
	return &staff.Error{Code: staff.CodeDamaged, Field: "store", Cause: cause,
		Message: fmt.Sprintf("%s is damaged; keep a copy of it, run staffctl store check, and go back to a backup", f.path)}
}

// survive turns a panic of the driver, which a damaged file can cause, into an
// error.
func (f *File) survive(err *error) {
	if r := recover(); r != nil {
		*err = f.damaged(fmt.Errorf("the driver gave up: %v", r))
	}
}
