package staff

import (
	"slices"
	"strings"
)

// CreateSubaccount adds a subaccount and mails the link behind which its
// holder sets a password (rules 7 to 10).
type CreateSubaccount struct {
	Name  string `json:"name"` // after the prefix
	Email string `json:"email"`
	Role  string `json:"role"`
	Details
	Mail      *[]string `json:"mail,omitempty"`
	Suspended *bool     `json:"suspended,omitempty"`
	// Password is a hash from elsewhere, where the holder has confirmed already: it
	// makes the login of who has none, and no link.
	Password   *NewPassword `json:"password,omitempty"`
	MustChange bool         `json:"must_change,omitempty"` // with Password: it is temporary
	OnConflict OnConflict   `json:"on_conflict,omitempty"`
	Show       bool         `json:"show,omitempty"`
	// NoMail makes no link: subaccount resend does.
	NoMail bool `json:"no_mail,omitempty"`
}

// Kind names the action.
func (CreateSubaccount) Kind() string { return "subaccount.create" }

func (a CreateSubaccount) needs(n *Needs) {
	n.Members = append(n.Members, Selector{Kind: "email", Value: a.Email})
	n.Subaccounts = append(n.Subaccounts, a.Name)
	n.Senders = append(n.Senders, EmailKey(a.Email))
}

// isSubaccountName reports whether the name matches ^[a-z0-9][a-z0-9-]{0,31}$.
func isSubaccountName(name string) bool {
	return name != "" && len(name) <= 32 && name[0] != '-' &&
		!slices.ContainsFunc([]byte(name), func(c byte) bool { return (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' })
}

func (a CreateSubaccount) plan(p *planner) error {
	account := p.account.now
	switch {
	case !isSubaccountName(a.Name):
		return Errorf(CodeInvalid, "name", "subaccount name %q may hold a to z, 0 to 9 and hyphens, 1 to 32 of them, the first no hyphen; leave out %s-, which is put before it",
			a.Name, account.Name)
	case account.Tariff != Enterprise:
		return Errorf(CodeForbidden, "plan", "account %s is on plan %s, and only plan enterprise has subaccounts; change it with staffctl account set %s --plan enterprise",
			account.Name, account.Tariff, account.Name)
	}
	if t := p.subaccount(a.Name); t != nil {
		return a.conflict(p, t)
	}
	m := &Member{ID: p.newID(), AccountID: account.ID, Salutation: "none", Language: account.Language,
		Subaccount: a.Name, Proposal: account.Name + "-" + a.Name, Pending: true, LastName: a.Name}
	if given(a.FirstName, "") != "" && a.LastName == nil {
		m.LastName = ""
	}
	p.member, p.before = &tracked[Member]{nil, m}, []field{}
	if err := a.fill(p, m); err != nil {
		return err
	}
	p.members.add(p.member)
	if err := a.open(p, m); err != nil {
		return err
	}
	return p.checkProposal("name", m)
}

// open lets the holder in: by a password that they have, or by a link.
func (a CreateSubaccount) open(p *planner, m *Member) error {
	switch {
	case a.Password != nil:
		p.commit.EndLinks = append(p.commit.EndLinks, LinkEnd{Member: m.ID})
		return p.importPassword(m, a.Password, a.MustChange, true)
	case a.NoMail:
		p.commit.EndLinks = append(p.commit.EndLinks, LinkEnd{Member: m.ID})
	default:
		p.confirmation(m, a.Show)
	}
	return nil
}

// conflict treats a name that a subaccount has already.
func (a CreateSubaccount) conflict(p *planner, t *tracked[Member]) error {
	p.about(t)
	switch a.OnConflict {
	case Skip:
		return nil
	case Update, Same:
		if err := a.update(p, t.now); err != nil {
			return err
		}
		return a.OnConflict.check(p, "name")
	default:
		return Errorf(CodeConflict, "name", "subaccount %s exists already; change it with staffctl subaccount set-role, or give --on-conflict skip or update", t.now.Username())
	}
}

func (a CreateSubaccount) update(p *planner, m *Member) error {
	wasEmail, wasRole := m.Email, m.Access.Role
	if err := a.fill(p, m); err != nil {
		return err
	}
	if m.Pending && (m.Email != wasEmail || m.Access.Role != wasRole || a.Password != nil) {
		return a.open(p, m)
	}
	return nil
}

// fill checks what was asked for and writes it to m.
func (a CreateSubaccount) fill(p *planner, m *Member) error {
	if err := a.apply(m); err != nil {
		return err
	}
	if err := p.setRole(m, a.Role); err != nil {
		return err
	}
	m.Suspended = given(a.Suspended, m.Suspended)
	if a.Mail != nil {
		mail, err := p.mailOf(*a.Mail)
		if err != nil {
			return err
		}
		m.Mail = mail
	}
	return p.setEmail(m, a.Email)
}

// confirmation makes the link that confirms a subaccount.
func (p *planner) confirmation(m *Member, show bool) {
	p.newLink(Link{Purpose: ForConfirmation, MemberID: m.ID, Email: m.Email, Shown: show}, ConfirmationLifetime, p.mailTo(m, MailConfirmation))
}

func (p *planner) setRole(m *Member, role string) error {
	p.guardCat = true
	if err := p.catalog.CheckRole("role", role); err != nil {
		return err
	}
	m.Access = Access{Kind: AccessRole, Role: role}
	return nil
}

// subaccount returns the subaccount with the name, among those that the plan
// leaves, or nil.
func (p *planner) subaccount(name string) *tracked[Member] {
	for _, t := range p.members.withUsername(UsernameKey(p.account.now.Name + "-" + name)) {
		if t.now != nil && t.now.Subaccount == name && name != "" {
			return t
		}
	}
	return nil
}

// editSubaccount is edit for a subaccount, by its name with or without the
// prefix.
func (p *planner) editSubaccount(name string) (*Member, error) {
	t := p.subaccount(name)
	if t == nil {
		t = p.subaccount(strings.TrimPrefix(name, p.account.now.Name+"-"))
	}
	if t == nil {
		return nil, Errorf(CodeNotFound, "name", "no subaccount %q in account %s; see staffctl subaccount list", name, p.account.now.Name)
	}
	p.about(t)
	return t.now, nil
}

// SetRole gives a subaccount another role.
type SetRole struct {
	Name string `json:"name"`
	Role string `json:"role"`
}

// Kind names the action.
func (SetRole) Kind() string { return "subaccount.set-role" }

func (a SetRole) needs(n *Needs) { n.Subaccounts = append(n.Subaccounts, a.Name) }

func (a SetRole) plan(p *planner) error {
	m, err := p.editSubaccount(a.Name)
	if err != nil {
		return err
	}
	was := m.Access.Role
	if err := p.setRole(m, a.Role); err != nil {
		return err
	}
	if m.Pending && was != a.Role {
		p.linkEnded(m)
	}
	return nil
}

// linkEnded warns that a pending subaccount needs a new link.
func (p *planner) linkEnded(m *Member) {
	p.warn("the confirmation link of %s has ended by this; mail a new one with staffctl subaccount resend %s", m.Username(), m.Subaccount)
}

// ResendConfirmation mails a new link to a subaccount that is not confirmed,
// and ends the old one.
type ResendConfirmation struct {
	Name string `json:"name"`
	Show bool   `json:"show,omitempty"`
}

// Kind names the action.
func (ResendConfirmation) Kind() string { return "subaccount.resend" }

func (a ResendConfirmation) needs(n *Needs) { n.Subaccounts = append(n.Subaccounts, a.Name) }

func (a ResendConfirmation) plan(p *planner) error {
	m, err := p.editSubaccount(a.Name)
	if err != nil {
		return err
	}
	if !m.Pending {
		return Errorf(CodeForbidden, "name", "subaccount %s is confirmed already; for another password there is staffctl member reset-password", m.Username())
	}
	if m.Suspended {
		return Errorf(CodeForbidden, "name", "subaccount %s is suspended, so its link would open nothing; resume it first with staffctl member resume %s", m.Username(), m.Username())
	}
	p.confirmation(m, a.Show)
	return nil
}

// RemoveSubaccount removes a subaccount with its login.
type RemoveSubaccount struct {
	Name string `json:"name"`
}

// Kind names the action.
func (RemoveSubaccount) Kind() string { return "subaccount.remove" }

func (a RemoveSubaccount) needs(n *Needs) { n.Subaccounts = append(n.Subaccounts, a.Name) }

func (a RemoveSubaccount) plan(p *planner) error {
	m, err := p.editSubaccount(a.Name)
	if err != nil {
		return err
	}
	p.result.Member, p.member.now = m, nil
	return nil
}

// ConfirmSubaccount sets the password that the holder of a subaccount has
// chosen behind the confirmation link: its login comes into being (rule 10).
type ConfirmSubaccount struct {
	Token    Secret       `json:"token"`
	Password *NewPassword `json:"password"`
	// Username, when given, must be the subaccount's own.
	Username string `json:"username,omitempty"`
}

// Kind names the action.
func (ConfirmSubaccount) Kind() string { return "subaccount.confirm" }

func (a ConfirmSubaccount) needs(n *Needs) {
	n.needLink(a.Token)
	n.MemberUsernames = true
}

func (a ConfirmSubaccount) plan(p *planner) error {
	link, err := p.openLink(a.Token, ForConfirmation)
	if err != nil {
		return err
	}
	m, err := p.edit(byID(link.MemberID))
	switch {
	case err != nil:
		return err
	case m.Suspended:
		return suspendedLink(p.account.now)
	case a.Username != "" && UsernameKey(a.Username) != UsernameKey(m.Username()):
		return Errorf(CodeInvalid, "username", "the username of this subaccount is %s and cannot be chosen", m.Username())
	}
	if err := p.checkFirstLogin(m); err != nil {
		return err
	}
	hash, err := a.Password.hashFor(p.staff.Passwords, m)
	if err != nil {
		return err
	}
	m.Pending = false
	p.makeLogin(m)
	m.Login.PasswordHash, m.Login.HolderSet, m.Login.EmailVerified = hash, !link.Shown, !link.Shown
	return nil
}

func suspendedLink(a *Account) error {
	return Errorf(CodeForbidden, "member", "the person is suspended in account %s; its administrators can resume them", a.Name)
}
