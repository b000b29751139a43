package iostreams

import "io"

// SetColor chooses colour: mode is auto, always or never (--color), and
// noColor tells that NO_COLOR is set and not empty. It counts in auto only,
// since a flag is the nearer word. Unknown modes mean auto.
func (s *IOStreams) SetColor(mode string, noColor bool) { s.color, s.noColor = mode, noColor }

// ColorOut tells whether results may carry colour. In auto that needs a
// terminal, no NO_COLOR, and a TERM other than dumb.
func (s *IOStreams) ColorOut() bool { return s.colorOn(s.Out, s.OutIsTerminal) }

// ColorErr tells the same of messages.
func (s *IOStreams) ColorErr() bool { return s.colorOn(s.Err, s.ErrIsTerminal) }

func (s *IOStreams) colorOn(stream io.Writer, isTerminal func() bool) bool {
	switch {
	case s.color == "never":
		return false
	case s.color == "always":
		enableColor(stream)
		return true
	case s.noColor || s.termName == "dumb" || !isTerminal():
		return false
	default:
		return s.pretend != nil || enableColor(stream)
	}
}
