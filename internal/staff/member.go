package staff

import (
	"slices"
	"strconv"
	"strings"
)

// Status says whether a person can sign in, and if not, why. It is derived.
type Status string

// The statuses, the first that holds.
const (
	Suspended  Status = "suspended"
	Pending    Status = "pending"     // a subaccount that is not confirmed
	NoLogin    Status = "no-login"    // no password: the seed's «Ohne Zugriff»
	Pending2FA Status = "pending-2fa" // a number to enrol at the next sign-in
	Active     Status = "active"
)

// Statuses are the values of [Status], in the order of the product.
var Statuses = []string{string(Suspended), string(Pending), string(NoLogin), string(Pending2FA), string(Active)}

// CanSignIn reports whether a person in this status counts as able to sign in.
func (s Status) CanSignIn() bool { return s == Active || s == Pending2FA }

// Secret is a value that is kept but never shown: it prints, marshals and
// audits as "set".
type Secret string

// String hides the value.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return "set"
}

// GoString hides the value from %#v.
func (s Secret) GoString() string { return strconv.Quote(s.String()) }

// MarshalText hides the value from JSON and the like.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Member is a person in an account.
type Member struct {
	ID         ID
	AccountID  ID
	Email      string // unique in the account by its EmailKey
	Salutation string
	FirstName  string
	LastName   string
	Language   Language
	Phones     []Phone
	Mail       []string // keys of mail categories, in the catalog's order
	Access     Access
	Suspended  bool
	// Proposal is the username that the first password will make a login of;
	// "" means the e-mail. Once there is a login, its username counts.
	Proposal   string
	Subaccount string // the name after the prefix; "" for a plain member
	Pending    bool   // a subaccount that is not confirmed
	Login      *Login // nil until the person can sign in
	Version    int64
	CreatedAt  int64 // Unix milliseconds, as UpdatedAt
	UpdatedAt  int64
}

// Login is how a person signs in. It may serve members of several accounts.
type Login struct {
	ID            ID
	Username      string // unique in the store by its UsernameKey
	PasswordHash  Secret // PHC string
	HolderSet     bool   // the holder chose the password
	MustChange    bool   // a temporary password
	Email         string // where links and notices go
	EmailVerified bool
	Mobile        string // E.164, "" while no number is enrolled
	Accounts      int    // how many members it serves
	Version       int64
	CreatedAt     int64 // Unix milliseconds, as UpdatedAt
	UpdatedAt     int64
}

// Username returns the login's username, or else the one proposed.
func (m *Member) Username() string {
	switch {
	case m.Login != nil:
		return m.Login.Username
	case m.Proposal != "":
		return m.Proposal
	default:
		return m.Email
	}
}

// FullName returns the first and the last name.
func (m *Member) FullName() string { return strings.TrimSpace(m.FirstName + " " + m.LastName) }

// Status derives the member's status under the account's policy.
func (m *Member) Status(policy TwoFactor) Status {
	switch {
	case m.Suspended:
		return Suspended
	case m.Pending:
		return Pending
	case m.Login == nil:
		return NoLogin
	case policy == TwoFactorSMS && m.Login.Mobile == "":
		return Pending2FA
	default:
		return Active
	}
}

// isShared reports whether the member's login serves other accounts too.
func (m *Member) isShared() bool { return m.Login != nil && m.Login.Accounts > 1 }

func (m *Member) clone() *Member {
	c := *m
	c.Phones, c.Mail, c.Access = slices.Clone(m.Phones), slices.Clone(m.Mail), m.Access.clone()
	if m.Login != nil {
		login := *m.Login
		c.Login = &login
	}
	return &c
}

// fields lists what the audit and the plan show of a member.
func (m *Member) fields() []field {
	f := []field{
		{"email", m.Email},
		{"salutation", m.Salutation},
		{"first_name", m.FirstName},
		{"last_name", m.LastName},
		{"language", string(m.Language)},
		{"phones", m.Phones},
		{"mail", m.Mail},
		{"access", m.Access.List()},
		{"suspended", m.Suspended},
		{"username", m.Username()},
		{"subaccount", m.Subaccount},
		{"pending", m.Pending},
	}
	if l := m.Login; l != nil {
		f = append(f, field{"password", l.PasswordHash}, field{"must_change", l.MustChange},
			field{"login_email", l.Email}, field{"mobile", l.Mobile})
	}
	return f
}

// Selector names a member: by e-mail, username or id, or by whichever fits.
type Selector struct {
	Kind  string // "email", "username", "id", or "" for any of them
	Value string
}

// ParseSelector reads MEMBER as the commands take it.
func ParseSelector(s string) Selector {
	if kind, value, ok := strings.Cut(s, ":"); ok && (kind == "email" || kind == "username" || kind == "id") {
		return Selector{Kind: kind, Value: value}
	}
	return Selector{Value: s}
}

// String returns the selector as it is given.
func (s Selector) String() string {
	if s.Kind == "" {
		return s.Value
	}
	return s.Kind + ":" + s.Value
}

// MarshalText writes the selector as it is given.
func (s Selector) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (s *Selector) UnmarshalText(text []byte) error {
	*s = ParseSelector(string(text))
	return nil
}

// ID returns the id that the selector may mean, or 0.
func (s Selector) ID() ID {
	if s.Kind != "" && s.Kind != "id" {
		return 0
	}
	n, err := strconv.ParseInt(s.Value, 10, 64)
	if err != nil {
		return 0
	}
	return ID(n)
}

// EmailKey returns the e-mail key that the selector may mean, or "".
func (s Selector) EmailKey() string {
	if s.Kind != "" && s.Kind != "email" {
		return ""
	}
	return EmailKey(s.Value)
}

// UsernameKey returns the username key that the selector may mean, or "".
func (s Selector) UsernameKey() string {
	if s.Kind != "" && s.Kind != "username" {
		return ""
	}
	return UsernameKey(s.Value)
}

func (s Selector) fits(m *Member) bool {
	return s.ID() == m.ID || s.EmailKey() == EmailKey(m.Email) || s.UsernameKey() != "" && s.UsernameKey() == UsernameKey(m.Username())
}
