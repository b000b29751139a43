package sqlite_test

import (
	"context"
	"fmt"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/staffctl/staffctl/internal/sqlstore"
	"github.com/staffctl/staffctl/internal/sqlstore/sqlite"
	"github.com/staffctl/staffctl/internal/sqlstore/storetest"
	"github.com/staffctl/staffctl/internal/staff"
)

// staging is a file that imports go into as into a cluster.
type staging struct {
	*sqlite.File
	largest *atomic.Int64 // argument that was written, in bytes
}

// stagingLimit is small.
const stagingLimit = 1000

// Limits are small.
func (staging) Limits() sqlstore.Limits { return sqlstore.Limits{Bytes: stagingLimit} }

// Write notes how large its arguments are.
func (s staging) Write(ctx context.Context, b sqlstore.Batch) error {
	for _, statement := range b.Statements {
		for _, arg := range statement.Args {
			if text, ok := arg.(string); ok && int64(len(text)) > s.largest.Load() {
				s.largest.Store(int64(len(text)))
			}
		}
	}
	return s.File.Write(ctx, b)
}

func staged(t *testing.T) (path string, file *sqlite.File, s *staff.Staff) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "team.db")
	file, _ = initialised(t, path)
	return path, file, storetest.NewStaff(sqlstore.New(staging{file, &atomic.Int64{}}))
}

// TestImportIsPlannedAgain holds that what somebody else changes while an import
// is planned is not lost, and nothing of the first try is left.
func TestImportIsPlannedAgain(t *testing.T) {
	t.Parallel()
	path, _, s := staged(t)
	if _, err := s.Do(t.Context(), "acme", storetest.Add("carl@example.ch"), storetest.Add("dora@example.ch")); err != nil {
		t.Fatal(err)
	}
	read := 0
	rows := func(yield func(staff.Row, error) bool) {
		read++
		update := staff.AddMember{Email: "carl@example.ch", Access: &[]string{"invoices"}, OnConflict: staff.Update}
		if !yield(staff.Row{Line: 2, Action: update}, nil) || !yield(staff.Row{Line: 3, Action: storetest.Add("emil@example.ch")}, nil) {
			return
		}
		if read == 1 {
			if _, err := s.Do(t.Context(), "acme", staff.EditMember{Member: storetest.By("carl@example.ch"), Details: staff.Details{LastName: new("Changed")}}); err != nil {
				t.Error(err)
			}
		}
		yield(staff.Row{Line: 4, Action: storetest.Add("fritz@example.ch")}, nil)
	}
	done, err := s.Import(t.Context(), staff.Import{Account: "acme", Rows: rows, Piece: 1})
	if err != nil || read != 2 || done.Rows != 3 || done.Added != 2 || done.Updated != 1 {
		t.Errorf("read %d times: %+v, %v", read, done, err)
	}
	for sql, want := range map[string]string{
		`SELECT last_name || access FROM members WHERE email = 'carl@example.ch'`: "Changedgrants",
		`SELECT count(*) FROM members`:                                            "4",
		`SELECT count(*) FROM staging`:                                            "0",
	} {
		if got := query(t, path, sql); got != want {
			t.Errorf("%s gives %s, want %s", sql, got, want)
		}
	}
}

// TestImportClearsWhatIsLeft holds that what a killed import has left is gone after
// the next one into the account, and what is another's is not.
func TestImportClearsWhatIsLeft(t *testing.T) {
	t.Parallel()
	path, file, s := staged(t)
	facts, err := s.Account(t.Context(), "acme")
	if err != nil {
		t.Fatal(err)
	}
	now := s.IDs.Next(storetest.Start)
	old := staff.FirstID(storetest.Start.UnixMilli() - 3_600_000)
	for nonce, of := range map[int64][2]staff.ID{7: {now, facts.Account.ID}, 8: {now, facts.Account.ID + 1}, 9: {now, 0}, 10: {old, 0}} {
		insert := sqlstore.Statement{SQL: `INSERT INTO staging (commit_id, part, chunk, rows, nonce, account_id) VALUES (?, 1, 0, '[]', ?, ?)`,
			Args: []any{int64(of[0]), nonce, int64(of[1])}}
		if err := file.Write(t.Context(), sqlstore.Batch{Statements: []sqlstore.Statement{insert}}); err != nil {
			t.Fatal(err)
		}
	}
	rows := func(yield func(staff.Row, error) bool) {
		yield(staff.Row{Line: 2, Action: storetest.Add("carl@example.ch")}, nil)
	}
	if _, err := s.Import(t.Context(), staff.Import{Account: "acme", Rows: rows}); err != nil {
		t.Fatal(err)
	}
	if left := query(t, path, `SELECT group_concat(nonce) FROM (SELECT nonce FROM staging ORDER BY nonce)`); left != "8,9" {
		t.Errorf("left are %s, want 8,9", left)
	}
}

// TestImportedInviteIsGuarded holds that nobody is invited who gets a password while
// the import is under way (rule 13).
func TestImportedInviteIsGuarded(t *testing.T) {
	t.Parallel()
	path, _, s := staged(t)
	if _, err := s.Do(t.Context(), "acme", storetest.Add("carl@example.ch")); err != nil {
		t.Fatal(err)
	}
	read := 0
	rows := func(yield func(staff.Row, error) bool) {
		read++
		if !yield(staff.Row{Line: 2, Action: staff.SendInvite{Email: "carl@example.ch", Access: []string{"all"}, NoMail: true}}, nil) {
			return
		}
		if !yield(staff.Row{Line: 3, Action: storetest.Add("dora@example.ch")}, nil) {
			return
		}
		if read == 1 {
			if _, err := s.Do(t.Context(), "acme", storetest.Password("carl@example.ch")); err != nil {
				t.Error(err)
			}
		}
		yield(staff.Row{Line: 4, Action: storetest.Add("emil@example.ch")}, nil)
	}
	done, err := s.Import(t.Context(), staff.Import{Account: "acme", Rows: rows, Piece: 1})
	if staff.CodeOf(err) != staff.CodeConflict || read != 2 || len(done.Failures) != 1 || done.Failures[0].Line != 2 {
		t.Errorf("read %d times, %+v: %v", read, done, err)
	}
	if n := query(t, path, `SELECT count(*) FROM invites`); n != "0" {
		t.Errorf("%s invites", n)
	}
}

// TestImportStagesAll holds that no statement has more in it than a store takes at
// once, whatever becomes of the people.
func TestImportStagesAll(t *testing.T) {
	t.Parallel()
	_, file, _ := staged(t)
	largest := &atomic.Int64{}
	s := storetest.NewStaff(sqlstore.New(staging{file, largest}))
	rows := func(access string) func(func(staff.Row, error) bool) {
		return func(yield func(staff.Row, error) bool) {
			for i := range 100 {
				a := storetest.Add(fmt.Sprintf("person%d@example.ch", i), access)
				a.OnConflict = staff.Update
				if !yield(staff.Row{Line: i + 2, Action: a}, nil) {
					return
				}
			}
		}
	}
	for _, access := range []string{"all", "invoices"} { // the second time all of them lose it
		if _, err := s.Import(t.Context(), staff.Import{Account: "acme", Rows: rows(access), Piece: 30}); err != nil {
			t.Fatal(err)
		}
	}
	if n := largest.Load(); n > stagingLimit+1 {
		t.Errorf("an argument has %d bytes", n)
	}
}
