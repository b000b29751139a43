package staff

import "testing"

// importedHash is a hash from elsewhere.
const importedHash = "$foreign$1"

func withHash(a *AddMember) { a.Password = HashedPassword(importedHash) }

// TestImportedMember: a row of an import brings a person whole. A hash makes the
// login of who has none, and leaves alone who has one.
func TestImportedMember(t *testing.T) {
	t.Parallel()
	isSuspended := func(a *AddMember) { a.Suspended = new(true) }
	temporary := func(a *AddMember) { a.MustChange = true }
	same := onConflict(Same)
	hasPhones := func(m *Member) {
		m.Phones = []Phone{{"mobile", "+41795551230"}, {"work", "+41445551230"}, {"fax", "+41445551231"}}
	}
	added := []string{
		"member.add dora@example.ch",
		`  email: null -> "dora@example.ch"`,
		`  salutation: null -> "none"`,
		`  first_name: null -> "Dora"`,
		`  last_name: null -> "Diener"`,
		`  language: null -> "de"`,
	}
	runPlans(t, []planCase{
		{name: "with a hash", facts: team(nil, defaultAccess("orders")), actions: do(add("dora@example.ch", withHash, temporary)),
			want: append(added[:6:6], `  access: null -> ["orders"]`, `  username: null -> "dora@example.ch"`, `  password: null -> "set"`, `  must_change: null -> true`,
				`  login_email: null -> "dora@example.ch"`)},
		{name: "suspended", facts: team(nil), actions: do(add("dora@example.ch", withAccess("all"), isSuspended)),
			want: append(added[:6:6], `  access: null -> ["all"]`, `  suspended: null -> true`, `  username: null -> "dora@example.ch"`)},
		{name: "a hash whose username a login elsewhere has", facts: team(nil, taken("dora@example.ch")), actions: do(add("dora@example.ch", withHash)),
			err: refused(CodeConflict, "username", "is taken", "set-username", "invite")},
		{name: "a hash that cannot be verified", facts: team(nil), actions: do(add("dora@example.ch", func(a *AddMember) { a.Password = HashedPassword("x") })),
			err: refused(CodeInvalid, "hash")},
		{name: "a hash for who has no login", facts: team(of(anna())), actions: do(add("anna@example.ch", onConflict(Update), withHash, withAccess("orders"))),
			want: []string{"member.add anna@example.ch", `  first_name: "Anna" -> "Dora"`, `  last_name: "Muster" -> "Diener"`, `  access: ["none"] -> ["orders"]`,
				`  password: null -> "set"`, `  login_email: null -> "anna@example.ch"`}},
		{name: "a hash for who has a login", facts: team(of(anna(signsIn))), actions: do(AddMember{Email: "anna@example.ch", OnConflict: Update, Password: HashedPassword(importedHash), MustChange: true}),
			want: []string{"member.add anna@example.ch unchanged"}},
		{name: "phones of some labels", facts: team(of(anna(hasPhones))), actions: do(AddMember{Email: "anna@example.ch", OnConflict: Update,
			Details: Details{Phones: &[]string{"mobile=+41 79 555 12 34", "home=+41 44 555 12 36"}, PhonesOf: []string{"fax", "mobile", "home"}}}),
			want: []string{"member.add anna@example.ch", `  phones: [{"label":"mobile","number":"+41795551230"},{"label":"work","number":"+41445551230"},{"label":"fax","number":"+41445551231"}]` +
				` -> [{"label":"mobile","number":"+41795551234"},{"label":"work","number":"+41445551230"},{"label":"home","number":"+41445551236"}]`}},
		{name: "the same phones of a label", facts: team(of(anna(hasPhones))), actions: do(AddMember{Email: "anna@example.ch", OnConflict: Same,
			Details: Details{Phones: &[]string{"work=+41 44 555 12 30"}, PhonesOf: []string{"work"}}}), want: []string{"member.add anna@example.ch unchanged"}},
		{name: "the same", facts: team(of(anna(opens("orders")))), actions: do(AddMember{Email: "anna@example.ch", Access: &[]string{"orders"}, OnConflict: Same}),
			want: []string{"member.add anna@example.ch unchanged"}},
		{name: "what differs", facts: team(of(anna())), actions: do(add("anna@example.ch", same, withAccess("orders"))),
			err: refused(CodeConflict, "email", "differs in first_name, last_name, access", "--on-conflict")},
		{name: "the owner, suspended", facts: team(of(anna(signsIn, opens("all"))), ownedBy(anna())), actions: do(AddMember{Email: "anna@example.ch", OnConflict: Update, Suspended: new(true)}),
			err: refused(CodeForbidden, "member", "owns account", "set-owner")},
	})
}

// TestImportedSubaccount: one whose holder has a password is confirmed; another
// gets its link when it is asked for.
func TestImportedSubaccount(t *testing.T) {
	t.Parallel()
	withPassword := func(a *CreateSubaccount) { a.Password = HashedPassword(importedHash) }
	quiet := func(a *CreateSubaccount) { a.NoMail = true }
	more := func(a *CreateSubaccount) { a.Mail, a.Suspended = &[]string{"news"}, new(true) }
	update := func(a *CreateSubaccount) { a.OnConflict = Update }
	nothingGoesOut := func(t *testing.T, p *Plan) {
		t.Helper()
		if len(p.commit.Links)+len(p.commit.Mails) > 0 {
			t.Errorf("links %v and mails %v", p.commit.Links, p.commit.Mails)
		}
	}
	endsLinks := func(t *testing.T, p *Plan) {
		t.Helper()
		nothingGoesOut(t, p)
		if len(p.commit.EndLinks) == 0 || p.commit.EndLinks[0].Member != p.Results[0].Member.ID {
			t.Errorf("it ends %v", p.commit.EndLinks)
		}
	}
	created := []string{
		"subaccount.create sina@example.ch",
		`  email: null -> "sina@example.ch"`,
		`  salutation: null -> "none"`,
		`  last_name: null -> "shop"`,
		`  language: null -> "de"`,
	}
	runPlans(t, []planCase{
		{name: "with a hash", facts: team(nil, enterprise), actions: do(create(withPassword)), check: nothingGoesOut,
			want: append(created[:5:5], `  access: null -> ["role:copywriter"]`, `  username: null -> "acme-shop"`, `  subaccount: null -> "shop"`, `  password: null -> "set"`,
				`  login_email: null -> "sina@example.ch"`)},
		{name: "without a mail", facts: team(nil, enterprise), actions: do(create(quiet, more)), check: nothingGoesOut,
			want: append(created[:5:5], `  mail: null -> ["news"]`, `  access: null -> ["role:copywriter"]`, `  suspended: null -> true`, `  username: null -> "acme-shop"`,
				`  subaccount: null -> "shop"`, `  pending: null -> true`)},
		{name: "a hash confirms one that waits", facts: team(of(sina(pending)), enterprise), actions: do(create(update, withPassword)), check: endsLinks,
			want: []string{"subaccount.create sina@example.ch", `  pending: true -> false`, `  password: null -> "set"`, `  login_email: null -> "sina@example.ch"`}},
		{name: "a hash for one that is confirmed", facts: team(of(sina(signsIn)), enterprise), actions: do(create(update, withPassword)), check: nothingGoesOut,
			want: []string{"subaccount.create sina@example.ch unchanged"}},
		{name: "another role ends the link", facts: team(of(sina(pending)), enterprise), actions: do(create(update, quiet, func(a *CreateSubaccount) { a.Role = "api-user" })), check: endsLinks,
			want: []string{"subaccount.create sina@example.ch", `  access: ["role:copywriter"] -> ["role:api-user"]`}},
	})
}

// TestImportedInvite: without a mail there is no link until it is resent.
func TestImportedInvite(t *testing.T) {
	t.Parallel()
	invite := func(more ...func(*SendInvite)) SendInvite {
		a := SendInvite{Email: "dora@example.ch", Access: []string{"orders"}, NoMail: true}
		for _, do := range more {
			do(&a)
		}
		return a
	}
	conflict := func(c OnConflict) func(*SendInvite) { return func(a *SendInvite) { a.OnConflict = c } }
	other := func(a *SendInvite) { a.Access = []string{"all"} }
	runPlans(t, []planCase{
		{name: "new", facts: team(nil), actions: do(invite()), want: []string{"invite.send dora@example.ch", `  email: null -> "dora@example.ch"`, `  language: null -> "de"`,
			`  access: null -> ["orders"]`, `  status: null -> "pending"`, `  expires_at: null -> "2026-11-25T12:00:00.000Z"`},
			check: func(t *testing.T, p *Plan) {
				t.Helper()
				if len(p.commit.Links)+len(p.commit.Mails) > 0 {
					t.Errorf("links %v and mails %v", p.commit.Links, p.commit.Mails)
				}
			}},
		{name: "the same", facts: team(nil, invited(invitation("dora@example.ch"))), actions: do(invite(conflict(Same), func(a *SendInvite) { a.Access = []string{"api"} })), want: []string{"invite.send dora@example.ch unchanged"}},
		{name: "what differs", facts: team(nil, invited(invitation("dora@example.ch"))), actions: do(invite(conflict(Same), other)), err: refused(CodeConflict, "email", "differs", "--on-conflict")},
		{name: "the owner, restricted", facts: team(of(anna(opens("all"))), ownedBy(anna())), actions: do(invite(func(a *SendInvite) { a.Email = "anna@example.ch" })),
			err: refused(CodeForbidden, "access", "owns account", "set-owner")},
	})
}
