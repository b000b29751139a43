package sqlstore

import (
	"context"
	"errors"
	"strings"

	"github.com/staffctl/staffctl/internal/staff"
)

// copyTable stands in a target until all rows have arrived. Without the table of
// migrations it is no store yet.
const copyTable = `CREATE TABLE staffctl_copy (
  source TEXT NOT NULL,
  nonce INTEGER NOT NULL
) STRICT`

// unfinished is why a place is not empty: a copy to it was ended.
type unfinished struct{ cause *staff.Error }

// Error says what to do.
func (u *unfinished) Error() string { return u.cause.Error() }

// Unwrap returns the error with its code.
func (u *unfinished) Unwrap() error { return u.cause }

func (s *Store) unfinished(ctx context.Context) error {
	answers, err := s.exec.Read(ctx, []Statement{{SQL: `SELECT source FROM staffctl_copy`}})
	if err != nil || len(answers[0]) == 0 {
		return err
	}
	return &unfinished{staff.Errorf(staff.CodeConflict, "store", "%s holds a part of a copy of %s that was not finished; run staffctl store copy again", s.Name(), answers[0][0])}
}

// clear makes sure that the target is empty: what an ended copy has left is
// dropped.
func (m *move) clear(ctx context.Context) error {
	err := m.to.CheckEmpty(ctx)
	if !errors.As(err, new(*unfinished)) {
		return err
	}
	answers, err := m.to.exec.Read(ctx, []Statement{{SQL: `SELECT type || ' "' || name || '"' FROM sqlite_schema WHERE type IN ('trigger', 'view', 'table')
		AND name NOT LIKE 'sqlite\_%' ESCAPE '\' ORDER BY type = 'table', type = 'view', name = 'members'`}})
	if err != nil {
		return err
	}
	b := &batch{}
	for _, object := range answers[0] {
		b.add(`DROP ` + object)
	}
	return m.to.repeat(ctx, Batch{b.inline(), chunkBytes})
}

// prepare makes the tables, without triggers: the rows have passed them.
func (m *move) prepare(ctx context.Context) error {
	b := &batch{}
	b.add(copyTable)
	b.add(`INSERT INTO staffctl_copy (source, nonce) VALUES (?, ?)`, m.from.Name(), m.commit.Nonce)
	for _, sql := range migrationStatements() {
		if !isTrigger(sql) {
			b.add(sql)
		}
	}
	b.add(guardTrigger())
	err := m.to.repeat(ctx, Batch{Statements: b.inline()})
	if err != nil && m.to.repeat(ctx, Batch{Statements: []Statement{m.guard()}}) == nil {
		return nil // made by a batch whose answer was lost
	}
	return err
}

// guard aborts a batch unless the target awaits this copy.
func (m *move) guard() Statement {
	return Statement{`INSERT INTO guard (ok) VALUES ((SELECT nonce = ? FROM staffctl_copy))`, []any{m.commit.Nonce}}
}

// finish makes the target a store: with its triggers, the migrations of the
// source, and the audit of the copy.
func (m *move) finish(ctx context.Context) error {
	answers, err := m.from.exec.Read(ctx, []Statement{{SQL: `SELECT json_array(version, name, checksum, applied_at) FROM staffctl_migrations ORDER BY version`}})
	if err != nil {
		return err
	}
	b := &batch{commit: m.commit.ID, nonce: m.commit.Nonce}
	guard := m.guard()
	b.add(guard.SQL, guard.Args...)
	b.add(migrationsTable)
	b.parts = append(b.parts, part{Statement: Statement{SQL: insertInto(`staffctl_migrations`, `version, name, checksum, applied_at`)}, rows: answers[0]})
	for _, sql := range migrationStatements() {
		if isTrigger(sql) && sql != guardTrigger() {
			b.add(sql)
		}
	}
	b.add(`DROP TABLE staffctl_copy`)
	b.parts = append(b.parts, batchOf(m.commit).parts...)
	err = m.to.send(ctx, m.commit, Batch{Statements: b.inline()})
	if err == nil || staff.CodeOf(err) == staff.CodeUnknown {
		return err
	}
	// The guard refuses what is sent again after its answer was lost.
	done, other := m.to.isDone(ctx, m.commit)
	switch {
	case other != nil:
		return unknown(m.commit, other)
	case done:
		return nil
	default:
		return err
	}
}

// migrationStatements are all steps to the newest schema.
func migrationStatements() []string {
	var all []string
	for _, m := range Migrations() {
		for _, s := range m.statements() {
			all = append(all, s.SQL)
		}
	}
	return all
}

func isTrigger(sql string) bool { return strings.HasPrefix(withoutComments(sql), "CREATE TRIGGER ") }

// guardTrigger makes the view guard abort batches.
func guardTrigger() string {
	for _, sql := range migrationStatements() {
		if strings.Contains(sql, "CREATE TRIGGER guard_holds ") {
			return sql
		}
	}
	panic("the migrations make no guard")
}
