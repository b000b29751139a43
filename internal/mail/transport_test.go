package mail_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
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
