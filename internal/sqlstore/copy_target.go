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
  attempt INTEGER NOT NULL
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
	answers, err := m.to.exec.Read(ctx, []Statement{
		{SQL: `SELECT attempt || '' FROM staffctl_copy`},
		{SQL: `SELECT type || ' "' || name || '"' FROM sqlite_schema WHERE type IN ('trigger', 'view', 'table')
			AND name NOT LIKE 'sqlite\_%' ESCAPE '\' ORDER BY type = 'table', type = 'view', name = 'members'`},
	})
	if err != nil {
		return err
	}
	b := &batch{}
	// Not what another copy has begun meanwhile. A comparison with a table that is
	// not there fails, too.
	b.add(`INSERT INTO guard (ok) VALUES ((SELECT attempt || '' = ? FROM staffctl_copy))`, answers[0][0])
	for _, object := range answers[1] {
		b.add(`DROP ` + object)
	}
	err = m.to.repeat(ctx, Batch{b.inline(), chunkBytes})
	if err != nil && m.to.CheckEmpty(ctx) == nil {
		return nil // by a batch whose answer was lost
	}
	return m.disturbed(err)
}

// disturbed says that somebody else uses the target, where it is no longer as this
// copy has left it.
func (m *move) disturbed(err error) error {
	if errors.Is(err, staff.ErrStale) || errors.Is(err, ErrSQL) || staff.CodeOf(err) == staff.CodeDamaged {
		return &staff.Error{Code: staff.CodeConflict, Field: "to", Cause: err,
			Message: "somebody else is using " + m.to.Name() + ", such as another copy or staffctl init; nothing has moved, choose another place or try again"}
	}
	return err
}

// prepare makes the tables, without triggers: the rows have passed them.
func (m *move) prepare(ctx context.Context) error {
	b := &batch{}
	b.add(copyTable)
	b.add(`INSERT INTO staffctl_copy (source, attempt) VALUES (?, ?)`, m.from.Name(), m.attempt)
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
	return m.disturbed(err)
}

// guard aborts a batch unless the target awaits this copy.
func (m *move) guard() Statement {
	return Statement{`INSERT INTO guard (ok) VALUES ((SELECT attempt = ? FROM staffctl_copy))`, []any{m.attempt}}
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
	m.sent = true
	err = m.to.send(ctx, m.commit, Batch{Statements: b.inline()})
	if err == nil || staff.CodeOf(err) == staff.CodeUnknown {
		return err
	}
	// The guard refuses what is sent again after its answer was lost.
	done, other := m.to.hasDone(ctx, m.commit)
	switch {
	case other != nil:
		return unknown(m.commit, other)
	case done:
		return nil
	default:
		return m.disturbed(err)
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

// isTrigger reports whether a statement makes or drops a trigger.
func isTrigger(sql string) bool {
	sql = withoutComments(sql)
	return strings.HasPrefix(sql, "CREATE TRIGGER ") || strings.HasPrefix(sql, "DROP TRIGGER ")
}

// guardTrigger makes the view guard abort batches.
func guardTrigger() string {
	for _, sql := range migrationStatements() {
		if strings.Contains(sql, "CREATE TRIGGER guard_holds ") {
			return sql
		}
	}
	panic("the migrations make no guard")
}
