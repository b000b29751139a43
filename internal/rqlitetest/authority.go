package rqlitetest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// Authority signs certificates for nodes and their clients. Each is in PEM form,
// with its key beside it, and lasts for a day.
type Authority struct {
	// File has its certificate.
	File string

	dir  string
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// NewAuthority writes NAME.pem and NAME-key.pem to the directory.
func NewAuthority(dir, name string) (*Authority, error) {
	a := &Authority{dir: dir}
	var err error
	a.cert, a.key, err = a.sign(name, &x509.Certificate{IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign})
	a.File = filepath.Join(dir, name+".pem")
	return a, err
}

// Issue writes NAME.pem and NAME-key.pem, a certificate for 127.0.0.1 or for other
// addresses, and returns their paths.
func (a *Authority) Issue(name string, addresses ...net.IP) (certFile, keyFile string, err error) {
	if addresses == nil {
		addresses = []net.IP{net.IPv4(127, 0, 0, 1)}
	}
	_, _, err = a.sign(name, &x509.Certificate{IPAddresses: addresses, KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}})
	return filepath.Join(a.dir, name+".pem"), filepath.Join(a.dir, name+"-key.pem"), err
}

// sign completes a certificate, signs it, the authority's own by itself, and writes
// it with its key.
func (a *Authority) sign(name string, c *x509.Certificate) (*x509.Certificate, *ecdsa.PrivateKey, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	c.Subject, c.SerialNumber = pkix.Name{CommonName: name}, big.NewInt(time.Now().UnixNano())
	c.NotBefore, c.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(24*time.Hour)
	parent, signer := a.cert, a.key
	if parent == nil {
		parent, signer = c, key
	}
	signed, err := x509.CreateCertificate(rand.Reader, c, parent, &key.PublicKey, signer)
	if err != nil {
		return nil, nil, err
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, nil, err
	}
	write := func(file, kind string, der []byte) error {
		return os.WriteFile(filepath.Join(a.dir, file), pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600)
	}
	return c, key, errors.Join(write(name+".pem", "CERTIFICATE", signed), write(name+"-key.pem", "PRIVATE KEY", secret))
}
