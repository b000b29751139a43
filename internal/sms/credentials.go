package sms

import (
	"io"
	"os"
	"runtime"
	"strings"
	"unicode"

	"github.com/staffctl/staffctl/internal/ownership"
	"github.com/staffctl/staffctl/internal/staff"
)

// maxCredentials is more than any such file has, in bytes.
const maxCredentials = 64 << 10

const credentialsKey = "sms.credentials_file"

// readCredentials reads the NAME=VALUE lines of a file that only its owner may
// read; empty lines and those that begin with # do not count. No error shows
// what stands in it.
func readCredentials(path string) (map[string]string, error) {
	if path == "" {
		return map[string]string{}, nil
	}
	text, err := readSecret(path)
	if err != nil {
		return nil, err
	}
	credentials := map[string]string{}
	n := 0
	for line := range strings.Lines(text) {
		n++
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		name, value, ok := strings.Cut(line, "=")
		name = strings.TrimSpace(name)
		switch _, twice := credentials[name]; {
		case !ok || !isName(name):
			return nil, unusable("line %d of %s is not NAME=VALUE with a NAME of letters, digits and _", n, path)
		case twice:
			return nil, unusable("line %d of %s gives a name for the second time", n, path)
		}
		credentials[name] = strings.TrimSpace(value)
	}
	return credentials, nil
}

// readSecret reads a file that only its owner may read.
func readSecret(path string) (string, error) {
	// Looked at before it is opened, since opening a pipe would wait.
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return "", unusable("%s is no file", path)
	}
	file, err := os.Open(path)
	if err != nil {
		return "", unusable("%s cannot be read: %w", credentialsKey, err)
	}
	defer func() { _ = file.Close() }()
	info, err := file.Stat()
	switch {
	case err != nil:
		return "", unusable("%s cannot be read: %w", credentialsKey, err)
	case runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0:
		return "", unusable("others can read %s; make it yours alone with chmod 600", path)
	case info.Size() > maxCredentials:
		return "", unusable("%s has more than %d bytes instead of a few lines NAME=VALUE", path, maxCredentials)
	}
	if err := ownership.Check(credentialsKey, path, info); err != nil {
		return "", err
	}
	text, err := io.ReadAll(io.LimitReader(file, maxCredentials))
	if err != nil {
		return "", unusable("%s cannot be read: %w", credentialsKey, err)
	}
	return string(text), nil
}

func unusable(format string, args ...any) error {
	return staff.Errorf(staff.CodeInvalid, credentialsKey, format, args...)
}

// isName allows what a template can name after a dot.
func isName(s string) bool {
	return s != "" && !unicode.IsDigit(rune(s[0])) && !strings.ContainsFunc(s, func(r rune) bool {
		return r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_'
	})
}
