package rqlite_test

import (
	"net"
	"os"
	"path/filepath"
	"testing"

	"github.com/staffctl/staffctl/internal/rqlitetest"
)

// authority signs certificates for the length of a test.
type authority struct {
	*rqlitetest.Authority
	file string // of its certificate
}

func newAuthority(t *testing.T, name string) *authority {
	t.Helper()
	a, err := rqlitetest.NewAuthority(t.TempDir(), name)
	if err != nil {
		t.Fatal(err)
	}
	return &authority{a, a.File}
}

// issue makes a certificate for 127.0.0.1 or another address, and returns its file
// and that of its key.
func (a *authority) issue(t *testing.T, name string, addresses ...net.IP) (certFile, keyFile string) {
	t.Helper()
	certFile, keyFile, err := a.Issue(name, addresses...)
	if err != nil {
		t.Fatal(err)
	}
	return certFile, keyFile
}

// file writes a file of a secret for the length of the test.
func file(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
