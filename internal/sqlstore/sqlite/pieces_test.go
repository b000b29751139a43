//go:build !race

package sqlite_test

import (
	"testing"

	"github.com/staffctl/staffctl/internal/sqlstore"
	"github.com/staffctl/staffctl/internal/sqlstore/sqlite"
)

// narrow is a file that takes little at once, so that every commit is staged and
// every list has pages.
type narrow struct{ *sqlite.File }

// Limits are next to nothing.
func (narrow) Limits() sqlstore.Limits { return sqlstore.Limits{Bytes: 1, Page: 2} }

// TestContractInPieces takes minutes with the race detector, which looks at every
// step of a SQLite in Go; nothing in it runs at once that does not in TestContract.
func TestContractInPieces(t *testing.T) {
	t.Parallel()
	contract(t, func(file *sqlite.File) sqlstore.Executor { return narrow{file} })
}
