package staff

// The actions that the holder of a login takes on a page, signed in. Their
// session goes on; the others of the login end.

// holder returns the member of the session, when it is at one of the stages. An
// open session needs the password too.
func (p *planner) holder(session string, proof *Proof) (*Member, error) {
	v, err := p.facts.signed(p.now.UnixMilli())
	if err != nil {
		return nil, err
	}
	if v.Session.Stage == StageOpen && (proof == nil || proof.login != v.Login.ID || proof.hash != v.Login.PasswordHash) {
		return nil, Errorf(CodeForbidden, "password", "the password is wrong; enter your present one")
	}
	p.person, p.session = v.Login.Email, session
	return p.edit(byID(v.Session.MemberID))
}

func needSession(n *Needs, session string) { n.Session, n.NoAccount = session, true }

// notify mails a notice of a change to the e-mail of the login.
func (p *planner) notify(m *Member, t Template, to string) {
	notice := p.mailTo(m, t)
	notice.To = to
	p.send(notice)
}

type changePassword struct {
	session  string
	proof    *Proof
	password *NewPassword
}

// Kind names the action.
func (changePassword) Kind() string { return "member.choose-password" }

func (a changePassword) needs(n *Needs) { needSession(n, a.session) }

func (a changePassword) plan(p *planner) error {
	m, err := p.holder(a.session, a.proof)
	if err != nil {
		return err
	}
	hash, err := a.password.hashFor(p.staff.Passwords, m)
	if err != nil {
		return err
	}
	same, err := p.staff.Passwords.Verify(string(m.Login.PasswordHash), string(a.password.plain))
	if err != nil {
		return err
	}
	if same {
		return Errorf(CodeInvalid, "new-password", "the new password is the present one; choose another")
	}
	m.Login.PasswordHash, m.Login.MustChange, m.Login.HolderSet = hash, false, true
	p.notify(m, MailPasswordChanged, m.Login.Email)
	return nil
}

type changeUsername struct {
	session, username string
	proof             *Proof
}

// Kind names the action.
func (changeUsername) Kind() string { return "member.choose-username" }

func (a changeUsername) needs(n *Needs) {
	needSession(n, a.session)
	n.NeedUsername(a.username)
}

func (a changeUsername) plan(p *planner) error {
	m, err := p.holder(a.session, a.proof)
	if err != nil {
		return err
	}
	if err := p.setUsername(m, a.username); err != nil {
		return err
	}
	if p.member.before.Username() != m.Username() {
		p.notify(m, MailUsernameChanged, m.Login.Email)
	}
	return nil
}

type changeEmail struct {
	session, email string
	proof          *Proof
}

// Kind names the action.
func (changeEmail) Kind() string { return "member.ask-email" }

func (a changeEmail) needs(n *Needs) { needSession(n, a.session) }

func (a changeEmail) plan(p *planner) error {
	m, err := p.holder(a.session, a.proof)
	if err != nil {
		return err
	}
	email, err := ParseEmail("email", a.email)
	if err != nil {
		return err
	}
	if EmailKey(m.Login.Email) == email.Key {
		return Errorf(CodeInvalid, "email", "%s is the e-mail of the login already", email.Address)
	}
	p.newLink(Link{Purpose: ForEmail, MemberID: m.ID, LoginID: m.Login.ID, Email: email.Address}, ResetLifetime, p.mailTo(m, MailEmail))
	return nil
}

// UseEmail makes the address that a link was mailed to the e-mail of the login.
type UseEmail struct {
	Token Secret `json:"token"`
}

// Kind names the action.
func (UseEmail) Kind() string { return "member.choose-email" }

func (a UseEmail) needs(n *Needs) { n.needLink(a.Token) }

func (a UseEmail) plan(p *planner) error {
	link, m, err := p.openLoginLink(a.Token, ForEmail)
	if err != nil {
		return err
	}
	old := m.Login.Email
	m.Login.Email, m.Login.EmailVerified = link.Email, true
	p.notify(m, MailEmailChanged, old)
	return nil
}

type enrolNumber struct {
	session string
	proof   *Proof
	tan     ID
}

// Kind names the action.
func (enrolNumber) Kind() string { return "member.enrol-number" }

func (a enrolNumber) needs(n *Needs) { needSession(n, a.session) }

func (a enrolNumber) plan(p *planner) error {
	m, err := p.holder(a.session, a.proof)
	if err != nil {
		return err
	}
	tan := p.facts.TAN
	if tan == nil || tan.ID != a.tan || tan.Used || p.now.UnixMilli() >= tan.ExpiresAt {
		return errTANOver()
	}
	if p.facts.Session.Stage == StageRenew {
		if p.facts.Link == nil {
			return noSession()
		}
		if err := p.facts.Link.check(p.now.UnixMilli()); err != nil {
			return err
		}
		p.commit.UsedLink = p.facts.Link.ID
	}
	p.commit.UsedTAN = tan.ID
	m.Login.Mobile = tan.Number
	p.extra = append(p.extra, Change{"second_factor", nil, "enrolled"})
	p.notify(m, MailNumberChanged, m.Login.Email)
	return nil
}

// ResetSecondFactor mails a link behind which the holder of a login gives the
// password and enrols a new number (rule 21).
type ResetSecondFactor struct {
	Member Selector `json:"member"`
}

// Kind names the action.
func (ResetSecondFactor) Kind() string { return "member.reset-second-factor" }

func (a ResetSecondFactor) needs(n *Needs) { n.Members = append(n.Members, a.Member) }

func (a ResetSecondFactor) plan(p *planner) error {
	m, err := p.edit(a.Member)
	switch {
	case err != nil:
		return err
	case m.Login == nil || m.Login.Mobile == "":
		return Errorf(CodeForbidden, "member", "%s has no number enrolled, so there is nothing to reset", m.Email)
	}
	p.newLink(Link{Purpose: ForSecondFactor, MemberID: m.ID, LoginID: m.Login.ID, Email: m.Login.Email}, ResetLifetime, p.mailTo(m, MailSecondFactor))
	return nil
}

// SignOut ends the sessions of a member in the account.
type SignOut struct {
	Member Selector `json:"member"`
}

// Kind names the action.
func (SignOut) Kind() string { return "member.sign-out" }

func (a SignOut) needs(n *Needs) { n.Members, n.History = append(n.Members, a.Member), true }

func (a SignOut) plan(p *planner) error {
	m, err := p.edit(a.Member)
	if err != nil {
		return err
	}
	if d := p.facts.History[m.ID]; d != nil && d.Sessions > 0 {
		p.extra = append(p.extra, Change{"sessions", d.Sessions, 0})
		p.commit.EndSessions = append(p.commit.EndSessions, SessionEnd{Member: m.ID})
	}
	return nil
}

// Unlock lets a person try to sign in again at once, who has to wait after too
// many tries.
type Unlock struct {
	Member Selector `json:"member"`
	keys   []string
}

// Kind names the action.
func (Unlock) Kind() string { return "member.unlock" }

func (a Unlock) needs(n *Needs) { n.Members, n.Tries = append(n.Members, a.Member), a.keys }

func (a Unlock) plan(p *planner) error {
	if _, err := p.edit(a.Member); err != nil {
		return err
	}
	for _, key := range a.keys {
		if n := p.facts.Tries[key]; n > 0 {
			p.extra = []Change{{"failed_sign_ins", n, 0}}
			p.commit.ForgetTries = append(p.commit.ForgetTries, key)
		}
	}
	return nil
}
