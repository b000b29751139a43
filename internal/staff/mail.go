package staff

import (
	"context"
	"iter"
)

// Template names a kind of mail.
type Template string

// The mails that there are.
const (
	MailInvite          Template = "invite"
	MailConfirmation    Template = "confirm"
	MailReset           Template = "reset"
	MailPasswordChanged Template = "password-changed" // a notice, without a link
	MailSecondFactor    Template = "second-factor"
	MailNumberChanged   Template = "number-changed" // a notice
	MailEmail           Template = "email"
	MailEmailChanged    Template = "email-changed"    // a notice, to the old address
	MailUsernameChanged Template = "username-changed" // a notice
)

// Templates are the values of [Template].
var Templates = []Template{MailInvite, MailConfirmation, MailReset, MailPasswordChanged, MailSecondFactor, MailNumberChanged, MailEmail, MailEmailChanged, MailUsernameChanged}

// HasLink reports whether a mail of this kind leads somewhere; the others are
// notices.
func (t Template) HasLink() bool {
	return t == MailInvite || t == MailConfirmation || t == MailReset || t == MailSecondFactor || t == MailEmail
}

// MailData is what a template tells, besides the link.
type MailData struct {
	Salutation string `json:"salutation,omitempty"`
	FirstName  string `json:"first_name,omitempty"`
	LastName   string `json:"last_name,omitempty"`
	Account    string `json:"account,omitempty"` // display name
	Username   string `json:"username,omitempty"`
	Role       string `json:"role,omitempty"` // label in the mail's language
	// Areas are labels of what is open in the mail's language; All is for all.
	Areas     []string `json:"areas,omitempty"`
	All       bool     `json:"all,omitempty"`
	ExpiresAt int64    `json:"expires_at,omitempty"` // Unix milliseconds, of the link
	At        int64    `json:"at"`                   // Unix milliseconds, of the change
}

// Mail is a mail that follows from a change: a template and its data, rendered
// when it is sent. Neither holds a token.
type Mail struct {
	ID        ID
	AccountID ID
	Template  Template
	Language  Language
	To        string // address
	Data      MailData
	LinkID    ID    // 0 for a mail without a link
	CreatedAt int64 // Unix milliseconds
}

// MailState says what has become of a mail.
type MailState string

// The states of mails. Only a queued one has its data and its link.
const (
	MailQueued    MailState = "queued"
	MailSent      MailState = "sent"
	MailFailed    MailState = "failed"    // refused for good
	MailDiscarded MailState = "discarded" // by an operator, or since its link has ended
)

// MailStates are the values of [MailState].
var MailStates = []string{string(MailQueued), string(MailSent), string(MailFailed), string(MailDiscarded)}

// QueuedMail is a mail as it stands in the outbox.
type QueuedMail struct {
	Mail
	Account string // name; "" once the account is gone
	State   MailState
	Tries   int
	NextAt  int64  // Unix milliseconds, from when it may be tried again
	Answer  string // of the mail server to the last try, or why it was discarded
	// SettledAt is when it was sent, failed or discarded, in Unix milliseconds; 0
	// while it is queued.
	SettledAt int64
	Link      *Link // nil without one, or once the link is gone
}

// OutboxQuery chooses mails of the outbox. Empty fields choose all.
type OutboxQuery struct {
	Account string
	State   MailState
	ID      ID
	// Newest, unless 0, chooses so many of those whose ids begin with Beginning.
	Newest    int
	Beginning string
}

// Lease asks for mails to send.
type Lease struct {
	// IDs are the mails wanted; nil is all that are due.
	IDs []ID
	// Now and Until are when the lease begins and ends, in Unix milliseconds.
	Now, Until int64
	// Early also takes mails whose next try is not due.
	Early bool
	Limit int // at most that many
	Mark  int64
}

// Settlement is what came of trying to send a mail under a lease.
type Settlement struct {
	ID     ID
	Mark   int64 // of the lease
	State  MailState
	At     int64 // Unix milliseconds
	NextAt int64 // with MailQueued, when to try again
	Answer string
	// Tried counts the try; a mail that was not even begun is not tried.
	Tried bool
}

// Outbox is the part of a store that mails leave by. All of it is runtime
// state: what happens here is no change and not audited.
type Outbox interface {
	// Mails streams mails, the oldest first.
	Mails(ctx context.Context, q OutboxQuery) iter.Seq2[*QueuedMail, error]
	// Lease takes queued mails that nobody else has taken, the oldest first, and
	// returns them with their links. Until the lease ends nobody else gets them.
	Lease(ctx context.Context, l Lease) ([]*QueuedMail, error)
	// Settle notes what came of a mail and ends its lease. It does nothing where
	// the lease has been taken by another since.
	Settle(ctx context.Context, s Settlement) error
}
