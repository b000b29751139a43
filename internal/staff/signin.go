package staff

import (
	"context"
	"errors"
	"time"
)

// Proof shows that somebody knows the password of a login: made by
// [Staff.Prove], good until the password changes.
type Proof struct {
	login    ID
	username string
	hash     Secret
}

// String hides the proof, which holds a password hash.
func (Proof) String() string { return "set" }

// GoString hides the proof from %#v.
func (Proof) GoString() string { return `"set"` }

// MarshalText hides the proof from JSON and the like.
func (Proof) MarshalText() ([]byte, error) { return []byte("set"), nil }

// ErrSecondFactor marks what a password alone does not allow.
var ErrSecondFactor = errors.New("a TAN is needed too")

// ErrNotHolders marks what is refused since the password of a login may be
// somebody else's than its holder's (rule 4).
var ErrNotHolders = errors.New("the password is not the holder's own")

// errSignIn is the one answer to every sign-in that fails.
func errSignIn() error {
	return Errorf(CodeForbidden, "password", "username or password is wrong; check both, or ask for a new password")
}

// Prove checks a username and a password. Tries are counted under the username,
// whether it exists or not, and under from, which says where they come from; ""
// is not counted. Where one has to wait the password is not looked at.
func (s *Staff) Prove(ctx context.Context, username, password, from string) (*Proof, error) {
	proof, keys, err := s.try(ctx, username, password, from)
	if err != nil {
		return nil, err
	}
	if err := s.forgive(ctx, keys); err != nil {
		return nil, err
	}
	return proof, nil
}

// try is Prove that leaves the try counted under the username, for whom a right
// password is not enough: what fails after it must count as a wrong one does.
func (s *Staff) try(ctx context.Context, username, password, from string) (*Proof, []string, error) {
	keys, err := s.tryKeys(username, from)
	if err != nil {
		return nil, nil, err
	}
	if err := s.begin(ctx, keys); err != nil {
		return nil, nil, err
	}
	facts, err := s.Store.Load(ctx, &Needs{NoAccount: true, Login: UsernameKey(username)})
	if err != nil {
		return nil, nil, err
	}
	login := facts.Login
	if login == nil {
		login = &Login{}
	}
	ok, err := s.Passwords.Verify(string(login.PasswordHash), password)
	if err != nil || !ok || login.ID == 0 {
		return nil, nil, s.failSignIn(ctx, keys)
	}
	return &Proof{login: login.ID, username: login.Username, hash: login.PasswordHash}, keys, nil
}

// begin counts a try under the username, unless it or the network has to wait. A
// network counts what has failed only: many right ones may come from it at once.
func (s *Staff) begin(ctx context.Context, keys []string) error {
	now := s.Now().UnixMilli()
	var wait time.Duration
	var err error
	for _, network := range keys[1:] {
		if wait, err = s.Store.Wait(ctx, network, now); err != nil {
			return err
		}
	}
	if wait == 0 {
		if wait, err = s.Store.Try(ctx, keys[0], now); err != nil {
			return err
		}
	}
	if wait > 0 {
		return Errorf(CodeForbidden, "password", "too many tries; wait %s and try again", wait.Round(time.Second))
	}
	return nil
}

// failSignIn counts a failure under the network and is the answer to it.
func (s *Staff) failSignIn(ctx context.Context, keys []string) error {
	for _, network := range keys[1:] {
		if _, err := s.Store.Try(ctx, network, s.Now().UnixMilli()); err != nil {
			return err
		}
	}
	return errSignIn()
}

// forgive forgets the tries of the username.
func (s *Staff) forgive(ctx context.Context, keys []string) error {
	return s.Store.Forget(ctx, keys[0], s.Now().UnixMilli())
}

// tryKeys returns the keys that a sign-in counts under, that of the username
// first.
func (s *Staff) tryKeys(username, from string) ([]string, error) {
	key, err := s.Key()
	if err != nil {
		return nil, err
	}
	keys := []string{"sign-in:" + key.Sum("username\x00"+UsernameKey(username))}
	if from != "" {
		keys = append(keys, "sign-in:"+key.Sum("network\x00"+from))
	}
	return keys, nil
}

// notHolders is [ErrNotHolders] with the way out.
func notHolders(way string) error {
	return &Error{Code: CodeForbidden, Field: "password", Cause: ErrNotHolders, Message: "somebody else may know the password of this login; " + way + ", then accept again"}
}

// Unlock lets a member try to sign in again at once (see [Staff.Prove]).
func (s *Staff) Unlock(ctx context.Context, account string, selector Selector, plan func(context.Context, string, ...Action) (*Plan, error)) (*Plan, error) {
	person, err := s.Person(ctx, account, selector)
	if err != nil {
		return nil, err
	}
	keys, err := s.tryKeys(person.Username(), "")
	if err != nil {
		return nil, err
	}
	return plan(ctx, account, Unlock{Member: selector, keys: keys})
}

// Accept carries out an [AcceptInvite]. Where the login's password may be
// somebody else's, its holder is mailed a link to set their own, and the error
// is [ErrNotHolders].
func (s *Staff) Accept(ctx context.Context, a AcceptInvite) (*Plan, error) {
	plan, err := s.Do(ctx, "", a)
	if !errors.Is(err, ErrNotHolders) {
		return plan, err
	}
	mailed, failed := s.mailReset(ctx, a.Proof.username)
	switch {
	case failed != nil:
		return nil, failed
	case mailed == nil:
		return nil, notHolders("links to set one of your own were mailed already: use the newest")
	default:
		return mailed, notHolders("a link to set one of your own was mailed to the e-mail of the login: use it")
	}
}

// The limits of links that somebody asks for without being known.
var (
	resetsPerLogin   = []Limit{{3, 10 * time.Minute}, {10, 24 * time.Hour}}
	emailsPerLogin   = []Limit{{10, 10 * time.Minute}, {30, 24 * time.Hour}} // and per address
	resetsPerNetwork = []Limit{{20, 10 * time.Minute}}
)

// AskReset mails a link to set a new password to the holder of a login (rule
// 21). It fails alike whether there is such a login or not; a nil plan means
// that nothing is mailed. from says where the wish comes from, as for
// [Staff.Prove].
func (s *Staff) AskReset(ctx context.Context, username, from string) (*Plan, error) {
	if from != "" {
		ok, err := s.allow(ctx, "reset network\x00"+from, resetsPerNetwork)
		if err != nil || !ok {
			return nil, err
		}
	}
	return s.mailReset(ctx, username)
}

func (s *Staff) mailReset(ctx context.Context, username string) (*Plan, error) {
	facts, err := s.Store.Load(ctx, &Needs{NoAccount: true, Login: UsernameKey(username)})
	if err != nil || facts.Login == nil || len(facts.Serves) == 0 {
		return nil, err
	}
	ok, err := s.allow(ctx, "reset login\x00"+facts.Login.ID.String(), resetsPerLogin)
	if err != nil || !ok {
		return nil, err
	}
	at := facts.Serves[0]
	return s.Do(ctx, at.Account, ResetPassword{Member: byID(at.Member), ByHolder: true})
}

// allow counts one under the name in each of the limits.
func (s *Staff) allow(ctx context.Context, name string, limits []Limit) (bool, error) {
	key, err := s.Key()
	if err != nil {
		return false, err
	}
	for _, l := range limits {
		ok, err := s.Store.Allow(ctx, "limit:"+key.Sum(name+l.Window.String()), l, s.Now().UnixMilli())
		if err != nil || !ok {
			return false, err
		}
	}
	return true, nil
}
