package staff

import "slices"

// finish turns what has changed into the commit.
func (p *planner) finish() {
	if len(p.commit.Audit) == 0 {
		return
	}
	p.commit.Actor = p.staff.Actor()
	p.commit.Actor.Person = p.person
	at := p.now.UnixMilli()
	for _, t := range p.members.all {
		p.finishMember(t, at)
	}
	for _, t := range p.invites.all {
		p.finishInvite(t, at)
	}
	p.commit.Invites = pendingLast(p.commit.Invites)
	p.finishAccount(at)
	p.finishAudit()
	if p.guardCat && p.commit.Catalog == nil {
		p.guard(GuardCatalog, 0, p.facts.Catalog.Version)
	}
}

func (p *planner) finishAccount(at int64) {
	switch a := p.account; {
	case a == nil || !p.ofAccount:
	case p.commit.DropAccount != 0:
		p.guard(GuardAccount, a.before.ID, a.before.Version)
	case a.before == nil:
		a.now.Version, a.now.CreatedAt, a.now.UpdatedAt = 1, at, at
		p.commit.Accounts = append(p.commit.Accounts, Diff[Account]{nil, a.now})
	default:
		p.commit.Touched = append(p.commit.Touched, a.before.ID)
		if len(compare(a.before.fields(), a.now.fields())) == 0 {
			p.guard(GuardAccount, a.before.ID, a.before.Version)
			return
		}
		a.now.Version, a.now.UpdatedAt = a.before.Version+1, at
		p.commit.Accounts = append(p.commit.Accounts, Diff[Account]{a.before, a.now})
	}
}

func (p *planner) finishMember(t *tracked[Member], at int64) {
	before, now := t.before, t.now
	if now == nil && before == nil {
		return
	}
	p.finishLogin(loginOf(before), loginOf(now), at)
	p.endLinks(before, now)
	p.endSessions(before, now)
	switch {
	case before == nil:
		now.Version, now.CreatedAt, now.UpdatedAt = 1, at, at
	case now != nil && len(compare(before.fields(), now.fields())) == 0:
		if slices.Contains(p.guarded(), before.ID) {
			p.guard(GuardMember, before.ID, before.Version)
		}
		return
	case now != nil:
		now.Version, now.UpdatedAt = before.Version+1, at
	}
	p.commit.Members = append(p.commit.Members, Diff[Member]{before, now})
}

// guarded lists the members that the account's own row depends on.
func (p *planner) guarded() []ID {
	if p.account == nil || p.account.now == nil || p.account.before == nil || p.account.now.OwnerID == p.account.before.OwnerID {
		return nil
	}
	return []ID{p.account.now.OwnerID}
}

func loginOf(m *Member) *Login {
	if m == nil {
		return nil
	}
	return m.Login
}

// finishLogin writes a login that is new or changed and deletes the one that
// served only the member removed.
func (p *planner) finishLogin(before, now *Login, at int64) {
	switch {
	case before == nil && now == nil:
		return
	case before == nil && now.Version > 0: // of another account's member, who joins
		kept := *now
		before = &kept
		now.Accounts++
		now.Version, now.UpdatedAt = now.Version+1, at
	case before == nil:
		now.Version, now.CreatedAt, now.UpdatedAt = 1, at, at
	case now == nil && before.Accounts > 1:
		// Raising the version makes two accounts that let go of it at once meet.
		kept := *before
		kept.Accounts--
		kept.Version++
		now = &kept
	case now != nil && *before == *now:
		return
	case now != nil:
		now.Version, now.UpdatedAt = before.Version+1, at
	}
	p.commit.Logins = append(p.commit.Logins, Diff[Login]{before, now})
}

// endLinks ends the links of a person who has changed in what links are bound
// to; those of a person who is gone go with them.
func (p *planner) endLinks(before, now *Member) {
	if before == nil || now == nil {
		return
	}
	if before.Email != now.Email || !same(before.Access.List(), now.Access.List()) {
		p.commit.EndLinks = append(p.commit.EndLinks, LinkEnd{Member: now.ID})
	}
	was, is := before.Login, now.Login
	if was != nil && is != nil && (was.PasswordHash != is.PasswordHash || was.Email != is.Email || was.Username != is.Username || was.Mobile != is.Mobile) {
		p.commit.EndLinks = append(p.commit.EndLinks, LinkEnd{Login: is.ID})
	}
}

// endSessions ends the sessions of a person who is suspended or has changed in
// what they sign in with (rule 20); those of a person who is gone go with them.
func (p *planner) endSessions(before, now *Member) {
	if before == nil || now == nil {
		return
	}
	if now.Suspended && !before.Suspended {
		p.commit.EndSessions = append(p.commit.EndSessions, SessionEnd{Member: now.ID})
	}
	was, is := before.Login, now.Login
	if was != nil && is != nil && (was.PasswordHash != is.PasswordHash || was.Username != is.Username || was.Mobile != is.Mobile) {
		p.commit.EndSessions = append(p.commit.EndSessions, SessionEnd{Login: is.ID, Except: p.session})
	}
}

func (p *planner) finishInvite(t *tracked[Invite], at int64) {
	before, now := t.before, t.now
	switch {
	case before == nil:
		now.Version, now.CreatedAt, now.UpdatedAt = 1, at, at
	case len(compare(before.fields(), now.fields())) == 0:
		return
	default:
		now.Version, now.UpdatedAt = before.Version+1, at
	}
	p.commit.Invites = append(p.commit.Invites, Diff[Invite]{before, now})
}

func (p *planner) guard(table Guarded, id ID, version int64) {
	p.commit.Guards = append(p.commit.Guards, Guard{table, id, version})
}

// checkAdministrators holds rule 5: an account that had an administrator keeps
// one.
func (p *planner) checkAdministrators() error {
	left := p.facts.Administrators
	var last *Member
	for _, t := range p.members.all {
		was, is := p.isAdministrator(p.facts.Catalog, t.before), p.isAdministrator(p.catalog, t.now)
		switch {
		case was && !is:
			left--
			last = t.before
		case is && !was:
			left++
		}
	}
	if p.facts.Administrators == 0 || left > 0 {
		return nil
	}
	return lastAdministrator(last, p.account.now.Name)
}

// lastAdministrator refuses to take the last administrator away, who is nil where
// the catalog does.
func lastAdministrator(m *Member, account string) error {
	if m == nil {
		return Errorf(CodeForbidden, "", "account %s would have no administrator left; give somebody who can sign in full access first", account)
	}
	return Errorf(CodeForbidden, "member", "%s is the last administrator of account %s; give somebody else who can sign in full access first", m.Email, account)
}

func (p *planner) isAdministrator(c *Catalog, m *Member) bool {
	return m != nil && m.Login != nil && !m.Suspended && !m.Pending && c.IsFull(m.Access)
}
