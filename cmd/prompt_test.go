//go:build unix

package cmd

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/term"
)

// The prompts need a terminal: these tests type at a pseudo-terminal that the
// real program runs on, in a session of its own.

// console is a terminal with a staffctl on it.
type console struct {
	t      *testing.T
	ctx    context.Context // ends when the program has taken too long
	chunks <-chan []byte   // what the terminal shows
	master *os.File
	tty    *os.File
	before *term.State
	cmd    *exec.Cmd
	// shown is all that the terminal has shown, read is how much of it the test
	// has looked at.
	shown bytes.Buffer
	read  int
}

// longest is far more than any of these commands takes.
const longest = 30 * time.Second

// promptHome makes a store with Anna, who can sign in with access all, and Max
// without a password. It returns the environment for it.
func promptHome(t *testing.T) []string {
	t.Helper()
	dir := t.TempDir()
	env := append(os.Environ(), "HOME="+dir, "XDG_CONFIG_HOME="+filepath.Join(dir, "config"), "XDG_DATA_HOME="+filepath.Join(dir, "data"),
		"STAFFCTL_STORE="+filepath.Join(dir, "store.db"), "GORACE=atexit_sleep_ms=0", "TERM=xterm", "NO_COLOR=1")
	for _, line := range []string{
		"init acme",
		"member add anna.muster@example.ch --first-name Anna --last-name Muster --access all",
		"member add max.muster@example.ch --first-name Max --last-name Muster --access orders",
	} {
		staffctl(t, env, "", strings.Fields(line)...)
	}
	staffctl(t, env, foreignHash, "member", "set-password", "anna.muster@example.ch", "--hash-stdin")
	return env
}

// staffctl runs the program without a terminal and returns what it printed.
func staffctl(t *testing.T, env []string, stdin string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "staffctl", args...)
	cmd.Env, cmd.Stdin = env, strings.NewReader(stdin)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("staffctl %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

func typeAt(t *testing.T, env []string, args ...string) *console {
	t.Helper()
	return typeTo(t, env, "staffctl", args...)
}

// typeTo runs another program at a terminal.
func typeTo(t *testing.T, env []string, program string, args ...string) *console {
	t.Helper()
	master, tty, err := pty.Open()
	if errors.Is(err, pty.ErrUnsupported) || os.IsNotExist(err) {
		t.Skip("this system has no pseudo-terminals")
	}
	if err != nil {
		t.Fatal(err)
	}
	before, err := term.GetState(int(tty.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	// Only so that a program that waits for ever fails the test.
	ctx, cancel := context.WithTimeout(t.Context(), longest)
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Env, cmd.Stdin, cmd.Stdout, cmd.Stderr = env, tty, tty, tty
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		_ = cmd.Wait()
		_, _ = tty.Close(), master.Close()
	})
	chunks := make(chan []byte)
	go func() {
		for {
			b := make([]byte, 256)
			n, err := master.Read(b)
			select {
			case chunks <- b[:n]:
			case <-ctx.Done():
				return
			}
			if err != nil {
				return
			}
		}
	}()
	return &console{t: t, ctx: ctx, chunks: chunks, master: master, tty: tty, before: before, cmd: cmd}
}

// expect reads until the terminal shows the text.
func (c *console) expect(text string) {
	c.t.Helper()
	for {
		if at := strings.Index(c.shown.String()[c.read:], text); at >= 0 {
			c.read += at + len(text)
			return
		}
		select {
		case b := <-c.chunks:
			c.shown.Write(b)
		case <-c.ctx.Done():
			c.t.Fatalf("the terminal never showed %q but %q", text, c.shown.String())
		}
	}
}

func (c *console) enter(keys string) {
	c.t.Helper()
	if _, err := io.WriteString(c.master, keys); err != nil {
		c.t.Fatal(err)
	}
}

// ends waits for the program and compares its exit code. The terminal must be
// as it was.
func (c *console) ends(want int) {
	c.t.Helper()
	_ = c.cmd.Wait()
	if got := c.cmd.ProcessState.ExitCode(); got != want {
		c.t.Errorf("ended with %d instead of %d", got, want)
	}
	after, err := term.GetState(int(c.tty.Fd()))
	if err != nil {
		c.t.Fatal(err)
	}
	if *after != *c.before {
		c.t.Error("the terminal is not as it was before")
	}
}

// hides fails when the terminal has shown the secret.
func (c *console) hides(secret string) {
	c.t.Helper()
	if strings.Contains(c.shown.String(), secret) {
		c.t.Errorf("the terminal showed the secret: %q", c.shown.String())
	}
}

const typedPassword = "neun Apfelbäume am Bach"

func TestPromptSetsPassword(t *testing.T) {
	t.Parallel()
	env := promptHome(t)
	c := typeAt(t, env, "member", "set-password", "max.muster@example.ch")
	c.expect("New password: ")
	c.enter(typedPassword + "\r")
	c.expect("Repeat it: ")
	c.enter(typedPassword + "\r")
	c.expect("set the password of Max Muster")
	c.ends(0)
	c.hides("Apfel")
	if status := staffctl(t, env, "", "member", "show", "max.muster@example.ch", "-o", "csv", "--columns", "status", "--no-headers"); status != "active\n" {
		t.Errorf("the status is %q", status)
	}
	// What was typed is what was set: the same password again is another hash of it.
	if out := staffctl(t, env, typedPassword+"\n", "member", "set-password", "max.muster@example.ch", "--password-stdin", "--dry-run"); !strings.Contains(out, "would set") {
		t.Errorf("the same password from standard input: %s", out)
	}
}

func TestPromptRefusesDifferentPasswords(t *testing.T) {
	t.Parallel()
	env := promptHome(t)
	c := typeAt(t, env, "member", "set-password", "max.muster@example.ch")
	c.expect("New password: ")
	c.enter(typedPassword + "\r")
	c.expect("Repeat it: ")
	c.enter(typedPassword + "!\r")
	c.expect("error: the two passwords differ; nothing was changed")
	c.ends(3)
	c.hides("Apfel")
	hasNoLogin(t, env)
}

func TestPromptInterrupted(t *testing.T) {
	t.Parallel()
	env := promptHome(t)
	t.Run("Ctrl-C at the first prompt", func(t *testing.T) {
		c := typeAt(t, env, "member", "set-password", "max.muster@example.ch")
		c.expect("New password: ")
		c.enter("neun\x03")
		c.expect("error: interrupted")
		c.ends(130)
		c.hides("neun")
	})
	t.Run("Ctrl-C at the second prompt", func(t *testing.T) {
		c := typeAt(t, env, "member", "set-password", "max.muster@example.ch")
		c.expect("New password: ")
		c.enter(typedPassword + "\r")
		c.expect("Repeat it: ")
		c.enter("\x03")
		c.expect("error: interrupted")
		c.ends(130)
		c.hides("Apfel")
	})
	t.Run("Ctrl-D", func(t *testing.T) {
		c := typeAt(t, env, "member", "set-password", "max.muster@example.ch")
		c.expect("New password: ")
		c.enter("\x04")
		c.expect("error: interrupted")
		c.ends(130)
	})
	t.Run("SIGTERM", func(t *testing.T) {
		c := typeAt(t, env, "member", "set-password", "max.muster@example.ch")
		c.expect("New password: ")
		if err := c.cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		c.expect("error: interrupted")
		c.ends(130)
	})
	hasNoLogin(t, env)
}

func TestPromptConfirms(t *testing.T) {
	t.Parallel()
	env := promptHome(t)
	for _, answer := range []string{"n\r", "\r", "yesterday\r", "\x04"} {
		t.Run("declined by "+strconv.Quote(answer), func(t *testing.T) {
			c := typeAt(t, env, "member", "remove", "max.muster@example.ch")
			c.expect("remove member max.muster@example.ch? [y/N] ")
			c.enter(answer)
			c.expect("declined; nothing was changed")
			c.ends(130)
			hasNoLogin(t, env)
		})
	}
	t.Run("interrupted", func(t *testing.T) {
		c := typeAt(t, env, "member", "remove", "max.muster@example.ch")
		c.expect("[y/N] ")
		c.enter("\x03")
		c.expect("error: interrupted; nothing was changed")
		c.ends(130)
		hasNoLogin(t, env)
	})
	t.Run("confirmed", func(t *testing.T) {
		c := typeAt(t, env, "member", "remove", "max.muster@example.ch")
		c.expect("[y/N] ")
		c.enter("Y\r")
		c.expect("removed Max Muster")
		c.ends(0)
		if names := staffctl(t, env, "", "member", "list", "-o", "name"); names != "anna.muster@example.ch\n" {
			t.Errorf("the members are %q", names)
		}
	})
	t.Run("not asked with --yes or --dry-run", func(t *testing.T) {
		for _, flag := range []string{"--yes", "--dry-run"} {
			c := typeAt(t, env, "audit", "prune", "--before", "2020-01-01", flag)
			c.expect("nothing to prune")
			c.ends(0)
			c.hides("[y/N]")
		}
	})
}

// A result may go into a pipe while the terminal asks.
func TestPromptWithOutputRedirected(t *testing.T) {
	t.Parallel()
	env := promptHome(t)
	master, tty, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _, _ = tty.Close(), master.Close() }()
	cmd := exec.CommandContext(t.Context(), "staffctl", "member", "remove", "max.muster@example.ch", "-o", "jsonl", "--columns", "changed,removed")
	var out bytes.Buffer
	cmd.Env, cmd.Stdin, cmd.Stdout, cmd.Stderr = env, tty, &out, tty
	// The line discipline keeps the answer until it is read.
	if _, err := io.WriteString(master, "y\r"); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
	if want := "{\"changed\":true,\"removed\":true}\n"; out.String() != want {
		t.Errorf("printed %q instead of %q", out.String(), want)
	}
}

// hasNoLogin tells that Max is there still, and without a password.
func hasNoLogin(t *testing.T, env []string) {
	t.Helper()
	if names := staffctl(t, env, "", "member", "list", "--status", "no-login", "-o", "name"); names != "max.muster@example.ch\n" {
		t.Errorf("the members without a login are %q", names)
	}
}
