package staff

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAllows(t *testing.T) {
	t.Parallel()
	role := func(key string) Access { return Access{Kind: AccessRole, Role: key} }
	grants := func(g ...string) Access { return Access{Kind: AccessGrants, Grants: g} }
	for _, c := range []struct {
		access     Access
		permission string
		by         string // the grant, "" for denied
	}{
		{NoAccess(), "invoices.view", ""},
		{NoAccess(), "invoices", ""},
		{Access{}, "invoices", ""},
		{FullAccess(), "invoices.view", "all"},
		{FullAccess(), "invoices", "all"},
		{grants("invoices"), "invoices.view", "invoices"},
		{grants("invoices"), "invoices", "invoices"},
		{grants("invoices.view"), "invoices.view", "invoices.view"},
		{grants("invoices.view"), "invoices.pay", ""},
		{grants("invoices.view"), "invoices", "invoices.view"},
		{grants("invoices.view"), "invoices.vie", ""},
		{grants("invoices.view"), "invoices.viewer", ""},
		{grants("emails"), "email", ""},
		{grants("team"), "teams.view", ""},
		{grants("team.view", "invoices"), "invoices.pay", "invoices"},
		{grants("invoices"), "", ""},
		{grants("invoices"), ".view", ""},
		{grants("invoices"), "invoices.", "invoices"}, // unknown, which callers refuse
		{role("administrator"), "api.use", "all"},
		{role("copywriter"), "emails.create", "emails.create"},
		{role("copywriter"), "emails.send", ""},
		{role("copywriter"), "emails", "emails.create"},
		{role("customer-support"), "contacts.edit", "contacts"},
		{role("website-builder"), "tags.manage", "tags"},
		{role("gone"), "profile.view", ""},
	} {
		if got := DefaultCatalog().Allows(c.access, c.permission); got != c.by {
			t.Errorf("%v and %q: allowed by %q, want %q", c.access.List(), c.permission, got, c.by)
		}
	}
}

// TestRule12OpenAreas: an area is open to whoever holds any permission in it; a
// role opens just its areas.
func TestRule12OpenAreas(t *testing.T) {
	t.Parallel()
	c := DefaultCatalog()
	for _, row := range []struct {
		access Access
		want   string
	}{
		{NoAccess(), ""},
		{FullAccess(), strings.Join(c.AreaKeys(), " ")},
		{accessTo("orders", "invoices.pay", "profile.view"), "profile invoices orders"},
		{Access{Kind: AccessRole, Role: "administrator"}, strings.Join(c.AreaKeys(), " ")},
		{Access{Kind: AccessRole, Role: "copywriter"}, "emails"},
		{Access{Kind: AccessRole, Role: "email-marketing-manager"}, "emails"},
		{Access{Kind: AccessRole, Role: "customer-support"}, "contacts"},
		{Access{Kind: AccessRole, Role: "website-builder"}, "forms tags settings"},
		{Access{Kind: AccessRole, Role: "api-user"}, "api"},
		{Access{Kind: AccessRole, Role: "gone"}, ""},
	} {
		if got := strings.Join(c.OpenAreas(row.access), " "); got != row.want {
			t.Errorf("%v opens %q, want %q", row.access.List(), got, row.want)
		}
	}
}

func TestIsFull(t *testing.T) {
	t.Parallel()
	c := DefaultCatalog()
	for _, a := range []Access{FullAccess(), {Kind: AccessRole, Role: "administrator"}} {
		if !c.IsFull(a) {
			t.Errorf("%v is not full", a.List())
		}
	}
	for _, a := range []Access{NoAccess(), accessTo(c.AreaKeys()...), {Kind: AccessRole, Role: "copywriter"}, {Kind: AccessRole, Role: "gone"}} {
		if c.IsFull(a) {
			t.Errorf("%v is full", a.List())
		}
	}
}

// Reducing grants sorts them and leaves none within another, and changes
// nothing of what they allow.
func TestReduceGrants(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":                                       "",
		"invoices":                               "invoices",
		"team invoices":                          "invoices team",
		"invoices.view invoices":                 "invoices",
		"invoices invoices.view invoices":        "invoices",
		"invoices.view invoices.pay":             "invoices.pay invoices.view",
		"orders.view invoices invoices.view":     "invoices orders.view",
		"emails.send contacts contacts.edit api": "api contacts emails.send",
	} {
		given := strings.Fields(in)
		kept := slices.Clone(given)
		if got := strings.Join(reduceGrants(given), " "); got != want {
			t.Errorf("%q reduces to %q, want %q", in, got, want)
		}
		if d := cmp.Diff(kept, given); d != "" {
			t.Errorf("reducing changes what it was given:\n%s", d)
		}
	}
}

func TestUnknownKeys(t *testing.T) {
	t.Parallel()
	c := DefaultCatalog()
	_, parse := ParseAccess(c, "access", []string{"emails.crate"})
	for name, row := range map[string]struct {
		err  error
		want refusal
	}{
		"permission of an area":  {parse, refused(CodeInvalid, "access", `area emails has no permission "emails.crate"`, "did you mean emails.create?")},
		"permission unlike any":  {c.checkGrant("grant", "emails.x"), refused(CodeInvalid, "grant", "known are emails.create, emails.send")},
		"permission of no area":  {c.checkGrant("grant", "emal.send"), refused(CodeInvalid, "grant", `no permission "emal.send"`, "did you mean emails.send?")},
		"action alone":           {c.checkGrant("grant", ".send"), refused(CodeInvalid, "grant", `no permission ".send"`)},
		"area":                   {c.CheckArea("area", "domain"), refused(CodeInvalid, "area", `no area "domain"`, "did you mean domains?")},
		"area in capitals":       {c.CheckArea("area", "TEAM"), refused(CodeInvalid, "area", `no area "TEAM"`, "did you mean team?")},
		"area unlike any":        {c.CheckArea("area", "rechnungen"), refused(CodeInvalid, "area", "known are profile, team, contract")},
		"role":                   {c.CheckRole("role", "copy-writer"), refused(CodeInvalid, "role", `no role "copy-writer"`, "did you mean copywriter?")},
		"role unlike any":        {c.CheckRole("role", "boss"), refused(CodeInvalid, "role", "known are administrator, copywriter")},
		"category":               {c.CheckMail("mail", "news", "secuirty"), refused(CodeInvalid, "mail", `no mail category "secuirty"`, "did you mean security?")},
		"category unlike any":    {c.CheckMail("mail", ""), refused(CodeInvalid, "mail", "known are invoices, reminders")},
		"all that are known":     {c.CheckMail("mail", c.MailCategoryKeys()...), refusal{}},
		"every permission":       {errOf(ParseAccess(c, "access", c.Permissions())), refusal{}},
		"nothing, empty catalog": {errOf(ParseAccess(&Catalog{}, "access", nil)), refused(CodeInvalid, "access", "area.action")},
	} {
		t.Run(name, func(t *testing.T) { row.want.check(t, row.err) })
	}
}

func errOf[T any](_ T, err error) error { return err }

func TestSuggest(t *testing.T) {
	t.Parallel()
	known := []string{"mr", "ms", "invoices", "orders"}
	for word, want := range map[string]string{
		"invoice":     "; did you mean invoices?",
		"INVOICES":    "; did you mean invoices?",
		"inovices":    "; did you mean invoices?", // neighbours swapped: one slip
		"oredr":       "; did you mean orders?",   // swapped, and one missing
		"mrs":         "; did you mean mr?",       // the first of the nearest
		"xx":          "; known are mr, ms, invoices, orders",
		"in":          "; known are mr, ms, invoices, orders",
		"":            "; known are mr, ms, invoices, orders",
		"invoicesxyz": "; known are mr, ms, invoices, orders",
		"\x00orders":  "; did you mean orders?",
	} {
		if got := Suggest(word, known); got != want {
			t.Errorf("%q: %q, want %q", word, got, want)
		}
	}
	if got := Suggest("word", nil); got != "" {
		t.Errorf("without candidates: %q", got)
	}
}

func TestEditDistance(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"a", "", 1}, {"", "abc", 3}, {"abc", "abc", 0}, {"abc", "abd", 1}, {"abc", "acb", 1}, {"ca", "abc", 3}, {"kitten", "sitting", 3}, {"abcd", "badc", 2},
	} {
		if got := editDistance(c.a, c.b); got != c.want {
			t.Errorf("%q to %q: %d, want %d", c.a, c.b, got, c.want)
		}
		if got := editDistance(c.b, c.a); got != c.want {
			t.Errorf("%q to %q: %d, want %d", c.b, c.a, got, c.want)
		}
	}
}
