package staff

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// walk takes a session through its stages until it is open, choosing the
// account, and asserts that each token dies with its stage.
func (d *door) walk(account string) (stages []Stage, open *Signed) {
	d.Helper()
	token, v := d.signIn()
	seen := []Secret{token}
	for v.Session.Stage != StageOpen {
		stages = append(stages, v.Session.Stage)
		if len(stages) > 5 {
			d.Fatalf("no end of stages: %v", stages)
		}
		before := v.Session.Stage
		next, after, err := d.pass(token, v, account)
		if err != nil {
			d.Fatalf("at %s: %v", before, err)
		}
		if slices.Contains(seen, next) || next == "" {
			d.Errorf("after %s the token is an old one", before)
		}
		d.stages("", seen...)
		d.stages(after.Session.Stage, next)
		if len(d.store.sessions) != 1 {
			d.Errorf("after %s there are %d sessions", before, len(d.store.sessions))
		}
		seen, token, v = append(seen, next), next, after
	}
	return append(stages, StageOpen), v
}

// pass does what the stage asks for.
func (d *door) pass(token Secret, v *Signed, account string) (Secret, *Signed, error) {
	d.Helper()
	switch v.Session.Stage {
	case StageTAN:
		return d.s.EnterTAN(d.Context(), token, d.tan(), "192.0.2.1")
	case StagePassword:
		token, v, _, err := d.s.ChangePassword(d.Context(), token, nil, PlainPassword(chosen), "192.0.2.1")
		return token, v, err
	case StageAccount:
		return d.s.ChooseAccount(d.Context(), token, account, "192.0.2.1")
	default:
		if err := d.s.OfferNumber(d.Context(), token, "+41 79 123 45 67"); err != nil {
			d.Fatal("offering a number:", err)
		}
		token, v, _, err := d.s.EnrolNumber(d.Context(), token, d.tan(), nil, "192.0.2.1")
		return token, v, err
	}
}

// TestRule18Stages: username and password, then a TAN where the login has a
// number, then the account if there are several; a policy sms there asks for
// enrolment first.
func TestRule18Stages(t *testing.T) {
	t.Parallel()
	const off, sms = TwoFactorOff, TwoFactorSMS
	for name, c := range map[string]struct {
		is     shape
		choose string
		want   []Stage
		in     ID // account
	}{
		"a password":                            {is: shape{acme: off}, want: []Stage{StageOpen}},
		"a number":                              {is: shape{acme: off, mobile: handset}, want: []Stage{StageTAN, StageOpen}},
		"a number, policy sms":                  {is: shape{acme: sms, mobile: handset}, want: []Stage{StageTAN, StageOpen}},
		"policy sms":                            {is: shape{acme: sms}, want: []Stage{StageEnrol, StageOpen}},
		"a temporary password":                  {is: shape{acme: off, mustChange: true}, want: []Stage{StagePassword, StageOpen}},
		"a temporary password and a number":     {is: shape{acme: off, mustChange: true, mobile: handset}, want: []Stage{StageTAN, StagePassword, StageOpen}},
		"a temporary password, policy sms":      {is: shape{acme: sms, mustChange: true}, want: []Stage{StagePassword, StageEnrol, StageOpen}},
		"two accounts, the first":               {is: shape{acme: off, globex: off}, choose: "acme", want: []Stage{StageAccount, StageOpen}},
		"two accounts, the second":              {is: shape{acme: off, globex: off}, choose: "globex", want: []Stage{StageAccount, StageOpen}, in: 2},
		"two accounts and a number":             {is: shape{acme: off, globex: sms, mobile: handset}, choose: "globex", want: []Stage{StageTAN, StageAccount, StageOpen}, in: 2},
		"two accounts, policy sms there":        {is: shape{acme: off, globex: sms}, choose: "globex", want: []Stage{StageAccount, StageEnrol, StageOpen}, in: 2},
		"two accounts, policy sms in the other": {is: shape{acme: off, globex: sms}, choose: "acme", want: []Stage{StageAccount, StageOpen}},
		"policy sms in the provisional account": {is: shape{acme: sms, globex: off}, choose: "globex", want: []Stage{StageAccount, StageOpen}, in: 2},
		"all of it": {is: shape{acme: sms, globex: sms, mobile: handset, mustChange: true}, choose: "globex",
			want: []Stage{StageTAN, StagePassword, StageAccount, StageOpen}, in: 2},
		"all of it, without a number": {is: shape{acme: off, globex: sms, mustChange: true}, choose: "globex",
			want: []Stage{StagePassword, StageAccount, StageEnrol, StageOpen}, in: 2},
		"suspended in the first":       {is: shape{acme: off, globex: sms, suspended: "acme"}, want: []Stage{StageEnrol, StageOpen}, in: 2},
		"suspended in the second":      {is: shape{acme: off, globex: sms, suspended: "globex"}, want: []Stage{StageOpen}},
		"pending in the first":         {is: shape{acme: off, globex: off, pending: "acme"}, want: []Stage{StageOpen}, in: 2},
		"a member of the other alone":  {is: shape{globex: off}, want: []Stage{StageOpen}, in: 2},
		"two accounts, both suspended": {is: shape{acme: off, globex: off, suspended: "acme, globex"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDoor(t, c.is)
			if c.want == nil {
				_, _, err := d.s.SignIn(t.Context(), "dora", newSecret, "")
				wrong.check(t, err)
				return
			}
			got, v := d.walk(c.choose)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("stages (-want +got):\n%s", diff)
			}
			if want := max(c.in, 1); v.Session.AccountID != want || v.Person.Account.ID != want || v.Person.AccountID != want || v.Login.ID != 117 {
				t.Errorf("signed in to %d as %s", v.Session.AccountID, v.Person.Email)
			}
			if in := d.store.signIns[117]; len(in) != 1 || in[0].At != noon.UnixMilli() || in[0].Network != "192.0.2.1" {
				t.Errorf("noted %+v", in)
			}
		})
	}
}

// TestRule18Offers: suspended and pending memberships are not offered, and
// whoever has none gets the answer of a wrong password.
func TestRule18Offers(t *testing.T) {
	t.Parallel()
	d := newDoor(t, shape{acme: TwoFactorOff, globex: TwoFactorOff})
	token, v := d.signIn()
	if len(v.Serves) != 2 || v.Serves[0].Account != "acme" || v.Serves[1].Account != "globex" {
		t.Errorf("offered %+v", v.Serves)
	}
	d.store.others[0].Found[0].Suspended = true
	_, _, err := d.s.ChooseAccount(t.Context(), token, "globex", "")
	refused(CodeForbidden, "account", `no account "globex" for you`).check(t, err)
	_, _, err = d.s.ChooseAccount(t.Context(), token, "initech", "")
	refused(CodeForbidden, "account", `no account "initech" for you`).check(t, err)
	d.stages(StageAccount, token) // and may choose another
	if _, v, err := d.s.ChooseAccount(t.Context(), token, "acme", ""); err != nil || v.Session.MemberID != 17 || len(v.Serves) != 1 {
		t.Errorf("%+v, %v", v, err)
	}
}

// A failure tells nothing: who may not sign in is answered as a wrong password
// is, and has to wait as often.
func TestRule18FailuresAreAlike(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		is                 shape
		username, password string
	}{
		"a wrong password":              {shape{acme: TwoFactorOff}, "dora", "guess"},
		"nobody":                        {shape{acme: TwoFactorOff}, "nobody", newSecret},
		"suspended":                     {shape{acme: TwoFactorOff, suspended: "acme"}, "dora", newSecret},
		"suspended, with a number":      {shape{acme: TwoFactorOff, suspended: "acme", mobile: handset}, "dora", newSecret},
		"pending":                       {shape{acme: TwoFactorOff, pending: "acme"}, "dora", newSecret},
		"suspended and pending":         {shape{acme: TwoFactorOff, globex: TwoFactorOff, suspended: "acme", pending: "globex"}, "dora", newSecret},
		"in no account":                 {shape{}, "dora", newSecret},
		"suspended, a wrong password":   {shape{acme: TwoFactorOff, suspended: "acme"}, "dora", "guess"},
		"a proposal with no login yet":  {shape{acme: TwoFactorOff}, "dora@acme.ch", newSecret},
		"suspended, temporary password": {shape{acme: TwoFactorSMS, suspended: "acme", mustChange: true}, "dora", newSecret},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDoor(t, c.is)
			keys := signInKeys(t, d.s, c.username, "192.0.2.1")
			for try := range 3 {
				token, v, err := d.s.SignIn(t.Context(), c.username, c.password, "192.0.2.1")
				wrong.check(t, err)
				if token != "" || v != nil || len(d.store.sessions) != 0 || len(d.sms.sent) != 0 || len(d.store.signIns) != 0 {
					t.Errorf("a sign-in that fails leaves %v, %v, %d sessions, %d texts", token, v, len(d.store.sessions), len(d.sms.sent))
				}
				for i, key := range keys {
					if got := d.store.counts[key]; got != try+1 {
						t.Errorf("after %d failures %d are counted under key %d: whoever fails must come to wait alike", try+1, got, i)
					}
				}
			}
		})
	}
}

// TestRule18Switch: an open session goes on in another account under a new token,
// lasts no longer for it, and opens nothing in the old one.
func TestRule18Switch(t *testing.T) {
	t.Parallel()
	d := newDoor(t, shape{acme: TwoFactorOff, globex: TwoFactorOff, mobile: handset})
	token, _ := d.signIn()
	token, _ = d.enter(token)
	inAcme, v, err := d.s.ChooseAccount(t.Context(), token, "acme", "here")
	if err != nil || v.Person.Email != "dora@acme.ch" {
		t.Fatal(v, err)
	}
	d.wait(SessionIdle - 1)
	inGlobex, v, err := d.s.ChooseAccount(t.Context(), inAcme, "globex", "here")
	if err != nil || v.Person.Email != "dora@globex.ch" || v.Person.Account.Name != "globex" || v.Session.StartedAt != noon.UnixMilli() {
		t.Fatalf("%+v, %v", v, err)
	}
	d.stages("", inAcme)
	d.stages(StageOpen, inGlobex)
	if _, _, err := d.s.ChooseAccount(t.Context(), inAcme, "acme", "here"); err == nil {
		t.Error("the old token switches back")
	}
}

// A switch to an account with policy sms, by who has no number, is a sign-in: a
// number is enrolled only after a password.
func TestRule18SwitchEnrols(t *testing.T) {
	t.Parallel()
	d := newDoor(t, shape{acme: TwoFactorOff, globex: TwoFactorSMS})
	token, _ := d.signIn()
	token, _, err := d.s.ChooseAccount(t.Context(), token, "acme", "")
	if err != nil {
		t.Fatal(err)
	}
	if _, v, err := d.s.ChooseAccount(t.Context(), token, "globex", ""); !errors.Is(err, ErrNoSession) {
		t.Fatalf("%+v, %v", v, err)
	}
	d.stages("", token)
}

// Without a gateway nobody gets past a TAN, and the session stays where it is.
func TestRule18NoGateway(t *testing.T) {
	t.Parallel()
	d := inAcme(t)
	d.sms.down = Errorf(CodeUnavailable, "sms.url", "the SMS service does not answer; try again")
	token, v, err := d.s.SignIn(t.Context(), "dora", newSecret, "")
	refused(CodeUnavailable, "sms.url", "does not answer").check(t, err)
	if v == nil || v.Session.Stage != StageTAN || strings.Contains(err.Error(), d.tan()) {
		t.Errorf("%+v, %v", v, err)
	}
	d.s.SMS = nil
	_, _, err = d.s.SignIn(t.Context(), "dora", newSecret, "")
	refused(CodeUnavailable, "sms.url", "sms.url is not set").check(t, err)
	d.s.SMS, d.sms.down, d.sms.foreign = d.sms, nil, "+41"
	_, _, err = d.s.SignIn(t.Context(), "dora", newSecret, "")
	refused(CodeForbidden, "number", "this country").check(t, err)
	d.sms.foreign = ""
	if err := d.s.ResendTAN(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	d.enter(token)
}

// Whoever may send no more TANs uses up none of what another's number has left.
func TestRule18OffersSpareOthers(t *testing.T) {
	t.Parallel()
	d := newDoor(t, shape{acme: TwoFactorSMS})
	token, _ := d.signIn()
	for i := range tansPerLogin[0].Count {
		if err := d.s.OfferNumber(t.Context(), token, "+4179555000"+strconv.Itoa(i)); err != nil {
			t.Fatal(err)
		}
	}
	const theirs = "+41795559999"
	if err := d.s.OfferNumber(t.Context(), token, theirs); !errors.Is(err, ErrTooManyTANs) {
		t.Error(err)
	}
	key, err := d.s.Key()
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range tansPerNumber {
		if n := d.store.counts["limit:"+key.Sum("tan number\x00"+theirs+l.Window.String())]; n != 0 {
			t.Errorf("%d TANs count for a number that got none", n)
		}
	}
}
