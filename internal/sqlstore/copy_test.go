package sqlstore_test

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/staffctl/staffctl/internal/sqlstore"
	"github.com/staffctl/staffctl/internal/sqlstore/sqlite"
	"github.com/staffctl/staffctl/internal/sqlstore/storetest"
	"github.com/staffctl/staffctl/internal/staff"
)

// empty makes a place for a copy.
func empty(t *testing.T) *sqlstore.Store {
	t.Helper()
	file, err := sqlite.Create(filepath.Join(t.TempDir(), "copy.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closing(t, file) })
	return sqlstore.New(file)
}

// TestCopiedTablesAreAll holds that no table and no column is forgotten.
func TestCopiedTablesAreAll(t *testing.T) {
	t.Parallel()
	_, path := fresh(t)
	known := slices.Clone(sqlstore.LeftTables)
	for name, columns := range sqlstore.CopiedColumns() {
		known = append(known, name)
		want := slices.Sorted(slices.Values(columnsOf(t, path, name)))
		if got := slices.Sorted(slices.Values(columns)); !slices.Equal(got, want) {
			t.Errorf("of table %s moves %v, it has %v", name, got, want)
		}
	}
	for name, sql := range sqlstore.SchemaObjects() {
		if strings.HasPrefix(sql, "CREATE TABLE") && name != "staffctl_migrations" && !slices.Contains(known, name) {
			t.Errorf("table %s neither moves nor stays", name)
		}
	}
}

func columnsOf(t *testing.T, path, table string) (columns []string) {
	t.Helper()
	file, err := sqlite.Open(path, true)
	if err != nil {
		t.Fatal(err)
	}
	defer closing(t, file)
	answers, err := file.Read(t.Context(), []sqlstore.Statement{{SQL: `SELECT name FROM pragma_table_info(?)`, Args: []any{table}}})
	if err != nil {
		t.Fatal(err)
	}
	return answers[0]
}

func TestCopy(t *testing.T) {
	t.Parallel()
	storetest.Copy(t, open(t, filled(t)), empty(t))
}

// failing is an executor whose n-th write fails, and each after it.
type failing struct {
	sqlstore.Executor
	left int
}

// Write fails once there is none left.
func (f *failing) Write(ctx context.Context, b sqlstore.Batch) error {
	if f.left--; f.left < 0 {
		return staff.Errorf(staff.CodeUnavailable, "store", "no more")
	}
	return f.Executor.Write(ctx, b)
}

// TestCopyEndedAtAnyWrite ends a copy before each of its writes: the source is as
// it was, or can be gone on with, and the next copy finishes it.
func TestCopyEndedAtAnyWrite(t *testing.T) {
	t.Parallel()
	for n := 0; ; n++ {
		path := filled(t)
		file, err := sqlite.Open(path, false)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { closing(t, file) })
		target, err := sqlite.Create(filepath.Join(t.TempDir(), "copy.db"))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { closing(t, target) })
		from, to := sqlstore.New(file), sqlstore.New(&failing{target, n})
		_, err = from.CopyTo(t.Context(), to, storetest.CopyCommit(1), func(int64, int64) {})
		if err == nil {
			if n < 5 {
				t.Errorf("a copy took %d writes", n)
			}
			return
		}
		wantCode(t, "the copy", err, staff.CodeUnavailable)
		if _, err := storetest.NewStaff(from).Do(t.Context(), "acme", storetest.Add("kept@example.ch")); err != nil {
			t.Errorf("after write %d the source stays sealed: %v", n, err)
		}
		if _, err := storetest.NewStaff(sqlstore.New(target)).Person(t.Context(), "acme", storetest.By("anna@example.ch")); err == nil {
			t.Errorf("after write %d the target is a store", n)
		}
		storetest.Copy(t, from, sqlstore.New(target))
	}
}
