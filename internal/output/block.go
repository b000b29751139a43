package output

import "strings"

// block is one row as headings and values below each other.
type block[T any] struct {
	p    *Printer
	cols []Column[T]
	grid grid
}

func newBlock[T any](p *Printer, cols []Column[T]) *block[T] { return &block[T]{p: p, cols: cols} }

func (e *block[T]) row(v T) {
	cells, styles := make([]string, len(e.cols)), make([]Style, len(e.cols))
	for i := range e.cols {
		c := &e.cols[i]
		cells[i], styles[i] = Text(c.text(v)), c.style(v)
		if !e.p.opts.NoHeaders {
			e.grid.head = append(e.grid.head, c.Heading)
		}
	}
	e.grid.add(cells, styles)
}

func (e *block[T]) end(bool) {
	if len(e.grid.cells) > 0 {
		e.p.drawBlocks(&e.grid, e.p.ios.Width())
	}
}

// drawBlocks prints each row of the grid as a block: without tablewriter, whose
// setting up would be a tenth of the time that a lookup takes.
func (p *Printer) drawBlocks(g *grid, total int) {
	l := p.layout(g, p.blockWidths(g, total), total)
	for i, cells := range g.cells {
		l.row = i
		if _, first := g.above[i]; i > 0 && !first {
			l.flush()
		}
		l.group()
		for j, text := range cells {
			if p.shows(text) {
				heading := at(g.head, j)
				l.entry(heading, text, func(column int) Style {
					if column == 0 && heading != "" {
						return strong
					}
					return g.styles[i][j]
				})
			}
		}
	}
}

// shows leaves empty values out unless their columns were asked for.
func (p *Printer) shows(text string) bool { return text != "" || len(p.opts.Columns) > 0 }

// blockWidths are those of headings and of values. Without headings, values begin
// the line.
func (p *Printer) blockWidths(g *grid, total int) []int {
	heading, least, value := -gap, 0, 0
	for i := range g.cells[0] {
		for _, cells := range g.cells {
			if !p.shows(cells[i]) {
				continue
			}
			value = max(value, width(cells[i]))
			if len(g.head) > 0 {
				heading, least = max(heading, width(g.head[i])), max(least, longest(words(g.head[i])))
			}
		}
	}
	return beside(heading, least, value, total)
}

// beside returns the widths of headings and of values: where a terminal is too narrow
// for both, headings take a third of it, or what their longest word does; where that
// is too much they get none, and stand above.
func beside(heading, least, value, total int) []int {
	if total > 0 && heading+gap+value > total {
		heading = min(heading, max(least, total/3))
		if total-heading-gap < narrowest {
			heading = min(heading, 0)
		}
	}
	return []int{heading, max(total-heading-gap, 1)}
}

// entry prints a value behind its heading, or two columns to the right below it.
func (l *layout) entry(heading, value string, style func(column int) Style) {
	var left []string
	indent := ""
	if heading != "" && l.widths[0] == 0 {
		indent = heading[:len(heading)-len(strings.TrimLeft(heading, " "))]
		for _, line := range l.lines(heading, l.total) {
			l.print([]string{line}, style)
		}
		if value == "" {
			return
		}
	} else if heading != "" {
		left = l.lines(heading, l.widths[0])
	}
	right := []string{value}
	if style(1) != Command {
		right = l.lines(value, max(l.widths[1]-len(indent), 1))
	}
	for i := range max(len(left), len(right)) {
		l.print([]string{at(left, i), indent + at(right, i)}, style)
	}
}

// at returns a line of a cell, which may have fewer than another.
func at(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return ""
}
