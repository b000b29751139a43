package sqlstore

import (
	"context"
	"iter"
	"strconv"

	"github.com/staffctl/staffctl/internal/staff"
)

// memberOrder is the ORDER BY of each sort key.
var memberOrder = map[staff.SortKey]string{
	staff.SortID:       `m.id`,
	staff.SortName:     `m.name_key, m.id`,
	staff.SortEmail:    `m.email_key, m.id`,
	staff.SortUsername: `coalesce(l.username_key, m.username_key, m.email_key), m.id`,
	staff.SortCreated:  `m.created_at, m.id`,
	staff.SortUpdated:  `m.updated_at, m.id`,
	staff.SortGroup:    `(m.login_id IS NULL OR m.suspended), m.name_key, m.id`,
}

// Members streams members; their logins have only an id, a username and a
// mobile number.
func (s *Store) Members(ctx context.Context, q staff.MemberQuery) iter.Seq2[*staff.Member, error] {
	tables := memberTables
	if q.Sort == staff.SortID {
		// Else the planner takes the index of e-mails and sorts.
		tables = `members AS m INDEXED BY members_account LEFT JOIN logins AS l ON l.id = m.login_id`
	}
	query := Statement{`SELECT ` + packed(memberColumns+`, `+optional(`l.id`, loginNames)) + ` FROM ` + tables + ` WHERE m.account_id = ? ORDER BY ` + memberOrder[q.Sort],
		[]any{int64(q.Account)}}
	return func(yield func(*staff.Member, error) bool) {
		var m staff.Member
		var login staff.Login
		lists := map[string][]string{}
		for text, err := range s.exec.Stream(ctx, query) {
			r := row{rest: text, lists: lists}
			if err == nil {
				if r.member(&m); !r.none() {
					r.loginNames(&login)
					m.Login = &login
				}
				err = r.err("members")
			}
			err = s.explain(ctx, err)
			if !yield(&m, err) || err != nil {
				return
			}
		}
	}
}

// Accounts returns all accounts by name.
func (s *Store) Accounts(ctx context.Context) ([]*staff.Account, error) {
	var accounts []*staff.Account
	var schema int
	err := s.ask(ctx, []question{
		one(schemaQuery, func(r *row) { schema = int(r.int()) }),
		each(Statement{SQL: `SELECT ` + packed(accountColumns) + ` FROM accounts AS a ORDER BY a.name`},
			func(r *row) { accounts = append(accounts, r.account()) }),
	})
	if err == nil {
		err = s.checkSchema(schema)
	}
	return accounts, err
}

// Audit streams audit entries, the oldest first.
func (s *Store) Audit(ctx context.Context, q staff.AuditQuery) iter.Seq2[*staff.AuditEntry, error] {
	query := auditStatement(q)
	return func(yield func(*staff.AuditEntry, error) bool) {
		if _, err := s.schema(ctx); err != nil {
			yield(nil, err)
			return
		}
		var e staff.AuditEntry
		for text, err := range s.exec.Stream(ctx, query) {
			r := row{rest: text}
			if err == nil {
				r.audit(&e)
				err = r.err("the audit")
			}
			err = s.explain(ctx, err)
			if !yield(&e, err) || err != nil {
				return
			}
		}
	}
}

func auditStatement(q staff.AuditQuery) Statement {
	where, args := `e.id >= ?`, []any{int64(0)}
	if q.Since > 0 {
		where, args = `e.id >= ? AND c.at >= ?`, []any{int64(staff.FirstID(q.Since)), q.Since}
	}
	filter := func(condition string, values ...any) {
		where, args = where+` AND `+condition, append(args, values...)
	}
	if q.Account != "" {
		filter(`e.account = ?`, q.Account)
	}
	if q.Actor != "" {
		filter(`? IN (c.os_user, c.store_user, c.actor, c.person)`, q.Actor)
	}
	if q.Member != "" {
		id, err := strconv.ParseInt(q.Member, 10, 64)
		if err != nil {
			id = 0
		}
		filter(`(e.member_id = ? OR lower(e.subject) = lower(?) AND e.member_id IS NOT NULL)`, id, q.Member)
	}
	if q.Action != "" {
		filter(`substr(e.action || '.', 1, length(?) + 1) = ? || '.'`, q.Action, q.Action)
	}
	return Statement{`SELECT ` + packed(`e.id, c.id, c.at, c.os_user, c.store_user, c.actor, c.person, e.action, e.account, coalesce(e.member_id, 0), e.subject,
		coalesce(e.before, ''), coalesce(e.after, '')`) + ` FROM audit AS e JOIN commits AS c ON c.id = e.commit_id WHERE ` + where + ` ORDER BY e.id`, args}
}

func (r *row) audit(e *staff.AuditEntry) {
	*e = staff.AuditEntry{ID: staff.ID(r.int()), CommitID: staff.ID(r.int()), At: r.int(),
		Actor:  staff.Actor{OSUser: r.text(), StoreUser: r.text(), Claimed: r.text(), Person: r.text()},
		Action: r.text(), Account: r.text(), MemberID: staff.ID(r.int()), Subject: r.text(), Before: r.text(), After: r.text()}
}
