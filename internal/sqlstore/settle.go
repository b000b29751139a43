package sqlstore

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/staffctl/staffctl/internal/staff"
)

// A batch whose answer was lost is looked up and sent again so often at most, and
// not once more after a time. Each try waits for the store as long as the executor
// does.
const (
	settleTries = 4
	settleTime  = 15 * time.Second
)

// write carries out a commit: a large one by way of staging, whose rows do not
// outlast a refusal.
func (s *Store) write(ctx context.Context, c *staff.Commit, b *batch) error {
	limit := s.exec.Limits().Bytes
	b.encode()
	if limit == 0 || b.bytes <= limit {
		return s.send(ctx, c, Batch{b.inline(), b.bytes})
	}
	staging, statements := b.staged(limit)
	err := s.stage(ctx, c.At, staging)
	if err == nil {
		err = s.send(ctx, c, Batch{statements, b.bytes})
	}
	if errors.Is(err, staff.ErrStale) {
		return errors.Join(err, s.change(ctx, unstage(c.ID, c.Nonce)))
	}
	return err
}

func unstage(commit staff.ID, nonce int64) Statement {
	return Statement{`DELETE FROM staging WHERE commit_id = ? AND nonce = ?`, []any{int64(commit), nonce}}
}

// send carries out the batch of a commit. It takes effect once, however often it
// is sent, since its first statement adds a row of its own.
func (s *Store) send(ctx context.Context, c *staff.Commit, b Batch) error {
	err := s.exec.Write(ctx, b)
	switch {
	case errors.Is(err, ErrUnknown):
		return s.settle(ctx, c, b, err)
	case isTaken(err) || errors.Is(err, ErrSQL): // by the same batch, which a cluster can pass on twice, or by another
		done, lookup := s.hasDone(ctx, c)
		if lookup != nil {
			return s.settle(ctx, c, b, lookup)
		}
		if done {
			return nil
		}
	}
	return err
}

// How old what was staged must be to be deleted by the next that stages: counted
// from when its commit was begun, which an import may have been long ago.
const (
	abandonedAfter       = 10 * time.Minute
	importAbandonedAfter = 3 * time.Hour
)

// stage puts rows where the batch finds them, in batches of their own, and
// deletes what a broken run has left.
func (s *Store) stage(ctx context.Context, now int64, staging []Statement) error {
	if err := s.clearStaging(ctx, now, nobodys); err != nil {
		return err
	}
	return s.stageChunks(ctx, staging)
}

// clearStaging deletes what broken runs have left: what is old, and all that was
// staged for an import into the account. Where that one is under way still, it
// misses its rows and is planned again.
func (s *Store) clearStaging(ctx context.Context, now, account int64) error {
	ago := func(d time.Duration) int64 { return int64(staff.FirstID(now - d.Milliseconds())) }
	return s.change(ctx, Statement{`DELETE FROM staging WHERE commit_id < iif(account_id = ?1, ?2, ?3) OR account_id = ?4 AND ?4 <> ?1`,
		[]any{nobodys, ago(abandonedAfter), ago(importAbandonedAfter), account}})
}

func (s *Store) stageChunks(ctx context.Context, staging []Statement) error {
	errs := make([]error, len(staging))
	var all sync.WaitGroup
	free := make(chan struct{}, stagedAtOnce)
	var failed atomic.Bool
	for i, chunk := range staging {
		free <- struct{}{}
		if failed.Load() {
			break
		}
		all.Go(func() {
			if errs[i] = s.repeat(ctx, Batch{[]Statement{chunk}, len(chunk.Args[3].(string))}); errs[i] != nil {
				failed.Store(true)
			}
			<-free
		})
	}
	all.Wait()
	return cmp.Or(errs...)
}

// stagedAtOnce is how many chunks are on their way at once: while one waits for
// the disks of a cluster, the next is read.
const stagedAtOnce = 4

// isTaken reports whether a batch was refused because a commit with its id is
// there.
func isTaken(err error) bool {
	return errors.Is(err, staff.ErrRefused) && strings.Contains(err.Error(), "commits.id")
}

// isDone looks whether the commit has taken effect. A leader that has just been
// replaced can miss it for a moment, so that it is not there proves nothing.
func (s *Store) isDone(ctx context.Context, c *staff.Commit) (bool, error) {
	answers, err := s.exec.Read(ctx, []Statement{{`SELECT count(*) || '' FROM commits WHERE id = ? AND nonce = ?`, []any{int64(c.ID), c.Nonce}}})
	switch {
	case errors.Is(err, ErrSQL): // an init that came to nothing
		return false, nil
	case err != nil:
		return false, err
	default:
		return answers[0][0] != "0", nil
	}
}

// hasDone finds out for certain whether the commit has taken effect, by a write that
// is refused where it has.
func (s *Store) hasDone(ctx context.Context, c *staff.Commit) (bool, error) {
	err := s.exec.Write(ctx, Batch{Statements: []Statement{{`INSERT INTO guard (ok) VALUES ((SELECT count(*) = 0 FROM commits WHERE id = ? AND nonce = ?))`,
		[]any{int64(c.ID), c.Nonce}}}})
	switch {
	case errors.Is(err, staff.ErrRefused) || errors.Is(err, ErrSQL): // there is no such table
		return false, nil
	case errors.Is(err, staff.ErrStale):
		return true, nil
	default:
		return false, err
	}
}

// settle finds out what came of a batch whose answer was lost. That it is not
// there tells nothing, since it may be under way: so it is sent again, and where
// that is refused its id is taken away from the first.
func (s *Store) settle(ctx context.Context, c *staff.Commit, b Batch, lost error) error {
	for range tries(ctx) {
		done, err := s.isDone(ctx, c)
		if err == nil && done {
			return nil
		}
		if err != nil {
			lost = err
			continue
		}
		err = s.exec.Write(ctx, b)
		if errors.Is(err, staff.ErrStale) || errors.Is(err, ErrSQL) {
			return s.refused(ctx, c, err)
		}
		if err == nil {
			return nil
		}
		lost = err
	}
	return unknown(c, lost)
}

// refused makes sure that what was refused the second time does not take effect
// from the first: it adds the row that the batch begins with, under another nonce.
func (s *Store) refused(ctx context.Context, c *staff.Commit, refusal error) error {
	taken := &staff.Commit{ID: c.ID, Nonce: -1, At: c.At, Actor: c.Actor}
	lost := refusal
	for range tries(ctx) {
		err := s.exec.Write(ctx, Batch{Statements: []Statement{commitRow(taken)}})
		if err == nil || errors.Is(err, ErrSQL) {
			return refusal
		}
		if errors.Is(err, staff.ErrRefused) { // it is taken, or the store sealed: no other will be carried out
			done, lookup := s.hasDone(ctx, c)
			if lookup == nil && done {
				return nil
			}
			if lookup == nil {
				return refusal
			}
			err = lookup
		}
		lost = err
	}
	return unknown(c, lost)
}

// unknown does not wrap what was lost last: that may be a refusal, after which a
// command would be planned again, and may say that nothing was changed, which
// holds for one try only.
func unknown(c *staff.Commit, lost error) error {
	var e *staff.Error
	if errors.As(lost, &e) && e.Cause != nil {
		lost = e.Cause
	}
	return &staff.Error{Code: staff.CodeUnknown, Field: "store", Cause: ErrUnknown, Message: fmt.Sprintf(
		"the store did not say whether commit %d took effect; look for it with staffctl audit list --columns commit_id,action,subject before doing it again: %v", c.ID, lost)}
}

// repeat carries out a batch that does no harm when it takes effect twice.
func (s *Store) repeat(ctx context.Context, b Batch) error {
	err := s.exec.Write(ctx, b)
	if errors.Is(err, ErrUnknown) {
		for range tries(ctx) {
			if err = s.exec.Write(ctx, b); !errors.Is(err, ErrUnknown) {
				break
			}
		}
	}
	if errors.Is(err, ErrUnknown) {
		return &staff.Error{Code: staff.CodeUnavailable, Field: "store", Cause: err, Message: "the store did not answer; try again: " + err.Error()}
	}
	return s.explain(ctx, err)
}

// tries lets a store come to itself before each: up to 100 ms the first time, and
// twice as long each further time.
func tries(ctx context.Context) iter.Seq[int] {
	return func(yield func(int) bool) {
		patient, cancel := context.WithTimeout(ctx, settleTime)
		defer cancel()
		for try := range settleTries {
			if staff.Pause(patient, 100*time.Millisecond<<try) != nil || !yield(try) {
				return
			}
		}
	}
}
