package staff

import (
	"cmp"
	"context"
	"crypto/subtle"
	"errors"
	"slices"
	"strings"
	"unicode"
)

// Signed is who is signed in, or on the way to it.
type Signed struct {
	Session *Session
	Login   *Login
	// Serves are the memberships that can be signed in to.
	Serves []Membership
	Person *Person // in the account of the session
	TAN    *TAN    // the newest that was sent, or nil
}

// ErrNoSession marks a session that is not there or is over.
var ErrNoSession = errors.New("not signed in")

func noSession() error {
	return &Error{Code: CodeForbidden, Field: "session", Cause: ErrNoSession, Message: "you are not signed in, or no longer; sign in again"}
}

// stages is the order in which a sign-in goes through them.
var stages = []Stage{StageTAN, StagePassword, StageAccount, StageEnrol, StageOpen}

// next is the stage after another, "" being the password, that is still needed.
func (v *Signed) next(after Stage) Stage {
	for _, stage := range stages[slices.Index(stages, after)+1:] {
		if v.needs(stage) {
			return stage
		}
	}
	return StageOpen
}

func (v *Signed) needs(stage Stage) bool {
	switch stage {
	case StageTAN:
		return v.Login.Mobile != ""
	case StagePassword:
		return v.Login.MustChange
	case StageAccount:
		return len(v.Serves) > 1
	case StageEnrol:
		at := slices.IndexFunc(v.Serves, func(m Membership) bool { return m.Member == v.Session.MemberID })
		return v.Login.Mobile == "" && at >= 0 && v.Serves[at].TwoFactor == TwoFactorSMS
	default:
		return true
	}
}

// SignIn begins a session with a username and a password, as [Staff.Prove]
// checks them. The token is for a cookie. Whoever has no account to sign in to
// gets the answer of a wrong password.
func (s *Staff) SignIn(ctx context.Context, username, password, from string) (Secret, *Signed, error) {
	proof, keys, err := s.try(ctx, username, password, from)
	if err != nil {
		return "", nil, err
	}
	facts, err := s.Store.Load(ctx, &Needs{NoAccount: true, Login: UsernameKey(username)})
	if err != nil {
		return "", nil, err
	}
	v := &Signed{Login: facts.Login, Serves: usable(facts.Serves)}
	if facts.Login == nil || facts.Login.PasswordHash != proof.hash || len(v.Serves) == 0 {
		return "", nil, s.failSignIn(ctx, keys)
	}
	if err := s.forgive(ctx, keys); err != nil {
		return "", nil, err
	}
	hash, err := s.rehash(ctx, facts.Login, password)
	if err != nil {
		return "", nil, err
	}
	v.Session = &Session{LoginID: v.Login.ID, AccountID: v.Serves[0].AccountID, MemberID: v.Serves[0].Member}
	return s.start(ctx, v, hash, v.next(""), from)
}

// rehash replaces a hash from elsewhere by one of our own, and returns the one
// that counts then.
func (s *Staff) rehash(ctx context.Context, l *Login, password string) (Secret, error) {
	hash, err := s.Passwords.Rehash(string(l.PasswordHash), password)
	if err != nil || hash == "" {
		return l.PasswordHash, err
	}
	return Secret(hash), s.Store.Rehash(ctx, l.ID, l.PasswordHash, Secret(hash))
}

func usable(serves []Membership) []Membership {
	return slices.DeleteFunc(slices.Clone(serves), func(m Membership) bool { return m.Suspended || m.Pending })
}

// start stores a new session at a stage.
func (s *Staff) start(ctx context.Context, v *Signed, hash Secret, stage Stage, from string) (Secret, *Signed, error) {
	key, err := s.Key()
	if err != nil {
		return "", nil, err
	}
	token := newToken()
	now := s.Now().UnixMilli()
	v.Session.Key, v.Session.Stage, v.Session.StartedAt, v.Session.SeenAt = sessionKey(key, token), stage, now, now
	if err := s.Store.StartSession(ctx, v.Session, hash); err != nil {
		return "", nil, err
	}
	return s.arrive(ctx, token, from)
}

// arrive does what a session needs at its new stage.
func (s *Staff) arrive(ctx context.Context, token Secret, from string) (Secret, *Signed, error) {
	v, err := s.Signed(ctx, token)
	if err != nil {
		return "", nil, err
	}
	switch v.Session.Stage {
	case StageTAN:
		if err := s.sendTAN(ctx, v, v.Login.Mobile); err != nil {
			return token, v, err
		}
		v, err = s.Signed(ctx, token)
	case StageOpen:
		err = s.Store.NoteSignIn(ctx, v.Login.ID, SignIn{At: v.Session.SeenAt, Network: from}, v.Session.AccountID)
	}
	return token, v, err
}

// Signed finds out who holds the token of a session, and notes that it is used.
// What is not there or over is [ErrNoSession].
func (s *Staff) Signed(ctx context.Context, token Secret) (*Signed, error) {
	key, err := s.Key()
	if err != nil {
		return nil, err
	}
	facts, err := s.Store.Load(ctx, &Needs{NoAccount: true, Session: sessionKey(key, token)})
	if err != nil {
		return nil, err
	}
	v, err := facts.signed(s.Now().UnixMilli())
	if err != nil {
		return nil, err
	}
	if now := s.Now().UnixMilli(); now >= v.Session.SeenAt+SessionNote.Milliseconds() {
		return v, s.Store.NoteSession(ctx, v.Session.Key, now)
	}
	return v, nil
}

// signed reads who is signed in from facts.
func (f *Facts) signed(now int64) (*Signed, error) {
	if f.Session == nil || f.Login == nil || f.Account == nil || f.Session.isOver(now) {
		return nil, noSession()
	}
	at := slices.IndexFunc(f.Found, func(m *Member) bool { return m.ID == f.Session.MemberID })
	if at < 0 || f.Found[at].Suspended || f.Found[at].Pending || f.Found[at].Login == nil || f.Found[at].Login.ID != f.Login.ID {
		return nil, noSession()
	}
	return &Signed{Session: f.Session, Login: f.Login, Serves: usable(f.Serves), TAN: f.TAN,
		Person: &Person{Member: f.Found[at], Account: f.Account, Catalog: f.Catalog}}, nil
}

// move takes the session from its stage to another, under a new token.
func (s *Staff) move(ctx context.Context, v *Signed, stage Stage, from string) (Secret, *Signed, error) {
	token, err := s.replace(ctx, v, stage)
	if err != nil {
		return "", nil, err
	}
	return s.arrive(ctx, token, from)
}

// goOn is move after a change of the login: a session that is open already goes
// on under a new token, which is no sign-in.
func (s *Staff) goOn(ctx context.Context, v *Signed, stage Stage, from string) (Secret, *Signed, error) {
	if v.Session.Stage != StageOpen {
		return s.move(ctx, v, stage, from)
	}
	token, err := s.replace(ctx, v, StageOpen)
	if err != nil {
		return "", nil, err
	}
	v, err = s.Signed(ctx, token)
	return token, v, err
}

// replace puts a session at the stage in the place of another, and returns its
// token.
func (s *Staff) replace(ctx context.Context, v *Signed, stage Stage) (Secret, error) {
	key, err := s.Key()
	if err != nil {
		return "", err
	}
	token, now := newToken(), s.Now().UnixMilli()
	to := *v.Session
	to.Key, to.Stage, to.SeenAt = sessionKey(key, token), stage, now
	if (stage == StageOpen) != (v.Session.Stage == StageOpen) { // an open one lasts no longer for being switched
		to.StartedAt = now
	}
	ok, err := s.Store.MoveSession(ctx, v.Session.Key, v.Session.Stage, &to)
	if err != nil {
		return "", err
	}
	if !ok {
		return "", noSession()
	}
	return token, nil
}

// at is Signed for a session that must be at a stage.
func (s *Staff) at(ctx context.Context, token Secret, stage ...Stage) (*Signed, error) {
	v, err := s.Signed(ctx, token)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(stage, v.Session.Stage) {
		return nil, noSession()
	}
	return v, nil
}

// EnterTAN goes on with the TAN that was sent at the sign-in.
func (s *Staff) EnterTAN(ctx context.Context, token Secret, tan, from string) (Secret, *Signed, error) {
	v, err := s.at(ctx, token, StageTAN)
	if err != nil {
		return "", nil, err
	}
	if err := s.checkTAN(ctx, v, tan); err != nil {
		return "", nil, err
	}
	ok, err := s.Store.UseTAN(ctx, v.TAN.ID, s.Now().UnixMilli())
	if err != nil {
		return "", nil, err
	}
	if !ok {
		return "", nil, errTANOver()
	}
	return s.move(ctx, v, v.next(StageTAN), from)
}

// ResendTAN sends another TAN to the number that waits for one.
func (s *Staff) ResendTAN(ctx context.Context, token Secret) error {
	v, err := s.at(ctx, token, StageTAN, StageEnrol, StageRenew, StageOpen)
	if err != nil {
		return err
	}
	switch {
	case v.Session.Stage == StageTAN:
		return s.sendTAN(ctx, v, v.Login.Mobile)
	case v.TAN != nil:
		return s.sendTAN(ctx, v, v.TAN.Number)
	default:
		return Errorf(CodeInvalid, "number", "no number was given yet; enter one")
	}
}

// ChooseAccount goes on in one of the accounts of the login, or switches to it.
func (s *Staff) ChooseAccount(ctx context.Context, token Secret, account, from string) (Secret, *Signed, error) {
	v, err := s.at(ctx, token, StageAccount, StageOpen)
	if err != nil {
		return "", nil, err
	}
	at := slices.IndexFunc(v.Serves, func(m Membership) bool { return m.Account == account })
	if at < 0 {
		return "", nil, Errorf(CodeForbidden, "account", "there is no account %q for you to sign in to", account)
	}
	v.Session.AccountID, v.Session.MemberID = v.Serves[at].AccountID, v.Serves[at].Member
	next := v.next(StageAccount)
	if v.Session.Stage == StageOpen && next != StageOpen {
		// What is asked for there follows a password, which a switch is not.
		return "", nil, errors.Join(noSession(), s.Store.EndSession(ctx, v.Session.Key))
	}
	return s.move(ctx, v, next, from)
}

// OfferNumber sends a TAN to a number that is to be enrolled.
func (s *Staff) OfferNumber(ctx context.Context, token Secret, number string) error {
	v, err := s.at(ctx, token, StageEnrol, StageRenew, StageOpen)
	if err != nil {
		return err
	}
	number, err = parseNumber(number)
	if err != nil {
		return err
	}
	return s.sendTAN(ctx, v, number)
}

// EnrolNumber enrols the number that a TAN was sent to by [Staff.OfferNumber].
// proof is needed where the session is open.
func (s *Staff) EnrolNumber(ctx context.Context, token Secret, tan string, proof *Proof, from string) (Secret, *Signed, *Plan, error) {
	v, err := s.at(ctx, token, StageEnrol, StageRenew, StageOpen)
	if err != nil {
		return "", nil, nil, err
	}
	if err := s.checkTAN(ctx, v, tan); err != nil {
		return "", nil, nil, err
	}
	plan, err := s.Do(ctx, "", enrolNumber{session: v.Session.Key, proof: proof, tan: v.TAN.ID})
	if err != nil {
		return "", nil, nil, err
	}
	if v.Session.Stage == StageRenew {
		return "", nil, plan, s.Store.EndSession(ctx, v.Session.Key)
	}
	token, v, err = s.goOn(ctx, v, StageOpen, from)
	return token, v, plan, err
}

// ChangePassword sets a password that the holder has chosen. proof is needed
// where the session is open; at a sign-in the temporary one was just given.
func (s *Staff) ChangePassword(ctx context.Context, token Secret, proof *Proof, password *NewPassword, from string) (Secret, *Signed, *Plan, error) {
	v, err := s.at(ctx, token, StagePassword, StageOpen)
	if err != nil {
		return "", nil, nil, err
	}
	plan, err := s.Do(ctx, "", changePassword{session: v.Session.Key, proof: proof, password: password})
	if err != nil {
		return "", nil, nil, err
	}
	next := StageOpen
	if v.Session.Stage == StagePassword {
		next = v.next(StagePassword)
	}
	token, v, err = s.goOn(ctx, v, next, from)
	return token, v, plan, err
}

// ChangeUsername gives the login another username.
func (s *Staff) ChangeUsername(ctx context.Context, token Secret, proof *Proof, username string) (*Plan, error) {
	v, err := s.at(ctx, token, StageOpen)
	if err != nil {
		return nil, err
	}
	return s.Do(ctx, "", changeUsername{session: v.Session.Key, proof: proof, username: username})
}

// ChangeEmail mails a link to a new e-mail of the login, and a notice to the old.
func (s *Staff) ChangeEmail(ctx context.Context, token Secret, proof *Proof, email string) (*Plan, error) {
	v, err := s.at(ctx, token, StageOpen)
	if err != nil {
		return nil, err
	}
	for _, name := range []string{"email login\x00" + v.Login.ID.String(), "email address\x00" + EmailKey(email)} {
		if ok, err := s.allow(ctx, name, emailsPerLogin); err != nil || !ok {
			return nil, cmp.Or(err, error(Errorf(CodeForbidden, "email", "too many links were mailed; wait some minutes and try again")))
		}
	}
	return s.Do(ctx, "", changeEmail{session: v.Session.Key, proof: proof, email: email})
}

// SignOut ends the session of the token.
func (s *Staff) SignOut(ctx context.Context, token Secret) error {
	key, err := s.Key()
	if err != nil {
		return err
	}
	return s.Store.EndSession(ctx, sessionKey(key, token))
}

// BeginRenewal begins a session for a link of [ResetSecondFactor]: its holder
// gives the password, and then a new number.
func (s *Staff) BeginRenewal(ctx context.Context, link Secret, username, password, from string) (Secret, *Signed, error) {
	opened, err := s.Open(ctx, link)
	if err != nil {
		return "", nil, err
	}
	proof, keys, err := s.try(ctx, username, password, from)
	if err != nil {
		return "", nil, err
	}
	m := opened.Member
	if opened.Link.Purpose != ForSecondFactor || opened.Link.LoginID != proof.login || m == nil || m.Suspended || m.Pending {
		return "", nil, s.failSignIn(ctx, keys)
	}
	if err := s.forgive(ctx, keys); err != nil {
		return "", nil, err
	}
	v := &Signed{Session: &Session{LoginID: proof.login, AccountID: opened.Link.AccountID, MemberID: opened.Link.MemberID, LinkID: opened.Link.ID}}
	return s.start(ctx, v, proof.hash, StageRenew, from)
}

func equal(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

func withoutSpace(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, s)
}
