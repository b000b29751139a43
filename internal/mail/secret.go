package mail

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"runtime"
	"strings"

	"github.com/staffctl/staffctl/internal/ownership"
	"github.com/staffctl/staffctl/internal/staff"
)

const (
	passwordKey = "mail.password_file"
	// maxPassword is the longest password of a mail server, in bytes.
	maxPassword = 1024
)

// readPassword returns the first line of a file that only its owner can read.
func readPassword(path string) (staff.Secret, error) {
	file, err := os.Open(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", staff.Errorf(staff.CodeNotFound, passwordKey, "there is no file %s with the mail server's password; make it, or correct %s", path, passwordKey)
	case err != nil:
		return "", staff.Errorf(staff.CodeUnavailable, passwordKey, "the mail server's password cannot be read: %w", err)
	}
	defer func() { _ = file.Close() }()
	if err := checkPasswordFile(path, file); err != nil {
		return "", err
	}
	content, err := io.ReadAll(io.LimitReader(file, maxPassword+2))
	if err != nil {
		return "", staff.Errorf(staff.CodeUnavailable, passwordKey, "the mail server's password cannot be read: %w", err)
	}
	first, _, _ := strings.Cut(string(content), "\n")
	first = strings.TrimSuffix(first, "\r")
	if first == "" || len(first) > maxPassword {
		return "", staff.Errorf(staff.CodeInvalid, passwordKey, "%s holds no password in its first line, or one of more than %d bytes", path, maxPassword)
	}
	return staff.Secret(first), nil
}

func checkPasswordFile(path string, file *os.File) error {
	info, err := file.Stat()
	switch {
	case err != nil:
		return staff.Errorf(staff.CodeUnavailable, passwordKey, "the mail server's password cannot be read: %w", err)
	case !info.Mode().IsRegular():
		return staff.Errorf(staff.CodeInvalid, passwordKey, "%s holds no password: it is no file", path)
	case runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0:
		return staff.Errorf(staff.CodeUnavailable, passwordKey, "others can read the mail server's password in %s; make it yours alone with chmod 600", path)
	default:
		return ownership.Check(passwordKey, path, info)
	}
}
