package staff

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"time"
)

// Stage says what a session is good for: the one page that a person has to go
// through next, or everything.
type Stage string

// The stages, in the order in which a sign-in goes through those it needs.
const (
	StageTAN      Stage = "tan"      // the TAN that was sent is to be entered
	StagePassword Stage = "password" // a temporary password is to be changed
	StageAccount  Stage = "account"  // one of several accounts is to be chosen
	StageEnrol    Stage = "enrol"    // a number is to be enrolled
	StageOpen     Stage = "open"
	// StageRenew is for a link of [ResetSecondFactor] alone: a new number is to be
	// enrolled in the place of the old one.
	StageRenew Stage = "renew"
)

// How long sessions last, and how often their use is noted (product.md section 4).
const (
	SessionIdle = 30 * time.Minute
	SessionLife = 12 * time.Hour
	SessionNote = 5 * time.Minute
	SignInLife  = 15 * time.Minute // to get through the stages
)

// Session is one login in one account. The store knows a hash of what the
// cookie holds.
type Session struct {
	Key       string
	LoginID   ID
	AccountID ID // provisional before the account is chosen, as MemberID
	MemberID  ID
	Stage     Stage
	LinkID    ID    // with StageRenew
	StartedAt int64 // Unix milliseconds, as SeenAt
	SeenAt    int64
}

// isOver reports whether the session has ended by the clock.
func (s *Session) isOver(now int64) bool {
	life := SessionLife
	if s.Stage != StageOpen {
		life = SignInLife
	}
	return now >= s.StartedAt+life.Milliseconds() || now >= s.SeenAt+SessionIdle.Milliseconds()
}

// TAN is a number that was sent to a phone: the store keeps all but the number
// itself, which only the instance key makes.
type TAN struct {
	ID        ID
	Session   string // its key
	Number    string // E.164, where it was sent
	ExpiresAt int64  // Unix milliseconds
	Used      bool
}

// SignIn is a sign-in that succeeded.
type SignIn struct {
	At      int64 // Unix milliseconds
	Account string
	Network string
}

// Sessions is the part of a store that keeps who is signed in: runtime state.
type Sessions interface {
	// StartSession adds a session, if the login has this password hash still, and no
	// number where the session asks for no TAN: what was changed meanwhile ends the
	// sessions there are.
	StartSession(ctx context.Context, s *Session, hash Secret) error
	// MoveSession replaces the session of a key at a stage by another; false where
	// it is no longer there.
	MoveSession(ctx context.Context, key string, from Stage, to *Session) (bool, error)
	// NoteSession notes that the session was used.
	NoteSession(ctx context.Context, key string, now int64) error
	// EndSession ends one session.
	EndSession(ctx context.Context, key string) error
	// StartTAN adds a TAN and ends the others of its session.
	StartTAN(ctx context.Context, t *TAN) error
	// UseTAN uses a TAN up; false where somebody else has, or it has expired.
	UseTAN(ctx context.Context, id ID, now int64) (bool, error)
	// NoteSignIn notes a sign-in, and forgets all but the last ten of the login.
	NoteSignIn(ctx context.Context, login ID, s SignIn, account ID) error
	// Rehash replaces the hash of a password by a better one of the same.
	Rehash(ctx context.Context, login ID, from, to Secret) error
	// SweepSessions deletes sessions and TANs that are over.
	SweepSessions(ctx context.Context, now int64) error
}

// newToken returns 256 random bits for a cookie.
func newToken() Secret {
	bytes := make([]byte, 32)
	_, _ = rand.Read(bytes) // never fails
	return Secret(base64.RawURLEncoding.EncodeToString(bytes))
}

// sessionKey is what the store knows of a cookie.
func sessionKey(key LinkKey, token Secret) string { return key.Sum("session\x00" + string(token)) }
