package sqlstore

import (
	"github.com/staffctl/staffctl/internal/staff"
)

const (
	inviteColumns = `i.id, i.account_id, i.email, i.language, i.access, i.grants, i.sender, i.state, coalesce(i.member_id, 0), i.expires_at,
		i.version, i.created_at, i.updated_at`
	linkColumns = `k.id, k.purpose, k.account_id, coalesce(k.member_id, 0), coalesce(k.invite_id, 0), coalesce(k.login_id, 0), k.email, k.shown,
		k.state, k.expires_at, k.created_at`
)

func (r *row) invite() *staff.Invite {
	i := &staff.Invite{ID: staff.ID(r.int()), AccountID: staff.ID(r.int()), Email: r.text(), Language: staff.Language(r.text())}
	i.Access = staff.Access{Kind: staff.AccessKind(r.text()), Grants: r.list()}
	i.Sender, i.State, i.MemberID, i.ExpiresAt = r.text(), staff.InviteStatus(r.text()), staff.ID(r.int()), r.int()
	i.Version, i.CreatedAt, i.UpdatedAt = r.int(), r.int(), r.int()
	return i
}

func (r *row) link() *staff.Link {
	return &staff.Link{ID: staff.ID(r.int()), Purpose: staff.Purpose(r.text()), AccountID: staff.ID(r.int()), MemberID: staff.ID(r.int()),
		InviteID: staff.ID(r.int()), LoginID: staff.ID(r.int()), Email: r.text(), Shown: r.bool(), State: staff.LinkState(r.text()),
		ExpiresAt: r.int(), CreatedAt: r.int()}
}

// endLinks uses up the link that allowed the commit, and ends those that it
// makes worthless.
func (b *batch) endLinks(c *staff.Commit) {
	if c.UsedLink != 0 {
		b.add(`UPDATE links SET state = 'used' WHERE id = ?`, int64(c.UsedLink))
	}
	for _, of := range []struct {
		column string
		id     func(staff.LinkEnd) staff.ID
	}{
		{"member_id", func(e staff.LinkEnd) staff.ID { return e.Member }},
		{"invite_id", func(e staff.LinkEnd) staff.ID { return e.Invite }},
		{"login_id", func(e staff.LinkEnd) staff.ID { return e.Login }},
	} {
		b.rows(`UPDATE links SET state = 'ended' FROM given WHERE `+of.column+` = given.value ->> 0 AND state = 'open' AND given.value ->> 1 IN ('', purpose)`,
			rowsOf(c.EndLinks, func(e staff.LinkEnd) []any {
				if of.id(e) == 0 {
					return nil
				}
				return []any{int64(of.id(e)), string(e.Purpose)}
			}))
	}
}

// links writes invites, the links that it makes and the mails that follow.
func (b *batch) links(c *staff.Commit) {
	for _, pending := range []bool{false, true} { // of an e-mail one at most is pending, at any moment
		b.rows(update(`invites`, inviteWritten), rowsOf(c.Invites, func(d staff.Diff[staff.Invite]) []any {
			if d.Before == nil || (d.After.State == staff.InvitePending) != pending {
				return nil
			}
			return inviteValues(d.After)
		}))
	}
	b.rows(insertInto(`invites`, inviteWritten+`, account_id, created_at`), added(c.Invites, func(i *staff.Invite) []any {
		return append(inviteValues(i), int64(i.AccountID), i.CreatedAt)
	}))
	b.rows(insertInto(`links`, `id, purpose, account_id, member_id, invite_id, login_id, email, shown, state, expires_at, created_at`),
		rowsOf(c.Links, func(l *staff.Link) []any {
			return []any{int64(l.ID), string(l.Purpose), int64(l.AccountID), idOrNull(l.MemberID), idOrNull(l.InviteID), idOrNull(l.LoginID), l.Email,
				number(l.Shown), string(l.State), l.ExpiresAt, l.CreatedAt}
		}))
	b.rows(insertInto(`outbox`, `id, account_id, template, language, recipient, data, link_id, state, tries, next_at, leased_until, mark, answer,
		created_at, settled_at`), rowsOf(c.Mails, func(m *staff.Mail) []any {
		return []any{int64(m.ID), int64(m.AccountID), string(m.Template), string(m.Language), m.To, jsonText(m.Data), idOrNull(m.LinkID), "queued", int64(0),
			m.CreatedAt, int64(0), int64(0), "", m.CreatedAt, int64(0)}
	}))
	if c.DiscardMail != 0 {
		b.add(`UPDATE outbox SET state = 'discarded', data = '{}', link_id = NULL, answer = 'discarded by an operator', settled_at = ?
			WHERE id = ? AND state = 'queued'`, c.At, int64(c.DiscardMail))
	}
}

// inviteWritten are the columns that a commit writes of an invite, the id last.
const inviteWritten = `email, email_key, language, access, grants, sender, state, member_id, expires_at, version, updated_at, id`

func inviteValues(i *staff.Invite) []any {
	return []any{i.Email, staff.EmailKey(i.Email), string(i.Language), string(i.Access.Kind), jsonList(i.Access.Grants), i.Sender, string(i.State),
		idOrNull(i.MemberID), i.ExpiresAt, i.Version, i.UpdatedAt, int64(i.ID)}
}

// linkQuestions ask for what a link leads to, for invites, and for a login
// wherever it is.
func linkQuestions(n *staff.Needs, f *staff.Facts) []question {
	var questions []question
	if n.Link != 0 {
		questions = append(questions, each(Statement{`SELECT ` + packed(linkColumns) + ` FROM links AS k WHERE k.id = ?1`, []any{int64(n.Link)}},
			func(r *row) { f.Link = r.link() }))
	}
	if with, where, args := invitesAsked(n); where != "" {
		questions = append(questions, each(Statement{with + `SELECT ` + packed(inviteColumns) + ` FROM invites AS i WHERE ` + where + ` ORDER BY i.id`, args},
			func(r *row) { f.Invites = append(f.Invites, r.invite()) }))
	}
	if n.Login != "" || n.Session != "" {
		where, arg := `l.username_key = ?1`, n.Login
		if n.Session != "" {
			where, arg = `l.id = `+ofSession, n.Session
		}
		questions = append(questions, each(Statement{`SELECT ` + packed(loginColumns) + ` FROM logins AS l WHERE ` + where, []any{arg}},
			func(r *row) { f.Login = &staff.Login{}; r.login(f.Login) }),
			each(Statement{`SELECT ` + packed(`a.id, a.name, a.display_name, a.two_factor, m.id, m.suspended, m.pending, m.subaccount IS NOT NULL, m.salutation, m.first_name, m.last_name`) + ` FROM logins AS l JOIN members AS m ON m.login_id = l.id
				JOIN accounts AS a ON a.id = m.account_id WHERE ` + where + ` ORDER BY m.suspended, m.id`, []any{arg}},
				func(r *row) {
					f.Serves = append(f.Serves, staff.Membership{AccountID: staff.ID(r.int()), Account: r.text(), Name: r.text(),
						TwoFactor: staff.TwoFactor(r.text()), Member: staff.ID(r.int()), Suspended: r.bool(), Pending: r.bool(), Subaccount: r.bool(),
						Salutation: r.text(), FirstName: r.text(), LastName: r.text()})
				}))
	}
	return questions
}

// invitesAsked is the condition that chooses the invites wanted, or "", with what
// stands before the query. Planning also gets the pending ones for the e-mails of
// the members that it asks for.
func invitesAsked(n *staff.Needs) (with, where string, args []any) {
	expr, account := chosen(n)
	switch {
	case n.Link != 0:
		return "", `i.id = (SELECT invite_id FROM links WHERE id = ?1)`, []any{int64(n.Link)}
	case n.AllInvites:
		return "", `i.account_id = ` + expr, []any{account}
	case len(n.InviteIDs) > 0:
		return "", `i.account_id = ` + expr + ` AND (i.id IN (SELECT value FROM json_each(?2)) OR i.state = 'pending'
			AND i.email_key IN (SELECT email_key FROM invites WHERE id IN (SELECT value FROM json_each(?2))))`, []any{account, jsonText(n.InviteIDs)}
	case !n.Counts || n.Members == nil && n.Subaccounts == nil:
		return "", "", nil
	}
	const pending = `x.account_id = (SELECT account FROM chosen) AND x.state = 'pending' AND x.email_key = `
	with, ways, args := memberWays(n)
	where = `EXISTS (SELECT 1 FROM invites WHERE account_id = (SELECT account FROM chosen) AND state = 'pending') AND i.id IN (
		SELECT x.id FROM members AS m CROSS JOIN invites AS x ON ` + pending + `m.email_key WHERE m.id IN (` + ways + `)`
	if len(n.InviteEmails) > 0 {
		where += ` UNION ALL SELECT x.id FROM ` + keysOf(&args, n.InviteEmails) + ` AS k CROSS JOIN invites AS x ON ` + pending + `k.value`
	}
	return with, where + `)`, args
}
