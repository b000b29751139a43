package staff

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestTAN: six digits, computed with the instance key from the id, the session
// and the number, so that what the store has tells none.
func TestTAN(t *testing.T) {
	t.Parallel()
	tan := TAN{ID: 7, Session: "abc", Number: handset, ExpiresAt: 1}
	own := testKey.tanOf(&tan)
	if !regexp.MustCompile(`^[0-9]{6}$`).MatchString(string(own)) || fmt.Sprintf("%v %+v %#v", own, own, own) != `set set "set"` {
		t.Errorf("TAN %q, which prints as %v", string(own), own)
	}
	for name, other := range map[string]TAN{
		"id":      {ID: 8, Session: "abc", Number: handset},
		"session": {ID: 7, Session: "abd", Number: handset},
		"number":  {ID: 7, Session: "abc", Number: handset2},
	} {
		if testKey.tanOf(&other) == own {
			t.Errorf("it does not depend on the %s", name)
		}
	}
	if NewLinkKey([32]byte{9}).tanOf(&tan) == own {
		t.Error("it does not depend on the key")
	}
	seen := map[Secret]bool{}
	for id := range ID(1000) {
		tan.ID = id
		seen[testKey.tanOf(&tan)] = true
	}
	if len(seen) < 990 {
		t.Errorf("%d of 1000 TANs differ", len(seen))
	}
}

// The text goes to the login's number in the person's language, and nothing else
// holds the TAN.
func TestTANIsTexted(t *testing.T) {
	t.Parallel()
	for language, want := range map[Language]string{
		German:  "%s ist Ihre TAN für Acme. Sie gilt 5 Minuten. Geben Sie sie niemandem weiter.",
		English: "%s is your TAN for Acme. It is good for 5 minutes. Do not tell it to anybody.",
	} {
		d := newDoor(t, shape{mobile: handset, acme: TwoFactorOff, member: []trait{func(m *Member) { m.Language = language }}})
		d.store.facts.Account.DisplayName = "Acme"
		token, v := d.signIn()
		if diff := cmp.Diff([]text{{handset, fmt.Sprintf(want, d.tan())}}, d.sms.sent, cmp.AllowUnexported(text{})); diff != "" {
			t.Errorf("texts (-want +got):\n%s", diff)
		}
		if v.TAN == nil || v.TAN.Number != handset || v.TAN.ExpiresAt != noon.Add(5*time.Minute).UnixMilli() || v.TAN.Session != v.Session.Key {
			t.Errorf("TAN %+v", v.TAN)
		}
		for _, known := range []string{fmt.Sprintf("%+v", v), fmt.Sprintf("%+v %+v", v.TAN, v.Session), fmt.Sprintf("%+v", d.store.tans[0]), fmt.Sprint(d.store.counts), string(token)} {
			if strings.Contains(known, d.tan()) {
				t.Errorf("the TAN stands in %s", known)
			}
		}
	}
}

// A TAN is entered with or without white space, and in no other form.
func TestTANForms(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		form func(tan string) string
		ok   bool
	}{
		"as sent":      {func(s string) string { return s }, true},
		"in two parts": {func(s string) string { return " " + s[:3] + " " + s[3:] + "\n" }, true},
		"pasted":       {func(s string) string { return "\u00a0" + s[:3] + "\u2009" + s[3:] + "\t" }, true},
		"twice":        {func(s string) string { return s + s }, false},
		"shortened":    {func(s string) string { return s[:5] }, false},
		"prolonged":    {func(s string) string { return s + "0" }, false},
		"empty":        {func(string) string { return "" }, false},
		"spaces":       {func(string) string { return "      " }, false},
		"negative":     {func(s string) string { return "-" + s }, false},
		"wide digits":  {func(s string) string { return strings.Map(func(r rune) rune { return r - '0' + '０' }, s) }, false},
		"split by NUL": {func(s string) string { return s[:3] + "\x00" + s[3:] }, false},
		"by a letter":  {func(s string) string { return s[:5] + "O" }, false},
		"with a sign":  {func(s string) string { return "+" + s }, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := inAcme(t)
			token, _ := d.signIn()
			next, _, err := d.s.EnterTAN(t.Context(), token, c.form(d.tan()), "")
			if !c.ok {
				tanWrong.check(t, err)
				d.stages(StageTAN, token)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			d.stages(StageOpen, next)
		})
	}
}

// Five wrong tries end a TAN, however they are written, and the right one does
// not help then.
func TestTANTries(t *testing.T) {
	t.Parallel()
	d := inAcme(t)
	token, _ := d.signIn()
	bad := d.wrongTAN()
	for _, try := range []string{bad, " " + bad, bad, bad[:3] + " " + bad[3:], ""} {
		_, _, err := d.s.EnterTAN(t.Context(), token, try, "")
		tanWrong.check(t, err)
	}
	for _, try := range []string{bad, d.tan(), " " + d.tan()} {
		_, _, err := d.s.EnterTAN(t.Context(), token, try, "")
		tanOver.check(t, err)
	}
	d.stages(StageTAN, token)
	old := d.tan()
	if err := d.s.ResendTAN(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	if old != d.tan() {
		_, _, err := d.s.EnterTAN(t.Context(), token, old, "")
		tanWrong.check(t, err) // one of five of the new one
	}
	for range 3 {
		_, _, err := d.s.EnterTAN(t.Context(), token, d.wrongTAN(), "")
		tanWrong.check(t, err)
	}
	d.enter(token) // the fifth try is the right one
}

// A TAN lasts five minutes.
func TestTANExpires(t *testing.T) {
	t.Parallel()
	d := inAcme(t)
	token, _ := d.signIn()
	d.wait(TANLife - time.Millisecond)
	again, _ := d.signIn() // another sign-in ends no TAN of this one
	early := d.sms.sent[0].body
	next, _, err := d.s.EnterTAN(t.Context(), token, sixDigits.FindString(early), "")
	if err != nil {
		t.Fatal(err)
	}
	d.stages(StageOpen, next)
	d.wait(TANLife)
	_, _, err = d.s.EnterTAN(t.Context(), again, d.tan(), "")
	tanOver.check(t, err)
	if n := len(d.store.counts); n == 0 {
		t.Error("nothing was counted")
	}
}

// A TAN works once, in its session, and only the one sent last.
func TestTANOnce(t *testing.T) {
	t.Parallel()
	d := inAcme(t)
	token, _ := d.signIn()
	tan := d.tan()
	other, _ := d.signIn()
	if tan == d.tan() {
		t.Fatal("two TANs are the same: choose another key")
	}
	_, _, err := d.s.EnterTAN(t.Context(), other, tan, "")
	tanWrong.check(t, err)
	next, _, err := d.s.EnterTAN(t.Context(), token, tan, "")
	if err != nil {
		t.Fatal(err)
	}
	for _, again := range []Secret{token, next, ""} {
		_, _, err := d.s.EnterTAN(t.Context(), again, tan, "")
		over.check(t, err)
	}
	// Used, though the session was not moved: as when two post it at once.
	for _, sent := range d.store.tans {
		sent.Used = true
	}
	_, _, err = d.s.EnterTAN(t.Context(), other, d.tan(), "")
	tanOver.check(t, err)
}

func TestTANResend(t *testing.T) {
	t.Parallel()
	d := inAcme(t)
	token, _ := d.signIn()
	first := d.tan()
	if err := d.s.ResendTAN(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	if len(d.store.tans) != 1 || len(d.sms.sent) != 2 || d.sms.sent[1].number != handset || d.tan() == first {
		t.Fatalf("%d TANs, %+v", len(d.store.tans), d.sms.sent)
	}
	_, _, err := d.s.EnterTAN(t.Context(), token, first, "")
	tanWrong.check(t, err)
	d.enter(token)
	over.check(t, d.s.ResendTAN(t.Context(), token))
	over.check(t, d.s.ResendTAN(t.Context(), ""))
}

// TestTANLimits: three in ten minutes a number, five a login, 100 an account.
func TestTANLimits(t *testing.T) {
	t.Parallel()
	tooMany := refused(CodeForbidden, "number", "too many TANs", "wait", "try again")
	d := inAcme(t)
	for range 3 {
		d.signIn()
	}
	token, v, err := d.s.SignIn(t.Context(), "dora", newSecret, "")
	tooMany.check(t, err)
	if !errors.Is(err, ErrTooManyTANs) || v == nil || v.Session.Stage != StageTAN || len(d.sms.sent) != 3 {
		t.Errorf("%+v, %v, %d texts", v, err, len(d.sms.sent))
	}
	_, _, err = d.s.EnterTAN(t.Context(), token, d.tan(), "")
	tanOver.check(t, err)
	tooMany.check(t, d.s.ResendTAN(t.Context(), token))

	d = newDoor(t, shape{acme: TwoFactorSMS})
	token, _ = d.signIn()
	for i := range 5 {
		if err := d.s.OfferNumber(t.Context(), token, fmt.Sprintf("+4179000000%d", i)); err != nil {
			t.Fatal(err)
		}
	}
	tooMany.check(t, d.s.OfferNumber(t.Context(), token, "+41790000009")) // another number, the same login
	if len(d.sms.sent) != 5 {
		t.Errorf("%d texts", len(d.sms.sent))
	}
	for key := range d.store.counts {
		if strings.Contains(key, "4179") || strings.Contains(key, "117") {
			t.Errorf("the store knows what is counted: %q", key)
		}
	}
	d = inAcme(t)
	if err := d.countAccount(100); err != nil {
		t.Fatal(err)
	}
	_, _, err = d.s.SignIn(t.Context(), "dora", newSecret, "")
	tooMany.check(t, err)
	minutes, day := 10*time.Minute, 24*time.Hour
	if diff := cmp.Diff([][]Limit{{{3, minutes}, {10, day}}, {{5, minutes}, {20, day}}, {{100, minutes}, {1000, day}}}, [][]Limit{tansPerNumber, tansPerLogin, tansPerAccount}); diff != "" {
		t.Errorf("limits (-want +got):\n%s", diff)
	}
}

// countAccount counts TANs of other logins of acme, each to a number of its own.
func (d *door) countAccount(n int) error {
	for i := range n {
		v := &Signed{Login: &Login{ID: ID(1000 + i)}, Session: &Session{AccountID: 1}}
		if err := d.s.allowTAN(d.Context(), v, fmt.Sprintf("+4178%07d", i)); err != nil {
			return err
		}
	}
	return nil
}

// A number in a country that nothing is sent to is refused before it is counted,
// and so is what is no number.
func TestOfferNumber(t *testing.T) {
	t.Parallel()
	d := newDoor(t, shape{acme: TwoFactorSMS})
	d.sms.foreign = "+1"
	token, _ := d.signIn()
	counted := len(d.store.counts)
	refused(CodeForbidden, "number", "country").check(t, d.s.OfferNumber(t.Context(), token, "+12025550123"))
	for _, bad := range []string{"", "079 123 45 67", "+41", "+999999999999999999", "sms", "+41791234567;+12025550123"} {
		if err := d.s.OfferNumber(t.Context(), token, bad); CodeOf(err) != CodeInvalid {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if len(d.store.counts) != counted || len(d.sms.sent)+len(d.store.tans) != 0 {
		t.Error("a number that is refused is counted or sent to")
	}
	refused(CodeInvalid, "number", "enter one").check(t, d.s.ResendTAN(t.Context(), token))
	if err := d.s.OfferNumber(t.Context(), token, handset); err != nil {
		t.Fatal(err)
	}
	first := d.tan()
	if err := d.s.OfferNumber(t.Context(), token, handset2); err != nil {
		t.Fatal(err)
	}
	_, _, _, err := d.s.EnrolNumber(t.Context(), token, first, nil, "") // of the number given before
	tanWrong.check(t, err)
	if err := d.s.ResendTAN(t.Context(), token); err != nil || d.sms.sent[2].number != handset2 {
		t.Errorf("%v, %+v", err, d.sms.sent)
	}
	if _, v, _, err := d.s.EnrolNumber(t.Context(), token, d.tan(), nil, ""); err != nil || v.Login.Mobile != handset2 {
		t.Errorf("%+v, %v", v, err)
	}
}
