package storetest

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"sync"
	"time"

	"github.com/staffctl/staffctl/internal/staff"
)

// Start is the time on the clock of a test when it begins.
var Start = time.Date(2026, 11, 22, 9, 30, 0, 0, time.UTC)

// hashMark begins every hash that [passwords] makes, and nothing else.
const hashMark = "$fake$"

// passwords is a policy that costs nothing.
type passwords struct{}

// Prepare refuses what is shorter than four bytes.
func (passwords) Prepare(plain string, _ []string) (string, error) {
	if len(plain) < 4 {
		return "", staff.Errorf(staff.CodeInvalid, "password", "too short")
	}
	return plain, nil
}

// Hash marks the hash with [hashMark].
func (passwords) Hash(prepared string) (string, error) {
	sum := sha256.Sum256([]byte(prepared))
	return hashMark + hex.EncodeToString(sum[:8]), nil
}

// CheckHash takes whatever begins as a PHC string does.
func (passwords) CheckHash(phc string) error {
	if !strings.HasPrefix(phc, "$") {
		return staff.Errorf(staff.CodeInvalid, "hash", "no PHC string")
	}
	return nil
}

// Verify compares with what Hash makes.
func (passwords) Verify(phc, plain string) (bool, error) {
	hash, err := passwords{}.Hash(plain)
	return phc == hash, err
}

// Rehash finds every hash good enough.
func (passwords) Rehash(string, string) (string, error) { return "", nil }

// clock stands still until it is set.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) advance(d time.Duration) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
	return c.at
}

// Key is the instance key of tests.
var Key = staff.NewLinkKey([32]byte{1, 2, 3})

// NewStaff returns the domain on the store, with passwords that cost nothing
// and a clock that stands at [Start].
func NewStaff(store staff.Store) *staff.Staff {
	return &staff.Staff{Store: store, Passwords: passwords{}, Now: func() time.Time { return Start }, IDs: &staff.IDs{},
		Actor: func() staff.Actor { return staff.Actor{OSUser: "operator", StoreUser: "portal", Claimed: "anna"} },
		Key:   func() (staff.LinkKey, error) { return Key, nil }}
}

// By names a member by e-mail.
func By(email string) staff.Selector { return staff.Selector{Kind: "email", Value: email} }

// Add is a person with a name made of the e-mail, and the access.
func Add(email string, access ...string) staff.AddMember {
	local, _, _ := strings.Cut(email, "@")
	a := staff.AddMember{Email: email, Details: staff.Details{FirstName: &local, LastName: new("Muster")}}
	if access != nil {
		a.Access = &access
	}
	return a
}

// Password sets a password, the first of which makes a login.
func Password(email string) staff.SetPassword {
	return staff.SetPassword{Member: By(email), Password: staff.PlainPassword("a secret of " + email)}
}

// Enterprise makes an account that may have subaccounts.
func Enterprise(name string) staff.CreateAccount {
	return staff.CreateAccount{Name: name, Settings: staff.Settings{Tariff: new(string(staff.Enterprise))}}
}
