// Package sqlite runs the statements of package sqlstore on a file.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	_ "modernc.org/sqlite" // the driver

	"github.com/staffctl/staffctl/internal/sqlstore"
	"github.com/staffctl/staffctl/internal/staff"
)

// busyTimeout is how long a command waits for others to finish writing. SQLite
// has no queue: with 64 writers at once the unluckiest has waited 27 seconds.
const busyTimeout = 2 * time.Minute

// connections lets a list be read while something else is asked or written.
const connections = 4

// File is a [sqlstore.Executor] on a SQLite file in WAL mode.
type File struct {
	path   string
	dsn    string
	opened os.FileInfo
	db     *sql.DB
}

var _ sqlstore.Executor = (*File)(nil)

// Open opens a store that exists. A missing file is CodeNotFound, one that
// cannot be opened or is somebody else's CodeUnavailable. With readOnly nothing
// can be written.
func Open(path string, readOnly bool) (*File, error) {
	if err := checkFile(path); err != nil {
		return nil, err
	}
	mode := "mode=rw"
	if readOnly {
		mode = "mode=ro"
	}
	return open(path, mode)
}

// Look opens a store that exists for a short look that may fail: unlike Open it leaves
// no files beside the store, where SQLite keeps what was written last, if there are none.
// Somebody who begins to write meanwhile can make what it reads an error.
func Look(path string) (*File, error) {
	if err := checkFile(path); err != nil {
		return nil, err
	}
	if _, err := os.Stat(path + "-wal"); err == nil {
		return open(path, "mode=ro")
	}
	return open(path, "mode=ro", "immutable=1")
}

// Create makes an empty file of mode 0600 for a new store, in a directory of
// mode 0700 that it makes when there is none. A file that is there already is
// opened; [sqlstore.Store.Init] finds out what it is.
func Create(path string) (*File, error) {
	if err := createFile(path); err != nil {
		return nil, err
	}
	if !isEmpty(path) {
		// To set the mode would change a database of another program.
		return open(path, "mode=rw")
	}
	return open(path, "mode=rw", "_pragma=journal_mode(WAL)")
}

func open(path string, options ...string) (*File, error) {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return nil, staff.Errorf(staff.CodeUnavailable, "store", "store %s: %w", path, err)
	}
	absolute = filepath.ToSlash(absolute)
	if !strings.HasPrefix(absolute, "/") {
		absolute = "/" + absolute // C:/…
	}
	// Without file: the driver drops the mode.
	dsn := (&url.URL{Scheme: "file", Path: absolute}).String() + "?" +
		fmt.Sprintf("_pragma=busy_timeout(%d)&", busyTimeout.Milliseconds()) + strings.Join(options, "&")
	db, err := sql.Open("sqlite", dsn)
	if err != nil {
		return nil, staff.Errorf(staff.CodeUnavailable, "store", "store %s: %w", path, err)
	}
	opened, err := os.Stat(path)
	if err != nil {
		return nil, staff.Errorf(staff.CodeUnavailable, "store", "store %s: %w", path, cause(err))
	}
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	return &File{path, dsn, opened, db}, nil
}

// inPlace refuses to go on with a file that is no longer the one at the path: what
// others change from then on would not be seen, and what is written be lost.
func (f *File) inPlace() error {
	info, err := os.Stat(f.path)
	if err == nil && os.SameFile(info, f.opened) {
		return nil
	}
	return staff.Errorf(staff.CodeUnavailable, "store", "store %s was moved, deleted or replaced while it was open; put it back, or start staffctl again", f.path)
}

// Limits has none: a file takes whatever it is given.
func (f *File) Limits() sqlstore.Limits { return sqlstore.Limits{} }

// Name is the path of the file.
func (f *File) Name() string { return f.path }

// Close ends the use of the file.
func (f *File) Close() error { return f.translate(f.db.Close()) }

// beginWrite begins a transaction that writes.
const beginWrite = "PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL; BEGIN IMMEDIATE"

// Write carries out the statements in one transaction. Waiting for others to
// finish can be interrupted, the transaction itself not: it is short.
func (f *File) Write(ctx context.Context, b sqlstore.Batch) (err error) {
	return f.within(ctx, beginWrite, "COMMIT", func(ctx context.Context, conn *sql.Conn) error {
		for _, s := range b.Statements {
			if _, err := conn.ExecContext(ctx, s.SQL, s.Args...); err != nil {
				return err
			}
		}
		return nil
	})
}

// Read answers the queries in one read transaction. It can be interrupted
// between them.
func (f *File) Read(ctx context.Context, queries []sqlstore.Statement) (answers [][]string, err error) {
	err = f.within(context.WithoutCancel(ctx), "BEGIN DEFERRED", "ROLLBACK", func(uninterrupted context.Context, conn *sql.Conn) error {
		for _, q := range queries {
			rows, err := readAll(uninterrupted, conn, q)
			if err = errors.Join(err, ctx.Err()); err != nil {
				return err
			}
			answers = append(answers, rows)
		}
		return nil
	})
	return answers, err
}

// Search is Read for one query.
func (f *File) Search(ctx context.Context, query sqlstore.Statement) ([]string, error) {
	answers, err := f.Read(ctx, []sqlstore.Statement{query})
	if err != nil {
		return nil, err
	}
	return answers[0], nil
}

// within runs work in a transaction. The context that it hands on cannot be
// cancelled: the driver starts a goroutine a statement for one that can, which
// costs a lookup a fifth of its time.
func (f *File) within(ctx context.Context, begin, end string, work func(context.Context, *sql.Conn) error) error {
	return f.withinOn(ctx, f.db, begin, end, work)
}

// withinOn is within on connections of db.
func (f *File) withinOn(ctx context.Context, db *sql.DB, begin, end string, work func(context.Context, *sql.Conn) error) (err error) {
	defer f.survive(&err)
	if err := f.inPlace(); err != nil {
		return err
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		return f.translate(err)
	}
	defer func() { _ = conn.Close() }()
	uninterrupted := context.WithoutCancel(ctx)
	_, err = conn.ExecContext(ctx, begin)
	if err == nil {
		err = work(uninterrupted, conn)
	}
	if err == nil {
		_, err = conn.ExecContext(uninterrupted, end)
	}
	if err != nil {
		// Also where BEGIN failed: interrupted right after it, it has begun. Fails
		// where there is nothing left to roll back.
		_, _ = conn.ExecContext(uninterrupted, "ROLLBACK")
	}
	return f.translate(err)
}

func readAll(ctx context.Context, conn *sql.Conn, q sqlstore.Statement) ([]string, error) {
	rows, err := conn.QueryContext(ctx, q.SQL, q.Args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var texts []string
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return nil, err
		}
		texts = append(texts, text)
	}
	return texts, rows.Err()
}

// Backup writes a copy of the store, as it is at one moment, to a new file of
// mode 0600.
func (f *File) Backup(ctx context.Context, to string) (err error) {
	defer f.survive(&err)
	if err := createNew(to); err != nil {
		return err
	}
	if err := f.copyTo(ctx, to); err != nil {
		removeFailed(to)
		return f.translate(err)
	}
	return syncFile(to)
}

// copyTo fills the empty file with a copy that is in WAL mode, as a store is.
func (f *File) copyTo(ctx context.Context, to string) error {
	absolute, err := filepath.Abs(to) // SQLite reads a bare :memory: or file: as something else
	if err != nil {
		return err
	}
	if _, err := f.db.ExecContext(ctx, "VACUUM INTO ?", absolute); err != nil {
		return err
	}
	copied, err := open(to, "mode=rw", "_pragma=journal_mode(WAL)")
	if err != nil {
		return err
	}
	return errors.Join(copied.db.PingContext(ctx), copied.db.Close())
}
