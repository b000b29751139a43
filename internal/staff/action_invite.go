package staff

import (
	"cmp"
	"slices"
	"time"
)

// SendInvite asks a person by mail to join the account (rules 13 to 15).
type SendInvite struct {
	Email      string        `json:"email"`
	Access     []string      `json:"access"`             // all or grants
	Expires    time.Duration `json:"expires,omitempty"`  // 0: 72 hours
	Language   *string       `json:"language,omitempty"` // nil: the member's, or the account's
	OnConflict OnConflict    `json:"on_conflict,omitempty"`
	Show       bool          `json:"show,omitempty"`
	// NoMail makes no link: invite resend does.
	NoMail bool `json:"no_mail,omitempty"`
}

// Kind names the action.
func (SendInvite) Kind() string { return "invite.send" }

func (a SendInvite) needs(n *Needs) {
	n.Members = append(n.Members, Selector{Kind: "email", Value: a.Email})
	n.InviteEmails = append(n.InviteEmails, EmailKey(a.Email))
}

func (a SendInvite) plan(p *planner) error {
	email, err := ParseEmail("email", a.Email)
	if err != nil {
		return err
	}
	if t := p.letIn(email); t != nil && a.OnConflict == Skip {
		p.about(t)
		return nil
	}
	member, err := p.checkInvitee(email)
	if err != nil {
		return err
	}
	if member != nil && member.Version > 0 { // who must not get a login meanwhile
		p.guard(GuardMember, member.ID, member.Version)
	}
	if t := p.pendingInvite(email.Key, 0); t != nil {
		return a.conflict(p, t)
	}
	i := &Invite{ID: p.newID(), AccountID: p.account.now.ID, Email: email.Address, State: InvitePending, Language: p.account.now.Language}
	if member != nil {
		i.Language = member.Language
	}
	p.invite, p.before = &tracked[Invite]{nil, i}, []field{}
	p.invites.add(p.invite)
	return a.send(p, i)
}

// pendingInvite returns the pending invite for the e-mail key beside the one with
// the id, or nil; one that has expired makes place.
func (p *planner) pendingInvite(key string, beside ID) (pending *tracked[Invite]) {
	for _, t := range p.invites.byEmail[key] {
		switch {
		case t.now.ID == beside || t.now.State != InvitePending:
		case t.now.Status(p.now.UnixMilli()) == InvitePending:
			pending = t
		default:
			p.keep(t)
			t.now.State = InviteExpired
		}
	}
	return pending
}

// letIn returns the member with the e-mail who has a login, as after an invite that
// was accepted.
func (p *planner) letIn(email Email) *tracked[Member] {
	if t, err := p.find(Selector{Kind: "email", Value: email.Address}); err == nil && t != nil && t.now.Login != nil {
		return t
	}
	return nil
}

// checkInvitee refuses whom an invite would give nothing, and returns the
// member without login who has the e-mail.
func (p *planner) checkInvitee(email Email) (*Member, error) {
	t, err := p.find(Selector{Kind: "email", Value: email.Address})
	switch {
	case err != nil || t == nil:
		return nil, err
	case t.now.Pending:
		return nil, Errorf(CodeConflict, "email", "%s is subaccount %s, which is not confirmed yet; mail its link again with staffctl subaccount resend %s",
			t.now.Email, t.now.Username(), t.now.Subaccount)
	case t.now.Login != nil:
		return nil, Errorf(CodeConflict, "email", "%s is a member of account %s already and can sign in; change what is open with staffctl member set-access",
			t.now.Email, p.account.now.Name)
	case t.now.Suspended:
		return nil, Errorf(CodeForbidden, "email", "%s is suspended in account %s; resume them first with staffctl member resume", t.now.Email, p.account.now.Name)
	default:
		return t.now, nil
	}
}

// conflict treats an e-mail that has a pending invite.
func (a SendInvite) conflict(p *planner, t *tracked[Invite]) error {
	p.aboutInvite(t)
	switch a.OnConflict {
	case Skip:
		return nil
	case Update, Same:
		was := t.now.clone()
		if err := a.fill(p, t.now); err != nil || same(was.Access.List(), t.now.Access.List()) && was.Language == t.now.Language {
			return err // what is so already is not mailed again
		}
		if a.OnConflict == Same {
			return Errorf(CodeConflict, "email", "%s has a pending invite to account %s already that differs; give --on-conflict skip or update", t.now.Email, p.account.now.Name)
		}
		return a.send(p, t.now)
	default:
		return Errorf(CodeConflict, "email", "%s has a pending invite to account %s already; mail it again with staffctl invite resend %d, or give --on-conflict skip or update",
			t.now.Email, p.account.now.Name, t.now.ID)
	}
}

// fill checks what the invite gives and writes it to i.
func (a SendInvite) fill(p *planner, i *Invite) (err error) {
	if i.Access, err = p.accessOf("access", a.Access); err != nil {
		return err
	}
	if i.Access.Kind == AccessNone {
		return Errorf(CodeInvalid, "access", "an invite opens something: give all or grants; somebody who only gets mails needs no invite, see staffctl member add")
	}
	i.Language = Language(given(a.Language, string(i.Language)))
	return checkChoice("language", string(i.Language), Languages)
}

// send fills the invite and makes its link.
func (a SendInvite) send(p *planner, i *Invite) error {
	if err := a.fill(p, i); err != nil {
		return err
	}
	lifetime := cmp.Or(a.Expires, InviteLifetime)
	if lifetime < time.Minute || lifetime > MaxInviteLifetime {
		return Errorf(CodeInvalid, "expires", "an invite lasts from a minute to 7 days, not %s", lifetime)
	}
	actor := p.staff.Actor()
	i.Sender = cmp.Or(actor.Claimed, actor.StoreUser, actor.OSUser)
	if a.NoMail {
		i.ExpiresAt = p.now.Add(lifetime).UnixMilli()
		p.commit.EndLinks = append(p.commit.EndLinks, LinkEnd{Invite: i.ID})
		return p.checkInvitedOwner(i)
	}
	return p.inviteLink(i, lifetime, a.Show)
}

// checkInvitedOwner refuses an invite that would restrict the owner.
func (p *planner) checkInvitedOwner(i *Invite) error {
	t, _ := p.find(Selector{Kind: "email", Value: i.Email})
	if t == nil || p.account.now.OwnerID != t.now.ID || i.Access.Kind == AccessAll {
		return nil
	}
	return Errorf(CodeForbidden, "access", "%s owns account %s, and an owner has access all: give that, or hand the account over first with staffctl account set-owner",
		i.Email, p.account.now.Name)
}

// inviteLink makes the link of an invite, which then lasts as long as the link.
func (p *planner) inviteLink(i *Invite, lifetime time.Duration, show bool) error {
	mail := &Mail{Template: MailInvite, Language: i.Language}
	p.describe(mail, i.Access)
	if err := p.checkInvitedOwner(i); err != nil {
		return err
	}
	if t, _ := p.find(Selector{Kind: "email", Value: i.Email}); t != nil {
		mail.Data.Salutation, mail.Data.FirstName, mail.Data.LastName = t.now.Salutation, t.now.FirstName, t.now.LastName
	}
	i.ExpiresAt = p.now.Add(lifetime).UnixMilli()
	p.newLink(Link{Purpose: ForInvite, InviteID: i.ID, Email: i.Email, Shown: show}, lifetime, mail)
	return nil
}

// editInvite makes the invite with the id what the action is about.
func (p *planner) editInvite(id ID) (*Invite, error) {
	t := p.invites.byID[id]
	if t == nil {
		return nil, noInvite(id, p.account.now)
	}
	p.aboutInvite(t)
	return p.invite.now, nil
}

// ResendInvite mails a new link for a pending or expired invite, and ends the
// old one (rule 15).
type ResendInvite struct {
	Invite ID   `json:"invite"`
	Show   bool `json:"show,omitempty"`
}

// Kind names the action.
func (ResendInvite) Kind() string { return "invite.resend" }

func (a ResendInvite) needs(n *Needs) { n.InviteIDs = append(n.InviteIDs, a.Invite) }

func (a ResendInvite) plan(p *planner) error {
	i, err := p.editInvite(a.Invite)
	if err != nil {
		return err
	}
	if i.State == InviteAccepted || i.State == InviteRevoked {
		return Errorf(CodeForbidden, "invite", "the invite of %s is %s; send another with staffctl invite send", i.Email, i.State)
	}
	email, err := ParseEmail("email", i.Email)
	if err != nil {
		return err
	}
	if _, err := p.checkInvitee(email); err != nil {
		return err
	}
	if t := p.pendingInvite(email.Key, i.ID); t != nil {
		return Errorf(CodeConflict, "invite", "%s has a newer invite, %d; mail that again", i.Email, t.now.ID)
	}
	if i.Access, err = p.accessOf("access", i.Access.List()); err != nil {
		return err // a grant was dropped from the catalog since
	}
	lifetime := i.lifetime()
	i.State = InvitePending
	return p.inviteLink(i, lifetime, a.Show)
}

// lifetime is how long the invite lasted when it was sent last. One that has
// made place for a newer one no longer tells.
func (i *Invite) lifetime() time.Duration {
	if i.State == InviteExpired {
		return InviteLifetime
	}
	return min(max(time.Duration(i.ExpiresAt-i.UpdatedAt)*time.Millisecond, time.Minute), MaxInviteLifetime)
}

// RevokeInvite ends a pending invite (rule 15).
type RevokeInvite struct {
	Invite ID `json:"invite"`
}

// Kind names the action.
func (RevokeInvite) Kind() string { return "invite.revoke" }

func (a RevokeInvite) needs(n *Needs) { n.InviteIDs = append(n.InviteIDs, a.Invite) }

func (a RevokeInvite) plan(p *planner) error {
	i, err := p.editInvite(a.Invite)
	if err != nil {
		return err
	}
	if i.State == InviteAccepted {
		return Errorf(CodeForbidden, "invite", "the invite of %s is accepted; take their access away with staffctl member remove", i.Email)
	}
	i.State = InviteRevoked
	p.commit.EndLinks = append(p.commit.EndLinks, LinkEnd{Invite: i.ID})
	return nil
}

// AcceptInvite joins the account of an invite: with a login that the person has
// (Proof), or with one that it makes (Username, Password and Details).
type AcceptInvite struct {
	Token Secret `json:"token"`
	Proof *Proof `json:"proof,omitempty"`
	// Username of a new login; "" is the one proposed.
	Username string       `json:"username,omitempty"`
	Password *NewPassword `json:"password,omitempty"`
	// SecondFactor says that the person has entered a TAN too, where the login asks
	// for one.
	SecondFactor bool `json:"second_factor,omitempty"`
	Details
}

// Kind names the action.
func (AcceptInvite) Kind() string { return "invite.accept" }

func (a AcceptInvite) needs(n *Needs) {
	n.needLink(a.Token)
	n.MemberUsernames = true
	if a.Proof != nil {
		n.Login = UsernameKey(a.Proof.username)
		n.NeedUsername(a.Proof.username)
	} else if a.Username != "" {
		n.NeedUsername(a.Username)
	}
}

func (a AcceptInvite) plan(p *planner) error {
	link, err := p.openLink(a.Token, ForInvite)
	if err != nil {
		return err
	}
	i, err := p.editInvite(link.InviteID)
	if err != nil {
		return err
	}
	m, err := a.member(p, i)
	if err != nil {
		return err
	}
	if a.Proof != nil {
		err = a.join(p, i, m)
	} else {
		err = a.makeLogin(p, link, m)
	}
	if err != nil {
		return err
	}
	i.State, i.MemberID = InviteAccepted, m.ID
	p.extra = append(p.extra, Change{"invite", nil, i.ID})
	p.guardCat = true
	return p.checkProposal("username", m)
}

// member returns the member that the invite makes, or the one without login
// that it gives one.
func (a AcceptInvite) member(p *planner, i *Invite) (*Member, error) {
	email, err := ParseEmail("email", i.Email)
	if err != nil {
		return nil, err
	}
	if m, err := p.checkInvitee(email); err != nil {
		return nil, err
	} else if m != nil {
		m, err := p.edit(byID(m.ID))
		if err != nil {
			return nil, err
		}
		m.Access = i.Access.clone()
		if err := a.apply(m); err != nil {
			return nil, err
		}
		return m, p.checkOwner(m)
	}
	m := &Member{ID: p.nextID(), AccountID: p.account.now.ID, Email: email.Address, Salutation: "none", Language: i.Language, Access: i.Access.clone()}
	p.member, p.before = &tracked[Member]{nil, m}, []field{}
	p.members.add(p.member)
	if a.Proof != nil && len(p.facts.Serves) > 0 { // the name that the login goes by
		known := p.facts.Serves[0]
		m.Salutation, m.FirstName, m.LastName = known.Salutation, known.FirstName, known.LastName
	}
	return m, a.apply(m)
}

// makeLogin gives the member a login of their own.
func (a AcceptInvite) makeLogin(p *planner, link *Link, m *Member) error {
	if a.Username != "" {
		if err := p.setUsername(m, a.Username); err != nil {
			return err
		}
	}
	username, err := cleanUsername("username", m.Username())
	if err != nil {
		return err
	}
	if err := p.checkPrefix("username", username); err != nil {
		return err
	}
	if p.isTaken(username) {
		return Errorf(CodeConflict, "username", "username %q is taken; choose another, or sign in with the login that has it", username)
	}
	hash, err := a.Password.hashFor(p.staff.Passwords, m)
	if err != nil {
		return err
	}
	p.makeLogin(m)
	m.Login.PasswordHash, m.Login.HolderSet, m.Login.EmailVerified = hash, !link.Shown, !link.Shown
	return nil
}

// join gives the member the login that the person has proven to hold.
func (a AcceptInvite) join(p *planner, i *Invite, m *Member) error {
	l, serves := p.facts.Login, p.facts.Serves
	switch {
	case l == nil || l.ID != a.Proof.login || l.PasswordHash != a.Proof.hash:
		return Errorf(CodeConflict, "username", "the login has changed meanwhile; sign in again")
	case slices.ContainsFunc(serves, func(s Membership) bool { return s.Account == p.account.now.Name }):
		return Errorf(CodeConflict, "username", "login %s is that of a member of account %s already; sign in with another, or make one", l.Username, p.account.now.Name)
	case slices.ContainsFunc(serves, func(s Membership) bool { return s.Subaccount }):
		return Errorf(CodeForbidden, "username", "login %s is that of a subaccount, which serves its account alone; make another login", l.Username)
	case !p.account.now.InviteOtherAddress && EmailKey(l.Email) != EmailKey(i.Email):
		return Errorf(CodeForbidden, "username", "account %s takes only a login with the invited e-mail, %s; make another login", p.account.now.Name, i.Email)
	case l.Mobile != "" && !a.SecondFactor:
		return &Error{Code: CodeForbidden, Field: "username", Cause: ErrSecondFactor, Message: "this login asks for a TAN too: sign in to the portal with it, then open the link again"}
	case !l.HolderSet || !l.EmailVerified:
		return notHolders("set one of your own through its e-mail")
	}
	login := *l
	m.Login, m.Proposal = &login, ""
	p.commit.EndLinks = append(p.commit.EndLinks, LinkEnd{Login: l.ID})
	return nil
}
