package config

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/staffctl/staffctl/internal/staff"
)

var update = flag.Bool("update", false, "write the generated table into docs/configuration.md")

func TestDocsTable(t *testing.T) {
	const path, marker = "../../docs/configuration.md", "<!-- keys -->"
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(string(data), marker)
	if len(parts) != 3 {
		t.Fatalf("%s has %d markers %s, want 2", path, len(parts)-1, marker)
	}
	want := "\n\n" + MarkdownTable() + "\n"
	if parts[1] == want {
		return
	}
	if !*update {
		t.Fatalf("%s is behind the keys; run go test ./internal/config -run TestDocsTable -update", path)
	}
	parts[1] = want
	if err := os.WriteFile(path, []byte(strings.Join(parts, marker)), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestUserDirs(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the paths of this table are absolute on Unix only")
	}
	tests := []struct {
		goos, env, config, data string
	}{
		{"linux", "HOME=/h", "/h/.config/staffctl", "/h/.local/share/staffctl"},
		{"linux", "HOME=/h XDG_CONFIG_HOME=/c XDG_DATA_HOME=/d", "/c/staffctl", "/d/staffctl"},
		{"linux", "HOME=/h XDG_CONFIG_HOME=c XDG_DATA_HOME=", "/h/.config/staffctl", "/h/.local/share/staffctl"},
		{"linux", "XDG_DATA_HOME=/d", "", "/d/staffctl"},
		{"darwin", "HOME=/h XDG_DATA_HOME=/d", "/h/Library/Application Support/staffctl", "/h/Library/Application Support/staffctl"},
		{"windows", "AppData=/a LocalAppData=/l", "/a/staffctl", "/l/staffctl"},
		{"windows", "HOME=/h", "", ""},
	}
	for _, tt := range tests {
		got := userDirs(tt.goos, func(name string) (string, bool) {
			for pair := range strings.FieldsSeq(tt.env) {
				if key, value, _ := strings.Cut(pair, "="); key == name {
					return value, true
				}
			}
			return "", false
		})
		if got != (Dirs{tt.config, tt.data}) {
			t.Errorf("%s with %s: got %+v", tt.goos, tt.env, got)
		}
	}
}

// FuzzCheck feeds the file's reader anything: it must end with settings or
// with an error that names the file, and what it accepts must survive an edit.
func FuzzCheck(f *testing.F) {
	for _, seed := range []string{
		"", "store: a\n", "mail: {port: 25}\n", "contexts:\n  a: {store: x}\n", "a: &x [*x]\n", "? [a]\n: b\n",
		"--- |\n x\n", "columns: [a, 'b']\n", "store: !!binary aGk=\n", "# c\ncontext: a # d\n", "\xff\xfe",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		before, err := checkBytes(data)
		if err != nil {
			var e *staff.Error
			if !errors.As(err, &e) || e.Code != staff.CodeInvalid || !strings.HasPrefix(e.Message, "F:") {
				t.Fatalf("unclear error %#v", err)
			}
			return
		}
		path := filepath.Join(t.TempDir(), "config.yaml")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := SetContext(path, "fuzz", Context{Account: "acme"}); err != nil {
			t.Fatal(err)
		}
		edited, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		after, err := checkBytes(edited)
		if err != nil || after.contexts["fuzz"].Account != "acme" || len(after.settings) != len(before.settings) {
			t.Fatalf("%q became %q: %v", data, edited, err)
		}
		if _, err := SetContext(path, "fuzz", Context{Account: "acme"}); err != nil {
			t.Fatal(err)
		}
		if again, _ := os.ReadFile(path); !bytes.Equal(again, edited) {
			t.Fatalf("setting the same context again wrote %q over %q", again, edited)
		}
	})
}

func checkBytes(data []byte) (*document, error) {
	root, err := parse("F", data)
	if err != nil {
		return nil, err
	}
	return check(Keys(), "F", root)
}
