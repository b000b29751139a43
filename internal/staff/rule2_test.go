package staff

import "testing"

// TestRule2FirstPassword: signing in needs a username and a password; the first
// password makes the login.
func TestRule2FirstPassword(t *testing.T) {
	t.Parallel()
	makesLogin := func(username string) func(t *testing.T, p *Plan) {
		return func(t *testing.T, p *Plan) {
			t.Helper()
			l := loginAfter(t, p)
			if l.Username != username || l.Email != "anna@example.ch" || l.PasswordHash != "$fake$"+newSecret || l.Accounts != 1 || l.Version != 1 {
				t.Errorf("login %+v", l)
			}
			if l.HolderSet || l.EmailVerified || l.Mobile != "" {
				t.Error("a password from an operator counts as the holder's, or an address as verified")
			}
			if m := p.Results[0].Member; m.Proposal != "" || m.Status(TwoFactorOff) != Active || m.Status(TwoFactorSMS) != Pending2FA {
				t.Errorf("the member keeps proposal %q and is %s", m.Proposal, m.Status(TwoFactorOff))
			}
		}
	}
	login := []string{`  password: null -> "set"`, `  login_email: null -> "anna@example.ch"`}
	runPlans(t, []planCase{
		{name: "access is kept", facts: team(of(anna(opens("orders"))), defaultAccess("invoices")), actions: do(setPassword("anna@example.ch")),
			want: append([]string{"member.set-password anna@example.ch"}, login...), check: makesLogin("anna@example.ch")},
		{name: "default access", facts: team(of(anna()), defaultAccess("invoices", "team.view")), actions: do(setPassword("anna@example.ch")),
			want:  append([]string{"member.set-password anna@example.ch", `  access: ["none"] -> ["invoices","team.view"]`}, login...),
			check: makesLogin("anna@example.ch")},
		{name: "no default access", facts: team(of(anna())), actions: do(setPassword("anna@example.ch")),
			want: append(append([]string{"member.set-password anna@example.ch"}, login...),
				"  ! no area is open to anna@example.ch; grant some with staffctl member grant"),
			check: makesLogin("anna@example.ch")},
		{name: "the proposal becomes the username", facts: team(of(anna(opens("all"), named("Anna")))), actions: do(setPassword("anna@example.ch")),
			want: append([]string{"member.set-password anna@example.ch"}, login...), check: makesLogin("Anna")},
		{name: "temporary", facts: team(of(anna(opens("all")))),
			actions: do(SetPassword{Member: by("anna@example.ch"), Password: PlainPassword(newSecret), MustChange: true}),
			want: []string{"member.set-password anna@example.ch", `  password: null -> "set"`, `  must_change: null -> true`,
				`  login_email: null -> "anna@example.ch"`},
			check: func(t *testing.T, p *Plan) {
				if !loginAfter(t, p).MustChange {
					t.Error("the password is not temporary")
				}
			}},
		{name: "a hash from elsewhere", facts: team(of(anna(opens("all")))),
			actions: do(SetPassword{Member: by("anna@example.ch"), Password: HashedPassword("$fake$elsewhere")}),
			want:    append([]string{"member.set-password anna@example.ch"}, login...),
			check: func(t *testing.T, p *Plan) {
				if got := loginAfter(t, p).PasswordHash; got != "$fake$elsewhere" {
					t.Errorf("the hash became %q", string(got))
				}
			}},
		{name: "suspended", facts: team(of(anna(opens("all"), suspended))), actions: do(setPassword("anna@example.ch")),
			want: append([]string{"member.set-password anna@example.ch"}, login...)},
		{name: "a confirmed subaccount", facts: team(of(anna(subaccount("anna", "copywriter"))), accountsNamed("acme")), actions: do(setPassword("anna@example.ch")),
			want: append([]string{"member.set-password anna@example.ch"}, login...), check: makesLogin("acme-anna")},
	})
}

func TestRule2NextPassword(t *testing.T) {
	t.Parallel()
	temporary := func(m *Member) { signsIn(m); m.Login.MustChange, m.Login.HolderSet = true, true }
	runPlans(t, []planCase{
		{name: "access none stays", facts: team(of(anna(signsIn)), defaultAccess("all")), actions: do(setPassword("anna@example.ch")),
			want: []string{"member.set-password anna@example.ch", `  password: "set" -> "set"`},
			check: func(t *testing.T, p *Plan) {
				if l := loginAfter(t, p); l.Version != 6 || l.ID != 111 || l.UpdatedAt != noon.UnixMilli() {
					t.Errorf("login %+v", *l)
				}
			}},
		{name: "no longer temporary, nor the holder's", facts: team(of(anna(temporary))), actions: do(setPassword("anna@example.ch")),
			want: []string{"member.set-password anna@example.ch", `  password: "set" -> "set"`, `  must_change: true -> false`},
			check: func(t *testing.T, p *Plan) {
				if loginAfter(t, p).HolderSet {
					t.Error("the operator's password counts as the holder's")
				}
			}},
		{name: "the same hash", facts: team(of(anna(signsIn))), actions: do(SetPassword{Member: by("anna@example.ch"), Password: HashedPassword(oldHash)}),
			want: []string{"member.set-password anna@example.ch unchanged"}},
	})
}

func TestRule2Refusals(t *testing.T) {
	t.Parallel()
	twoWaysOut := []string{"taken by another login", "staffctl member set-username", "invite the person to join with the login they have"}
	runPlans(t, []planCase{
		{name: "the e-mail is a username elsewhere", facts: team(of(anna()), taken("anna@example.ch")), actions: do(setPassword("anna@example.ch")),
			err: refused(CodeConflict, "username", append(twoWaysOut, `"anna@example.ch"`)...)},
		{name: "the proposal is, in another case", facts: team(of(anna(named("ANNA"))), taken("anna")), actions: do(setPassword("anna@example.ch")),
			err: refused(CodeConflict, "username", append(twoWaysOut, `"ANNA"`)...)},
		{name: "the prefix of an account", facts: team(of(anna(named("globex-anna"))), accountsNamed("globex")), actions: do(setPassword("anna@example.ch")),
			err: refused(CodeConflict, "username", "reserved", "subaccounts of account globex", "choose another")},
		{name: "an e-mail that is no username", facts: team(of(person(11, "a/b@example.ch"))), actions: do(setPassword("a/b@example.ch")),
			err: refused(CodeInvalid, "username", "slash")},
		{name: "short", facts: team(of(anna())), actions: do(SetPassword{Member: by("anna@example.ch"), Password: PlainPassword("hunter2")}),
			err: refused(CodeInvalid, "password", "15")},
		{name: "the person's own words", facts: team(of(anna())), actions: do(SetPassword{Member: by("anna@example.ch"), Password: PlainPassword("anna@example.ch")}),
			err: refused(CodeInvalid, "password", "own name")},
		{name: "no hash", facts: team(of(anna())), actions: do(SetPassword{Member: by("anna@example.ch"), Password: HashedPassword("plain")}),
			err: refused(CodeInvalid, "hash", "PHC")},
		{name: "a pending subaccount", facts: team(of(anna(subaccount("anna", "copywriter"), pending))), actions: do(setPassword("anna@example.ch")),
			err: refused(CodeForbidden, "member", "acme-anna is not confirmed", "confirmation link")},
		{name: "nobody", facts: team(nil), actions: do(setPassword("anna@example.ch")),
			err: refused(CodeNotFound, "member", "anna@example.ch", "account acme", "staffctl member list --search")},
	})
}

func TestRule2HashesOnce(t *testing.T) {
	t.Parallel()
	s, passwords := newStaff(nil), &fakePasswords{}
	s.Passwords = passwords
	action := setPassword("anna@example.ch")
	for range 3 {
		if _, err := s.planOn(team(of(anna())), do(action)); err != nil {
			t.Fatal(err)
		}
	}
	if passwords.hashes != 1 {
		t.Errorf("planning three times has hashed %d times", passwords.hashes)
	}
}

func TestRule2Username(t *testing.T) {
	t.Parallel()
	username := func(email, to string) Action { return SetUsername{by(email), to} }
	runPlans(t, []planCase{
		{name: "proposed", facts: team(of(anna()), taken("anna")), actions: do(username("anna@example.ch", "anna")),
			want: []string{"member.set-username anna@example.ch", `  username: "anna@example.ch" -> "anna"`}},
		{name: "proposed back to the e-mail", facts: team(of(anna(named("anna")))), actions: do(username("anna@example.ch", "anna@example.ch")),
			want: []string{"member.set-username anna@example.ch", `  username: "anna" -> "anna@example.ch"`},
			check: func(t *testing.T, p *Plan) {
				if m := p.Results[0].Member; m.Proposal != "" {
					t.Errorf("proposal %q", m.Proposal)
				}
			}},
		{name: "of a login", facts: team(of(anna(signsIn))), actions: do(username("anna@example.ch", "Anna")),
			want: []string{"member.set-username anna@example.ch", `  username: "anna@example.ch" -> "Anna"`}},
		{name: "of a login, in another case", facts: team(of(anna(signsIn)), taken("anna@example.ch")), actions: do(username("anna@example.ch", "Anna@example.ch")),
			want: []string{"member.set-username anna@example.ch", `  username: "anna@example.ch" -> "Anna@example.ch"`}},
		{name: "the same", facts: team(of(anna(signsIn)), taken("anna@example.ch")), actions: do(username("anna@example.ch", " anna@example.ch ")),
			want: []string{"member.set-username anna@example.ch unchanged"}},
		{name: "taken", facts: team(of(anna(signsIn)), taken("boss")), actions: do(username("anna@example.ch", "Boss")),
			err: refused(CodeConflict, "username", `"Boss" is taken`, "choose another")},
		{name: "of another member", facts: team(of(anna(), bert(named("boss")))), actions: do(username("anna@example.ch", "BOSS")),
			err: refused(CodeConflict, "username", "that of bert@example.ch", "choose another")},
		{name: "of a login, proposed by another member", facts: team(of(anna(signsIn), bert(named("boss")))), actions: do(username("anna@example.ch", "boss")),
			err: refused(CodeConflict, "username", "that of bert@example.ch", "choose another")},
		{name: "prefix", facts: team(of(anna(signsIn)), accountsNamed("globex")), actions: do(username("anna@example.ch", "globex-1")),
			err: refused(CodeConflict, "username", "account globex")},
		{name: "no prefix of an account", facts: team(of(anna(signsIn))), actions: do(username("anna@example.ch", "anna-1")),
			want: []string{"member.set-username anna@example.ch", `  username: "anna@example.ch" -> "anna-1"`}},
		{name: "subaccount", facts: team(of(anna(subaccount("anna", "copywriter")))), actions: do(username("anna@example.ch", "anna")),
			err: refused(CodeForbidden, "username", "acme-anna never changes")},
	})
}
