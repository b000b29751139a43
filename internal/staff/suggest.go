package staff

import "strings"

// Suggest returns "; did you mean x?" for the candidate nearest to word, or
// the candidates themselves when none is near.
func Suggest(word string, candidates []string) string {
	best, distance := "", 3
	for _, c := range candidates {
		if d := editDistance(strings.ToLower(word), c); d < distance && d < max(len(c), 2) {
			best, distance = c, d
		}
	}
	switch {
	case best != "":
		return "; did you mean " + best + "?"
	case len(candidates) == 0:
		return ""
	default:
		return "; known are " + strings.Join(candidates, ", ")
	}
}

// editDistance counts insertions, deletions, substitutions and swaps of
// neighbours (optimal string alignment) between a and b, in bytes.
func editDistance(a, b string) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
