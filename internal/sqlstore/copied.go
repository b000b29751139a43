package sqlstore

import "strings"

// copiedTable is a table whose rows move with a store.
type copiedTable struct {
	name    string
	by      []sortedBy // its primary key
	columns string
	// as are expressions that stand for columns which do not move as they are.
	as    map[string]string
	where string
}

// copiedTables are in an order in which references lead to rows that are there
// already; the owners of accounts follow by themselves.
func copiedTables() []copiedTable {
	id := byID(`id`)
	return []copiedTable{
		{name: `commits`, by: id, columns: `id, nonce, at, os_user, store_user, actor, person`},
		{name: `catalog`, by: id, columns: `id, body, version`},
		{name: `accounts`, by: id, columns: `id, name, display_name, plan, two_factor, language, default_access, default_grants, invite_other_address,
			owner_id, had_administrator, counter, version, created_at, updated_at`},
		{name: `logins`, by: id, columns: `id, username, username_key, password_hash, holder_set, must_change, email, email_verified, mobile, version,
			created_at, updated_at`},
		{name: `members`, by: id, columns: `id, account_id, login_id, email, email_key, username, username_key, salutation, first_name, last_name,
			name_key, language, phones, mail, access, role, grants, suspended, subaccount, pending, version, created_at, updated_at`},
		{name: `sender_addresses`, by: append(byID(`account_id`), sortedBy{`address_key`, ``}), columns: `account_id, address_key, address, position`},
		{name: `invites`, by: id, columns: `id, account_id, email, email_key, language, access, grants, sender, state, member_id, expires_at, version,
			created_at, updated_at`},
		{name: `links`, by: id, where: movedLinks,
			columns: `id, purpose, account_id, member_id, invite_id, login_id, email, shown, state, expires_at, created_at`},
		{name: `audit`, by: id, columns: `id, commit_id, action, account, member_id, subject, before, after`},
		// A mail that somebody has just taken may have been sent: its tries are not known here.
		{name: `outbox`, by: id, as: map[string]string{`leased_until`: `0`, `mark`: `0`},
			columns: `id, account_id, template, language, recipient, data, link_id, state, tries, next_at, leased_until, mark, answer, created_at, settled_at`},
	}
}

// movedLinks leaves open links behind, but for those whose mail has not gone out
// yet: without its link it would be worth nothing.
const movedLinks = `(state <> 'open' OR id IN (SELECT link_id FROM outbox WHERE state = 'queued' AND link_id IS NOT NULL))`

// leftTables stay behind: runtime state, and what is for a moment.
var leftTables = []string{"sessions", "tans", "tries", "sign_ins", "staging", "audit_pruning"}

// names are the names of the columns.
func (t *copiedTable) names() []string {
	names := strings.Split(t.columns, ",")
	for i := range names {
		names[i] = strings.TrimSpace(names[i])
	}
	return names
}

// listing reads the rows as JSON arrays.
func (t *copiedTable) listing() listing {
	exprs := t.names()
	for i, name := range exprs {
		if as, ok := t.as[name]; ok {
			exprs[i] = as
		}
	}
	l := listing{what: t.name, columns: `json_array(` + strings.Join(exprs, ", ") + `)`, from: t.name, by: t.by, where: t.where}
	if l.where == "" {
		l.where = `1`
	}
	return l
}

// insert adds rows given. Owners are set once their members are there.
func (t *copiedTable) insert() string {
	names := t.names()
	selected := strings.Split(values(len(names)), ", ")
	for i, name := range names {
		if name == `owner_id` {
			selected[i] = `NULL`
		}
	}
	return `INSERT INTO ` + t.name + ` (` + strings.Join(names, ", ") + `) SELECT ` + strings.Join(selected, ", ") + ` FROM given WHERE 1 ON CONFLICT DO NOTHING`
}
