package output

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"
)

func TestText(t *testing.T) {
	for in, want := range map[string]string{
		"":                     "",
		"Anna Müller":          "Anna Müller",
		"a\tb\nc\x00\x7f":      `a\u{9}b\u{a}c\u{0}\u{7f}`,
		"\x1b[31m":             `\u{1b}[31m`,
		"\u009b31m \x9b31m":    `\u{9b}31m \x9b31m`,
		"\u202eevil\u2066":     `\u{202e}evil\u{2066}`,
		"a\u200bb\ufeff\u00ad": `a\u{200b}b\u{feff}\u{ad}`,
		"\u2028\u2029":         `\u{2028}\u{2029}`,
		"👩‍👩‍👦 👩🏽‍💻 ❤️‍🔥":         "👩‍👩‍👦 👩🏽‍💻 ❤️‍🔥",
		"a\u200db 👩\u200d":        `a\u{200d}b 👩\u{200d}`,
		"👩\u200d\u200d👦":          `👩\u{200d}\u{200d}👦`,
		"שרה 山田 e\u0301 \ufffd ✓": "שרה 山田 e\u0301 \ufffd ✓",
		"\U000e0041":              `\u{e0041}`,
	} {
		if got := Text(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func FuzzText(f *testing.F) {
	for _, s := range []string{"", "a", "👩‍👩‍👦", "\u202ex\x1b[0m\x9b", "\u200d👩\u200d", "é\u0301"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := Text(s)
		if !utf8.ValidString(got) || Text(got) != got {
			t.Fatalf("%q gives %q, which is not stable", s, got)
		}
		for _, r := range got {
			if r != zeroWidthJoiner && unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) {
				t.Fatalf("%q lets %U through", s, r)
			}
		}
	})
}

func TestCell(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "a": "a", "=1+1": "'=1+1", "+41": "'+41", "-1": "'-1", "@x": "'@x", "\tx": "'\tx", "\rx": "'\rx",
		"'": "'", "'a": "'a", "'=": "''=", "''=": "'''=", "a=": "a=", " =": " =",
	} {
		if got := Cell(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func FuzzCell(f *testing.F) {
	for _, s := range []string{"", "'", "=", "'=", "''=x", "a", "'a", "\t", "+41 44", "\"", "a,b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		cell := Cell(s)
		if isFormula(cell) {
			t.Fatalf("%q is a formula", cell)
		}
		if got := Uncell(cell); got != s {
			t.Fatalf("%q comes back as %q", s, got)
		}
		if strings.Contains(s, "\r\n") {
			return // encoding/csv reads it as a line feed
		}
		var b bytes.Buffer
		w := csv.NewWriter(&b)
		if err := w.Write([]string{cell, "x"}); err != nil {
			t.Fatal(err)
		}
		w.Flush()
		record, err := csv.NewReader(&b).Read()
		if err != nil || Uncell(record[0]) != s {
			t.Fatalf("%q comes back from CSV as %q, %v", s, record, err)
		}
	})
}

func FuzzAppendString(f *testing.F) {
	for _, s := range []string{"", "a", "\"\\/", "<&>", "\b\f\n\r\t\x00\x1f\x7f", "é\u2028\u2029", "\xff\xc3", "👩‍👩‍👦", "\ufffd", "\xed\xa0\x80"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var b bytes.Buffer
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		if err := e.Encode(s); err != nil {
			t.Fatal(err)
		}
		want := strings.TrimSuffix(b.String(), "\n")
		got := AppendString([]byte("x"), s)
		if string(got) != "x"+want {
			t.Fatalf("%q: got %s, encoding/json %s", s, got[1:], want)
		}
		if text := plain(got[1:]); utf8.ValidString(s) && text != s {
			t.Fatalf("%q comes back as %q", s, text)
		}
	})
}

func TestAppendTime(t *testing.T) {
	for _, ms := range []int64{1, -1, 999, 1795348800123, firstMilli, firstMilli - 1, lastMilli, lastMilli + 1, -62_162_035_200_001, 951_782_400_000, 951_868_799_999} {
		checkTime(t, ms)
	}
	if got := AppendTime(nil, 0); string(got) != "null" {
		t.Errorf("0 gives %s", got)
	}
	for ms := int64(firstMilli); ms < lastMilli; ms += 86_400_000*13 + 12_345_678 {
		checkTime(t, ms)
	}
}

func FuzzAppendTime(f *testing.F) {
	f.Add(int64(1795348800000))
	f.Fuzz(func(t *testing.T, ms int64) {
		if ms != 0 {
			checkTime(t, ms)
		}
	})
}

func checkTime(t *testing.T, ms int64) {
	t.Helper()
	want := time.UnixMilli(ms).UTC().Format(`"2006-01-02T15:04:05.000Z"`)
	if got := string(AppendTime(nil, ms)); got != want {
		t.Fatalf("%d: got %s, want %s", ms, got, want)
	}
}

func TestPlain(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "null": "", "true": "true", "-1": "-1", `"a\"b"`: `a"b`, `"x"`: "x", "[]": "",
		`["a","b\n"]`: "a,b\n", `[1,null,["x"]]`: "1,,x", `[{"label":"work"},2]`: `{"label":"work"},2`, `{"a":1}`: `{"a":1}`,
	} {
		if got := plain([]byte(in)); got != want {
			t.Errorf("%s: got %q, want %q", in, got, want)
		}
	}
}
