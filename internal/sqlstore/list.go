package sqlstore

import (
	"context"
	"iter"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/staffctl/staffctl/internal/staff"
)

// listing is a list that is read page by page, each after the last row of the one
// before. Its rows begin with what they are sorted by.
type listing struct {
	what, columns, from, where string
	args                       []any
	by                         []sortedBy
	// exact reads each page in the newest state, which costs a cluster more.
	exact bool
}

// sortedBy is an expression that rows are sorted by, with a value that is below
// those of all rows: a string or an int64.
type sortedBy struct {
	expr  string
	below any
}

func byID(column string) []sortedBy { return []sortedBy{{column, int64(0)}} }

// list reads the list, until each returns false.
func (s *Store) list(ctx context.Context, l listing, each func(r *row) bool) error {
	after := make([]any, len(l.by))
	for i, b := range l.by {
		after[i] = b.below
	}
	read, page := s.exec.Stream, s.exec.Limits().Page
	if l.exact {
		read, page = s.readPage, exactPage
	}
	lists := map[string][]string{}
	for {
		n := int64(0)
		for text, err := range read(ctx, l.page(after, page)) {
			if err != nil {
				return s.explain(ctx, err)
			}
			r := row{rest: text, lists: lists}
			for i := range after {
				after[i] = r.like(l.by[i].below)
			}
			goOn := each(&r)
			if err := r.err(l.what); err != nil || !goOn {
				return err
			}
			n++
		}
		if page == 0 || n < page {
			return nil
		}
	}
}

// exactPage is how many rows are read exactly at once.
const exactPage = 2000

// readPage is [Executor.Stream] by [Executor.Read].
func (s *Store) readPage(ctx context.Context, query Statement) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		answers, err := s.exec.Read(ctx, []Statement{query})
		if err != nil {
			yield("", err)
			return
		}
		for _, text := range answers[0] {
			if !yield(text, nil) {
				return
			}
		}
	}
}

// page is the query for the rows after a row.
func (l *listing) page(after []any, limit int64) Statement {
	exprs := make([]string, len(l.by))
	marks := make([]string, len(l.by))
	for i, b := range l.by {
		exprs[i], marks[i] = b.expr, "?"+strconv.Itoa(len(l.args)+i+1)
	}
	by := strings.Join(exprs, ", ")
	above := by + ` > ` + marks[0]
	if len(l.by) > 1 {
		above = `(` + by + `) > (` + strings.Join(marks, ", ") + `)`
	}
	if limit == 0 {
		limit = -1 // no limit
	}
	return Statement{`SELECT ` + packed(by+`, `+l.columns) + ` FROM ` + l.from + ` WHERE ` + l.where + ` AND ` + above + ` ORDER BY ` + by +
		` LIMIT ?` + strconv.Itoa(len(l.args)+len(l.by)+1), slices.Concat(l.args, after, []any{limit})}
}

// memberOrder is what each sort key sorts by, but for the id.
var memberOrder = map[staff.SortKey][]sortedBy{
	staff.SortName:     {{`m.name_key`, ``}},
	staff.SortEmail:    {{`m.email_key`, ``}},
	staff.SortUsername: {{`coalesce(l.username_key, m.username_key, m.email_key)`, ``}},
	staff.SortCreated:  {{`m.created_at`, int64(0)}},
	staff.SortUpdated:  {{`m.updated_at`, int64(0)}},
	staff.SortGroup:    {{`(m.login_id IS NULL OR m.suspended)`, int64(-1)}, {`m.name_key`, ``}},
}

// Members streams members; their logins have only an id, a username and a
// mobile number, and what the query asks for.
func (s *Store) Members(ctx context.Context, q staff.MemberQuery) iter.Seq2[*staff.Member, error] {
	l := membersListing(q)
	return func(yield func(*staff.Member, error) bool) {
		var m staff.Member
		var login staff.Login
		err := s.list(ctx, l, func(r *row) bool {
			r.listed(&m, &login, q)
			return !r.isWhole() || yield(&m, nil)
		})
		if err != nil {
			yield(nil, err)
		}
	}
}

func membersListing(q staff.MemberQuery) listing {
	columns, login := memberColumns, optional(`l.id`, loginNames)
	switch {
	case q.Brief && q.Hashes:
		columns, login = briefColumns, optional(`l.id`, `l.username, `+loginHash)
	case q.Brief:
		columns, login = briefColumns, `coalesce(l.username, '')`
	case q.Hashes:
		login = optional(`l.id`, loginNames+`, `+loginHash)
	}
	l := listing{what: "members", columns: columns + `, ` + login, from: memberTables, where: `m.account_id = ?1`,
		args: []any{int64(q.Account)}, by: slices.Concat(memberOrder[q.Sort], byID(`m.id`))}
	switch {
	case q.Beginning != nil: // else the planner sorts all members
		b := q.Beginning
		l.from = `(` + begun(b.Subaccounts) + `) AS begun CROSS JOIN members AS m ON m.id = begun.id LEFT JOIN logins AS l ON l.id = m.login_id`
		l.args = append(l.args, b.Prefix, b.Prefix+string(unicode.MaxRune), int64(b.Some))
	case q.Sort == staff.SortID && q.Alone: // the table itself has that order
		l.from = `members AS m NOT INDEXED LEFT JOIN logins AS l ON l.id = m.login_id`
	case q.Sort == staff.SortID: // else the planner takes the index of e-mails and sorts
		l.from = `members AS m INDEXED BY members_account LEFT JOIN logins AS l ON l.id = m.login_id`
	}
	return l
}

// begun asks for members of account ?1 of whom a name is between ?2 and ?3: the first
// ?4 by each kind of name, and the last, each by an index.
func begun(subaccounts bool) string {
	var ways []string
	by := func(tables, name string) {
		for _, order := range []string{` LIMIT ?4`, ` DESC LIMIT 1`} {
			ways = append(ways, `SELECT id FROM (SELECT m.id FROM `+tables+` AND `+name+` >= ?2 AND `+name+` < ?3 ORDER BY `+name+order+`)`)
		}
	}
	if subaccounts {
		by(`members AS m WHERE m.account_id = ?1`, `m.subaccount`)
	} else {
		by(`members AS m WHERE m.account_id = ?1`, `m.email_key`)
		by(`members AS m WHERE m.account_id = ?1 AND m.login_id IS NULL`, `coalesce(m.username_key, m.email_key)`)
		by(`logins AS l CROSS JOIN members AS m ON m.login_id = l.id WHERE m.account_id = ?1`, `l.username_key`)
	}
	return strings.Join(ways, ` UNION `)
}

// listed decodes a member of a list; its login, if there is one, is written to
// login.
func (r *row) listed(m *staff.Member, login *staff.Login, q staff.MemberQuery) {
	if q.Brief {
		r.brief(m)
	} else {
		r.member(m)
	}
	if r.none() {
		return
	}
	if m.Login = login; q.Brief {
		*login = staff.Login{Username: r.text()}
	} else {
		r.loginNames(login)
	}
	if q.Hashes {
		login.PasswordHash, login.MustChange = staff.Secret(r.text()), r.bool()
	}
}

// PendingInvites streams invites by id.
func (s *Store) PendingInvites(ctx context.Context, account staff.ID, now int64) iter.Seq2[*staff.Invite, error] {
	l := listing{what: "invites", columns: inviteColumns, from: `invites AS i`, where: `i.account_id = ?1 AND i.state = 'pending' AND i.expires_at > ?2`,
		args: []any{int64(account), now}, by: byID(`i.id`)}
	return func(yield func(*staff.Invite, error) bool) {
		err := s.list(ctx, l, func(r *row) bool {
			i := r.invite()
			return !r.isWhole() || yield(i, nil)
		})
		if err != nil {
			yield(nil, err)
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
	return func(yield func(*staff.AuditEntry, error) bool) {
		if _, err := s.schema(ctx); err != nil {
			yield(nil, err)
			return
		}
		var e staff.AuditEntry
		err := s.list(ctx, auditListing(q), func(r *row) bool {
			r.audit(&e)
			return !r.isWhole() || yield(&e, nil)
		})
		if err != nil {
			yield(nil, err)
		}
	}
}

// auditRead are the columns of an audit row with its commit, as [row.audit] decodes
// them.
const auditRead = `e.id, c.id, c.at, c.os_user, c.store_user, c.actor, c.person, e.action, e.account, coalesce(e.member_id, 0), e.subject,
	coalesce(e.before, ''), coalesce(e.after, '')`

func auditListing(q staff.AuditQuery) listing {
	l := listing{what: "the audit", from: `audit AS e JOIN commits AS c ON c.id = e.commit_id`, where: `1`, by: byID(`e.id`),
		columns: auditRead}
	filter := func(condition string, values ...any) {
		for _, v := range values {
			l.args = append(l.args, v)
			condition = strings.Replace(condition, "$", "?"+strconv.Itoa(len(l.args)), 1)
		}
		l.where += ` AND ` + condition
	}
	if q.Since > 0 {
		filter(`e.id >= $ AND c.at >= $`, int64(staff.FirstID(q.Since)), q.Since)
	}
	if q.Account != "" {
		filter(`e.account = $`, q.Account)
	}
	if q.Actor != "" {
		filter(`$ IN (c.os_user, c.store_user, c.actor, c.person)`, q.Actor)
	}
	if q.Member != "" {
		id, err := strconv.ParseInt(q.Member, 10, 64)
		if err != nil {
			id = 0
		}
		filter(`(e.member_id = $ OR lower(e.subject) = lower($) AND e.member_id IS NOT NULL)`, id, q.Member)
	}
	if q.Action != "" {
		filter(`substr(e.action || '.', 1, length($) + 1) = $ || '.'`, q.Action, q.Action)
	}
	return l
}

func (r *row) audit(e *staff.AuditEntry) {
	*e = staff.AuditEntry{ID: staff.ID(r.int()), CommitID: staff.ID(r.int()), At: r.int(),
		Actor:  staff.Actor{OSUser: r.text(), StoreUser: r.text(), Claimed: r.text(), Person: r.text()},
		Action: r.text(), Account: r.text(), MemberID: staff.ID(r.int()), Subject: r.text(), Before: r.text(), After: r.text()}
}
