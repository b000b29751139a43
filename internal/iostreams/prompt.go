package iostreams

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"golang.org/x/term"

	"github.com/staffctl/staffctl/internal/staff"
)

// answerLimit is how many bytes of an answer count; nobody types more.
const answerLimit = 4096

// CanPrompt tells whether somebody can be asked: standard input and error are
// terminals. Standard output may be a pipe.
func (s *IOStreams) CanPrompt() bool { return s.InIsTerminal() && s.ErrIsTerminal() }

// Confirm asks a question on Err and reads a line from In. Only y and yes, in
// any case, confirm; an empty line and the end of input decline. It does not
// look at [IOStreams.CanPrompt]: that is the caller's to do.
func (s *IOStreams) Confirm(question string) (bool, error) {
	if _, err := fmt.Fprintf(s.Err, "%s [y/N] ", question); err != nil {
		return false, fmt.Errorf("ask: %w", err)
	}
	line, err := s.readLine()
	if errors.Is(err, io.EOF) {
		fmt.Fprintln(s.Err) // the cursor still stands behind the question
	} else if err != nil {
		return false, fmt.Errorf("read the answer: %w", err)
	}
	answer := strings.ToLower(strings.TrimSpace(line))
	return answer == "y" || answer == "yes", nil
}

// readLine reads byte by byte, so that what follows the line stays in In.
func (s *IOStreams) readLine() (string, error) {
	var line []byte
	for b := (oneByte{s.In}); len(line) < answerLimit; {
		var c [1]byte
		if _, err := io.ReadFull(b, c[:]); err != nil {
			return string(line), err
		}
		if c[0] == '\n' {
			break
		}
		line = append(line, c[0])
	}
	return string(line), nil
}

// ReadSecret shows prompt on Err and reads a line from In without echo.
// Ctrl-C, Ctrl-D on an empty line, the end of input, SIGINT and SIGTERM give a
// [staff.Error] with CodeInterrupted, and the terminal back as it was. Without
// a terminal it gives one with CodeUsage.
//
// After a signal a read of In is still under way; the command is to end then.
func (s *IOStreams) ReadSecret(prompt string) (string, error) {
	if !s.CanPrompt() {
		return "", staff.Errorf(staff.CodeUsage, "", "cannot ask for a secret without a terminal")
	}
	restore, err := s.raw()
	if err != nil {
		return "", fmt.Errorf("hide what is typed: %w", err)
	}
	secret, err := s.readHidden(prompt)
	if restoreErr := restore(); err == nil && restoreErr != nil {
		err = fmt.Errorf("restore the terminal: %w", restoreErr)
	}
	if errors.Is(err, io.EOF) {
		fmt.Fprintln(s.Err)
		err = staff.Errorf(staff.CodeInterrupted, "", "interrupted")
	}
	return secret, err
}

// raw switches In to raw mode, where Ctrl-C is a byte like any other: no signal
// can come between switching off the echo and being ready to restore it.
func (s *IOStreams) raw() (restore func() error, err error) {
	fd := descriptor(s.In)
	if fd < 0 {
		return func() error { return nil }, nil
	}
	state, err := term.MakeRaw(fd)
	if err != nil {
		return nil, err
	}
	return func() error { return term.Restore(fd, state) }, nil
}

// readHidden gives io.EOF when the user or a signal wants to stop.
func (s *IOStreams) readHidden(prompt string) (string, error) {
	type result struct {
		line string
		err  error
	}
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(stop)
	done := make(chan result, 1)
	go func() {
		line, err := term.NewTerminal(terminal{oneByte{s.In}, s.Err}, "").ReadPassword(prompt)
		done <- result{line, err}
	}()
	select {
	case r := <-done:
		return r.line, r.err
	case <-stop:
		return "", io.EOF
	}
}

// terminal joins the two halves that [term.Terminal] wants as one.
type terminal struct {
	io.Reader
	io.Writer
}

// oneByte reads a byte at a time, so that a second secret pasted with the first
// is not swallowed.
type oneByte struct{ r io.Reader }

// Read reads at most one byte.
func (o oneByte) Read(p []byte) (int, error) {
	if len(p) > 1 {
		p = p[:1]
	}
	return o.r.Read(p)
}
