package sqlstore

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/staffctl/staffctl/internal/staff"
)

// question is a query with what its answer tells.
type question struct {
	Statement
	answer func(rows []string) error
}

// Load reads the facts in one state of the store.
func (s *Store) Load(ctx context.Context, n *staff.Needs) (*staff.Facts, error) {
	f := &staff.Facts{}
	account, name := chosen(n)
	questions := []question{one(Statement{baseQuery(account), []any{name}}, func(r *row) {
		f.Schema, f.Accounts = int(r.int()), int(r.int())
		r.catalog(f)
		if !r.none() {
			f.Account = r.account()
		}
	})}
	questions = append(questions, accountQuestions(n, f)...)
	questions = append(questions, storeQuestions(n, f)...)
	questions = append(questions, linkQuestions(n, f)...)
	questions = append(questions, mailQuestions(n, f)...)
	questions = append(questions, sessionQuestions(n, f)...)
	if err := s.ask(ctx, questions); err != nil {
		return nil, err
	}
	if err := s.checkSchema(f.Schema); err != nil {
		return f, err
	}
	if n.History {
		return f, s.ask(ctx, historyQuestions(f, n.Now))
	}
	if !n.MemberUsernames {
		return f, nil
	}
	return s.loadAgain(ctx, n, f)
}

// baseQuery asks what every command needs to know: a row that a store always
// has, with the account where there is one.
func baseQuery(account string) string {
	return `SELECT ` + packed(`(SELECT coalesce(max(version), 0) FROM staffctl_migrations), (SELECT count(*) FROM accounts), c.version, c.body, `+
		optional(`a.id`, accountColumns)) + ` FROM catalog AS c LEFT JOIN accounts AS a ON a.id = ` + account
}

// chosen is the id of the account that is asked about, and its ?1: the account
// of the link, or that with the name, or the only one.
func chosen(n *staff.Needs) (expr string, argument any) {
	if n.Session != "" {
		return `(SELECT account_id FROM sessions WHERE key = ?1)`, n.Session
	}
	if n.Link != 0 {
		return `(SELECT account_id FROM links WHERE id = ?1)`, int64(n.Link)
	}
	if n.Mail != 0 {
		return `(SELECT a.id FROM outbox AS o JOIN accounts AS a ON a.id = o.account_id WHERE o.id = ?1)`, int64(n.Mail)
	}
	return `(SELECT id FROM accounts WHERE name = ?1 OR ?1 = '' AND (SELECT count(*) FROM accounts) = 1)`, n.Account
}

func (s *Store) ask(ctx context.Context, questions []question) error {
	queries := make([]Statement, len(questions))
	for i := range questions {
		queries[i] = questions[i].Statement
	}
	answers, err := s.read(ctx, queries...)
	if err != nil {
		return err
	}
	for i, rows := range answers {
		if err := questions[i].answer(rows); err != nil {
			return err
		}
	}
	return nil
}

// each tells every row of the answer.
func each(q Statement, tell func(r *row)) question {
	return question{q, func(rows []string) error {
		for _, text := range rows {
			r := &row{rest: text}
			tell(r)
			if err := r.err("the store"); err != nil {
				return err
			}
		}
		return nil
	}}
}

// one is each for an answer that always has a row.
func one(q Statement, tell func(r *row)) question {
	inner := each(q, tell)
	return question{q, func(rows []string) error {
		if len(rows) != 1 {
			return staff.Errorf(staff.CodeDamaged, "store", "the store lacks a row that it always has; run staffctl store check")
		}
		return inner.answer(rows)
	}}
}

func (r *row) catalog(f *staff.Facts) {
	f.Catalog = &staff.Catalog{Version: r.int()}
	r.bad = json.Unmarshal([]byte(r.text()), f.Catalog) != nil || r.bad
}

// accountQuestions ask about the account and its members.
func accountQuestions(n *staff.Needs, f *staff.Facts) []question {
	var questions []question
	account, name := chosen(n)
	if n.AllMembers {
		with, args := `WITH chosen (account) AS (SELECT `+account+`) `, []any{name}
		questions = append(questions, foundQuestion(f, with+`SELECT `+memberPacked()+` FROM chosen JOIN `+memberTables+`
			WHERE m.account_id = chosen.account ORDER BY m.id`, args))
	} else if n.Members != nil || n.Subaccounts != nil || n.Link != 0 || n.InviteIDs != nil || n.Session != "" {
		questions = append(questions, membersQuestion(n, f))
	}
	if n.Counts {
		questions = append(questions, one(Statement{countsQuery(account), []any{name}}, func(r *row) {
			f.Administrators, f.Subaccounts = int(r.int()), int(r.int())
		}))
	}
	if n.Size {
		questions = append(questions, one(Statement{`SELECT count(*) || '' FROM members WHERE account_id = ` + account, []any{name}},
			func(r *row) { f.Members = int(r.int()) }))
	}
	return questions
}

// countsQuery counts administrators and subaccounts. Without the limit SQLite would
// read all members of all accounts to choose the administrators of one.
func countsQuery(account string) string {
	return `SELECT ` + packed(`(SELECT count(*) FROM (SELECT 1 FROM administrators WHERE account_id = chosen.id LIMIT -1)),
		(SELECT count(*) FROM members WHERE account_id = chosen.id AND subaccount IS NOT NULL)`) + ` FROM (SELECT ` + account + ` AS id) AS chosen`
}

// memberWays is a query for the ids of the members that are asked for, after a
// WITH that names the account, and its arguments.
func memberWays(n *staff.Needs) (with, ways string, args []any) {
	var ids []staff.ID
	var emails, usernames []string
	for _, s := range n.Members {
		if id := s.ID(); id != 0 {
			ids = append(ids, id)
		}
		if key := s.EmailKey(); key != "" {
			emails = append(emails, key)
		}
		if key := s.UsernameKey(); key != "" {
			usernames = append(usernames, key)
		}
	}
	account, name := chosen(n)
	args = []any{name}
	ways = `SELECT id FROM members WHERE id IN ` + among(&args, ids)
	if emails != nil {
		ways += ` UNION ALL SELECT m.id FROM ` + keysOf(&args, emails) + ` AS k CROSS JOIN members AS m ON m.account_id = (SELECT account FROM chosen) AND m.email_key = k.value`
	}
	if usernames != nil {
		keys := keysOf(&args, usernames)
		ways += ` UNION ALL SELECT m.id FROM ` + keys + ` AS k CROSS JOIN members AS m ON m.account_id = (SELECT account FROM chosen) AND m.login_id IS NULL
				AND coalesce(m.username_key, m.email_key) = k.value
			UNION ALL SELECT m.id FROM ` + keys + ` AS k CROSS JOIN logins AS l ON l.username_key = k.value CROSS JOIN members AS m ON m.login_id = l.id`
	}
	if n.Subaccounts != nil {
		names := among(&args, n.Subaccounts)
		ways += ` UNION ALL SELECT m.id FROM members AS m JOIN accounts AS a ON a.id = m.account_id WHERE m.account_id = (SELECT account FROM chosen)
			AND m.subaccount IS NOT NULL AND (m.subaccount IN ` + names + ` OR a.name || '-' || m.subaccount IN ` + names + `)`
	}
	if n.Session != "" {
		ways += ` UNION ALL SELECT member_id FROM sessions WHERE key = ?1`
	}
	if n.Link != 0 {
		ways += ` UNION ALL SELECT member_id FROM links WHERE id = ?1 UNION ALL SELECT id FROM members WHERE account_id = (SELECT account FROM chosen)
			AND (SELECT i.email_key FROM links AS k JOIN invites AS i ON i.id = k.invite_id WHERE k.id = ?1) IN (email_key, username_key)`
	}
	if n.InviteIDs != nil {
		ways += ` UNION ALL SELECT id FROM members WHERE account_id = (SELECT account FROM chosen) AND email_key IN
			(SELECT email_key FROM invites WHERE id IN ` + among(&args, n.InviteIDs) + `)`
	}
	return `WITH chosen (account) AS (SELECT ` + account + `) `, ways, args
}

// membersQuestion looks up members by the ways that the selectors name.
func membersQuestion(n *staff.Needs, f *staff.Facts) question {
	with, ways, args := memberWays(n)
	query := with + `SELECT ` + memberPacked() + `
		FROM chosen JOIN ` + memberTables + ` WHERE +m.account_id = chosen.account AND m.id IN (` + ways + `) ORDER BY m.id`
	return foundQuestion(f, query, args)
}

// memberPacked is a row of a member with the login.
func memberPacked() string { return packed(memberColumns + `, ` + optional(`l.id`, loginColumns)) }

// foundQuestion reads the members that a query of memberPacked finds.
func foundQuestion(f *staff.Facts, query string, args []any) question {
	return each(Statement{query, args}, func(r *row) {
		m := &staff.Member{}
		if r.member(m); !r.none() {
			m.Login = &staff.Login{}
			r.login(m.Login)
		}
		f.Found = append(f.Found, m)
	})
}

// keysOf returns a table of the keys, in its column value: a few as parameters by
// themselves, many as one JSON array. See [among], which would sort them first.
func keysOf(args *[]any, keys []string) string {
	if len(keys) > 8 {
		*args = append(*args, jsonText(keys))
		return fmt.Sprintf(`json_each(?%d)`, len(*args))
	}
	selects := make([]string, len(keys))
	for i, key := range keys {
		*args = append(*args, key)
		selects[i] = fmt.Sprintf("SELECT ?%d AS value", len(*args))
	}
	return `(` + strings.Join(selects, " UNION ALL ") + `)`
}

// among returns the right side of an IN with the keys as parameters: a few by
// themselves, many as one JSON array. Setting up json_each would be a tenth of
// the time that a lookup takes.
func among[T ~int64 | string](args *[]any, keys []T) string {
	if len(keys) > 8 {
		*args = append(*args, jsonText(keys))
		return fmt.Sprintf(`(SELECT value FROM json_each(?%d))`, len(*args))
	}
	parameters := make([]string, len(keys))
	for i, key := range keys {
		*args = append(*args, plain(key))
		parameters[i] = fmt.Sprintf("?%d", len(*args))
	}
	return `(` + strings.Join(parameters, ", ") + `)`
}

// plain turns an id into what an executor takes as an argument.
func plain(key any) any {
	if id, ok := key.(staff.ID); ok {
		return int64(id)
	}
	return key
}

// storeQuestions ask about the store beyond the account.
func storeQuestions(n *staff.Needs, f *staff.Facts) []question {
	var questions []question
	texts := func(to *[]string, query string, keys []string) {
		if len(keys) > 0 {
			questions = append(questions, each(Statement{query, []any{jsonText(keys)}}, func(r *row) { *to = append(*to, r.text()) }))
		}
	}
	texts(&f.TakenUsernames, takenUsernames, n.Usernames)
	texts(&f.AccountNames, existingAccounts, n.AccountNames)
	if account, name := chosen(n); len(n.Senders) > 0 {
		questions = append(questions, each(Statement{`SELECT DISTINCT address_key FROM sender_addresses
			WHERE address_key IN (SELECT value FROM json_each(?2)) AND account_id IS NOT ` + account, []any{name, jsonText(n.Senders)}},
			func(r *row) { f.Senders = append(f.Senders, r.text()) }))
	}
	texts(&f.Registrations, `SELECT email_key FROM members WHERE subaccount IS NOT NULL AND email_key IN (SELECT value FROM json_each(?1))`, n.Registrations)
	if n.LoginPrefix != "" {
		questions = append(questions, each(Statement{`SELECT username FROM logins WHERE username_key >= ?1 AND username_key < ?1 || char(0x10FFFF) LIMIT 1`,
			[]any{n.LoginPrefix}}, func(r *row) { f.LoginWithPrefix = r.text() }))
	}
	if n.CatalogUse {
		questions = append(questions, useQuestions(&f.Use, n.Now)...)
	}
	if n.AuditBefore > 0 {
		questions = append(questions, one(Statement{`SELECT count(*) || '' FROM audit WHERE commit_id IN (SELECT id FROM commits WHERE at < ?1)`,
			[]any{n.AuditBefore}}, func(r *row) { f.AuditRows = int(r.int()) }))
	}
	return questions
}

const (
	takenUsernames   = `SELECT l.username_key FROM json_each(?1) AS k CROSS JOIN logins AS l ON l.username_key = k.value`
	existingAccounts = `SELECT name FROM accounts WHERE name IN (SELECT value FROM json_each(?1))`
)

func useQuestions(use *staff.CatalogUse, now int64) []question {
	return []question{
		each(Statement{`SELECT ` + packed(`kind, key`) + ` FROM (SELECT kind, key FROM keys_of_people
			UNION SELECT 'grant', key FROM keys_of_invites WHERE expires_at > ?1) ORDER BY kind, key`, []any{now}}, func(r *row) {
			switch kind, key := r.text(), r.text(); kind {
			case "grant":
				use.Grants = append(use.Grants, key)
			case "role":
				use.Roles = append(use.Roles, key)
			default:
				use.Mail = append(use.Mail, key)
			}
		}),
		each(Statement{SQL: `SELECT DISTINCT ` + packed(`a.name, m.role`) + ` FROM administrators AS d
			JOIN members AS m ON m.id = d.member_id JOIN accounts AS a ON a.id = d.account_id
			WHERE d.account_id NOT IN (SELECT account_id FROM administrators WHERE access = 'all') ORDER BY 1`}, func(r *row) {
			if use.SoleRoles == nil {
				use.SoleRoles = map[string][]string{}
			}
			account := r.text()
			use.SoleRoles[account] = append(use.SoleRoles[account], r.text())
		}),
	}
}

// loadAgain reads everything once more, with the usernames of the members and
// invites found: they are known only now, and facts are of one state.
func (s *Store) loadAgain(ctx context.Context, n *staff.Needs, found *staff.Facts) (*staff.Facts, error) {
	more := &staff.Needs{}
	for _, m := range found.Found {
		if m.Login == nil {
			more.NeedUsername(m.Username())
		}
	}
	for _, i := range found.Invites {
		more.NeedUsername(i.Email)
	}
	if len(more.Usernames) == 0 {
		return found, nil
	}
	again := *n
	again.MemberUsernames = false
	again.Usernames, again.AccountNames = slices.Concat(n.Usernames, more.Usernames), slices.Concat(n.AccountNames, more.AccountNames)
	return s.Load(ctx, &again)
}
