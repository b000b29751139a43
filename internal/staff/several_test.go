package staff

import "testing"

// The actions of one plan see what those before them have planned.
func TestSeveralActionsInOnePlan(t *testing.T) {
	t.Parallel()
	runPlans(t, []planCase{
		{name: "add, password, owner", facts: team(nil),
			actions: do(add("dora@example.ch", withAccess("all"), withUsername("dora")), setPassword("dora@example.ch"), SetOwner{Selector{Kind: "username", Value: "Dora"}}),
			want: []string{
				"member.add dora@example.ch", `  email: null -> "dora@example.ch"`, `  salutation: null -> "none"`, `  first_name: null -> "Dora"`,
				`  last_name: null -> "Diener"`, `  language: null -> "de"`, `  access: null -> ["all"]`, `  username: null -> "dora"`,
				"member.set-password dora@example.ch", `  password: null -> "set"`, `  login_email: null -> "dora@example.ch"`,
				"account.set-owner acme", `  owner: null -> "dora@example.ch"`,
			},
			check: func(t *testing.T, p *Plan) {
				m, c := addedMember(t, p), p.commit
				if len(c.Members) != 1 || len(c.Logins) != 1 || len(c.Accounts) != 1 || c.Accounts[0].After.OwnerID != m.ID || m.Version != 1 || loginAfter(t, p) != m.Login {
					t.Errorf("commit %+v", c)
				}
			}},
		{name: "add, grant twice, revoke", facts: team(nil),
			actions: do(add("dora@example.ch"), Grant{by("dora@example.ch"), []string{"invoices.view"}}, Grant{by("dora@example.ch"), []string{"invoices"}}, Revoke{by("dora@example.ch"), []string{"invoices"}}),
			want: []string{
				"member.add dora@example.ch", `  email: null -> "dora@example.ch"`, `  salutation: null -> "none"`, `  first_name: null -> "Dora"`,
				`  last_name: null -> "Diener"`, `  language: null -> "de"`, `  access: null -> ["none"]`, `  username: null -> "dora@example.ch"`,
				"member.grant dora@example.ch", `  access: ["none"] -> ["invoices.view"]`,
				"member.grant dora@example.ch", `  access: ["invoices.view"] -> ["invoices"]`,
				"member.revoke dora@example.ch", `  access: ["invoices"] -> ["none"]`,
			}},
		{name: "swap of e-mails", facts: team(of(anna(named("anna")), bert(named("bert")))),
			actions: do(setEmail("anna@example.ch", "x@example.ch"), setEmail("bert@example.ch", "anna@example.ch"), setEmail("x@example.ch", "bert@example.ch")),
			want: []string{
				"member.edit bert@example.ch", `  email: "anna@example.ch" -> "x@example.ch"`,
				"member.edit anna@example.ch", `  email: "bert@example.ch" -> "anna@example.ch"`,
				"member.edit bert@example.ch", `  email: "x@example.ch" -> "bert@example.ch"`,
			},
			check: func(t *testing.T, p *Plan) {
				for i, want := range []string{"bert@example.ch", "anna@example.ch"} {
					if d := p.commit.Members[i]; d.After.Email != want || d.Before.ID != d.After.ID {
						t.Errorf("member %d becomes %s, want %s", d.Before.ID, d.After.Email, want)
					}
				}
			}},
		{name: "swap of proposals", facts: team(of(anna(named("a")), bert(named("b")))),
			actions: do(SetUsername{by("anna@example.ch"), "x"}, SetUsername{by("bert@example.ch"), "a"}, SetUsername{by("anna@example.ch"), "b"}),
			want: []string{
				"member.set-username anna@example.ch", `  username: "a" -> "x"`,
				"member.set-username bert@example.ch", `  username: "b" -> "a"`,
				"member.set-username anna@example.ch", `  username: "x" -> "b"`,
			}},
		{name: "swap of usernames", facts: team(of(anna(signsIn), bert(signsIn)), taken("anna@example.ch", "bert@example.ch")),
			actions: do(SetUsername{by("anna@example.ch"), "x"}, SetUsername{by("bert@example.ch"), "Anna@example.ch"}, SetUsername{by("anna@example.ch"), "bert@example.ch"}),
			want: []string{
				"member.set-username anna@example.ch", `  username: "anna@example.ch" -> "x"`,
				"member.set-username bert@example.ch", `  username: "bert@example.ch" -> "Anna@example.ch"`,
				"member.set-username anna@example.ch", `  username: "x" -> "bert@example.ch"`,
			}},
		{name: "a username that a new login has", facts: team(of(anna(named("x")), bert(signsIn)), taken("bert@example.ch")),
			actions: do(setPassword("anna@example.ch"), SetUsername{by("bert@example.ch"), "X"}), err: refused(CodeConflict, "username", `"X" is taken`, "choose another")},
		{name: "a username that nobody has any more", facts: team(of(anna(signsIn), bert(named("anna@example.ch"), opens("team"))), taken("anna@example.ch")),
			actions: do(SetUsername{by("anna@example.ch"), "anna"}, setPassword("bert@example.ch")),
			want: []string{"member.set-username anna@example.ch", `  username: "anna@example.ch" -> "anna"`,
				"member.set-password bert@example.ch", `  password: null -> "set"`, `  login_email: null -> "bert@example.ch"`}},
		{name: "the username of a login removed that others have", facts: team(of(anna(signsInElsewhere), bert(named("anna@example.ch"))), taken("anna@example.ch")),
			actions: do(RemoveMember{by("anna@example.ch")}, setPassword("bert@example.ch")), err: refused(CodeConflict, "username", `"anna@example.ch" is taken by another login`)},
		{name: "a swap without a step between", facts: team(of(anna(), bert())), actions: do(setEmail("anna@example.ch", "bert@example.ch"), setEmail("bert@example.ch", "anna@example.ch")),
			err: refused(CodeConflict, "email", "bert@example.ch", "choose another")},
		{name: "remove, then add the same e-mail", facts: team(of(anna())), actions: do(RemoveMember{by("anna@example.ch")}, add("anna@example.ch")),
			want: []string{
				"member.remove anna@example.ch removed", `  email: "anna@example.ch" -> null`, `  salutation: "none" -> null`, `  first_name: "Anna" -> null`,
				`  last_name: "Muster" -> null`, `  language: "de" -> null`, `  access: ["none"] -> null`, `  username: "anna@example.ch" -> null`,
				"member.add anna@example.ch", `  email: null -> "anna@example.ch"`, `  salutation: null -> "none"`, `  first_name: null -> "Dora"`,
				`  last_name: null -> "Diener"`, `  language: null -> "de"`, `  access: null -> ["none"]`, `  username: null -> "anna@example.ch"`,
			},
			check: func(t *testing.T, p *Plan) {
				if m := addedMember(t, p); m.ID == 11 || len(p.commit.Members) != 2 {
					t.Errorf("the new member is %d, and %d rows change", m.ID, len(p.commit.Members))
				}
			}},
		{name: "add, then remove", facts: team(of(anna())), actions: do(add("dora@example.ch"), RemoveMember{by("dora@example.ch")}, Suspend{by("dora@example.ch")}),
			err: refused(CodeNotFound, "member", "dora@example.ch")},
		{name: "add and remove come to nothing", facts: team(nil), actions: do(add("dora@example.ch"), setPassword("dora@example.ch"), RemoveMember{by("dora@example.ch")}),
			want: []string{
				"member.add dora@example.ch", `  email: null -> "dora@example.ch"`, `  salutation: null -> "none"`, `  first_name: null -> "Dora"`,
				`  last_name: null -> "Diener"`, `  language: null -> "de"`, `  access: null -> ["none"]`, `  username: null -> "dora@example.ch"`,
				"member.set-password dora@example.ch", `  password: null -> "set"`, `  login_email: null -> "dora@example.ch"`,
				"  ! no area is open to dora@example.ch; grant some with staffctl member grant",
				"member.remove dora@example.ch removed", `  email: "dora@example.ch" -> null`, `  salutation: "none" -> null`, `  first_name: "Dora" -> null`,
				`  last_name: "Diener" -> null`, `  language: "de" -> null`, `  access: ["none"] -> null`, `  username: "dora@example.ch" -> null`,
				`  password: "set" -> null`, `  login_email: "dora@example.ch" -> null`,
			},
			check: func(t *testing.T, p *Plan) {
				if len(p.commit.Members)+len(p.commit.Logins) != 0 || len(p.commit.Audit) != 3 {
					t.Errorf("commit %+v", p.commit)
				}
			}},
		{name: "one refusal refuses all", facts: team(of(anna())), actions: do(add("dora@example.ch"), Suspend{by("cleo@example.ch")}), err: refused(CodeNotFound, "member", "cleo@example.ch")},
		{name: "renamed, found by the old name", facts: team(of(anna())), actions: do(setEmail("anna@example.ch", "new@example.ch"), Suspend{by("anna@example.ch")}),
			err: refused(CodeNotFound, "member", "anna@example.ch")},
		{name: "the proposal of one is the login of the next", facts: team(of(anna(), bert(named("anna")))), actions: do(setPassword("bert@example.ch"), SetUsername{by("anna@example.ch"), "ANNA"}),
			err: refused(CodeConflict, "username", "that of bert@example.ch")},
		{name: "e-mails that are no usernames do not meet", facts: team(of(person(11, "☃@example.ch"), person(12, "☂@example.ch"))), actions: do(setEmail("☃@example.ch", "☁@example.ch")),
			want: []string{"member.edit ☁@example.ch", `  email: "☃@example.ch" -> "☁@example.ch"`, `  username: "☃@example.ch" -> "☁@example.ch"`}},
		{name: "nothing", facts: team(of(anna())), actions: nil},
	})
}

// An audit keeps each action's own before and after, whatever follows it.
func TestSeveralActionsAudit(t *testing.T) {
	t.Parallel()
	plan, err := newStaff(nil).planOn(team(of(anna()), sends("a@example.ch", "b@example.ch")), do(
		RemoveSender{"a@example.ch"}, AddSender{"c@example.ch"}, RemoveSender{"b@example.ch"},
		ChangeMail{by("anna@example.ch"), MailAdd, []string{"news"}}, ChangeMail{by("anna@example.ch"), MailRemove, []string{"news"}}))
	if err != nil {
		t.Fatal(err)
	}
	want := [][2]string{
		{`{"senders":["a@example.ch","b@example.ch"]}`, `{"senders":["b@example.ch"]}`},
		{`{"senders":["b@example.ch"]}`, `{"senders":["b@example.ch","c@example.ch"]}`},
		{`{"senders":["b@example.ch","c@example.ch"]}`, `{"senders":["c@example.ch"]}`},
		{``, `{"mail":["news"]}`},
		{`{"mail":["news"]}`, `{"mail":[]}`},
	}
	for i, e := range plan.commit.Audit {
		if e.Before != want[i][0] || e.After != want[i][1] {
			t.Errorf("%s: %s -> %s, want %s -> %s", e.Action, e.Before, e.After, want[i][0], want[i][1])
		}
	}
	if len(plan.commit.Audit) != len(want) {
		t.Errorf("%d rows, want %d", len(plan.commit.Audit), len(want))
	}
}
