package output

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/clipperhouse/displaywidth"
	"github.com/google/go-cmp/cmp"

	"github.com/staffctl/staffctl/internal/iostreams"
)

// What tmux and the terminals that measure code points say, for all but emoji;
// for these what they say that draw an emoji as one.
func TestWidth(t *testing.T) {
	for text, want := range map[string]int{
		"": 0, "Anna": 4, "Müller": 6, "Zoe\u0301": 3, "M\u0308u\u0308": 2, "Łukasz Øster": 12,
		"山田": 4, "１２": 4, "ｶﾞ": 2, "か\u3099": 2, "김민준": 6, "\u1100\u1175\u11b7": 2,
		"👩‍👩‍👦": 2, "👩🏽‍💻": 2, "👍🏽": 2, "🇨🇭": 2, "🏴‍☠️": 2, "❤️": 2, "❤️‍🔥": 2, "1️⃣": 2, "⚠️": 2, "☎": 1, "✓": 1,
		"नमस्ते": 4, "क्षत्रिय": 6, "ที่": 1, "น้ำ": 2, "தமிழ்": 4, "বাংলা": 5, "తెలుగు": 5,
		"שָׁרָה": 3, "عبد الرحمن": 10, "α→Ω": 3, "①½…“x”": 6,
	} {
		if got := width(text); got != want {
			t.Errorf("%q takes %d columns instead of %d", text, got, want)
		}
	}
}

func TestWrap(t *testing.T) {
	for _, c := range []struct {
		text  string
		limit int
		want  []string
	}{
		{"", 5, []string{""}},
		{"Anna Muster", 11, []string{"Anna Muster"}},
		{"Anna Muster", 10, []string{"Anna", "Muster"}},
		{"invoices, orders, news", 16, []string{"invoices,", "orders, news"}},
		{"invoices, orders, news", 17, []string{"invoices, orders,", "news"}},
		{"invoices,orders", 14, []string{"invoices,", "orders"}},
		{"Beispielhausen", 5, []string{"Beisp", "ielha", "usen"}},
		{"a Beispielhausen b", 7, []string{"a", "Beispie", "lhausen", "b"}},
		{"a Beispielhausen b", 10, []string{"a", "Beispielha", "usen b"}},
		{"anna.muster@example.com", 15, []string{"anna.muster@", "example.com"}},
		{"anna.muster@example.com", 6, []string{"anna.", "muster", "@examp", "le.com"}},
		{"山田太郎", 3, []string{"山", "田", "太", "郎"}},
		{"👩‍👩‍👦👍🏽🇨🇭", 4, []string{"👩‍👩‍👦👍🏽", "🇨🇭"}},
		{"e\u0301e\u0301e\u0301", 2, []string{"e\u0301e\u0301", "e\u0301"}},
		{"山", 1, []string{"山"}},
	} {
		if d := cmp.Diff(c.want, Wrap(c.text, c.limit)); d != "" {
			t.Errorf("%q in %d columns: -want +got\n%s", c.text, c.limit, d)
		}
	}
}

func FuzzWrap(f *testing.F) {
	for _, s := range []string{"", " ", "a  b ", "invoices, orders", "anna.muster@example.com", "👩‍👩‍👦 山田 e\u0301", "क्षत्रिय,,", "\u0301 \u0301"} {
		f.Add(s, uint8(5))
	}
	f.Fuzz(func(t *testing.T, s string, columns uint8) {
		s = Text(s)
		limit := int(columns)%40 + 1
		lines := Wrap(s, limit)
		if got, want := strings.Join(lines, ""), s; letters(got) != letters(want) {
			t.Fatalf("%q becomes %q", want, lines)
		}
		for _, line := range lines {
			checkLine(t, line, limit)
		}
	})
}

// FuzzTable draws two people in so many columns: nobody loses a letter, and no line
// is wider than the terminal.
func FuzzTable(f *testing.F) {
	f.Add("Anna Müller", "anna@example.ch", "invoices", "team", uint8(30))
	f.Add("山田 太郎", "👩‍👩‍👦@例え.jp", "क्षत्रिय", "", uint8(9))
	f.Fuzz(func(t *testing.T, name, email, area, other string, columns uint8) {
		total := int(columns)%120 + gap + 1 // values of blocks are set in
		people := []*person{{id: 1, name: name, email: email, areas: []string{area, other}}, anna}
		for _, bare := range []bool{false, true} {
			ios, _, out, _ := iostreams.Test()
			ios.SetTerminals(false, true, false)
			ios.SetColor("never", false)
			ios.SetWidth(total)
			if err := List(New(ios, Options{NoHeaders: bare}), groupedView(), rows(people...)); err != nil {
				t.Fatal(err)
			}
			for line := range strings.Lines(out.String()) {
				checkLine(t, strings.TrimSuffix(line, "\n"), total)
			}
			wide, _ := list(t, groupedView(), Options{NoHeaders: true}, people...)
			if bare && sorted(wide) != sorted(out.String()) {
				t.Fatalf("%d columns lose something:\n%s%s", total, wide, out)
			}
		}
	})
}

// checkLine fails when a line is too wide and could have been broken.
func checkLine(t *testing.T, line string, limit int) {
	t.Helper()
	graphemes := 0
	for g := displaywidth.StringGraphemes(strings.TrimSpace(line)); g.Next(); {
		graphemes++
	}
	if width(strings.TrimRight(line, " ")) > limit && graphemes > 1 {
		t.Fatalf("%q is wider than %d columns", line, limit)
	}
}

func letters(s string) string { return strings.Join(strings.Fields(s), "") }

func sorted(s string) string {
	runes := []rune(letters(s))
	slices.Sort(runes)
	return string(runes)
}

// One long address is broken, not the lists of all others.
func TestOutlierGivesWay(t *testing.T) {
	long := &person{id: 1, name: "Max", email: strings.Repeat("very-long-", 12) + "@example.ch", areas: []string{"team"}}
	people := []*person{long}
	for i := range 40 {
		people = append(people, &person{id: 1, name: fmt.Sprintf("Anna %d", i), email: "anna@example.ch", areas: []string{"invoices", "orders", "team"}})
	}
	ios, _, out, _ := iostreams.Test()
	ios.SetTerminals(false, true, false)
	ios.SetColor("never", false)
	ios.SetWidth(80)
	if err := List(New(ios, Options{}), personView(), rows(people...)); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "\nAnna 39  anna@example.ch ") || strings.Count(out.String(), "invoices,orders,team  no\n") != 40 {
		t.Error(out.String())
	}
}

// A list of one column is a list, however narrow the terminal is.
func TestOneColumnStaysAList(t *testing.T) {
	ios, _, out, _ := iostreams.Test()
	ios.SetTerminals(false, true, false)
	ios.SetWidth(6)
	ios.SetColor("never", false)
	if err := List(New(ios, Options{Columns: []string{"email"}}), personView(), rows(anna)); err != nil {
		t.Fatal(err)
	}
	same(t, out.String(), "E-MAIL\nanna@\nexampl\ne.ch\n")
}

func TestOneWrapsWithHangingIndent(t *testing.T) {
	p := *anna
	p.areas = []string{"invoices", "team", "contract"}
	v := personView()
	v.Columns[4].Heading = "Suspended or not"
	for columns, want := range map[int]string{
		0:  "Areas             invoices,team,contract\nSuspended or not  no\n",
		42: "Areas             invoices,team,contract\nSuspended or not  no\n",
		36: "Areas         invoices,team,contract\nSuspended or  no\nnot\n",
		30: "Areas       invoices,team,\n            contract\nSuspended   no\nor not\n",
		15: "Areas\n  invoices,\n  team,contract\nSuspended or\nnot\n  no\n",
	} {
		ios, _, out, _ := iostreams.Test()
		ios.SetTerminals(false, true, false)
		ios.SetWidth(columns)
		ios.SetColor("never", false)
		if err := One(New(ios, Options{Columns: []string{"areas", "suspended"}}), v, &p); err != nil {
			t.Fatal(err)
		}
		if out.String() != want {
			t.Errorf("%d columns give\n%s instead of\n%s", columns, out, want)
		}
	}
}
