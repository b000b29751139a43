package sqlstore

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"strings"

	"github.com/staffctl/staffctl/internal/staff"
)

// Copied is what moved from one store to another.
type Copied struct {
	Rows   int64
	Digest string // SHA-256 of all rows that moved, hexadecimal, the same in both
	// Links counts the open links that stay behind, and Mails the mails that move
	// and are still to be sent.
	Links, Mails int64
}

// CopyPlan finds out what [Store.CopyTo] would move, and refuses what it would
// refuse; nothing is written. to is nil for a file that is not there yet, whose
// name is given.
func (s *Store) CopyPlan(ctx context.Context, to *Store, name string) (*Copied, error) {
	if _, err := s.schema(ctx); err != nil {
		return nil, err
	}
	begun, err := s.readSeal(ctx)
	switch {
	case err != nil:
		return nil, err
	case begun != nil:
		if err := s.checkSeal(ctx, begun, name); err != nil {
			return nil, err
		}
	case to != nil: // what has begun may be a store by now
		err := to.CheckEmpty(ctx)
		switch {
		case err == nil, errors.As(err, new(*unfinished)):
		case staff.CodeOf(err) == staff.CodeConflict:
			return nil, &staff.Error{Code: staff.CodeConflict, Field: "to", Cause: err, Message: to.Name() + " is a staffctl store already; name an empty place"}
		case err != nil:
			return nil, err
		}
	}
	return s.countCopied(ctx)
}

func (s *Store) countCopied(ctx context.Context) (*Copied, error) {
	c := &Copied{}
	columns := []string{`(SELECT count(*) FROM links WHERE NOT ` + movedLinks + `)`, `(SELECT count(*) FROM outbox WHERE state = 'queued')`}
	for _, t := range copiedTables() {
		columns = append(columns, `(SELECT count(*) FROM `+t.name+` WHERE `+t.listing().where+`)`)
	}
	rows, err := s.exec.Search(ctx, Statement{SQL: `SELECT ` + packed(strings.Join(columns, ", "))})
	if err != nil {
		return nil, s.explain(ctx, err)
	}
	r := row{rest: rows[0]}
	c.Links, c.Mails = r.int(), r.int()
	for range copiedTables() {
		c.Rows += r.int()
	}
	return c, r.err("the store")
}

// CopyTo moves everything to an empty store. The source is sealed first, so that
// nobody changes what has been read; c, with the audit of the copy, makes the
// target a store at the end, in one step, once all rows are there and their digest
// is that of the source. What fails before leaves the source as it was, and a
// target that the next copy clears. A copy that was ended at any moment is gone
// on with by running it again.
//
// progress is told, now and then, how many of how many rows have moved or been
// compared.
func (s *Store) CopyTo(ctx context.Context, to *Store, c *staff.Commit, progress func(done, total int64)) (*Copied, error) {
	m := &move{from: s, to: to, commit: c, attempt: mark(), progress: progress, seal: &seal{to: to.Name(), commit: c.ID, nonce: c.Nonce}}
	done, err := m.begin(ctx)
	switch {
	case err != nil:
		return nil, err
	case done:
		err = m.recount(ctx)
	default:
		if err = m.run(ctx); err != nil {
			err = m.giveUp(ctx, err)
		}
	}
	if err != nil {
		return nil, err
	}
	// From here on the target is in use: the source stays sealed, whatever happens.
	if err := s.keepClosed(context.WithoutCancel(ctx), m.seal); err != nil {
		return nil, staff.Errorf(staff.CodeUnavailable, "store", "everything is in %s now, and %s is sealed, but that it is done could not be noted there; run the copy again: %w",
			to.Name(), s.Name(), err)
	}
	return m.copied, nil
}

// move is a copy under way.
type move struct {
	from, to *Store
	commit   *staff.Commit
	// attempt tells this run from an ended one that it goes on with, and whose
	// batches may still arrive.
	attempt  int64
	seal     *seal
	copied   *Copied
	progress func(done, total int64)
	done     int64
	// sent: the batch that makes the target a store has been. Of an earlier run it
	// can no longer take effect once the target has been cleared.
	sent bool
}

// begin seals the source, or takes over the seal of a copy that was ended. It
// reports whether that one has come to its end.
func (m *move) begin(ctx context.Context) (done bool, err error) {
	if _, err := m.from.schema(ctx); err != nil {
		return false, err
	}
	found, err := m.from.readSeal(ctx)
	if err != nil {
		return false, err
	}
	if found == nil {
		if err := m.clear(ctx); err != nil {
			return false, err
		}
		return false, m.from.closeFor(ctx, m.seal, m.commit.Schema)
	}
	if err := m.from.checkSeal(ctx, found, m.to.Name()); err != nil {
		return false, err
	}
	m.seal, m.commit.ID, m.commit.Nonce = found, found.commit, found.nonce
	if done, err = m.to.hasDone(ctx, m.commit); err != nil || done {
		return done, err
	}
	return false, m.clear(ctx)
}

// recount tells what an earlier run has moved.
func (m *move) recount(ctx context.Context) (err error) {
	if m.copied, err = m.from.countCopied(ctx); err == nil {
		m.copied.Digest, err = m.digest(ctx, m.from)
	}
	return err
}

// run moves the rows, compares them, and makes the target a store.
func (m *move) run(ctx context.Context) (err error) {
	if m.copied, err = m.from.countCopied(ctx); err != nil {
		return err
	}
	if err := m.prepare(ctx); err != nil {
		return err
	}
	sum := sha256.New()
	for _, t := range copiedTables() {
		if err := m.table(ctx, t, sum); err != nil {
			return err
		}
	}
	m.copied.Digest = hex.EncodeToString(sum.Sum(nil))
	arrived, err := m.digest(ctx, m.to)
	if err != nil {
		return err
	}
	if arrived != m.copied.Digest {
		return staff.Errorf(staff.CodeInternal, "to", "what has arrived in %s is not what %s has: digest %s instead of %s; run it again", m.to.Name(), m.from.Name(), arrived, m.copied.Digest)
	}
	return m.finish(ctx)
}

// giveUp takes the seal away again, also where the copy was interrupted, unless the
// target may be a store by now.
func (m *move) giveUp(ctx context.Context, failed error) error {
	ctx = context.WithoutCancel(ctx)
	inUse, err := m.sent, error(nil)
	if m.sent && staff.CodeOf(failed) != staff.CodeUnknown {
		inUse, err = m.to.hasDone(ctx, m.commit)
	}
	if err == nil && !inUse {
		if err = m.from.unseal(ctx, m.seal); err == nil {
			return failed
		}
	}
	return &staff.Error{Code: staff.CodeOf(failed), Field: "store", Cause: errors.Join(failed, err),
		Message: fmt.Sprintf("%v; %s stays sealed: run the copy again, or give it up with --abandon", failed, m.from.Name())}
}

// each reads the rows of a table, page by page of one moment each: nothing
// changes meanwhile.
func (m *move) each(ctx context.Context, s *Store, t copiedTable, tell func(text string) error) error {
	l := t.listing()
	l.exact = true
	var failed error
	err := s.list(ctx, l, func(r *row) bool {
		failed = tell(r.text())
		m.done++
		if m.done%progressRows == 0 {
			m.progress(m.done, 2*m.copied.Rows)
		}
		return failed == nil && ctx.Err() == nil
	})
	if ctx.Err() != nil {
		return staff.Errorf(staff.CodeInterrupted, "", "interrupted; nothing has moved")
	}
	return errors.Join(failed, err)
}

// chunkBytes bounds what is copied at once.
const chunkBytes = 1 << 20

// progressRows is after how many rows the progress is told.
const progressRows = 500

// table moves the rows of a table, some at a time.
func (m *move) table(ctx context.Context, t copiedTable, sum hash.Hash) error {
	p := part{Statement: Statement{SQL: t.insert()}}
	flush := func() error {
		if len(p.rows) == 0 {
			return nil
		}
		err := m.write(ctx, p)
		p.rows, p.bytes = nil, 0
		return err
	}
	err := m.each(ctx, m.from, t, func(text string) error {
		note(sum, t.name, text)
		if p.bytes+len(text) > chunkBytes {
			if err := flush(); err != nil {
				return err
			}
		}
		p.rows = append(p.rows, strings.Clone(text))
		p.bytes += len(text) + 1
		return nil
	})
	if err == nil {
		err = flush()
	}
	if err == nil && t.name == `members` {
		err = m.owners(ctx)
	}
	return err
}

func note(sum hash.Hash, table, text string) {
	_, _ = sum.Write([]byte(table + text + "\n")) // never fails
}

// owners sets what accounts could not refer to before their members were there.
func (m *move) owners(ctx context.Context) error {
	answers, err := m.from.exec.Read(ctx, []Statement{{SQL: `SELECT json_array(id, owner_id) FROM accounts WHERE owner_id IS NOT NULL`}})
	if err != nil || len(answers[0]) == 0 {
		return err
	}
	return m.write(ctx, part{Statement: Statement{SQL: `UPDATE accounts SET owner_id = given.value ->> 1 FROM given WHERE id = given.value ->> 0`}, rows: answers[0]})
}

// write carries out a part on the target while the copy is unfinished: a batch
// that arrives later changes nothing.
func (m *move) write(ctx context.Context, p part) error {
	return m.disturbed(m.to.repeat(ctx, Batch{[]Statement{m.guard(), p.inline()}, p.bytes}))
}

// digest is that of all rows in one of the two stores.
func (m *move) digest(ctx context.Context, s *Store) (string, error) {
	sum := sha256.New()
	for _, t := range copiedTables() {
		if err := m.each(ctx, s, t, func(text string) error {
			note(sum, t.name, text)
			return nil
		}); err != nil {
			return "", err
		}
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}
