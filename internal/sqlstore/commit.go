package sqlstore

import (
	"context"
	"slices"
	"strings"

	"github.com/staffctl/staffctl/internal/staff"
)

// Commit carries out c as one batch.
func (s *Store) Commit(ctx context.Context, c *staff.Commit) error {
	return s.explain(ctx, s.write(ctx, c, batchOf(c)))
}

// batchOf orders a commit's statements so that the rules of the schema hold
// after each: rows come before those that refer to them, and who gains full
// access before who loses it.
func batchOf(c *staff.Commit) *batch {
	b := begin(c)
	b.gains(c)
	b.updateMembers(c, false)
	b.removes(c)
	b.links(c)
	b.whole(c)
	b.after(c)
	return b
}

// begin is what every commit begins with.
func begin(c *staff.Commit) *batch {
	b := &batch{commit: c.ID, nonce: c.Nonce}
	b.parts = append(b.parts, part{Statement: commitRow(c)})
	b.add(`INSERT INTO guard (ok) VALUES ((SELECT max(version) = ? FROM staffctl_migrations))`, int64(c.Schema))
	return b
}

// gains guards what the commit was planned on, and writes all by which nobody
// loses full access.
func (b *batch) gains(c *staff.Commit) {
	if !b.locked {
		b.guards(c)
	}
	b.endLinks(c)
	b.sessions(c)
	b.letGo(c)
	b.allow(c)
	b.adds(c)
	b.updateMembers(c, true)
	b.updates(c)
}

// after checks what the commit has written, and writes the audit.
func (b *batch) after(c *staff.Commit) {
	if !b.locked {
		b.usernames(c)
	}
	b.references(c)
	b.audit(c)
}

// commitRow is what a batch begins with, so that it takes effect once.
func commitRow(c *staff.Commit) Statement {
	return Statement{`INSERT INTO commits (id, nonce, at, os_user, store_user, actor, person) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		[]any{int64(c.ID), c.Nonce, c.At, c.Actor.OSUser, c.Actor.StoreUser, c.Actor.Claimed, c.Actor.Person}}
}

// rowsOf makes a row of each thing, but where the row is nil.
func rowsOf[T any](things []T, row func(T) []any) [][]any {
	var rows [][]any
	for _, t := range things {
		if r := row(t); r != nil {
			rows = append(rows, r)
		}
	}
	return rows
}

// added makes rows of what a commit adds, changed of what it changes, and
// removed of the ids of what it deletes.
func added[T any](diffs []staff.Diff[T], row func(*T) []any) [][]any {
	return rowsOf(diffs, func(d staff.Diff[T]) []any {
		if d.Before != nil {
			return nil
		}
		return row(d.After)
	})
}

func changed[T any](diffs []staff.Diff[T], row func(*T) []any) [][]any {
	return rowsOf(diffs, func(d staff.Diff[T]) []any {
		if d.Before == nil || d.After == nil {
			return nil
		}
		return row(d.After)
	})
}

func removed[T any](diffs []staff.Diff[T], id func(*T) staff.ID) [][]any {
	return rowsOf(diffs, func(d staff.Diff[T]) []any {
		if d.After != nil {
			return nil
		}
		return []any{int64(id(d.Before))}
	})
}

// updateMembers writes the members that change: those who may lose what made
// them an owner or an administrator apart from the others.
func (b *batch) updateMembers(c *staff.Commit, gains bool) {
	b.rows(update(`members`, memberWritten), rowsOf(c.Members, func(d staff.Diff[staff.Member]) []any {
		if d.Before == nil || d.After == nil || loses(d) == gains {
			return nil
		}
		return memberValues(d.After)
	}))
}

// loses reports whether the change may end what made the member an owner or an
// administrator.
func loses(d staff.Diff[staff.Member]) bool {
	before, after := d.Before, d.After
	could := !before.Suspended && (before.Access.Kind == staff.AccessAll || before.Access.Kind == staff.AccessRole)
	stays := after.Access.Kind == staff.AccessAll || after.Access.Kind == before.Access.Kind && after.Access.Role == before.Access.Role
	return could && (after.Suspended || !stays)
}

// letGo frees the e-mails, usernames and names of subaccounts that the commit takes
// from somebody, since others may get them in the same commit.
func (b *batch) letGo(c *staff.Commit) {
	b.rows(`UPDATE members SET email_key = char(1) || id, username = NULL, username_key = NULL FROM given WHERE id = given.value ->> 0`,
		rowsOf(c.Members, func(d staff.Diff[staff.Member]) []any {
			if d.Before == nil || d.After != nil && d.After.Email == d.Before.Email && d.After.Username() == d.Before.Username() {
				return nil
			}
			return []any{int64(d.Before.ID)}
		}))
	b.rows(`UPDATE logins SET username_key = char(1) || id FROM given WHERE id = given.value ->> 0`,
		rowsOf(c.Logins, func(d staff.Diff[staff.Login]) []any {
			if d.Before == nil || d.After != nil && d.After.Username == d.Before.Username {
				return nil
			}
			return []any{int64(d.Before.ID)}
		}))
	b.rows(`UPDATE members SET subaccount = NULL, pending = 0 FROM given WHERE id = given.value ->> 0`,
		rowsOf(c.Members, func(d staff.Diff[staff.Member]) []any {
			if d.After != nil || d.Before.Subaccount == "" {
				return nil
			}
			return []any{int64(d.Before.ID)}
		}))
}

// allow writes of the accounts what may allow new subaccounts: a plan that has
// some, and sender addresses that are none any more.
func (b *batch) allow(c *staff.Commit) {
	for _, d := range c.Accounts {
		if d.Before == nil || d.After == nil {
			continue
		}
		if !slices.Equal(d.Before.Senders, d.After.Senders) {
			b.add(`DELETE FROM sender_addresses WHERE account_id = ?`, int64(d.Before.ID))
		}
		if d.Before.Tariff != d.After.Tariff && d.After.Tariff == staff.Enterprise {
			b.add(`UPDATE accounts SET plan = ? WHERE id = ?`, string(d.After.Tariff), int64(d.Before.ID))
		}
	}
}

// adds writes the new rows.
func (b *batch) adds(c *staff.Commit) {
	b.rows(insertInto(`accounts`, accountNew), added(c.Accounts, func(a *staff.Account) []any {
		return append(accountValues(a), a.Name, 1, a.CreatedAt)
	}))
	for _, d := range c.Accounts {
		if d.Before == nil {
			b.senders(d.After, nil)
		}
	}
	b.rows(insertInto(`members`, memberNew), added(c.Members, func(m *staff.Member) []any {
		return append(memberValues(m), int64(m.AccountID), m.CreatedAt)
	}))
	b.rows(insertInto(`logins`, loginNew), added(c.Logins, func(l *staff.Login) []any { return append(loginValues(l), l.CreatedAt) }))
}

// updates writes the logins and accounts that change.
func (b *batch) updates(c *staff.Commit) {
	b.rows(update(`logins`, loginWritten), changed(c.Logins, loginValues))
	b.rows(update(`accounts`, accountWritten), changed(c.Accounts, accountValues))
	for _, d := range c.Accounts {
		if d.Before != nil && d.After != nil {
			b.senders(d.After, d.Before.Senders)
		}
	}
}

func (b *batch) removes(c *staff.Commit) {
	members := removed(c.Members, func(m *staff.Member) staff.ID { return m.ID })
	b.deletes(members, `sessions.member_id`, `links.member_id`, `members.id`)
	logins := removed(c.Logins, func(l *staff.Login) staff.ID { return l.ID })
	b.deletes(logins, `links.login_id`, `sign_ins.login_id`, `logins.id`)
}

// deletes deletes the rows whose columns have the ids.
func (b *batch) deletes(ids [][]any, columns ...string) {
	for _, c := range columns {
		table, column, _ := strings.Cut(c, ".")
		b.rows(`DELETE FROM `+table+` WHERE `+column+` IN (SELECT given.value ->> 0 FROM given)`, ids)
	}
}

// whole writes what is not of single rows.
func (b *batch) whole(c *staff.Commit) {
	if c.Catalog != nil {
		// What an invite that is over would have given is not in use.
		b.add(`UPDATE invites SET state = 'expired', version = version + 1 WHERE state = 'pending' AND expires_at <= ?`, c.At)
		b.add(`INSERT INTO catalog (id, body, version) VALUES (1, ?, ?) ON CONFLICT (id) DO UPDATE SET body = excluded.body, version = excluded.version`,
			jsonText(c.Catalog), c.Catalog.Version)
	}
	if c.DropAccount != 0 {
		b.dropAccount(int64(c.DropAccount), c.At)
	}
	b.rows(`UPDATE accounts SET counter = counter + 1 FROM given WHERE id = given.value ->> 0`,
		rowsOf(c.Touched, func(id staff.ID) []any { return []any{int64(id)} }))
	if c.PruneBefore > 0 {
		b.add(`INSERT INTO audit_pruning (before) VALUES (?)`, c.PruneBefore)
		b.add(`DELETE FROM audit WHERE commit_id IN (SELECT id FROM commits WHERE at < ?)`, c.PruneBefore)
		b.add(`DELETE FROM commits WHERE at < ?`, c.PruneBefore)
		b.add(`DELETE FROM audit_pruning`)
	}
}

// dropAccount deletes the account first, so that the rules about its owner and
// administrators, which hold while it exists, let its members go.
func (b *batch) dropAccount(id, at int64) {
	b.add(`UPDATE logins SET version = version + 1 WHERE id IN (SELECT login_id FROM members WHERE account_id = ?)`, id)
	b.add(`DELETE FROM sessions WHERE account_id = ?`, id)
	b.add(`DELETE FROM links WHERE account_id = ?`, id)
	b.add(`DELETE FROM sign_ins WHERE login_id IN (SELECT login_id FROM members WHERE account_id = ?1)
		AND NOT EXISTS (SELECT 1 FROM members WHERE login_id = sign_ins.login_id AND account_id <> ?1)`, id)
	b.add(`DELETE FROM logins WHERE id IN (SELECT login_id FROM members WHERE account_id = ?1)
		AND NOT EXISTS (SELECT 1 FROM members WHERE login_id = logins.id AND account_id <> ?1)`, id)
	b.add(`UPDATE outbox SET state = 'discarded', data = '{}', link_id = NULL, answer = 'the account was deleted', settled_at = ?
		WHERE account_id = ? AND state = 'queued'`, at, id)
	b.add(`DELETE FROM invites WHERE account_id = ?`, id)
	b.add(`DELETE FROM accounts WHERE id = ?`, id)
	b.add(`DELETE FROM sender_addresses WHERE account_id = ?`, id)
	b.add(`DELETE FROM members WHERE account_id = ?`, id)
}

// senders writes the account's sender addresses where they have changed: allow has
// deleted those there were.
func (b *batch) senders(a *staff.Account, before []string) {
	if slices.Equal(a.Senders, before) {
		return
	}
	position := -1
	b.rows(insertInto(`sender_addresses`, `account_id, address_key, address, position`), rowsOf(a.Senders, func(address string) []any {
		position++
		return []any{int64(a.ID), staff.EmailKey(address), address, int64(position)}
	}))
}

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func idOrNull(id staff.ID) any {
	if id == 0 {
		return nil
	}
	return int64(id)
}

func number(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
