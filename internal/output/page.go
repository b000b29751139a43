package output

import "cmp"

// Section is a part of a page: a heading with what there is to say of it, and lines
// that each have a label.
type Section struct {
	Heading, Text string
	Style         Style // of Text
	Lines         []Line
}

// Line is a label with a text.
type Line struct {
	Label, Text string
	Style       Style // of Text
}

// Add adds a line, unless the text is empty.
func (s *Section) Add(label, text string) { s.AddStyled(label, text, Plain) }

// AddStyled is Add with a style.
func (s *Section) AddStyled(label, text string, style Style) {
	if text != "" {
		s.Lines = append(s.Lines, Line{label, text, style})
	}
}

// Page prints sections for people: the texts below each other, headings and labels
// at their left.
func Page(p *Printer, sections []Section) error {
	if p.ios.Pages() {
		p.out.w = &p.page
	}
	var g grid
	for _, s := range sections {
		g.add([]string{Text(s.Heading), Text(s.Text)}, []Style{strong, s.Style})
		for _, l := range s.Lines {
			g.add([]string{"  " + Text(l.Label), Text(l.Text)}, []Style{Faint, l.Style})
		}
	}
	if len(g.cells) > 0 {
		p.drawPage(&g)
	}
	return cmp.Or(p.out.flush(), p.turn())
}

func (p *Printer) drawPage(g *grid) {
	natural, least, total := g.widths(width), 0, p.ios.Width()
	for _, cells := range g.cells {
		least = max(least, longest(words(cells[0])))
	}
	l := p.layout(g, beside(natural[0], least, natural[1], total), total)
	for i, cells := range g.cells {
		l.entry(cells[0], cells[1], func(column int) Style { return g.styles[i][column] })
	}
}
