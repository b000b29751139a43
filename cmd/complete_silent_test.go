package cmd

import (
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/staffctl/staffctl/internal/sqlstore"
	"github.com/staffctl/staffctl/internal/sqlstore/sqlite"
)

// What cannot be asked is silent, and offers neither people nor files; what needs no
// store is offered all the same.
func TestCompletionIsSilent(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	broken := filepath.Join(p.dir, "broken.db")
	if err := os.WriteFile(broken, []byte(strings.Repeat("no database ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	bad := filepath.Join(p.dir, "bad.yaml")
	if err := os.WriteFile(bad, []byte("nonsense: 1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, global := range []string{"--quiet", "--store=" + broken, "--store=" + p.dir, "--store=/dev/null", "--store=ftp://x", "--config=" + bad, "--context=none",
		"--store=rqlite://127.0.0.1:1", "--store=rqlite://user@127.0.0.1:1"} {
		for _, line := range []string{"member show ", "member list --role ", "subaccount show ", "member list --account ", "invite show ", "outbox show ", "member revoke x "} {
			if got, directive := p.complete(append([]string{global}, strings.Split(line, " ")...)...); len(got) > 0 || directive != noFiles {
				t.Errorf("%s %s: %q, %d", global, line, got, directive)
			}
		}
		if got, directive := p.complete(global, "member", "set-access", "x", ""); !slices.Equal(got, []string{"all\tevery area", "none\tno area"}) || directive != noFiles {
			t.Errorf("%s: %q, %d", global, got, directive)
		}
	}
	entries, err := os.ReadDir(p.dir)
	if err != nil || len(entries) != 2 {
		t.Errorf("it made files: %v, %v", entries, err)
	}
}

// A cluster that takes connections and never answers is given up at the first try.
func TestCompletionGivesUp(t *testing.T) {
	t.Parallel()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	var connections atomic.Int32
	go func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			connections.Add(1)
			defer c.Close()
		}
	}()
	p := newPlace(t)
	p.env["STAFFCTL_STORE"] = "rqlite://" + listener.Addr().String()
	got, directive := p.complete("member", "show", "")
	if len(got) > 0 || directive != noFiles {
		t.Errorf("%q, %d", got, directive)
	}
	if n := connections.Load(); n != 1 { // the commands themselves try for longer
		t.Errorf("it tried %d times", n)
	}
}

// A store of another schema is neither migrated nor read.
func TestCompletionDoesNotMigrate(t *testing.T) {
	t.Parallel()
	p, _ := team(t)
	p.change(`DELETE FROM staffctl_migrations WHERE version = (SELECT max(version) FROM staffctl_migrations)`)
	if got, directive := p.complete("member", "show", ""); len(got) > 0 || directive != noFiles {
		t.Errorf("%q, %d", got, directive)
	}
}

// change changes the store behind staffctl's back.
func (p *place) change(statements string) {
	p.t.Helper()
	if err := changeFile(p.env["STAFFCTL_STORE"], statements); err != nil {
		p.t.Fatal(err)
	}
}

// Looking at a store leaves it and its directory as they were, with somebody else in it
// or nobody.
func TestCompletionWritesNothing(t *testing.T) {
	t.Parallel()
	p, _ := team(t)
	look := func() {
		t.Helper()
		before := contentOf(t, p.dir)
		if got, _ := p.complete("member", "show", "a"); len(got) == 0 {
			t.Error("nothing was offered")
		}
		if d := cmp.Diff(before, contentOf(t, p.dir)); d != "" {
			t.Errorf("it changed files:\n%s", d)
		}
	}
	look()
	other, err := sqlite.Open(p.env["STAFFCTL_STORE"], false)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if _, err := other.Search(t.Context(), sqlstore.Statement{SQL: `SELECT 'in use'`}); err != nil {
		t.Fatal(err)
	}
	look()
}

// contentOf reads all files of a directory, but for what readers of a database share.
func contentOf(t *testing.T, dir string) map[string]string {
	t.Helper()
	content := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if content[path] = string(text); strings.HasSuffix(path, "-shm") {
			content[path] = "shared"
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// What would break the protocol is left out as a word, and made visible in what it means.
func TestCompletionOfStrangeValues(t *testing.T) {
	t.Parallel()
	p, _ := team(t)
	p.change(`UPDATE members SET email = 'a' || char(10) || ':4@example.ch', email_key = 'a1' WHERE email LIKE 'anna%';
		UPDATE members SET last_name = 'M' || char(9, 10, 27) || '[31m: x', email = 'mäx o''hara:"$(id)@example.ch', email_key = 'mäx' WHERE email LIKE 'max%';`)
	if got, _ := p.complete("member", "show", "a\n"); len(got) > 0 {
		t.Errorf("a word of two lines is offered: %q", got)
	}
	got, _ := p.complete("member", "show", "mä")
	if want := []string{`mäx o'hara:"$(id)@example.ch` + "\t" + `Max M\u{9}\u{a}\u{1b}[31m: x, no-login`}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

// Of many some are offered, and the last: a shell types what all have in common.
func TestCompletionOfMany(t *testing.T) {
	t.Parallel()
	p, _ := team(t)
	var rows strings.Builder
	rows.WriteString("email,last_name\n")
	for i := range 300 {
		fmt.Fprintf(&rows, "person%03d@example.ch,Muster\n", i)
	}
	file := filepath.Join(p.dir, "people.csv")
	if err := os.WriteFile(file, []byte(rows.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	p.do("import " + file)
	got, _ := p.complete("member", "show", "person")
	if len(got) != most || !strings.HasPrefix(got[0], "person000@") || !strings.HasPrefix(got[most-2], "person098@") || !strings.HasPrefix(got[most-1], "person299@") {
		t.Errorf("%d, %q", len(got), got)
	}
	if got, _ := p.complete("member", "show", "person29"); len(got) != 10 {
		t.Errorf("%q", got)
	}
}
