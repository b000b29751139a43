package staff

import "slices"

// NewPassword is a password on its way to a member: in plain text, or as a
// hash from elsewhere. It never prints what it holds.
type NewPassword struct {
	plain, foreign, hash Secret
}

// PlainPassword is a password that somebody typed or that was generated.
func PlainPassword(plain string) *NewPassword { return &NewPassword{plain: Secret(plain)} }

// HashedPassword is a password hash from elsewhere, as a PHC string.
func HashedPassword(phc string) *NewPassword { return &NewPassword{foreign: Secret(phc)} }

// String hides the password.
func (NewPassword) String() string { return "set" }

// GoString hides the password from %#v.
func (NewPassword) GoString() string { return `"set"` }

// MarshalText hides the password from JSON and the like.
func (NewPassword) MarshalText() ([]byte, error) { return []byte("set"), nil }

// hashFor checks the password for the member and returns its hash, which is
// made once however often the command is planned.
func (n *NewPassword) hashFor(passwords Passwords, m *Member) (Secret, error) {
	if n == nil {
		return "", Errorf(CodeInvalid, "password", "the password is missing")
	}
	if n.foreign != "" {
		return n.foreign, passwords.CheckHash(string(n.foreign))
	}
	prepared, err := passwords.Prepare(string(n.plain), []string{m.FirstName, m.LastName, m.Email, m.Username()})
	if err != nil || n.hash != "" {
		return n.hash, err
	}
	hash, err := passwords.Hash(prepared)
	n.hash = Secret(hash)
	return n.hash, err
}

// SetPassword sets a member's password. The first one makes the login (rule 2).
type SetPassword struct {
	Member     Selector     `json:"member"`
	Password   *NewPassword `json:"password"`
	MustChange bool         `json:"must_change,omitempty"` // temporary
}

// Kind names the action.
func (SetPassword) Kind() string { return "member.set-password" }

func (a SetPassword) needs(n *Needs) {
	n.Members, n.MemberUsernames = append(n.Members, a.Member), true
}

func (a SetPassword) plan(p *planner) error {
	m, err := p.edit(a.Member)
	switch {
	case err != nil:
		return err
	case m.Pending:
		return Errorf(CodeForbidden, "member", "subaccount %s is not confirmed: its holder sets the password behind the confirmation link, which staffctl subaccount resend %s mails again", m.Username(), m.Subaccount)
	case m.isShared():
		return Errorf(CodeForbidden, "member", "the login of %s serves other accounts too: only its holder changes its password, by a mailed link", m.Email)
	}
	first := m.Login == nil
	if first {
		if err := p.checkFirstLogin(m); err != nil {
			return err
		}
	}
	hash, err := a.Password.hashFor(p.staff.Passwords, m)
	if err != nil {
		return err
	}
	if first {
		p.makeLogin(m)
	}
	m.Login.PasswordHash, m.Login.MustChange, m.Login.HolderSet = hash, a.MustChange, false
	return nil
}

// importPassword makes the login of who has none, with a hash from elsewhere. Where it
// is said what the person opens, the account's default access is not granted.
func (p *planner) importPassword(m *Member, password *NewPassword, mustChange, hasAccess bool) error {
	if password == nil || m.Login != nil {
		return nil
	}
	if err := p.checkFirstLogin(m); err != nil {
		return err
	}
	hash, err := password.hashFor(p.staff.Passwords, m)
	if err != nil {
		return err
	}
	m.Pending = false
	access := m.Access
	p.makeLogin(m)
	if hasAccess {
		m.Access = access
	}
	m.Login.PasswordHash, m.Login.MustChange = hash, mustChange
	return nil
}

// checkFirstLogin refuses a first password where the proposed username cannot
// become one.
func (p *planner) checkFirstLogin(m *Member) error {
	username, err := cleanUsername("username", m.Username())
	if err != nil {
		return err
	}
	if err := p.checkPrefix("username", username); err != nil && m.Subaccount == "" {
		return err
	}
	if p.isTaken(username) {
		return Errorf(CodeConflict, "username",
			"username %q is taken by another login; give %s another with staffctl member set-username, or invite the person to join with the login they have",
			username, m.Email)
	}
	return nil
}

// isTaken reports whether a login has the username in what the plan leaves.
func (p *planner) isTaken(username string) bool {
	key := UsernameKey(username)
	has := func(l *Login) bool { return l != nil && UsernameKey(l.Username) == key }
	taken := p.taken[key]
	named := p.members.withUsername(key)
	for _, t := range named {
		if staysElsewhere := t.now == nil && t.before != nil && t.before.isShared(); has(loginOf(t.before)) && !staysElsewhere && !p.many {
			taken = false
		}
	}
	return taken || slices.ContainsFunc(named, func(t *tracked[Member]) bool { return has(loginOf(t.now)) && !p.leaving[t.now.ID] })
}

// makeLogin gives the member a login, and the account's default access where
// there is none yet.
func (p *planner) makeLogin(m *Member) {
	m.Login = &Login{ID: p.nextID(), Username: m.Username(), Email: m.Email, Accounts: 1}
	m.Proposal = ""
	if m.Access.Kind == AccessNone {
		m.Access = p.account.now.DefaultAccess.clone()
	}
	if m.Access.Kind == AccessNone {
		p.warn("no area is open to %s; grant some with staffctl member grant", m.Email)
	}
}
