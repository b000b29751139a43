package output

// Section is a part of a page: a heading with what there is to say of it, and lines
// that each have a label.
type Section struct {
	Heading, Text string
	Style         Style // of Text
	Lines         []Line
}

// Line is a label with a text.
type Line struct{ Label, Text string }

// Add adds a line, unless the text is empty.
func (s *Section) Add(label, text string) {
	if text != "" {
		s.Lines = append(s.Lines, Line{label, text})
	}
}

// Page prints sections for people: the texts below each other, headings and labels
// at their left.
func Page(p *Printer, sections []Section) error {
	var g grid
	for _, s := range sections {
		g.add([]string{Text(s.Heading), Text(s.Text)}, []Style{strong, s.Style})
		for _, l := range s.Lines {
			g.add([]string{"  " + Text(l.Label), Text(l.Text)}, []Style{Faint, Plain})
		}
	}
	if len(g.cells) > 0 {
		p.drawBlock(&g)
	}
	return p.out.flush()
}
