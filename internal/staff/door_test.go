package staff

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"
)

const (
	handset  = "+41791234567"
	handset2 = "+41797654321"
	chosen   = "chosen by the holder"
)

// text is one that was sent to a phone.
type text struct{ number, body string }

// gateway notes what it sends.
type gateway struct {
	sent    []text
	down    error
	foreign string // the prefix of numbers that nothing is sent to
}

func (g *gateway) Check(number string) error {
	if g.foreign != "" && strings.HasPrefix(number, g.foreign) {
		return Errorf(CodeForbidden, "number", "nothing is sent to this country")
	}
	return nil
}

func (g *gateway) Send(_ context.Context, number, body string) error {
	g.sent = append(g.sent, text{number, body})
	return g.down
}

// shape says what a person at the door has, and where.
type shape struct {
	mobile       string
	mustChange   bool
	acme, globex TwoFactor // "" for no membership
	suspended    string    // the accounts where
	pending      string
	member       []trait
}

// door is where dora signs in, with a clock that can be set.
type door struct {
	*testing.T
	store *memory
	s     *Staff
	sms   *gateway
	at    time.Time
}

// newDoor has dora as member 17 of acme and as member 91 of globex.
func newDoor(t *testing.T, is shape) *door {
	t.Helper()
	login := &Login{ID: 117, Username: "dora", PasswordHash: "$fake$" + newSecret, HolderSet: true, MustChange: is.mustChange, Mobile: is.mobile,
		Email: "private@example.ch", EmailVerified: true, Version: 5, CreatedAt: before, UpdatedAt: before}
	f := team(nil)
	globex := &Facts{Schema: 1, Catalog: f.Catalog, Accounts: 2, Account: f.Account.clone()}
	globex.Account.ID, globex.Account.Name, globex.Account.DisplayName = 2, "globex", "Globex"
	var people []*Member
	for _, at := range []struct {
		facts  *Facts
		id     ID
		policy TwoFactor
	}{{f, 17, is.acme}, {globex, 91, is.globex}} {
		if at.policy == "" {
			continue
		}
		name := at.facts.Account.Name
		m := person(at.id, "dora@"+name+".ch", opens("domains"))
		m.AccountID, m.Suspended, m.Pending = at.facts.Account.ID, strings.Contains(is.suspended, name), strings.Contains(is.pending, name)
		for _, is := range is.member {
			is(m)
		}
		at.facts.Found, at.facts.Account.TwoFactor = of(m), at.policy
		f.Serves = append(f.Serves, Membership{AccountID: at.facts.Account.ID, Account: name, Name: at.facts.Account.DisplayName, Member: at.id})
		people = append(people, m)
	}
	login.Accounts = len(people)
	for _, m := range people {
		m.Login = new(*login)
	}
	f.Login = login
	store := storeOf(f)
	store.others = []*Facts{globex}
	d := &door{T: t, store: store, s: newStaff(store), sms: &gateway{}, at: noon}
	d.s.SMS, d.s.Now = d.sms, func() time.Time { return d.at }
	return d
}

// inAcme is dora in acme alone, with a number.
func inAcme(t *testing.T) *door { return newDoor(t, shape{mobile: handset, acme: TwoFactorOff}) }

func (d *door) wait(by time.Duration) { d.at = d.at.Add(by) }

// signIn gives the right password.
func (d *door) signIn() (Secret, *Signed) {
	d.Helper()
	token, v, err := d.s.SignIn(d.Context(), "dora", newSecret, "192.0.2.1")
	if err != nil {
		d.Fatal("signing in:", err)
	}
	return token, v
}

// open signs in and enters the TAN where one is asked for.
func (d *door) open() (Secret, *Signed) {
	d.Helper()
	token, v := d.signIn()
	if v.Session.Stage == StageTAN {
		token, v = d.enter(token)
	}
	if v.Session.Stage != StageOpen {
		d.Fatalf("the session is at %s", v.Session.Stage)
	}
	return token, v
}

// enter enters the TAN that was sent last.
func (d *door) enter(token Secret) (Secret, *Signed) {
	d.Helper()
	token, v, err := d.s.EnterTAN(d.Context(), token, d.tan(), "192.0.2.1")
	if err != nil {
		d.Fatal("entering the TAN:", err)
	}
	return token, v
}

// proof shows that dora knows the password.
func (d *door) proof() *Proof {
	d.Helper()
	proof, err := d.s.Prove(d.Context(), "dora", newSecret, "")
	if err != nil {
		d.Fatal(err)
	}
	return proof
}

var sixDigits = regexp.MustCompile(`\b[0-9]{6}\b`)

// tan is the one that was sent last.
func (d *door) tan() string {
	d.Helper()
	if len(d.sms.sent) == 0 {
		d.Fatal("no text was sent")
	}
	tan := sixDigits.FindString(d.sms.sent[len(d.sms.sent)-1].body)
	if tan == "" {
		d.Fatalf("the text has no TAN: %q", d.sms.sent[len(d.sms.sent)-1].body)
	}
	return tan
}

// wrongTAN is another number of six digits.
func (d *door) wrongTAN() string {
	d.Helper()
	last := (d.tan()[5]-'0'+1)%10 + '0'
	return d.tan()[:5] + string(last)
}

// stage is that of a session, "" where it is over.
func (d *door) stage(token Secret) Stage {
	d.Helper()
	v, err := d.s.Signed(d.Context(), token)
	switch {
	case errors.Is(err, ErrNoSession):
		return ""
	case err != nil:
		d.Fatal(err)
	}
	return v.Session.Stage
}

// stages asserts where the sessions of tokens are.
func (d *door) stages(want Stage, tokens ...Secret) {
	d.Helper()
	for i, token := range tokens {
		if got := d.stage(token); got != want {
			d.Errorf("session %d is at %q, want %q", i, got, want)
		}
	}
}

var (
	over      = refused(CodeForbidden, "session", "you are not signed in", "sign in again")
	tanWrong  = refused(CodeInvalid, "tan", "wrong", "sent last")
	tanOver   = refused(CodeExpired, "tan", "expired", "ask for a new one")
	proofFail = refused(CodeForbidden, "password", "the password is wrong", "present one")
)

// rows are the audit rows of all that was committed, each with who did it.
func (d *door) rows() []string {
	var out []string
	for _, c := range d.store.commits {
		for _, e := range c.Audit {
			out = append(out, fmt.Sprintf("%s by %s/%s of %s in %s: %s -> %s", e.Action, c.Actor.Person, c.Actor.OSUser, e.Subject, e.Account, e.Before, e.After))
		}
	}
	return out
}

// mails are the mails of all that was committed.
func (d *door) mails() []string {
	var out []string
	for _, c := range d.store.commits {
		for _, m := range c.Mails {
			out = append(out, fmt.Sprintf("%s to %s", m.Template, m.To))
		}
	}
	return out
}

// last is what was committed last.
func (d *door) last() *Commit {
	d.Helper()
	if len(d.store.commits) == 0 {
		d.Fatal("nothing was committed")
	}
	return d.store.commits[len(d.store.commits)-1]
}
