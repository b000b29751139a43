package sqlite_test

import (
	"path/filepath"
	"testing"

	"github.com/staffctl/staffctl/internal/sqlstore"
	"github.com/staffctl/staffctl/internal/sqlstore/sqlite"
	"github.com/staffctl/staffctl/internal/sqlstore/storetest"
	"github.com/staffctl/staffctl/internal/staff"
)

// narrow is a file that takes little at once, so that every commit is staged and
// every list has pages.
type narrow struct{ *sqlite.File }

// Limits are next to nothing.
func (narrow) Limits() sqlstore.Limits { return sqlstore.Limits{Bytes: 1, Page: 2} }

func TestContract(t *testing.T) {
	t.Parallel()
	contract(t, func(file *sqlite.File) sqlstore.Executor { return file })
}

func TestContractInPieces(t *testing.T) {
	t.Parallel()
	// Who is first does not depend on pieces, and takes minutes with the race detector.
	contract(t, func(file *sqlite.File) sqlstore.Executor { return narrow{file} }, "race")
}

func contract(t *testing.T, executor func(*sqlite.File) sqlstore.Executor, without ...string) {
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
	}, without...)
}
