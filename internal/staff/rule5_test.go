package staff

import "testing"

// everyWay are the actions by which somebody stops being an administrator.
func everyWay(email string) map[string]Action {
	return map[string]Action{
		"remove":              RemoveMember{by(email)},
		"suspend":             Suspend{by(email)},
		"revoke":              Revoke{by(email), []string{"all"}},
		"set-access to less":  setAccess(email, "invoices", "team"),
		"set-access to none":  setAccess(email, "none"),
		"add with update":     add(email, onConflict(Update), withAccess("orders")),
		"by username":         RemoveMember{Selector{Kind: "username", Value: email}},
		"by id, in id's form": Suspend{Selector{Kind: "id", Value: "11"}},
	}
}

// TestRule5LastAdministrator: no commit may leave an account that had a member
// able to sign in with access or role all without one.
func TestRule5LastAdministrator(t *testing.T) {
	t.Parallel()
	enrols := func(f *Facts) { f.Account.TwoFactor = TwoFactorSMS }
	mayNot := map[string]*Facts{
		"alone":                          team(of(anna(signsIn, opens("all")))),
		"to enrol a number yet":          team(of(anna(signsIn, opens("all"))), enrols),
		"the other has no login":         team(of(anna(signsIn, opens("all")), bert(opens("all")))),
		"the other is suspended":         team(of(anna(signsIn, opens("all")), bert(signsIn, opens("all"), suspended))),
		"the other is not confirmed":     team(of(anna(signsIn, opens("all")), bert(subaccount("bert", "administrator"), pending))),
		"the other signs in unconfirmed": team(of(anna(signsIn, opens("all")), bert(subaccount("bert", "administrator"), signsIn, pending))),
		"the other has every area but":   team(of(anna(signsIn, opens("all")), bert(signsIn, opens(DefaultCatalog().AreaKeys()...)))),
		"the other's role is another":    team(of(anna(signsIn, opens("all")), bert(subaccount("bert", "copywriter"), signsIn))),
		"the login serves two accounts":  team(of(anna(signsInElsewhere, opens("all")))),
	}
	may := map[string]*Facts{
		"another has access all":      team(of(anna(signsIn, opens("all")), bert(signsIn, opens("all")))),
		"another has role all":        team(of(anna(signsIn, opens("all")), bert(subaccount("bert", "administrator"), signsIn))),
		"another is to enrol":         team(of(anna(signsIn, opens("all")), bert(signsIn, opens("all"))), enrols),
		"another whom nobody asks of": team(of(anna(signsIn, opens("all"))), func(f *Facts) { f.Administrators = 2 }),
		"there was none: no login":    team(of(anna(opens("all")))),
		"there was none: suspended":   team(of(anna(signsIn, opens("all"), suspended))),
	}
	for way, action := range everyWay("anna@example.ch") {
		for name, facts := range mayNot {
			t.Run("may not/"+way+"/"+name, func(t *testing.T) {
				t.Parallel()
				_, err := newStaff(nil).planOn(copyOf(facts), do(action))
				refused(CodeForbidden, "member", "anna@example.ch is the last administrator of account acme", "give somebody else who can sign in full access first").check(t, err)
			})
		}
		for name, facts := range may {
			t.Run("may/"+way+"/"+name, func(t *testing.T) {
				t.Parallel()
				if _, err := newStaff(nil).planOn(copyOf(facts), do(action)); err != nil {
					t.Error(err)
				}
			})
		}
	}
}

// The commit as a whole is what rule 5 looks at.
func TestRule5InOneCommit(t *testing.T) {
	t.Parallel()
	lone := func() *Facts { return team(of(anna(signsIn, opens("all")), bert(signsIn))) }
	suspendAnna := []string{"member.suspend anna@example.ch", `  suspended: null -> true`}
	promoteBert := []string{"member.set-access bert@example.ch", `  access: ["none"] -> ["all"]`}
	runPlans(t, []planCase{
		{name: "another first", facts: lone(), actions: do(setAccess("bert@example.ch", "all"), Suspend{by("anna@example.ch")}), want: append(promoteBert[:2:2], suspendAnna...)},
		{name: "another afterwards", facts: lone(), actions: do(Suspend{by("anna@example.ch")}, setAccess("bert@example.ch", "all")), want: append(suspendAnna[:2:2], promoteBert...)},
		{name: "and back", facts: lone(), actions: do(Suspend{by("anna@example.ch")}, Resume{by("anna@example.ch")}),
			want: append(suspendAnna[:2:2], "member.resume anna@example.ch", `  suspended: true -> false`),
			check: func(t *testing.T, p *Plan) {
				if len(p.commit.Members) != 0 || len(p.commit.Audit) != 2 {
					t.Errorf("%d rows and %d audit rows, want none and 2", len(p.commit.Members), len(p.commit.Audit))
				}
			}},
		{name: "both of two", facts: team(of(anna(signsIn, opens("all")), bert(signsIn, opens("all")))),
			actions: do(Suspend{by("anna@example.ch")}, Suspend{by("bert@example.ch")}), err: refused(CodeForbidden, "member", "the last administrator of account acme")},
		{name: "the last subaccount administrator", facts: team(of(anna(subaccount("anna", "administrator"), signsIn))),
			actions: do(RemoveMember{by("anna@example.ch")}), err: refused(CodeForbidden, "member", "the last administrator of account acme")},
		{name: "the account goes", facts: team(of(anna(signsIn, opens("all")))), actions: do(DeleteAccount{}), want: []string{
			"account.delete acme removed", `  name: "acme" -> null`, `  display_name: "Acme" -> null`, `  plan: "standard" -> null`, `  two_factor: "off" -> null`,
			`  language: "de" -> null`, `  default_access: ["none"] -> null`, `  invite_other_address: true -> null`, `  members: 1 -> null`,
		}, check: func(t *testing.T, p *Plan) {
			if p.commit.DropAccount != 1 || p.Results[0].Rows != 1 {
				t.Errorf("drops account %d with %d members", p.commit.DropAccount, p.Results[0].Rows)
			}
		}},
	})
}

// The owner is not removed, suspended or restricted.
func TestRule5Owner(t *testing.T) {
	t.Parallel()
	owned := team(of(anna(signsIn, opens("all")), bert(signsIn, opens("all"))), ownedBy(anna()))
	become := map[string]string{"remove": "removed", "by username": "removed", "suspend": "suspended", "by id, in id's form": "suspended"}
	for way, action := range everyWay("anna@example.ch") {
		what := become[way]
		if what == "" {
			what = "restricted"
		}
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			_, err := newStaff(nil).planOn(copyOf(owned), do(action))
			refused(CodeForbidden, "member", "anna@example.ch owns account acme and cannot be "+what, "staffctl account set-owner").check(t, err)
			if _, err := newStaff(nil).planOn(copyOf(owned), do(SetOwner{by("bert@example.ch")}, action)); err != nil {
				t.Errorf("after set-owner: %v", err)
			}
		})
	}
}

func TestRule5SetOwner(t *testing.T) {
	t.Parallel()
	setOwner := func(email string) []Action { return do(SetOwner{by(email)}) }
	to := func(email string, id ID) func(t *testing.T, p *Plan) {
		return func(t *testing.T, p *Plan) {
			t.Helper()
			a := p.commit.Accounts[0].After
			if a.OwnerID != id || a.Owner != email || len(p.commit.Members) != 0 {
				t.Errorf("owner %d %s, and %d members change", a.OwnerID, a.Owner, len(p.commit.Members))
			}
			if g := p.commit.Guards; len(g) != 1 || g[0] != (Guard{GuardMember, id, 3}) {
				t.Errorf("guards %+v, want the new owner's", g)
			}
		}
	}
	as := func(email string) refusal {
		return refused(CodeForbidden, "member", email+" cannot own account acme", "access all and is not suspended", "staffctl member set-access")
	}
	runPlans(t, []planCase{
		{name: "first", facts: team(of(anna(opens("all")))), actions: setOwner("anna@example.ch"),
			want: []string{"account.set-owner acme", `  owner: null -> "anna@example.ch"`}, check: to("anna@example.ch", 11)},
		{name: "next", facts: team(of(anna(signsIn, opens("all")), bert(signsIn, opens("all"))), ownedBy(anna())), actions: setOwner("bert@example.ch"),
			want: []string{"account.set-owner acme", `  owner: "anna@example.ch" -> "bert@example.ch"`}, check: to("bert@example.ch", 12)},
		{name: "again", facts: team(of(anna(opens("all"))), ownedBy(anna())), actions: setOwner("anna@example.ch"), want: []string{"account.set-owner acme unchanged"}},
		{name: "some grants", facts: team(of(anna(opens("team")))), actions: setOwner("anna@example.ch"), err: as("anna@example.ch")},
		{name: "role all", facts: team(of(anna(subaccount("anna", "administrator"), signsIn))), actions: setOwner("anna@example.ch"), err: as("anna@example.ch")},
		{name: "suspended", facts: team(of(anna(opens("all"), suspended))), actions: setOwner("anna@example.ch"), err: as("anna@example.ch")},
		{name: "nobody", facts: team(nil), actions: setOwner("anna@example.ch"), err: refused(CodeNotFound, "member", "anna@example.ch", "account acme")},
		{name: "edited", facts: team(of(anna(signsIn, opens("all"))), ownedBy(anna())), actions: do(Grant{by("anna@example.ch"), []string{"team"}}, setAccess("anna@example.ch", "all"), Resume{by("anna@example.ch")}),
			want: []string{"member.grant anna@example.ch unchanged", "member.set-access anna@example.ch unchanged", "member.resume anna@example.ch unchanged"}},
	})
}
