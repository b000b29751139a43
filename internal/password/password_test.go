package password

import (
	"bufio"
	"compress/gzip"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/staffctl/staffctl/internal/staff"
)

const good = "tulip orbit kettle"

func TestPrepareAccepts(t *testing.T) {
	person := []string{"Anna Maria", "O'Neill", "anna.oneill@example.com", "Ed"}
	tests := map[string]struct {
		policy      Policy
		plain, want string
		personal    []string
	}{
		"words":                    {plain: good, want: good},
		"exactly the least":        {plain: "tulip orbit ket", want: "tulip orbit ket"},
		"runes count, not bytes":   {plain: "grüße öfen mäßi", want: "grüße öfen mäßi"},
		"composed to NFC":          {plain: "tulipe orbite e\u0301te", want: "tulipe orbite éte"},
		"wide space becomes space": {plain: "tulip\u3000orbit\u00a0kettle", want: good},
		"case and spaces kept":     {plain: " Tulip Orbit Ket", want: " Tulip Orbit Ket"},
		"a short name does not count": {
			plain: "ededededed tulip", want: "ededededed tulip", personal: person},
		"half is left without the name": {
			plain: "anna tulip orbit", want: "anna tulip orbit", personal: person},
		"eight where the setting says so": {
			policy: Policy{MinLength: 8}, plain: "kq7tulix", want: "kq7tulix"},
		"repeats only the first letters": {
			policy: Policy{MinLength: 8}, plain: "kq7tukq7", want: "kq7tukq7"},
		"a run within other text": {plain: "tulip 123456789 kettle", want: "tulip 123456789 kettle"},
		"1,024 bytes":             {plain: long(MaxBytes), want: long(MaxBytes)},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := tt.policy.Prepare(tt.plain, tt.personal)
			if err != nil || got != tt.want {
				t.Errorf("Prepare(%q) = %q, %v; want %q", tt.plain, got, err, tt.want)
			}
		})
	}
}

func TestPrepareRefuses(t *testing.T) {
	person := []string{"Maximilian", "Müller-Lu\u0308denscheid", "max.mustermann_77@example-shop.de"}
	tests := []struct {
		name   string
		policy Policy
		plain  string
		want   string // part of the message
	}{
		{"empty", Policy{}, "", "is empty"},
		{"short", Policy{}, "tulip ket", "the password has 9 characters; at least 15 are needed"},
		{"short after composing", Policy{}, "tulip orbit ke\u0301", "has 14 characters"},
		{"floor of the setting", Policy{MinLength: 3}, "tulip k", "at least 8 are needed"},
		{"ceiling of the setting", Policy{MinLength: 99}, good, "at least 64 are needed"},
		{"1,025 bytes", Policy{}, long(MaxBytes + 1), "has 1025 bytes; at most 1024"},
		{"NUL", Policy{}, "tulip\x00orbit kettle", "control character"},
		{"line feed", Policy{}, good + "\n", "control character"},
		{"not UTF-8", Policy{}, "tulip orbit \xff kettle", "not UTF-8"},
		{"one character", Policy{}, "zzzzzzzzzzzzzzz", "repeats"},
		{"block of two", Policy{}, "xQxqxqxqxqxqxqxq", "repeats"},
		{"block of four, cut", Policy{}, "h7k!h7k!h7k!h7k!h7", "repeats"},
		{"block of six", Policy{}, "dragondragondragon", "repeats"},
		{"alphabet", Policy{}, "ABCDEFGHIJKLMNOP", "sequence"},
		{"alphabet backwards", Policy{}, "zyxwvutsrqponmlk", "sequence"},
		{"Greek alphabet", Policy{}, "αβγδεζηθικλμνξο", "sequence"},
		{"digits around", Policy{}, "12345678901234567", "sequence"},
		{"doubled letters", Policy{}, "aabbccddeeffgghh", "sequence"},
		{"German rows", Policy{}, "QWERTZuiopasdfghjklö", "sequence"},
		{"rows backwards", Policy{}, "poiuytrewqlkjhgf", "sequence"},
		{"columns", Policy{}, "2wsx3edc4rfv5tgb", "sequence"},
		{"row and digits", Policy{}, "qwerty1234567890", "sequence"},
		{"common", Policy{}, "MyChemicalRomance", "most common"},
		{"common with digits", Policy{}, "Sunshine20242025!", "most common"},
		{"common with signs around", Policy{}, "!!!!sunshine!!!!", "most common"},
		{"common twice", Policy{}, "passwordpassword", "most common"},
		{"common filled up with itself", Policy{}, "footballfootbal", "most common"},
		{"common twice with digits", Policy{}, "iloveyouiloveyou99", "most common"},
		{"common under a low setting", Policy{MinLength: 8}, "p@ssw0rd", "most common"},
		{"first and last name", Policy{}, "maximilianMÜLLER12", "own names"},
		{"names of an address", Policy{}, "mustermann.max.77", "own names"},
		{"decomposed name", Policy{}, "Lüdenscheid-4711", "own names"},
		{"name within a name", Policy{}, "Maximilian!max!77x", "own names"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := tt.policy.Prepare(tt.plain, person)
			wantRefusal(t, err, "password", tt.want)
			if tt.plain != "" && strings.Contains(err.Error(), tt.plain) {
				t.Errorf("the message quotes the password: %q", err)
			}
		})
	}
}

func TestCommonListIsUsable(t *testing.T) {
	list, err := gzip.NewReader(strings.NewReader(commonList))
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for lines := bufio.NewScanner(list); lines.Scan(); n++ {
		entry := lines.Text()
		if utf8.RuneCountInString(entry) < LowestMinLength || strings.ToLower(entry) != entry {
			t.Errorf("entry %q is short or not folded", entry)
		}
	}
	if n != 30000 {
		t.Errorf("the list has %d entries, want 30000", n)
	}
	if len(commonList) > 150_000 {
		t.Errorf("the list takes %d bytes, want at most 150000", len(commonList))
	}
}

func TestGenerate(t *testing.T) {
	seen := map[string]bool{}
	for _, least := range []int{0, 8, 29, 30, 64, 1000} {
		policy := Policy{MinLength: least}
		plain := policy.Generate()
		letters := strings.ReplaceAll(plain, "-", "")
		if plain != strings.ToLower(plain) || len(plain) < 29 || 5*len(letters) < 120 || seen[plain] {
			t.Errorf("Generate() with MinLength %d = %q; want at least six groups in lower case, never seen before", least, plain)
		}
		seen[plain] = true
		if got, err := policy.Prepare(plain, []string{"abc"}); err != nil || got != plain {
			t.Errorf("Prepare(%q) with MinLength %d = %q, %v", plain, least, got, err)
		}
	}
}

func FuzzPrepare(f *testing.F) {
	f.Add(good, 0, "anna@example.com")
	f.Add("passwordpassword", 8, "")
	f.Add("tulip\u3000orbite\u0301 kettle", -1, "O'Neill")
	f.Add("\u1100\u1161\u11a8ab\u0327\u0301cdefghijk", 15, "\xff")
	f.Fuzz(func(t *testing.T, plain string, least int, personal string) {
		p := Policy{MinLength: least}
		got, err := p.Prepare(plain, []string{personal})
		if err != nil {
			wantRefusal(t, err, "password", "the password ")
			return
		}
		if n := utf8.RuneCountInString(got); n < p.minLength() {
			t.Errorf("accepted %q with %d characters", plain, n)
		}
		if !isNormalised(got) {
			t.Errorf("Hash would refuse %q, prepared from %q", got, plain)
		}
		if again, err := Normalise(plain); again != got || err != nil {
			t.Errorf("signing in with %q gives %q, %v; set was %q", plain, again, err, got)
		}
	})
}

func wantRefusal(t *testing.T, err error, field, part string) {
	t.Helper()
	var e *staff.Error
	if !errors.As(err, &e) {
		t.Fatalf("error %v, want a *staff.Error with %q", err, part)
	}
	if e.Code != staff.CodeInvalid || e.Field != field || !strings.Contains(e.Message, part) {
		t.Errorf("error %s %q %q, want invalid %q with %q", e.Code, e.Field, e.Message, field, part)
	}
	if strings.HasSuffix(e.Message, ".") {
		t.Errorf("message %q ends with a full stop", e.Message)
	}
}

// long returns n bytes of text without a pattern.
func long(n int) string {
	var b strings.Builder
	for i := 0; b.Len() < n; i++ {
		b.WriteString(good[i*i%len(good):])
	}
	return b.String()[:n]
}
