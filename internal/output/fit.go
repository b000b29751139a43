package output

import (
	"math"
	"strings"
)

const (
	gap       = 2   // blanks between columns
	narrowest = 8   // columns below which wrapping no longer helps a reader
	sampled   = 256 // rows, at most, that the widths of columns are chosen by

	// What it costs a reader that a cell goes on in the next line: after a comma the
	// least, since lists are read piece by piece.
	afterComma = 1
	afterBlank = 2
	inWord     = 8
)

// column is what a column of a table wants, as far as its sampled cells tell.
type column struct {
	cells        [][]word
	least, wants int
}

// fit chooses widths for columns that together want more than total, so that as
// little as possible is broken. It tells whether that makes a table that can be read:
// one with few broken words.
func fit(g *grid, natural []int, total int) (widths []int, readable bool) {
	columns := g.sample(natural)
	avail := total - gap*(len(columns)-1)
	if len(columns) == 1 {
		return []int{total}, true
	}
	widths = cheapest(columns, avail)
	if widths == nil {
		return nil, false
	}
	broken := 0
	for i, c := range columns {
		for _, words := range c.cells {
			if longest(words) > widths[i] {
				broken++
			}
		}
	}
	return widths, broken <= len(columns[0].cells)/4
}

// sample takes the words of rows that are evenly apart. A heading is not broken.
func (g *grid) sample(natural []int) []column {
	columns := make([]column, len(natural))
	step := len(g.cells)/sampled + 1
	for i := range columns {
		c := &columns[i]
		c.wants, c.least = natural[i], min(natural[i], narrowest)
		if len(g.head) > 0 {
			c.least = longest(words(g.head[i]))
		}
		for row := 0; row < len(g.cells); row += step {
			c.cells = append(c.cells, words(g.cells[row][i]))
		}
	}
	return columns
}

// cheapest returns widths that cost the least and take avail together at most, or
// nil where not even the least of each do. Equal costs take the narrower columns.
func cheapest(columns []column, avail int) []int {
	best := make([]int, max(avail, 0)+1) // of the columns so far, by what they take
	chosen := make([][]int, len(columns))
	for i, c := range columns {
		costs := c.costs(avail)
		next := make([]int, len(best))
		chosen[i] = make([]int, len(best))
		for a := range best {
			next[a] = math.MaxInt
			for w := c.least; w < len(costs) && w <= a; w++ {
				if before := best[a-w]; before < math.MaxInt && before+costs[w] < next[a] {
					next[a], chosen[i][a] = before+costs[w], w
				}
			}
		}
		best = next
	}
	left := len(best) - 1
	if best[left] == math.MaxInt {
		return nil
	}
	widths := make([]int, len(columns))
	for i := len(columns) - 1; i >= 0; i-- {
		widths[i] = chosen[i][left]
		left -= widths[i]
	}
	return widths
}

// costs returns what each width costs, up to what the column wants.
func (c *column) costs(avail int) []int {
	costs := make([]int, max(min(c.wants, avail), 0)+1)
	for w := max(c.least, 1); w < len(costs); w++ {
		for _, words := range c.cells {
			costs[w] += breaks(words, w)
		}
	}
	return costs
}

// breaks returns what it costs to wrap the words into lines of so many columns.
func breaks(words []word, limit int) (cost int) {
	used := 0
	for i, w := range words {
		if i > 0 && used+w.width > limit {
			used = 0
			cost += afterBlank
			if strings.HasSuffix(strings.TrimRight(words[i-1].text, " "), ",") {
				cost += afterComma - afterBlank
			}
		}
		if w.width > limit {
			pieces := (w.width - 1) / limit
			cost += inWord * pieces
			used = w.width - pieces*limit
		} else {
			used += w.width
		}
		used += w.blanks
	}
	return cost
}

// longest returns the width below which a word has to be broken.
func longest(words []word) (longest int) {
	for _, w := range words {
		longest = max(longest, w.width)
	}
	return longest
}

func sum(ns []int) (total int) {
	for _, n := range ns {
		total += n
	}
	return total
}
