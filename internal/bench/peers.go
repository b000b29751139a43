package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
)

// columns are those of `member list` that a table has too; areas are not among
// them, since sqlite3 knows no roles and would be slowed down by computing them.
var columns = []string{"id", "email", "username", "salutation", "first_name", "last_name", "language", "status", "access", "grants", "mail", "phones", "created_at", "updated_at"}

// exportedColumns are those of an export.
var exportedColumns = []string{"email", "username", "salutation", "first_name", "last_name", "language", "phones", "access", "grants", "mail", "suspended", "subaccount", "role"}

// peerColumns give the same JSON for each of columns.
var peerColumns = map[string]string{
	"id": "m.id", "email": "m.email", "username": "coalesce(l.username, m.username, m.email)", "salutation": "m.salutation",
	"first_name": "m.first_name", "last_name": "m.last_name", "language": "m.language",
	"status": `CASE WHEN m.suspended THEN 'suspended' WHEN m.pending THEN 'pending' WHEN l.id IS NULL THEN 'no-login'
		WHEN a.two_factor = 'sms' AND l.mobile IS NULL THEN 'pending-2fa' ELSE 'active' END`,
	"access": "m.access", "grants": "m.grants", "mail": "m.mail", "phones": "m.phones", "suspended": "m.suspended", "subaccount": "m.subaccount", "role": "m.role",
	"created_at": "strftime('%Y-%m-%dT%H:%M:%fZ', m.created_at / 1000.0, 'unixepoch')",
	"updated_at": "strftime('%Y-%m-%dT%H:%M:%fZ', m.updated_at / 1000.0, 'unixepoch')",
}

func peerQuery(columns []string, where string) string {
	selected := make([]string, len(columns))
	for i, c := range columns {
		selected[i] = peerColumns[c] + " AS " + c
	}
	return "SELECT " + strings.Join(selected, ", ") + ` FROM accounts AS a JOIN members AS m INDEXED BY ` + where
}

// peerList selects all members in the order of their ids.
func peerList(columns []string) string {
	return peerQuery(columns, ` members_account ON m.account_id = a.id LEFT JOIN logins AS l ON l.id = m.login_id WHERE a.name = 'acme' ORDER BY m.id`)
}

func (b *bench) environment() []string { return b.environmentOf(b.store) }

// environmentOf is that of a process which works on a store.
func (b *bench) environmentOf(store string) []string {
	return []string{"STAFFCTL_STORE=" + store, "STAFFCTL_ACCOUNT=", "STAFFCTL_CONFIG=", "XDG_CONFIG_HOME=" + filepath.Join(b.dir, "none"),
		"XDG_DATA_HOME=" + filepath.Join(b.dir, "data")}
}

// show looks up one member by e-mail.
func (b *bench) show(ctx context.Context) error {
	who := email(b.members / 2)
	query := peerQuery(columns, fmt.Sprintf(` members_email ON m.account_id = a.id LEFT JOIN logins AS l ON l.id = m.login_id
		WHERE a.name = 'acme' AND m.email_key = '%s'`, who))
	return race(ctx, "member show by e-mail", 40*b.runs,
		&contender{name: "staffctl member show", args: []string{b.program, "member", "show", who}, env: b.environment()},
		&contender{name: "staffctl member show -o json", args: []string{b.program, "member", "show", who, "-o", "json"}, env: b.environment()},
		&contender{name: "staffctl version", args: []string{b.program, "version"}, env: b.environment()},
		&contender{name: "sqlite3 FILE 'select … where email = …'", args: []string{"sqlite3", b.store, query}})
}

// list prints all members as JSON.
func (b *bench) list(ctx context.Context) error {
	return race(ctx, "member list of all", b.runs,
		&contender{name: "staffctl member list -o jsonl --columns …", args: []string{b.program, "member", "list", "-o", "jsonl", "--columns", strings.Join(columns, ",")}, env: b.environment()},
		&contender{name: "staffctl member list -o jsonl (all columns)", args: []string{b.program, "member", "list", "-o", "jsonl"}, env: b.environment()},
		&contender{name: "sqlite3 -json, the same columns", args: []string{"sqlite3", "-json", b.store, peerList(columns)}})
}
