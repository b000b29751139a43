package staff

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestRule21ResetSecondFactor: support mails a link, and changes nothing else.
func TestRule21ResetSecondFactor(t *testing.T) {
	t.Parallel()
	enrolled := func(m *Member) { m.Login.Mobile = handset }
	reset := do(ResetSecondFactor{Member: by("dora@example.ch")})
	mailed := []string{"member.reset-second-factor dora@example.ch", `  link: null -> "mailed to dora@example.ch"`, "  @ second-factor in de to dora@example.ch"}
	runPlans(t, []planCase{
		{name: "mailed", facts: team(of(dora(enrolled))), actions: reset, want: mailed, check: func(t *testing.T, p *Plan) {
			t.Helper()
			l := p.commit.Links[0]
			if l.Purpose != ForSecondFactor || l.MemberID != 17 || l.LoginID != 117 || l.Shown || l.ExpiresAt != noon.Add(time.Hour).UnixMilli() {
				t.Errorf("link %+v", l)
			}
			if len(p.commit.Logins)+len(p.commit.Members)+len(p.commit.EndSessions) != 0 {
				t.Error("the number is gone before another is there")
			}
		}},
		{name: "to the login's e-mail", facts: team(of(dora(enrolled, func(m *Member) { m.Login.Email, m.Login.Accounts = "private@example.ch", 2 }))), actions: reset,
			want: []string{mailed[0], `  link: null -> "mailed to private@example.ch"`, "  @ second-factor in de to private@example.ch"}},
		{name: "no number", facts: team(of(dora())), actions: reset, err: refused(CodeForbidden, "member", "dora@example.ch has no number enrolled", "nothing to reset")},
		{name: "no login", facts: team(of(person(17, "dora@example.ch"))), actions: reset, err: refused(CodeForbidden, "member", "no number enrolled")},
		{name: "not confirmed", facts: team(of(person(17, "dora@example.ch", subaccount("d", "copywriter"), pending))), actions: reset, err: refused(CodeForbidden, "member", "no number enrolled")},
		{name: "nobody", facts: team(nil), actions: reset, err: refused(CodeNotFound, "member", "dora@example.ch")},
	})
}

// lost is dora in two accounts, for whom support has mailed a link.
func lost(t *testing.T) (d *door, link Secret) {
	t.Helper()
	d = everywhere(t)
	if _, err := d.s.Do(t.Context(), "acme", ResetSecondFactor{Member: by("dora@acme.ch")}); err != nil {
		t.Fatal(err)
	}
	return d, testKey.Token(d.store.facts.Link)
}

// renew begins a session behind the link with the right password.
func (d *door) renew(link Secret) Secret {
	d.Helper()
	token, v, err := d.s.BeginRenewal(d.Context(), link, "dora", newSecret, "192.0.2.1")
	if err != nil || v.Session.Stage != StageRenew {
		d.Fatalf("%+v, %v", v, err)
	}
	return token
}

// TestRule21Renewal: behind the link the password and a new number are asked,
// which takes the place of the old one.
func TestRule21Renewal(t *testing.T) {
	t.Parallel()
	d, link := lost(t)
	open := d.in("acme")
	texts := len(d.sms.sent)
	token := d.renew(link)
	if len(d.sms.sent) != texts {
		t.Error("a TAN goes to the number that was lost")
	}
	d.stages(StageRenew, token)
	if len(d.store.signIns[117]) != 1 {
		t.Errorf("it counts as a sign-in: %+v", d.store.signIns)
	}
	other := d.renew(link) // which the person began twice
	if err := d.s.OfferNumber(t.Context(), token, handset2); err != nil {
		t.Fatal(err)
	}
	if d.store.facts.Link.State != LinkOpen || d.store.facts.Login.Mobile != handset {
		t.Error("the link is used, or the number gone, before there is another")
	}
	next, v, plan, err := d.s.EnrolNumber(t.Context(), token, d.tan(), nil, "")
	if err != nil || next != "" || v != nil {
		t.Fatalf("%+v, %v", v, err)
	}
	want := []string{"member.enrol-number dora@acme.ch", `  mobile: "+41791234567" -> "+41797654321"`, `  second_factor: null -> "enrolled"`,
		"  @ number-changed in de to private@example.ch"}
	if diff := cmp.Diff(want, lines(plan)); diff != "" {
		t.Errorf("plan (-want +got):\n%s", diff)
	}
	if c := d.last(); c.Actor.Person != "private@example.ch" || c.UsedLink != d.store.facts.Link.ID || d.store.facts.Link.State != LinkUsed || strings.Contains(jsonOf(c), d.tan()) {
		t.Errorf("commit %+v", c)
	}
	d.stages("", token, other, open) // nobody is signed in: a TAN to the new number is asked for
	if _, v := d.signIn(); v.Session.Stage != StageTAN || d.sms.sent[len(d.sms.sent)-1].number != handset2 {
		t.Errorf("%+v, %+v", v.Session, d.sms.sent)
	}
	_, _, err = d.s.BeginRenewal(t.Context(), link, "dora", newSecret, "")
	refused(CodeExpired, "token", "used already").check(t, err)
	if diff := cmp.Diff([]string{"second-factor to private@example.ch", "number-changed to private@example.ch"}, d.mails()); diff != "" {
		t.Errorf("mails (-want +got):\n%s", diff)
	}
}

// The link is good with the password of its login only, and the password with a
// link for this only.
func TestRule21RenewalIsRefused(t *testing.T) {
	t.Parallel()
	begin := func(d *door, link Secret, username, password string) error {
		d.Helper()
		token, v, err := d.s.BeginRenewal(d.Context(), link, username, password, "192.0.2.1")
		if err != nil && (token != "" || v != nil || len(d.store.sessions) != 0) {
			d.Errorf("refused, and yet %v, %v, %d sessions", token, v, len(d.store.sessions))
		}
		return err
	}
	d, link := lost(t)
	wrong.check(t, begin(d, link, "dora", "guess"))
	wrong.check(t, begin(d, link, "nobody", newSecret))
	if n := d.store.counts[signInKeys(t, d.s, "dora", "")[0]]; n != 1 {
		t.Errorf("%d tries are counted", n)
	}
	refused(CodeInvalid, "token", "not complete").check(t, begin(d, "", "dora", newSecret))
	forged := *d.store.facts.Link
	forged.Purpose = ForReset
	refused(CodeNotFound, "token", "not valid").check(t, begin(d, testKey.Token(&forged), "dora", newSecret))

	d.store.facts.Link.Purpose = ForReset // a link for something else
	wrong.check(t, begin(d, testKey.Token(d.store.facts.Link), "dora", newSecret))
	d, _ = lost(t)
	d.store.facts.Link.LoginID = 118
	wrong.check(t, begin(d, testKey.Token(d.store.facts.Link), "dora", newSecret))

	for says, end := range map[string]func(l *Link){"ended": ended, "used already": used, "expired": lapsed} {
		d, link = lost(t)
		end(d.store.facts.Link)
		refused(CodeExpired, "token", says).check(t, begin(d, link, "dora", newSecret))
	}
	d, link = lost(t)
	d.store.facts.Found[0].Suspended = true
	wrong.check(t, begin(d, link, "dora", newSecret))
}

// A link that ends after the password was given enrols nothing.
func TestRule21RenewalMeetsAChange(t *testing.T) {
	t.Parallel()
	for says, end := range map[string]func(l *Link){"ended": ended, "used already": used, "expired": lapsed} {
		d, link := lost(t)
		token := d.renew(link)
		if err := d.s.OfferNumber(t.Context(), token, handset2); err != nil {
			t.Fatal(err)
		}
		end(d.store.facts.Link)
		_, _, _, err := d.s.EnrolNumber(t.Context(), token, d.tan(), nil, "")
		refused(CodeExpired, "token", says).check(t, err)

		d, link = lost(t)
		token = d.renew(link)
		if err := d.s.OfferNumber(t.Context(), token, handset2); err != nil {
			t.Fatal(err)
		}
		d.store.rivals = []func(*Facts){func(f *Facts) { end(f.Link) }} // just before the commit
		_, _, _, err = d.s.EnrolNumber(t.Context(), token, d.tan(), nil, "")
		refused(CodeExpired, "token", says).check(t, err)
		if len(d.store.commits) != 1 || d.store.facts.Login.Mobile != handset {
			t.Errorf("%s: %v", says, d.rows())
		}
	}
	d, link := lost(t)
	token := d.renew(link)
	d.store.facts.Link = nil
	if err := d.s.OfferNumber(t.Context(), token, handset2); err != nil {
		t.Fatal(err)
	}
	_, _, _, err := d.s.EnrolNumber(t.Context(), token, d.tan(), nil, "")
	over.check(t, err)
}

// TestRule21Unlock: the failed sign-ins of the username are forgotten, those of a
// network are not, and it is audited.
func TestRule21Unlock(t *testing.T) {
	t.Parallel()
	d := newDoor(t, shape{acme: TwoFactorOff})
	keys := signInKeys(t, d.s, "DORA", "192.0.2.1")
	unlock := func(plan func() (*Plan, error), want ...string) {
		t.Helper()
		p, err := plan()
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, lines(p)); diff != "" {
			t.Errorf("plan (-want +got):\n%s", diff)
		}
	}
	carryOut := func() (*Plan, error) { return d.s.Unlock(t.Context(), "acme", by("dora@acme.ch"), d.s.Do) }
	unlock(carryOut, "member.unlock dora@acme.ch unchanged")
	for range 6 {
		_, _, err := d.s.SignIn(t.Context(), "Dora", "guess", "192.0.2.1")
		wrong.check(t, err)
	}
	changed := []string{"member.unlock dora@acme.ch", "  failed_sign_ins: 6 -> 0"}
	unlock(func() (*Plan, error) { return d.s.Unlock(t.Context(), "acme", by("dora@acme.ch"), d.s.Plan) }, changed...)
	if d.store.counts[keys[0]] != 6 {
		t.Error("a dry run unlocks")
	}
	unlock(carryOut, changed...)
	if d.store.counts[keys[0]] != 0 || d.store.counts[keys[1]] != 6 {
		t.Errorf("counted %v", d.store.counts)
	}
	if diff := cmp.Diff([]string{`member.unlock by /operator of dora@acme.ch in acme: {"failed_sign_ins":6} -> {"failed_sign_ins":0}`}, d.rows()); diff != "" {
		t.Errorf("audit (-want +got):\n%s", diff)
	}
	if c := d.last(); len(c.Members)+len(c.Logins)+len(c.EndSessions)+len(c.Mails) != 0 || !slices.Equal(c.ForgetTries, keys[:1]) {
		t.Errorf("commit %+v", c)
	}
	_, err := d.s.Unlock(t.Context(), "acme", by("nobody@acme.ch"), d.s.Do)
	refused(CodeNotFound, "member", "nobody@acme.ch").check(t, err)
}

// TestRule21SignOut: the sessions of a member in this account end, those of the
// login in another go on.
func TestRule21SignOut(t *testing.T) {
	t.Parallel()
	d := everywhere(t)
	first, second, elsewhere := d.in("acme"), d.in("acme"), d.in("globex")
	sign := SignOut{Member: by("dora@acme.ch")}
	plan, err := d.s.Plan(t.Context(), "acme", sign)
	if err != nil || !plan.Changed() {
		t.Errorf("%+v, %v", plan, err)
	}
	d.stages(StageOpen, first, second, elsewhere)
	for _, want := range [][]string{{"member.sign-out dora@acme.ch", "  sessions: 2 -> 0"}, {"member.sign-out dora@acme.ch unchanged"}} {
		plan, err := d.s.Do(t.Context(), "acme", sign)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, lines(plan)); diff != "" {
			t.Errorf("plan (-want +got):\n%s", diff)
		}
		d.stages("", first, second)
		d.stages(StageOpen, elsewhere)
	}
	if diff := cmp.Diff([]string{`member.sign-out by /operator of dora@acme.ch in acme: {"sessions":2} -> {"sessions":0}`}, d.rows()); diff != "" {
		t.Errorf("audit (-want +got):\n%s", diff)
	}
	_, err = d.s.Do(t.Context(), "acme", SignOut{Member: by("nobody@acme.ch")})
	refused(CodeNotFound, "member", "nobody@acme.ch").check(t, err)
}

// A person is shown with how they sign in, and how long they have to wait.
func TestPersonWithHistory(t *testing.T) {
	t.Parallel()
	d := everywhere(t)
	d.in("acme")
	d.store.wait = map[string]time.Duration{signInKeys(t, d.s, "dora", "")[0]: 90 * time.Second}
	p, err := d.s.PersonWithHistory(t.Context(), "acme", by("dora@acme.ch"))
	if err != nil || p.History == nil || p.History.Wait != 90*time.Second || p.History.Sessions != 1 || len(p.History.SignIns) != 1 {
		t.Fatalf("%+v, %v", p, err)
	}
	d.s.Key = func() (LinkKey, error) { return LinkKey{}, Errorf(CodeNotFound, "key_file", "no key") }
	if p, err = d.s.PersonWithHistory(t.Context(), "acme", by("dora@acme.ch")); err != nil || p.History.Wait != 0 {
		t.Errorf("without a key: %+v, %v", p, err)
	}
	d.s.Key = func() (LinkKey, error) { return LinkKey{}, Errorf(CodeInvalid, "key_file", "damaged") }
	if _, err = d.s.PersonWithHistory(t.Context(), "acme", by("dora@acme.ch")); CodeOf(err) != CodeInvalid {
		t.Errorf("with a damaged key: %v", err)
	}
	if p, err = d.s.Person(t.Context(), "acme", by("dora@acme.ch")); err != nil || p.History != nil {
		t.Errorf("not asked for: %+v, %v", p.History, err)
	}
}
