package staff

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestRule1NewMemberHasNoLogin: the proposed username is the e-mail, and
// nothing about a login elsewhere is taken over or told.
func TestRule1NewMemberHasNoLogin(t *testing.T) {
	t.Parallel()
	plain := []string{
		"member.add dora@example.ch",
		`  email: null -> "dora@example.ch"`,
		`  salutation: null -> "none"`,
		`  first_name: null -> "Dora"`,
		`  last_name: null -> "Diener"`,
		`  language: null -> "de"`,
		`  access: null -> ["none"]`,
		`  username: null -> "dora@example.ch"`,
	}
	hasNoLogin := func(t *testing.T, p *Plan) {
		t.Helper()
		m := addedMember(t, p)
		if m.Login != nil || m.Proposal != "" || m.Status(TwoFactorOff) != NoLogin || len(p.commit.Logins) != 0 {
			t.Errorf("the new member has login %v, proposal %q and status %s", m.Login, m.Proposal, m.Status(TwoFactorOff))
		}
		if m.ID < firstNewID || m.AccountID != 1 || m.CreatedAt != noon.UnixMilli() {
			t.Errorf("the new member is %d of account %d, made at %d", m.ID, m.AccountID, m.CreatedAt)
		}
	}
	proposes := func(username string) func(t *testing.T, p *Plan) {
		return func(t *testing.T, p *Plan) {
			t.Helper()
			if m := addedMember(t, p); m.Proposal != username || m.Login != nil {
				t.Errorf("proposal %q and login %v, want proposal %q", m.Proposal, m.Login, username)
			}
		}
	}
	runPlans(t, []planCase{
		{name: "names and e-mail", facts: team(nil), actions: do(add("dora@example.ch")), want: plain, check: hasNoLogin},
		{name: "a login elsewhere is not told", facts: team(nil, taken("dora@example.ch")), actions: do(add("dora@example.ch")), want: plain, check: hasNoLogin},
		{name: "the e-mail given as username", facts: team(nil), actions: do(add("dora@example.ch", withUsername("dora@example.ch"))), want: plain, check: hasNoLogin},
		{name: "an e-mail with a prefix", facts: team(nil, accountsNamed("dora")), actions: do(add("dora-d@example.ch")),
			want: replaced(plain, "dora@example.ch", "dora-d@example.ch"), check: hasNoLogin},
		{name: "a username", facts: team(nil), actions: do(add("dora@example.ch", withUsername("Dora"))),
			want: append(plain[:7:7], `  username: null -> "Dora"`), check: proposes("Dora")},
		{name: "a username that a login elsewhere has", facts: team(nil, taken("dora")), actions: do(add("dora@example.ch", withUsername("dora"))),
			want: append(plain[:7:7], `  username: null -> "dora"`), check: proposes("dora")},
		{name: "everything", facts: team(nil), actions: do(AddMember{Email: "Dora@EXAMPLE.ch", Access: new([]string{"invoices.pay", "invoices.view", "invoices"}),
			Mail: new([]string{"orders", "invoices", "orders"}), Details: Details{Salutation: new("ms"), LastName: new(" Diener "), Language: new("en"),
				Phones: new([]string{"work=+41 44 555 12 34", "work=+41445551234"})}}),
			want: []string{
				"member.add Dora@example.ch",
				`  email: null -> "Dora@example.ch"`,
				`  salutation: null -> "ms"`,
				`  last_name: null -> "Diener"`,
				`  language: null -> "en"`,
				`  phones: null -> [{"label":"work","number":"+41445551234"}]`,
				`  mail: null -> ["invoices","orders"]`,
				`  access: null -> ["invoices"]`,
				`  username: null -> "Dora@example.ch"`,
			}, check: hasNoLogin},
	})
}

func replaced(list []string, from, to string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = s
		for at := range s {
			if len(s) >= at+len(from) && s[at:at+len(from)] == from {
				out[i] = s[:at] + to + s[at+len(from):]
			}
		}
	}
	return out
}

func TestRule1Refusals(t *testing.T) {
	t.Parallel()
	runPlans(t, []planCase{
		{name: "no name", facts: team(nil), actions: do(AddMember{Email: "dora@example.ch"}),
			err: refused(CodeInvalid, "first-name", "no name", "give a first or a last name")},
		{name: "a name of blanks", facts: team(nil), actions: do(AddMember{Email: "dora@example.ch", Details: Details{FirstName: new("  "), LastName: new("\u00a0")}}),
			err: refused(CodeInvalid, "first-name", "no name")},
		{name: "no e-mail", facts: team(nil), actions: do(add("")), err: refused(CodeInvalid, "email", "is empty", "anna.muster@example.ch")},
		{name: "salutation", facts: team(nil), actions: do(add("dora@example.ch", func(a *AddMember) { a.Salutation = new("mrs") })),
			err: refused(CodeInvalid, "salutation", `"mrs"`, "did you mean mr?")},
		{name: "language", facts: team(nil), actions: do(add("dora@example.ch", func(a *AddMember) { a.Language = new("fr") })),
			err: refused(CodeInvalid, "language", `"fr"`, "known are de, en")},
		{name: "phone", facts: team(nil), actions: do(add("dora@example.ch", func(a *AddMember) { a.Phones = new([]string{"+41445551234"}) })),
			err: refused(CodeInvalid, "phone", "no label", "work=+41 44 555 12 34")},
		{name: "access", facts: team(nil), actions: do(add("dora@example.ch", withAccess("invoice"))),
			err: refused(CodeInvalid, "access", `no area "invoice"`, "did you mean invoices?")},
		{name: "mail", facts: team(nil), actions: do(add("dora@example.ch", withMail("invoices", "new"))),
			err: refused(CodeInvalid, "mail", `no mail category "new"`, "did you mean news?")},
		{name: "username of white space", facts: team(nil), actions: do(add("dora@example.ch", withUsername("dora diener"))),
			err: refused(CodeInvalid, "username", "no white space, colon or slash")},
		{name: "username with the prefix of an account", facts: team(nil, accountsNamed("globex")), actions: do(add("dora@example.ch", withUsername("Globex-dora"))),
			err: refused(CodeConflict, "username", "globex-", "choose another")},
		{name: "username with the prefix of this account", facts: team(nil), actions: do(add("dora@example.ch", withUsername("acme-dora"))),
			err: refused(CodeConflict, "username", "subaccounts of account acme", "choose another")},
		{name: "username of another member", facts: team(of(anna(signsIn, named("Boss"), signsIn))), actions: do(add("dora@example.ch", withUsername("ANNA@example.ch"))),
			err: refused(CodeConflict, "username", "that of anna@example.ch", "choose another")},
		{name: "e-mail that another member proposes as username", facts: team(of(anna(named("dora@example.ch")))), actions: do(add("dora@example.ch")),
			err: refused(CodeConflict, "username", "that of anna@example.ch", "choose another")},
		{name: "the same, given as username", facts: team(of(anna(named("dora@example.ch")))), actions: do(add("dora@example.ch", withUsername("dora@example.ch"))),
			err: refused(CodeConflict, "username", "that of anna@example.ch", "choose another")},
	})
}

func TestRule1OnConflict(t *testing.T) {
	t.Parallel()
	there := func() *Facts { return team(of(anna(opens("invoices"), gets("news")), bert())) }
	runPlans(t, []planCase{
		{name: "unsaid", facts: there(), actions: do(add("anna@example.ch")),
			err: refused(CodeConflict, "email", "anna@example.ch is a member of account acme", "staffctl member edit", "--on-conflict")},
		{name: "fail", facts: there(), actions: do(add("ANNA@Example.CH", onConflict(Fail))), err: refused(CodeConflict, "email", "anna@example.ch")},
		{name: "skip", facts: there(), actions: do(add("ANNA@Example.CH", onConflict(Skip), withAccess("all"))),
			want: []string{"member.add anna@example.ch unchanged"}},
		{name: "update", facts: there(), actions: do(add("anna@example.ch", onConflict(Update), withAccess("orders"), withMail("none"))),
			want: []string{
				"member.add anna@example.ch",
				`  first_name: "Anna" -> "Dora"`,
				`  last_name: "Muster" -> "Diener"`,
				`  mail: ["news"] -> []`,
				`  access: ["invoices"] -> ["orders"]`,
			}},
		{name: "update with what is there", facts: there(), want: []string{"member.add anna@example.ch unchanged"},
			actions: do(AddMember{Email: "anna@example.ch", OnConflict: Update, Access: new([]string{"invoices.view", "invoices"}), Username: new("Anna@example.ch")})},
		{name: "update of the username", facts: there(), want: []string{"member.add anna@example.ch", `  username: "anna@example.ch" -> "anna"`},
			actions: do(AddMember{Email: "anna@example.ch", OnConflict: Update, Username: new("anna")})},
		{name: "update to the username of another", facts: there(), actions: do(add("anna@example.ch", onConflict(Update), withUsername("bert@example.ch"))),
			err: refused(CodeConflict, "username", "that of bert@example.ch")},
		{name: "update of a subaccount's access", facts: team(of(anna(subaccount("anna", "copywriter")))),
			actions: do(add("anna@example.ch", onConflict(Update), withAccess("all"))), err: refused(CodeForbidden, "member", "role, copywriter", "set-role")},
		{name: "a second time in one plan", facts: team(nil), actions: do(add("dora@example.ch"), add("Dora@example.ch")),
			err: refused(CodeConflict, "email", "dora@example.ch is a member")},
	})
}

// A username is asked for in the form in which it is looked up, however it is
// written.
func TestNeedsNormalise(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		action Action
		want   string
	}{
		{"blanks around the e-mail", add(" Dora@example.ch "), "dora@example.ch"},
		{"a domain in its ASCII form", add("dora@xn--mnchen-3ya.de"), "dora@münchen.de"},
		{"blanks around the username", SetUsername{by("anna@example.ch"), " Anna "}, "anna"},
		{"a new e-mail", setEmail("anna@example.ch", "Dora@XN--MNCHEN-3YA.de"), "dora@münchen.de"},
		{"a username with a prefix", add("dora@example.ch", withUsername(" GLOBEX-x")), "globex-x"},
	} {
		n := &Needs{}
		c.action.needs(n)
		if d := cmp.Diff([]string{c.want}, n.Usernames); d != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, d)
		}
	}
	n := &Needs{}
	n.NeedUsername(" GLOBEX-x")
	if d := cmp.Diff([]string{"globex"}, n.AccountNames); d != "" {
		t.Error(d)
	}
}
