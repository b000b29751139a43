package mail_test

import (
	"net"
	"strings"
	"testing"

	"github.com/staffctl/staffctl/internal/mail"
	"github.com/staffctl/staffctl/internal/staff"
)

func TestProbe(t *testing.T) {
	t.Parallel()
	closed := func(s *mail.Settings) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		s.Port = l.Addr().(*net.TCPAddr).Port
		_ = l.Close()
	}
	signsIn := func(password string) func(*mail.Settings) {
		return func(s *mail.Settings) {
			s.Username, s.PasswordFile = "portal", passwordFile(t, password, 0o600)
		}
	}
	for _, c := range []struct {
		name, server, tls string
		change            func(*mail.Settings)
		found, wrong      string
	}{
		{"starttls", mail.TLSStart, mail.TLSStart, nil, " answers by TLS 1.3", ""},
		{"implicit, signed in", mail.TLSImplicit, mail.TLSImplicit, signsIn(testPassword), " answers by TLS 1.3, and takes the sign-in of portal", ""},
		{"none", mail.TLSNone, mail.TLSNone, nil, " answers, not encrypted", ""},
		{"a wrong password", mail.TLSStart, mail.TLSStart, signsIn("wrong-password-of-ours"), "", "it repeats a secret"},
		{"no TLS where it is asked", mail.TLSNone, mail.TLSStart, nil, "", "it offers no STARTTLS"},
		{"a closed port", mail.TLSNone, mail.TLSNone, closed, "", "cannot be reached: connect: "},
		{"no password", mail.TLSStart, mail.TLSStart, func(s *mail.Settings) { s.Username, s.PasswordFile = "portal", "nowhere" }, "", "nowhere"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t, c.server)
			s.user = "portal"
			settings := s.settings(c.tls)
			if c.change != nil {
				c.change(&settings)
			}
			m, err := mail.NewMailer(settings)
			if err != nil {
				t.Fatal(err)
			}
			found, err := m.Probe(t.Context())
			switch {
			case c.wrong == "" && (err != nil || !strings.HasSuffix(found, c.found)):
				t.Errorf("%q, %v", found, err)
			case c.wrong != "" && (staff.CodeOf(err) != staff.CodeUnavailable || !strings.Contains(err.Error(), c.wrong)):
				t.Errorf("%q, %v", found, err)
			case err != nil && (strings.Contains(err.Error(), testPassword) || strings.Contains(err.Error(), "wrong-password-of-ours")):
				t.Errorf("the password is in %v", err)
			}
			if mails := s.taken(); len(mails) > 0 {
				t.Errorf("it sent %v", mails)
			}
		})
	}
}
