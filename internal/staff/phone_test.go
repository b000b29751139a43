package staff

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParsePhone(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]Phone{
		"work=+41445551234":                  {"work", "+41445551234"},
		"mobile=+41 79 555 12 34":            {"mobile", "+41795551234"},
		"home=+49 (0)30 / 555-12.34":         {"home", "+49305551234"},
		"other= +1 (212) 555-1234 ":          {"other", "+12125551234"},
		"work=+7 495 555 12 34":              {"work", "+74955551234"},
		"work=+41\u00a044\u00a0555":          {"work", "+4144555"},
		"work=+423 2375":                     {"work", "+4232375"},
		"work=+998 71 555 12 34":             {"work", "+998715551234"},
		"work=+49" + strings.Repeat("1", 13): {"work", "+49" + strings.Repeat("1", 13)}, // 15 digits
		"work=+39 06 555 12 34":              {"work", "+39065551234"},                  // Italy keeps its zero
	} {
		got, err := ParsePhone(in)
		if err != nil || got != want {
			t.Errorf("%q: %+v, %v, want %+v", in, got, err, want)
		}
		if again, err := ParsePhone(got.String()); err != nil || again != got {
			t.Errorf("%q prints as %q, which reads as %+v, %v", in, got, again, err)
		}
	}
	for in, says := range map[string]string{
		"":                                   `phone "" has no label`,
		"+41445551234":                       "work=+41 44 555 12 34",
		"wrok=+41445551234":                  `no phone label "wrok"; did you mean work?`,
		"Work=+41445551234":                  "did you mean work?",
		"office=+41445551234":                "known are work, mobile, home, fax, other",
		"=+41445551234":                      `no phone label ""`,
		"work=":                              "does not begin with + and a calling code",
		"work=0445551234":                    "does not begin with + and a calling code",
		"work=0041445551234":                 "does not begin with + and a calling code",
		"work=+":                             "no country has",
		"work=+999 555 12 34":                "no country has",
		"work=+210 555 12 34":                "no country has",
		"work=+0 44 555 12 34":               "no country has",
		"work=+1 212 555 123":                "needs 10 digits after +1",
		"work=+1 212 555 12345":              "needs 10 digits after +1",
		"work=+41 123":                       "4 digits after the calling code",
		"work=+49" + strings.Repeat("1", 14): "15 in all at most",
		"work=+41 44 555 CALL":               "more than digits and separators",
		"work=+41 44 555 12 34x5":            "more than digits and separators",
		"work=+41+445551234":                 "more than digits and separators",
		"work=+41\t445551234":                "more than digits and separators",
		"work=+41４４555":                      "more than digits and separators", // full width
		"work=+41 44 555\x00":                "more than digits and separators",
	} {
		_, err := ParsePhone(in)
		t.Run(in, func(t *testing.T) { refused(CodeInvalid, "phone", says).check(t, err) })
	}
}

// The calling codes begin no other: the first that fits is the only one.
func TestCallingCodes(t *testing.T) {
	t.Parallel()
	var codes []string
	for n, list := range callingCodes {
		for _, code := range strings.Fields(list) {
			if len(code) != n {
				t.Errorf("%s stands among the codes of %d digits", code, n)
			}
			for _, other := range codes {
				if strings.HasPrefix(code, other) {
					t.Errorf("%s begins with the code %s", code, other)
				}
			}
			codes = append(codes, code)
			if got := callingCode(code + "5551234"); got != code {
				t.Errorf("%s is found as %q", code, got)
			}
		}
	}
	for _, digits := range []string{"", "0", "21", "2", "99", "999", "210"} {
		if got := callingCode(digits); got != "" {
			t.Errorf("%q has the calling code %q", digits, got)
		}
	}
}

func TestParsePhones(t *testing.T) {
	t.Parallel()
	got, err := parsePhones([]string{"work=+41445551234", "home=+41445551234", "work=+41 44 555 12 34"})
	if d := cmp.Diff([]Phone{{"work", "+41445551234"}, {"home", "+41445551234"}}, got); d != "" || err != nil {
		t.Errorf("%v\n%s", err, d)
	}
	if got, err := parsePhones(nil); got != nil || err != nil {
		t.Errorf("no phones read as %v, %v", got, err)
	}
	var many []string
	for i := range 21 {
		many = append(many, fmt.Sprintf("work=+414455512%02d", i))
	}
	if _, err := parsePhones(many[:20]); err != nil {
		t.Errorf("20 phones: %v", err)
	}
	_, err = parsePhones(many)
	refused(CodeInvalid, "phone", "21 phones are too many", "at most 20").check(t, err)
}
