package staff

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDefaultCatalog(t *testing.T) {
	t.Parallel()
	c := DefaultCatalog()
	if err := c.Check(); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(DefaultCatalog(), c); d != "" {
		t.Errorf("Check changes the default catalog:\n%s", d)
	}
	areas := "profile team contract invoices quotes orders products domains support emails contacts forms tags settings api"
	if d := cmp.Diff(strings.Fields(areas), c.AreaKeys()); d != "" {
		t.Errorf("areas (-want +got):\n%s", d)
	}
	permissions := `profile.view profile.edit team.view team.manage contract.view contract.manage invoices.view invoices.pay quotes.view quotes.accept
		orders.view orders.create products.view products.manage domains.view domains.manage support.view support.create emails.create emails.send
		contacts.search contacts.edit forms.manage tags.manage settings.manage api.use`
	if d := cmp.Diff(strings.Fields(permissions), c.Permissions()); d != "" {
		t.Errorf("permissions (-want +got):\n%s", d)
	}
	roles := map[string]string{"administrator": "all", "copywriter": "emails.create", "email-marketing-manager": "emails.create emails.send",
		"customer-support": "contacts", "website-builder": "forms settings tags", "api-user": "api.use"}
	got := map[string]string{}
	for _, r := range c.Roles {
		got[r.Key] = strings.Join(r.Grants, " ")
	}
	if d := cmp.Diff(roles, got); d != "" {
		t.Errorf("roles (-want +got):\n%s", d)
	}
	categories := "invoices reminders orders domains maintenance security support news"
	if d := cmp.Diff(strings.Fields(categories), c.MailCategoryKeys()); d != "" {
		t.Errorf("mail categories (-want +got):\n%s", d)
	}
	if DefaultCatalog() == c || DefaultCatalog().Version != 1 {
		t.Error("the default catalog is shared, or not version 1")
	}
}

// small is a catalog with one of everything.
func small(change func(*Catalog)) *Catalog {
	label := Label{"Eins", "One"}
	c := &Catalog{
		Areas:          []Area{{"team", label, []Entry{{"view", label}, {"manage", label}}}, {"api", label, []Entry{{"use", label}}}},
		Roles:          []Role{{"boss", label, []string{"all"}}},
		MailCategories: []Entry{{"news", label}},
	}
	if change != nil {
		change(c)
	}
	return c
}

func TestCatalogCheck(t *testing.T) {
	t.Parallel()
	label := Label{"Eins", "One"}
	role := func(key string, grants ...string) func(*Catalog) {
		return func(c *Catalog) { c.Roles = append(c.Roles, Role{key, label, grants}) }
	}
	area := func(key string) func(*Catalog) { return func(c *Catalog) { c.Areas[0].Key = key } }
	for _, c := range []struct {
		name   string
		change func(*Catalog)
		want   refusal
	}{
		{"as it is", nil, refusal{}},
		{"no roles and categories", func(c *Catalog) { c.Roles, c.MailCategories = nil, nil }, refusal{}},
		{"the same key in other places", func(c *Catalog) { c.MailCategories[0].Key, c.Areas[1].Actions[0].Key = "team", "view" }, refusal{}},
		{"64 signs", area(strings.Repeat("a-0", 21) + "z"), refusal{}},
		{"no areas", func(c *Catalog) { c.Areas = nil }, refused(CodeInvalid, "areas", "no areas", "give at least one")},
		{"65 signs", area(strings.Repeat("a", 65)), refused(CodeInvalid, "key", "at most 64")},
		{"no key", area(""), refused(CodeInvalid, "key", `area ""`, "a to z, 0 to 9 and -")},
		{"capitals", area("Team"), refused(CodeInvalid, "key", `area "Team"`, "a to z")},
		{"a dot", area("team.view"), refused(CodeInvalid, "key", `area "team.view"`)},
		{"a hyphen first", area("-team"), refused(CodeInvalid, "key", `area "-team"`)},
		{"a line end", area("team\n"), refused(CodeInvalid, "key", `area "team\n"`)},
		{"reserved all", area("all"), refused(CodeInvalid, "key", `area "all"`, "reserved", "choose another")},
		{"reserved none", role("none", "all"), refused(CodeInvalid, "key", `role "none"`, "reserved")},
		{"area twice", area("api"), refused(CodeInvalid, "key", "area api stands twice")},
		{"action twice", func(c *Catalog) { c.Areas[0].Actions[1].Key = "view" }, refused(CodeInvalid, "key", "action of team view stands twice")},
		{"role twice", role("boss", "all"), refused(CodeInvalid, "key", "role boss stands twice")},
		{"category twice", func(c *Catalog) { c.MailCategories = append(c.MailCategories, Entry{"news", label}) }, refused(CodeInvalid, "key", "mail category news stands twice")},
		{"no actions", func(c *Catalog) { c.Areas[1].Actions = nil }, refused(CodeInvalid, "areas", "area api has no actions", "give at least one")},
		{"no German", func(c *Catalog) { c.Areas[1].Actions[0].Label.German = "" }, refused(CodeInvalid, "label", "action of api use", "German and an English")},
		{"no English", func(c *Catalog) { c.MailCategories[0].Label.English = "" }, refused(CodeInvalid, "label", "mail category news")},
		{"role without grants", role("idle"), refused(CodeInvalid, "roles", "no access named")},
		{"role with none", role("idle", "none"), refused(CodeInvalid, "roles", "role idle grants nothing")},
		{"role with all and more", role("both", "all", "team"), refused(CodeInvalid, "roles", `"all" stands alone`)},
		{"role with an unknown area", role("typist", "teams"), refused(CodeInvalid, "roles", `no area "teams"`, "did you mean team?")},
		{"role with an unknown permission", role("typist", "team.vieww"), refused(CodeInvalid, "roles", "did you mean team.view?")},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.want.check(t, small(c.change).Check())
		})
	}
	c := small(role("typist", "team.view", "team", "api", "api"))
	if err := c.Check(); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"api", "team"}, c.Roles[1].Grants); d != "" {
		t.Errorf("grants of a role (-want +got):\n%s", d)
	}
}

// An action may be planned again, and elsewhere at the same time.
func TestCatalogOfAnActionStays(t *testing.T) {
	t.Parallel()
	c := DefaultCatalog()
	c.Roles = append(c.Roles, Role{"typist", Label{"a", "b"}, []string{"team.view", "team", "api"}})
	before := jsonOf(c)
	if _, err := newStaff(nil).planOn(team(nil), do(ApplyCatalog{c})); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(before, jsonOf(c)); d != "" {
		t.Errorf("planning has changed the action (-before +after):\n%s", d)
	}
}

// TestRule5CatalogApply: a key in use cannot be dropped, and a role that alone
// gives full access somewhere keeps it.
func TestRule5CatalogApply(t *testing.T) {
	t.Parallel()
	apply := func(change func(*Catalog)) []Action {
		c := DefaultCatalog()
		change(c)
		return do(ApplyCatalog{c})
	}
	use := func(u CatalogUse) *Facts { return team(nil, func(f *Facts) { f.Use = u }) }
	dropArea := func(c *Catalog) { c.Areas = c.Areas[:len(c.Areas)-1]; c.Roles = c.Roles[:5] }
	narrow := func(c *Catalog) { c.Roles[0].Grants = []string{"team"} }
	dropped := func(what ...string) refusal {
		return refused(CodeConflict, "catalog", append(what, "drops what is in use", "keep it, or take it from the members and invites that have it first")...)
	}
	notEmpty := func(t *testing.T, p *Plan) {
		t.Helper()
		c := p.commit
		if c.Catalog == nil || c.Catalog.Version != 10 || len(c.Guards) != 1 || c.Guards[0] != (Guard{GuardCatalog, 0, 9}) || c.Audit[0].Account != "" || p.Catalog != c.Catalog {
			t.Errorf("commit %+v", c)
		}
	}
	for _, c := range []planCase{
		{name: "the same", facts: use(CatalogUse{}), actions: apply(func(*Catalog) {}), want: []string{"catalog.apply unchanged"}},
		{name: "an area that nobody uses", facts: use(CatalogUse{Grants: []string{"team", "invoices.pay"}}), actions: apply(dropArea), check: notEmpty},
		{name: "an area in use", facts: use(CatalogUse{Grants: []string{"team", "api"}}), actions: apply(dropArea), err: dropped("areas or permissions api")},
		{name: "a permission in use", facts: use(CatalogUse{Grants: []string{"team.view"}}), actions: apply(func(c *Catalog) { c.Areas[1].Actions = c.Areas[1].Actions[1:] }),
			err: dropped("areas or permissions team.view")},
		{name: "a role in use", facts: use(CatalogUse{Roles: []string{"copywriter"}}), actions: apply(func(c *Catalog) { c.Roles = c.Roles[2:] }), err: dropped("roles copywriter")},
		{name: "a role that nobody has", facts: use(CatalogUse{Roles: []string{"api-user"}}), actions: apply(func(c *Catalog) { c.Roles = c.Roles[2:] }), check: notEmpty},
		{name: "categories in use", facts: use(CatalogUse{Mail: []string{"invoices", "news", "support"}}), actions: apply(func(c *Catalog) { c.MailCategories = c.MailCategories[:6] }),
			err: dropped("mail categories news, support")},
		{name: "all from a role", facts: use(CatalogUse{Roles: []string{"administrator"}}), actions: apply(narrow), check: notEmpty},
		{name: "all from the last administrators", facts: use(CatalogUse{Roles: []string{"administrator"}, SoleRoles: map[string][]string{"acme": {"administrator"}}}), actions: apply(narrow),
			err: refused(CodeForbidden, "catalog", "role administrator would lose full access", "account acme has no other administrator", "give somebody there full access first")},
		{name: "all from a role that is not theirs", facts: use(CatalogUse{SoleRoles: map[string][]string{"acme": {"administrator"}}}), actions: apply(func(c *Catalog) {
			c.Roles = append(c.Roles, Role{"second", Label{"a", "b"}, []string{"all"}})
		}), check: notEmpty},
		{name: "all from one of two roles that give it", facts: use(CatalogUse{SoleRoles: map[string][]string{"acme": {"administrator", "second"}}}), actions: apply(func(c *Catalog) {
			narrow(c)
			c.Roles = append(c.Roles, Role{"second", Label{"a", "b"}, []string{"all"}})
		}), check: notEmpty},
		{name: "what cannot work", facts: use(CatalogUse{}), actions: apply(func(c *Catalog) { c.Areas[3].Key = "" }), err: refused(CodeInvalid, "key", `area ""`)},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			plan, err := newStaff(nil).planOn(c.facts, c.actions)
			c.err.check(t, err)
			if err != nil {
				return
			}
			checkCommit(t, c.facts, plan)
			if c.want != nil {
				if d := cmp.Diff(c.want, lines(plan)); d != "" {
					t.Error(d)
				}
			}
			if c.check != nil {
				c.check(t, plan)
			}
		})
	}
}
