package staff

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestExplain(t *testing.T) {
	t.Parallel()
	enrols := func(f *Facts) { f.Account.TwoFactor = TwoFactorSMS }
	for _, c := range []struct {
		name   string
		facts  *Facts
		area   string
		open   bool
		holds  string // the permissions
		reason string
	}{
		{"all", team(of(anna(signsIn, opens("all")))), "invoices", true, "invoices.view invoices.pay", "access all"},
		{"an area", team(of(anna(signsIn, opens("invoices")))), "invoices", true, "invoices.view invoices.pay", "grant invoices"},
		{"a permission", team(of(anna(signsIn, opens("invoices.pay")))), "invoices", true, "invoices.pay", "grant invoices.pay"},
		{"another area", team(of(anna(signsIn, opens("invoices.pay")))), "orders", false, "", "closed: no grant for orders"},
		{"none", team(of(anna(signsIn))), "orders", false, "", "closed: access none"},
		{"role", team(of(anna(subaccount("a", "copywriter"), signsIn))), "emails", true, "emails.create", "role copywriter, which grants emails.create"},
		{"role all", team(of(anna(subaccount("a", "administrator"), signsIn))), "api", true, "api.use", "role administrator, which grants all"},
		{"not by the role", team(of(anna(subaccount("a", "copywriter"), signsIn))), "api", false, "", "closed: role copywriter does not grant api"},
		{"to enrol a number", team(of(anna(signsIn, opens("api"))), enrols), "api", true, "api.use", "grant api"},
		{"no password", team(of(anna(opens("api")))), "api", false, "api.use", "closed: no password yet, though given by grant api"},
		{"suspended", team(of(anna(signsIn, opens("all"), suspended))), "api", false, "api.use", "closed: suspended, though given by access all"},
		{"not confirmed", team(of(anna(subaccount("a", "api-user"), pending))), "api", false, "api.use",
			"closed: the subaccount is not confirmed, though given by role api-user, which grants api.use"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p, err := newStaff(storeOf(c.facts)).Person(t.Context(), "acme", by("anna@example.ch"))
			if err != nil {
				t.Fatal(err)
			}
			var areas []string
			for _, r := range p.Explain() {
				areas = append(areas, r.Area)
				if r.Area == c.area && (r.Open != c.open || strings.Join(r.Permissions, " ") != c.holds || r.Reason != c.reason) {
					t.Errorf("got %+v, want %+v", r, c)
				}
				if r.Open && p.Catalog.Allows(p.Access, r.Area) == "" || r.Open == strings.HasPrefix(r.Reason, "closed: ") {
					t.Errorf("%+v contradicts itself", r)
				}
			}
			if d := cmp.Diff(DefaultCatalog().AreaKeys(), areas); d != "" {
				t.Errorf("areas (-want +got):\n%s", d)
			}
		})
	}
}

func TestNextStep(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		person  func(*Member)
		history History
		want    string
	}{
		{"nothing", func(m *Member) { m.Access = FullAccess(); m.Login = &Login{} }, History{}, ""},
		{"no area", func(m *Member) { m.Login = &Login{} }, History{}, "staffctl member grant anna@example.ch GRANT"},
		{"too many tries", func(m *Member) { m.Login = &Login{} }, History{Wait: time.Second}, "staffctl member unlock anna@example.ch"},
		{"no password", func(m *Member) { m.Access = Access{Kind: AccessGrants, Grants: []string{"api", "orders.view"}} }, History{},
			"staffctl invite send --access api,orders.view anna@example.ch"},
		{"neither password nor access", func(*Member) {}, History{}, "staffctl invite send --access GRANT anna@example.ch"},
		{"invited", func(*Member) {}, History{Invites: []*Invite{{ID: 7}}}, "staffctl invite resend 7"},
		{"an address that a shell would run", func(m *Member) { m.Email = "x`'y'`$(z)@example.ch" }, History{}, `staffctl invite send --access GRANT 'x` + "`" + `'\''y'\''` + "`" + `$(z)@example.ch'`},
		{"an address like a flag", func(m *Member) { m.Email = "-x@example.ch"; m.Suspended = true }, History{}, "staffctl member resume -- -x@example.ch"},
		{"not confirmed", func(m *Member) { m.Pending, m.Subaccount = true, "texter" }, History{}, "staffctl subaccount resend texter"},
		{"suspended, whatever else", func(m *Member) { m.Pending, m.Suspended = true, true }, History{Wait: time.Second}, "staffctl member resume anna@example.ch"},
	} {
		m := &Member{Email: "anna@example.ch", Access: NoAccess()}
		c.person(m)
		p := &Person{Member: m, Account: &Account{}, Catalog: DefaultCatalog(), History: &c.history}
		if got := p.NextStep(); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

func TestOpens(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		access Access
		want   []Opening
	}{
		{NoAccess(), nil},
		{Access{Kind: AccessGrants, Grants: []string{"api", "orders.cancel", "orders.view"}}, []Opening{{"orders", "grant orders.cancel, orders.view"}, {"api", "grant api"}}},
		{Access{Kind: AccessRole, Role: "website-builder"}, []Opening{{"forms", "role website-builder"}, {"tags", "role website-builder"}, {"settings", "role website-builder"}}},
	} {
		p := &Person{Member: &Member{Access: c.access}, Catalog: DefaultCatalog()}
		if d := cmp.Diff(c.want, p.Opens()); d != "" {
			t.Errorf("%v (-want +got):\n%s", c.access, d)
		}
	}
	full := &Person{Member: &Member{Access: FullAccess()}, Catalog: DefaultCatalog()}
	if opens := full.Opens(); len(opens) != len(full.Catalog.Areas) || opens[0].By != "access all" {
		t.Errorf("access all: %v", opens)
	}
}

func TestCheckAccess(t *testing.T) {
	t.Parallel()
	facts := team(of(
		anna(signsIn, opens("invoices.view", "team")),
		bert(opens("all"), named("cleo@example.ch")),
		cleo(subaccount("cleo", "copywriter"), signsIn),
	))
	for _, c := range []struct {
		member, permission string
		allowed            bool
		reason             string
		err                refusal
	}{
		{member: "anna@example.ch", permission: "invoices.view", allowed: true, reason: "grant invoices.view"},
		{member: "anna@example.ch", permission: "invoices", allowed: true, reason: "grant invoices.view"},
		{member: "11", permission: "team.manage", allowed: true, reason: "grant team"},
		{member: "anna@example.ch", permission: "invoices.pay", reason: "no grant for invoices.pay"},
		{member: "anna@example.ch", permission: "invoices.vew", reason: "area invoices has no permission \"invoices.vew\"; did you mean invoices.view?"},
		{member: "anna@example.ch", permission: "team.destroy", reason: "area team has no permission \"team.destroy\"; known are team.view, team.manage"},
		{member: "anna@example.ch", permission: "all", reason: "no area \"all\"; "},
		{member: "anna@example.ch", permission: "", reason: "no area \"\"; "},
		{member: "bert@example.ch", permission: "invoices", reason: "no password yet"},
		{member: "acme-cleo", permission: "emails.create", allowed: true, reason: "role copywriter, which grants emails.create"},
		{member: "acme-cleo", permission: "emails.send", reason: "role copywriter does not grant emails.send"},
		{member: "dora@example.ch", permission: "invoices", reason: "no member \"dora@example.ch\" in account acme"},
		{member: "cleo@example.ch", permission: "invoices", err: refused(CodeConflict, "member", "bert@example.ch and cleo@example.ch")},
	} {
		t.Run(c.member+" "+c.permission, func(t *testing.T) {
			t.Parallel()
			s := newStaff(storeOf(copyOf(facts)))
			d, err := s.CheckAccess(t.Context(), "acme", ParseSelector(c.member), c.permission)
			c.err.check(t, err)
			if d.Allowed != c.allowed || !strings.HasPrefix(d.Reason, c.reason) || d.Permission != c.permission || d.Member == "" {
				t.Errorf("got %+v, want %+v", d, c)
			}
		})
	}
	_, err := newStaff(storeOf(facts)).CheckAccess(t.Context(), "globex", by("anna@example.ch"), "invoices")
	refused(CodeNotFound, "account", `no account "globex"`).check(t, err)
}

func TestCompare(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name          string
		before, after []field
		want          string
		left, right   string // what the audit keeps
	}{
		{"nothing", nil, nil, "null", "", ""},
		{"new", nil, []field{{"a", "x"}, {"b", ""}, {"c", []string{}}, {"d", false}}, `[{"field":"a","before":null,"after":"x"}]`, "", `{"a":"x"}`},
		{"gone", []field{{"a", "x"}, {"b", ""}, {"c", []string(nil)}}, nil, `[{"field":"a","before":"x","after":null}]`, `{"a":"x"}`, ""},
		{"the same", []field{{"a", "x"}, {"l", []string{"y"}}}, []field{{"a", "x"}, {"l", []string{"y"}}}, "null", "", ""},
		{"empty and absent", []field{{"l", []string{}}}, []field{{"l", []string(nil)}}, "null", "", ""},
		{"changed", []field{{"a", true}, {"b", ""}}, []field{{"a", false}, {"b", "y"}}, `[{"field":"a","before":true,"after":false},{"field":"b","before":null,"after":"y"}]`,
			`{"a":true}`, `{"a":false,"b":"y"}`},
		{"order", []field{{"l", []string{"x", "y"}}}, []field{{"l", []string{"y", "x"}}}, `[{"field":"l","before":["x","y"],"after":["y","x"]}]`, `{"l":["x","y"]}`, `{"l":["y","x"]}`},
		{"secret", []field{{"p", Secret("one")}}, []field{{"p", Secret("two")}}, `[{"field":"p","before":"set","after":"set"}]`, `{"p":"set"}`, `{"p":"set"}`},
	} {
		changes := compare(c.before, c.after)
		left, right := sides(changes)
		if got := jsonOf(changes); got != c.want || left != c.left || right != c.right {
			t.Errorf("%s: %s, audited %q and %q", c.name, got, left, right)
		}
	}
}
