package iostreams

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/staffctl/staffctl/internal/staff"
)

func TestDoubleIsNoTerminal(t *testing.T) {
	ios, _, _, _ := Test()
	if ios.InIsTerminal() || ios.OutIsTerminal() || ios.ErrIsTerminal() || ios.CanPrompt() {
		t.Error("a fresh double must not be a terminal")
	}
	ios.SetWidth(80)
	if ios.Width() != 0 {
		t.Error("what is no terminal has no width")
	}
	ios.SetTerminals(true, true, true)
	if !ios.CanPrompt() || ios.Width() != 80 {
		t.Error("the double should be a terminal of 80 columns")
	}
}

func TestFilesAreNoTerminals(t *testing.T) {
	f, err := os.Create(t.TempDir() + "/out")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	s := System()
	s.In, s.Out, s.Err = f, f, f
	if s.InIsTerminal() || s.OutIsTerminal() || s.ErrIsTerminal() || s.Width() != 0 || s.ColorOut() || s.ColorErr() {
		t.Error("a file is no terminal")
	}
}

func TestColor(t *testing.T) {
	for _, c := range []struct {
		mode, term              string
		noColor, terminal, want bool
	}{
		{mode: "auto", terminal: true, want: true},
		{mode: "", terminal: true, want: true},
		{mode: "auto"},
		{mode: "auto", terminal: true, noColor: true},
		{mode: "auto", terminal: true, term: "dumb"},
		{mode: "always", noColor: true, term: "dumb", want: true},
		{mode: "never", terminal: true},
	} {
		ios, _, _, _ := Test()
		ios.SetTerminals(false, c.terminal, c.terminal)
		ios.SetTerm(c.term)
		ios.SetColor(c.mode, c.noColor)
		if ios.ColorOut() != c.want || ios.ColorErr() != c.want {
			t.Errorf("%+v: out %v, err %v", c, ios.ColorOut(), ios.ColorErr())
		}
	}
}

func TestConfirm(t *testing.T) {
	for input, want := range map[string]bool{
		"y\n": true, "YES\r\n": true, " y \nrest": true, "y": true,
		"\n": false, "": false, "n\n": false, "yess\n": false, "j\n": false,
	} {
		ios, in, out, errs := Test()
		in.WriteString(input)
		got, err := ios.Confirm("Remove anna?")
		if got != want || err != nil {
			t.Errorf("%q: %v, %v", input, got, err)
		}
		if !strings.HasPrefix(errs.String(), "Remove anna? [y/N] ") || out.Len() != 0 {
			t.Errorf("%q: asked %q, out %q", input, errs, out)
		}
	}
}

func TestConfirmLeavesTheRest(t *testing.T) {
	ios, in, _, _ := Test()
	in.WriteString("y\nnext")
	if ok, err := ios.Confirm("?"); !ok || err != nil || in.String() != "next" {
		t.Errorf("%v, %v, left %q", ok, err, in)
	}
}

func TestReadSecret(t *testing.T) {
	ios, in, out, errs := Test()
	ios.SetTerminals(true, false, true)
	in.WriteString("erstes Geheimnis ü\rzweites\n")
	for _, want := range []string{"erstes Geheimnis ü", "zweites"} {
		if got, err := ios.ReadSecret("Password: "); got != want || err != nil {
			t.Errorf("got %q, %v; want %q", got, err, want)
		}
	}
	if s := errs.String(); strings.Contains(s, "Geheimnis") || !strings.Contains(s, "Password: ") || out.Len() != 0 {
		t.Errorf("err %q, out %q", s, out)
	}
}

func TestReadSecretInterrupted(t *testing.T) {
	for _, input := range []string{"", "abc\x03", "\x04", "abc"} {
		ios, in, _, _ := Test()
		ios.SetTerminals(true, true, true)
		in.WriteString(input)
		got, err := ios.ReadSecret("Password: ")
		if got != "" || staff.CodeOf(err) != staff.CodeInterrupted {
			t.Errorf("%q: %q, %v", input, got, err)
		}
	}
}

func TestReadSecretNeedsATerminal(t *testing.T) {
	ios, in, _, errs := Test()
	in.WriteString("secret\n")
	if _, err := ios.ReadSecret("Password: "); staff.CodeOf(err) != staff.CodeUsage || errs.Len() != 0 {
		t.Errorf("err %v, wrote %q", err, errs)
	}
}

func TestIsClosedPipe(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	r.Close()
	_, err = w.WriteString("x")
	if !IsClosedPipe(err) || !IsClosedPipe(fmt.Errorf("write: %w", err)) || !IsClosedPipe(io.ErrClosedPipe) {
		t.Errorf("%v is a closed pipe", err)
	}
	if IsClosedPipe(nil) || IsClosedPipe(io.EOF) || IsClosedPipe(errors.New("x")) || IsClosedPipe(syscall.ENOSPC) {
		t.Error("nothing else is a closed pipe")
	}
}
