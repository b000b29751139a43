package staff

import "testing"

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
