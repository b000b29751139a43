package staff

import "time"

// newLink makes a link that ends the ones before it, and the mail that it goes
// out with unless it is shown.
func (p *planner) newLink(l Link, lifetime time.Duration, mail *Mail) {
	l.ID, l.AccountID, l.State = p.staff.IDs.Next(p.now), p.account.now.ID, LinkOpen
	l.CreatedAt, l.ExpiresAt = p.now.UnixMilli(), p.now.Add(lifetime).UnixMilli()
	p.guardLink(&l)
	p.commit.EndLinks = append(p.commit.EndLinks, LinkEnd{Member: l.MemberID, Invite: l.InviteID})
	p.commit.Links = append(p.commit.Links, &l)
	if l.Shown {
		p.result.Link = &l
		p.extra = append(p.extra, Change{"link", nil, "shown"})
		return
	}
	mail.To, mail.LinkID, mail.Data.ExpiresAt = l.Email, l.ID, l.ExpiresAt
	p.extra = append(p.extra, Change{"link", nil, "mailed to " + l.Email})
	p.send(mail)
}

// guardLink holds on to what a link is made for: a link that is planned while
// the person, the login or the invite changes would outlive that change.
func (p *planner) guardLink(l *Link) {
	for _, t := range p.members.withID(l.MemberID) {
		if t.before == nil {
			continue
		}
		p.guard(GuardMember, t.before.ID, t.before.Version)
		if login := t.before.Login; login != nil {
			p.guard(GuardLogin, login.ID, login.Version)
		}
	}
	if t := p.invites.byID[l.InviteID]; t != nil && t.before != nil {
		p.guard(GuardInvite, t.before.ID, t.before.Version)
	}
}

// send puts a mail into the outbox in the same commit.
func (p *planner) send(m *Mail) {
	m.ID, m.AccountID, m.CreatedAt = p.staff.IDs.Next(p.now), p.account.now.ID, p.now.UnixMilli()
	m.Data.At = p.now.UnixMilli()
	m.Data.Account = p.account.now.DisplayName
	p.commit.Mails = append(p.commit.Mails, m)
	if p.result.Mail == nil {
		p.result.Mail = m
	}
}

// mailTo begins a mail to a member.
func (p *planner) mailTo(m *Member, t Template) *Mail {
	mail := &Mail{Template: t, Language: m.Language,
		Data: MailData{Salutation: m.Salutation, FirstName: m.FirstName, LastName: m.LastName, Username: m.Username()}}
	p.describe(mail, m.Access)
	return mail
}

// describe tells what is open by the access, in the mail's language.
func (p *planner) describe(mail *Mail, a Access) {
	in := func(l Label) string {
		if mail.Language == English {
			return l.English
		}
		return l.German
	}
	if r := p.catalog.role(a.Role); r != nil {
		mail.Data.Role = in(r.Label)
	}
	if mail.Data.All = p.catalog.IsFull(a); mail.Data.All {
		return
	}
	for _, key := range p.catalog.OpenAreas(a) {
		mail.Data.Areas = append(mail.Data.Areas, in(p.catalog.area(key).Label))
	}
}

// openLink returns the link that allows the action at hand, and uses it up.
func (p *planner) openLink(token Secret, purpose Purpose) (*Link, error) {
	key, err := p.staff.Key()
	if err != nil {
		return nil, err
	}
	l, err := p.facts.checkLink(key, token, purpose, p.now)
	if err != nil {
		return nil, err
	}
	p.commit.UsedLink, p.person = l.ID, l.Email
	return l, nil
}

// openLoginLink is openLink for a link of a login, with the member that it was
// asked for through.
func (p *planner) openLoginLink(token Secret, purpose Purpose) (*Link, *Member, error) {
	link, err := p.openLink(token, purpose)
	if err != nil {
		return nil, nil, err
	}
	m, err := p.edit(byID(link.MemberID))
	if err != nil {
		return nil, nil, err
	}
	if m.Login == nil || m.Login.ID != link.LoginID {
		return nil, nil, Errorf(CodeNotFound, "token", "the link is not valid, or is no longer; ask for a new one")
	}
	return link, m, nil
}

// ResetPassword mails a link behind which the holder of a login chooses a new
// password.
type ResetPassword struct {
	Member Selector `json:"member"`
	// Show shows the link to who asks for it, and mails nothing.
	Show bool `json:"show,omitempty"`
	// ByHolder is set where the holder has asked, and no operator.
	ByHolder bool `json:"by_holder,omitempty"`
}

// Kind names the action.
func (ResetPassword) Kind() string { return "member.reset-password" }

func (a ResetPassword) needs(n *Needs) { n.Members = append(n.Members, a.Member) }

func (a ResetPassword) plan(p *planner) error {
	m, err := p.edit(a.Member)
	switch {
	case err != nil:
		return err
	case m.Pending:
		return Errorf(CodeForbidden, "member", "subaccount %s is not confirmed yet; mail its link again with staffctl subaccount resend %s", m.Username(), m.Subaccount)
	case m.Login == nil:
		return Errorf(CodeForbidden, "member", "%s has no login yet; set a password with staffctl member set-password, or send an invite with staffctl invite send", m.Email)
	case a.Show && m.isShared():
		return Errorf(CodeForbidden, "show-link", "the login of %s serves other accounts too, so its link is only mailed to its holder; leave out --show-link", m.Email)
	}
	if a.ByHolder {
		p.person = m.Login.Email
	}
	earlier := len(p.commit.EndLinks)
	p.newLink(Link{Purpose: ForReset, MemberID: m.ID, LoginID: m.Login.ID, Email: m.Login.Email, Shown: a.Show}, ResetLifetime, p.mailTo(m, MailReset))
	p.commit.EndLinks = append(p.commit.EndLinks, LinkEnd{Login: m.Login.ID})
	if a.ByHolder { // who is not known yet must not end a link that support has sent
		for i := range p.commit.EndLinks[earlier:] {
			p.commit.EndLinks[earlier+i].Purpose = ForReset
		}
	}
	return nil
}

// ChoosePassword sets the password that the holder of a login has chosen
// behind a link of [ResetPassword].
type ChoosePassword struct {
	Token    Secret       `json:"token"`
	Password *NewPassword `json:"password"`
}

// Kind names the action.
func (ChoosePassword) Kind() string { return "member.choose-password" }

func (a ChoosePassword) needs(n *Needs) { n.needLink(a.Token) }

func (a ChoosePassword) plan(p *planner) error {
	link, m, err := p.openLoginLink(a.Token, ForReset)
	if err != nil {
		return err
	}
	hash, err := a.Password.hashFor(p.staff.Passwords, m)
	if err != nil {
		return err
	}
	l := m.Login
	l.PasswordHash, l.MustChange, l.HolderSet = hash, false, !link.Shown
	l.EmailVerified = l.EmailVerified || !link.Shown
	p.notify(m, MailPasswordChanged, l.Email)
	return nil
}

// byID selects a member by its id alone.
func byID(id ID) Selector { return Selector{Kind: "id", Value: id.String()} }
