package sms_test

import (
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/staffctl/staffctl/internal/sms"
	"github.com/staffctl/staffctl/internal/staff"
)

const credentialsKey = "sms.credentials_file"

func TestCredentials(t *testing.T) {
	t.Parallel()
	address, got := gateway(t, http.StatusOK)
	r := send(t, sms.Settings{URL: address, Headers: map[string]string{"A": "{{.Credentials.a}}", "B": "{{.Credentials.b_2}}", "C": "[{{.Credentials.C}}]", "D": "{{.Credentials._}}"},
		CredentialsFile: credentials(t, "# of the gateway\r\n\r\na = x y \r\n  b_2=k=v==\n#a=z\nC=\n_=ümlaut")}, got)
	for name, want := range map[string]string{"A": "x y", "B": "k=v==", "C": "[]", "D": "ümlaut"} {
		if r.header.Get(name) != want {
			t.Errorf("%s is %q", name, r.header.Get(name))
		}
	}
}

// What is wrong with the file is told by line, never with what stands there.
func TestCredentialsRefused(t *testing.T) {
	t.Parallel()
	for lines, want := range map[string]string{
		token[:13]:                         "line 1 of ",
		"a=b\n\n# c\n Planted ":            "line 4 of ",
		"=" + token:                        "line 1 of ",
		"api-key=" + token:                 "with a NAME of letters, digits and _",
		"1a=" + token:                      "is not NAME=VALUE",
		"ä=" + token:                       "is not NAME=VALUE",
		"\ufeffa=" + token:                 "line 1 of ",
		"a b=" + token:                     "line 1 of ",
		"token=" + token + "\ntoken=x":     "line 2 of ",
		strings.Repeat("a", 100<<10) + "=": "more than 65536 bytes",
	} {
		path := credentials(t, lines)
		_, err := sms.New(sms.Settings{URL: "https://sms.example.com", Countries: []string{"CH"}, CredentialsFile: path})
		refused(t, err, staff.CodeInvalid, credentialsKey, want)
		if !strings.Contains(err.Error(), path) {
			t.Errorf("%v does not name the file", err)
		}
	}
}

func TestCredentialsOfOthers(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows keeps this in the directory's rights")
	}
	load := func(path string) error {
		_, err := sms.New(sms.Settings{URL: "https://sms.example.com", Countries: []string{"CH"}, CredentialsFile: path})
		return err
	}
	dir := t.TempDir()
	refused(t, load(filepath.Join(dir, "nothing")), staff.CodeInvalid, credentialsKey, "sms.credentials_file cannot be read: open ")
	refused(t, load(dir), staff.CodeInvalid, credentialsKey, dir+" is no file")
	path := credentials(t, "token="+token)
	for _, mode := range []os.FileMode{0o640, 0o604, 0o620, 0o601, 0o644, 0o777} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		refused(t, load(path), staff.CodeInvalid, credentialsKey, "others can read "+path+"; make it yours alone with chmod 600")
	}
	for _, mode := range []os.FileMode{0o600, 0o400} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		if err := load(path); err != nil {
			t.Error(err)
		}
	}
	link := filepath.Join(dir, "link") // as Kubernetes mounts secrets
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	if err := load(link); err != nil {
		t.Error(err)
	}
	if err := os.Chown(path, 65534, -1); err != nil {
		t.Skipf("only root can give a file away: %v", err)
	}
	refused(t, load(path), staff.CodeUnavailable, credentialsKey, "belongs to another user")
}
