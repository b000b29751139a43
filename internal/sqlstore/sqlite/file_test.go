package sqlite_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/staffctl/staffctl/internal/sqlstore"
	"github.com/staffctl/staffctl/internal/sqlstore/sqlite"
	"github.com/staffctl/staffctl/internal/sqlstore/storetest"
	"github.com/staffctl/staffctl/internal/staff"
)

// initialised makes a store with account acme at the path.
func initialised(t *testing.T, path string) (*sqlite.File, *staff.Staff) {
	t.Helper()
	file, err := sqlite.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })
	s := storetest.NewStaff(sqlstore.New(file))
	if _, err := s.Init(t.Context(), sqlstore.Schema(), storetest.Enterprise("acme")); err != nil {
		t.Fatal(err)
	}
	return file, s
}

func wantCode(t *testing.T, what string, err error, code staff.Code) {
	t.Helper()
	if err == nil || staff.CodeOf(err) != code {
		t.Errorf("%s gave %v, want code %s", what, err, code)
	}
}

func wantMode(t *testing.T, path string, want fs.FileMode) {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != want {
		t.Errorf("%s has mode %v, want %v (%v)", path, info.Mode().Perm(), want, err)
	}
}

// query answers one value, past the store.
func query(t *testing.T, path, text string) (value string) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if err := db.QueryRow(text).Scan(&value); err != nil {
		t.Fatal(err)
	}
	return value
}

func TestModes(t *testing.T) {
	t.Parallel()
	directory := filepath.Join(t.TempDir(), "a", "b")
	path := filepath.Join(directory, "ä #?%20.db")
	initialised(t, path)
	wantMode(t, filepath.Dir(directory), 0o700)
	wantMode(t, directory, 0o700)
	entries, err := os.ReadDir(directory)
	if err != nil || len(entries) == 0 {
		t.Fatal(entries, err)
	}
	for _, e := range entries { // -wal and -shm too
		wantMode(t, filepath.Join(directory, e.Name()), 0o600)
	}
}

func TestMissing(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "none.db")
	_, err := sqlite.Open(path, false)
	wantCode(t, "Open", err, staff.CodeNotFound)
	_, err = sqlite.Open(path, true)
	wantCode(t, "Open for reading", err, staff.CodeNotFound)
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Error("opening made a file")
	}
}

func TestDirectory(t *testing.T) {
	t.Parallel()
	_, err := sqlite.Open(t.TempDir(), false)
	wantCode(t, "Open", err, staff.CodeUnavailable)
	_, err = sqlite.Create(t.TempDir())
	wantCode(t, "Create", err, staff.CodeUnavailable)
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = sqlite.Create(filepath.Join(file, "team.db"))
	wantCode(t, "Create below a file", err, staff.CodeUnavailable)
}

func TestEmptyFileIsTakenOver(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "team.db")
	if err := os.WriteFile(path, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	_, s := initialised(t, path)
	wantMode(t, path, 0o600)
	storetest.AssertClean(t, s.Store)
	if got := query(t, path, `PRAGMA journal_mode`); got != "wal" {
		t.Errorf("journal mode %s", got)
	}
}

func TestLinkIsNotFollowed(t *testing.T) {
	t.Parallel()
	directory := t.TempDir()
	target, link := filepath.Join(directory, "target.db"), filepath.Join(directory, "link.db")
	if err := os.Symlink(target, link); err != nil {
		t.Skip("no links here:", err)
	}
	if _, err := sqlite.Create(link); err == nil {
		t.Error("made a store through a link")
	}
	file, _ := initialised(t, filepath.Join(directory, "team.db"))
	wantCode(t, "Backup through a link", file.Backup(t.Context(), link), staff.CodeConflict)
	if _, err := os.Stat(target); !errors.Is(err, fs.ErrNotExist) {
		t.Error("the link was followed")
	}
}

func TestForeignFilesStayAsTheyAre(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "other.db")
	db, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.Exec(`CREATE TABLE accounts (id INTEGER); INSERT INTO accounts VALUES (1)`)
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	letter := filepath.Join(t.TempDir(), "letter.txt")
	if err := os.WriteFile(letter, bytes.Repeat([]byte("Dear Anna, "), 500), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{path, letter} {
		before, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		file, err := sqlite.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		_, err = storetest.NewStaff(sqlstore.New(file)).Init(t.Context(), sqlstore.Schema())
		wantCode(t, "Init on "+filepath.Base(path), err, staff.CodeUnavailable)
		if err := file.Close(); err != nil {
			t.Error(err)
		}
		if after, err := os.ReadFile(path); err != nil || !bytes.Equal(before, after) {
			t.Errorf("%s was changed (%v)", path, err)
		}
	}
}

func TestInitAtOnce(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "team.db")
	outcomes := make([]error, 8)
	var done sync.WaitGroup
	for i := range outcomes {
		done.Go(func() {
			file, err := sqlite.Create(path)
			if err != nil {
				outcomes[i] = err
				return
			}
			defer func() { _ = file.Close() }()
			_, outcomes[i] = storetest.NewStaff(sqlstore.New(file)).Init(context.Background(), sqlstore.Schema(), storetest.Enterprise(fmt.Sprint("acme", i)))
		})
	}
	done.Wait()
	won := 0
	for i, err := range outcomes {
		if err == nil {
			won++
		} else if staff.CodeOf(err) != staff.CodeConflict {
			t.Errorf("init %d: %v", i, err)
		}
	}
	if accounts := query(t, path, `SELECT count(*) FROM accounts`); won != 1 || accounts != "1" {
		t.Errorf("%d won and made %s accounts", won, accounts)
	}
}

func TestReadOnly(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "team.db")
	_, writer := initialised(t, path)
	file, err := sqlite.Open(path, true)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	reader := storetest.NewStaff(sqlstore.New(file))
	_, err = reader.Do(t.Context(), "acme", storetest.Add("anna@example.ch"))
	wantCode(t, "writing", err, staff.CodeUnavailable)
	if _, err := writer.Do(t.Context(), "acme", storetest.Add("bert@example.ch")); err != nil {
		t.Fatal(err)
	}
	if _, err := reader.Person(t.Context(), "acme", storetest.By("bert@example.ch")); err != nil {
		t.Error("the reader does not see what was written:", err)
	}
	if _, err := reader.Person(t.Context(), "acme", storetest.By("anna@example.ch")); err == nil {
		t.Error("the reader has written")
	}
}

// TestInterruptedAtAnyMoment holds that no transaction stays open on a pooled
// connection: the next commit would wait for it for ever.
func TestInterruptedAtAnyMoment(t *testing.T) {
	t.Parallel()
	_, s := initialised(t, filepath.Join(t.TempDir(), "team.db"))
	for i := range 60 {
		email := fmt.Sprintf("person%d@example.ch", i)
		ctx, cancel := context.WithCancel(t.Context())
		var done sync.WaitGroup
		done.Go(cancel)
		_, err := s.Do(ctx, "acme", storetest.Add(email))
		done.Wait()
		if err != nil && staff.CodeOf(err) != staff.CodeInterrupted {
			t.Errorf("interrupted: %v", err)
		}
		_, found := s.Person(t.Context(), "acme", storetest.By(email))
		if (err == nil) != (found == nil) {
			t.Errorf("the commit gave %v, and then: %v", err, found)
		}
	}
	if _, err := s.Do(t.Context(), "acme", storetest.Add("last@example.ch")); err != nil {
		t.Error(err)
	}
}
