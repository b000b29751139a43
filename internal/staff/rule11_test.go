package staff

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestRule11Enrol: policy sms binds everybody in the account. Whoever has no
// number enrols one at the next sign-in; each later one asks for a TAN.
func TestRule11Enrol(t *testing.T) {
	t.Parallel()
	d := newDoor(t, shape{acme: TwoFactorOff})
	open, _ := d.open()
	d.store.facts.Account.TwoFactor = TwoFactorSMS
	d.stages(StageOpen, open) // which was signed in before
	token, v := d.signIn()
	if v.Session.Stage != StageEnrol || v.Person.Status() != Pending2FA || len(d.sms.sent) != 0 {
		t.Fatalf("%+v", v.Session)
	}
	if err := d.s.OfferNumber(t.Context(), token, " +41 79 123 45 67 "); err != nil {
		t.Fatal(err)
	}
	if len(d.sms.sent) != 1 || d.sms.sent[0].number != handset || d.store.facts.Found[0].Login.Mobile != "" {
		t.Fatalf("%+v", d.sms.sent)
	}
	next, v, plan, err := d.s.EnrolNumber(t.Context(), token, d.tan(), nil, "192.0.2.1")
	if err != nil || v.Session.Stage != StageOpen || v.Login.Mobile != handset || v.Person.Status() != Active {
		t.Fatalf("%+v, %v", v, err)
	}
	want := []string{"member.enrol-number dora@acme.ch", `  mobile: null -> "+41791234567"`, `  second_factor: null -> "enrolled"`, "  @ number-changed in de to private@example.ch"}
	if diff := cmp.Diff(want, lines(plan)); diff != "" {
		t.Errorf("plan (-want +got):\n%s", diff)
	}
	audited := `member.enrol-number by private@example.ch/operator of dora@acme.ch in acme:  -> {"mobile":"+41791234567","second_factor":"enrolled"}`
	if diff := cmp.Diff([]string{audited}, d.rows()); diff != "" {
		t.Errorf("audit (-want +got):\n%s", diff)
	}
	if d.store.tans[0].Used != true || strings.Contains(jsonOf(d.last()), d.tan()) {
		t.Error("the TAN is not used up, or stands in the commit")
	}
	d.stages("", open, token) // a new number ends the others
	d.stages(StageOpen, next)
	if in := d.store.signIns[117]; len(in) != 2 {
		t.Errorf("signed in %+v", in)
	}
	_, v = d.signIn()
	if v.Session.Stage != StageTAN {
		t.Errorf("the next sign-in is at %s", v.Session.Stage)
	}
	d.store.facts.Account.TwoFactor = TwoFactorOff
	if _, v = d.signIn(); v.Session.Stage != StageTAN {
		t.Errorf("without the policy a sign-in with a number is at %s", v.Session.Stage)
	}
}

// Without the TAN nothing is enrolled, and the number of one session is not that
// of another.
func TestRule11WithoutTAN(t *testing.T) {
	t.Parallel()
	d := newDoor(t, shape{acme: TwoFactorSMS})
	token, _ := d.signIn()
	enrol := func(token Secret, tan string) error {
		_, _, _, err := d.s.EnrolNumber(t.Context(), token, tan, nil, "")
		return err
	}
	tanOver.check(t, enrol(token, "123456")) // before any was sent
	if err := d.s.OfferNumber(t.Context(), token, handset); err != nil {
		t.Fatal(err)
	}
	other, _ := d.signIn()
	tanOver.check(t, enrol(other, d.tan()))
	for range 5 {
		tanWrong.check(t, enrol(token, d.wrongTAN()))
	}
	tanOver.check(t, enrol(token, d.tan()))
	if err := d.s.OfferNumber(t.Context(), token, handset); err != nil {
		t.Fatal(err)
	}
	d.wait(TANLife)
	tanOver.check(t, enrol(token, d.tan()))
	if len(d.store.commits) != 0 || d.store.facts.Found[0].Login.Mobile != "" {
		t.Errorf("enrolled by %+v", d.rows())
	}
	d.stages(StageEnrol, token, other)
}

// A number whose TAN somebody else has used meanwhile is not enrolled.
func TestRule11TANUsedMeanwhile(t *testing.T) {
	t.Parallel()
	d := newDoor(t, shape{acme: TwoFactorSMS})
	token, _ := d.signIn()
	if err := d.s.OfferNumber(t.Context(), token, handset); err != nil {
		t.Fatal(err)
	}
	d.store.rivals = []func(*Facts){func(*Facts) { d.store.tans[0].Used = true }}
	_, _, _, err := d.s.EnrolNumber(t.Context(), token, d.tan(), nil, "")
	tanOver.check(t, err)
	if len(d.store.commits) != 0 {
		t.Errorf("committed %+v", d.rows())
	}
}

// A subaccount enrols right after its password: it is asked at its first sign-in,
// which follows the confirmation.
func TestRule11Subaccount(t *testing.T) {
	t.Parallel()
	sina := person(14, "sina@example.ch", subaccount("sina", "copywriter"), pending)
	store := storeOf(team(of(anna(opens("all"), signsIn), sina), linked(linkOf(sina)), func(f *Facts) { f.Account.TwoFactor = TwoFactorSMS }))
	s := newStaff(store)
	s.SMS = &gateway{}
	if _, err := s.Do(t.Context(), "", ConfirmSubaccount{Token: testKey.Token(linkOf(sina)), Password: PlainPassword(newSecret)}); err != nil {
		t.Fatal(err)
	}
	m := store.facts.Found[1]
	proven(m.Login, Membership{AccountID: 1, Account: "acme", Member: 14})(store.facts)
	token, v, err := s.SignIn(t.Context(), "acme-sina", newSecret, "")
	if err != nil || v.Session.Stage != StageEnrol || v.Person.Status() != Pending2FA {
		t.Fatalf("%+v, %v", v, err)
	}
	if err := s.OfferNumber(t.Context(), token, handset); err != nil {
		t.Error(err)
	}
}

// No operator sets the number that TANs are sent to: a phone of the member is
// none, whatever its label.
func TestRule11NoOperatorSetsIt(t *testing.T) {
	t.Parallel()
	dora := func() *Facts {
		return team(of(dora(func(m *Member) { m.Login.Mobile = handset })))
	}
	runPlans(t, []planCase{
		{name: "another phone", facts: dora(), actions: do(EditMember{Member: by("dora@example.ch"), AddPhones: []string{"mobile=" + handset2}}),
			want: []string{"member.edit dora@example.ch", `  phones: null -> [{"label":"mobile","number":"+41797654321"}]`},
			check: func(t *testing.T, p *Plan) {
				t.Helper()
				if len(p.commit.Logins) != 0 || len(p.commit.EndSessions) != 0 {
					t.Errorf("the login is changed: %+v", p.commit.Logins)
				}
			}},
		{name: "another password", facts: dora(), actions: do(SetPassword{Member: by("dora@example.ch"), Password: PlainPassword(newSecret + "!"), MustChange: true}),
			want: []string{"member.set-password dora@example.ch", `  password: "set" -> "set"`, `  must_change: null -> true`},
			check: func(t *testing.T, p *Plan) {
				t.Helper()
				if loginAfter(t, p).Mobile != handset {
					t.Error("an operator takes the number away")
				}
			}},
	})
}
