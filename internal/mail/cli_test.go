package mail_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"

	"github.com/emersion/go-smtp"

	"github.com/staffctl/staffctl/internal/mail"
)

// terminal runs staffctl in a home of its own, with a mail server beside it.
type terminal struct {
	*testing.T
	server *server
	env    []string
}

// newTerminal makes a store with account acme; mailing is configured unless bare.
func newTerminal(t *testing.T, bare bool) *terminal {
	t.Helper()
	home := t.TempDir()
	x := &terminal{T: t, server: newServer(t, mail.TLSNone), env: []string{asCLI + "=1", "HOME=" + home, "USERPROFILE=" + home, "AppData=" + home, "LocalAppData=" + home}}
	if !bare {
		x.set("PUBLIC_URL=https://portal.example.ch", "MAIL_HOST=127.0.0.1", fmt.Sprint("MAIL_PORT=", x.server.port), "MAIL_TLS=none", "MAIL_FROM=Portal <portal@example.ch>")
	}
	x.run(0, "init", "acme")
	return x
}

func (x *terminal) set(variables ...string) {
	for _, v := range variables {
		x.env = append(x.env, "STAFFCTL_"+v)
	}
}

func (x *terminal) command(args ...string) (c *exec.Cmd, stdout, stderr *bytes.Buffer) {
	c = exec.CommandContext(x.Context(), os.Args[0], args...)
	stdout, stderr = &bytes.Buffer{}, &bytes.Buffer{}
	c.Env, c.Stdout, c.Stderr = append(os.Environ(), x.env...), stdout, stderr
	return c, stdout, stderr
}

// run runs a command that has to end with the exit code.
func (x *terminal) run(code int, args ...string) (stdout, stderr string) {
	x.Helper()
	c, out, errs := x.command(args...)
	x.ends(c, c.Run(), code, errs)
	return out.String(), errs.String()
}

func (x *terminal) ends(c *exec.Cmd, err error, code int, stderr *bytes.Buffer) {
	x.Helper()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		x.Fatal(err)
	}
	if got := c.ProcessState.ExitCode(); got != code {
		x.Errorf("%q ended with %d, want %d: %s", c.Args[1:], got, code, stderr)
	}
}

func (x *terminal) has(what, text string, wanted ...string) {
	x.Helper()
	for _, w := range wanted {
		if !strings.Contains(text, w) {
			x.Errorf("%s lacks %q:\n%s", what, w, text)
		}
	}
}

// invite invites somebody, and returns what the JSON has as mail.
func (x *terminal) invite(code int, to string, flags ...string) (mailed *string, stderr string) {
	x.Helper()
	stdout, stderr := x.run(code, append([]string{"invite", "send", to, "--access", "invoices", "-o", "json"}, flags...)...)
	var written struct {
		Changed bool    `json:"changed"`
		Mail    *string `json:"mail"`
		MailTo  string  `json:"mail_to"`
	}
	if err := json.Unmarshal([]byte(stdout), &written); err != nil || !written.Changed || written.MailTo != to {
		x.Errorf("%v: %s", err, stdout)
	}
	return written.Mail, stderr
}

func (x *terminal) is(mailed *string, want string) {
	x.Helper()
	if mailed == nil || *mailed != want {
		x.Errorf("mail is %v, want %s", mailed, want)
	}
}

func TestCommandMails(t *testing.T) {
	x := newTerminal(t, false)
	mailed, stderr := x.invite(0, "anna@example.ch")
	x.is(mailed, "sent")
	x.has("stderr", stderr, "mailed anna@example.ch\n")
	if _, stderr := x.run(0, "subaccount", "list"); strings.Contains(stderr, "mailed") {
		t.Errorf("a list mails: %s", stderr)
	}
	stdout, _ := x.run(0, "outbox", "list", "-o", "csv", "--columns", "to,state,tries", "--no-headers")
	x.has("outbox list", stdout, "anna@example.ch,sent,1\n")
	if n := len(x.server.taken()); n != 1 {
		t.Errorf("%d mails were sent", n)
	}
}

func TestCommandDryRun(t *testing.T) {
	x := newTerminal(t, false)
	if mailed, stderr := x.invite(0, "anna@example.ch", "--dry-run"); mailed != nil || !strings.Contains(stderr, "would mail anna@example.ch\n") {
		t.Errorf("mail %v, %s", mailed, stderr)
	}
	x.server.change(func() { x.server.onMail = func(*smtp.Conn) error { return says(451, "later") } })
	x.invite(0, "anna@example.ch")
	stdout, _ := x.run(0, "outbox", "send", "--dry-run", "-o", "csv", "--columns", "to,state,answer", "--no-headers")
	x.has("the list", stdout, "anna@example.ch,queued,451")
	if n := x.server.connections(); n != 1 {
		t.Errorf("%d connections", n)
	}
}

func TestCommandNotConfigured(t *testing.T) {
	x := newTerminal(t, true)
	stdout, stderr := x.run(0, "outbox", "send")
	x.has("stderr", stdout+stderr, "no mails wait")
	const reason = "mailing is not configured: set mail.host, mail.from, public_url in the configuration"
	mailed, stderr := x.invite(0, "anna@example.ch")
	x.is(mailed, "queued")
	x.has("stderr", stderr, "the mail to anna@example.ch waits in the outbox: "+reason+"; staffctl outbox send or serve sends it\n")
	_, stderr = x.run(8, "outbox", "send", "-o", "json")
	x.has("stderr", stderr, `{"error":{"code":"unavailable","message":"`+reason)
	x.set("MAIL_HOST=127.0.0.1", fmt.Sprint("MAIL_PORT=", x.server.port), "MAIL_TLS=none", "MAIL_FROM=portal@example.ch")
	_, stderr = x.run(8, "outbox", "send")
	x.has("stderr", stderr, "public_url")
	x.set("PUBLIC_URL=https://portal.example.ch")
	stdout, _ = x.run(0, "outbox", "send")
	x.has("the list", stdout, "anna@example.ch", "sent")
}

// The change stands and the mail waits, whatever is wrong with mailing.
func TestCommandCannotMail(t *testing.T) {
	x := newTerminal(t, false)
	plain := x.env
	for i, c := range []struct {
		variables []string
		want      string
	}{
		{[]string{"MAIL_PORT=1"}, "the mail server 127.0.0.1:1 cannot be reached"},
		{[]string{"MAIL_USERNAME=portal", "MAIL_PASSWORD_FILE=" + passwordFile(t, testPassword, 0o644)}, "chmod 600"},
		{[]string{"MAIL_USERNAME=portal", "MAIL_PASSWORD_FILE=nowhere"}, "there is no file nowhere"},
		{[]string{"MAIL_USERNAME=portal"}, "without mail.password_file"},
		{[]string{"MAIL_TEMPLATES=nowhere"}, "templates"},
		{[]string{"MAIL_TLS=starttls"}, "it offers no STARTTLS"},
	} {
		if runtime.GOOS == "windows" && c.want == "chmod 600" {
			continue
		}
		x.env = plain
		x.set(c.variables...)
		mailed, stderr := x.invite(0, fmt.Sprintf("person%d@example.ch", i))
		x.is(mailed, "queued")
		x.has("stderr", stderr, "waits in the outbox: ", c.want, "staffctl outbox send or serve sends it")
	}
	_, stderr := x.run(8, "outbox", "send")
	x.has("stderr", stderr, "no mail was sent: the mail server 127.0.0.1:")
	x.env = plain
	x.run(0, "outbox", "send", "-q")
	if n := len(x.server.taken()); n == 0 || n != strings.Count(fmt.Sprint(x.server.taken()), "person") {
		t.Errorf("%d mails were sent", n)
	}
}

// choosy refuses nobody for good and grey for now.
func choosy(_ *smtp.Conn, to string) error {
	switch {
	case strings.HasPrefix(to, "nobody"):
		return says(550, "no such user")
	case strings.HasPrefix(to, "grey"):
		return says(450, "come back")
	default:
		return nil
	}
}

func TestCommandRefused(t *testing.T) {
	x := newTerminal(t, false)
	x.server.change(func() { x.server.onRcpt = choosy })
	mailed, stderr := x.invite(9, "nobody@example.ch")
	x.is(mailed, "failed")
	const want = "the change stands, but the mail server refuses the mail to nobody@example.ch: 550 no such user"
	if stderr != `{"error":{"code":"partial","message":"`+want+`","field":"mail"}}`+"\n" {
		t.Errorf("stderr: %s", stderr)
	}
	if mailed, _ = x.invite(0, "grey@example.ch"); *mailed != "queued" {
		t.Errorf("mail is %s", *mailed)
	}
	_, stderr = x.run(9, "invite", "send", "nobody2@example.ch", "--access", "all")
	x.has("stderr", stderr, "error: the change stands, but the mail server refuses the mail to nobody2@example.ch: 550 no such user\n")
}

func TestOutboxSend(t *testing.T) {
	x := newTerminal(t, false)
	port := fmt.Sprint("MAIL_PORT=", x.server.port)
	x.set("MAIL_PORT=1")
	for _, to := range []string{"anna@example.ch", "nobody@example.ch", "grey@example.ch"} {
		x.invite(0, to)
	}
	x.set(port)
	x.server.change(func() { x.server.onRcpt = choosy })
	stdout, stderr := x.run(9, "outbox", "send", "-o", "jsonl", "--columns", "to,state,answer")
	x.has("the list", stdout, `{"to":"nobody@example.ch","state":"failed","answer":"550 no such user"}`, `{"to":"grey@example.ch","state":"queued","answer":"450 come back"}`,
		`{"to":"anna@example.ch","state":"sent","answer":"250 2.0.0 OK: queued"}`)
	x.has("stderr", stderr, "refuses 1 of 3 mails for good")
	_, stderr = x.run(8, "outbox", "send")
	x.has("stderr", stderr, "no mail was sent")
	x.server.change(func() { x.server.onRcpt = nil })
	stdout, _ = x.run(0, "outbox", "send", "-o", "name")
	if len(strings.Fields(stdout)) != 1 {
		t.Errorf("printed %q", stdout)
	}
	x.run(2, "outbox", "send", "now")
}

// Ctrl-C while a mail is being sent: the change stands, and the mail waits.
func TestCommandInterrupted(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a process cannot be interrupted alone on Windows")
	}
	x := newTerminal(t, false)
	stdout, stderr := x.interrupted(0, "invite", "send", "anna@example.ch", "--access", "all", "-o", "jsonl", "--columns", "changed,mail")
	x.has("stdout", stdout, `{"changed":true,"mail":"queued"}`)
	x.has("stderr", stderr, "waits in the outbox: interrupted")
	listed, _ := x.run(0, "outbox", "list", "-o", "csv", "--columns", "state,tries", "--no-headers")
	if listed != "queued,0\n" {
		t.Errorf("the outbox has %q", listed)
	}
	_, stderr = x.interrupted(130, "outbox", "send")
	x.has("stderr", stderr, "interrupted; what was not sent waits in the outbox")
}

// interrupted runs a command that gets Ctrl-C once the mail server hears of the
// first mail, and no answer from it.
func (x *terminal) interrupted(code int, args ...string) (stdout, stderr string) {
	x.Helper()
	c, out, errs := x.command(args...)
	started, done := make(chan struct{}), make(chan struct{})
	x.server.change(func() {
		x.server.onMail = func(conn *smtp.Conn) error {
			<-started
			_ = c.Process.Signal(os.Interrupt)
			<-done
			return hangUpOn(conn)
		}
	})
	if err := c.Start(); err != nil {
		x.Fatal(err)
	}
	close(started)
	err := c.Wait()
	close(done)
	x.ends(c, err, code, errs)
	return out.String(), errs.String()
}
