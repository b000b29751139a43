package staff

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// confirmed sets the password behind the link.
func confirmed(l *Link, more ...func(*ConfirmSubaccount)) ConfirmSubaccount {
	a := ConfirmSubaccount{Token: testKey.Token(l), Password: PlainPassword(newSecret)}
	for _, do := range more {
		do(&a)
	}
	return a
}

// TestRule10Mail: creating a subaccount mails a link for a day.
func TestRule10Mail(t *testing.T) {
	t.Parallel()
	p, err := newStaff(nil).planOn(team(nil, enterprise), do(create(called("Sina", "Laden"))))
	if err != nil {
		t.Fatal(err)
	}
	m, l := addedMember(t, p), p.commit.Links[0]
	lapses := noon.Add(24 * time.Hour).UnixMilli()
	if d := cmp.Diff(&Link{ID: l.ID, Purpose: ForConfirmation, AccountID: 1, MemberID: m.ID, Email: "sina@example.ch", State: LinkOpen, ExpiresAt: lapses, CreatedAt: noon.UnixMilli()}, l); d != "" {
		t.Errorf("link (-want +got):\n%s", d)
	}
	want := &Mail{ID: p.commit.Mails[0].ID, AccountID: 1, Template: MailConfirmation, Language: German, To: "sina@example.ch", LinkID: l.ID, CreatedAt: noon.UnixMilli(),
		Data: MailData{Salutation: "none", FirstName: "Sina", LastName: "Laden", Account: "Acme", Username: "acme-shop", Role: "Texter", Areas: []string{"E-Mails"}, ExpiresAt: lapses, At: noon.UnixMilli()}}
	if d := cmp.Diff([]*Mail{want}, p.commit.Mails); d != "" {
		t.Errorf("mails (-want +got):\n%s", d)
	}
}

// TestRule10Confirm: behind the link the person sets a password, and then signs
// in with the username.
func TestRule10Confirm(t *testing.T) {
	t.Parallel()
	facts := func(l *Link, traits ...trait) *Facts {
		return team(of(sina(append([]trait{pending}, traits...)...)), linked(l), accountsNamed("acme"))
	}
	l := linkOf(sina())
	lines := []string{"subaccount.confirm sina@example.ch", `  pending: true -> false`, `  password: null -> "set"`, `  login_email: null -> "sina@example.ch"`}
	login := func(proven bool) func(t *testing.T, p *Plan) {
		return func(t *testing.T, p *Plan) {
			t.Helper()
			want := &Login{Username: "acme-shop", PasswordHash: "$fake$" + newSecret, Email: "sina@example.ch", Accounts: 1, HolderSet: proven, EmailVerified: proven,
				Version: 1, CreatedAt: noon.UnixMilli(), UpdatedAt: noon.UnixMilli()}
			got := loginAfter(t, p)
			want.ID = got.ID
			if *got != *want {
				t.Errorf("login %+v\nwant %+v", *got, *want)
			}
			if c := p.commit; c.UsedLink != linkID || c.Actor.Person != "sina@example.ch" || len(c.Mails)+len(c.Links) != 0 {
				t.Errorf("commit %+v", c)
			}
			if m := p.Results[0].Member; m.Status(TwoFactorOff) != Active || m.Status(TwoFactorSMS) != Pending2FA || m.Access.Role != "copywriter" {
				t.Errorf("the member is %s with %+v", m.Status(TwoFactorOff), m.Access)
			}
		}
	}
	runPlans(t, []planCase{
		{name: "confirmed", facts: facts(l), actions: do(confirmed(l)), want: lines, check: login(true)},
		{name: "by a link that an operator saw", facts: facts(linkOf(sina(), shown)), actions: do(confirmed(l)), want: lines, check: login(false)},
		{name: "with its username", facts: facts(l), actions: do(confirmed(l, func(a *ConfirmSubaccount) { a.Username = "ACME-Shop" })), want: lines, check: login(true)},
		{name: "with another username", facts: facts(l), actions: do(confirmed(l, func(a *ConfirmSubaccount) { a.Username = "shop" })),
			err: refused(CodeInvalid, "username", "the username of this subaccount is acme-shop", "cannot be chosen")},
		{name: "suspended", facts: facts(l, suspended), actions: do(confirmed(l)), err: refused(CodeForbidden, "member", "suspended in account acme", "administrators can resume")},
		{name: "a short password", facts: facts(l), actions: do(confirmed(l, func(a *ConfirmSubaccount) { a.Password = PlainPassword("short") })), err: refused(CodeInvalid, "password", "15")},
		{name: "a password that is the username", facts: facts(l), actions: do(confirmed(l, func(a *ConfirmSubaccount) { a.Password = PlainPassword("sina@example.ch") })),
			err: refused(CodeInvalid, "password", "own name")},
		{name: "used", facts: facts(linkOf(sina(), used)), actions: do(confirmed(l)), err: refused(CodeExpired, "token", "used already", "works once", "ask for a new one")},
		{name: "ended", facts: facts(linkOf(sina(), ended)), actions: do(confirmed(l)), err: refused(CodeExpired, "token", "has ended", "ask for a new one")},
		{name: "expired", facts: facts(linkOf(sina(), lapsed)), actions: do(confirmed(l)), err: refused(CodeExpired, "token", "has expired", "ask for a new one")},
		{name: "gone", facts: team(of(sina(pending))), actions: do(confirmed(l)), err: refused(CodeNotFound, "token", "not valid", "ask for a new one")},
		{name: "cut", facts: facts(l), actions: do(ConfirmSubaccount{Token: testKey.Token(l)[:50], Password: PlainPassword(newSecret)}), err: refused(CodeInvalid, "token", "not complete", "copy it whole")},
		{name: "of another purpose", facts: team(of(anna(signsIn)), linked(linkOf(anna(signsIn)))), actions: do(confirmed(linkOf(anna(signsIn)))), err: refused(CodeNotFound, "token", "not valid")},
		{name: "twice in one plan", facts: facts(l), actions: do(confirmed(l), confirmed(l)), err: refused(CodeConflict, "username", "taken")},
	})
}

func TestRule10Resend(t *testing.T) {
	t.Parallel()
	runPlans(t, []planCase{
		{name: "pending", facts: team(of(sina(pending))), actions: do(ResendConfirmation{Name: "shop"}), want: []string{
			"subaccount.resend sina@example.ch", `  link: null -> "mailed to sina@example.ch"`, "  @ confirm in de to sina@example.ch"},
			check: func(t *testing.T, p *Plan) {
				endsLinks(LinkEnd{Member: 14})(t, p)
				if len(p.commit.Members) != 0 {
					t.Errorf("the member changes: %+v", p.commit.Members)
				}
			}},
		{name: "shown, by username", facts: team(of(sina(pending))), actions: do(ResendConfirmation{Name: "acme-shop", Show: true}), want: []string{
			"subaccount.resend sina@example.ch", `  link: null -> "shown"`, "  @ shown: confirm for sina@example.ch"}, check: endsLinks(LinkEnd{Member: 14})},
		{name: "with a new role", facts: team(of(sina(pending))), actions: do(SetRole{"shop", "administrator"}, ResendConfirmation{Name: "shop"}), want: []string{
			"subaccount.set-role sina@example.ch", `  access: ["role:copywriter"] -> ["role:administrator"]`,
			"  ! the confirmation link of acme-shop has ended by this; mail a new one with staffctl subaccount resend shop",
			"subaccount.resend sina@example.ch", `  link: null -> "mailed to sina@example.ch"`, "  @ confirm in de to sina@example.ch"},
			check: func(t *testing.T, p *Plan) {
				if d := p.commit.Mails[0].Data; d.Role != "Administrator" || !d.All || d.Areas != nil {
					t.Errorf("the mail tells %+v", d)
				}
			}},
		{name: "confirmed", facts: team(of(sina(signsIn))), actions: do(ResendConfirmation{Name: "shop"}),
			err: refused(CodeForbidden, "name", "acme-shop is confirmed already", "staffctl member reset-password")},
		{name: "unknown", facts: team(of(anna())), actions: do(ResendConfirmation{Name: "shop"}), err: refused(CodeNotFound, "name", `"shop"`, "staffctl subaccount list")},
	})
}

// What a pending subaccount's link is bound to ends it, with a warning.
func TestRule10LinkEnds(t *testing.T) {
	t.Parallel()
	warning := "  ! the confirmation link of acme-shop has ended by this; mail a new one with staffctl subaccount resend shop"
	runPlans(t, []planCase{
		{name: "e-mail", facts: team(of(sina(pending))), actions: do(setEmail("sina@example.ch", "neu@example.ch")), want: []string{
			"member.edit neu@example.ch", `  email: "sina@example.ch" -> "neu@example.ch"`, warning}, check: endsLinks(LinkEnd{Member: 14})},
		{name: "the e-mail in other letters", facts: team(of(sina(pending))), actions: do(setEmail("sina@example.ch", "sina@EXAMPLE.ch")),
			want: []string{"member.edit sina@example.ch unchanged"}, check: endsLinks()},
		{name: "a name", facts: team(of(sina(pending))), actions: do(edit(sina(), Details{LastName: new("Laden")})),
			want: []string{"member.edit sina@example.ch", `  last_name: "Muster" -> "Laden"`}, check: endsLinks()},
		{name: "a suspension", facts: team(of(sina(pending))), actions: do(Suspend{by("sina@example.ch")}),
			want: []string{"member.suspend sina@example.ch", `  suspended: null -> true`}, check: endsLinks()},
		{name: "removal", facts: team(of(anna(), sina(signsIn))), actions: do(RemoveSubaccount{"acme-shop"}), want: []string{
			"subaccount.remove sina@example.ch removed", `  email: "sina@example.ch" -> null`, `  salutation: "none" -> null`, `  first_name: "Sina" -> null`,
			`  last_name: "Muster" -> null`, `  language: "de" -> null`, `  access: ["role:copywriter"] -> null`, `  username: "acme-shop" -> null`,
			`  subaccount: "shop" -> null`, `  password: "set" -> null`, `  login_email: "sina@example.ch" -> null`}},
		{name: "removal of nobody", facts: team(of(anna())), actions: do(RemoveSubaccount{"shop"}), err: refused(CodeNotFound, "name", `"shop"`, "staffctl subaccount list")},
		{name: "removal of the last administrator", facts: team(of(sina(subaccount("shop", "administrator"), signsIn))), actions: do(RemoveSubaccount{"shop"}),
			err: refused(CodeForbidden, "member", "last administrator")},
	})
}
