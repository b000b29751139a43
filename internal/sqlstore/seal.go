package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/staffctl/staffctl/internal/staff"
)

// seal says that a store is moved, or being moved, to another place.
type seal struct {
	to     string // the name of the other store
	commit staff.ID
	nonce  int64
	done   bool
}

// A sealed store has this table, and triggers that refuse any change of the
// others: also by programs that know nothing of seals.
const (
	sealTable = `CREATE TABLE staffctl_seal (
  target TEXT NOT NULL,
  commit_id INTEGER NOT NULL,
  nonce INTEGER NOT NULL,
  done INTEGER NOT NULL
) STRICT`
	sealedText = "the store is sealed"
)

// sealTriggers are the triggers of a sealed store by their names.
func sealTriggers() map[string]string {
	triggers := map[string]string{}
	for name, sql := range schemaObjects(Migrations()) {
		if strings.HasPrefix(sql, "CREATE TABLE ") {
			addSealTriggers(triggers, name)
		}
	}
	addSealTriggers(triggers, "staffctl_migrations")
	return triggers
}

func addSealTriggers(triggers map[string]string, table string) {
	for _, event := range []string{"INSERT", "UPDATE", "DELETE"} {
		name := fmt.Sprintf("sealed_%s_%s", table, strings.ToLower(event))
		triggers[name] = fmt.Sprintf("CREATE TRIGGER %s BEFORE %s ON %s BEGIN SELECT RAISE (ABORT, '%s'); END", name, event, table, sealedText)
	}
}

// readSeal returns the seal of the store, or nil.
func (s *Store) readSeal(ctx context.Context) (*seal, error) {
	answers, err := s.exec.Read(ctx, []Statement{{SQL: `SELECT ` + packed(`target, commit_id, nonce, done`) + ` FROM staffctl_seal`}})
	if errors.Is(err, ErrSQL) {
		return nil, nil //nolint:nilnil // not sealed, and nothing wrong
	}
	if err != nil || len(answers[0]) == 0 {
		return nil, err
	}
	r := row{rest: answers[0][0]}
	found := &seal{r.text(), staff.ID(r.int()), r.int(), r.bool()}
	return found, r.err("the seal")
}

// checkSeal refuses to go on with a copy that is done, or that goes elsewhere.
func (s *Store) checkSeal(ctx context.Context, l *seal, to string) error {
	switch {
	case l.done:
		return s.explainSeal(ctx, nil)
	case l.to != to:
		return staff.Errorf(staff.CodeConflict, "to", "a copy of %s to %s has begun; go on with that, by --to and the same name, or give it up with --abandon", s.Name(), l.to)
	default:
		return nil
	}
}

// closeFor seals the store, from one moment to the next.
func (s *Store) closeFor(ctx context.Context, l *seal, schema int) error {
	b := &batch{}
	b.add(`INSERT INTO guard (ok) VALUES ((SELECT max(version) = ? FROM staffctl_migrations))`, int64(schema))
	b.add(sealTable)
	b.add(`INSERT INTO staffctl_seal (target, commit_id, nonce, done) VALUES (?, ?, ?, 0)`, l.to, int64(l.commit), l.nonce)
	triggers := sealTriggers()
	for _, name := range sorted(triggers) {
		b.add(triggers[name])
	}
	err := s.repeat(ctx, Batch{Statements: b.inline()})
	if found, other := s.readSeal(ctx); err != nil && other == nil && found != nil {
		if *found == *l { // by a batch whose answer was lost
			return nil
		}
		return staff.Errorf(staff.CodeConflict, "store", "another copy of %s, to %s, has just begun", s.Name(), found.to)
	}
	return err
}

// unseal takes the seal away.
func (s *Store) unseal(ctx context.Context, l *seal) error {
	b := &batch{}
	b.add(`INSERT INTO guard (ok) VALUES ((SELECT commit_id = ? AND nonce = ? AND done = 0 FROM staffctl_seal))`, int64(l.commit), l.nonce)
	for _, name := range sorted(sealTriggers()) {
		b.add(`DROP TRIGGER ` + name)
	}
	b.add(`DROP TABLE staffctl_seal`)
	err := s.repeat(ctx, Batch{Statements: b.inline()})
	if found, other := s.readSeal(ctx); err != nil && other == nil && found == nil {
		return nil // by a batch whose answer was lost
	}
	return err
}

// AbandonCopy takes the seal from a store whose copy was begun and not finished,
// such as one to a place that no longer is. It is for who knows that the copy is
// no store: nobody else can tell.
func (s *Store) AbandonCopy(ctx context.Context) error {
	found, err := s.readSeal(ctx)
	switch {
	case err != nil:
		return err
	case found == nil:
		return staff.Errorf(staff.CodeNotFound, "abandon", "no copy of %s has begun", s.Name())
	case found.done:
		return s.explainSeal(ctx, nil)
	default:
		return s.unseal(ctx, found)
	}
}

// keepClosed notes that the store was moved for good.
func (s *Store) keepClosed(ctx context.Context, l *seal) error {
	return s.change(ctx, Statement{`UPDATE staffctl_seal SET done = 1 WHERE commit_id = ? AND nonce = ?`, []any{int64(l.commit), l.nonce}})
}

// explainSeal says where the store has gone.
func (s *Store) explainSeal(ctx context.Context, err error) error {
	found, other := s.readSeal(ctx)
	if other != nil || found == nil {
		return err
	}
	if found.done {
		return staff.Errorf(staff.CodeUnavailable, "store", "%s was moved to %s by staffctl store copy; nothing was changed, use that store", s.Name(), found.to)
	}
	return staff.Errorf(staff.CodeUnavailable, "store",
		"%s is being moved to %s by staffctl store copy; nothing was changed, wait for it, or run it again if it was ended", s.Name(), found.to)
}

func sorted(objects map[string]string) []string {
	names := make([]string, 0, len(objects))
	for name := range objects {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
