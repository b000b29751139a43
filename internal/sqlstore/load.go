package sqlstore

import (
	"context"
	"encoding/json"

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
	questions := []question{
		one(schemaQuery, func(r *row) { f.Schema = int(r.int()) }),
		one(Statement{SQL: `SELECT ` + packed(`version, body`) + ` FROM catalog`}, func(r *row) { r.catalog(f) }),
		one(Statement{SQL: `SELECT count(*) || '' FROM accounts`}, func(r *row) { f.Accounts = int(r.int()) }),
		each(Statement{`SELECT ` + packed(accountColumns) + ` FROM accounts AS a WHERE a.id = ` + chosenAccount, []any{n.Account}},
			func(r *row) { f.Account = r.account() }),
	}
	questions = append(questions, accountQuestions(n, f)...)
	questions = append(questions, storeQuestions(n, f)...)
	if err := s.ask(ctx, questions); err != nil {
		return nil, err
	}
	if err := s.checkSchema(f.Schema); err != nil || !n.MemberUsernames {
		return f, err
	}
	return f, s.askUsernames(ctx, f)
}

// chosenAccount is the id of the account with the name ?1, or of the only one.
const chosenAccount = `(SELECT id FROM accounts WHERE name = ?1 OR ?1 = '' AND (SELECT count(*) FROM accounts) = 1)`

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
	if n.NoAccount {
		return nil
	}
	questions := []question{
		one(Statement{`SELECT ` + packed(`(SELECT count(*) FROM administrators WHERE account_id = chosen.id),
			(SELECT count(*) FROM members WHERE account_id = chosen.id AND subaccount IS NOT NULL)`) +
			` FROM (SELECT ` + chosenAccount + ` AS id) AS chosen`, []any{n.Account}},
			func(r *row) { f.Administrators, f.Subaccounts = int(r.int()), int(r.int()) }),
	}
	if n.Members != nil {
		questions = append(questions, membersQuestion(n, f))
	}
	if n.MemberCount {
		questions = append(questions, one(Statement{`SELECT count(*) || '' FROM members WHERE account_id = ` + chosenAccount, []any{n.Account}},
			func(r *row) { f.Members = int(r.int()) }))
	}
	return questions
}

func membersQuestion(n *staff.Needs, f *staff.Facts) question {
	var ids []staff.ID
	var emails, usernames []string
	for _, s := range n.Members {
		ids, emails, usernames = append(ids, s.ID()), append(emails, s.EmailKey()), append(usernames, s.UsernameKey())
	}
	query := `SELECT ` + packed(memberColumns+`, `+loginColumns) + ` FROM ` + memberTables + `
		WHERE m.account_id = ` + chosenAccount + ` AND m.id IN (
			SELECT value FROM json_each(?2)
			UNION ALL SELECT id FROM members WHERE account_id = ` + chosenAccount + ` AND email_key IN (SELECT value FROM json_each(?3))
			UNION ALL SELECT id FROM members WHERE account_id = ` + chosenAccount + ` AND login_id IS NULL
				AND coalesce(username_key, email_key) IN (SELECT value FROM json_each(?4))
			UNION ALL SELECT id FROM members WHERE account_id = ` + chosenAccount + ` AND login_id IN (
				SELECT id FROM logins WHERE username_key IN (SELECT value FROM json_each(?4))))
		ORDER BY m.id`
	return each(Statement{query, []any{n.Account, jsonText(ids), jsonText(emails), jsonText(usernames)}}, func(r *row) {
		m, login := &staff.Member{}, &staff.Login{}
		r.member(m, login)
		r.login(login)
		f.Found = append(f.Found, m)
	})
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
	texts(&f.Registrations, `SELECT email_key FROM members WHERE subaccount IS NOT NULL AND email_key IN (SELECT value FROM json_each(?1))`, n.Registrations)
	if n.LoginPrefix != "" {
		questions = append(questions, each(Statement{`SELECT username FROM logins WHERE username_key >= ?1 AND username_key < ?1 || char(0x10FFFF) LIMIT 1`,
			[]any{n.LoginPrefix}}, func(r *row) { f.LoginWithPrefix = r.text() }))
	}
	if n.CatalogUse {
		questions = append(questions, useQuestions(&f.Use)...)
	}
	if n.AuditBefore > 0 {
		questions = append(questions, one(Statement{`SELECT count(*) || '' FROM audit WHERE commit_id IN (SELECT id FROM commits WHERE at < ?1)`,
			[]any{n.AuditBefore}}, func(r *row) { f.AuditRows = int(r.int()) }))
	}
	return questions
}

const (
	takenUsernames   = `SELECT username_key FROM logins WHERE username_key IN (SELECT value FROM json_each(?1))`
	existingAccounts = `SELECT name FROM accounts WHERE name IN (SELECT value FROM json_each(?1))`
)

func useQuestions(use *staff.CatalogUse) []question {
	return []question{
		each(Statement{SQL: `SELECT ` + packed(`kind, key`) + ` FROM keys_in_use ORDER BY kind, key`}, func(r *row) {
			switch kind, key := r.text(), r.text(); kind {
			case "grant":
				use.Grants = append(use.Grants, key)
			case "role":
				use.Roles = append(use.Roles, key)
			default:
				use.Mail = append(use.Mail, key)
			}
		}),
		each(Statement{SQL: `SELECT ` + packed(`m.role, a.name`) + ` FROM administrators AS d
			JOIN members AS m ON m.id = d.member_id JOIN accounts AS a ON a.id = d.account_id
			GROUP BY d.account_id HAVING sum(d.access = 'all') = 0`}, func(r *row) {
			if use.SoleRoles == nil {
				use.SoleRoles = map[string]string{}
			}
			role := r.text()
			use.SoleRoles[role] = r.text()
		}),
	}
}

// askUsernames finds out which usernames of the members found are taken or
// reserved: known only once the members are.
func (s *Store) askUsernames(ctx context.Context, f *staff.Facts) error {
	n := &staff.Needs{}
	for _, m := range f.Found {
		if m.Login == nil {
			n.NeedUsername(m.Username())
		}
	}
	if len(n.Usernames) == 0 {
		return nil
	}
	return s.ask(ctx, storeQuestions(n, f))
}
