package sqlite_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/staffctl/staffctl/internal/sqlstore"
	"github.com/staffctl/staffctl/internal/sqlstore/sqlite"
	"github.com/staffctl/staffctl/internal/sqlstore/storetest"
	"github.com/staffctl/staffctl/internal/staff"
)

func TestBackup(t *testing.T) {
	t.Parallel()
	directory := t.TempDir()
	path, copied := filepath.Join(directory, "team.db"), filepath.Join(directory, "copy #1.db")
	file, err := sqlite.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })
	storetest.Fill(t, sqlstore.New(file))
	if err := file.Backup(t.Context(), copied); err != nil {
		t.Fatal(err)
	}
	wantMode(t, copied, 0o600)
	wantCode(t, "Backup to what exists", file.Backup(t.Context(), copied), staff.CodeConflict)
	wantCode(t, "Backup to itself", file.Backup(t.Context(), path), staff.CodeConflict)
	if err := file.Backup(t.Context(), filepath.Join(directory, "none", "copy.db")); err == nil {
		t.Error("backed up to a directory that does not exist")
	}
	restored, err := sqlite.Open(copied, false)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = restored.Close() })
	if diff := cmp.Diff(content(t, file), content(t, restored)); diff != "" {
		t.Error("the backup differs:", diff)
	}
	storetest.AssertClean(t, sqlstore.New(restored))
	if _, err := storetest.NewStaff(sqlstore.New(restored)).Do(t.Context(), "acme", storetest.Add("new@example.ch")); err != nil {
		t.Error("the backup cannot be used:", err)
	}
	if got := query(t, filepath.ToSlash(path), `PRAGMA journal_mode`); got != "wal" {
		t.Errorf("journal mode %s", got)
	}
}

// TestBackupIsAStoreToWorkOn holds that a restored store lets people read
// while others write, as the one it is of.
func TestBackupIsAStoreToWorkOn(t *testing.T) {
	t.Parallel()
	directory := t.TempDir()
	file, _ := initialised(t, filepath.Join(directory, "team.db"))
	copied := filepath.Join(directory, "copy.db")
	if err := file.Backup(t.Context(), copied); err != nil {
		t.Fatal(err)
	}
	if got := query(t, copied, `PRAGMA journal_mode`); got != "wal" {
		t.Errorf("the backup has journal mode %s", got)
	}
}

// TestBackupNames holds that a name which SQLite reads as something else is
// that of a file all the same.
func TestBackupNames(t *testing.T) {
	directory := t.TempDir()
	t.Chdir(directory)
	file, _ := initialised(t, "team.db")
	for _, name := range []string{":memory:", "file:x.db", "file:y.db?mode=memory"} {
		if err := file.Backup(t.Context(), name); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if info, err := os.Stat(name); err != nil || info.Size() < 4096 {
			t.Errorf("%s holds no backup (%v)", name, err)
		}
	}
}

// content is every row of every table.
func content(t *testing.T, file *sqlite.File) (rows []string) {
	t.Helper()
	for _, table := range []string{"accounts", "members", "logins", "sender_addresses", "catalog", "commits", "audit", "staffctl_migrations"} {
		answers, err := file.Read(t.Context(), []sqlstore.Statement{{SQL: `SELECT json_group_array(name) FROM pragma_table_info('` + table + `')`},
			{SQL: `SELECT sql FROM sqlite_schema WHERE name = '` + table + `'`}, {SQL: `SELECT count(*) || '' FROM ` + table}})
		if err != nil || answers[2][0] == "0" {
			t.Fatalf("table %s: %v %v", table, answers, err)
		}
		for _, a := range answers {
			rows = append(rows, a...)
		}
	}
	for _, query := range []string{`SELECT concat_ws('|', id, login_id, email, username, phones, mail, access, role, grants, suspended, pending, version) FROM members ORDER BY id`,
		`SELECT concat_ws('|', id, username, password_hash, holder_set, email, mobile, version) FROM logins ORDER BY id`,
		`SELECT concat_ws('|', id, commit_id, action, subject, before, after) FROM audit ORDER BY id`, `SELECT concat_ws('|', id, nonce, at, os_user) FROM commits ORDER BY id`,
		`SELECT concat_ws('|', id, name, owner_id, counter, version) FROM accounts ORDER BY id`, `SELECT body FROM catalog`} {
		answers, err := file.Read(t.Context(), []sqlstore.Statement{{SQL: query}})
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, answers[0]...)
	}
	return rows
}
