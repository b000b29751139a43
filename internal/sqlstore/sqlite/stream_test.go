package sqlite_test

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/staffctl/staffctl/internal/sqlstore"
	"github.com/staffctl/staffctl/internal/sqlstore/sqlite"
	"github.com/staffctl/staffctl/internal/staff"
)

// endless has rows for as long as somebody reads them.
var endless = sqlstore.Statement{SQL: `WITH RECURSIVE n(x) AS (VALUES (1) UNION ALL SELECT x + 1 FROM n) SELECT x || '' FROM n`}

// TestStreamEnds reads a list without an end: it ends once nobody wants more, and leaves
// the connection to others as it was.
func TestStreamEnds(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		read func(*testing.T, *sqlite.File)
	}{
		{"with its reader", func(t *testing.T, file *sqlite.File) {
			for row, err := range file.Stream(t.Context(), endless) {
				if err != nil || row != "1" {
					t.Errorf("the first row is %q, %v", row, err)
				}
				break
			}
		}},
		{"with its context", func(t *testing.T, file *sqlite.File) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			var last error
			for _, err := range file.Stream(ctx, endless) {
				cancel()
				last = err
			}
			wantCode(t, "a list that is cancelled", last, staff.CodeInterrupted)
		}},
		{"with what SQLite refuses", func(t *testing.T, file *sqlite.File) {
			var last error
			for _, err := range file.Stream(t.Context(), sqlstore.Statement{SQL: `SELECT abs(-9223372036854775807 - 1) || ''`}) {
				last = err
			}
			if last == nil {
				t.Error("an overflow gave no error")
			}
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			file, _ := initialised(t, filepath.Join(t.TempDir(), "store.db"))
			cacheSize := []sqlstore.Statement{{SQL: `PRAGMA cache_size`}}
			before, err := file.Read(t.Context(), cacheSize)
			if err != nil {
				t.Fatal(err)
			}
			test.read(t, file)
			after, err := file.Read(t.Context(), cacheSize)
			if err != nil || after[0][0] != before[0][0] {
				t.Errorf("the connection keeps %v of the file afterwards, was %v (%v)", after, before, err)
			}
		})
	}
}
