package staff

import (
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"
)

func TestSearch(t *testing.T) {
	t.Parallel()
	phone := []Phone{{Label: "mobile", Number: "+41791234567"}}
	for _, c := range []struct {
		name, search string
		member       Member
		want         bool
	}{
		{"nothing", "", Member{}, true},
		{"parts, in any case", "MUS ann", Member{FirstName: "Anna", LastName: "Muster"}, true},
		{"each word", "anna meier", Member{FirstName: "Anna", LastName: "Muster"}, false},
		{"e-mail", "@example", Member{Email: "anna@example.ch"}, true},
		{"username", "texter", Member{Email: "anna@example.ch", Proposal: "acme-texter"}, true},
		{"not from one field to the next", "annamuster", Member{FirstName: "Anna", LastName: "Muster"}, false},
		{"Muller finds Müller", "Muller", Member{LastName: "Müller"}, true},
		{"Muller finds Mueller", "Muller", Member{LastName: "Mueller"}, true},
		{"Mueller finds Müller", "Mueller", Member{LastName: "Müller"}, true},
		{"Mueller finds Muller", "Mueller", Member{LastName: "Muller"}, true},
		{"Müller finds Mueller", "MÜLLER", Member{LastName: "Mueller"}, true},
		{"Müller finds Muller", "müller", Member{LastName: "Muller"}, true},
		{"decomposed", norm.NFD.String("Müller"), Member{LastName: "Mueller"}, true},
		{"but no other", "Müller", Member{LastName: "Miller"}, false},
		{"an e that is no umlaut", "elle", Member{FirstName: "Joelle"}, true},
		{"nor the end of one", "Mue", Member{LastName: "Müller"}, true},
		{"ss", "strasse", Member{LastName: "Straße"}, true},
		{"ß", "Straße", Member{LastName: "STRASSE"}, true},
		{"œ", "oeuvre", Member{LastName: "Œuvré"}, true},
		{"ø by oe", "soeren", Member{FirstName: "Søren"}, true},
		{"æ by ae", "baek", Member{LastName: "Bæk"}, true},
		{"ł", "lukasz", Member{FirstName: "Łukasz"}, true},
		{"đ", "dorde", Member{FirstName: "Đorđe"}, true},
		{"dotless i", "yildiz", Member{LastName: "Yıldız"}, true},
		{"dotted I", "izmir", Member{LastName: "İzmir"}, true},
		{"final sigma", "ΣΟΦΟΣ", Member{LastName: "Σοφός"}, true},
		{"a straight apostrophe", "o'neill", Member{LastName: "O’Neill"}, true},
		{"a curved apostrophe", "O’Neill", Member{LastName: "O'Neill"}, true},
		{"a hyphen", "meier-huber", Member{LastName: "Meier‑Huber"}, true},
		{"wide letters", "full", Member{LastName: "Ｆｕｌｌ"}, true},
		{"name, first name", "Muster, Anna", Member{FirstName: "Anna", LastName: "Muster"}, true},
		{"phone", "+4179", Member{Phones: phone}, true},
		{"phone as dialled at home", "079 123 45 67", Member{Phones: phone}, true},
		{"phone as dialled abroad", "0041 79 123", Member{Phones: phone}, true},
		{"phone with signs", "079/123-45-67", Member{Phones: phone}, true},
		{"phone with signs between", "+41 (0)79 - 123", Member{Phones: phone}, true},
		{"another phone", "079 124", Member{Phones: phone}, false},
		{"phone and name", "muster 0791", Member{LastName: "Muster", Phones: phone}, true},
		{"zeros alone", "00", Member{Phones: phone}, false},
		{"a sign alone", "-", Member{Email: "a-b@example.ch"}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newSearch(c.search)
			for range 2 { // the second time in the room of the first
				if got := s.finds(&c.member); got != c.want {
					t.Errorf("%q finds %+v: %v, want %v", c.search, c.member, got, c.want)
				}
			}
		})
	}
}

// A name is found by itself and by each part of it, composed or not, and folding
// comes to an end.
func FuzzSearch(f *testing.F) {
	for _, s := range []string{"Müller", "aee", "Œuvre", "İ", "ẞ", "ﬀ", "\xff", "\xf5¼\r", "e\u0301", "한글", "ue", "Σς"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		member := &Member{LastName: name}
		for word := range strings.FieldsSeq(name) {
			for _, s := range []string{word, norm.NFD.String(word), norm.NFC.String(word)} {
				if !newSearch(s).finds(member) {
					t.Errorf("%q is not found in %q", s, name)
				}
			}
		}
		text := appendSearchable(nil, name)
		if len(text) > 12*len(name)+12 {
			t.Errorf("%d bytes of %d", len(text), len(name))
		}
		bare := appendBare(nil, text)
		if again := appendBare(nil, bare); string(again) != string(bare) {
			t.Errorf("%q, and again %q", bare, again)
		}
	})
}
