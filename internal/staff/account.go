package staff

import "slices"

// Tariff is what an account has bought; product terms call it its plan.
type Tariff string

// The tariffs. Only enterprise has subaccounts (rule 7).
const (
	Standard   Tariff = "standard"
	Enterprise Tariff = "enterprise"
)

// TwoFactor is an account's policy for the second factor (rule 11).
type TwoFactor string

// The two-factor policies.
const (
	TwoFactorOff TwoFactor = "off"
	TwoFactorSMS TwoFactor = "sms"
)

// Language is that of the mails and pages a person gets.
type Language string

// The languages.
const (
	German  Language = "de"
	English Language = "en"
)

// The values that a choice may have, in the order in which help names them.
var (
	Tariffs     = []string{string(Standard), string(Enterprise)}
	TwoFactors  = []string{string(TwoFactorOff), string(TwoFactorSMS)}
	Languages   = []string{string(German), string(English)}
	Salutations = []string{"mr", "ms", "mx", "none"}
	PhoneLabels = []string{"work", "mobile", "home", "fax", "other"}
)

// Account is a customer: the team whose members sign in to the portal.
type Account struct {
	ID          ID
	Name        string // never changed, matches ^[a-z0-9]{1,32}$
	DisplayName string
	Tariff      Tariff
	TwoFactor   TwoFactor
	Language    Language
	// DefaultAccess is granted with the first password where a member's access
	// is none (rule 2).
	DefaultAccess Access
	// InviteOtherAddress says whether an invite may be accepted by a login
	// whose e-mail is not the invited one.
	InviteOtherAddress bool
	OwnerID            ID       // 0: no owner
	Owner              string   // the owner's e-mail, read with the account
	Senders            []string // addresses that the account sends from
	Version            int64    // raised when a setting changes
	Counter            int64    // raised by every commit in the account
	CreatedAt          int64    // Unix milliseconds, as UpdatedAt
	UpdatedAt          int64
}

func (a *Account) clone() *Account {
	c := *a
	c.Senders = slices.Clone(a.Senders)
	c.DefaultAccess = a.DefaultAccess.clone()
	return &c
}

func (a *Account) fields() []field {
	return []field{
		{"name", a.Name},
		{"display_name", a.DisplayName},
		{"plan", string(a.Tariff)},
		{"two_factor", string(a.TwoFactor)},
		{"language", string(a.Language)},
		{"default_access", a.DefaultAccess.List()},
		{"invite_other_address", a.InviteOtherAddress},
		{"owner", a.Owner},
		{"senders", a.Senders},
	}
}
