package staff

import (
	"context"
	"slices"
	"time"
)

// InviteStatus says what has become of an invite. Expired is derived from the
// clock.
type InviteStatus string

// The statuses of invites.
const (
	InvitePending  InviteStatus = "pending"
	InviteAccepted InviteStatus = "accepted"
	InviteRevoked  InviteStatus = "revoked"
	InviteExpired  InviteStatus = "expired"
)

// InviteStatuses are the values of [InviteStatus].
var InviteStatuses = []string{string(InvitePending), string(InviteAccepted), string(InviteRevoked), string(InviteExpired)}

// Invite asks a person to join an account (rules 13 to 15).
type Invite struct {
	ID        ID
	AccountID ID
	Email     string
	Language  Language // of the mail, and of a member that it makes
	Access    Access   // all or grants
	Sender    string   // who sent it
	// State is the status as the store has it: pending also when it has
	// expired since; see [Invite.Status].
	State     InviteStatus
	MemberID  ID    // who accepted, or 0
	ExpiresAt int64 // Unix milliseconds, as CreatedAt and UpdatedAt
	Version   int64
	CreatedAt int64
	UpdatedAt int64
}

// Status derives the invite's status at a time in Unix milliseconds.
func (i *Invite) Status(now int64) InviteStatus {
	if i.State == InvitePending && now >= i.ExpiresAt {
		return InviteExpired
	}
	return i.State
}

func (i *Invite) clone() *Invite {
	c := *i
	c.Access = i.Access.clone()
	return &c
}

func (i *Invite) fields() []field {
	return []field{
		{"email", i.Email},
		{"language", string(i.Language)},
		{"access", i.Access.List()},
		{"status", string(i.State)},
		{"expires_at", rfc3339(i.ExpiresAt)},
	}
}

func rfc3339(unixMilli int64) string {
	return time.UnixMilli(unixMilli).UTC().Format("2006-01-02T15:04:05.000Z")
}

// InviteList is the invites of one account with what they are read by.
type InviteList struct {
	Account *Account
	Catalog *Catalog
	Invites []*Invite // the newest last
}

// InviteFilter chooses invites; what is empty leaves all.
type InviteFilter struct {
	Status InviteStatus
	Email  string // whole, in any case
}

func (f InviteFilter) fits(i *Invite, now int64) bool {
	return (f.Status == "" || i.Status(now) == f.Status) && (f.Email == "" || EmailKey(i.Email) == EmailKey(f.Email))
}

// Invites returns the invites of the account that fit.
func (s *Staff) Invites(ctx context.Context, account string, filter InviteFilter) (*InviteList, error) {
	if filter.Status != "" {
		if err := checkChoice("status", string(filter.Status), InviteStatuses); err != nil {
			return nil, err
		}
	}
	facts, err := s.load(ctx, &Needs{Account: account, AllInvites: true})
	if err != nil {
		return nil, err
	}
	list := &InviteList{Account: facts.Account, Catalog: facts.Catalog}
	now := s.Now().UnixMilli()
	for _, i := range facts.Invites {
		if filter.fits(i, now) {
			list.Invites = append(list.Invites, i)
		}
	}
	return list, nil
}

// Invite finds one invite by its id.
func (s *Staff) Invite(ctx context.Context, account string, id ID) (*InviteList, error) {
	facts, err := s.load(ctx, &Needs{Account: account, InviteIDs: []ID{id}})
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(facts.Invites, func(i *Invite) bool { return i.ID == id })
	if at < 0 {
		return nil, noInvite(id, facts.Account)
	}
	return &InviteList{Account: facts.Account, Catalog: facts.Catalog, Invites: facts.Invites[at : at+1]}, nil
}

func noInvite(id ID, a *Account) error {
	return Errorf(CodeNotFound, "invite", "no invite %d in account %s; see staffctl invite list", id, a.Name)
}
