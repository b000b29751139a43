package rqlite

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io/fs"
	"os"
	"runtime"

	"github.com/staffctl/staffctl/internal/ownership"
	"github.com/staffctl/staffctl/internal/staff"
)

func (o *Options) tlsConfig() (*tls.Config, error) {
	settings := &tls.Config{MinVersion: tls.VersionTLS12}
	if o.CAFile != "" {
		text, err := readPEM("store-ca", o.CAFile)
		if err != nil {
			return nil, err
		}
		settings.RootCAs = x509.NewCertPool()
		if !settings.RootCAs.AppendCertsFromPEM(text) {
			return nil, staff.Errorf(staff.CodeInvalid, "store-ca", "%s holds no certificate in PEM form", o.CAFile)
		}
	}
	if o.CertFile == "" {
		return settings, nil
	}
	cert, err := readPEM("store-cert", o.CertFile)
	if err != nil {
		return nil, err
	}
	key, err := readPEM("store-key", o.KeyFile)
	if err != nil {
		return nil, err
	}
	if err := checkKey(o.KeyFile); err != nil {
		return nil, err
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return nil, staff.Errorf(staff.CodeInvalid, "store-cert", "%s and %s are no certificate with its key: %w", o.CertFile, o.KeyFile, err)
	}
	settings.Certificates = []tls.Certificate{pair}
	return settings, nil
}

// checkKey refuses a key that others can read or have made.
func checkKey(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return staff.Errorf(staff.CodeUnavailable, "store-key", "cannot read what --store-key names: %w", err)
	}
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return staff.Errorf(staff.CodeUnavailable, "store-key", "others can read the key %s; make it yours alone with chmod 600", path)
	}
	return ownership.Check("store-key", path, info)
}

func readPEM(field, path string) ([]byte, error) {
	text, err := os.ReadFile(path)
	switch {
	case err == nil:
		return text, nil
	case errors.Is(err, fs.ErrNotExist):
		return nil, staff.Errorf(staff.CodeNotFound, field, "there is no file %s, which --%s names", path, field)
	default:
		return nil, staff.Errorf(staff.CodeUnavailable, field, "cannot read what --%s names: %w", field, err)
	}
}

// isUntrusted reports whether a node's certificate was refused here.
func isUntrusted(err error) bool {
	var e *tls.CertificateVerificationError
	return errors.As(err, &e)
}

// innermost is the cause without what net/http puts before it.
func innermost(err error) error {
	var e *tls.CertificateVerificationError
	if errors.As(err, &e) {
		return e.Err
	}
	return err
}
