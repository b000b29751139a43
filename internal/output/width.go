package output

import (
	"strings"
	"unicode/utf8"

	"github.com/clipperhouse/displaywidth"
)

// firstJoining is a code point below which a character takes the same room
// whether it is measured alone or with those that it is joined to.
const firstJoining = 0x0900

// width returns the columns that s takes on a terminal, ambiguous characters
// one. An emoji is measured as a whole, so that families and flags take two
// columns. Letters that are drawn as one, as in Hindi or Thai, take the columns of
// each, since terminals know only these.
func width(s string) int {
	if strings.IndexFunc(s, func(r rune) bool { return r >= firstJoining }) < 0 {
		return displaywidth.String(s)
	}
	total := 0
	for g := displaywidth.StringGraphemes(s); g.Next(); {
		total += graphemeWidth(g.Value(), g.Width())
	}
	return total
}

func graphemeWidth(s string, whole int) int {
	first, size := utf8.DecodeRuneInString(s)
	if size == len(s) || isEmoji(first) || displaywidth.Rune(first) != 1 {
		return whole
	}
	each := 0
	for _, r := range s {
		each += displaywidth.Rune(r)
	}
	return max(whole, each)
}
