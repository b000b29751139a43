package staff

import (
	"slices"
	"strings"
)

// Settings are what can be set of an account; nil leaves a field as it is.
type Settings struct {
	DisplayName        *string   `json:"display_name,omitempty"`
	Tariff             *string   `json:"plan,omitempty"`
	TwoFactor          *string   `json:"two_factor,omitempty"`
	Language           *string   `json:"language,omitempty"`
	DefaultAccess      *[]string `json:"default_access,omitempty"`
	InviteOtherAddress *bool     `json:"invite_other_address,omitempty"`
}

func (s Settings) apply(p *planner, a *Account) (err error) {
	if a.DisplayName, err = cleanName("display-name", given(s.DisplayName, a.DisplayName)); err != nil {
		return err
	}
	if a.DisplayName == "" {
		return Errorf(CodeInvalid, "display-name", "the display name is empty; give one, such as the name of the company")
	}
	tariff := given(s.Tariff, string(a.Tariff))
	if err := checkChoice("plan", tariff, Tariffs); err != nil {
		return err
	}
	if n := p.subaccounts(); n > 0 && Tariff(tariff) != Enterprise {
		return Errorf(CodeForbidden, "plan", "account %s has %d subaccounts, which only plan enterprise has; remove them first", a.Name, n)
	}
	a.Tariff = Tariff(tariff)
	a.TwoFactor = TwoFactor(given(s.TwoFactor, string(a.TwoFactor)))
	if err := checkChoice("two-factor", string(a.TwoFactor), TwoFactors); err != nil {
		return err
	}
	a.Language = Language(given(s.Language, string(a.Language)))
	if err := checkChoice("language", string(a.Language), Languages); err != nil {
		return err
	}
	a.InviteOtherAddress = given(s.InviteOtherAddress, a.InviteOtherAddress)
	if s.DefaultAccess != nil {
		a.DefaultAccess, err = p.accessOf("default-access", *s.DefaultAccess)
	}
	return err
}

// subaccounts counts those that the plan leaves.
func (p *planner) subaccounts() int {
	n := p.facts.Subaccounts
	for _, t := range p.members.all {
		if t.before != nil && t.before.Subaccount != "" {
			n--
		}
		if t.now != nil && t.now.Subaccount != "" {
			n++
		}
	}
	return n
}

// CreateAccount adds an account.
type CreateAccount struct {
	Name string `json:"name"`
	Settings
}

// isAccountName reports whether the name matches ^[a-z0-9]{1,32}$.
func isAccountName(name string) bool {
	return name != "" && len(name) <= 32 && strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789") == ""
}

// Kind names the action.
func (CreateAccount) Kind() string { return "account.create" }

func (a CreateAccount) needs(n *Needs) {
	n.Account, n.NoAccount, n.LoginPrefix = a.Name, true, a.Name+"-"
}

func (a CreateAccount) plan(p *planner) error {
	switch {
	case !isAccountName(a.Name):
		return Errorf(CodeInvalid, "name", "account name %q may hold a to z and 0 to 9, 1 to 32 of them", a.Name)
	case p.account != nil:
		return Errorf(CodeConflict, "name", "account %s exists already; change it with staffctl account set", a.Name)
	case p.facts.LoginWithPrefix != "":
		return Errorf(CodeConflict, "name", "username %q begins with %s-, which would belong to subaccounts of the new account; choose another name",
			p.facts.LoginWithPrefix, a.Name)
	}
	account := &Account{ID: p.staff.IDs.Next(p.now), Name: a.Name, DisplayName: a.Name, Tariff: Standard, TwoFactor: TwoFactorOff,
		Language: German, DefaultAccess: NoAccess(), InviteOtherAddress: true}
	p.account = &tracked[Account]{nil, account}
	p.before = []field{}
	return a.apply(p, account)
}

// SetAccount changes an account's settings.
type SetAccount struct{ Settings }

// Kind names the action.
func (SetAccount) Kind() string { return "account.set" }

func (SetAccount) needs(*Needs) {}

func (a SetAccount) plan(p *planner) error { return a.apply(p, p.editAccount()) }

// SetOwner hands the account to a member with full access.
type SetOwner struct {
	Member Selector `json:"member"`
}

// Kind names the action.
func (SetOwner) Kind() string { return "account.set-owner" }

func (a SetOwner) needs(n *Needs) { n.Members = append(n.Members, a.Member) }

func (a SetOwner) plan(p *planner) error {
	t, err := p.find(a.Member)
	if err != nil {
		return err
	}
	if t == nil {
		return notFound(a.Member, p.account.now)
	}
	if t.now.Access.Kind != AccessAll || t.now.Suspended {
		return Errorf(CodeForbidden, "member", "%s cannot own account %s: an owner has access all and is not suspended; see staffctl member set-access",
			t.now.Email, p.account.now.Name)
	}
	account := p.editAccount()
	account.OwnerID, account.Owner = t.now.ID, t.now.Email
	return nil
}

// DeleteAccount deletes an account with its members, and the logins that serve
// only them.
type DeleteAccount struct{}

// Kind names the action.
func (DeleteAccount) Kind() string { return "account.delete" }

func (DeleteAccount) needs(n *Needs) { n.Size = true }

func (DeleteAccount) plan(p *planner) error {
	p.commit.DropAccount = p.account.before.ID
	p.result.Account, p.result.Removed, p.result.Changed, p.result.Rows = p.account.before, true, true, p.facts.Members
	p.result.Changes = append(compare(p.account.before.fields(), nil), Change{"members", p.facts.Members, nil})
	return nil
}

// AddSender adds an address that the account sends from.
type AddSender struct {
	Address string `json:"address"`
}

// Kind names the action.
func (AddSender) Kind() string { return "account.sender-add" }

func (a AddSender) needs(n *Needs) { n.Registrations = append(n.Registrations, EmailKey(a.Address)) }

func (a AddSender) plan(p *planner) error {
	email, err := ParseEmail("address", a.Address)
	if err != nil {
		return err
	}
	if p.registers(email.Key) {
		return Errorf(CodeConflict, "address", "%s registers a subaccount and so cannot be a sender address; choose another", email.Address)
	}
	account := p.editAccount()
	if indexOfSender(account, email.Key) < 0 {
		account.Senders = append(account.Senders, email.Address)
	}
	return nil
}

// registers reports whether the e-mail key is that of a subaccount somewhere in
// what the plan leaves.
func (p *planner) registers(key string) bool {
	n := 0
	for _, k := range p.facts.Registrations {
		if k == key {
			n++
		}
	}
	is := func(m *Member) bool { return m != nil && m.Subaccount != "" && EmailKey(m.Email) == key }
	for _, t := range p.members.withEmail(key) {
		if is(t.before) {
			n--
		}
		if is(t.now) {
			n++
		}
	}
	return n > 0
}

// RemoveSender removes an address that the account sends from.
type RemoveSender struct {
	Address string `json:"address"`
}

// Kind names the action.
func (RemoveSender) Kind() string { return "account.sender-remove" }

func (RemoveSender) needs(*Needs) {}

func (a RemoveSender) plan(p *planner) error {
	account := p.editAccount()
	i := indexOfSender(account, EmailKey(a.Address))
	if i < 0 {
		return Errorf(CodeNotFound, "address", "account %s has no sender address %q; see staffctl account sender list", account.Name, a.Address)
	}
	account.Senders = slices.Delete(slices.Clone(account.Senders), i, i+1) // the audit keeps the old list
	return nil
}

func indexOfSender(a *Account, key string) int {
	return slices.IndexFunc(a.Senders, func(s string) bool { return EmailKey(s) == key })
}
