package sqlite_test

import (
	"path/filepath"
	"testing"

	"github.com/staffctl/staffctl/internal/sqlstore"
	"github.com/staffctl/staffctl/internal/sqlstore/sqlite"
	"github.com/staffctl/staffctl/internal/sqlstore/storetest"
	"github.com/staffctl/staffctl/internal/staff"
)

func TestContract(t *testing.T) {
	t.Parallel()
	contract(t, func(file *sqlite.File) sqlstore.Executor { return file })
}

func contract(t *testing.T, executor func(*sqlite.File) sqlstore.Executor) {
	t.Helper()
	storetest.Run(t, func(t *testing.T) (staff.Store, func() staff.Store) {
		path := filepath.Join(t.TempDir(), "team.db")
		opened := func(file *sqlite.File, err error) staff.Store {
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				if err := file.Close(); err != nil {
					t.Error("closing:", err)
				}
			})
			return sqlstore.New(executor(file))
		}
		return opened(sqlite.Create(path)), func() staff.Store { return opened(sqlite.Open(path, false)) }
	})
}
