package sqlstore_test

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/staffctl/staffctl/internal/sqlstore"
	"github.com/staffctl/staffctl/internal/sqlstore/storetest"
	"github.com/staffctl/staffctl/internal/staff"
)

// questions asks the store in every way that depends on its schema.
func questions(t *testing.T, store *sqlstore.Store) map[string]error {
	t.Helper()
	_, load := store.Load(t.Context(), &staff.Needs{Account: "acme", Members: []staff.Selector{{Value: "anna"}}, Counts: true})
	_, accounts := store.Accounts(t.Context())
	_, _, check := store.Check(t.Context())
	_, do := storetest.NewStaff(store).Do(t.Context(), "acme", storetest.Add("new@example.ch"))
	asked := map[string]error{"Load": load, "Accounts": accounts, "Check": check, "Do": do}
	for _, err := range store.Audit(t.Context(), staff.AuditQuery{}) {
		if err != nil {
			asked["Audit"] = err
		}
		break
	}
	return asked
}

// wantAll asserts that every question is refused with the words.
func wantAll(t *testing.T, store *sqlstore.Store, words string) {
	t.Helper()
	for what, err := range questions(t, store) {
		wantCode(t, what, err, staff.CodeUnavailable)
		if err != nil && !strings.Contains(err.Error(), words) {
			t.Errorf("%s says %q, not %q", what, err, words)
		}
	}
}

func TestNewerSchema(t *testing.T) {
	t.Parallel()
	path := filled(t)
	store := open(t, path)
	commit := &staff.Commit{ID: 7, Schema: sqlstore.Schema()}
	mustRaw(t, path, `INSERT INTO staffctl_migrations VALUES (99, '0099.sql', 'x', 1)`)
	for what, err := range questions(t, store) {
		wantCode(t, what, err, staff.CodeUnavailable)
		if err != nil && !strings.Contains(err.Error(), "newer staffctl") {
			t.Errorf("%s says %q", what, err)
		}
	}
	if err := store.Commit(t.Context(), commit); err == nil {
		t.Error("a commit planned on the older schema went through")
	}
	if _, _, err := store.Migrate(t.Context(), 1); err == nil {
		t.Error("migrated a newer store")
	}
	info, err := store.Info(t.Context())
	if err != nil || !info.CountsUnknown || info.SchemaNeeded != sqlstore.Schema() || info.Schema <= info.SchemaNeeded {
		t.Errorf("info %+v, %v", info, err)
	}
}

func TestNewerSchemaWithOtherTables(t *testing.T) {
	t.Parallel()
	path := filled(t)
	mustRaw(t, path, `INSERT INTO staffctl_migrations VALUES (2, '0002.sql', 'x', 1)`, `PRAGMA foreign_keys = off`, noRules, `DROP VIEW administrators`, `DROP VIEW people`,
		`ALTER TABLE members RENAME COLUMN grants TO permissions`)
	wantAll(t, open(t, path), "newer staffctl")
}

func TestOlderSchema(t *testing.T) {
	t.Parallel()
	path := filled(t)
	mustRaw(t, path, `DELETE FROM staffctl_migrations WHERE version = (SELECT max(version) FROM staffctl_migrations)`)
	wantAll(t, open(t, path), "store migrate")
}

func TestOtherMigration(t *testing.T) {
	t.Parallel()
	path := filled(t)
	mustRaw(t, path, `UPDATE staffctl_migrations SET checksum = 'x'`)
	store := open(t, path)
	_, err := store.Applied(t.Context())
	wantCode(t, "Applied", err, staff.CodeUnavailable)
	_, _, err = store.Migrate(t.Context(), 1)
	wantCode(t, "Migrate", err, staff.CodeUnavailable)
	_, _, err = store.Check(t.Context())
	wantCode(t, "Check", err, staff.CodeUnavailable)
}

func TestNotAStore(t *testing.T) {
	t.Parallel()
	path := write(t, nil)
	wantAll(t, open(t, path), "no staffctl store") // an empty file is a database without tables
	mustRaw(t, path, `CREATE TABLE members (id INTEGER)`)
	store := open(t, path)
	wantAll(t, store, "no staffctl store")
	_, err := storetest.NewStaff(store).Init(t.Context(), sqlstore.Schema())
	wantCode(t, "Init", err, staff.CodeUnavailable)
	_, _, err = store.Migrate(t.Context(), 1)
	wantCode(t, "Migrate", err, staff.CodeUnavailable)
	_, err = store.Info(t.Context())
	wantCode(t, "Info", err, staff.CodeUnavailable)
	wantAll(t, open(t, write(t, []byte("this is a letter, not a database, and long enough to look at"+strings.Repeat(".", 2000)))), "no SQLite database")
}

// further are the steps of the program and two more.
func further() []sqlstore.Migration {
	v := sqlstore.Schema()
	return append(slices.Clone(sqlstore.Migrations()),
		sqlstore.NewMigration(v+1, "CREATE TABLE extra (id INTEGER PRIMARY KEY);\n\nINSERT INTO extra VALUES (1);\n"),
		sqlstore.NewMigration(v+2, "INSERT INTO extra SELECT max(id) + 1 FROM extra;\n\nUPDATE accounts SET language = 'en';\n"))
}

func TestMigrate(t *testing.T) {
	t.Parallel()
	path := filled(t)
	store, v := open(t, path), sqlstore.Schema()
	if from, to, err := store.Migrate(t.Context(), 1); from != v || to != v || err != nil {
		t.Errorf("migrated from %d to %d, %v; there was nothing to do", from, to, err)
	}
	from, to, err := store.MigrateBy(t.Context(), further(), 77)
	if err != nil || from != v || to != v+2 {
		t.Fatalf("from %d to %d, %v", from, to, err)
	}
	applied, err := store.Applied(t.Context())
	if want := (sqlstore.Applied{Version: v + 2, Name: "test.sql", Checksum: "test", AppliedAt: 77}); err != nil || len(applied) != v+2 || applied[v+1] != want {
		t.Errorf("applied %+v, %v", applied, err)
	}
	mustRaw(t, path, `CREATE TEMP TABLE one (n INTEGER CHECK (n = 2)); INSERT INTO one SELECT count(*) FROM extra`)
}

func TestMigrateAtOnce(t *testing.T) {
	t.Parallel()
	path, v := filled(t), sqlstore.Schema()
	var done sync.WaitGroup
	for range 8 {
		store := open(t, path)
		done.Go(func() {
			if _, to, err := store.MigrateBy(t.Context(), further(), 1); err != nil || to != v+2 {
				t.Errorf("to %d, %v", to, err)
			}
		})
	}
	done.Wait()
	mustRaw(t, path, `CREATE TEMP TABLE one (n INTEGER CHECK (n = 2)); INSERT INTO one SELECT count(*) FROM extra`)
}

func TestMigrateFails(t *testing.T) {
	t.Parallel()
	path, v := filled(t), sqlstore.Schema()
	store := open(t, path)
	for name, sql := range map[string]string{"unknown table": "UPDATE nothing SET x = 1", "constraint": "UPDATE accounts SET plan = 'gold'", "no SQL": "CREATE"} {
		steps := append(further()[:v+1:v+1], sqlstore.NewMigration(v+2, "INSERT INTO extra VALUES (9);\n\n"+sql+";\n"))
		_, to, err := store.MigrateBy(t.Context(), steps, 1)
		if err == nil || to != v+1 {
			t.Errorf("%s: to %d, %v", name, to, err)
		}
		applied, err := store.Applied(t.Context())
		if err != nil || len(applied) != v+1 {
			t.Errorf("%s left %d migrations, %v", name, len(applied), err)
		}
		mustRaw(t, path, `CREATE TEMP TABLE one (n INTEGER CHECK (n = 1)); INSERT INTO one SELECT count(*) FROM extra`)
	}
}

func TestMigrationsAreWhole(t *testing.T) {
	t.Parallel()
	var versions []int
	for _, m := range sqlstore.Migrations() {
		versions = append(versions, m.Version)
		for _, sql := range m.Statements() {
			if strings.TrimSpace(sql) == "" || strings.HasSuffix(sql, ";") {
				t.Errorf("%s holds the statement %q", m.Name, sql)
			}
		}
	}
	want := make([]int, sqlstore.Schema())
	for i := range want {
		want[i] = i + 1
	}
	if diff := cmp.Diff(want, versions); diff != "" {
		t.Error(diff)
	}
}
