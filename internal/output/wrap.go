package output

import (
	"strings"

	"github.com/clipperhouse/displaywidth"
)

// word is a piece of a text that ends where a line may.
type word struct {
	text   string // with the blanks behind it
	width  int    // without these
	blanks int
}

// words takes s apart after commas and blanks.
func words(s string) []word {
	var found []word
	for s != "" {
		end := strings.IndexAny(s, " ,") + 1
		if end == 0 {
			end = len(s)
		}
		for end < len(s) && s[end] == ' ' {
			end++
		}
		letters := strings.TrimRight(s[:end], " ")
		found = append(found, word{text: s[:end], width: width(letters), blanks: end - len(letters)})
		s = s[end:]
	}
	return found
}

// Wrap breaks s into lines of at most limit columns, after commas and blanks, or
// within a word that alone is wider. Nothing is lost but the blanks at the ends of
// lines.
func Wrap(s string, limit int) []string {
	if width(s) <= limit {
		return []string{s}
	}
	var done []string
	line, used := "", 0
	end := func() {
		done = append(done, strings.TrimRight(line, " "))
		line, used = "", 0
	}
	for _, w := range words(s) {
		if line != "" && used+w.width > limit {
			end()
		}
		if w.width <= limit {
			line += w.text
			used += w.width + w.blanks
			continue
		}
		for _, piece := range breakWord(w.text, limit) {
			if line != "" {
				end()
			}
			line, used = piece, width(piece)
		}
	}
	end()
	return done
}

// breakWord breaks between graphemes, after punctuation where there is some in
// the second half of a line, since an address is then easier to read. The blanks
// at the end stay with the last piece.
func breakWord(text string, limit int) []string {
	var done []string
	letters := strings.TrimRight(text, " ")
	start, end, used := 0, 0, 0
	mark, atMark := 0, 0 // behind the last punctuation, and what is used up to there
	for g := displaywidth.StringGraphemes(letters); g.Next(); {
		w := graphemeWidth(g.Value(), g.Width())
		if used+w > limit && end > start {
			if atMark <= limit/2 {
				mark, atMark = end, used
			}
			done = append(done, letters[start:mark])
			start, used, atMark = mark, used-atMark, 0
		}
		end += len(g.Value())
		used += w
		if strings.Contains("@.-_/:", g.Value()) {
			mark, atMark = end, used
		}
	}
	return append(done, text[start:])
}
