// Package mail sends the mails of the outbox: it renders a template with its
// data, speaks SMTP, and notes what came of it.
//
// A mail in the outbox holds neither text nor token. [Worker] leases it, so that
// nobody else sends it meanwhile, makes the link and the message, hands it to a
// mail server through [Mailer], and settles it: sent, refused for good, or to be
// tried again later. Whoever is killed between the server's answer and the
// settling sends the mail once more, with the same Message-ID: SMTP has no way
// to ask whether a mail was taken.
package mail

import (
	"crypto/x509"
	"net"
	netmail "net/mail"
	"os"
	"strings"
	"time"

	"golang.org/x/net/idna"

	"github.com/staffctl/staffctl/internal/staff"
)

// How the connection to the mail server is encrypted.
const (
	TLSStart    = "starttls" // asked for in the clear, and insisted on
	TLSImplicit = "implicit" // from the first byte
	TLSNone     = "none"
)

// How long a mail server may take unless [Settings] say otherwise. The whole of
// a mail, with connecting, fits twice into a lease.
const (
	defaultConnect = 30 * time.Second
	defaultCommand = time.Minute
	defaultMail    = 2 * time.Minute
)

// Settings say how mails are sent; they are the keys mail.* of the configuration.
type Settings struct {
	Host string // name or IP address of the SMTP server
	Port int
	TLS  string // TLSStart, TLSImplicit or TLSNone
	// Username signs in with the password of PasswordFile; "" does not sign in.
	Username, PasswordFile string
	From                   string // an address with or without a name
	// Templates is a directory with templates that replace the built-in ones;
	// "" for none.
	Templates string

	// Connect bounds connecting with TLS and sign-in, Command the answer to each
	// command, Mail all of one mail; 0 is 30 s, 1 min and 2 min.
	Connect, Command, Mail time.Duration
	// RootCAs are whom certificates are trusted from; nil is the system's.
	RootCAs *x509.CertPool
}

// Mailer makes messages and hands them to a mail server. It is safe for use by
// several goroutines.
type Mailer struct {
	settings  Settings
	from      sender
	templates *templates
}

// sender is the address in mail.from, with the domain in ASCII.
type sender struct {
	name   string
	addr   address
	domain string
}

// NewMailer checks the settings and, if there are any, the templates that replace
// the built-in ones. Errors have code invalid or not_found and name the key.
func NewMailer(s Settings) (*Mailer, error) {
	from, err := parseSender(s.From)
	if err != nil {
		return nil, err
	}
	if s.Username != "" && s.TLS == TLSNone && !isLoopback(s.Host) {
		return nil, staff.Errorf(staff.CodeInvalid, "mail.tls",
			"mail.tls none would send the password of %s unencrypted to %s; set mail.tls to starttls or implicit, or leave out mail.username", s.Username, s.Host)
	}
	if s.Username != "" && s.PasswordFile == "" {
		return nil, staff.Errorf(staff.CodeInvalid, "mail.password_file", "mail.username is set without mail.password_file; name the file with the password")
	}
	t, err := loadTemplates(s.Templates)
	if err != nil {
		return nil, err
	}
	s.Connect, s.Command, s.Mail = orDefault(s.Connect, defaultConnect), orDefault(s.Command, defaultCommand), orDefault(s.Mail, defaultMail)
	return &Mailer{settings: s, from: from, templates: t}, nil
}

func orDefault(d, fallback time.Duration) time.Duration {
	if d <= 0 {
		return fallback
	}
	return d
}

// longest is how long one mail may take with all that belongs to it.
func (m *Mailer) longest() time.Duration { return m.settings.Connect + m.settings.Mail }

func parseSender(from string) (sender, error) {
	parsed, err := netmail.ParseAddress(from)
	if err != nil {
		return sender{}, staff.Errorf(staff.CodeInvalid, "mail.from", "mail.from %q is no mail address: %w", from, err)
	}
	a, err := parseAddress(parsed.Address)
	if err != nil {
		return sender{}, staff.Errorf(staff.CodeInvalid, "mail.from", "mail.from %q: %w", from, err)
	}
	return sender{parsed.Name, a, a.domain}, nil
}

// address is a mail address with its domain in ASCII.
type address struct{ local, domain string }

// parseAddress takes an address apart that others have checked.
func parseAddress(s string) (address, error) {
	at := strings.LastIndexByte(s, '@')
	if at < 1 {
		return address{}, staff.Errorf(staff.CodeInvalid, "to", "%q is no mail address", s)
	}
	domain, err := idna.Lookup.ToASCII(s[at+1:])
	if err != nil {
		return address{}, staff.Errorf(staff.CodeInvalid, "to", "%q has no domain that mail can be sent to: %w", s, err)
	}
	return address{s[:at], domain}, nil
}

// header is the address as go-mail and net/mail take it.
func (a address) header(name string) *netmail.Address {
	return &netmail.Address{Name: name, Address: a.local + "@" + a.domain}
}

// envelope is the address as SMTP commands have it, in angle brackets.
func (a address) envelope() string { return a.header("").String() }

// isUTF8 reports whether only a server with SMTPUTF8 (RFC 6531) can take it.
func (a address) isUTF8() bool {
	return strings.ContainsFunc(a.local, func(r rune) bool { return r > 0x7e })
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}

// helloName is what the client calls itself: the machine's full name, or else its
// address on the connection (RFC 5321, 4.1.3).
func helloName(local net.Addr) string {
	name, err := os.Hostname()
	ascii, bad := idna.Lookup.ToASCII(name)
	if err == nil && bad == nil && strings.Contains(ascii, ".") {
		return ascii
	}
	tcp, ok := local.(*net.TCPAddr)
	switch {
	case !ok:
		return "localhost"
	case tcp.IP.To4() != nil:
		return "[" + tcp.IP.String() + "]"
	default:
		return "[IPv6:" + tcp.IP.String() + "]"
	}
}
