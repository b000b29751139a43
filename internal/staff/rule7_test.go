package staff

import "testing"

// create asks for the subaccount shop of Sina.
func create(more ...func(*CreateSubaccount)) CreateSubaccount {
	a := CreateSubaccount{Name: "shop", Email: "sina@example.ch", Role: "copywriter"}
	for _, do := range more {
		do(&a)
	}
	return a
}

func naming(name string) func(*CreateSubaccount) { return func(a *CreateSubaccount) { a.Name = name } }
func at(email string) func(*CreateSubaccount)    { return func(a *CreateSubaccount) { a.Email = email } }
func as(role string) func(*CreateSubaccount)     { return func(a *CreateSubaccount) { a.Role = role } }
func showing(a *CreateSubaccount)                { a.Show = true }

func otherwise(c OnConflict) func(*CreateSubaccount) {
	return func(a *CreateSubaccount) { a.OnConflict = c }
}

func called(first, last string) func(*CreateSubaccount) {
	return func(a *CreateSubaccount) { a.FirstName, a.LastName = &first, &last }
}

// sina is the subaccount shop.
func sina(traits ...trait) *Member {
	return person(14, "sina@example.ch", append([]trait{subaccount("shop", "copywriter")}, traits...)...)
}

// created are the lines of a new subaccount.
func created(lines ...string) []string {
	return append([]string{"subaccount.create sina@example.ch", `  email: null -> "sina@example.ch"`, `  salutation: null -> "none"`, `  last_name: null -> "shop"`,
		`  language: null -> "de"`, `  access: null -> ["role:copywriter"]`, `  username: null -> "acme-shop"`, `  subaccount: null -> "shop"`, `  pending: null -> true`},
		lines...)
}

const (
	tariffEnterprise = "enterprise"
	tariffStandard   = "standard"
)

func setTariff(tariff string) SetAccount { return SetAccount{Settings{Tariff: &tariff}} }

// TestRule7Plan: subaccounts only on plan enterprise, which is not downgraded
// while there are some.
func TestRule7Plan(t *testing.T) {
	t.Parallel()
	mailed := []string{`  link: null -> "mailed to sina@example.ch"`, "  @ confirm in de to sina@example.ch"}
	runPlans(t, []planCase{
		{name: "enterprise", facts: team(nil, enterprise), actions: do(create()), want: created(mailed...)},
		{name: "standard", facts: team(nil), actions: do(create()),
			err: refused(CodeForbidden, "plan", "account acme is on plan standard", "only plan enterprise has subaccounts", "staffctl account set acme --plan enterprise")},
		{name: "standard, and one that is there", facts: team(nil), actions: do(create(otherwise(Skip))), err: refused(CodeForbidden, "plan")},
		{name: "upgraded before", facts: team(nil), actions: do(setTariff(tariffEnterprise), create()),
			want: append([]string{"account.set acme", `  plan: "standard" -> "enterprise"`}, created(mailed...)...)},
		{name: "downgraded", facts: team(of(anna(), sina(pending))), actions: do(setTariff(tariffStandard)),
			err: refused(CodeForbidden, "plan", "account acme has 1 subaccounts", "remove them first")},
		{name: "downgraded after it was removed", facts: team(of(sina(pending))), actions: do(RemoveSubaccount{"shop"}, setTariff(tariffStandard)), want: []string{
			"subaccount.remove sina@example.ch removed", `  email: "sina@example.ch" -> null`, `  salutation: "none" -> null`, `  first_name: "Sina" -> null`,
			`  last_name: "Muster" -> null`, `  language: "de" -> null`, `  access: ["role:copywriter"] -> null`, `  username: "acme-shop" -> null`,
			`  subaccount: "shop" -> null`, `  pending: true -> null`, "account.set acme", `  plan: "enterprise" -> "standard"`}},
		{name: "downgraded with a new one", facts: team(nil, enterprise), actions: do(create(), setTariff(tariffStandard)),
			err: refused(CodeForbidden, "plan", "account acme has 1 subaccounts", "remove them first")},
	})
}

// TestSubaccountCreate: what a new subaccount is, and what is done with one that
// is there already.
func TestSubaccountCreate(t *testing.T) {
	t.Parallel()
	english := func(f *Facts) { enterprise(f); f.Account.Language = English }
	there := func(traits ...trait) *Facts { return team(of(anna(signsIn, opens("all")), sina(traits...))) }
	runPlans(t, []planCase{
		{name: "with a name", facts: team(nil, enterprise), actions: do(create(called("Sina", "Laden"))), want: []string{
			"subaccount.create sina@example.ch", `  email: null -> "sina@example.ch"`, `  salutation: null -> "none"`, `  first_name: null -> "Sina"`, `  last_name: null -> "Laden"`,
			`  language: null -> "de"`, `  access: null -> ["role:copywriter"]`, `  username: null -> "acme-shop"`, `  subaccount: null -> "shop"`, `  pending: null -> true`,
			`  link: null -> "mailed to sina@example.ch"`, "  @ confirm in de to sina@example.ch"}},
		{name: "with a first name", facts: team(nil, english), actions: do(create(func(a *CreateSubaccount) { a.FirstName = new("Sina") })), want: []string{
			"subaccount.create sina@example.ch", `  email: null -> "sina@example.ch"`, `  salutation: null -> "none"`, `  first_name: null -> "Sina"`,
			`  language: null -> "en"`, `  access: null -> ["role:copywriter"]`, `  username: null -> "acme-shop"`, `  subaccount: null -> "shop"`, `  pending: null -> true`,
			`  link: null -> "mailed to sina@example.ch"`, "  @ confirm in en to sina@example.ch"},
			check: func(t *testing.T, p *Plan) {
				m := addedMember(t, p)
				if m.Status(TwoFactorOff) != Pending || m.Login != nil || len(p.commit.Logins) != 0 {
					t.Errorf("a new subaccount is %s with login %+v", m.Status(TwoFactorOff), m.Login)
				}
				if got := p.commit.Mails[0].Data; got.Role != "Copywriter" || len(got.Areas) != 1 || got.Areas[0] != "E-mails" {
					t.Errorf("an English mail tells %+v", got)
				}
			}},
		{name: "shown", facts: team(nil, enterprise), actions: do(create(showing)), want: created(`  link: null -> "shown"`, "  @ shown: confirm for sina@example.ch"),
			check: func(t *testing.T, p *Plan) {
				if len(p.commit.Mails) != 0 || !p.commit.Links[0].Shown || p.Results[0].Mail != nil {
					t.Errorf("mails %+v, link %+v", p.commit.Mails, p.commit.Links[0])
				}
			}},
		{name: "fail", facts: there(pending), actions: do(create()),
			err: refused(CodeConflict, "name", "subaccount acme-shop exists already", "staffctl subaccount set-role", "--on-conflict skip or update")},
		{name: "skip", facts: there(pending), actions: do(create(otherwise(Skip), at("other@example.ch"), as("api-user"))), want: []string{"subaccount.create sina@example.ch unchanged"}},
		{name: "update of nothing", facts: there(pending), actions: do(create(otherwise(Update))), want: []string{"subaccount.create sina@example.ch unchanged"}},
		{name: "update of a pending one", facts: there(pending), actions: do(create(otherwise(Update), as("api-user"))), want: []string{
			"subaccount.create sina@example.ch", `  access: ["role:copywriter"] -> ["role:api-user"]`, `  link: null -> "mailed to sina@example.ch"`, "  @ confirm in de to sina@example.ch"}},
		{name: "update of a pending one's e-mail", facts: there(pending), actions: do(create(otherwise(Update), at("neu@example.ch"), showing)), want: []string{
			"subaccount.create neu@example.ch", `  email: "sina@example.ch" -> "neu@example.ch"`, `  link: null -> "shown"`, "  @ shown: confirm for neu@example.ch"}},
		{name: "update of a pending one's name", facts: there(pending), actions: do(create(otherwise(Update), called("Sina", "Laden"))), want: []string{
			"subaccount.create sina@example.ch", `  last_name: "Muster" -> "Laden"`},
			check: func(t *testing.T, p *Plan) {
				if len(p.commit.EndLinks) != 0 {
					t.Errorf("a name ends links: %+v", p.commit.EndLinks)
				}
			}},
		{name: "update of a confirmed one", facts: there(signsIn), actions: do(create(otherwise(Update), as("api-user"), at("neu@example.ch"))), want: []string{
			"subaccount.create neu@example.ch", `  email: "sina@example.ch" -> "neu@example.ch"`, `  access: ["role:copywriter"] -> ["role:api-user"]`,
			`  login_email: "sina@example.ch" -> "neu@example.ch"`}},
		{name: "unknown role", facts: team(nil, enterprise), actions: do(create(as("copywritter"))), err: refused(CodeInvalid, "role", `"copywritter"`, "did you mean copywriter?")},
		{name: "no role", facts: team(nil, enterprise), actions: do(create(as(""))), err: refused(CodeInvalid, "role")},
		{name: "no e-mail", facts: team(nil, enterprise), actions: do(create(at("sina"))), err: refused(CodeInvalid, "email")},
		{name: "the e-mail of a member", facts: team(of(anna()), enterprise), actions: do(create(at("anna@EXAMPLE.ch"))),
			err: refused(CodeConflict, "email", "e-mail of another member of account acme", "choose another")},
	})
}

// TestRule12Role: a subaccount has just its role, which is of the catalog.
func TestRule12Role(t *testing.T) {
	t.Parallel()
	runPlans(t, []planCase{
		{name: "of a pending one", facts: team(of(sina(pending))), actions: do(SetRole{"shop", "api-user"}), want: []string{
			"subaccount.set-role sina@example.ch", `  access: ["role:copywriter"] -> ["role:api-user"]`,
			"  ! the confirmation link of acme-shop has ended by this; mail a new one with staffctl subaccount resend shop"},
			check: endsLinks(LinkEnd{Member: 14})},
		{name: "the same", facts: team(of(sina(pending))), actions: do(SetRole{"shop", "copywriter"}), want: []string{"subaccount.set-role sina@example.ch unchanged"}},
		{name: "of a confirmed one", facts: team(of(sina(signsIn))), actions: do(SetRole{"acme-shop", "administrator"}), want: []string{
			"subaccount.set-role sina@example.ch", `  access: ["role:copywriter"] -> ["role:administrator"]`},
			check: func(t *testing.T, p *Plan) {
				if g := p.commit.Guards; len(g) != 2 || g[1] != (Guard{GuardCatalog, 0, 9}) {
					t.Errorf("guards %+v, want the catalog's too", g)
				}
				endsLinks(LinkEnd{Member: 14})(t, p)
			}},
		{name: "of the last administrator", facts: team(of(sina(subaccount("shop", "administrator"), signsIn))), actions: do(SetRole{"shop", "copywriter"}),
			err: refused(CodeForbidden, "member", "last administrator of account acme")},
		{name: "unknown", facts: team(of(sina(signsIn))), actions: do(SetRole{"shop", "boss"}), err: refused(CodeInvalid, "role", `"boss"`, "copywriter")},
		{name: "nobody", facts: team(of(sina(signsIn))), actions: do(SetRole{"blog", "api-user"}), err: refused(CodeNotFound, "name", `no subaccount "blog" in account acme`, "staffctl subaccount list")},
		{name: "a plain member", facts: team(of(anna(named("shop"), signsIn)), enterprise), actions: do(SetRole{"shop", "api-user"}), err: refused(CodeNotFound, "name", `"shop"`)},
		{name: "no name", facts: team(of(anna())), actions: do(SetRole{"", "api-user"}), err: refused(CodeNotFound, "name")},
	})
}

// endsLinks asserts whose links the plan ends.
func endsLinks(want ...LinkEnd) func(t *testing.T, p *Plan) {
	return func(t *testing.T, p *Plan) {
		t.Helper()
		got := map[LinkEnd]bool{}
		for _, e := range p.commit.EndLinks {
			got[e] = true
		}
		for _, e := range want {
			if !got[e] {
				t.Errorf("the plan ends %+v, not %+v", p.commit.EndLinks, e)
			}
			delete(got, e)
		}
		if len(got) > 0 {
			t.Errorf("the plan ends too much: %+v", got)
		}
	}
}
