package secretfile_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/staffctl/staffctl/internal/secretfile"
	"github.com/staffctl/staffctl/internal/staff"
)

func read(t *testing.T, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func mode(t *testing.T, path string) fs.FileMode {
	t.Helper()
	info, err := os.Lstat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Mode().Perm()
}

// checkAlone wants the directory to hold nothing but the file.
func checkAlone(t *testing.T, path string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.Name() != filepath.Base(path) {
			t.Errorf("%s lies beside the key", e.Name())
		}
	}
}

func checkRefused(t *testing.T, err error, code staff.Code, says ...string) {
	t.Helper()
	var e *staff.Error
	if !errors.As(err, &e) || e.Code != code || e.Field != "key_file" {
		t.Fatalf("got %v, want an error with code %s about key_file", err, code)
	}
	for _, part := range says {
		if !strings.Contains(e.Message, part) {
			t.Errorf("%q does not say %q", e.Message, part)
		}
	}
}

func TestEnsureKey(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "staffctl", "sub", "instance.key")
	made, err := secretfile.EnsureKey(path)
	if !made || err != nil {
		t.Fatal(made, err)
	}
	key := read(t, path)
	if len(key) != secretfile.KeySize || bytes.Equal(key, make([]byte, secretfile.KeySize)) {
		t.Errorf("key %x", key)
	}
	if runtime.GOOS != "windows" {
		if got := mode(t, path); got != 0o600 {
			t.Errorf("the key has mode %o", got)
		}
		for dir := filepath.Dir(path); filepath.Base(dir) != "001"; dir = filepath.Dir(dir) {
			if got := mode(t, dir); got != 0o700 {
				t.Errorf("%s has mode %o", dir, got)
			}
		}
	}
	checkAlone(t, path)
	made, err = secretfile.EnsureKey(path)
	if made || err != nil || !bytes.Equal(key, read(t, path)) {
		t.Errorf("a second time: made %v, error %v, key %x after %x", made, err, read(t, path), key)
	}
	other := filepath.Join(t.TempDir(), "instance.key")
	if _, err := secretfile.EnsureKey(other); err != nil || bytes.Equal(key, read(t, other)) {
		t.Errorf("another key is the same, or %v", err)
	}
}

func TestEnsureKeyRefuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name string, size int) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, bytes.Repeat([]byte{7}, size), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for name, size := range map[string]int{"empty": 0, "short": 31, "long": 33} {
		path := write(name, size)
		made, err := secretfile.EnsureKey(path)
		checkRefused(t, err, staff.CodeInvalid, path, "is no instance key", "not 32")
		if made || len(read(t, path)) != size {
			t.Errorf("%s: what was there is overwritten", name)
		}
	}
	if _, err := secretfile.EnsureKey(dir); err == nil {
		t.Error("a directory is taken for a key")
	} else {
		checkRefused(t, err, staff.CodeInvalid, dir, "it is no file")
	}
	_, err := secretfile.EnsureKey(filepath.Join(write("file", 32), "instance.key"))
	checkRefused(t, err, staff.CodeUnavailable, "cannot be made")
}

func TestEnsureKeyFollowsNoLink(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path, target := filepath.Join(dir, "instance.key"), filepath.Join(dir, "target")
	if err := os.Symlink(target, path); err != nil {
		t.Skipf("this machine makes no symbolic links: %v", err)
	}
	made, err := secretfile.EnsureKey(path)
	checkRefused(t, err, staff.CodeUnavailable, path, "cannot be made")
	if _, err := os.Lstat(target); made || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the key is written through the link: made %v, %v", made, err)
	}
	if link, err := os.Readlink(path); err != nil || link != target {
		t.Errorf("the link is gone: %q, %v", link, err)
	}
	// A key that is there may lie behind a link, as mounted secrets do.
	key := bytes.Repeat([]byte{7}, secretfile.KeySize)
	if err := os.WriteFile(target, key, 0o600); err != nil {
		t.Fatal(err)
	}
	if made, err := secretfile.EnsureKey(path); made || err != nil || !bytes.Equal(key, read(t, target)) {
		t.Errorf("behind a link: made %v, %v", made, err)
	}
}

func TestEnsureKeyUnwritable(t *testing.T) {
	t.Parallel()
	// A file in the place of the directory stops root, too.
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := secretfile.EnsureKey(filepath.Join(file, "instance.key"))
	checkRefused(t, err, staff.CodeUnavailable, "cannot be made")
}

// Many that make the key at once agree on one, and one alone has made it.
func TestEnsureKeyAtOnce(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "staffctl", "instance.key")
	const rivals = 16
	keys, made := make([][]byte, rivals), make([]bool, rivals)
	start := make(chan struct{})
	var group sync.WaitGroup
	for i := range rivals {
		group.Go(func() {
			<-start
			var err error
			if made[i], err = secretfile.EnsureKey(path); err != nil {
				t.Error(err)
				return
			}
			keys[i], err = os.ReadFile(path)
			if err != nil {
				t.Error(err)
			}
		})
	}
	close(start)
	group.Wait()
	makers := 0
	for i := range rivals {
		if made[i] {
			makers++
		}
		if !bytes.Equal(keys[i], keys[0]) || len(keys[i]) != secretfile.KeySize {
			t.Errorf("keys %x and %x", keys[0], keys[i])
		}
	}
	if makers != 1 {
		t.Errorf("%d have made the key", makers)
	}
	checkAlone(t, path)
}

func TestEnsureKeyThatOthersRead(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("rights of files are not so there")
	}
	path := filepath.Join(t.TempDir(), "instance.key")
	if err := os.WriteFile(path, make([]byte, secretfile.KeySize), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, mode := range []os.FileMode{0o640, 0o604, 0o644} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		_, err := secretfile.EnsureKey(path)
		checkRefused(t, err, staff.CodeUnavailable, "chmod 600")
	}
}
