package staff

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestParseEmail(t *testing.T) {
	t.Parallel()
	label63 := strings.Repeat("d", 63)
	for _, c := range []struct{ name, in, address, key string }{
		{"plain", "anna.muster@example.ch", "anna.muster@example.ch", "anna.muster@example.ch"},
		{"case", "Anna.Muster@Example.CH", "Anna.Muster@example.ch", "anna.muster@example.ch"},
		{"blanks around it", "  anna@example.ch ", "anna@example.ch", "anna@example.ch"},
		{"all signs of an atom", "!#$%&'*+-/=?^_`{|}~@example.ch", "!#$%&'*+-/=?^_`{|}~@example.ch", "!#$%&'*+-/=?^_`{|}~@example.ch"},
		{"plus", "anna+news@example.ch", "anna+news@example.ch", "anna+news@example.ch"},
		{"domain in Unicode", "a@MÜNCHEN.de", "a@münchen.de", "a@xn--mnchen-3ya.de"},
		{"domain in ASCII", "a@XN--mnchen-3ya.de", "a@münchen.de", "a@xn--mnchen-3ya.de"},
		{"domain decomposed", "a@mu\u0308nchen.de", "a@münchen.de", "a@xn--mnchen-3ya.de"},
		{"sharp s is no ss", "a@faß.de", "a@faß.de", "a@xn--fa-hia.de"},
		{"ideographic full stop", "a@例え。jp", "a@例え.jp", "a@xn--r8jz45g.jp"},
		{"umlaut", "Jörg.Müller@example.ch", "Jörg.Müller@example.ch", "jörg.müller@example.ch"},
		{"umlaut decomposed", "jo\u0308rg@example.ch", "jörg@example.ch", "jörg@example.ch"},
		{"a capital that only its lower case composes", "J\u030c@example.ch", "J\u030c@example.ch", "\u01f0@example.ch"},
		{"64 octets before the @", strings.Repeat("a", 64) + "@example.ch", strings.Repeat("a", 64) + "@example.ch", strings.Repeat("a", 64) + "@example.ch"},
		{"254 octets", strings.Repeat("a", 59) + "@" + label63 + "." + label63 + "." + label63 + ".ch", strings.Repeat("a", 59) + "@" + label63 + "." + label63 + "." + label63 + ".ch",
			strings.Repeat("a", 59) + "@" + label63 + "." + label63 + "." + label63 + ".ch"},
	} {
		e, err := ParseEmail("email", c.in)
		if err != nil || e.Address != c.address || e.Key != c.key {
			t.Errorf("%s: %q reads as %q, key %q, error %v", c.name, c.in, e.Address, e.Key, err)
		}
		if EmailKey(c.in) != c.key || addressOf(c.in) != c.address {
			t.Errorf("%s: key %q, address %q", c.name, EmailKey(c.in), addressOf(c.in))
		}
	}
}

func TestParseEmailRefuses(t *testing.T) {
	t.Parallel()
	label := strings.Repeat("d", 63)
	const before, after, control = "not allowed there", "no valid domain", "white space or a control character"
	for in, says := range map[string]string{
		"":                                      "is empty",
		"   ":                                   "is empty",
		"anna":                                  "has no @",
		"@example.ch":                           "1 to 64 octets before the @",
		"anna@":                                 after,
		"anna@@example.ch":                      "more than one @",
		"anna@b@example.ch":                     "more than one @",
		"\"a@b\"@example.ch":                    "more than one @",
		"anna@example.ch\n":                     control,
		"anna@example.ch\r\nBcc: x":             control,
		"\nanna@example.ch":                     control,
		"anna\t@example.ch":                     control,
		"an na@example.ch":                      control,
		"an\u00a0na@example.ch":                 control,
		"anna\x00@example.ch":                   control,
		"anna\u202e@example.ch":                 control,
		"anna@exam\u200fple.ch":                 control,
		"Anna <anna@example.ch>":                control,
		"Anna<anna@example.ch>":                 before,
		"\"anna\"@example.ch":                   before,
		"anna(home)@example.ch":                 before,
		"a,b@example.ch":                        before,
		"a;b@example.ch":                        before,
		"a\\b@example.ch":                       before,
		".anna@example.ch":                      before,
		"anna.@example.ch":                      before,
		"an..na@example.ch":                     before,
		"mailto:anna@example.ch":                before,
		"anna@.example.ch":                      after,
		"anna@example.ch.":                      after,
		"anna@example..ch":                      after,
		"anna@\u00ad.ch":                        after, // nothing is left of the soft hyphen
		"anna@localhost":                        after,
		"anna@-example.ch":                      after,
		"anna@example-.ch":                      after,
		"anna@exa_mple.ch":                      after,
		"anna@[192.0.2.1]":                      after,
		"anna@xn--a.ch":                         after,
		"anna@" + label + "d.ch":                after,
		strings.Repeat("a", 65) + "@example.ch": "1 to 64 octets before the @",
		strings.Repeat("ä", 33) + "@example.ch": "1 to 64 octets before the @",
		"a@" + strings.Repeat("b.", 140) + "example.ch":                     "at most 254",
		strings.Repeat("a", 60) + "@" + strings.Repeat(label+".", 3) + "ch": "has 255 octets",
		strings.Repeat("a", 10_000) + "@example.ch":                         "too long",
		"anna\xff@example.ch":                                               "not valid UTF-8",
	} {
		_, err := ParseEmail("registration-email", in)
		want := refused(CodeInvalid, "registration-email", "the registration email", says)
		if says != "at most 254" && says != "has 255 octets" {
			want.says = append(want.says, "give it as in anna.muster@example.ch")
		}
		t.Run(in[:min(len(in), 40)], func(t *testing.T) { want.check(t, err) })
		if got := EmailKey(in); got != strings.ToLower(in) {
			t.Errorf("the key of what is no address, %q, is %q", in, got)
		}
	}
}

func TestCleanName(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"Anna":                         "Anna",
		"  Anna Maria ":                "Anna Maria",
		"":                             "",
		" \u00a0 ":                     "",
		"A\u0308nne":                   "Änne",
		"O'Neill-Müller, Dr. jur.":     "O'Neill-Müller, Dr. jur.",
		"👩‍👩‍👧‍👦 Familie":              "👩‍👩‍👧‍👦 Familie",
		"می\u200cخواهم":                "می\u200cخواهم", // Persian needs its non-joiner
		"José 😀":                       "José 😀",
		"=1+1":                         "=1+1", // neutralised on export alone
		"山田 太郎":                        "山田 太郎",
		strings.Repeat("ä", 100):       strings.Repeat("ä", 100),
		strings.Repeat("a\u0308", 100): strings.Repeat("ä", 100),
	} {
		got, err := cleanName("first-name", in)
		if err != nil || got != want {
			t.Errorf("%q: %q, %v, want %q", in, got, err, want)
		}
	}
	for in, says := range map[string]string{
		"Anna\n":                    "U+000A",
		"\r\nAnna":                  "U+000D",
		"An\x00na":                  "U+0000",
		"Anna\t":                    "U+0009",
		"\x1b[31mAnna\x1b[0m":       "U+001B",
		"Anna\u009b31m":             "U+009B",
		"Anna\u0085":                "U+0085",
		"Anna\u202eretsuM":          "U+202E",
		"\u2066Anna\u2069":          "U+2066",
		"Anna\u200e":                "U+200E",
		"Anna\u200f":                "U+200F",
		"Anna\u061c":                "U+061C",
		"An\u2028na":                "U+2028",
		"An\u2029na":                "U+2029",
		"\ufeffAnna":                "U+FEFF",
		"An\x7fna":                  "U+007F",
		strings.Repeat("a", 101):    "101 characters; at most 100",
		strings.Repeat("ä", 10_000): "10000 characters; at most 100",
		"Ann\xe4":                   "not valid UTF-8",
	} {
		_, err := cleanName("first-name", in)
		t.Run(says, func(t *testing.T) { refused(CodeInvalid, "first-name", "the first name", says).check(t, err) })
	}
}

func TestUsernames(t *testing.T) {
	t.Parallel()
	for in, want := range map[string][2]string{ // cleaned, key
		"anna":            {"anna", "anna"},
		" Anna ":          {"Anna", "anna"},
		"ANNA@Example.CH": {"ANNA@Example.CH", "anna@example.ch"},
		"a\u0308nne":      {"änne", "änne"},
		"ÄNNE":            {"ÄNNE", "änne"},
		"ａｎｎａ":            {"ａｎｎａ", "anna"}, // full width
		"Straße":          {"Straße", "straße"},
		"acme-anna":       {"acme-anna", "acme-anna"},
		"1":               {"1", "1"},
	} {
		got, err := cleanUsername("username", in)
		if err != nil || got != want[0] || UsernameKey(got) != want[1] {
			t.Errorf("%q: %q, key %q, error %v", in, got, UsernameKey(got), err)
		}
	}
	for in, says := range map[string]string{
		"":                         "is empty",
		"  ":                       "is empty",
		"anna muster":              "white space",
		"anna\n":                   "white space",
		"an\x00na":                 "letters, digits and signs",
		"an:na":                    "colon",
		"an/na":                    "slash",
		"an\\na":                   "slash",
		"anna\u202e":               "letters, digits and signs",
		"😀":                        "letters, digits and signs",
		"an\u200bna":               "letters, digits and signs",
		"anna\xff":                 "letters, digits and signs",
		strings.Repeat("a", 255):   "more than 254 characters",
		strings.Repeat("a", 10000): "more than 254 characters",
	} {
		_, err := cleanUsername("username", in)
		t.Run(in[:min(len(in), 20)], func(t *testing.T) { refused(CodeInvalid, "username", "the username", says).check(t, err) })
	}
	if a, b := prefixOf("acme-anna-maria"), prefixOf("anna"); a != "acme" || b != "" {
		t.Errorf("prefixes %q and %q", a, b)
	}
}

func TestFold(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"": "", "Anna": "anna", "ÄÖÜ äöü": "aou aou", "Strauß": "strauss", "STRAUẞ": "strauss", "Zoë": "zoe", "Čapek": "capek", "Łukasz": "lukasz",
		"Ørsted": "orsted", "Ångström": "angstrom", "e\u0301": "e", "İstanbul": "istanbul", "山田": "山田", "+41": "+41",
	} {
		if got := Fold(in); got != want {
			t.Errorf("%q folds to %q, want %q", in, got, want)
		}
	}
	if got := NameKey(anna(func(m *Member) { m.FirstName, m.LastName = "Zoë", "Özgür" })); got != "ozgur zoe" {
		t.Errorf("sorted as %q", got)
	}
}

// TestShortWays holds that what is read without the tables of Unicode is read as
// with them.
func TestShortWays(t *testing.T) {
	t.Parallel()
	texts := rapid.StringMatching(`[a-cA-Z0-2._-]{0,6}@?[a-cx0n.-]{0,8}(\.|xn--|\.-|-\.)?[a-c.]{0,3}|[!-~]{0,12}`)
	rapid.Check(t, func(t *rapid.T) { checkShortWays(t, texts.Draw(t, "text")) })
	if !isKey("anna.muster@mail.example-2.ch") || isKey("Anna@example.ch") {
		t.Error("the short way is never taken, or always")
	}
}

func checkShortWays(t interface{ Errorf(string, ...any) }, s string) {
	long, err := parseEmail("email", s)
	if short, _ := ParseEmail("email", s); isKey(s) && (err != nil || short != long) {
		t.Errorf("%q is read as %v and %v (%v)", s, short, long, err)
	}
	if short, long := UsernameKey(s), usernameKey(s); short != long {
		t.Errorf("username %q has the keys %q and %q", s, short, long)
	}
}

func FuzzShortWays(f *testing.F) {
	for _, s := range []string{"anna.muster@example.ch", "a-b@x-y.de", "1@2.3", "a@b", "a..b@c.de", "a@-b.de", "a@b--c.de", "a@xn--zrich-kva.ch", "a@b.de.", "@b.de", "a@b@c.de",
		strings.Repeat("a", 64) + "@b.de", "a@" + strings.Repeat("b", 63) + ".de", "a@" + strings.Repeat("b", 64) + ".de"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) { checkShortWays(t, s) })
}
