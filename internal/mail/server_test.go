package mail_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	netmail "net/mail"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"github.com/staffctl/staffctl/internal/mail"
)

// received is a mail that the server has taken whole.
type received struct {
	from, to, id string
	raw          string
	conn         int // the connection that it came on, from 1 on
	encrypted    bool
}

// String leaves out the content.
func (r received) String() string { return fmt.Sprintf("%s to %s on %d", r.id, r.to, r.conn) }

// server is a real SMTP server on the loopback. Its hooks may refuse, hang or
// close the connection.
type server struct {
	*testing.T
	smtp *smtp.Server
	port int
	ca   *x509.CertPool

	onConnect func(*smtp.Conn) error
	onMail    func(*smtp.Conn) error
	onRcpt    func(c *smtp.Conn, to string) error
	onData    func(*smtp.Conn) error // before the content is read
	onDot     func(*smtp.Conn, received) error
	loginOnly bool
	user      string // who may send; "" for everybody

	mu    sync.Mutex
	peers []string // the clients' addresses: a session begins anew after STARTTLS
	auths []string
	mails []received
}

// newServer makes a server for one of the ways of mail.tls; begin starts it.
func newServer(t *testing.T, encryption string) *server {
	t.Helper()
	s := &server{T: t}
	s.smtp = smtp.NewServer(smtp.BackendFunc(s.session))
	s.smtp.Domain, s.smtp.ErrorLog = "mx.example.ch", quiet{}
	var config *tls.Config
	config, s.ca = certificate(t, "127.0.0.1")
	if encryption == mail.TLSStart {
		s.smtp.TLSConfig = config
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.port = listener.Addr().(*net.TCPAddr).Port
	if encryption == mail.TLSImplicit {
		listener = tls.NewListener(listener, config)
	}
	s.smtp.AllowInsecureAuth = encryption == mail.TLSNone
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = s.smtp.Serve(listener)
	}()
	t.Cleanup(func() {
		_ = s.smtp.Close()
		_ = listener.Close() // which Close does not know where Serve has not begun
		<-served
	})
	return s
}

type quiet struct{}

func (quiet) Printf(string, ...any) {}
func (quiet) Println(...any)        {}

// settings are those of a client of the server that trusts it.
func (s *server) settings(encryption string) mail.Settings {
	return mail.Settings{Host: "127.0.0.1", Port: s.port, TLS: encryption, From: "Kundenportal <portal@example.ch>", RootCAs: s.ca}
}

func (s *server) taken() []received {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.mails)
}

// change sets hooks while clients in other processes may come.
func (s *server) change(set func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	set()
}

// locked reads a hook.
func locked[T any](s *server, hook *T) T {
	s.mu.Lock()
	defer s.mu.Unlock()
	return *hook
}

// connections counts those that clients have made.
func (s *server) connections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.peers)
}

// signIns are the ways by which clients have tried to sign in.
func (s *server) signIns() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.auths)
}

func (s *server) session(c *smtp.Conn) (smtp.Session, error) {
	s.mu.Lock()
	peer := c.Conn().RemoteAddr().String()
	if !slices.Contains(s.peers, peer) {
		s.peers = append(s.peers, peer)
	}
	n := len(s.peers)
	s.mu.Unlock()
	if hook := locked(s, &s.onConnect); hook != nil {
		if err := hook(c); err != nil {
			return nil, err
		}
	}
	_, encrypted := c.TLSConnectionState()
	return &conversation{server: s, c: c, mail: received{conn: n, encrypted: encrypted}}, nil
}

// conversation is one connection.
type conversation struct {
	server *server
	c      *smtp.Conn
	mail   received
	signed bool
}

func (v *conversation) AuthMechanisms() []string {
	if v.server.loginOnly {
		return []string{sasl.Login}
	}
	return []string{sasl.Plain, sasl.Login}
}

func (v *conversation) Auth(mech string) (sasl.Server, error) {
	check := func(_, user, password string) error {
		v.server.mu.Lock()
		defer v.server.mu.Unlock()
		v.server.auths = append(v.server.auths, mech)
		if user != v.server.user || password != testPassword {
			return &smtp.SMTPError{Code: 535, EnhancedCode: smtp.EnhancedCode{5, 7, 8}, Message: "no, " + password + " is wrong"}
		}
		v.signed = true
		return nil
	}
	if mech == sasl.Login {
		return &loginServer{check: check}, nil
	}
	return sasl.NewPlainServer(check), nil
}

// loginServer is the server's side of AUTH LOGIN.
type loginServer struct {
	check func(_, user, password string) error
	user  string
	step  int
}

func (l *loginServer) Next(response []byte) (challenge []byte, done bool, err error) {
	l.step++
	switch l.step {
	case 1:
		return []byte("Username:"), false, nil
	case 2:
		l.user = string(response)
		return []byte("Password:"), false, nil
	default:
		return nil, true, l.check("", l.user, string(response))
	}
}

func (v *conversation) Mail(from string, _ *smtp.MailOptions) error {
	v.mail.from = from
	if v.server.user != "" && !v.signed {
		return &smtp.SMTPError{Code: 530, EnhancedCode: smtp.EnhancedCode{5, 7, 0}, Message: "authentication required"}
	}
	if hook := locked(v.server, &v.server.onMail); hook != nil {
		return hook(v.c)
	}
	return nil
}

func (v *conversation) Rcpt(to string, _ *smtp.RcptOptions) error {
	v.mail.to = to
	if hook := locked(v.server, &v.server.onRcpt); hook != nil {
		return hook(v.c, to)
	}
	return nil
}

func (v *conversation) Data(r io.Reader) error {
	if hook := locked(v.server, &v.server.onData); hook != nil {
		if err := hook(v.c); err != nil {
			return err
		}
	}
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	parsed, err := netmail.ReadMessage(strings.NewReader(string(raw)))
	if err != nil {
		return &smtp.SMTPError{Code: 554, Message: "no message: " + err.Error()}
	}
	m := v.mail
	m.raw, m.id = string(raw), parsed.Header.Get("Message-Id")
	v.server.mu.Lock()
	v.server.mails = append(v.server.mails, m)
	v.server.mu.Unlock()
	if hook := locked(v.server, &v.server.onDot); hook != nil {
		return hook(v.c, m)
	}
	return nil
}

func (*conversation) Reset()        {}
func (*conversation) Logout() error { return nil }

// errGone is what a hook returns that has closed the connection itself.
var errGone = errors.New("gone")

func hangUpOn(c *smtp.Conn) error {
	_ = c.Conn().Close()
	return errGone
}

// says is an answer of the server.
func says(code int, words string) error {
	return &smtp.SMTPError{Code: code, EnhancedCode: smtp.NoEnhancedCode, Message: words}
}

const testPassword = "horse-battery-staple-7"

func passwordFile(t *testing.T, content string, mode os.FileMode) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(name, mode); err != nil {
		t.Fatal(err)
	}
	return name
}

// certificate makes a certificate for the host, and the authority that signed it.
func certificate(t *testing.T, host string) (*tls.Config, *x509.CertPool) {
	t.Helper()
	caKey, key := newKey(t), newKey(t)
	ca := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test authority"}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(24 * time.Hour), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	leaf := &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: host}, NotBefore: ca.NotBefore, NotAfter: ca.NotAfter,
		IPAddresses: []net.IP{net.ParseIP(host)}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	if leaf.IPAddresses[0] == nil {
		leaf.IPAddresses, leaf.DNSNames = nil, []string{host}
	}
	caDER, err := x509.CreateCertificate(rand.Reader, ca, ca, &caKey.PublicKey, caKey)
	if err != nil {
		t.Fatal(err)
	}
	leafDER, err := x509.CreateCertificate(rand.Reader, leaf, ca, &key.PublicKey, caKey)
	if err != nil {
		t.Fatal(err)
	}
	if ca, err = x509.ParseCertificate(caDER); err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(ca)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{leafDER}, PrivateKey: key}}, MinVersion: tls.VersionTLS12}, pool
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}
