package rqlitetest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestOptions(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	cert, key := certificate(t, dir)
	o := Options{
		Nodes:       3,
		Dir:         filepath.Join(dir, "cluster"),
		ForeignKeys: []bool{false, true},
		AuthFile: write(t, dir, "accounts", `[{"username":"reader","password":"r","perms":["query"]},
			{"username":"admin","password":"a","perms":["all"]}]`),
		CertFile: cert, KeyFile: key, CAFile: cert, VerifyClient: true,
	}
	c := ForTest(t, o)
	mustSend(t, mustLead(t, c), "/db/execute", `CREATE TABLE kept (id INTEGER PRIMARY KEY)`)
	for i, want := range []string{"0", "1", "0"} {
		found := mustSend(t, c.Nodes[i], "/db/query?level=none", `SELECT CAST(foreign_keys AS TEXT) FROM pragma_foreign_keys`)
		if got := found[0].Values[0][0]; got != want {
			t.Errorf("node %d has foreign_keys = %s, not %s", i+1, got, want)
		}
	}
	o.AuthFile, o.VerifyClient = "", false
	nobody := must(newClient(&o))(t)
	if _, err := nobody.do(t.Context(), http.MethodGet, c.Nodes[0].URL()+"/status", nil); err == nil || !strings.Contains(err.Error(), "certificate required") {
		t.Errorf("without a certificate: %v", err)
	}
	stranger := *c.client
	stranger.account = account{}
	if _, err := stranger.do(t.Context(), http.MethodGet, c.Nodes[0].URL()+"/status", nil); err == nil || !strings.Contains(err.Error(), "401") {
		t.Errorf("without an account: %v", err)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	for _, n := range c.Nodes {
		if _, err := os.Stat(n.Dir); err != nil {
			t.Error(err)
		}
	}
	if again, err := Start(t.Context(), o); err == nil {
		again.Close()
		t.Error("a cluster was started where there is one")
	} else if _, err := os.Stat(c.Nodes[0].Dir); err != nil {
		t.Errorf("what was there is gone: %v", err)
	}
}

// certificate is one that is its own authority, for servers and clients.
func certificate(t *testing.T, dir string) (certFile, keyFile string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "rqlitetest"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	block := func(kind string, der []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
	}
	return write(t, dir, "cert.pem", block("CERTIFICATE", cert)), write(t, dir, "key.pem", block("PRIVATE KEY", secret))
}

func write(t *testing.T, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
