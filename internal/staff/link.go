package staff

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"time"
)

// Purpose says what a mailed link is for.
type Purpose string

// The purposes of links.
const (
	ForInvite       Purpose = "invite"
	ForConfirmation Purpose = "confirm" // of a subaccount
	ForReset        Purpose = "reset"   // of a password
	ForSecondFactor Purpose = "second-factor"
	ForEmail        Purpose = "email" // of a login, to a new one
)

// Purposes are the values of [Purpose].
var Purposes = []Purpose{ForInvite, ForConfirmation, ForReset, ForSecondFactor, ForEmail}

// How long links and invites last (product.md section 4).
const (
	InviteLifetime       = 72 * time.Hour
	MaxInviteLifetime    = 7 * 24 * time.Hour
	ConfirmationLifetime = 24 * time.Hour
	ResetLifetime        = time.Hour
)

// LinkState says whether a link still works. That it has expired is derived
// from the clock.
type LinkState string

// The states of a link.
const (
	LinkOpen  LinkState = "open"
	LinkUsed  LinkState = "used"
	LinkEnded LinkState = "ended" // replaced, revoked, or the person has changed
)

// Link is what the store keeps of a link: all but its token, which only the
// instance key makes.
type Link struct {
	ID        ID
	Purpose   Purpose
	AccountID ID
	MemberID  ID // the person it is for; 0 for an invite
	InviteID  ID
	LoginID   ID     // with ForReset
	Email     string // where it is mailed
	// Shown marks a link that an operator has seen (--show-link): it proves
	// nothing about who reads the e-mail.
	Shown     bool
	State     LinkState
	ExpiresAt int64 // Unix milliseconds, as CreatedAt
	CreatedAt int64
}

// check refuses a link that does not work at a time in Unix milliseconds.
func (l *Link) check(now int64) error {
	switch {
	case l.State == LinkUsed:
		return Errorf(CodeExpired, "token", "the link was used already; each link works once, ask for a new one")
	case l.State == LinkEnded:
		return Errorf(CodeExpired, "token", "the link has ended, since a newer one was sent or something about the person has changed; ask for a new one")
	case now >= l.ExpiresAt:
		return Errorf(CodeExpired, "token", "the link has expired; ask for a new one")
	default:
		return nil
	}
}

// LinkKey is the instance key, which tokens of links are computed with. It
// never prints.
type LinkKey struct{ bytes [32]byte }

// NewLinkKey takes the 32 bytes of the instance key.
func NewLinkKey(bytes [32]byte) LinkKey { return LinkKey{bytes} }

// String hides the key.
func (LinkKey) String() string { return "set" }

// GoString hides the key from %#v.
func (LinkKey) GoString() string { return `"set"` }

// Sum is a keyed hash of a text, for what the store may count and not know.
func (k LinkKey) Sum(text string) string {
	return base64.RawURLEncoding.EncodeToString(k.mac(text))
}

func (k LinkKey) mac(text string) []byte {
	h := hmac.New(sha256.New, k.bytes[:])
	h.Write([]byte(text))
	return h.Sum(nil)
}

// Token returns the token that opens the link: 8 bytes of id and 32 of
// HMAC-SHA-256, in base64url. It is bound to the purpose, the person and the
// address.
func (k LinkKey) Token(l *Link) Secret {
	id := binary.BigEndian.AppendUint64(nil, uint64(l.ID))
	return Secret(base64.RawURLEncoding.EncodeToString(append(id, k.linkMAC(l)...)))
}

// LinkURL returns the address behind which a link's page stands: pages is the
// address of the pages.
func LinkURL(pages string, token Secret) string { return pages + "/link/" + string(token) }

func (k LinkKey) linkMAC(l *Link) []byte {
	return k.mac(fmt.Sprintf("staffctl link\x00%s\x00%d\x00%d\x00%d\x00%d\x00%s", l.Purpose, l.ID, l.MemberID, l.InviteID, l.LoginID, EmailKey(l.Email)))
}

// opens reports whether the token is that of the link, in constant time.
func (k LinkKey) opens(token Secret, l *Link) bool {
	_, mac := readToken(token)
	return hmac.Equal(mac, k.linkMAC(l))
}

// readToken takes a token apart; id 0 is for what is no token.
func readToken(token Secret) (id ID, mac []byte) {
	bytes, err := base64.RawURLEncoding.Strict().DecodeString(string(token))
	if err != nil || len(bytes) != 8+sha256.Size {
		return 0, nil
	}
	n := binary.BigEndian.Uint64(bytes)
	if n == 0 || n >= 1<<53 {
		return 0, nil
	}
	return ID(n), bytes[8:]
}

// needLink asks for the link that the token names with all that it leads to.
func (n *Needs) needLink(token Secret) {
	n.Link, _ = readToken(token)
	if n.Link == 0 {
		n.Link = -1 // no link
	}
	n.NoAccount = true
}

// checkLink returns the link that the token opens, if it is for the purpose;
// "" is for any. One that does not work any more comes back beside the error.
func (f *Facts) checkLink(key LinkKey, token Secret, purpose Purpose, now time.Time) (*Link, error) {
	id, _ := readToken(token)
	l := f.Link
	switch {
	case id == 0:
		return nil, Errorf(CodeInvalid, "token", "the link is not complete; copy it whole from the mail")
	case l == nil || l.ID != id || !key.opens(token, l) || purpose != "" && l.Purpose != purpose || f.Account == nil:
		return nil, Errorf(CodeNotFound, "token", "the link is not valid, or is no longer; ask for a new one")
	}
	return l, l.check(now.UnixMilli())
}

// Opened is what a link that works leads to.
type Opened struct {
	Link    *Link
	Account *Account
	Catalog *Catalog
	// Member is the person; with an invite the member who has its e-mail, or nil.
	Member *Member
	Invite *Invite // with ForInvite
}

// Open finds out where a link leads, and uses nothing up. What was used,
// replaced or has expired is CodeExpired, and comes back beside that error.
func (s *Staff) Open(ctx context.Context, token Secret) (*Opened, error) {
	n := &Needs{}
	n.needLink(token)
	facts, err := s.Store.Load(ctx, n)
	if err != nil {
		return nil, err
	}
	key, err := s.Key()
	if err != nil {
		return nil, err
	}
	link, err := facts.checkLink(key, token, "", s.Now())
	if link == nil {
		return nil, err
	}
	o := &Opened{Link: link, Account: facts.Account, Catalog: facts.Catalog}
	if len(facts.Invites) > 0 {
		o.Invite = facts.Invites[0]
	}
	for _, m := range facts.Found {
		if m.ID == link.MemberID || o.Invite != nil && EmailKey(m.Email) == EmailKey(o.Invite.Email) {
			o.Member = m
		}
	}
	return o, err
}
