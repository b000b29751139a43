package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/wneessen/go-mail/smtp"

	"github.com/staffctl/staffctl/internal/secretfile"
	"github.com/staffctl/staffctl/internal/staff"
)

// lastWords is how long the answer to a whole mail is still waited for once the
// caller wants to end: without it the mail would be sent again.
const lastWords = 5 * time.Second

// session is a connection on which mails are handed over one after the other.
type session struct {
	settings *Settings
	conn     *boundedConn
	client   *smtp.Client
	password staff.Secret
	mails    int  // handed over or refused on it
	broken   bool // no use for another mail
}

// server is the mail server's address.
func (s *Settings) server() string { return net.JoinHostPort(s.Host, strconv.Itoa(s.Port)) }

// connect opens a session: with TLS and signed in, as the settings want it. Its
// error says what is wrong; failed is then what comes of the mail at hand.
func (m *Mailer) connect(ctx context.Context) (s *session, failed outcome) {
	s = &session{settings: &m.settings}
	bounded, cancel := context.WithTimeout(ctx, s.settings.Connect)
	defer cancel()
	err := s.open(bounded)
	if err == nil {
		return s, outcome{}
	}
	s.close()
	if ctx.Err() != nil {
		return nil, interrupted
	}
	return nil, unreachable(clean(err.Error(), s.password))
}

func (s *session) open(ctx context.Context) error {
	c := s.settings
	if c.Username != "" {
		var err error
		if s.password, err = secretfile.ReadPassword("mail.password_file", "the mail server's", c.PasswordFile); err != nil {
			return err
		}
	}
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", c.server())
	if err != nil {
		return fmt.Errorf("the mail server %s cannot be reached: %s", c.server(), wording(err))
	}
	s.conn = &boundedConn{Conn: conn}
	s.conn.each.Store(int64(c.Command))
	defer s.conn.bind(ctx)()
	if err := s.greet(ctx); err != nil {
		return fmt.Errorf("the mail server %s: %w", c.server(), err)
	}
	return nil
}

// greet begins the conversation, encrypts it and signs in.
func (s *session) greet(ctx context.Context) (err error) {
	config := &tls.Config{ServerName: s.settings.Host, RootCAs: s.settings.RootCAs, MinVersion: tls.VersionTLS12}
	var conn net.Conn = s.conn
	if s.settings.TLS == TLSImplicit {
		encrypted := tls.Client(conn, config)
		if err := encrypted.HandshakeContext(ctx); err != nil {
			return fmt.Errorf("no TLS: %s", wording(err))
		}
		conn = encrypted
	}
	if s.client, err = smtp.NewClient(conn, s.settings.Host); err != nil {
		return errors.New(wording(err))
	}
	if err := s.client.Hello(helloName(s.conn.LocalAddr())); err != nil {
		return errors.New(wording(err))
	}
	if s.settings.TLS == TLSStart {
		if has, _ := s.client.Extension("STARTTLS"); !has {
			return fmt.Errorf("it offers no STARTTLS, so that nothing is sent to it; set mail.tls to implicit if it wants TLS from the start")
		}
		if err := s.client.StartTLS(config); err != nil {
			return fmt.Errorf("no TLS: %s", wording(err))
		}
	}
	return s.signIn()
}

// signIn signs in with the strongest way that the server offers.
func (s *session) signIn() error {
	if s.settings.Username == "" {
		return nil
	}
	auth, err := s.auth()
	if err != nil {
		return err
	}
	if err := s.client.Auth(auth); err != nil {
		return fmt.Errorf("it refuses the sign-in of %s: %s; check mail.username and mail.password_file", s.settings.Username, wording(err))
	}
	return nil
}

// auth chooses among what the server offers. Ways that send the password itself
// are for TLS and this very machine only; [NewMailer] has refused the rest.
func (s *session) auth() (smtp.Auth, error) {
	_, offered := s.client.Extension("AUTH")
	ways := strings.Fields(strings.ToUpper(offered))
	user, password := s.settings.Username, string(s.password)
	state, encrypted := s.client.TLSConnectionState()
	plain := encrypted || isLoopback(s.settings.Host)
	for _, way := range []struct {
		name  string
		fits  bool
		start func() smtp.Auth
	}{
		{"SCRAM-SHA-256-PLUS", encrypted, func() smtp.Auth { return smtp.ScramSHA256PlusAuth(user, password, &state) }},
		{"SCRAM-SHA-256", true, func() smtp.Auth { return smtp.ScramSHA256Auth(user, password) }},
		{"SCRAM-SHA-1-PLUS", encrypted, func() smtp.Auth { return smtp.ScramSHA1PlusAuth(user, password, &state) }},
		{"SCRAM-SHA-1", true, func() smtp.Auth { return smtp.ScramSHA1Auth(user, password) }},
		{"PLAIN", plain, func() smtp.Auth { return smtp.PlainAuth("", user, password, s.settings.Host, true) }},
		{"LOGIN", plain, func() smtp.Auth { return smtp.LoginAuth(user, password, s.settings.Host, true) }},
		{"CRAM-MD5", true, func() smtp.Auth { return smtp.CRAMMD5Auth(user, password) }},
	} {
		if way.fits && slices.Contains(ways, way.name) {
			return way.start(), nil
		}
	}
	return nil, fmt.Errorf("it offers no way to sign in that is known here (%q); leave out mail.username if it wants none", offered)
}

// isStale reports whether the server has given up a connection that it took mails
// on before. Nothing of the mail at hand has reached it then.
func (s *session) isStale(o outcome) bool { return s.broken && s.mails > 1 && o.step == senderStep }

const senderStep = "at the sender"

// send hands a message over. Whoever ends the context cuts it short, unless the
// whole message is out already: then its answer has [lastWords] to come.
func (s *session) send(ctx context.Context, m *message) outcome {
	whole, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.settings.Mail)
	defer cancel()
	defer s.conn.bind(whole)()
	cut := s.conn.bind(ctx)
	defer cut()
	out := s.talk(ctx, m, cut)
	s.mails++
	if out.state != staff.MailSent && !s.broken && s.client.Reset() != nil {
		s.broken = true
	}
	out.answer = clean(out.answer, m.token, s.password)
	return out
}

// talk goes through the commands for one message. uncut keeps the end of the
// context from ending the connection.
func (s *session) talk(ctx context.Context, m *message, uncut func() bool) outcome {
	if has, _ := s.client.Extension("SMTPUTF8"); m.isUTF8() && !has {
		return refused("the mail server has no SMTPUTF8, which an address with letters beyond ASCII before the @ needs")
	}
	s.client.SkipSMTPUTF8(!m.isUTF8())
	for _, step := range []struct {
		name string
		do   func() error
	}{
		{senderStep, func() error { return s.client.Mail(m.from.envelope()) }},
		{"at the recipient", func() error { return s.client.Rcpt(m.to.envelope()) }},
	} {
		if err := step.do(); err != nil {
			return s.failed(ctx, step.name, err)
		}
	}
	w, err := s.client.Data()
	if err != nil {
		return s.failed(ctx, "before the content", err)
	}
	if _, err := w.Write(m.raw); err != nil {
		return s.failed(ctx, "while sending the content", err)
	}
	uncut()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(lastWords, s.conn.expire) })()
	s.conn.each.Store(0) // RFC 5321, 4.5.3.2.6: to give up early here means to send twice
	err = w.Close()
	s.conn.each.Store(int64(s.settings.Command))
	return s.final(w.(*smtp.DataCloser).ServerResponse(), err)
}

// failed notes whether the connection can be used on.
func (s *session) failed(ctx context.Context, step string, err error) outcome {
	out := judge(ctx, step, err)
	out.step = step
	s.broken = !isReply(err) || strings.HasPrefix(out.answer, "421 ")
	return out
}

// final is what the answer to a whole message says, or that there was none.
func (s *session) final(response string, err error) outcome {
	if err == nil {
		return sent("250 " + response)
	}
	if !isReply(err) {
		s.broken = true
		return later("the connection ended before the server said whether it took the mail (" + wording(err) + "); it is sent again with the same Message-ID")
	}
	return s.failed(context.Background(), "", err)
}

// close says goodbye where the server still listens, and ends the connection.
func (s *session) close() {
	if s.conn == nil {
		return
	}
	if s.client != nil && !s.broken {
		timer := time.AfterFunc(lastWords, s.conn.expire)
		_ = s.client.Quit()
		timer.Stop()
	}
	_ = s.conn.Close()
}
