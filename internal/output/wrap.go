package output

import (
	"slices"
	"strings"

	"github.com/clipperhouse/displaywidth"
)

const (
	gap       = 2 // blanks between columns
	narrowest = 8 // columns below which breaking words no longer helps a reader
)

// width returns the columns that s takes on a terminal. It goes by grapheme:
// tablewriter adds up code points, which is too much for families and flags.
func width(s string) int { return displaywidth.String(s) }

// fit returns widths for columns that want natural and can be wrapped down to
// least without breaking a word, so that all fit into total columns. The widest
// give way first, words are broken only where wrapping them is not enough, and
// where nothing helps lines are longer than the terminal.
func fit(natural, least []int, total int) []int {
	avail := total - gap*(len(natural)-1)
	if sum(natural) <= avail {
		return natural
	}
	for limit := slices.Max(natural); limit > 0; limit-- {
		if w := capped(natural, least, limit); sum(w) <= avail {
			return w
		}
	}
	for limit := slices.Max(least); limit >= narrowest; limit-- {
		if w := capped(least, nil, limit); sum(w) <= avail {
			return w
		}
	}
	return least
}

func capped(natural, least []int, limit int) []int {
	w := make([]int, len(natural))
	for i, n := range natural {
		w[i] = min(n, limit)
		if least != nil {
			w[i] = max(w[i], least[i])
		}
	}
	return w
}

func sum(ns []int) (total int) {
	for _, n := range ns {
		total += n
	}
	return total
}

// longestWord returns the width below which wrap has to break a word of s.
func longestWord(s string) (longest int) {
	for word := range words(s) {
		longest = max(longest, width(strings.TrimRight(word, " ")))
	}
	return longest
}

// words yields s in pieces that each end after a comma or a blank.
func words(s string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for s != "" {
			end := strings.IndexAny(s, " ,") + 1
			if end == 0 {
				end = len(s)
			}
			for end < len(s) && s[end] == ' ' {
				end++
			}
			if !yield(s[:end]) {
				return
			}
			s = s[end:]
		}
	}
}

// Wrap breaks s into lines of at most limit columns, after commas and blanks, or
// within a word that alone is wider.
func Wrap(s string, limit int) []string {
	if width(s) <= limit {
		return []string{s}
	}
	var done []string
	line := ""
	for word := range words(s) {
		if width(line)+width(strings.TrimRight(word, " ")) <= limit {
			line += word
			continue
		}
		if line != "" {
			done = append(done, strings.TrimRight(line, " "))
		}
		pieces := breakWord(word, limit)
		done = append(done, pieces[:len(pieces)-1]...)
		line = pieces[len(pieces)-1]
	}
	return append(done, strings.TrimRight(line, " "))
}

// breakWord breaks between graphemes; the blanks at the end do not count.
func breakWord(word string, limit int) []string {
	var done []string
	start, end, used := 0, 0, 0
	for g := displaywidth.StringGraphemes(word); g.Next(); {
		w := g.Width()
		if used+w > limit && end > start && g.Value() != " " {
			done = append(done, word[start:end])
			start, used = end, 0
		}
		end += len(g.Value())
		used += w
	}
	return append(done, word[start:])
}
