// Package sqlite runs the statements of package sqlstore on a file.
package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	_ "modernc.org/sqlite" // the driver

	"github.com/staffctl/staffctl/internal/sqlstore"
	"github.com/staffctl/staffctl/internal/staff"
)

// busyTimeout is how long a command waits for others to finish writing.
const busyTimeout = 60 * time.Second

// connections lets a list be read while something else is asked or written.
const connections = 4

// File is a [sqlstore.Executor] on a SQLite file in WAL mode.
type File struct {
	path string
	db   *sql.DB
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

// Create makes an empty file of mode 0600 for a new store, in a directory of
// mode 0700 that it makes when there is none. A file that is there already is
// opened; [sqlstore.Store.Init] finds out what it is.
func Create(path string) (*File, error) {
	if err := createFile(path); err != nil {
		return nil, err
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
	dsn := (&url.URL{Scheme: "file", Path: absolute}).String() + "?_txlock=immediate" +
		fmt.Sprintf("&_pragma=busy_timeout(%d)", busyTimeout.Milliseconds()) +
		"&_pragma=foreign_keys(1)&_pragma=synchronous(FULL)&" + strings.Join(options, "&")
	db, err := sql.Open("sqlite", dsn)
	if err != nil {
		return nil, staff.Errorf(staff.CodeUnavailable, "store", "store %s: %w", path, err)
	}
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	return &File{path, db}, nil
}

// Name is the path of the file.
func (f *File) Name() string { return f.path }

// Close ends the use of the file.
func (f *File) Close() error { return f.translate(f.db.Close()) }

// Write carries out the statements in one transaction.
func (f *File) Write(ctx context.Context, batch []sqlstore.Statement) (err error) {
	defer f.survive(&err)
	tx, err := f.db.BeginTx(ctx, nil)
	if err != nil {
		return f.translate(err)
	}
	defer func() { _ = tx.Rollback() }() // of no effect after a commit
	for _, s := range batch {
		if _, err := tx.ExecContext(ctx, s.SQL, s.Args...); err != nil {
			return f.translate(err)
		}
	}
	return f.translate(tx.Commit())
}

// Read answers the queries in one read transaction.
func (f *File) Read(ctx context.Context, queries []sqlstore.Statement) (answers [][]string, err error) {
	defer f.survive(&err)
	conn, err := f.db.Conn(ctx)
	if err != nil {
		return nil, f.translate(err)
	}
	defer func() { _ = conn.Close() }()
	// BeginTx would take the lock for writing.
	if _, err := conn.ExecContext(ctx, "BEGIN DEFERRED"); err != nil {
		return nil, f.translate(err)
	}
	defer func() { _, _ = conn.ExecContext(context.WithoutCancel(ctx), "ROLLBACK") }()
	for _, q := range queries {
		rows, err := readAll(ctx, conn, q)
		if err != nil {
			return nil, f.translate(err)
		}
		answers = append(answers, rows)
	}
	return answers, nil
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
	if _, err := f.db.ExecContext(ctx, "VACUUM INTO ?", to); err != nil {
		removeFailed(to)
		return f.translate(err)
	}
	return syncFile(to)
}
