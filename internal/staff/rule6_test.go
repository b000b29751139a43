package staff

import "testing"

// TestRule6Subaccount: on a subaccount, grant, revoke and set-access are
// refused; its role says what it opens.
func TestRule6Subaccount(t *testing.T) {
	t.Parallel()
	facts := team(of(anna(signsIn, opens("all")), bert(subaccount("bert", "copywriter"), signsIn)))
	for name, action := range map[string]Action{
		"grant":               Grant{by("bert@example.ch"), []string{"invoices"}},
		"grant what it has":   Grant{by("bert@example.ch"), []string{"emails.create"}},
		"grant all":           Grant{by("bert@example.ch"), []string{"all"}},
		"revoke":              Revoke{by("bert@example.ch"), []string{"emails"}},
		"revoke all":          Revoke{by("bert@example.ch"), []string{"all"}},
		"set-access":          setAccess("bert@example.ch", "invoices"),
		"set-access to none":  setAccess("bert@example.ch", "none"),
		"update":              add("bert@example.ch", onConflict(Update), withAccess("none")),
		"by username":         setAccessOf(Selector{Value: "acme-bert"}, "all"),
		"by username, suited": Grant{Selector{Kind: "username", Value: "ACME-bert"}, []string{"all"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := newStaff(nil).planOn(copyOf(facts), do(action))
			refused(CodeForbidden, "member", "acme-bert is a subaccount", "given by its role, copywriter", "staffctl subaccount set-role").check(t, err)
		})
	}
	runPlans(t, []planCase{
		{name: "all else is a member's", facts: facts,
			actions: do(Suspend{by("bert@example.ch")}, ChangeMail{by("bert@example.ch"), MailAdd, []string{"news"}}, edit(bert(), Details{Salutation: new("mr")}), setPassword("bert@example.ch")),
			want: []string{
				"member.suspend bert@example.ch", `  suspended: null -> true`,
				"mail-prefs.add bert@example.ch", `  mail: null -> ["news"]`,
				"member.edit bert@example.ch", `  salutation: "none" -> "mr"`,
				"member.set-password bert@example.ch", `  password: "set" -> "set"`,
			}},
	})
}

func setAccessOf(s Selector, words ...string) SetAccess { return SetAccess{Member: s, Access: words} }

// Revoking part of a wider grant is refused and names set-access.
func TestRule6PartOfWiderGrant(t *testing.T) {
	t.Parallel()
	revoke := func(grants ...string) []Action { return do(Revoke{by("bert@example.ch"), grants}) }
	with := func(words ...string) *Facts { return team(of(anna(signsIn, opens("all")), bert(opens(words...)))) }
	from := func(before, after string) []string {
		return []string{"member.revoke bert@example.ch", "  access: " + before + " -> " + after}
	}
	part := func(wide, grant string) refusal {
		return refused(CodeInvalid, "grant", "bert@example.ch has "+wide, "of which "+grant+" is a part", "staffctl member set-access")
	}
	unchanged := []string{"member.revoke bert@example.ch unchanged"}
	alike := func(f *Facts) *Facts {
		label := Label{"Eins", "One"}
		f.Catalog = small(func(c *Catalog) {
			c.Areas = append(c.Areas, Area{"teams", label, []Entry{{"view", label}}})
			c.Areas[1].Actions = append(c.Areas[1].Actions, Entry{"use-more", label})
		})
		f.Found[1].Access = Access{Kind: AccessGrants, Grants: []string{"api.use-more", "team", "teams.view"}}
		return f
	}
	runPlans(t, []planCase{
		{name: "a permission of an area", facts: with("invoices", "team"), actions: revoke("invoices.pay"), err: part("invoices", "invoices.pay")},
		{name: "a permission of all", facts: with("all"), actions: revoke("invoices.pay"), err: part("all", "invoices.pay")},
		{name: "an area of all", facts: with("all"), actions: revoke("invoices"), err: part("all", "invoices")},
		{name: "after one that is possible", facts: with("invoices", "team"), actions: revoke("team", "invoices.pay"), err: part("invoices", "invoices.pay")},
		{name: "a permission", facts: with("invoices.view", "invoices.pay"), actions: revoke("invoices.pay"), want: from(`["invoices.pay","invoices.view"]`, `["invoices.view"]`)},
		{name: "an area", facts: with("invoices", "team"), actions: revoke("team"), want: from(`["invoices","team"]`, `["invoices"]`)},
		{name: "the permissions of an area", facts: with("invoices.view", "invoices.pay", "team"), actions: revoke("invoices"),
			want: from(`["invoices.pay","invoices.view","team"]`, `["team"]`)},
		{name: "the last", facts: with("invoices", "team.view"), actions: revoke("team", "invoices"), want: from(`["invoices","team.view"]`, `["none"]`)},
		{name: "all of some", facts: with("invoices", "team.view"), actions: revoke("all"), want: from(`["invoices","team.view"]`, `["none"]`)},
		{name: "all of all", facts: with("all"), actions: revoke("all"), want: from(`["all"]`, `["none"]`)},
		{name: "all of none", facts: with("none"), actions: revoke("all"), want: unchanged},
		{name: "what is not there", facts: with("invoices.view"), actions: revoke("invoices.pay", "team"), want: unchanged},
		{name: "a name that begins another", facts: alike(with("none")), actions: revoke("team", "api.use"), want: from(`["api.use-more","team","teams.view"]`, `["api.use-more","teams.view"]`)},
		{name: "an unknown area", facts: with("invoices"), actions: revoke("invoice"), err: refused(CodeInvalid, "grant", `no area "invoice"`, "did you mean invoices?")},
		{name: "an unknown permission", facts: with("invoices"), actions: revoke("invoices.vew"), err: refused(CodeInvalid, "grant", "area invoices has no permission", "did you mean invoices.view?")},
		{name: "none", facts: with("invoices"), actions: revoke("none"), err: refused(CodeInvalid, "grant", `no area "none"`)},
	})
}

func TestGrant(t *testing.T) {
	t.Parallel()
	grant := func(grants ...string) []Action { return do(Grant{by("bert@example.ch"), grants}) }
	with := func(words ...string) *Facts { return team(of(bert(opens(words...)))) }
	from := func(before, after string) []string {
		return []string{"member.grant bert@example.ch", "  access: " + before + " -> " + after}
	}
	unchanged := []string{"member.grant bert@example.ch unchanged"}
	runPlans(t, []planCase{
		{name: "a permission to none", facts: with("none"), actions: grant("invoices.view"), want: from(`["none"]`, `["invoices.view"]`)},
		{name: "sorted", facts: with("team", "api"), actions: grant("orders", "contract.view"), want: from(`["api","team"]`, `["api","contract.view","orders","team"]`)},
		{name: "an area takes in its permissions", facts: with("invoices.view", "team.view"), actions: grant("invoices"), want: from(`["invoices.view","team.view"]`, `["invoices","team.view"]`)},
		{name: "both at once", facts: with("none"), actions: grant("invoices.pay", "invoices", "invoices"), want: from(`["none"]`, `["invoices"]`)},
		{name: "a permission of an area that is there", facts: with("invoices"), actions: grant("invoices.view"), want: unchanged},
		{name: "what is there", facts: with("invoices.view"), actions: grant("invoices.view"), want: unchanged},
		{name: "all", facts: with("invoices"), actions: grant("all"), want: from(`["invoices"]`, `["all"]`)},
		{name: "to all", facts: with("all"), actions: grant("invoices"), want: unchanged},
		{name: "all and more", facts: with("none"), actions: grant("all", "invoices"), err: refused(CodeInvalid, "grant", `"all" stands alone`)},
		{name: "none", facts: with("invoices"), actions: grant("none"), err: refused(CodeInvalid, "grant", "none is no grant", "staffctl member set-access email:bert@example.ch none")},
		{name: "nothing", facts: with("none"), actions: grant(), err: refused(CodeInvalid, "grant", "no access named", "profile.view")},
		{name: "unknown", facts: with("none"), actions: grant("invoices", "teem"), err: refused(CodeInvalid, "grant", `no area "teem"`, "did you mean team?")},
	})
}

func TestSetAccess(t *testing.T) {
	t.Parallel()
	with := func(words ...string) *Facts { return team(of(anna(signsIn, opens("all")), bert(opens(words...)))) }
	to := func(words ...string) []Action { return do(setAccess("bert@example.ch", words...)) }
	from := func(before, after string) []string {
		return []string{"member.set-access bert@example.ch", "  access: " + before + " -> " + after}
	}
	unchanged := []string{"member.set-access bert@example.ch unchanged"}
	guardsCatalog := func(t *testing.T, p *Plan) {
		t.Helper()
		if g := p.commit.Guards; len(g) != 2 || g[0] != (Guard{GuardAccount, 1, 7}) || g[1] != (Guard{GuardCatalog, 0, 9}) {
			t.Errorf("guards %+v, want the account's and the catalog's", g)
		}
	}
	runPlans(t, []planCase{
		{name: "grants", facts: with("all"), actions: to("invoices.view", "team", "team.view"), want: from(`["all"]`, `["invoices.view","team"]`), check: guardsCatalog},
		{name: "all", facts: with("team"), actions: to("all"), want: from(`["team"]`, `["all"]`)},
		{name: "none", facts: with("team"), actions: to("none"), want: from(`["team"]`, `["none"]`)},
		{name: "the same", facts: with("team", "api"), actions: to("api.use", "api", "team"), want: unchanged},
		{name: "all and more", facts: with("none"), actions: to("team", "all"), err: refused(CodeInvalid, "access", `"all" stands alone`)},
		{name: "none and more", facts: with("none"), actions: to("none", "team"), err: refused(CodeInvalid, "access", `"none" stands alone`)},
		{name: "empty words", facts: with("none"), actions: to("", ""), err: refused(CodeInvalid, "access", "no access named", "all, none or grants")},
		{name: "unknown area of a permission", facts: with("none"), actions: to("invoice.view"), err: refused(CodeInvalid, "access", `no permission "invoice.view"`, "did you mean invoices.view?")},
		{name: "a role", facts: with("none"), actions: to("copywriter"), err: refused(CodeInvalid, "access", "copywriter is a role, which subaccounts have", "such as emails.create")},
	})
}
