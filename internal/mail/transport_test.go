package mail_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"github.com/staffctl/staffctl/internal/mail"
	"github.com/staffctl/staffctl/internal/staff"
)

// testToken stands for the token of a mail's link.
const testToken = staff.Secret("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUm")

// try sends a mail as the settings say, without an outbox.
func try(t *testing.T, s mail.Settings) mail.Answer {
	t.Helper()
	return newMailer(t, s).Send(t.Context(), start, testToken, sample(staff.MailInvite, staff.German))[0]
}

func expect(t *testing.T, got mail.Answer, state staff.MailState, down bool, text string) {
	t.Helper()
	if got.State != state || got.Down != down || !strings.Contains(got.Text, text) {
		t.Errorf("%+v, want %s, down %t, %q", got, state, down, text)
	}
}

func TestSend(t *testing.T) {
	for _, encryption := range []string{mail.TLSStart, mail.TLSImplicit, mail.TLSNone} {
		for _, user := range []string{"", "portal"} {
			t.Run(encryption+"/"+user, func(t *testing.T) {
				s := newServer(t, encryption)
				settings := s.settings(encryption)
				if user != "" {
					s.user, settings.Username, settings.PasswordFile = user, user, passwordFile(t, testPassword+"\nnot this\n", 0o600)
				}
				expect(t, try(t, settings), staff.MailSent, false, "250 ")
				taken := s.taken()
				if len(taken) != 1 || taken[0].from != "portal@example.ch" || taken[0].to != "anna.muster@example.ch" || taken[0].encrypted != (encryption != mail.TLSNone) {
					t.Errorf("the server got %v", taken)
				}
				if want := map[string]int{"": 0, "portal": 1}[user]; len(s.signIns()) != want {
					t.Errorf("signed in by %v", s.signIns())
				}
			})
		}
	}
}

func TestSignInByLogin(t *testing.T) {
	s := newServer(t, mail.TLSStart)
	settings := s.settings(mail.TLSStart)
	s.loginOnly, s.user, settings.Username, settings.PasswordFile = true, "portal", "portal", passwordFile(t, testPassword, 0o600)
	expect(t, try(t, settings), staff.MailSent, false, "250 ")
}

// The answer of the server, which repeats the password, is not kept.
func TestWrongPassword(t *testing.T) {
	s := newServer(t, mail.TLSStart)
	settings := s.settings(mail.TLSStart)
	s.user, settings.Username, settings.PasswordFile = "portal", "portal", passwordFile(t, "wrong-password-of-ours", 0o600)
	got := try(t, settings)
	expect(t, got, staff.MailQueued, true, mail.Hidden)
	settings.PasswordFile, settings.Username = passwordFile(t, testPassword, 0o600), "nobody"
	expect(t, try(t, settings), staff.MailQueued, true, mail.Hidden)
	if len(s.taken()) != 0 {
		t.Error("a mail was taken")
	}
}

func TestSignInWanted(t *testing.T) {
	s := newServer(t, mail.TLSStart)
	s.user = "portal"
	expect(t, try(t, s.settings(mail.TLSStart)), staff.MailQueued, true, "530 5.7.0 authentication required; check mail.username and mail.password_file")
}

// A server that cannot be trusted gets no mail and no password.
func TestCertificates(t *testing.T) {
	for _, encryption := range []string{mail.TLSStart, mail.TLSImplicit} {
		s := newServer(t, encryption)
		s.user = "portal"
		settings := s.settings(encryption)
		settings.Username, settings.PasswordFile = "portal", passwordFile(t, testPassword, 0o600)
		_, settings.RootCAs = certificate(t, "127.0.0.1") // of somebody else
		expect(t, try(t, settings), staff.MailQueued, true, "certificate")
		settings.RootCAs, settings.Host = s.ca, "localhost" // which it is not for
		expect(t, try(t, settings), staff.MailQueued, true, "certificate")
		if len(s.signIns()) != 0 || len(s.taken()) != 0 {
			t.Errorf("%s: the server got %v and %v", encryption, s.signIns(), s.taken())
		}
	}
}

// Whoever takes STARTTLS out of the conversation gets nothing.
func TestStrippedSTARTTLS(t *testing.T) {
	s := newServer(t, mail.TLSNone)
	s.user = "portal"
	settings := s.settings(mail.TLSStart)
	settings.Username, settings.PasswordFile = "portal", passwordFile(t, testPassword, 0o600)
	expect(t, try(t, settings), staff.MailQueued, true, "it offers no STARTTLS")
	if len(s.signIns()) != 0 || len(s.taken()) != 0 {
		t.Errorf("the server got %v and %v", s.signIns(), s.taken())
	}
}

// TLS where plain text is served, and the other way round, ends by itself.
func TestWrongEncryption(t *testing.T) {
	s := newServer(t, mail.TLSStart)
	expect(t, try(t, s.settings(mail.TLSImplicit)), staff.MailQueued, true, "")
	s = newServer(t, mail.TLSImplicit)
	settings := s.settings(mail.TLSStart)
	settings.Command = 50 * time.Millisecond
	expect(t, try(t, settings), staff.MailQueued, true, "")
}

func TestSettingsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		s           mail.Settings
		field, want string
	}{
		"password in the clear": {mail.Settings{Host: "mx.example.ch", TLS: mail.TLSNone, Username: "portal", PasswordFile: "x", From: "a@example.ch"}, "mail.tls", "unencrypted"},
		"no password":           {mail.Settings{Host: "mx.example.ch", TLS: mail.TLSStart, Username: "portal", From: "a@example.ch"}, "mail.password_file", "without mail.password_file"},
		"no address":            {mail.Settings{Host: "mx.example.ch", From: "portal"}, "mail.from", "no mail address"},
		"no domain":             {mail.Settings{Host: "mx.example.ch", From: "portal@-.example"}, "mail.from", "no domain"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := mail.NewMailer(c.s)
			refuses(t, err, staff.CodeInvalid, c.field, c.want)
		})
	}
}

func TestPasswordFile(t *testing.T) {
	if got, err := mail.ReadPassword(passwordFile(t, "secret words \r\nx\n", 0o600)); err != nil || got != "secret words " {
		t.Errorf("%q, %v", string(got), err)
	}
	dir := t.TempDir()
	for _, c := range []struct {
		path string
		code staff.Code
		want string
	}{
		{filepath.Join(dir, "none"), staff.CodeNotFound, "there is no file"},
		{dir, staff.CodeInvalid, "it is no file"},
		{passwordFile(t, "\nx", 0o600), staff.CodeInvalid, "no password in its first line"},
		{passwordFile(t, strings.Repeat("x", 1025), 0o600), staff.CodeInvalid, "more than 1024 bytes"},
	} {
		_, err := mail.ReadPassword(c.path)
		refuses(t, err, c.code, "mail.password_file", c.want)
	}
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no modes; the directory's access rights hold there")
	}
	path := passwordFile(t, testPassword, 0o640)
	_, err := mail.ReadPassword(path)
	refuses(t, err, staff.CodeUnavailable, "mail.password_file", "chmod 600")
	if os.Geteuid() != 0 {
		t.Skip("only root can make a file of another user")
	}
	path = passwordFile(t, testPassword, 0o600)
	if err := os.Chown(path, 65534, 65534); err != nil {
		t.Fatal(err)
	}
	_, err = mail.ReadPassword(path)
	refuses(t, err, staff.CodeUnavailable, "mail.password_file", "belongs to another user")
}

// What the server answers at each step decides whether the mail is tried again.
func TestAnswers(t *testing.T) {
	for _, step := range []string{"MAIL", "RCPT", "DATA", "dot"} {
		for code, state := range map[int]staff.MailState{421: staff.MailQueued, 451: staff.MailQueued, 550: staff.MailFailed, 554: staff.MailFailed} {
			t.Run(fmt.Sprint(step, code), func(t *testing.T) {
				s := newServer(t, mail.TLSNone)
				answer := says(code, "because of "+step)
				switch step {
				case "MAIL":
					s.onMail = func(*smtp.Conn) error { return answer }
				case "RCPT":
					s.onRcpt = func(*smtp.Conn, string) error { return answer }
				case "DATA":
					s.onData = func(*smtp.Conn) error { return answer }
				case "dot":
					s.onDot = func(*smtp.Conn, received) error { return answer }
				}
				got := try(t, s.settings(mail.TLSNone))
				expect(t, got, state, false, fmt.Sprint(code, " because of ", step))
				if !got.Tried {
					t.Error("not counted as a try")
				}
			})
		}
	}
}

// Answers that go-smtp never gives, from a server that follows a script.
func TestScriptedAnswers(t *testing.T) {
	for name, c := range map[string]struct {
		greeting string
		answers  map[string]string
		state    staff.MailState
		down     bool
		want     string
	}{
		"as usual":         {"220 hi", nil, staff.MailSent, false, "250 OK"},
		"DATA refused":     {"220 hi", map[string]string{"DATA": "554 5.7.1 not you"}, staff.MailFailed, false, "554 5.7.1 not you"},
		"DATA later":       {"220 hi", map[string]string{"DATA": "452 4.3.1 full"}, staff.MailQueued, false, "452 4.3.1 full"},
		"in several lines": {"220 hi", map[string]string{"MAIL": "550-one\r\n550 two"}, staff.MailFailed, false, "550 one two"},
		"no service":       {"554 go away", nil, staff.MailQueued, true, "554 go away"},
		"EHLO refused":     {"220 hi", map[string]string{"EHLO": "502 what", "HELO": "421 bye"}, staff.MailQueued, true, "502 what"},
		"HELO only":        {"220 hi", map[string]string{"EHLO": "502 what"}, staff.MailSent, false, "250 OK"},
		"nonsense":         {"220 hi", map[string]string{"RCPT": "hello there"}, staff.MailQueued, false, "at the recipient"},
		"251 is taken":     {"220 hi", map[string]string{"RCPT": "251 elsewhere"}, staff.MailSent, false, "250 OK"},
	} {
		t.Run(name, func(t *testing.T) {
			expect(t, try(t, scriptedServer(t, c.greeting, c.answers)), c.state, c.down, c.want)
		})
	}
}

// scriptedServer answers each command with what the script has for its first
// word, or else with 250, and what follows DATA at its end.
func scriptedServer(t *testing.T, greeting string, answers map[string]string) mail.Settings {
	t.Helper()
	settings := silentServer(t)
	settings.Port = listen(t, func(conn net.Conn) {
		lines := bufio.NewScanner(conn)
		_, _ = fmt.Fprintf(conn, "%s\r\n", greeting)
		for content := false; lines.Scan(); {
			word, _, _ := strings.Cut(lines.Text(), " ")
			answer := "250 OK"
			switch {
			case content && word != ".":
				continue
			case content:
				content = false
			case answers[word] != "":
				answer = answers[word]
			case word == "DATA":
				content, answer = true, "354 go on"
			}
			_, _ = fmt.Fprintf(conn, "%s\r\n", answer)
		}
	})
	return settings
}

// A connection that the server closes, at whatever step, is tried again.
func TestClosedConnection(t *testing.T) {
	for step, set := range map[string]func(*server){
		"connect": func(s *server) { s.onConnect = hangUpOn },
		"MAIL":    func(s *server) { s.onMail = hangUpOn },
		"RCPT":    func(s *server) { s.onRcpt = func(c *smtp.Conn, _ string) error { return hangUpOn(c) } },
		"DATA":    func(s *server) { s.onData = hangUpOn },
		"dot":     func(s *server) { s.onDot = func(c *smtp.Conn, _ received) error { return hangUpOn(c) } },
	} {
		t.Run(step, func(t *testing.T) {
			s := newServer(t, mail.TLSNone)
			set(s)
			want := ""
			if step == "dot" {
				want = "sent again with the same Message-ID"
			}
			expect(t, try(t, s.settings(mail.TLSNone)), staff.MailQueued, step == "connect", want)
		})
	}
}

// The server goes after the last dot: the mail is sent again as the same mail.
func TestCutAfterDot(t *testing.T) {
	s := newServer(t, mail.TLSStart)
	s.onDot = func(c *smtp.Conn, m received) error {
		if m.conn == 1 {
			return hangUpOn(c)
		}
		return nil
	}
	expect(t, try(t, s.settings(mail.TLSStart)), staff.MailQueued, false, "the same Message-ID")
	expect(t, try(t, s.settings(mail.TLSStart)), staff.MailSent, false, "250")
	if taken := s.taken(); len(taken) != 2 || taken[0].id != taken[1].id || taken[0].raw != taken[1].raw {
		t.Errorf("the server got %v", taken)
	}
}

// A server that says nothing is given up, whichever bound is the first.
func TestHanging(t *testing.T) {
	const short, long = 40 * time.Millisecond, time.Hour
	for name, c := range map[string]struct {
		connect, command, whole time.Duration
		set                     func(s *server, hang func(*smtp.Conn) error)
		down                    bool
	}{
		"greeting, connect": {short, long, long, nil, true},
		"greeting, command": {long, short, long, nil, true},
		"MAIL, command":     {long, short, long, func(s *server, hang func(*smtp.Conn) error) { s.onMail = hang }, false},
		"MAIL, whole":       {long, long, short, func(s *server, hang func(*smtp.Conn) error) { s.onMail = hang }, false},
		"RCPT, whole": {long, long, short, func(s *server, hang func(*smtp.Conn) error) {
			s.onRcpt = func(c *smtp.Conn, _ string) error { return hang(c) }
		}, false},
		"RCPT, command": {long, short, long, func(s *server, hang func(*smtp.Conn) error) {
			s.onRcpt = func(c *smtp.Conn, _ string) error { return hang(c) }
		}, false},
		"dot, whole": {long, long, short, func(s *server, hang func(*smtp.Conn) error) {
			s.onDot = func(c *smtp.Conn, _ received) error { return hang(c) }
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			done := make(chan struct{})
			var settings mail.Settings
			if c.set == nil {
				settings = silentServer(t)
			} else {
				s := newServer(t, mail.TLSNone)
				c.set(s, func(c *smtp.Conn) error {
					<-done
					return hangUpOn(c)
				})
				settings = s.settings(mail.TLSNone)
			}
			settings.Connect, settings.Command, settings.Mail = c.connect, c.command, c.whole
			got := try(t, settings)
			close(done)
			expect(t, got, staff.MailQueued, c.down, "took too long")
		})
	}
}

// silentServer takes connections and says nothing.
func silentServer(t *testing.T) mail.Settings {
	t.Helper()
	port := listen(t, func(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) })
	return mail.Settings{Host: "127.0.0.1", Port: port, TLS: mail.TLSNone, From: "portal@example.ch"}
}

// listen serves connections one after the other.
func listen(t *testing.T, serve func(net.Conn)) (port int) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			serve(conn)
			_ = conn.Close()
		}
	}()
	return l.Addr().(*net.TCPAddr).Port
}

func TestUnreachable(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	_ = l.Close()
	got := try(t, mail.Settings{Host: "127.0.0.1", Port: port, TLS: mail.TLSStart, From: "portal@example.ch"})
	expect(t, got, staff.MailQueued, true, fmt.Sprintf("the mail server 127.0.0.1:%d cannot be reached: ", port))
}

// IPv6 addresses are written in brackets.
func TestIPv6(t *testing.T) {
	got := try(t, mail.Settings{Host: "::1", Port: 1, TLS: mail.TLSStart, From: "portal@example.ch"})
	expect(t, got, staff.MailQueued, true, "the mail server [::1]:1 cannot be reached")
}

// Whoever ends while the server takes its time leaves the mail untried; once the
// last dot is out, the answer counts.
func TestInterrupted(t *testing.T) {
	for _, encryption := range []string{mail.TLSNone, mail.TLSStart} {
		ctx, cancel := context.WithCancel(t.Context())
		s, done := newServer(t, encryption), make(chan struct{})
		s.onRcpt = func(c *smtp.Conn, _ string) error {
			cancel()
			<-done
			return hangUpOn(c)
		}
		got := sendUntil(ctx, t, s, encryption)
		close(done)
		if !got.Ends || got.Tried || got.State != staff.MailQueued {
			t.Errorf("%+v, want it interrupted", got)
		}
		dotted, cancel := context.WithCancel(t.Context())
		s = newServer(t, encryption)
		s.onDot = func(*smtp.Conn, received) error {
			cancel()
			return nil
		}
		expect(t, sendUntil(dotted, t, s, encryption), staff.MailSent, false, "250")
	}
}

// sendUntil sends one mail until the context ends.
func sendUntil(ctx context.Context, t *testing.T, s *server, encryption string) mail.Answer {
	t.Helper()
	return newMailer(t, s.settings(encryption)).Send(ctx, start, testToken, sample(staff.MailInvite, staff.German))[0]
}

// One connection serves several mails; one that the server has closed meanwhile
// is opened again.
func TestConnectionIsKept(t *testing.T) {
	s := newServer(t, mail.TLSStart)
	m := newMailer(t, s.settings(mail.TLSStart))
	mails := []*staff.QueuedMail{sample(staff.MailInvite, staff.German), sample(staff.MailReset, staff.English), sample(staff.MailConfirmation, staff.German)}
	for i, got := range m.Send(t.Context(), start, testToken, mails...) {
		expect(t, got, staff.MailSent, false, "250")
		if c := s.taken()[i].conn; c != 1 {
			t.Errorf("mail %d came on connection %d", i, c)
		}
	}
	s.onMail = func(c *smtp.Conn) error {
		if n := len(s.taken()); n == 4 && s.connections() == 2 {
			return hangUpOn(c)
		}
		return nil
	}
	for _, got := range m.Send(t.Context(), start, testToken, mails...) {
		expect(t, got, staff.MailSent, false, "250")
	}
	if taken := s.taken(); len(taken) != 6 || taken[3].conn != 2 || taken[4].conn != 3 || taken[5].conn != 3 {
		t.Errorf("the server got %v", taken)
	}
}

// After a refusal the connection serves the next mail.
func TestRefusalBetween(t *testing.T) {
	s := newServer(t, mail.TLSNone)
	s.onRcpt = func(_ *smtp.Conn, to string) error {
		if strings.HasPrefix(to, "nobody@") {
			return says(550, "no such user")
		}
		return nil
	}
	wrong := sample(staff.MailInvite, staff.German)
	wrong.To = "nobody@example.ch"
	got := newMailer(t, s.settings(mail.TLSNone)).Send(t.Context(), start, testToken, wrong, sample(staff.MailInvite, staff.German))
	expect(t, got[0], staff.MailFailed, false, "550 no such user")
	expect(t, got[1], staff.MailSent, false, "250")
	if s.connections() != 1 {
		t.Errorf("%d connections", s.connections())
	}
}

func TestSMTPUTF8(t *testing.T) {
	m := sample(staff.MailInvite, staff.German)
	m.To = "änni@bücher.example"
	s := newServer(t, mail.TLSNone)
	got := newMailer(t, s.settings(mail.TLSNone)).Send(t.Context(), start, testToken, m)[0]
	expect(t, got, staff.MailFailed, false, "has no SMTPUTF8")
	s = newServer(t, mail.TLSNone)
	s.smtp.EnableSMTPUTF8 = true
	got = newMailer(t, s.settings(mail.TLSNone)).Send(t.Context(), start, testToken, m)[0]
	expect(t, got, staff.MailSent, false, "250")
	if taken := s.taken(); len(taken) != 1 || taken[0].to != "änni@xn--bcher-kva.example" {
		t.Errorf("the server got %v", taken)
	}
}

// An answer that repeats the link is not kept, and a long one is cut.
func TestKeptAnswers(t *testing.T) {
	for name, c := range map[string]struct{ answer, want string }{
		"short":            {"550 no\r\nsuch\tuser\x1b[31m", "550 no such user [31m"},
		"long":             {strings.Repeat("ä", 400), strings.Repeat("ä", 299) + "…"},
		"link":             {"554 spam: https://portal.example.ch/link/" + string(testToken), mail.Hidden},
		"piece of a token": {"554 spam: ..." + string(testToken[20:40]), mail.Hidden},
		"folded":           {"554 " + string(testToken[:20]) + "=\r\n " + string(testToken[20:]), mail.Hidden},
		"password":         {"535 " + testPassword, mail.Hidden},
		"in base64":        {"535 aG9yc2UtYmF0dGVyeS1zdGFwbGUtNw==", mail.Hidden},
		"nothing":          {"", ""},
	} {
		if got := mail.Clean(c.answer, testToken, testPassword); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	s := newServer(t, mail.TLSNone)
	s.onDot = func(*smtp.Conn, received) error {
		return says(554, "spam: see /link/"+string(testToken))
	}
	expect(t, try(t, s.settings(mail.TLSNone)), staff.MailFailed, false, mail.Hidden)
}

// TLS before 1.2 is not spoken.
func TestOldTLS(t *testing.T) {
	s := newServer(t, mail.TLSStart)
	s.smtp.TLSConfig.MinVersion, s.smtp.TLSConfig.MaxVersion = tls.VersionTLS10, tls.VersionTLS11
	expect(t, try(t, s.settings(mail.TLSStart)), staff.MailQueued, true, "")
}
