package sqlstore

import (
	"context"
	"fmt"

	"github.com/staffctl/staffctl/internal/staff"
)

const (
	sessionColumns = `s.key, s.login_id, s.account_id, s.member_id, s.stage, coalesce(s.link_id, 0), s.started_at, s.seen_at`
	tanColumns     = `t.id, t.session, t.number, t.expires_at, t.mark <> 0`
	ofSession      = `(SELECT login_id FROM sessions WHERE key = ?1)`
)

func (r *row) session() *staff.Session {
	return &staff.Session{Key: r.text(), LoginID: staff.ID(r.int()), AccountID: staff.ID(r.int()), MemberID: staff.ID(r.int()),
		Stage: staff.Stage(r.text()), LinkID: staff.ID(r.int()), StartedAt: r.int(), SeenAt: r.int()}
}

func (r *row) tan() *staff.TAN {
	return &staff.TAN{ID: staff.ID(r.int()), Session: r.text(), Number: r.text(), ExpiresAt: r.int(), Used: r.bool()}
}

// sessionQuestions ask for a session with its TAN and its link, and for what is
// counted and known of sign-ins.
func sessionQuestions(n *staff.Needs, f *staff.Facts) []question {
	var questions []question
	if n.Session != "" {
		key := []any{n.Session}
		questions = append(questions,
			each(Statement{`SELECT ` + packed(sessionColumns) + ` FROM sessions AS s WHERE s.key = ?1`, key}, func(r *row) { f.Session = r.session() }),
			each(Statement{`SELECT ` + packed(tanColumns) + ` FROM tans AS t WHERE t.session = ?1 ORDER BY t.id DESC LIMIT 1`, key}, func(r *row) { f.TAN = r.tan() }),
			each(Statement{`SELECT ` + packed(linkColumns) + ` FROM links AS k WHERE k.id = (SELECT link_id FROM sessions WHERE key = ?1)`, key},
				func(r *row) { f.Link = r.link() }))
	}
	if len(n.Tries) > 0 {
		f.Tries = map[string]int{}
		questions = append(questions, each(Statement{`SELECT ` + packed(`key, count(*)`) + ` FROM tries WHERE key IN (SELECT value FROM json_each(?1)) AND at > ?2 GROUP BY key`,
			[]any{jsonText(n.Tries), n.Now - tryDay}}, func(r *row) { f.Tries[r.text()] = int(r.int()) }))
	}
	return questions
}

// sessions ends sessions and uses the TAN up that allowed the commit.
func (b *batch) sessions(c *staff.Commit) {
	if c.UsedTAN != 0 {
		b.add(`UPDATE tans SET mark = 1 WHERE id = ?`, int64(c.UsedTAN))
	}
	for column, id := range map[string]func(staff.SessionEnd) staff.ID{
		"login_id":  func(e staff.SessionEnd) staff.ID { return e.Login },
		"member_id": func(e staff.SessionEnd) staff.ID { return e.Member },
	} {
		b.rows(`DELETE FROM sessions WHERE key IN (SELECT s.key FROM given CROSS JOIN sessions AS s ON s.`+column+` = given.value ->> 0 AND s.key <> given.value ->> 1)`,
			rowsOf(c.EndSessions, func(e staff.SessionEnd) []any {
				if id(e) == 0 {
					return nil
				}
				return []any{int64(id(e)), e.Except}
			}))
	}
	b.rows(`DELETE FROM tries WHERE key IN (SELECT given.value ->> 0 FROM given)`, rowsOf(c.ForgetTries, func(key string) []any { return []any{key} }))
}

// first holds as long as the statements of a batch have not taken effect yet, which
// [noteFirst] ends: applied once more by a cluster, they change nothing, though
// what they added has gone meanwhile. It is noted among the tries, which outlast
// sessions and TANs.
const first = `NOT EXISTS (SELECT 1 FROM tries WHERE key = ?1)`

func noteFirst(what string, at int64, added string, key any) Statement {
	return Statement{`INSERT INTO tries (key, mark, at) SELECT ?1, 1, ?2 WHERE EXISTS (SELECT 1 FROM ` + added + ` = ?3) ON CONFLICT DO NOTHING`, []any{what, at, key}}
}

// StartSession adds a session while the login has the password hash.
func (s *Store) StartSession(ctx context.Context, v *staff.Session, hash staff.Secret) error {
	what := "session " + v.Key
	return s.repeat(ctx, Batch{Statements: []Statement{
		{`INSERT INTO sessions (key, login_id, account_id, member_id, stage, link_id, started_at, seen_at)
			SELECT ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9 WHERE EXISTS (SELECT 1 FROM members WHERE id = ?5 AND login_id = ?3 AND suspended = 0 AND pending = 0)
			AND EXISTS (SELECT 1 FROM logins WHERE id = ?3 AND password_hash = ?10 AND (?6 IN ('tan', 'renew') OR mobile IS NULL)) AND ` + first + ` ON CONFLICT DO NOTHING`,
			[]any{what, v.Key, int64(v.LoginID), int64(v.AccountID), int64(v.MemberID), string(v.Stage), idOrNull(v.LinkID), v.StartedAt, v.SeenAt, string(hash)}},
		noteFirst(what, v.StartedAt, `sessions WHERE key`, v.Key),
	}})
}

// MoveSession replaces a session by another.
func (s *Store) MoveSession(ctx context.Context, key string, from staff.Stage, to *staff.Session) (bool, error) {
	err := s.change(ctx, Statement{`UPDATE sessions SET key = ?1, account_id = ?2, member_id = ?3, stage = ?4, started_at = ?5, seen_at = ?6
		WHERE key = ?7 AND stage = ?8 AND EXISTS (SELECT 1 FROM members WHERE id = ?3 AND login_id = sessions.login_id AND suspended = 0 AND pending = 0)`,
		[]any{to.Key, int64(to.AccountID), int64(to.MemberID), string(to.Stage), to.StartedAt, to.SeenAt, key, string(from)}})
	if err != nil {
		return false, err
	}
	return s.exists(ctx, `SELECT count(*) || '' FROM sessions WHERE key = ?1`, to.Key)
}

func (s *Store) exists(ctx context.Context, count string, args ...any) (bool, error) {
	answers, err := s.read(ctx, Statement{count, args})
	if err != nil || len(answers[0]) == 0 {
		return false, err
	}
	return answers[0][0] != "0", nil
}

// NoteSession notes that a session was used.
func (s *Store) NoteSession(ctx context.Context, key string, now int64) error {
	return s.change(ctx, Statement{`UPDATE sessions SET seen_at = max(seen_at, ?2) WHERE key = ?1`, []any{key, now}})
}

// EndSession ends a session.
func (s *Store) EndSession(ctx context.Context, key string) error {
	return s.change(ctx, Statement{`DELETE FROM sessions WHERE key = ?1`, []any{key}})
}

// StartTAN adds a TAN in the place of the others of its session.
func (s *Store) StartTAN(ctx context.Context, t *staff.TAN) error {
	what := "tan " + t.ID.String()
	return s.repeat(ctx, Batch{Statements: []Statement{
		{`DELETE FROM tans WHERE session = ?2 AND id <> ?3 AND ` + first, []any{what, t.Session, int64(t.ID)}},
		{`INSERT INTO tans (id, session, number, expires_at, mark) SELECT ?2, ?3, ?4, ?5, 0 WHERE ` + first + ` ON CONFLICT DO NOTHING`,
			[]any{what, int64(t.ID), t.Session, t.Number, t.ExpiresAt}},
		noteFirst(what, t.ExpiresAt, `tans WHERE id`, int64(t.ID)),
	}})
}

// UseTAN uses a TAN up.
func (s *Store) UseTAN(ctx context.Context, id staff.ID, now int64) (bool, error) {
	mine := mark()
	if err := s.change(ctx, Statement{`UPDATE tans SET mark = ?2 WHERE id = ?1 AND mark = 0 AND expires_at > ?3`, []any{int64(id), mine, now}}); err != nil {
		return false, err
	}
	return s.exists(ctx, `SELECT count(*) || '' FROM tans WHERE id = ?1 AND mark = ?2`, int64(id), mine)
}

// keptSignIns is how many sign-ins of a login are remembered.
const keptSignIns = 10

// NoteSignIn notes a sign-in.
func (s *Store) NoteSignIn(ctx context.Context, login staff.ID, in staff.SignIn, account staff.ID) error {
	return s.repeat(ctx, Batch{Statements: []Statement{
		{`INSERT INTO sign_ins (login_id, at, account_id, network) SELECT ?1, ?2, ?3, ?4 WHERE EXISTS (SELECT 1 FROM logins WHERE id = ?1) ON CONFLICT DO NOTHING`,
			[]any{int64(login), in.At, int64(account), in.Network}},
		{fmt.Sprintf(`DELETE FROM sign_ins WHERE login_id = ?1 AND at NOT IN (SELECT at FROM sign_ins WHERE login_id = ?1 ORDER BY at DESC LIMIT %d)`, keptSignIns),
			[]any{int64(login)}},
	}})
}

// Rehash replaces the hash of a password by another of the same password.
func (s *Store) Rehash(ctx context.Context, login staff.ID, from, to staff.Secret) error {
	return s.change(ctx, Statement{`UPDATE logins SET password_hash = ?3 WHERE id = ?1 AND password_hash = ?2`, []any{int64(login), string(from), string(to)}})
}

// SweepSessions deletes what is over.
func (s *Store) SweepSessions(ctx context.Context, now int64) error {
	return s.repeat(ctx, Batch{Statements: []Statement{
		{`DELETE FROM sessions WHERE seen_at <= ?1 OR started_at <= ?2`, []any{now - staff.SessionIdle.Milliseconds(), now - staff.SessionLife.Milliseconds()}},
		{`DELETE FROM tans WHERE expires_at <= ?1`, []any{now}},
	}})
}
