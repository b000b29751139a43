//go:build unix

package cmd

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// TestPasswordStaysOutOfTheLog sets a password while somebody reads the store,
// so that the write-ahead log stays beside the file, and searches both. What is
// printed, and the file alone, is what secrets.txtar looks at.
func TestPasswordStaysOutOfTheLog(t *testing.T) {
	t.Parallel()
	const plain = "Quetschkommode-am-Zwetschgenkuchen-7"
	dir := t.TempDir()
	store := filepath.Join(dir, "store.db")
	env := append(os.Environ(), "HOME="+dir, "XDG_CONFIG_HOME="+filepath.Join(dir, "config"), "STAFFCTL_STORE="+store, "GORACE=atexit_sleep_ms=0")
	staffctl(t, env, "", "init", "acme")
	staffctl(t, env, "", "member", "add", "anna.muster@example.ch", "--first-name", "Anna", "--last-name", "Muster")

	release := holdLog(t, store)
	staffctl(t, env, plain+"\n", "member", "set-password", "anna.muster@example.ch", "--password-stdin")

	// A log that does not hold the hash would not show that it lacks the password.
	if log := readIfThere(t, store+"-wal"); !bytes.Contains(log, []byte("$argon2id$")) {
		t.Fatalf("the log of %d bytes does not hold what was written", len(log))
	}
	search(t, dir, plain)
	release()
	staffctl(t, env, "", "store", "backup", filepath.Join(dir, "backup.db"))
	search(t, dir, plain)
	for _, secret := range []string{plain, "$argon2id$"} {
		if out := staffctl(t, env, "", "audit", "list", "-o", "json", "--verbose"); bytes.Contains([]byte(out), []byte(secret)) {
			t.Errorf("the audit shows %q", secret)
		}
	}
}

// search looks for the password, and its parts, in every file of the directory.
func search(t *testing.T, dir, plain string) {
	t.Helper()
	for _, part := range []string{plain, "Quetschkommode", "Zwetschgenkuchen"} {
		searchAll(t, dir, part)
	}
}

func readIfThere(t *testing.T, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return content
}
