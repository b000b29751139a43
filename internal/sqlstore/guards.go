package sqlstore

import (
	"maps"
	"slices"

	"github.com/staffctl/staffctl/internal/staff"
)

// usernames guards that no username which the commit brings is the login of one
// member and the proposal of another in an account: no index can hold that.
func (b *batch) usernames(c *staff.Commit) {
	// CROSS JOIN keeps the order, in which each step has an index.
	b.rows(`INSERT INTO guard (ok) SELECT 0 FROM given CROSS JOIN logins AS l ON l.username_key = given.value ->> 0
		CROSS JOIN members AS o ON o.login_id = l.id CROSS JOIN members AS m INDEXED BY members_proposal
			ON m.account_id = o.account_id AND m.login_id IS NULL AND coalesce(m.username_key, m.email_key) = given.value ->> 0`,
		rowsOf(c.Members, func(d staff.Diff[staff.Member]) []any {
			if d.After == nil || d.Before != nil && d.Before.Username() == d.After.Username() {
				return nil
			}
			return []any{staff.UsernameKey(d.After.Username())}
		}))
}

// references guards that what the commit writes refers to rows that are there,
// and that nothing refers to what it deletes: a cluster can have foreign keys
// off, or on in some of its nodes only. Rows that the commit itself adds are there.
func (b *batch) references(c *staff.Commit) {
	accounts, logins := map[staff.ID]bool{}, map[staff.ID]bool{}
	for _, d := range c.Members {
		if d.After != nil {
			accounts[d.After.AccountID] = true
			logins[loginID(d.After)] = true
		}
	}
	for _, d := range c.Invites {
		accounts[d.After.AccountID] = true
	}
	for _, d := range c.Logins {
		if d.Before == nil {
			delete(logins, d.After.ID)
		}
	}
	delete(logins, 0)
	b.exist(`accounts`, accounts)
	b.exist(`logins`, logins)
	b.rows(`INSERT INTO guard (ok) SELECT 0 FROM given JOIN links AS k ON k.id = given.value ->> 0
		WHERE NOT EXISTS (SELECT 1 FROM accounts WHERE id = k.account_id)
			OR k.member_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM members WHERE id = k.member_id)
			OR k.invite_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM invites WHERE id = k.invite_id)
			OR k.login_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM logins WHERE id = k.login_id)`,
		rowsOf(c.Links, func(l *staff.Link) []any { return []any{int64(l.ID)} }))
	b.rows(`INSERT INTO guard (ok) SELECT 0 FROM given WHERE EXISTS (SELECT 1 FROM members WHERE login_id = given.value ->> 0)
			OR EXISTS (SELECT 1 FROM sessions WHERE login_id = given.value ->> 0) OR EXISTS (SELECT 1 FROM links WHERE login_id = given.value ->> 0)`,
		removed(c.Logins, func(l *staff.Login) staff.ID { return l.ID }))
}

func loginID(m *staff.Member) staff.ID {
	if m.Login == nil {
		return 0
	}
	return m.Login.ID
}

// exist guards that the rows are in the table.
func (b *batch) exist(table string, ids map[staff.ID]bool) {
	b.rows(`INSERT INTO guard (ok) SELECT EXISTS (SELECT 1 FROM `+table+` WHERE id = given.value ->> 0) FROM given`,
		rowsOf(slices.Sorted(maps.Keys(ids)), func(id staff.ID) []any { return []any{int64(id)} }))
}

// guards aborts the batch where something is no longer as it was planned on.
func (b *batch) guards(c *staff.Commit) {
	versions := map[staff.Guarded][][]any{}
	guard := func(table staff.Guarded, id staff.ID, version int64) {
		versions[table] = append(versions[table], []any{int64(id), version})
	}
	for _, g := range c.Guards {
		if g.Table == staff.GuardCatalog {
			g.ID = 1
		}
		guard(g.Table, g.ID, g.Version)
	}
	for _, d := range c.Accounts {
		if d.Before != nil {
			guard(staff.GuardAccount, d.Before.ID, d.Before.Version)
		}
	}
	for _, d := range c.Members {
		if d.Before != nil {
			guard(staff.GuardMember, d.Before.ID, d.Before.Version)
		}
	}
	for _, d := range c.Logins {
		if d.Before != nil {
			guard(staff.GuardLogin, d.Before.ID, d.Before.Version)
		}
	}
	for _, d := range c.Invites {
		if d.Before != nil {
			guard(staff.GuardInvite, d.Before.ID, d.Before.Version)
		}
	}
	for _, table := range []staff.Guarded{staff.GuardAccount, staff.GuardMember, staff.GuardLogin, staff.GuardInvite, staff.GuardCatalog} {
		b.rows(`INSERT INTO guard (ok) SELECT (SELECT version = given.value ->> 1 FROM `+string(table)+` WHERE id = given.value ->> 0) FROM given`, versions[table])
	}
	b.rows(`INSERT INTO guard (ok) SELECT (SELECT counter = given.value ->> 1 FROM accounts WHERE id = given.value ->> 0) FROM given`, versions[staff.GuardCounter])
	b.guardAllowing(c)
}

// guardAllowing guards what allowed the commit.
func (b *batch) guardAllowing(c *staff.Commit) {
	if c.UsedLink != 0 {
		b.add(`INSERT INTO guard (ok) VALUES ((SELECT state = 'open' AND expires_at > ? FROM links WHERE id = ?))`, c.At, int64(c.UsedLink))
	}
	if c.UsedTAN != 0 {
		b.add(`INSERT INTO guard (ok) VALUES ((SELECT mark = 0 AND expires_at > ? FROM tans WHERE id = ?))`, c.At, int64(c.UsedTAN))
	}
	if c.DiscardMail != 0 {
		b.add(`INSERT INTO guard (ok) VALUES ((SELECT state = 'queued' FROM outbox WHERE id = ?))`, int64(c.DiscardMail))
	}
}
