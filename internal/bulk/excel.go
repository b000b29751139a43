package bulk

import (
	"strings"
	"unicode/utf8"

	"github.com/staffctl/staffctl/internal/output"
	"github.com/staffctl/staffctl/internal/staff"
)

// cellText is what a cell says: without the blanks around it, and without what
// keeps a spreadsheet from reading it as a formula or a number.
func cellText(cell string) string {
	cell = strings.TrimSpace(cell)
	if text, ok := strings.CutPrefix(cell, `="`); ok && strings.HasSuffix(text, `"`) {
		return strings.TrimSpace(strings.ReplaceAll(text[:len(text)-1], `""`, `"`))
	}
	return output.Uncell(cell)
}

// sepOf returns the delimiter that a first line such as sep=; names for Excel.
func sepOf(start string) (rune, bool) {
	line, ok := strings.CutPrefix(start, "sep=")
	c, size := utf8.DecodeRuneInString(line)
	if !ok || line == "" || c == '\n' || c == '\r' {
		return 0, false
	}
	rest := strings.TrimPrefix(line[size:], "\r")
	return c, rest == "" || rest[0] == '\n'
}

// checkNumber refuses what a spreadsheet has made of a long number.
func checkNumber(f field, cell string) error {
	mantissa, exponent, ok := strings.Cut(cell, "E+")
	if !ok || mantissa == "" || strings.Trim(mantissa, "0123456789.,") != "" || exponent == "" || strings.Trim(exponent, "0123456789") != "" {
		return nil
	}
	return staff.Errorf(staff.CodeInvalid, fields[f].name,
		"%q is a number in Excel's scientific notation, of which digits are lost; make the column text and write the number as in +41 44 555 12 34", brief(cell))
}

// dialled is a phone number with a plus where it begins with 00, and without tel:
// and the apostrophe before it.
func dialled(number string) string {
	number = strings.TrimPrefix(number, "'")
	if len(number) > 4 && strings.EqualFold(number[:4], "tel:") {
		number = strings.TrimSpace(number[4:])
	}
	if rest, ok := strings.CutPrefix(number, "00"); ok {
		return "+" + rest
	}
	return number
}

// titles stand behind salutations, and are left out.
var titles = map[string]bool{"dr": true, "drmed": true, "drphil": true, "driur": true, "prof": true, "profdr": true, "professor": true,
	"doktor": true, "med": true, "phil": true, "iur": true, "jur": true, "rer": true, "nat": true, "ing": true, "dipl": true, "dipling": true, "mag": true, "lic": true}

func withoutTitles(cell string) string {
	var rest []string
	for word := range strings.FieldsSeq(cell) {
		if !titles[plain(word)] {
			rest = append(rest, word)
		}
	}
	return strings.Join(rest, " ")
}

// maxQuoted is how much of a text from a file a message quotes, in characters.
const maxQuoted = 40

// brief is a text as messages quote it.
func brief(text string) string {
	n := 0
	for at := range text {
		if n++; n > maxQuoted {
			return text[:at] + "…"
		}
	}
	return text
}
