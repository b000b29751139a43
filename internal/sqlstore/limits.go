package sqlstore

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"time"

	"github.com/staffctl/staffctl/internal/staff"
)

// mark tells the row of one caller from those of others, and lets a statement
// that a cluster applies twice count once.
func mark() int64 {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails
	return int64(binary.LittleEndian.Uint64(b[:])>>12) | 1
}

// tryDay is how long a try counts, in milliseconds.
const tryDay = 24 * 60 * 60 * 1000

// waiting is when the next try may be made: at once after the first four, 1 s
// after the fifth, twice as long after each further one, 15 min at most.
const waiting = `last + iif(count < 5, 0, min(1000 << min(count - 5, 20), 900000))`

// counts are how many tries there have been under ?1 since ?4, and the last.
const counts = `(SELECT count(*) AS count, coalesce(max(at), 0) AS last FROM tries WHERE key = ?1 AND at > ?4)`

// Allow counts one more under the key where the limit lets it happen.
func (s *Store) Allow(ctx context.Context, key string, l staff.Limit, now int64) (bool, error) {
	counted, _, err := s.count(ctx, `count < ?5`, key, now, now-l.Window.Milliseconds(), int64(l.Count))
	return counted, err
}

// Try counts a try, or says how long to wait for it.
func (s *Store) Try(ctx context.Context, key string, now int64) (time.Duration, error) {
	counted, until, err := s.count(ctx, waiting+` <= ?2`, key, now, now-tryDay)
	if err != nil || counted {
		return 0, err
	}
	return time.Duration(max(until-now, 1)) * time.Millisecond, nil
}

// count adds a row under the key where the condition holds, and finds out
// whether it did and when the next try may be made.
func (s *Store) count(ctx context.Context, condition, key string, now, since int64, more ...any) (counted bool, until int64, err error) {
	mine := mark()
	err = s.change(ctx, Statement{`INSERT INTO tries (key, at, mark) SELECT ?1, ?2, ?3 FROM ` + counts + ` WHERE ` + condition + ` ON CONFLICT DO NOTHING`,
		append([]any{key, now, mine, since}, more...)})
	if err != nil {
		return false, 0, err
	}
	answers, err := s.read(ctx, Statement{`SELECT ` + packed(`EXISTS (SELECT 1 FROM tries WHERE key = ?1 AND mark = ?3), `+waiting) + ` FROM ` + counts + ` WHERE ?2 = ?2`,
		[]any{key, now, mine, since}})
	if err != nil {
		return false, 0, err
	}
	r := row{rest: answers[0][0]}
	counted, until = r.bool(), r.int()
	return counted, until, r.err("the tries")
}

// Wait says how long a try would have to wait.
func (s *Store) Wait(ctx context.Context, key string, now int64) (time.Duration, error) {
	answers, err := s.read(ctx, Statement{`SELECT ` + packed(waiting) + ` FROM ` + counts + ` WHERE ?2 = ?2 AND ?3 = ?3`, []any{key, now, int64(0), now - tryDay}})
	if err != nil {
		return 0, err
	}
	r := row{rest: answers[0][0]}
	return time.Duration(max(r.int()-now, 0)) * time.Millisecond, r.err("the tries")
}

// Forget ends the counting under the key of what was tried until now.
func (s *Store) Forget(ctx context.Context, key string, now int64) error {
	return s.change(ctx, Statement{`DELETE FROM tries WHERE key = ?1 AND at <= ?2`, []any{key, now}})
}

// Sweep deletes what was counted before a time.
func (s *Store) Sweep(ctx context.Context, before int64) error {
	return s.change(ctx, Statement{`DELETE FROM tries WHERE at < ?1`, []any{before}})
}
