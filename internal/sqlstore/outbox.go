package sqlstore

import (
	"context"
	"encoding/json"
	"iter"

	"github.com/staffctl/staffctl/internal/staff"
)

const (
	mailColumns = `o.id, o.account_id, coalesce(a.name, ''), o.template, o.language, o.recipient, o.data, coalesce(o.link_id, 0), o.state, o.tries,
		o.next_at, o.answer, o.created_at, o.settled_at`
	mailTables = `outbox AS o LEFT JOIN accounts AS a ON a.id = o.account_id LEFT JOIN links AS k ON k.id = o.link_id`
)

func (r *row) mail() *staff.QueuedMail {
	m := &staff.QueuedMail{}
	m.ID, m.AccountID, m.Account = staff.ID(r.int()), staff.ID(r.int()), r.text()
	m.Template, m.Language, m.To = staff.Template(r.text()), staff.Language(r.text()), r.text()
	r.bad = json.Unmarshal([]byte(r.text()), &m.Data) != nil || r.bad
	m.LinkID, m.State, m.Tries = staff.ID(r.int()), staff.MailState(r.text()), int(r.int())
	m.NextAt, m.Answer, m.CreatedAt, m.SettledAt = r.int(), r.text(), r.int(), r.int()
	if !r.none() {
		m.Link = r.link()
	}
	return m
}

func mailQuery(where string, args ...any) Statement {
	return Statement{`SELECT ` + packed(mailColumns+`, `+optional(`k.id`, linkColumns)) + ` FROM ` + mailTables + ` WHERE ` + where + ` ORDER BY o.id`, args}
}

// mailQuestions ask for a mail by its id.
func mailQuestions(n *staff.Needs, f *staff.Facts) []question {
	if n.Mail == 0 {
		return nil
	}
	return []question{each(mailQuery(`o.id = ?1`, int64(n.Mail)), func(r *row) { f.Mail = r.mail() })}
}

// Mails streams mails of the outbox, the oldest first.
func (s *Store) Mails(ctx context.Context, q staff.OutboxQuery) iter.Seq2[*staff.QueuedMail, error] {
	return func(yield func(*staff.QueuedMail, error) bool) {
		if _, err := s.schema(ctx); err != nil {
			yield(nil, err)
			return
		}
		const chosen = `(?1 = '' OR a.name = ?1) AND (?2 = '' OR o.state = ?2) AND (?3 = 0 OR o.id = ?3)`
		l := listing{what: "the outbox", columns: mailColumns + `, ` + optional(`k.id`, linkColumns), from: mailTables, by: byID(`o.id`),
			where: chosen, args: []any{q.Account, string(q.State), int64(q.ID)}}
		if q.Newest > 0 {
			l.where = `o.id IN (SELECT o.id FROM outbox AS o LEFT JOIN accounts AS a ON a.id = o.account_id WHERE ` + chosen +
				` AND o.id LIKE ?4 || '%' ORDER BY o.id DESC LIMIT ?5)`
			l.args = append(l.args, q.Beginning, int64(q.Newest))
		}
		err := s.list(ctx, l, func(r *row) bool {
			m := r.mail()
			return !r.isWhole() || yield(m, nil)
		})
		if err != nil {
			yield(nil, err)
		}
	}
}

// Lease takes mails that nobody else has taken.
func (s *Store) Lease(ctx context.Context, l staff.Lease) ([]*staff.QueuedMail, error) {
	take := `UPDATE outbox SET mark = ?1, leased_until = ?2 WHERE id IN (SELECT id FROM outbox
		WHERE state = 'queued' AND leased_until <= ?3 AND next_at <= ?4
		AND NOT EXISTS (SELECT 1 FROM outbox WHERE state = 'queued' AND mark = ?1)`
	due := l.Now
	if l.Early {
		due = 1 << 60
	}
	args := []any{l.Mark, l.Until, l.Now, due, int64(l.Limit)}
	if l.IDs != nil {
		take += ` AND id IN (SELECT value FROM json_each(?6))`
		args = append(args, jsonText(l.IDs))
	}
	if err := s.change(ctx, Statement{take + ` ORDER BY tries > 0, next_at, id LIMIT ?5)`, args}); err != nil {
		return nil, err
	}
	answers, err := s.read(ctx, mailQuery(`o.mark = ?1 AND o.leased_until = ?2 AND o.state = 'queued'`, l.Mark, l.Until))
	if err != nil {
		return nil, err
	}
	mails := make([]*staff.QueuedMail, len(answers[0]))
	for i, text := range answers[0] {
		r := row{rest: text}
		mails[i] = r.mail()
		if err := r.err("the outbox"); err != nil {
			return nil, err
		}
	}
	return mails, nil
}

// Settle notes what came of a mail, if it is still leased under the mark.
func (s *Store) Settle(ctx context.Context, t staff.Settlement) error {
	if t.State == staff.MailQueued {
		return s.change(ctx, Statement{`UPDATE outbox SET leased_until = 0, mark = 0, next_at = ?3, answer = ?4, tries = tries + ?5
			WHERE id = ?1 AND mark = ?2 AND state = 'queued'`, []any{int64(t.ID), t.Mark, t.NextAt, t.Answer, number(t.Tried)}})
	}
	return s.change(ctx, Statement{`UPDATE outbox SET state = ?3, data = '{}', link_id = NULL, leased_until = 0, mark = 0, answer = ?4, tries = tries + ?5,
		settled_at = ?6 WHERE id = ?1 AND mark = ?2 AND state = 'queued'`, []any{int64(t.ID), t.Mark, string(t.State), t.Answer, number(t.Tried), t.At}})
}

// change carries out one statement on runtime state.
func (s *Store) change(ctx context.Context, statement Statement) error {
	return s.repeat(ctx, Batch{Statements: []Statement{statement}})
}
