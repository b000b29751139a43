package rqlite_test

import (
	"net"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/staffctl/staffctl/internal/rqlitetest"
	"github.com/staffctl/staffctl/internal/sqlstore"
	"github.com/staffctl/staffctl/internal/sqlstore/rqlite"
	"github.com/staffctl/staffctl/internal/sqlstore/storetest"
	"github.com/staffctl/staffctl/internal/staff"
)

// endless is a patience with which a test hangs if what is refused is tried again.
const endless = 24 * time.Hour

// initialise makes a store on a cluster that is opened with the options.
func initialise(t *testing.T, o rqlite.Options) error {
	t.Helper()
	if o.Patience == 0 {
		o.Patience = endless
	}
	_, err := storetest.NewStaff(sqlstore.New(opened(t, o))).Init(t.Context(), sqlstore.Schema(), storetest.Enterprise("acme"))
	return err
}

// works asserts that the store can be made and written to.
func works(t *testing.T, o rqlite.Options) *staff.Staff {
	t.Helper()
	s := storetest.NewStaff(sqlstore.New(opened(t, o)))
	if _, err := s.Init(t.Context(), sqlstore.Schema(), storetest.Enterprise("acme")); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Do(t.Context(), "acme", add); err != nil {
		t.Fatal(err)
	}
	storetest.AssertClean(t, s.Store)
	return s
}

const accounts = `[
	{"username": "admin", "password": "a", "perms": ["all"]},
	{"username": "portal", "password": "p", "perms": ["query", "execute"]},
	{"username": "reader", "password": "r", "perms": ["query"]},
	{"username": "writer", "password": "w", "perms": ["execute"]}]`

func TestUsers(t *testing.T) {
	t.Parallel()
	cluster := rqlitetest.ForTest(t, rqlitetest.Options{AuthFile: file(t, "accounts", accounts)})
	o := rqlite.Options{Hosts: []string{cluster.Nodes[0].Addr}, Patience: endless}
	for name, c := range map[string]struct {
		user, password string
		says           []string
	}{
		"nobody":         {"", "", []string{"wants a user", "--store rqlite://USER@", "--store-password-file"}},
		"wrong password": {"portal", "r", []string{"refuses user portal", "check the password"}},
		"no password":    {"portal", "", []string{"refuses user portal"}},
		"unknown":        {"stranger", "s", []string{"refuses user stranger"}},
		"may not query":  {"writer", "w", []string{"refuses user writer", "query"}},
		"may not write":  {"reader", "r", []string{"refuses user reader", "execute"}},
	} {
		t.Run(name, func(t *testing.T) {
			o := o
			o.User, o.Password = c.user, staff.Secret(c.password)
			err := initialise(t, o)
			fails(t, err, staff.CodeUnavailable, c.says...)
			field(t, err, "store")
		})
	}
	o.User, o.Password = "portal", "p"
	s := works(t, o)
	o.User, o.Password = "reader", "r"
	reader := *s
	reader.Store = sqlstore.New(opened(t, o))
	if _, err := reader.Person(t.Context(), "acme", anna); err != nil {
		t.Error("a user who may query:", err)
	}
	_, err := reader.Do(t.Context(), "acme", gone)
	fails(t, err, staff.CodeUnavailable, "refuses user reader", "execute")
}

func TestTLS(t *testing.T) {
	t.Parallel()
	ca, other := newAuthority(t, "ca"), newAuthority(t, "other")
	cert, key := ca.issue(t, "server")
	cluster := rqlitetest.ForTest(t, rqlitetest.Options{CertFile: cert, KeyFile: key})
	good := rqlite.Options{Hosts: []string{cluster.Nodes[0].Addr}, TLS: true, CAFile: ca.file, Patience: endless}
	for name, c := range map[string]struct {
		edit  func(*rqlite.Options)
		field string
		says  []string
	}{
		"the system's authorities": {func(o *rqlite.Options) { o.CAFile = "" }, "store-ca", []string{"not to be trusted", "unknown authority", "--store-ca"}},
		"another authority":        {func(o *rqlite.Options) { o.CAFile = other.file }, "store-ca", []string{"unknown authority", "--store-ca"}},
		"in the clear":             {func(o *rqlite.Options) { o.TLS, o.CAFile = false, "" }, "store", []string{"rqlites://"}},
	} {
		t.Run(name, func(t *testing.T) {
			o := good
			c.edit(&o)
			err := initialise(t, o)
			fails(t, err, staff.CodeUnavailable, c.says...)
			field(t, err, c.field)
		})
	}
	works(t, good)
}

func TestTLSNames(t *testing.T) {
	t.Parallel()
	ca := newAuthority(t, "ca")
	cert, key := ca.issue(t, "server", net.IPv4(192, 0, 2, 1))
	cluster := rqlitetest.ForTest(t, rqlitetest.Options{CertFile: cert, KeyFile: key})
	err := initialise(t, rqlite.Options{Hosts: []string{cluster.Nodes[0].Addr}, TLS: true, CAFile: ca.file})
	fails(t, err, staff.CodeUnavailable, "192.0.2.1", "name its hosts as their certificates do")
	field(t, err, "store")
}

// TestCertificatesNeedTLS: who gives a certificate means TLS, though the address says
// otherwise.
func TestCertificatesNeedTLS(t *testing.T) {
	t.Parallel()
	for _, o := range []rqlite.Options{{CAFile: "ca.pem"}, {CertFile: "client.pem", KeyFile: "client-key.pem"}} {
		o.Hosts = []string{"127.0.0.1:1"}
		_, err := rqlite.Open(o)
		fails(t, err, staff.CodeInvalid, "rqlites://")
	}
}

func TestTLSToHTTP(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(nil)
	t.Cleanup(s.Close)
	err := initialise(t, rqlite.Options{Hosts: []string{s.Listener.Addr().String()}, TLS: true})
	fails(t, err, staff.CodeUnavailable, "speaks HTTP and not HTTPS", "rqlite://")
	field(t, err, "store")
}

func TestClientCertificate(t *testing.T) {
	t.Parallel()
	ca, other := newAuthority(t, "ca"), newAuthority(t, "other")
	cert, key := ca.issue(t, "server")
	cluster := rqlitetest.ForTest(t, rqlitetest.Options{CertFile: cert, KeyFile: key, CAFile: ca.file, VerifyClient: true})
	good := rqlite.Options{Hosts: []string{cluster.Nodes[0].Addr}, TLS: true, CAFile: ca.file, Patience: endless}
	for range 20 { // the alert may come after the request was sent, or before
		err := initialise(t, good)
		fails(t, err, staff.CodeUnavailable, "certificate required", "--store-cert", "--store-key")
		field(t, err, "store-cert")
	}
	strange := good
	strange.CertFile, strange.KeyFile = other.issue(t, "stranger")
	err := initialise(t, strange)
	fails(t, err, staff.CodeUnavailable, "--store-cert", "--store-key")
	field(t, err, "store-cert")
	good.CertFile, good.KeyFile = ca.issue(t, "client")
	works(t, good)
}

func TestCertificateFiles(t *testing.T) {
	t.Parallel()
	ca := newAuthority(t, "ca")
	cert, key := ca.issue(t, "client")
	_, otherKey := ca.issue(t, "other")
	no, dir := file(t, "no.pem", "no PEM"), t.TempDir()
	for name, c := range map[string]struct {
		o     rqlite.Options
		code  staff.Code
		field string
	}{
		"no CA file":        {rqlite.Options{CAFile: dir + "/none"}, staff.CodeNotFound, "store-ca"},
		"CA file no PEM":    {rqlite.Options{CAFile: no}, staff.CodeInvalid, "store-ca"},
		"CA file a key":     {rqlite.Options{CAFile: key}, staff.CodeInvalid, "store-ca"},
		"CA a directory":    {rqlite.Options{CAFile: dir}, staff.CodeUnavailable, "store-ca"},
		"no certificate":    {rqlite.Options{CertFile: dir + "/none", KeyFile: key}, staff.CodeNotFound, "store-cert"},
		"no key":            {rqlite.Options{CertFile: cert, KeyFile: dir + "/none"}, staff.CodeNotFound, "store-key"},
		"another's key":     {rqlite.Options{CertFile: cert, KeyFile: otherKey}, staff.CodeInvalid, "store-cert"},
		"certificate a key": {rqlite.Options{CertFile: key, KeyFile: key}, staff.CodeInvalid, "store-cert"},
		"key no PEM":        {rqlite.Options{CertFile: cert, KeyFile: no}, staff.CodeInvalid, "store-cert"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.o.Hosts, c.o.TLS = []string{"127.0.0.1:4001"}, true
			_, err := rqlite.Open(c.o)
			fails(t, err, c.code)
			field(t, err, c.field)
		})
	}
}
