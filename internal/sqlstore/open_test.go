package sqlstore_test

import (
	"database/sql"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/staffctl/staffctl/internal/sqlstore"
	"github.com/staffctl/staffctl/internal/sqlstore/sqlite"
	"github.com/staffctl/staffctl/internal/sqlstore/storetest"
	"github.com/staffctl/staffctl/internal/staff"
)

// fresh makes a store with nothing in it but account acme.
func fresh(t *testing.T) (*sqlstore.Store, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "team.db")
	file, err := sqlite.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })
	store := sqlstore.New(file)
	if _, err := storetest.NewStaff(store).Init(t.Context(), sqlstore.Schema(), storetest.Enterprise("acme")); err != nil {
		t.Fatal(err)
	}
	return store, path
}

var (
	filledOnce sync.Once
	filledFile []byte
)

// filled makes a file with something of everything, and does not open it.
func filled(t *testing.T) string {
	t.Helper()
	filledOnce.Do(func() {
		path := filepath.Join(t.TempDir(), "filled.db")
		file, err := sqlite.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		// Fill's own cleanup looks at the store, so a subtest ends before the file is read.
		if !t.Run("fill", func(t *testing.T) { storetest.Fill(t, sqlstore.New(file)) }) {
			t.FailNow()
		}
		if err := file.Close(); err != nil {
			t.Fatal(err)
		}
		if filledFile, err = os.ReadFile(path); err != nil {
			t.Fatal(err)
		}
	})
	if len(filledFile) == 0 {
		t.Fatal("the store could not be filled")
	}
	return write(t, filledFile)
}

// write makes a file of the bytes.
func write(t *testing.T, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "team.db")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// open opens the store for the length of the test.
func open(t *testing.T, path string) *sqlstore.Store {
	t.Helper()
	file, err := sqlite.Open(path, false)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closing(t, file) })
	return sqlstore.New(file)
}

func closing(t *testing.T, c io.Closer) {
	t.Helper()
	if err := c.Close(); err != nil {
		t.Error(err)
	}
}

// raw runs SQL past the store. A statement begins where the one before ended,
// on the same connection.
func raw(t *testing.T, path string, statements ...string) error {
	t.Helper()
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Path: path}).String()+"?_pragma=foreign_keys(1)&_pragma=busy_timeout(60000)")
	if err != nil {
		t.Fatal(err)
	}
	defer closing(t, db)
	db.SetMaxOpenConns(1)
	for _, s := range statements {
		if _, err := db.Exec(s); err != nil {
			return err
		}
	}
	return nil
}

// mustRaw is raw for what must succeed.
func mustRaw(t *testing.T, path string, statements ...string) {
	t.Helper()
	if err := raw(t, path, statements...); err != nil {
		t.Fatalf("%s: %v", statements, err)
	}
}

// wantCode asserts that err is one that a person can act on, of the code.
func wantCode(t *testing.T, what string, err error, code staff.Code) {
	t.Helper()
	if err == nil || staff.CodeOf(err) != code {
		t.Errorf("%s gave %v, want code %s", what, err, code)
	}
}
