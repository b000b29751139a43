// Package iostreams is what a command reads from and writes to: the three
// standard streams, what is known of the terminals behind them, and prompts.
//
// Standard output carries results and nothing else; prompts, notes and errors
// go to Err. Nothing here buffers: writers that do flush by themselves.
package iostreams

import (
	"bytes"
	"io"
	"os"

	"golang.org/x/term"
)

// IOStreams are the streams of one command. Make it with [System] or [Test].
type IOStreams struct {
	In  io.Reader
	Out io.Writer
	Err io.Writer

	color    string
	noColor  bool
	termName string
	pretend  *pretence
}

// pretence stands in for the terminals that a test does not have.
type pretence struct {
	in, out, err bool
	width        int
}

// System returns the streams of the process. Whether they are terminals is
// asked only when somebody wants to know.
func System() *IOStreams {
	return &IOStreams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr, termName: os.Getenv("TERM")}
}

// Test returns streams in memory, none of them a terminal, and the buffers
// behind them.
func Test() (ios *IOStreams, in, out, err *bytes.Buffer) {
	in, out, err = &bytes.Buffer{}, &bytes.Buffer{}, &bytes.Buffer{}
	return &IOStreams{In: in, Out: out, Err: err, pretend: &pretence{}}, in, out, err
}

// SetTerminals says which streams of a test double count as terminals.
func (s *IOStreams) SetTerminals(in, out, err bool) {
	p := s.double()
	p.in, p.out, p.err = in, out, err
}

// SetWidth sets the columns of a test double's output, which count once it is
// a terminal.
func (s *IOStreams) SetWidth(columns int) { s.double().width = columns }

// SetTerm sets what the variable TERM is taken to be.
func (s *IOStreams) SetTerm(name string) { s.termName = name }

func (s *IOStreams) double() *pretence {
	if s.pretend == nil {
		s.pretend = &pretence{}
	}
	return s.pretend
}

// InIsTerminal tells whether In is a terminal.
func (s *IOStreams) InIsTerminal() bool {
	if s.pretend != nil {
		return s.pretend.in
	}
	return isTerminal(s.In)
}

// OutIsTerminal tells whether Out is a terminal.
func (s *IOStreams) OutIsTerminal() bool {
	if s.pretend != nil {
		return s.pretend.out
	}
	return isTerminal(s.Out)
}

// ErrIsTerminal tells whether Err is a terminal.
func (s *IOStreams) ErrIsTerminal() bool {
	if s.pretend != nil {
		return s.pretend.err
	}
	return isTerminal(s.Err)
}

// Width returns the columns of Out, or 0 when it is not a terminal or does not
// tell.
func (s *IOStreams) Width() int {
	if !s.OutIsTerminal() {
		return 0
	}
	if s.pretend != nil {
		return s.pretend.width
	}
	return columnsOf(s.Out)
}

// errWidth is the columns of Err, which is a terminal.
func (s *IOStreams) errWidth() int {
	columns := columnsOf(s.Err)
	if s.pretend != nil {
		columns = s.pretend.width
	}
	if columns <= 0 {
		return someTerm
	}
	return columns
}

func columnsOf(stream any) int {
	columns, _, err := term.GetSize(descriptor(stream))
	if err != nil {
		return 0
	}
	return columns
}

func isTerminal(stream any) bool {
	fd := descriptor(stream)
	return fd >= 0 && term.IsTerminal(fd)
}

func descriptor(stream any) int {
	if f, ok := stream.(*os.File); ok {
		return int(f.Fd())
	}
	return -1
}
