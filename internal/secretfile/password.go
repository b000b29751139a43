package secretfile

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

// MaxPassword is the longest password that a file can hold, in bytes.
const MaxPassword = 1024

// ReadPassword returns the first line of a file that only its owner can read.
// Errors name the key or flag that names the file, and whose password it is to
// be, such as "the mail server's".
func ReadPassword(key, whose, path string) (staff.Secret, error) {
	file, err := os.Open(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", staff.Errorf(staff.CodeNotFound, key, "there is no file %s with %s password; make it, or correct %s", path, whose, key)
	case err != nil:
		return "", staff.Errorf(staff.CodeUnavailable, key, "%s password cannot be read: %w", whose, err)
	}
	defer func() { _ = file.Close() }()
	if err := checkPasswordFile(key, whose, path, file); err != nil {
		return "", err
	}
	content, err := io.ReadAll(io.LimitReader(file, MaxPassword+2))
	if err != nil {
		return "", staff.Errorf(staff.CodeUnavailable, key, "%s password cannot be read: %w", whose, err)
	}
	first, _, _ := strings.Cut(string(content), "\n")
	first = strings.TrimSuffix(first, "\r")
	if first == "" || len(first) > MaxPassword {
		return "", staff.Errorf(staff.CodeInvalid, key, "%s holds no password in its first line, or one of more than %d bytes", path, MaxPassword)
	}
	return staff.Secret(first), nil
}

func checkPasswordFile(key, whose, path string, file *os.File) error {
	info, err := file.Stat()
	switch {
	case err != nil:
		return staff.Errorf(staff.CodeUnavailable, key, "%s password cannot be read: %w", whose, err)
	case !info.Mode().IsRegular():
		return staff.Errorf(staff.CodeInvalid, key, "%s holds no password: it is no file", path)
	case runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0:
		return staff.Errorf(staff.CodeUnavailable, key, "others can read %s password in %s; make it yours alone with chmod 600", whose, path)
	default:
		return ownership.Check(key, path, info)
	}
}
