package iostreams

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"strings"
	"syscall"

	"golang.org/x/term"
)

// Pages tells whether a result that is longer than the screen goes through a
// pager: standard input and output are terminals that a pager can draw on, and
// the variable PAGER is neither empty nor cat. Where it is not set, the pager is
// less.
func (s *IOStreams) Pages() bool {
	name, set := os.LookupEnv("PAGER")
	wanted := !set || name != "" && name != "cat"
	return wanted && s.pretend == nil && s.termName != "" && s.termName != "dumb" && s.InIsTerminal() && s.OutIsTerminal()
}

// Page writes text to Out, through the pager if [IOStreams.Pages] and the text is
// longer than the screen. It returns when the reader has left the pager, which is
// no error, wherever that was. Without a pager that can be run the text is written
// as it is.
func (s *IOStreams) Page(text []byte) error {
	if s.Pages() && s.overflows(text) && s.throughPager(text) {
		return nil
	}
	_, err := s.Out.Write(text)
	return err
}

// overflows tells whether the text, whose lines fit, takes more lines than the
// screen has above its last one.
func (s *IOStreams) overflows(text []byte) bool {
	_, rows, err := term.GetSize(descriptor(s.Out))
	return err == nil && rows > 0 && bytes.Count(text, []byte("\n")) >= rows
}

// throughPager tells whether there was a pager.
func (s *IOStreams) throughPager(text []byte) bool {
	cmd := pagerCommand()
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(text), s.Out, s.Err
	if _, set := os.LookupEnv("LESS"); !set {
		cmd.Env = append(cmd.Environ(), "LESS=FRX")
	}
	// Ctrl-C is the pager's, and must not leave it alone with the terminal.
	interrupts := make(chan os.Signal, 1)
	signal.Notify(interrupts, os.Interrupt)
	defer signal.Stop(interrupts)
	// The programs of a pipe in PAGER want to end by SIGPIPE, which they would ignore
	// as this process may. From now on it has a handler.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	err := cmd.Run()
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		return err == nil
	}
	// What the shell says when it cannot run a program, and has said why.
	return exit.ExitCode() != 126 && exit.ExitCode() != 127
}

// pagerCommand leaves PAGER to the shell, as POSIX wants it, where there is one.
func pagerCommand() *exec.Cmd {
	name, set := os.LookupEnv("PAGER")
	switch {
	case !set:
		return exec.Command("less")
	case runtime.GOOS != "windows":
		return exec.Command("sh", "-c", name)
	}
	words := append(strings.Fields(name), "")
	return exec.Command(words[0], words[1:len(words)-1]...)
}
