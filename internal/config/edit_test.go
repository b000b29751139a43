package config_test

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/staffctl/staffctl/internal/config"
	"github.com/staffctl/staffctl/internal/staff"
)

const commented = `# our portal
output: wide # as we like it

# where we work
context: prod
contexts:
  # the real one
  prod:
    store: prod.db
  test: {store: test.db, account: acme}
mail:
  host: mx.example # not ours
`

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestEdits(t *testing.T) {
	db := filepath.Join(t.TempDir(), "new.db")
	set := func(name string, c config.Context) func(string) (bool, error) {
		return func(path string) (bool, error) { return config.SetContext(path, name, c) }
	}
	use := func(name string) func(string) (bool, error) {
		return func(path string) (bool, error) { return config.UseContext(path, name) }
	}
	remove := func(name string) func(string) (bool, error) {
		return func(path string) (bool, error) { return config.RemoveContext(path, name) }
	}
	tests := []struct {
		name         string
		edit         func(string) (bool, error)
		file         string
		old, renewed string // what the edit replaces in file; both empty for no change
	}{
		{"use", use("test"), commented, "context: prod", "context: test"},
		{"use again", use("prod"), commented, "", ""},
		{"use first", use("a"), "contexts: {a: {store: x}}\n", "}}\n", "}}\ncontext: a\n"},
		{"set account", set("prod", config.Context{Account: "acme"}), commented,
			"    store: prod.db\n", "    store: prod.db\n    account: acme\n"},
		{"set store", set("prod", config.Context{Store: db}), commented, "store: prod.db", "store: " + db},
		{"set the same", set("test", config.Context{Account: "acme"}), commented, "", ""},
		{"set nothing", set("test", config.Context{}), commented, "", ""},
		{"set another", set("new", config.Context{Account: "007"}), commented,
			"account: acme}\n", "account: acme}\n  new:\n    account: \"007\"\n"},
		{"set in comments", set("new", config.Context{Account: "a"}), "# only this", "this", "this\ncontexts:\n  new:\n    account: a\n"},
		{"set in null", set("new", config.Context{Account: "a"}), "contexts:\n", "contexts:\n", "contexts:\n  new:\n    account: a\n"},
		{"set in braces", set("new", config.Context{Account: "a"}), "contexts: {}\n", "contexts: {}\n", "contexts:\n  new:\n    account: a\n"},
		{"set beside an empty value", set("a", config.Context{Account: "x"}), "mail: {host}\ncontexts: {a}\n",
			"{host}\ncontexts: {a}", "{host: null}\ncontexts: {a: {account: x}}"},
		{"remove", remove("test"), commented, "  test: {store: test.db, account: acme}\n", ""},
		{"remove the last", remove("a"), "contexts:\n  a: {store: x}\n", "contexts:\n  a: {store: x}\n", "contexts: {}\n"},
		{"remove the used", remove("a"), "output: csv\ncontext: a\ncontexts:\n  a: {store: x}\n",
			"context: a\ncontexts:\n  a: {store: x}\n", "contexts: {}\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := newMachine(t, tt.file)
			changed, err := tt.edit(m.path())
			if err != nil || changed != (tt.old != "") {
				t.Fatal(changed, err)
			}
			if diff := cmp.Diff(strings.Replace(tt.file, tt.old, tt.renewed, 1), read(t, m.path())); diff != "" {
				t.Error(diff)
			}
			mustLoad(t, m)
			if changed, err := tt.edit(m.path()); changed && err == nil {
				t.Error("the same edit again changed something")
			}
		})
	}
}

func TestEditErrors(t *testing.T) {
	m := newMachine(t, commented)
	set := func(name string, c config.Context) error {
		_, err := config.SetContext(m.path(), name, c)
		return err
	}
	wantError(t, set("Prod", config.Context{Account: "a"}), staff.CodeInvalid, "context", `context name "Prod"`)
	wantError(t, set("-a", config.Context{Account: "a"}), staff.CodeInvalid, "context", "not a dash first")
	wantError(t, set(strings.Repeat("a", 33), config.Context{Account: "a"}), staff.CodeInvalid, "context", "1 to 32")
	wantError(t, set("new", config.Context{}), staff.CodeInvalid, "context", "needs a store or an account")
	wantError(t, set("new", config.Context{Store: "https://x"}), staff.CodeInvalid, "store", "must be a file path")
	_, err := config.UseContext(m.path(), "prdo")
	wantError(t, err, staff.CodeNotFound, "context", "did you mean prod?")
	_, err = config.RemoveContext(m.path(), "gone")
	wantError(t, err, staff.CodeNotFound, "context", "known are prod, test")
	if got := read(t, m.path()); got != commented {
		t.Error("a refused edit changed the file", got)
	}
	_, err = config.RemoveContext(filepath.Join(m.home, "none", "x.yaml"), "a")
	wantError(t, err, staff.CodeNotFound, "context", "no context a")
	if _, err := os.Stat(filepath.Join(m.home, "none")); err == nil {
		t.Error("a removal made a directory")
	}
	m.write(t, "acount: x\n")
	wantError(t, set("new", config.Context{Account: "a"}), staff.CodeInvalid, "acount", ":1: unknown key")
}

func TestSetContextMakesFile(t *testing.T) {
	m := newMachine(t, "")
	if changed, err := config.SetContext(m.path(), "prod", config.Context{Store: "rel.db"}); err != nil || !changed {
		t.Fatal(changed, err)
	}
	working, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	if c := mustLoad(t, m, "--context", "prod"); c.Store != filepath.Join(working, "rel.db") {
		t.Error(c.Store)
	}
	if runtime.GOOS == "windows" {
		return
	}
	for path, want := range map[string]os.FileMode{m.path(): 0o600, m.dirs.Config: 0o700} {
		info, err := os.Stat(path)
		if err != nil || info.Mode().Perm() != want {
			t.Errorf("%s has mode %v, want %v (%v)", path, info.Mode().Perm(), want, err)
		}
	}
}

func TestEditKeepsLink(t *testing.T) {
	m := newMachine(t, "")
	target := filepath.Join(t.TempDir(), "dotfile.yaml")
	if err := os.WriteFile(target, []byte(commented), 0o600); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(m.home, "link.yaml")
	if err := os.Symlink(target, link); err != nil {
		t.Skip("this system makes no symbolic links: ", err)
	}
	if _, err := config.UseContext(link, "test"); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Error("the link became a file", err)
	}
	if !strings.Contains(read(t, target), "context: test") {
		t.Error("the file behind the link did not change")
	}
}

func TestConcurrentEdits(t *testing.T) {
	m := newMachine(t, "")
	const writers = 24
	var wait sync.WaitGroup
	for i := range writers {
		wait.Go(func() {
			if _, err := config.SetContext(m.path(), fmt.Sprint("c", i), config.Context{Account: "a"}); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if c := mustLoad(t, m); len(c.Contexts) != writers {
		t.Errorf("of %d contexts %d are left", writers, len(c.Contexts))
	}
	left, err := filepath.Glob(filepath.Join(m.dirs.Config, "*"))
	if err != nil || len(left) > 2 {
		t.Error("temporary files stayed: ", left, err)
	}
}
