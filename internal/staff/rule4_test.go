package staff

import (
	"slices"
	"testing"
	"time"
)

// TestRule4SharedLogin: a login of several accounts gets no password and no
// username from one of them.
func TestRule4SharedLogin(t *testing.T) {
	t.Parallel()
	shared := func() *Facts { return team(of(anna(signsInElsewhere), bert(signsIn))) }
	runPlans(t, []planCase{
		{name: "no password", facts: shared(), actions: do(setPassword("anna@example.ch")),
			err: refused(CodeForbidden, "member", "login of anna@example.ch serves other accounts", "only its holder", "mailed link")},
		{name: "no username", facts: shared(), actions: do(SetUsername{by("anna@example.ch"), "anna"}),
			err: refused(CodeForbidden, "member", "login of anna@example.ch serves other accounts", "only its holder")},
		{name: "no username by update", facts: shared(), actions: do(add("anna@example.ch", onConflict(Update), withUsername("anna"))),
			err: refused(CodeForbidden, "member", "only its holder")},
		{name: "the username it has", facts: shared(), actions: do(SetUsername{by("anna@example.ch"), "anna@example.ch"}),
			want: []string{"member.set-username anna@example.ch unchanged"}},
		{name: "no login e-mail", facts: shared(), actions: do(setEmail("anna@example.ch", "new@example.ch")),
			want: []string{
				"member.edit new@example.ch",
				`  email: "anna@example.ch" -> "new@example.ch"`,
				"  ! the login of new@example.ch serves other accounts too, so its login e-mail stays; its holder can change it",
			},
			check: func(t *testing.T, p *Plan) {
				if len(p.commit.Logins) != 0 {
					t.Errorf("the plan writes the login: %+v", p.commit.Logins)
				}
			}},
		{name: "access is the account's", facts: shared(), actions: do(setAccess("anna@example.ch", "orders"), Suspend{by("anna@example.ch")}),
			want: []string{
				"member.set-access anna@example.ch", `  access: ["none"] -> ["orders"]`,
				"member.suspend anna@example.ch", `  suspended: null -> true`,
			}},
	})
}

// A link to set the password is mailed to the login e-mail, and shown only for a
// login of one account.
func TestRule4ResetPassword(t *testing.T) {
	t.Parallel()
	private := func(m *Member) { signsIn(m); m.Login.Email = "private@example.ch" }
	sharedPrivate := func(m *Member) { private(m); m.Login.Accounts = 2 }
	reset := func(more ...func(*ResetPassword)) []Action {
		a := ResetPassword{Member: by("anna@example.ch")}
		for _, do := range more {
			do(&a)
		}
		return do(a)
	}
	show := func(a *ResetPassword) { a.Show = true }
	holder := func(a *ResetPassword) { a.ByHolder = true }
	by := func(person string) func(t *testing.T, p *Plan) {
		return func(t *testing.T, p *Plan) {
			t.Helper()
			l := p.commit.Links[0]
			if l.Purpose != ForReset || l.MemberID != 11 || l.LoginID != 111 || l.ExpiresAt != noon.Add(time.Hour).UnixMilli() {
				t.Errorf("link %+v", l)
			}
			// Of the login, whichever account asked for it; a wish of who is not known
			// yet ends none that support has sent.
			var purpose Purpose
			if person != "" {
				purpose = ForReset
			}
			endsLinks(LinkEnd{Member: 11, Purpose: purpose}, LinkEnd{Login: 111, Purpose: purpose})(t, p)
			if c := p.commit; len(c.Members)+len(c.Logins) != 0 || c.Actor.Person != person || !slices.Contains(c.Guards, Guard{GuardLogin, 111, 5}) {
				t.Errorf("commit %+v", c)
			}
		}
	}
	mailed := func(to string) []string {
		return []string{"member.reset-password anna@example.ch", `  link: null -> "mailed to ` + to + `"`, "  @ reset in de to " + to}
	}
	runPlans(t, []planCase{
		{name: "mailed", facts: team(of(anna(signsIn))), actions: reset(), want: mailed("anna@example.ch"), check: by("")},
		{name: "mailed to the login e-mail", facts: team(of(anna(private))), actions: reset(), want: mailed("private@example.ch"), check: by("")},
		{name: "of several accounts", facts: team(of(anna(sharedPrivate))), actions: reset(), want: mailed("private@example.ch"), check: by("")},
		{name: "asked for by the holder", facts: team(of(anna(private))), actions: reset(holder), want: mailed("private@example.ch"), check: by("private@example.ch")},
		{name: "shown", facts: team(of(anna(signsIn))), actions: reset(show), want: []string{"member.reset-password anna@example.ch", `  link: null -> "shown"`, "  @ shown: reset for anna@example.ch"}, check: by("")},
		{name: "shown of several accounts", facts: team(of(anna(signsInElsewhere))), actions: reset(show),
			err: refused(CodeForbidden, "show-link", "login of anna@example.ch serves other accounts too", "only mailed to its holder", "leave out --show-link")},
		{name: "no login", facts: team(of(anna())), actions: reset(), err: refused(CodeForbidden, "member", "has no login yet", "staffctl member set-password", "staffctl invite send")},
		{name: "a pending subaccount", facts: team(of(person(11, "anna@example.ch", subaccount("anna", "copywriter"), pending))), actions: reset(),
			err: refused(CodeForbidden, "member", "acme-anna is not confirmed", "staffctl subaccount resend anna")},
		{name: "suspended", facts: team(of(anna(signsIn, suspended))), actions: reset(), want: mailed("anna@example.ch")},
		{name: "nobody", facts: team(of(bert(signsIn))), actions: reset(), err: refused(CodeNotFound, "member", "anna@example.ch")},
	})
}

// TestRule4ChoosePassword: what the holder chooses behind the link is the
// holder's own, unless an operator has seen the link.
func TestRule4ChoosePassword(t *testing.T) {
	t.Parallel()
	operators := func(m *Member) {
		signsIn(m)
		m.Login.MustChange, m.Login.EmailVerified = true, false
	}
	shared := func(m *Member) {
		signsInElsewhere(m)
		m.Login.HolderSet, m.Login.Email = true, "private@example.ch"
	}
	l := linkOf(anna(signsIn))
	choose := func(l *Link, password string) []Action {
		return do(ChoosePassword{Token: testKey.Token(l), Password: PlainPassword(password)})
	}
	becomes := func(holder, verified bool) func(t *testing.T, p *Plan) {
		return func(t *testing.T, p *Plan) {
			t.Helper()
			got := loginAfter(t, p)
			if got.PasswordHash != "$fake$"+newSecret || got.MustChange || got.HolderSet != holder || got.EmailVerified != verified {
				t.Errorf("login %+v, want holder's %v and verified %v", *got, holder, verified)
			}
			endsLinks(LinkEnd{Login: 111})(t, p)
			m := p.commit.Mails
			if p.commit.UsedLink != linkID || p.commit.Actor.Person != got.Email || len(m) != 1 || m[0].LinkID != 0 || m[0].Data.Username != "anna@example.ch" {
				t.Errorf("commit %+v", p.commit)
			}
		}
	}
	lines := func(more ...string) []string {
		return append([]string{"member.choose-password anna@example.ch", `  password: "set" -> "set"`}, more...)
	}
	notice := "  @ password-changed in de to anna@example.ch"
	runPlans(t, []planCase{
		{name: "the holder's own", facts: team(of(anna(operators)), linked(l)), actions: choose(l, newSecret), want: lines(`  must_change: true -> false`, notice), check: becomes(true, true)},
		{name: "by a link that an operator saw", facts: team(of(anna(operators)), linked(linkOf(anna(signsIn), shown))), actions: choose(l, newSecret),
			want: lines(`  must_change: true -> false`, notice), check: becomes(false, false)},
		{name: "verified once is verified", facts: team(of(anna(signsIn)), linked(linkOf(anna(signsIn), shown))), actions: choose(l, newSecret), want: lines(notice), check: becomes(false, true)},
		{name: "of several accounts", facts: team(of(anna(shared)), linked(linkOf(anna(shared)))), actions: choose(linkOf(anna(shared)), newSecret),
			want: lines("  @ password-changed in de to private@example.ch"), check: becomes(true, true)},
		{name: "access stays", facts: team(of(anna(signsIn)), linked(l), defaultAccess("all")), actions: choose(l, newSecret), want: lines(notice)},
		{name: "a short password", facts: team(of(anna(signsIn)), linked(l)), actions: choose(l, "short"), err: refused(CodeInvalid, "password", "15")},
		{name: "used", facts: team(of(anna(signsIn)), linked(linkOf(anna(signsIn), used))), actions: choose(l, newSecret), err: refused(CodeExpired, "token", "used already")},
		{name: "another login since", facts: team(of(anna(func(m *Member) { signsIn(m); m.Login.ID = 112 })), linked(l)), actions: choose(l, newSecret), err: refused(CodeNotFound, "token", "not valid")},
		{name: "no login since", facts: team(of(anna()), linked(l)), actions: choose(l, newSecret), err: refused(CodeNotFound, "token", "not valid")},
		{name: "of another purpose", facts: team(of(sina(pending)), linked(linkOf(sina()))), actions: choose(linkOf(sina()), newSecret), err: refused(CodeNotFound, "token", "not valid")},
	})
}

// TestRule4LinksEnd: whatever changes how a login signs in ends its links.
func TestRule4LinksEnd(t *testing.T) {
	t.Parallel()
	login, member := LinkEnd{Login: 111}, LinkEnd{Member: 11}
	for name, c := range map[string]struct {
		action Action
		traits []trait
		want   []LinkEnd
	}{
		"a password":                {setPassword("anna@example.ch"), []trait{signsIn}, []LinkEnd{login}},
		"a first password":          {setPassword("anna@example.ch"), nil, nil},
		"a username":                {SetUsername{by("anna@example.ch"), "anna"}, []trait{signsIn}, []LinkEnd{login}},
		"a proposal":                {SetUsername{by("anna@example.ch"), "anna"}, nil, nil},
		"an e-mail":                 {setEmail("anna@example.ch", "neu@example.ch"), []trait{signsIn}, []LinkEnd{login, member}},
		"an e-mail of several":      {setEmail("anna@example.ch", "neu@example.ch"), []trait{signsInElsewhere}, []LinkEnd{member}},
		"access":                    {setAccess("anna@example.ch", "orders"), []trait{signsIn}, []LinkEnd{member}},
		"a grant":                   {Grant{by("anna@example.ch"), []string{"api"}}, []trait{signsIn}, []LinkEnd{member}},
		"a grant that is there":     {Grant{by("anna@example.ch"), []string{"api"}}, []trait{signsIn, opens("api")}, nil},
		"mails":                     {ChangeMail{by("anna@example.ch"), MailAdd, []string{"news"}}, []trait{signsIn}, nil},
		"a name":                    {edit(anna(), Details{LastName: new("Anders")}), []trait{signsIn}, nil},
		"a suspension":              {Suspend{by("anna@example.ch")}, []trait{signsIn}, nil},
		"a removal, with its links": {RemoveMember{by("anna@example.ch")}, []trait{signsIn}, nil},
	} {
		p, err := newStaff(nil).planOn(team(of(anna(c.traits...))), do(c.action))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		t.Run(name, func(t *testing.T) { endsLinks(c.want...)(t, p) })
	}
}

// The login e-mail follows the member's while one account alone has the login.
func TestRule4LoginEmailFollows(t *testing.T) {
	t.Parallel()
	own := func(t *testing.T, p *Plan) {
		t.Helper()
		l := loginAfter(t, p)
		if l.Email != "new@example.ch" || l.EmailVerified || l.Username != "anna@example.ch" {
			t.Errorf("login e-mail %s, verified %v, username %s", l.Email, l.EmailVerified, l.Username)
		}
	}
	differs := func(m *Member) { signsIn(m); m.Login.Email = "private@example.ch" }
	runPlans(t, []planCase{
		{name: "follows", facts: team(of(anna(signsIn))), actions: do(setEmail("anna@example.ch", "New@EXAMPLE.ch"), setEmail("new@example.ch", "new@example.ch")), want: []string{
			"member.edit new@example.ch", `  email: "anna@example.ch" -> "New@example.ch"`, `  login_email: "anna@example.ch" -> "New@example.ch"`,
			"member.edit new@example.ch", `  email: "New@example.ch" -> "new@example.ch"`, `  login_email: "New@example.ch" -> "new@example.ch"`,
		}, check: own},
		{name: "follows though it was another", facts: team(of(anna(differs))), actions: do(setEmail("anna@example.ch", "new@example.ch")), want: []string{
			"member.edit new@example.ch", `  email: "anna@example.ch" -> "new@example.ch"`, `  login_email: "private@example.ch" -> "new@example.ch"`,
		}, check: own},
		{name: "the same", facts: team(of(anna(signsIn))), actions: do(setEmail("anna@example.ch", "anna@example.ch")),
			want: []string{"member.edit anna@example.ch unchanged"}},
		{name: "without a login the proposal follows", facts: team(of(anna())), actions: do(setEmail("anna@example.ch", "new@example.ch")), want: []string{
			"member.edit new@example.ch", `  email: "anna@example.ch" -> "new@example.ch"`, `  username: "anna@example.ch" -> "new@example.ch"`,
		}},
		{name: "a chosen proposal stays", facts: team(of(anna(named("anna")))), actions: do(setEmail("anna@example.ch", "new@example.ch")), want: []string{
			"member.edit new@example.ch", `  email: "anna@example.ch" -> "new@example.ch"`,
		}},
		{name: "of another member", facts: team(of(anna(), bert())), actions: do(setEmail("anna@example.ch", "bert@EXAMPLE.ch")),
			err: refused(CodeConflict, "email", "e-mail of another member of account acme", "choose another")},
		{name: "the proposal would be another's", facts: team(of(anna(), bert(named("new@example.ch")))), actions: do(setEmail("anna@example.ch", "new@example.ch")),
			err: refused(CodeConflict, "username", "that of bert@example.ch")},
		{name: "no e-mail", facts: team(of(anna())), actions: do(setEmail("anna@example.ch", "new@")),
			err: refused(CodeInvalid, "email", "no valid domain", "anna.muster@example.ch")},
	})
}

// Removing a member removes the membership; removing the last removes the login.
func TestRule4Removal(t *testing.T) {
	t.Parallel()
	gone := []string{
		"member.remove anna@example.ch removed", `  email: "anna@example.ch" -> null`, `  salutation: "none" -> null`,
		`  first_name: "Anna" -> null`, `  last_name: "Muster" -> null`, `  language: "de" -> null`, `  access: ["none"] -> null`,
		`  username: "anna@example.ch" -> null`,
	}
	withLogin := append(gone[:8:8], `  password: "set" -> null`, `  login_email: "anna@example.ch" -> null`)
	onlyMember := func(t *testing.T, p *Plan) {
		t.Helper()
		if len(p.commit.Members) != 1 || p.commit.Members[0].After != nil {
			t.Errorf("the commit leaves the member: %+v", p.commit.Members)
		}
	}
	runPlans(t, []planCase{
		{name: "without login", facts: team(of(anna())), actions: do(RemoveMember{by("anna@example.ch")}), want: gone,
			check: func(t *testing.T, p *Plan) {
				onlyMember(t, p)
				if len(p.commit.Logins) != 0 {
					t.Error("the commit writes a login")
				}
			}},
		{name: "the last membership", facts: team(of(anna(signsIn))), actions: do(RemoveMember{by("anna@example.ch")}), want: withLogin,
			check: func(t *testing.T, p *Plan) {
				onlyMember(t, p)
				if loginAfter(t, p) != nil {
					t.Error("the login stays")
				}
			}},
		{name: "one of two memberships", facts: team(of(anna(signsInElsewhere))), actions: do(RemoveMember{by("anna@example.ch")}), want: withLogin,
			check: func(t *testing.T, p *Plan) {
				onlyMember(t, p)
				l := loginAfter(t, p)
				if l == nil || l.Accounts != 1 || l.Version != 6 || l.PasswordHash != oldHash {
					t.Errorf("the login that another account has becomes %+v", l)
				}
			}},
		{name: "nobody", facts: team(of(bert())), actions: do(RemoveMember{by("anna@example.ch")}), err: refused(CodeNotFound, "member", "anna@example.ch", "member list")},
		{name: "twice", facts: team(of(anna())), actions: do(RemoveMember{by("anna@example.ch")}, RemoveMember{by("anna@example.ch")}),
			err: refused(CodeNotFound, "member", "anna@example.ch")},
	})
}

func TestEditMember(t *testing.T) {
	t.Parallel()
	work, home := Phone{"work", "+41445551234"}, Phone{"home", "+41445550000"}
	phones := func() *Facts { return team(of(anna(phoned(work, home)))) }
	change := func(add, remove []string) []Action {
		return do(EditMember{Member: by("anna@example.ch"), AddPhones: add, RemovePhones: remove})
	}
	both := `[{"label":"work","number":"+41445551234"},{"label":"home","number":"+41445550000"}]`
	runPlans(t, []planCase{
		{name: "details", facts: phones(), actions: do(edit(anna(), Details{Salutation: new("mx"), FirstName: new("Änne"), LastName: new(""), Language: new("en")})), want: []string{
			"member.edit anna@example.ch", `  salutation: "none" -> "mx"`, `  first_name: "Anna" -> "Änne"`, `  last_name: "Muster" -> ""`, `  language: "de" -> "en"`}},
		{name: "nothing", facts: phones(), actions: do(edit(anna(), Details{})), want: []string{"member.edit anna@example.ch unchanged"}},
		{name: "add a phone", facts: team(of(anna())), actions: change([]string{"work=+41 44 555 12 34", "work=+41 (0)44 555 12 34"}, nil),
			want: []string{"member.edit anna@example.ch", `  phones: null -> [{"label":"work","number":"+41445551234"}]`}},
		{name: "a phone that is there", facts: phones(), actions: change([]string{"home=+41-44-555-00-00"}, nil), want: []string{"member.edit anna@example.ch unchanged"}},
		{name: "remove by label", facts: phones(), actions: change(nil, []string{"work"}),
			want: []string{"member.edit anna@example.ch", `  phones: ` + both + ` -> [{"label":"home","number":"+41445550000"}]`}},
		{name: "remove by number", facts: phones(), actions: change(nil, []string{"+41 44 555 00 00"}),
			want: []string{"member.edit anna@example.ch", `  phones: ` + both + ` -> [{"label":"work","number":"+41445551234"}]`}},
		{name: "remove both ways and add", facts: phones(), actions: change([]string{"fax=+1 212 555 1234"}, []string{"work=+41445551234", "home"}),
			want: []string{"member.edit anna@example.ch", `  phones: ` + both + ` -> [{"label":"fax","number":"+12125551234"}]`}},
		{name: "remove what is not there", facts: phones(), actions: change(nil, []string{"fax", "work=+41445550000"}), want: []string{"member.edit anna@example.ch unchanged"}},
		{name: "remove nothing named", facts: phones(), actions: change(nil, []string{""}), err: refused(CodeInvalid, "remove-phone", `no phone label ""`, "known are work")},
		{name: "remove an unknown label", facts: phones(), actions: change(nil, []string{"wrk"}), err: refused(CodeInvalid, "remove-phone", "did you mean work?")},
		{name: "remove what is no number", facts: phones(), actions: change(nil, []string{"work=044"}), err: refused(CodeInvalid, "phone", `"044"`, "+41 44 555 12 34")},
		{name: "add what is no number", facts: phones(), actions: change([]string{"work=044"}, nil), err: refused(CodeInvalid, "phone", `"044"`)},
		{name: "no name is left", facts: phones(), actions: do(edit(anna(), Details{FirstName: new(""), LastName: new(" ")})), err: refused(CodeInvalid, "first-name", "no name")},
		{name: "resume who is not suspended", facts: phones(), actions: do(Resume{by("anna@example.ch")}), want: []string{"member.resume anna@example.ch unchanged"}},
		{name: "resume", facts: team(of(anna(suspended))), actions: do(Resume{by("anna@example.ch")}), want: []string{"member.resume anna@example.ch", `  suspended: true -> false`}},
		{name: "suspend again", facts: team(of(anna(suspended))), actions: do(Suspend{by("anna@example.ch")}), want: []string{"member.suspend anna@example.ch unchanged"}},
	})
}
