package sqlstore

import (
	"context"
	"slices"

	"github.com/staffctl/staffctl/internal/staff"
)

// Commit carries out c as one batch.
func (s *Store) Commit(ctx context.Context, c *staff.Commit) error {
	return s.explain(ctx, s.exec.Write(ctx, batchOf(c)))
}

// batch collects the statements of a commit.
type batch struct{ statements []Statement }

func (b *batch) add(sql string, args ...any) {
	b.statements = append(b.statements, Statement{sql, args})
}

// batchOf orders a commit's statements so that the rules of the schema hold
// after each: rows come before those that refer to them, and who gains full
// access before who loses it.
func batchOf(c *staff.Commit) []Statement {
	b := &batch{}
	b.add(`INSERT INTO commits (id, nonce, at, os_user, store_user, actor, person) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		int64(c.ID), c.Nonce, c.At, c.Actor.OSUser, c.Actor.StoreUser, c.Actor.Claimed, c.Actor.Person)
	b.add(`INSERT INTO guard (ok) VALUES ((SELECT max(version) = ? FROM staffctl_migrations))`, int64(c.Schema))
	b.guards(c)
	b.endLinks(c)
	b.sessions(c)
	b.letGo(c)
	b.adds(c)
	for _, gains := range []bool{true, false} {
		for _, d := range c.Members {
			if d.Before != nil && d.After != nil && gives(d) != gains {
				b.updateMember(d.After)
			}
		}
		if gains {
			b.updates(c)
		}
	}
	b.removes(c)
	b.links(c)
	b.whole(c)
	b.usernames(c)
	for i := range c.Audit {
		b.audit(c.ID, &c.Audit[i])
	}
	return b.statements
}

// gives reports whether the change may end what made the member an owner or an
// administrator.
func gives(d staff.Diff[staff.Member]) bool {
	could := !d.Before.Suspended && (d.Before.Access.Kind == staff.AccessAll || d.Before.Access.Kind == staff.AccessRole)
	return could && (d.After.Suspended || d.After.Access.Kind != staff.AccessAll)
}

// usernames guards that no username which the commit brings is the login of one
// member and the proposal of another in an account: no index can hold that.
func (b *batch) usernames(c *staff.Commit) {
	for _, d := range c.Members {
		if d.After == nil || d.Before != nil && d.Before.Username() == d.After.Username() {
			continue
		}
		// Compared with the parameter, since a column would not use the index.
		b.add(`INSERT INTO guard (ok) VALUES (NOT EXISTS (SELECT 1 FROM logins AS l CROSS JOIN members AS o ON o.login_id = l.id
			CROSS JOIN members AS m INDEXED BY members_proposal ON m.account_id = o.account_id AND m.login_id IS NULL
				AND coalesce(m.username_key, m.email_key) = ?1
			WHERE l.username_key = ?1))`, staff.UsernameKey(d.After.Username()))
	}
}

func (b *batch) guard(table staff.Guarded, id staff.ID, version int64) {
	if table == staff.GuardCatalog {
		id = 1
	}
	b.add(`INSERT INTO guard (ok) VALUES ((SELECT version = ? FROM `+string(table)+` WHERE id = ?))`, version, int64(id))
}

func (b *batch) guards(c *staff.Commit) {
	for _, g := range c.Guards {
		b.guard(g.Table, g.ID, g.Version)
	}
	for _, d := range c.Accounts {
		if d.Before != nil {
			b.guard(staff.GuardAccount, d.Before.ID, d.Before.Version)
		}
	}
	for _, d := range c.Members {
		if d.Before != nil {
			b.guard(staff.GuardMember, d.Before.ID, d.Before.Version)
		}
	}
	for _, d := range c.Logins {
		if d.Before != nil {
			b.guard(staff.GuardLogin, d.Before.ID, d.Before.Version)
		}
	}
	for _, d := range c.Invites {
		if d.Before != nil {
			b.guard(staff.GuardInvite, d.Before.ID, d.Before.Version)
		}
	}
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

// letGo frees the e-mails and usernames that the commit takes from somebody,
// since others may get them in the same commit.
func (b *batch) letGo(c *staff.Commit) {
	for _, d := range c.Members {
		if d.Before != nil && (d.After == nil || d.After.Email != d.Before.Email || d.After.Username() != d.Before.Username()) {
			b.add(`UPDATE members SET email_key = char(1) || id, username = NULL, username_key = NULL WHERE id = ?`, int64(d.Before.ID))
		}
	}
	for _, d := range c.Logins {
		if d.Before != nil && (d.After == nil || d.After.Username != d.Before.Username) {
			b.add(`UPDATE logins SET username_key = char(1) || id WHERE id = ?`, int64(d.Before.ID))
		}
	}
}

// adds writes the new rows.
func (b *batch) adds(c *staff.Commit) {
	for _, d := range c.Accounts {
		if d.Before == nil {
			b.insertAccount(d.After)
			b.senders(d.After, nil)
		}
	}
	for _, d := range c.Members {
		if d.Before == nil {
			b.insertMember(d.After)
		}
	}
	for _, d := range c.Logins {
		if d.Before == nil {
			b.insertLogin(d.After)
		}
	}
}

// updates writes the logins and accounts that change.
func (b *batch) updates(c *staff.Commit) {
	for _, d := range c.Logins {
		if d.Before != nil && d.After != nil {
			b.updateLogin(d.After)
		}
	}
	for _, d := range c.Accounts {
		if d.Before != nil && d.After != nil {
			b.updateAccount(d.After)
			b.senders(d.After, d.Before.Senders)
		}
	}
}

func (b *batch) removes(c *staff.Commit) {
	for _, d := range c.Members {
		if d.After == nil {
			b.add(`DELETE FROM sessions WHERE member_id = ?`, int64(d.Before.ID))
			b.add(`DELETE FROM links WHERE member_id = ?`, int64(d.Before.ID))
			b.add(`DELETE FROM members WHERE id = ?`, int64(d.Before.ID))
		}
	}
	for _, d := range c.Logins {
		if d.After == nil {
			b.add(`DELETE FROM links WHERE login_id = ?`, int64(d.Before.ID))
			b.add(`DELETE FROM sign_ins WHERE login_id = ?`, int64(d.Before.ID))
			b.add(`DELETE FROM logins WHERE id = ?`, int64(d.Before.ID))
		}
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
	for _, id := range c.Touched {
		b.add(`UPDATE accounts SET counter = counter + 1 WHERE id = ?`, int64(id))
	}
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

func (b *batch) audit(commit staff.ID, e *staff.AuditEntry) {
	b.add(`INSERT INTO audit (id, commit_id, action, account, member_id, subject, before, after) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
		int64(e.ID), int64(commit), e.Action, e.Account, idOrNull(e.MemberID), e.Subject, orNull(e.Before), orNull(e.After))
}

// senders writes the account's sender addresses where they have changed.
func (b *batch) senders(a *staff.Account, before []string) {
	if slices.Equal(a.Senders, before) {
		return
	}
	b.add(`DELETE FROM sender_addresses WHERE account_id = ?`, int64(a.ID))
	for i, address := range a.Senders {
		b.add(`INSERT INTO sender_addresses (account_id, address_key, address, position) VALUES (?, ?, ?, ?)`,
			int64(a.ID), staff.EmailKey(address), address, int64(i))
	}
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
