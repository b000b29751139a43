package secretfile_test

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/staffctl/staffctl/internal/secretfile"
	"github.com/staffctl/staffctl/internal/staff"
)

func passwordFile(t *testing.T, content string, mode os.FileMode) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "password")
	if err := errors.Join(os.WriteFile(name, []byte(content), 0o600), os.Chmod(name, mode)); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestReadPassword(t *testing.T) {
	const key = "mail.password_file"
	readPassword := func(path string) (staff.Secret, error) {
		return secretfile.ReadPassword(key, "the mail server's", path)
	}
	refused := func(path string, code staff.Code, want string) {
		t.Helper()
		_, err := readPassword(path)
		var e *staff.Error
		if !errors.As(err, &e) || e.Code != code || e.Field != key || !strings.Contains(e.Message, want) {
			t.Errorf("got %#v, want code %s and %q", err, code, want)
		}
	}
	if got, err := readPassword(passwordFile(t, "secret words \r\nx\n", 0o600)); err != nil || got != "secret words " {
		t.Errorf("%q, %v", string(got), err)
	}
	directory := t.TempDir()
	refused(filepath.Join(directory, "none"), staff.CodeNotFound, "there is no file")
	refused(directory, staff.CodeInvalid, "it is no file")
	refused(passwordFile(t, "\nx", 0o600), staff.CodeInvalid, "no password in its first line")
	refused(passwordFile(t, strings.Repeat("x", 1025), 0o600), staff.CodeInvalid, "more than 1024 bytes")
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no modes; the directory's access rights hold there")
	}
	refused(passwordFile(t, "a secret", 0o640), staff.CodeUnavailable, "chmod 600")
	if os.Geteuid() != 0 {
		t.Skip("only root can make a file of another user")
	}
	path := passwordFile(t, "a secret", 0o600)
	if err := os.Chown(path, 65534, 65534); err != nil {
		t.Fatal(err)
	}
	refused(path, staff.CodeUnavailable, "belongs to another user")
}
