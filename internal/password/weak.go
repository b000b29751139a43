package password

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/secure/precis"
)

// isRepeated reports whether text is one block again and again, the last time
// perhaps in part. A block of eight and more would be a password of its own
// under [LowestMinLength]; the list of common ones judges those.
func isRepeated(text []rune) bool {
	for size := 1; size < LowestMinLength && 2*size <= len(text); size++ {
		if slices.Equal(text[size:], text[:len(text)-size]) {
			return true
		}
	}
	return false
}

// keyboard holds the rows and slanted columns of the American, German and
// French keyboards. The line breaks keep a run within a row: a password has none.
const keyboard = "1234567890\n" +
	"qwertyuiop\nasdfghjkl\nzxcvbnm\n" +
	"qwertzuiopü\nasdfghjklöä\nyxcvbnm\n" +
	"azertyuiop\nqsdfghjklm\nwxcvbn\n" +
	"1qaz\n2wsx\n3edc\n4rfv\n5tgb\n6yhn\n7ujm\n1qay\n6zhn\n"

// shortestRun is how many characters in a row make a run: with two, ordinary
// words such as "were" and "no" would be full of them.
const shortestRun = 3

// isSequence reports whether text is nothing but runs along the alphabet, the
// digits or the keyboard, forwards or backwards, doubled letters counting once.
func isSequence(text []rune) bool {
	rows := keyboard + reversed(keyboard)
	text = slices.Compact(slices.Clone(text))
	for len(text) >= shortestRun {
		n := max(alphabetRun(text), keyboardRun(text, rows))
		if n < shortestRun {
			return false
		}
		text = text[n:]
	}
	return true
}

func alphabetRun(text []rune) int {
	step := text[1] - text[0]
	if step != 1 && step != -1 {
		return 1
	}
	n := 2
	for n < len(text) && text[n]-text[n-1] == step {
		n++
	}
	return n
}

func keyboardRun(text []rune, rows string) int {
	n := 0
	for n < len(text) && strings.Contains(rows, string(text[:n+1])) {
		n++
	}
	return n
}

func reversed(s string) string {
	r := []rune(s)
	slices.Reverse(r)
	return string(r)
}

// without returns folded without the words of personal, longest first, so that
// a word within another leaves no rest of it behind.
func without(folded string, personal []string) string {
	words := split(personal)
	slices.SortStableFunc(words, func(a, b string) int { return len(b) - len(a) })
	for _, w := range words {
		folded = strings.ReplaceAll(folded, w, "")
	}
	return folded
}

// split returns the words of names and addresses in the form of a folded
// password. Those below three characters occur in too many passwords by chance.
func split(personal []string) []string {
	var words []string
	for _, p := range personal {
		if n, err := precis.OpaqueString.String(p); err == nil {
			p = n
		}
		for _, w := range strings.FieldsFunc(strings.ToLower(p), isBreak) {
			if utf8.RuneCountInString(w) >= 3 {
				words = append(words, w)
			}
		}
	}
	return words
}

func isBreak(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsNumber(r) && !unicode.IsMark(r)
}
