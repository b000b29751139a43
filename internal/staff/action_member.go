package staff

import "slices"

// AddMember adds a person to the account, without a login (rule 1).
type AddMember struct {
	Email string `json:"email"`
	Details
	Username  *string   `json:"username,omitempty"` // proposed; nil is the e-mail
	Access    *[]string `json:"access,omitempty"`   // all, none or grants
	Mail      *[]string `json:"mail,omitempty"`
	Suspended *bool     `json:"suspended,omitempty"`
	// Password is a hash from elsewhere, which makes the login of who has none. Who
	// has one keeps it: an import does not bring an old password back.
	Password   *NewPassword `json:"password,omitempty"`
	MustChange bool         `json:"must_change,omitempty"` // with Password: it is temporary
	OnConflict OnConflict   `json:"on_conflict,omitempty"`
}

// Kind names the action.
func (AddMember) Kind() string { return "member.add" }

func (a AddMember) needs(n *Needs) {
	n.Members = append(n.Members, Selector{Kind: "email", Value: a.Email})
	n.NeedUsername(given(a.Username, addressOf(a.Email)))
	n.MemberUsernames = n.MemberUsernames || a.Password != nil
}

func (a AddMember) plan(p *planner) error {
	email, err := ParseEmail("email", a.Email)
	if err != nil {
		return err
	}
	selector := Selector{Kind: "email", Value: email.Address}
	t, err := p.find(selector)
	switch {
	case err != nil:
		return err
	case t == nil:
		return a.add(p, email)
	case a.OnConflict == Skip:
		p.about(t)
		return nil
	case a.OnConflict == Update || a.OnConflict == Same:
		if err := a.update(p, selector); err != nil {
			return err
		}
		return a.OnConflict.check(p, "email")
	default:
		return Errorf(CodeConflict, "email", "%s is a member of account %s already; change it with staffctl member edit, or give --on-conflict skip or update",
			t.now.Email, p.account.now.Name)
	}
}

func (a AddMember) add(p *planner, email Email) error {
	m := &Member{ID: p.newID(), AccountID: p.account.now.ID, Email: email.Address, Salutation: "none",
		Language: p.account.now.Language, Access: NoAccess()}
	p.member, p.before = &tracked[Member]{nil, m}, []field{}
	p.members.add(p.member)
	if err := a.fill(p, m); err != nil {
		return err
	}
	if a.Username != nil {
		if err := p.setUsername(m, *a.Username); err != nil {
			return err
		}
	}
	if err := p.importPassword(m, a.Password, a.MustChange, a.Access != nil); err != nil {
		return err
	}
	return p.checkProposal("username", m)
}

func (a AddMember) update(p *planner, s Selector) error {
	m, err := p.edit(s)
	if err != nil {
		return err
	}
	if a.Access != nil {
		if err := p.checkNoSubaccount(m); err != nil {
			return err
		}
	}
	if err := a.fill(p, m); err != nil {
		return err
	}
	if a.Username != nil && UsernameKey(*a.Username) != UsernameKey(m.Username()) {
		if m.isShared() {
			return Errorf(CodeForbidden, "member", "the login of %s serves other accounts too: only its holder changes its username", m.Email)
		}
		if err := p.setUsername(m, *a.Username); err != nil {
			return err
		}
	}
	if err := p.importPassword(m, a.Password, a.MustChange, a.Access != nil); err != nil {
		return err
	}
	return p.checkOwner(m)
}

func (a AddMember) fill(p *planner, m *Member) (err error) {
	if err := a.apply(m); err != nil {
		return err
	}
	if a.Access != nil {
		if m.Access, err = p.accessOf("access", *a.Access); err != nil {
			return err
		}
	}
	m.Suspended = given(a.Suspended, m.Suspended)
	if a.Mail != nil {
		m.Mail, err = p.mailOf(*a.Mail)
	}
	return err
}

// EditMember changes what is known of a person.
type EditMember struct {
	Member Selector `json:"member"`
	Email  *string  `json:"email,omitempty"`
	Details
	AddPhones    []string `json:"add_phones,omitempty"`    // LABEL=NUMBER
	RemovePhones []string `json:"remove_phones,omitempty"` // LABEL, NUMBER or LABEL=NUMBER
}

// Kind names the action.
func (EditMember) Kind() string { return "member.edit" }

func (a EditMember) needs(n *Needs) {
	n.Members = append(n.Members, a.Member)
	if a.Email != nil {
		n.Senders = append(n.Senders, EmailKey(*a.Email))
		n.Members = append(n.Members, Selector{Kind: "email", Value: *a.Email})
		n.NeedUsername(addressOf(*a.Email))
	}
}

func (a EditMember) plan(p *planner) error {
	m, err := p.edit(a.Member)
	if err != nil {
		return err
	}
	if err := a.apply(m); err != nil {
		return err
	}
	for _, word := range a.RemovePhones {
		if m.Phones, err = removePhone(m.Phones, word); err != nil {
			return err
		}
	}
	for _, s := range a.AddPhones {
		phone, err := ParsePhone(s)
		if err != nil {
			return err
		}
		m.Phones = addPhone(m.Phones, phone)
	}
	if err := checkPhones(m.Phones); err != nil || a.Email == nil {
		return err
	}
	was := m.Email
	if err := p.setEmail(m, *a.Email); err != nil {
		return err
	}
	if m.Pending && m.Email != was {
		p.linkEnded(m)
	}
	return nil
}

// setEmail changes the member's e-mail, and the login's while no other account
// has it.
func (p *planner) setEmail(m *Member, address string) error {
	email, err := ParseEmail("email", address)
	if err != nil {
		return err
	}
	for _, other := range p.others(m, p.members.withEmail(email.Key)) {
		if EmailKey(other.Email) == email.Key {
			return Errorf(CodeConflict, "email", "%s is the e-mail of another member of account %s; choose another", email.Address, p.account.now.Name)
		}
	}
	if m.Subaccount != "" && (slices.Contains(p.facts.Senders, email.Key) || indexOfSender(p.account.now, email.Key) >= 0) {
		return Errorf(CodeConflict, "email", "%s is a sender address of an account and so cannot register a subaccount; choose another", email.Address)
	}
	m.Email = email.Address
	switch {
	case m.Login == nil:
		return p.checkProposal("username", m)
	case m.isShared():
		p.warn("the login of %s serves other accounts too, so its login e-mail stays; its holder can change it", m.Email)
	case m.Login.Email != email.Address:
		m.Login.Email, m.Login.EmailVerified = email.Address, false
	}
	return nil
}

// SetUsername changes the username of a login, or the one proposed.
type SetUsername struct {
	Member   Selector `json:"member"`
	Username string   `json:"username"`
}

// Kind names the action.
func (SetUsername) Kind() string { return "member.set-username" }

func (a SetUsername) needs(n *Needs) {
	n.Members = append(n.Members, a.Member)
	n.NeedUsername(a.Username)
}

func (a SetUsername) plan(p *planner) error {
	m, err := p.edit(a.Member)
	switch {
	case err != nil:
		return err
	case m.isShared() && UsernameKey(a.Username) != UsernameKey(m.Username()):
		return Errorf(CodeForbidden, "member", "the login of %s serves other accounts too: only its holder changes its username", m.Email)
	default:
		return p.setUsername(m, a.Username)
	}
}

func (p *planner) setUsername(m *Member, username string) error {
	username, err := cleanUsername("username", username)
	switch {
	case err != nil:
		return err
	case username == m.Username():
		return nil
	case m.Subaccount != "":
		return Errorf(CodeForbidden, "username", "the username of subaccount %s never changes", m.Username())
	}
	if err := p.checkPrefix("username", username); err != nil {
		return err
	}
	if m.Login == nil {
		m.Proposal = username
		if username == m.Email {
			m.Proposal = ""
		}
		return p.checkProposal("username", m)
	}
	if UsernameKey(username) != UsernameKey(m.Login.Username) && p.isTaken(username) {
		return Errorf(CodeConflict, "username", "username %q is taken; choose another", username)
	}
	m.Login.Username = username
	return p.checkProposal("username", m)
}

// Suspend keeps a person from signing in until [Resume].
type Suspend struct {
	Member Selector `json:"member"`
}

// Kind names the action.
func (Suspend) Kind() string { return "member.suspend" }

func (a Suspend) needs(n *Needs) { n.Members = append(n.Members, a.Member) }

func (a Suspend) plan(p *planner) error {
	m, err := p.edit(a.Member)
	if err != nil {
		return err
	}
	m.Suspended = true
	return p.checkOwner(m)
}

// Resume ends a suspension.
type Resume struct {
	Member Selector `json:"member"`
}

// Kind names the action.
func (Resume) Kind() string { return "member.resume" }

func (a Resume) needs(n *Needs) { n.Members = append(n.Members, a.Member) }

func (a Resume) plan(p *planner) error {
	m, err := p.edit(a.Member)
	if err != nil {
		return err
	}
	m.Suspended = false
	return nil
}

// RemoveMember removes a person from the account, and the login when no other
// account has it.
type RemoveMember struct {
	Member Selector `json:"member"`
}

// Kind names the action.
func (RemoveMember) Kind() string { return "member.remove" }

func (a RemoveMember) needs(n *Needs) { n.Members = append(n.Members, a.Member) }

func (a RemoveMember) plan(p *planner) error {
	m, err := p.edit(a.Member)
	if err != nil {
		return err
	}
	if p.account.now.OwnerID == m.ID {
		return p.ownerStays(m, "removed")
	}
	p.result.Member, p.member.now = m, nil
	return nil
}

// checkOwner refuses what the owner of the account must not become.
func (p *planner) checkOwner(m *Member) error {
	switch {
	case p.account.now.OwnerID != m.ID:
		return nil
	case m.Suspended:
		return p.ownerStays(m, "suspended")
	case m.Access.Kind != AccessAll:
		return p.ownerStays(m, "restricted")
	default:
		return nil
	}
}

func (p *planner) ownerStays(m *Member, what string) error {
	return Errorf(CodeForbidden, "member", "%s owns account %s and cannot be %s; hand it over first with staffctl account set-owner",
		m.Email, p.account.now.Name, what)
}
