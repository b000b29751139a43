package output

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

const zeroWidthJoiner = '\u200d'

// Text makes s safe for terminals: control and format characters (which turn
// the writing direction, hide text, or command the terminal) and line separators
// become visible as \u{202e}, bytes that are not UTF-8 as \x9b. The joiner
// between two emoji stays, since it only joins them.
func Text(s string) string {
	if isPlain(s) {
		return s
	}
	var b strings.Builder
	var last rune
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		next, _ := utf8.DecodeRuneInString(s[i+size:])
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case r == zeroWidthJoiner && endsEmoji(last) && isEmoji(next):
			b.WriteRune(r)
		case isHidden(r):
			fmt.Fprintf(&b, `\u{%x}`, r)
		default:
			b.WriteString(s[i : i+size])
		}
		last = r
		i += size
	}
	return b.String()
}

func isPlain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

func isHidden(r rune) bool {
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp)
}

// endsEmoji tells whether r can be the last of an emoji before a joiner: the
// emoji, its skin tone, or the wish to see it in colour.
func endsEmoji(r rune) bool {
	return isEmoji(r) || r >= 0x1f3fb && r <= 0x1f3ff || r == 0xfe0f
}

// isEmoji goes by the category, which holds all emoji that are joined, and the
// replacement character.
func isEmoji(r rune) bool { return unicode.Is(unicode.So, r) && r != utf8.RuneError }

// Cell neutralises a CSV cell that a spreadsheet would take for a formula, by an
// apostrophe before = + - @ TAB or CR. A cell that already looks neutralised
// gets one more, so that [Uncell] restores every string.
func Cell(s string) string {
	if isFormula(strings.TrimLeft(s, "'")) {
		return "'" + s
	}
	return s
}

// Uncell restores what [Cell] was given.
func Uncell(s string) string {
	if rest, ok := strings.CutPrefix(s, "'"); ok && isFormula(strings.TrimLeft(rest, "'")) {
		return rest
	}
	return s
}

func isFormula[S string | []byte](s S) bool {
	return len(s) > 0 && strings.IndexByte("=+-@\t\r", s[0]) >= 0
}
