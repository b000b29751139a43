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

// mortal is an executor that takes so many writes and no more, together with the
// others that share them.
type mortal struct {
	sqlstore.Executor
	left *int
}

// Write fails once there is none left.
func (m mortal) Write(ctx context.Context, b sqlstore.Batch) error {
	if *m.left--; *m.left < 0 {
		return staff.Errorf(staff.CodeUnavailable, "store", "no more")
	}
	return m.Executor.Write(ctx, b)
}

// pair are the files that are copied from and to.
func pair(t *testing.T) (from, to *sqlite.File) {
	t.Helper()
	from, err := sqlite.Open(filled(t), false)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closing(t, from) })
	if to, err = sqlite.Create(filepath.Join(t.TempDir(), "copy.db")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closing(t, to) })
	return from, to
}

func nothing(int64, int64) {}

// TestCopyFailsAtAnyWrite lets each write to the target fail: the source is as it
// was, the target no store, and the next copy finishes it.
func TestCopyFailsAtAnyWrite(t *testing.T) {
	t.Parallel()
	for n := 0; ; n++ {
		source, target := pair(t)
		from, left := sqlstore.New(source), n
		_, err := from.CopyTo(t.Context(), sqlstore.New(mortal{target, &left}), storetest.CopyCommit(1), nothing)
		if err == nil {
			if n < 5 {
				t.Errorf("a copy took %d writes", n)
			}
			return
		}
		if staff.CodeOf(err) == staff.CodeUnknown { // the last write, and what asks for its outcome
			storetest.Copy(t, from, sqlstore.New(target))
			continue
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

// TestCopyKilledAtAnyWrite ends a copy before any of its writes to either store,
// the one that takes the seal away included, as kill -9 does: run again, it goes
// on and finishes.
func TestCopyKilledAtAnyWrite(t *testing.T) {
	t.Parallel()
	sealed := 0
	for n := 0; ; n++ {
		source, target := pair(t)
		left := n
		_, err := sqlstore.New(mortal{source, &left}).CopyTo(t.Context(), sqlstore.New(mortal{target, &left}), storetest.CopyCommit(1), nothing)
		if err == nil {
			break
		}
		from, to := sqlstore.New(source), sqlstore.New(target)
		_, err = storetest.NewStaff(from).Do(t.Context(), "acme", storetest.Add("early@example.ch"))
		if err != nil {
			sealed++
			if want := "is being moved to " + target.Name(); staff.CodeOf(err) != staff.CodeUnavailable || !strings.Contains(err.Error(), want) {
				t.Errorf("killed before write %d, the source says %v", n, err)
			}
		}
		storetest.Copy(t, from, to)
	}
	if sealed < 5 {
		t.Errorf("%d of the kills left the source sealed", sealed)
	}
}

// TestCopyUnnoted lets the last write to the source fail, and the one that would take
// the seal away not: with the target in use, it must not be taken away.
func TestCopyUnnoted(t *testing.T) {
	t.Parallel()
	source, target := pair(t)
	left := 1 // the seal
	_, err := sqlstore.New(mortal{source, &left}).CopyTo(t.Context(), sqlstore.New(target), storetest.CopyCommit(1), nothing)
	wantCode(t, "the copy", err, staff.CodeUnavailable)
	if err != nil && !strings.Contains(err.Error(), "everything is in "+target.Name()) {
		t.Error(err)
	}
	storetest.Copy(t, sqlstore.New(source), sqlstore.New(target))
}

// interrupting cancels the context of the copy while its last batch is written.
type interrupting struct {
	sqlstore.Executor
	cancel context.CancelFunc
}

// Write cancels with the batch that makes a store of the target.
func (i interrupting) Write(ctx context.Context, b sqlstore.Batch) error {
	for _, s := range b.Statements {
		if s.SQL == `DROP TABLE staffctl_copy` {
			i.cancel()
			ctx = context.WithoutCancel(ctx)
		}
	}
	return i.Executor.Write(ctx, b)
}

// TestCopyInterruptedAtTheEnd: what is in use in the new place is not in the old.
func TestCopyInterruptedAtTheEnd(t *testing.T) {
	t.Parallel()
	source, target := pair(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	from := sqlstore.New(source)
	if _, err := from.CopyTo(ctx, sqlstore.New(interrupting{target, cancel}), storetest.CopyCommit(1), nothing); err != nil {
		t.Error(err)
	}
	_, err := storetest.NewStaff(from).Do(t.Context(), "acme", storetest.Add("late@example.ch"))
	wantCode(t, "a write to the source", err, staff.CodeUnavailable)
	if _, err := storetest.NewStaff(sqlstore.New(target)).Do(t.Context(), "acme", storetest.Add("late@example.ch")); err != nil {
		t.Error(err)
	}
}

// keeper keeps the batch that makes a store of the target, and loses it.
type keeper struct {
	sqlstore.Executor
	kept *sqlstore.Batch
}

// Write loses the last batch, and tells it so.
func (k keeper) Write(ctx context.Context, b sqlstore.Batch) error {
	for _, s := range b.Statements {
		if s.SQL == `DROP TABLE staffctl_copy` {
			*k.kept = b
			return staff.Errorf(staff.CodeUnknown, "store", "no answer")
		}
	}
	return k.Executor.Write(ctx, b)
}

// TestCopyLate: the last batch of an ended copy arrives while the next one is under
// way, before any of its writes, and changes nothing.
func TestCopyLate(t *testing.T) {
	t.Parallel()
	for n := 1; n < 8; n++ {
		source, target := pair(t)
		var late sqlstore.Batch
		from := sqlstore.New(source)
		_, err := from.CopyTo(t.Context(), sqlstore.New(keeper{target, &late}), storetest.CopyCommit(1), nothing)
		wantCode(t, "the ended copy", err, staff.CodeUnknown)
		left := n
		if _, err := sqlstore.New(source).CopyTo(t.Context(), sqlstore.New(mortal{target, &left}), storetest.CopyCommit(1), nothing); err == nil {
			t.Fatal("a copy took no more writes")
		}
		// Before the target was cleared it may: then the source must stay sealed.
		if err := target.Write(t.Context(), late); err == nil {
			_, err := storetest.NewStaff(from).Do(t.Context(), "acme", storetest.Add("late@example.ch"))
			wantCode(t, "a write to the source", err, staff.CodeUnavailable)
		}
		storetest.Copy(t, from, sqlstore.New(target))
	}
}

// TestCopyAbandoned goes on in the old place, where the new one no longer is.
func TestCopyAbandoned(t *testing.T) {
	t.Parallel()
	source, target := pair(t)
	left := 4
	from := sqlstore.New(source)
	wantCode(t, "abandoning what has not begun", from.AbandonCopy(t.Context()), staff.CodeNotFound)
	if _, err := sqlstore.New(mortal{source, &left}).CopyTo(t.Context(), sqlstore.New(mortal{target, &left}), storetest.CopyCommit(1), nothing); err == nil {
		t.Fatal("a copy took four writes")
	}
	_, err := from.CopyTo(t.Context(), empty(t), storetest.CopyCommit(1), nothing)
	wantCode(t, "a copy to another place", err, staff.CodeConflict)
	if err := from.AbandonCopy(t.Context()); err != nil {
		t.Fatal(err)
	}
	storetest.AssertClean(t, from)
	storetest.Copy(t, from, empty(t))
	wantCode(t, "abandoning what is done", from.AbandonCopy(t.Context()), staff.CodeUnavailable)
}
