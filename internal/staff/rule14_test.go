package staff

import (
	"errors"
	"strings"
	"testing"
)

// accept makes a login behind the link of an invite.
func accept(l *Link, more ...func(*AcceptInvite)) AcceptInvite {
	a := AcceptInvite{Token: testKey.Token(l), Password: PlainPassword(newSecret), Details: Details{FirstName: new("Ina"), LastName: new("Imhof")}}
	for _, do := range more {
		do(&a)
	}
	return a
}

func username(u string) func(*AcceptInvite) { return func(a *AcceptInvite) { a.Username = u } }

func nameless(a *AcceptInvite) { a.Details = Details{} }

// by signs in with the login instead of making one.
func with(l *Login) func(*AcceptInvite) {
	return func(a *AcceptInvite) { a.Proof, a.Password = proofOf(l), nil }
}

// TestRule14MakesLogin: behind the link the person makes a login. The member's
// e-mail is the invited one, its access the invite's.
func TestRule14MakesLogin(t *testing.T) {
	t.Parallel()
	i := invitation("ina@example.ch")
	l := linkIn(i)
	facts := func(conditions ...condition) *Facts {
		return team(of(anna(signsIn, opens("all"))), append([]condition{invited(i), linked(l)}, conditions...)...)
	}
	member := func(u string) []string {
		return []string{"invite.accept ina@example.ch", `  email: null -> "ina@example.ch"`, `  salutation: null -> "none"`, `  first_name: null -> "Ina"`, `  last_name: null -> "Imhof"`,
			`  language: null -> "de"`, `  access: null -> ["api"]`, `  username: null -> "` + u + `"`, `  password: null -> "set"`, `  login_email: null -> "ina@example.ch"`, `  invite: null -> 21`}
	}
	own := func(u string, proven bool) func(t *testing.T, p *Plan) {
		return func(t *testing.T, p *Plan) {
			t.Helper()
			got, m := loginAfter(t, p), addedMember(t, p)
			want := Login{ID: got.ID, Username: u, PasswordHash: "$fake$" + newSecret, HolderSet: proven, Email: "ina@example.ch", EmailVerified: proven, Accounts: 1,
				Version: 1, CreatedAt: noon.UnixMilli(), UpdatedAt: noon.UnixMilli()}
			if *got != want || m.Login != got || m.Proposal != "" {
				t.Errorf("login %+v\nwant %+v", *got, want)
			}
			d := p.commit.Invites[0]
			if len(p.commit.Invites) != 1 || d.After.State != InviteAccepted || d.After.MemberID != m.ID {
				t.Errorf("invite %+v", d.After)
			}
			if p.commit.UsedLink != linkID || p.commit.Actor.Person != "ina@example.ch" || len(p.commit.Mails) != 0 {
				t.Errorf("commit %+v", p.commit)
			}
		}
	}
	carl := func(traits ...trait) *Member {
		return person(16, "ina@example.ch", append([]trait{gets("news")}, traits...)...)
	}
	with16 := func(traits ...trait) *Facts {
		return team(of(anna(signsIn, opens("all")), carl(traits...)), invited(i), linked(l))
	}
	gives := func() []string {
		return []string{"invite.accept ina@example.ch", `  access: ["none"] -> ["api"]`, `  password: null -> "set"`, `  login_email: null -> "ina@example.ch"`, `  invite: null -> 21`}
	}
	runPlans(t, []planCase{
		{name: "the e-mail is the username", facts: facts(), actions: do(accept(l)), want: member("ina@example.ch"), check: own("ina@example.ch", true)},
		{name: "another username", facts: facts(), actions: do(accept(l, username("Ina"))), want: member("Ina"), check: own("Ina", true)},
		{name: "by a link that an operator saw", facts: team(nil, invited(i), linked(linkIn(i, shown))), actions: do(accept(l)), want: member("ina@example.ch"), check: own("ina@example.ch", false)},
		{name: "default access does not matter", facts: facts(defaultAccess("all")), actions: do(accept(l)), want: member("ina@example.ch")},
		{name: "without a name", facts: facts(), actions: do(accept(l, nameless)), err: refused(CodeInvalid, "first-name", "no name")},
		{name: "a member keeps what it has", facts: with16(), actions: do(accept(l, nameless)), want: gives(),
			check: func(t *testing.T, p *Plan) {
				m := p.commit.Members[0].After
				if len(p.commit.Members) != 1 || m.ID != 16 || m.FirstName != "Ina" || m.LastName != "Muster" || len(m.Mail) != 1 || p.commit.Invites[0].After.MemberID != 16 {
					t.Errorf("member %+v", m)
				}
				endsLinks(LinkEnd{Member: 16})(t, p)
			}},
		{name: "a member's proposal", facts: with16(named("boss")), actions: do(accept(l, nameless)), want: gives(),
			check: func(t *testing.T, p *Plan) {
				if got := loginAfter(t, p).Username; got != "boss" {
					t.Errorf("username %q", got)
				}
			}},
		{name: "a member chooses names and username", facts: with16(named("boss")), actions: do(accept(l, username("ina"))), want: []string{
			"invite.accept ina@example.ch", `  last_name: "Muster" -> "Imhof"`, `  access: ["none"] -> ["api"]`, `  username: "boss" -> "ina"`, `  password: null -> "set"`,
			`  login_email: null -> "ina@example.ch"`, `  invite: null -> 21`}},
		{name: "a member with wider access gets the invite's", facts: with16(opens("domains", "api")), actions: do(accept(l, nameless)), want: []string{
			"invite.accept ina@example.ch", `  access: ["api","domains"] -> ["api"]`, `  password: null -> "set"`, `  login_email: null -> "ina@example.ch"`, `  invite: null -> 21`}},
		{name: "a username that is taken", facts: facts(taken("ina")), actions: do(accept(l, username("INA"))),
			err: refused(CodeConflict, "username", `"INA" is taken`, "choose another, or sign in with the login that has it")},
		{name: "the e-mail is taken as a username", facts: facts(taken("ina@example.ch")), actions: do(accept(l)), err: refused(CodeConflict, "username", "is taken", "sign in with the login")},
		{name: "a reserved username", facts: facts(accountsNamed("globex")), actions: do(accept(l, username("globex-ina"))), err: refused(CodeConflict, "username", "reserved", "choose another")},
		{name: "the proposal of a colleague", facts: team(of(anna(named("ina"))), invited(i), linked(l)), actions: do(accept(l, username("ina"))),
			err: refused(CodeConflict, "username", "that of anna@example.ch")},
		{name: "no username", facts: facts(), actions: do(accept(l, username("a/b"))), err: refused(CodeInvalid, "username")},
		{name: "a short password", facts: facts(), actions: do(accept(l, func(a *AcceptInvite) { a.Password = PlainPassword("short") })), err: refused(CodeInvalid, "password", "15")},
		{name: "who can sign in since", facts: with16(signsIn), actions: do(accept(l)), err: refused(CodeConflict, "email", "can sign in")},
		{name: "who is suspended since", facts: with16(suspended), actions: do(accept(l)), err: refused(CodeForbidden, "email", "suspended in account acme")},
		{name: "the owner, with less than all", facts: team(of(carl(opens("all"))), ownedBy(carl()), invited(i), linked(l)), actions: do(accept(l)),
			err: refused(CodeForbidden, "member", "owns account acme and cannot be restricted", "staffctl account set-owner")},
		{name: "used", facts: team(nil, invited(invitation("ina@example.ch", in(InviteAccepted))), linked(linkIn(i, used))), actions: do(accept(l)), err: refused(CodeExpired, "token", "used already")},
		{name: "ended", facts: team(nil, invited(invitation("ina@example.ch", in(InviteRevoked))), linked(linkIn(i, ended))), actions: do(accept(l)), err: refused(CodeExpired, "token", "has ended")},
		{name: "expired", facts: team(nil, invited(i), linked(linkIn(i, lapsed))), actions: do(accept(l)), err: refused(CodeExpired, "token", "has expired")},
		{name: "of another invite", facts: team(nil, invited(i), linked(linkIn(invitation("ina@example.ch", numbered(22))))), actions: do(accept(l)), err: refused(CodeNotFound, "token", "not valid")},
		{name: "of a subaccount", facts: team(of(sina(pending)), linked(linkOf(sina()))), actions: do(accept(linkOf(sina()))), err: refused(CodeNotFound, "token", "not valid")},
	})
}

// TestRule14Joins: or the person signs in with the login they have.
func TestRule14Joins(t *testing.T) {
	t.Parallel()
	i := invitation("ina@example.ch")
	l, dora := linkIn(i), elsewhere()
	facts := func(conditions ...condition) *Facts {
		return team(of(anna(signsIn, opens("all"))), append([]condition{invited(i), linked(l), proven(dora)}, conditions...)...)
	}
	onlyInvited := func(f *Facts) { f.Account.InviteOtherAddress = false }
	lines := []string{"invite.accept ina@example.ch", `  email: null -> "ina@example.ch"`, `  salutation: null -> "ms"`, `  first_name: null -> "Ina"`, `  last_name: null -> "Imhof"`,
		`  language: null -> "de"`, `  access: null -> ["api"]`, `  username: null -> "dora"`, `  password: null -> "set"`, `  login_email: null -> "dora@globex.ch"`, `  invite: null -> 21`}
	joins := func(t *testing.T, p *Plan) {
		t.Helper()
		want := *dora
		want.Accounts, want.Version, want.UpdatedAt = 2, 5, noon.UnixMilli()
		if got := loginAfter(t, p); *got != want || p.commit.Logins[0].Before == nil || *p.commit.Logins[0].Before != *dora {
			t.Errorf("login %+v, before %+v", *got, p.commit.Logins[0].Before)
		}
		if p.commit.Actor.Person != "ina@example.ch" || !strings.Contains(p.commit.Audit[0].After, `"login_email":"dora@globex.ch"`) {
			t.Errorf("the audit does not tell both addresses: %+v %s", p.commit.Actor, p.commit.Audit[0].After)
		}
		// What one account could show is over once there are two.
		endsLinks(LinkEnd{Login: 190})(t, p)
		if p.commit.UsedLink != linkID {
			t.Errorf("the link is not used: %d", p.commit.UsedLink)
		}
	}
	ina := func(traits ...trait) *Member { return person(16, "ina@example.ch", traits...) }
	serving := func(m Membership) condition {
		m.Salutation, m.FirstName = "ms", "Dora"
		return proven(dora, m)
	}
	foreign := func(details ...func(*Login)) (*Facts, []Action) {
		other := elsewhere(details...)
		return facts(proven(other)), do(accept(l, with(other)))
	}
	ofOther := func(name string, want refusal, details ...func(*Login)) planCase {
		f, actions := foreign(details...)
		return planCase{name: name, facts: f, actions: actions, err: want}
	}
	notHolders := refused(CodeForbidden, "password", "somebody else may know the password", "set one of your own through its e-mail", "accept again")
	runPlans(t, []planCase{
		{name: "joins", facts: facts(), actions: do(accept(l, with(dora))), want: lines, check: joins},
		{name: "by the name it goes by", facts: facts(), actions: do(accept(l, with(dora), nameless)), want: []string{
			"invite.accept ina@example.ch", `  email: null -> "ina@example.ch"`, `  salutation: null -> "ms"`, `  first_name: null -> "Dora"`, `  last_name: null -> "Diener"`,
			`  language: null -> "de"`, `  access: null -> ["api"]`, `  username: null -> "dora"`, `  password: null -> "set"`, `  login_email: null -> "dora@globex.ch"`, `  invite: null -> 21`}, check: joins},
		{name: "a link that was shown proves no less", facts: facts(linked(linkIn(i, shown))), actions: do(accept(l, with(dora))), want: lines, check: joins},
		{name: "a member keeps its names", facts: team(of(ina(named("boss"), opens("domains"))), invited(i), linked(l), proven(dora)), actions: do(accept(l, with(dora), nameless)), want: []string{
			"invite.accept ina@example.ch", `  access: ["domains"] -> ["api"]`, `  username: "boss" -> "dora"`, `  password: null -> "set"`, `  login_email: null -> "dora@globex.ch"`, `  invite: null -> 21`},
			check: func(t *testing.T, p *Plan) {
				if m := p.commit.Members[0].After; m.ID != 16 || m.Proposal != "" || m.Login.ID != 190 || m.Email != "ina@example.ch" {
					t.Errorf("member %+v", m)
				}
			}},
		{name: "with another address where it may not", facts: facts(onlyInvited), actions: do(accept(l, with(dora))),
			err: refused(CodeForbidden, "username", "account acme takes only a login with the invited e-mail, ina@example.ch", "make another login")},
		{name: "a member by this login already", facts: facts(serving(Membership{Account: "acme", Member: 17})), actions: do(accept(l, with(dora))),
			err: refused(CodeConflict, "username", "login dora is that of a member of account acme already")},
		{name: "a subaccount's", facts: facts(serving(Membership{Account: "globex", Member: 91, Subaccount: true})), actions: do(accept(l, with(dora))),
			err: refused(CodeForbidden, "username", "that of a subaccount, which serves its account alone", "make another login")},
		{name: "a colleague proposes its username", facts: team(of(anna(named("Dora"))), invited(i), linked(l), proven(dora)), actions: do(accept(l, with(dora))),
			err: refused(CodeConflict, "username", `"dora" is that of anna@example.ch already`)},
		{name: "who can sign in since", facts: team(of(ina(signsIn)), invited(i), linked(l), proven(dora)), actions: do(accept(l, with(dora))), err: refused(CodeConflict, "email", "can sign in")},
		{name: "the login is gone", facts: team(nil, invited(i), linked(l)), actions: do(accept(l, with(dora))), err: refused(CodeConflict, "username", "changed meanwhile", "sign in again")},
		{name: "the password is another since", facts: facts(), actions: do(accept(l, with(elsewhere(func(l *Login) { l.PasswordHash = "$fake$then" })))), err: refused(CodeConflict, "username", "changed meanwhile")},
		{name: "the username is another's since", facts: facts(), actions: do(accept(l, with(elsewhere(func(l *Login) { l.ID = 191 })))), err: refused(CodeConflict, "username", "changed meanwhile")},
		{name: "a token of nothing", facts: facts(linked(linkIn(i, used))), actions: do(accept(l, with(dora))), err: refused(CodeExpired, "token", "used already")},
		ofOther("an operator's password", notHolders, func(l *Login) { l.HolderSet = false }),
		ofOther("an unverified e-mail", notHolders, func(l *Login) { l.EmailVerified = false }),
	})
	f, actions := foreign(func(l *Login) { l.HolderSet = false })
	if _, err := newStaff(nil).planOn(f, actions); !errors.Is(err, ErrNotHolders) {
		t.Errorf("%v is not ErrNotHolders", err)
	}
	same := elsewhere(func(l *Login) { l.Email = "Ina@EXAMPLE.ch" })
	if _, err := newStaff(nil).planOn(facts(onlyInvited, proven(same)), do(accept(l, with(same)))); err != nil {
		t.Errorf("the invited address in other letters: %v", err)
	}
}

// A login that asks for a TAN accepts an invite only after one (rule 18).
func TestRule14SecondFactor(t *testing.T) {
	t.Parallel()
	i := invitation("ina@example.ch")
	enrolled := elsewhere(func(l *Login) { l.Mobile = "+41795551234" })
	for passed, want := range map[bool]error{false: ErrSecondFactor, true: nil} {
		f := team(nil, invited(i), linked(linkIn(i)), proven(enrolled))
		_, err := newStaff(nil).planOn(f, do(accept(linkIn(i), with(enrolled), func(a *AcceptInvite) { a.SecondFactor = passed })))
		if !errors.Is(err, want) {
			t.Errorf("a TAN entered is %v: %v", passed, err)
		}
	}
}
