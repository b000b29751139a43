package output

import (
	"fmt"
	"strings"
)

// tableRows collects rows for a table.
type tableRows[T any] struct {
	p      *Printer
	view   View[T]
	cols   []Column[T]
	grid   grid
	groups []group
}

// group is a run of rows under a heading.
type group struct {
	heading     string
	first, rows int
}

func newTable[T any](p *Printer, v View[T], cols []Column[T]) *tableRows[T] {
	return &tableRows[T]{p: p, view: v, cols: cols}
}

func (e *tableRows[T]) row(v T) {
	cells := make([]string, len(e.cols))
	styles := make([]Style, len(e.cols))
	for i := range e.cols {
		cells[i], styles[i] = Text(e.cols[i].text(v)), e.cols[i].style(v)
	}
	if e.view.Group != nil && !e.p.opts.NoHeaders {
		e.count(Text(e.view.Group(v)))
	}
	e.grid.add(cells, styles)
}

func (e *tableRows[T]) count(heading string) {
	if n := len(e.groups); n == 0 || e.groups[n-1].heading != heading {
		e.groups = append(e.groups, group{heading: heading, first: len(e.grid.cells)})
	}
	e.groups[len(e.groups)-1].rows++
}

func (e *tableRows[T]) end(complete bool) {
	if len(e.grid.cells) == 0 {
		if complete && !e.p.opts.Quiet && e.view.Empty != "" {
			fmt.Fprintln(e.p.ios.Err, e.view.Empty)
		}
		return
	}
	if !e.p.opts.NoHeaders {
		for _, c := range e.cols {
			e.grid.head = append(e.grid.head, strings.ToUpper(c.Heading))
		}
	}
	e.grid.above = make(map[int]string, len(e.groups))
	for _, g := range e.groups {
		e.grid.above[g.first] = g.text(complete)
	}
	e.p.draw(&e.grid)
}

// text leaves the count out where rows may be missing.
func (g group) text(complete bool) string {
	if !complete {
		return g.heading
	}
	return fmt.Sprintf("%s (%d)", g.heading, g.rows)
}
