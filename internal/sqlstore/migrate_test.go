package sqlstore_test

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/staffctl/staffctl/internal/sqlstore"
	"github.com/staffctl/staffctl/internal/sqlstore/sqlite"
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
	mustRaw(t, path, `INSERT INTO staffctl_migrations SELECT max(version) + 1, 'next.sql', 'x', 1 FROM staffctl_migrations`, `PRAGMA foreign_keys = off`, noRules, `DROP VIEW administrators`, `DROP VIEW people`,
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

// schemaOne makes a store as the program with one migration made it, with the
// accounts, people and history of [storetest.Fill].
func schemaOne(t *testing.T) string {
	t.Helper()
	first := sqlstore.Migrations()[0]
	statements := []string{sqlstore.SchemaObjects()["staffctl_migrations"]}
	statements = append(statements, first.Statements()...)
	statements = append(statements, `INSERT INTO staffctl_migrations VALUES (1, '`+first.Name+`', '`+first.Checksum+`', 5)`,
		`ATTACH '`+filled(t)+`' AS filled`, `BEGIN`)
	for table, columns := range map[string]string{"members": "*", "sender_addresses": "*", "commits": "id, nonce, at, os_user, store_user, actor", "audit": "*"} {
		statements = append(statements, `INSERT INTO main.`+table+` SELECT `+columns+` FROM filled.`+table)
	}
	// A catalog and an account before, a login after whom they allow.
	statements = slices.Insert(statements, len(statements)-4, `INSERT INTO main.catalog SELECT * FROM filled.catalog`, `INSERT INTO main.accounts SELECT * FROM filled.accounts`)
	statements = append(statements, `INSERT INTO main.logins SELECT * FROM filled.logins`, `COMMIT`)
	path := write(t, nil)
	mustRaw(t, path, statements...)
	return path
}

// people are the accounts, people and history of a store.
type people struct {
	Accounts []*staff.Account
	Members  []staff.Member
	Audit    []staff.AuditEntry
	Catalog  *staff.Catalog
}

func peopleOf(t *testing.T, store *sqlstore.Store) people {
	t.Helper()
	var p people
	var err error
	if p.Accounts, err = store.Accounts(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, a := range p.Accounts {
		var selectors []staff.Selector
		for m, err := range store.Members(t.Context(), staff.MemberQuery{Account: a.ID, Sort: staff.SortID}) {
			if err != nil {
				t.Fatal(err)
			}
			selectors = append(selectors, staff.Selector{Kind: "id", Value: m.ID.String()})
		}
		facts, err := store.Load(t.Context(), &staff.Needs{Account: a.Name, Members: selectors})
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range facts.Found {
			p.Members = append(p.Members, *m)
		}
		p.Catalog = facts.Catalog
	}
	for e, err := range store.Audit(t.Context(), staff.AuditQuery{}) {
		if err != nil {
			t.Fatal(err)
		}
		p.Audit = append(p.Audit, *e)
	}
	return p
}

func TestMigrateFromOne(t *testing.T) {
	t.Parallel()
	path := schemaOne(t)
	store := open(t, path)
	wantAll(t, store, "store migrate")
	info, err := store.Info(t.Context())
	if err != nil || info.Schema != 1 || !info.CountsUnknown {
		t.Errorf("info %+v, %v", info, err)
	}
	from, to, err := store.Migrate(t.Context(), 77)
	if err != nil || from != 1 || to != sqlstore.Schema() {
		t.Fatalf("migrated from %d to %d, %v", from, to, err)
	}
	want := peopleOf(t, open(t, filled(t)))
	if len(want.Members) != 9 || len(want.Audit) < 20 {
		t.Fatalf("there are %d members and %d audit rows to keep", len(want.Members), len(want.Audit))
	}
	if diff := cmp.Diff(want, peopleOf(t, store), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("the migration changed something (-before +after):\n%s", diff)
	}
	storetest.AssertClean(t, store)
	if info, err = store.Info(t.Context()); err != nil || info.CreatedAt != 5 || info.MigratedAt != 77 || info.Members != 9 {
		t.Errorf("info %+v, %v", info, err)
	}
	worksOn(t, store)
	storetest.AssertClean(t, store)
}

// worksOn carries out commands that need what the later migrations made.
func worksOn(t *testing.T, store *sqlstore.Store) {
	t.Helper()
	s := storetest.NewStaff(store)
	do := func(a staff.Action) *staff.Link {
		t.Helper()
		plan, err := s.Do(t.Context(), "acme", a)
		if err != nil {
			t.Fatalf("%s: %v", a.Kind(), err)
		}
		return plan.Results[0].Link
	}
	secret := staff.PlainPassword("chosen by the holder")
	do(staff.ConfirmSubaccount{Token: storetest.Key.Token(do(staff.ResendConfirmation{Name: "news", Show: true})), Password: secret})
	do(staff.AcceptInvite{Token: storetest.Key.Token(do(staff.SendInvite{Email: "dora@example.ch", Access: []string{"api"}, Show: true})), Password: secret})
	do(staff.ChoosePassword{Token: storetest.Key.Token(do(staff.ResetPassword{Member: storetest.By("carl@example.ch"), Show: true})), Password: secret})
	do(staff.CreateSubaccount{Name: "blog", Email: "blog@example.ch", Role: "copywriter"})
	do(staff.RemoveMember{Member: storetest.By("emil@example.ch")})
	mails := 0
	for m, err := range store.Mails(t.Context(), staff.OutboxQuery{State: staff.MailQueued}) {
		if err != nil || m.Account != "acme" {
			t.Errorf("mail %+v, %v", m, err)
		}
		mails++
	}
	if mails != 2 {
		t.Errorf("%d mails wait, want the notice to carl and the link to blog", mails)
	}
	if _, err := s.Prove(t.Context(), "acme-news", "chosen by the holder", "here"); err != nil {
		t.Errorf("the holder of a confirmed subaccount cannot sign in: %v", err)
	}
	token, v, err := s.SignIn(t.Context(), "acme-news", "chosen by the holder", "here")
	if err != nil || v.Session.Stage != staff.StageOpen || v.Person.Email != "news@example.ch" {
		t.Fatalf("signed in as %+v, %v", v, err)
	}
	do(staff.Suspend{Member: storetest.By("news@example.ch")})
	if _, err := s.Signed(t.Context(), token); !errors.Is(err, staff.ErrNoSession) {
		t.Errorf("suspended, and yet %v", err)
	}
}

// objects are what SQLite has of a schema, by name.
func objects(t *testing.T, path string) map[string]string {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer closing(t, db)
	rows, err := db.Query(`SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	got := map[string]string{}
	for rows.Next() {
		var name, text string
		if err := rows.Scan(&name, &text); err != nil {
			t.Fatal(err)
		}
		got[name] = text
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return got
}

func TestSchemaIsWhatTheMigrationsSay(t *testing.T) {
	t.Parallel()
	_, made := fresh(t)
	migrated := schemaOne(t)
	if _, _, err := open(t, migrated).Migrate(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	for name, path := range map[string]string{"made by init": made, "migrated": migrated} {
		if diff := cmp.Diff(sqlstore.SchemaObjects(), objects(t, path)); diff != "" {
			t.Errorf("%s (-what the migrations say +what SQLite has):\n%s", name, diff)
		}
	}
}

// meeting is an executor whose first write waits until the others want to write
// too, and which counts the writes that went through.
type meeting struct {
	sqlstore.Executor
	once sync.Once
	all  *sync.WaitGroup
	done *atomic.Int64
}

// Write waits the first time.
func (m *meeting) Write(ctx context.Context, batch sqlstore.Batch) error {
	m.once.Do(func() {
		m.all.Done()
		m.all.Wait()
	})
	err := m.Executor.Write(ctx, batch)
	if err == nil {
		m.done.Add(1)
	}
	return err
}

// TestMigrateOnceOfMany: all have seen schema 1; one migrates, and the others
// find it done.
func TestMigrateOnceOfMany(t *testing.T) {
	t.Parallel()
	const many = 4
	path := schemaOne(t)
	var all, ended sync.WaitGroup
	var done atomic.Int64
	all.Add(many)
	for i := range many {
		file, err := sqlite.Open(path, false)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { closing(t, file) })
		store := sqlstore.New(&meeting{Executor: file, all: &all, done: &done})
		ended.Go(func() {
			if from, to, err := store.Migrate(t.Context(), int64(100+i)); err != nil || from != 1 || to != sqlstore.Schema() {
				t.Errorf("from %d to %d, %v", from, to, err)
			}
		})
	}
	ended.Wait()
	if want := int64(sqlstore.Schema() - 1); done.Load() != want {
		t.Errorf("%d batches went through, want %d", done.Load(), want)
	}
	store := open(t, path)
	applied, err := store.Applied(t.Context())
	if err != nil || len(applied) != sqlstore.Schema() || applied[0].AppliedAt != 5 || applied[1].AppliedAt < 100 {
		t.Errorf("applied %+v, %v", applied, err)
	}
	storetest.AssertClean(t, store)
}
