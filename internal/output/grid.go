package output

import (
	"io"
	"strings"

	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/renderer"
	"github.com/olekukonko/tablewriter/tw"
)

// grid is a table ready to be drawn.
type grid struct {
	head   []string
	cells  [][]string
	styles [][]Style
	above  map[int]string // group headings by the row that they stand above
}

func (g *grid) add(cells []string, styles []Style) {
	g.cells = append(g.cells, cells)
	g.styles = append(g.styles, styles)
}

// draw prints the grid: as a table where a terminal is wide enough for one that
// can be read, or else each row as a block.
func (p *Printer) draw(g *grid) {
	widths, total := g.widths(width), p.ios.Width()
	if total > 0 && sum(widths)+gap*(len(widths)-1) > total {
		fitting, readable := fit(g, widths, total)
		if !readable {
			p.drawBlocks(g, total)
			return
		}
		widths = fitting
		g.wrap(widths)
	}
	p.drawTable(p.layout(g, widths, total))
}

func (p *Printer) layout(g *grid, widths []int, total int) *layout {
	return &layout{grid: g, widths: widths, total: total, color: p.ios.ColorOut(), row: -1, w: &p.out}
}

func (p *Printer) drawTable(l *layout) {
	bare := renderer.NewBlueprint(tw.Rendition{
		Borders:  tw.BorderNone,
		Settings: tw.Settings{Separators: tw.SeparatorsNone, Lines: tw.LinesNone},
	})
	l.Renderer = bare
	t := tablewriter.NewTable(&p.out,
		tablewriter.WithRenderer(l),
		tablewriter.WithPadding(tw.PaddingNone),
		tablewriter.WithHeaderAutoFormat(tw.Off),
		tablewriter.WithHeaderAutoWrap(tw.WrapNone),
		tablewriter.WithRowAutoWrap(tw.WrapNone),
		tablewriter.WithTrimSpace(tw.Off),
	)
	if len(l.grid.head) > 0 {
		t.Header(l.grid.head)
	}
	for _, cells := range l.grid.cells {
		p.out.fail(t.Append(cells))
	}
	p.out.fail(t.Render())
}

// widths returns the largest measure of each column, its heading included.
func (g *grid) widths(measure func(string) int) []int {
	widths := make([]int, len(g.cells[0]))
	for i, h := range g.head {
		widths[i] = measure(h)
	}
	for _, cells := range g.cells {
		for i, c := range cells {
			widths[i] = max(widths[i], measure(c))
		}
	}
	return widths
}

func (g *grid) wrap(widths []int) {
	for i, h := range g.head {
		g.head[i] = strings.Join(Wrap(h, widths[i]), "\n")
	}
	for _, cells := range g.cells {
		for i, c := range cells {
			cells[i] = strings.Join(Wrap(c, widths[i]), "\n")
		}
	}
}

// layout draws lines for tablewriter: blanks between columns and none at the end
// of a line, group headings, and colours that take no room.
type layout struct {
	tw.Renderer
	grid   *grid
	widths []int
	total  int // columns of the terminal, or 0
	color  bool
	row    int
	w      io.Writer
	line   []byte
}

// Start implements [tw.Renderer].
func (l *layout) Start(w io.Writer) error {
	l.w = w
	return nil
}

// Header implements [tw.Renderer].
func (l *layout) Header(headers [][]string, _ tw.Formatting) {
	for _, cells := range headers {
		l.print(cells, func(int) Style { return strong })
	}
}

// Row implements [tw.Renderer]. It gets a row of wrapped cells line by line.
func (l *layout) Row(cells []string, ctx tw.Formatting) {
	if !ctx.IsSubRow {
		l.row++
		l.group()
	}
	styles := l.grid.styles[l.row]
	l.print(cells, func(i int) Style { return styles[i] })
}

func (l *layout) group() {
	heading, ok := l.grid.above[l.row]
	if !ok {
		return
	}
	if l.row > 0 {
		l.flush()
	}
	for _, line := range l.lines(heading, l.total) {
		l.print([]string{line}, func(int) Style { return strong })
	}
}

// lines wraps a text where there is a terminal to be narrow.
func (l *layout) lines(text string, limit int) []string {
	if l.total == 0 {
		return []string{text}
	}
	return Wrap(text, limit)
}

func (l *layout) print(cells []string, style func(int) Style) {
	pad := 0
	for i, c := range cells {
		c = strings.TrimRight(c, " ")
		if c != "" {
			l.line = append(l.line, strings.Repeat(" ", max(pad, 0))...)
			l.cell(c, style(i))
			pad = -width(c)
		}
		pad += l.widths[i] + gap
	}
	l.flush()
}

func (l *layout) cell(text string, s Style) {
	if sgr := s.sgr(); l.color && sgr != "" {
		l.line = append(append(append(l.line, sgr...), text...), "\x1b[0m"...)
		return
	}
	l.line = append(l.line, text...)
}

// flush writes the line; the sink keeps an error.
func (l *layout) flush() {
	_, _ = l.w.Write(append(l.line, '\n'))
	l.line = l.line[:0]
}
