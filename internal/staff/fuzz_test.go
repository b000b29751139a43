package staff

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// isLine reports whether a text prints as one line that reads as it stands.
func isLine(s string) bool {
	return utf8.ValidString(s) && strings.IndexFunc(s, isForbidden) < 0
}

// FuzzParseEmail: what is accepted is one line, and reads the same again as it
// is kept and as it is compared.
func FuzzParseEmail(f *testing.F) {
	for _, seed := range []string{"anna.muster@example.ch", " Anna@EXAMPLE.ch", "a@münchen.de", "a@xn--mnchen-3ya.de", "Jörg@faß.de", "J\u030c@x.ch", "Ⱥ@x.ch", "a@例え。jp",
		"İ@x.ch", "ΑΣ@x.ch", "a@a..b", "a@.b", "a@b.", "a@\u00adx.ch", "a@@b", "\"a\"@b.ch", "a@xn--a.ch", "שלום@דוגמה.קום", "a@b\u200d.ch"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		e, err := ParseEmail("email", s)
		if err != nil {
			if e != (Email{}) || CodeOf(err) != CodeInvalid || !isLine(err.Error()) {
				t.Fatalf("%q: refused with %+v, %v", s, e, err)
			}
			return
		}
		if !isLine(e.Address) || strings.ContainsAny(e.Address, " \t\r\n\x00,;:\\\"<>()[]") || strings.Count(e.Address, "@") != 1 || strings.Count(e.Key, "@") != 1 {
			t.Fatalf("%q reads as the address %q", s, e.Address)
		}
		if _, domain, _ := strings.Cut(e.Key, "@"); !isDomain(domain) || len(domain) > maxAddress || strings.ToLower(domain) != domain || !isPlain(domain) {
			t.Fatalf("%q has the domain %q", s, domain)
		}
		again, err := ParseEmail("email", e.Address)
		if err != nil || again != e || EmailKey(e.Address) != e.Key || EmailKey(s) != e.Key {
			t.Fatalf("%q reads as %+v, and that as %+v, %v", s, e, again, err)
		}
		if key := EmailKey(e.Key); key != e.Key {
			t.Fatalf("%q has the key %q, and that %q", s, e.Key, key)
		}
	})
}

var e164 = regexp.MustCompile(`^\+[1-9][0-9]{4,14}$`)

// FuzzParsePhone: what is accepted is E.164 and reads the same again.
func FuzzParsePhone(f *testing.F) {
	for _, seed := range []string{"work=+41 44 555 12 34", "home=+49 (0)30/555", "fax=+1-212-555-1234", "mobile=+7 4(0)95.5551234", "+41", "work=", "=+41445551234", "work=+((0))1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, err := ParsePhone(s)
		if err != nil {
			if CodeOf(err) != CodeInvalid || !isLine(err.Error()) {
				t.Fatalf("%q: %v", s, err)
			}
			return
		}
		if !e164.MatchString(p.Number) || !slices.Contains(PhoneLabels, p.Label) {
			t.Fatalf("%q reads as %+v", s, p)
		}
		if again, err := ParsePhone(p.String()); err != nil || again != p {
			t.Fatalf("%q reads as %+v, and that as %+v, %v", s, p, again, err)
		}
		if left, err := removePhone([]Phone{p}, p.String()); err != nil || len(left) != 0 {
			t.Fatalf("%v is not removed: %v, %v", p, left, err)
		}
	})
}

// FuzzCleanName: what is accepted is one normalised line without outer white
// space, and cleans to itself.
func FuzzCleanName(f *testing.F) {
	for _, seed := range []string{"Anna", " A\u0308nne ", "👩‍👩‍👧‍👦", "\u202eanna", "a\x1b[31m", "\u00a0", "a\u2028", "\u0344", "\u1e9b\u0323", strings.Repeat("a\u0308", 100)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		name, err := cleanName("first-name", s)
		if err != nil {
			if name != "" || CodeOf(err) != CodeInvalid || !isLine(err.Error()) {
				t.Fatalf("%q: %q, %v", s, name, err)
			}
			return
		}
		if !isLine(name) || strings.TrimSpace(name) != name || !norm.NFC.IsNormalString(name) || utf8.RuneCountInString(name) > maxName {
			t.Fatalf("%q cleans to %q", s, name)
		}
		if again, err := cleanName("first-name", name); err != nil || again != name {
			t.Fatalf("%q cleans to %q, and that to %q, %v", s, name, again, err)
		}
		if folded := Fold(name); Fold(folded) != folded {
			t.Fatalf("%q folds to %q, and that to %q", name, folded, Fold(folded))
		}
	})
}

// FuzzUsername: a key is a key of itself, and what is accepted has one.
func FuzzUsername(f *testing.F) {
	for _, seed := range []string{"anna", "ANNA@Example.ch", " anna ", "ａｎｎａ", "ΑΣ", "İ", "ǅ", "J\u030c", "a\u200cb", "l·l", "שלום1", "ﬀ", "a:b", "\u0345", "\u037e", "ᾳ", "K"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		key := UsernameKey(s)
		if again := UsernameKey(key); key != "" && again != key {
			t.Fatalf("%q has the key %q, and that %q", s, key, again)
		}
		username, err := cleanUsername("username", s)
		if err != nil {
			if username != "" || CodeOf(err) != CodeInvalid || !isLine(err.Error()) {
				t.Fatalf("%q: %q, %v", s, username, err)
			}
			return
		}
		if !isLine(username) || UsernameKey(username) == "" || UsernameKey(username) != UsernameKey(strings.TrimSpace(s)) {
			t.Fatalf("%q cleans to %q, key %q", s, username, UsernameKey(username))
		}
		if again, err := cleanUsername("username", username); err != nil || again != username {
			t.Fatalf("%q cleans to %q, and that to %q, %v", s, username, again, err)
		}
	})
}

// FuzzParseSelector: a selector prints as it was given, and finds the member
// whose e-mail, username or id it is.
func FuzzParseSelector(f *testing.F) {
	for _, seed := range []string{"anna", "email:anna@example.ch", "username:a:b", "id:11", "id:", ":", "id:99999999999999999999", "email:email:x"} {
		f.Add(seed)
	}
	member := anna(named("anna"))
	f.Fuzz(func(t *testing.T, s string) {
		selector := ParseSelector(s)
		if selector.String() != s {
			t.Fatalf("%q prints as %q", s, selector)
		}
		want := selector.ID() == member.ID || selector.EmailKey() == "anna@example.ch" || selector.UsernameKey() == "anna"
		if selector.fits(member) != want {
			t.Fatalf("%q fits: %v", s, !want)
		}
		if selector.Kind == "" && selector.Value != s {
			t.Fatalf("%q has the value %q", s, selector.Value)
		}
	})
}

// FuzzParseAccess: reducing grants changes nothing of what they allow.
func FuzzParseAccess(f *testing.F) {
	for _, seed := range []string{"invoices", "invoices.view invoices", "all", "none", "all none", "team.view team.manage api", "emails.create emails contacts", "a.b", "."} {
		f.Add(seed)
	}
	c := DefaultCatalog()
	words := append(append(c.AreaKeys(), c.Permissions()...), "", ".", "invoices.", ".view", "nowhere")
	f.Fuzz(func(t *testing.T, s string) {
		given := strings.Fields(s)
		raw, reduced := Access{Kind: AccessGrants, Grants: given}, Access{Kind: AccessGrants, Grants: reduceGrants(given)}
		for _, w := range words {
			if (c.Allows(raw, w) == "") != (c.Allows(reduced, w) == "") {
				t.Fatalf("%q allows %q by %q, reduced to %q by %q", given, w, c.Allows(raw, w), reduced.Grants, c.Allows(reduced, w))
			}
		}
		if again := reduceGrants(reduced.Grants); !slices.Equal(again, reduced.Grants) {
			t.Fatalf("%q reduces to %q, and that to %q", given, reduced.Grants, again)
		}
		access, err := ParseAccess(c, "access", given)
		if err != nil {
			if CodeOf(err) != CodeInvalid {
				t.Fatal(err)
			}
			return
		}
		again, err := ParseAccess(c, "access", access.List())
		if err != nil || !same(access, again) {
			t.Fatalf("%q reads as %+v, and that as %+v, %v", given, access, again, err)
		}
		for _, g := range access.Grants {
			if !c.HasPermission(g) {
				t.Fatalf("%q grants %q, which is unknown", given, g)
			}
		}
	})
}

// FuzzCatalog: a catalog that passes can be used, and passes again. It is given
// as words: area.action, role=grant,grant and mail categories.
func FuzzCatalog(f *testing.F) {
	f.Add("team.view team.manage api.use", "boss=all typist=team.view,api,team", "news invoices", "Eins", "One")
	f.Add("team.view team.view", "boss=none", "all", "x", "")
	f.Add("team.", "=team", "-", "", "y")
	f.Fuzz(func(t *testing.T, areas, roles, categories, german, english string) {
		c := &Catalog{}
		label := Label{german, english}
		for word := range strings.FieldsSeq(areas) {
			area, action, _ := strings.Cut(word, ".")
			if n := len(c.Areas); n == 0 || c.Areas[n-1].Key != area {
				c.Areas = append(c.Areas, Area{Key: area, Label: label})
			}
			last := &c.Areas[len(c.Areas)-1]
			last.Actions = append(last.Actions, Entry{action, label})
		}
		for word := range strings.FieldsSeq(roles) {
			role, grants, _ := strings.Cut(word, "=")
			c.Roles = append(c.Roles, Role{role, label, strings.Split(grants, ",")})
		}
		for word := range strings.FieldsSeq(categories) {
			c.MailCategories = append(c.MailCategories, Entry{word, label})
		}
		if err := c.Check(); err != nil {
			if CodeOf(err) != CodeInvalid || !isLine(err.Error()) {
				t.Fatalf("%v", err)
			}
			return
		}
		checkCatalog(t, c)
	})
}

// checkCatalog holds what is so of every catalog that has passed its check.
func checkCatalog(t *testing.T, c *Catalog) {
	t.Helper()
	before := jsonOf(c)
	if err := c.Check(); err != nil || jsonOf(c) != before {
		t.Fatalf("checked again: %v\n%s\n%s", err, before, jsonOf(c))
	}
	stored := &Catalog{}
	if err := json.Unmarshal([]byte(before), stored); err != nil || stored.Check() != nil {
		t.Fatalf("stored and read back: %v, %v", err, stored.Check())
	}
	for _, word := range append(c.Permissions(), c.AreaKeys()...) {
		if !c.HasPermission(word) || c.Allows(FullAccess(), word) == "" || c.Allows(NoAccess(), word) != "" {
			t.Fatalf("%q is not granted by all alone", word)
		}
	}
	for _, role := range c.RoleKeys() {
		if len(c.OpenAreas(Access{Kind: AccessRole, Role: role})) == 0 {
			t.Fatalf("role %q opens nothing", role)
		}
	}
}
