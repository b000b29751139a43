package yamlfile

import (
	"fmt"
	"strings"
	"unicode"
)

// IsBare tells whether every YAML reader, also of version 1.1, takes the unquoted
// s for a string.
func IsBare(s string) bool {
	switch strings.ToLower(s) {
	case "", "y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf":
		return false
	}
	for i, r := range s {
		if !unicode.IsLetter(r) && (i == 0 || !unicode.IsDigit(r) && !strings.ContainsRune(" @._-/+", r)) {
			return false
		}
	}
	return !strings.HasSuffix(s, " ")
}

// AppendText appends s as a scalar that every YAML reader takes for a string:
// quoted where it must be.
func AppendText(b []byte, s string) []byte {
	if IsBare(s) {
		return append(b, s...)
	}
	b = append(b, '"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b = append(b, '\\', byte(r))
		case r > 0xFFFF && !isPrintable(r):
			b = fmt.Appendf(b, `\U%08X`, r)
		case !isPrintable(r):
			b = fmt.Appendf(b, `\u%04X`, r)
		default:
			b = append(b, string(r)...)
		}
	}
	return append(b, '"')
}

// isPrintable reports the characters that may stand in a file as they are (YAML
// 1.2, 5.1), but those that end a line.
func isPrintable(r rune) bool {
	switch {
	case r == '\u2028' || r == '\u2029' || r == '\uFEFF':
		return false
	case r < 0x7F:
		return r >= ' '
	default:
		return r >= 0xA0 && r <= 0xD7FF || r >= 0xE000 && r <= 0xFFFD || r >= 0x10000
	}
}
