package rqlitetest

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// asked makes this test program print what Binary says, and nothing else.
const asked = "RQLITETEST_BINARY"

func TestMain(m *testing.M) {
	if os.Getenv(asked) == "" {
		os.Exit(m.Run())
	}
	path, err := Binary()
	if err != nil {
		path = err.Error()
	}
	_, _ = os.Stdout.WriteString(path)
}

func TestBinaryAtOnce(t *testing.T) {
	t.Parallel()
	need(t)
	want, err := Binary()
	if err != nil {
		t.Fatal(err)
	}
	var asking sync.WaitGroup
	for range 3 {
		asking.Go(func() {
			if got := ask(t); got != want {
				t.Errorf("another process gets %q, not %q", got, want)
			}
		})
	}
	asking.Wait()
	said, err := exec.Command(want, "-version").CombinedOutput()
	if err != nil || !strings.Contains(string(said), "rqlited") {
		t.Errorf("rqlited -version = %q, %v", said, err)
	}
}

func TestBinarySaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	need(t)
	goTool, err := exec.LookPath("go")
	if err != nil {
		t.Fatal(err)
	}
	empty, onlyGo := t.TempDir(), t.TempDir()
	if err := os.Symlink(goTool, filepath.Join(onlyGo, "go")); err != nil {
		skip(t, err)
	}
	for path, want := range map[string]string{empty: "without the Go tool", onlyGo: "without a C compiler"} {
		if got := ask(t, "PATH="+path); !strings.Contains(got, want) {
			t.Errorf("Binary says %q", got)
		}
	}
	if got := ask(t, "GOMODCACHE="+t.TempDir(), "GOPROXY=off"); !strings.Contains(got, "module lookup disabled by GOPROXY=off") {
		t.Errorf("Binary without modules says %q", got)
	}
}

// ask has another process call Binary.
func ask(t *testing.T, env ...string) string {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(append(os.Environ(), asked+"=1"), env...)
	said, err := cmd.CombinedOutput()
	if err != nil {
		t.Error(err)
	}
	return string(said)
}
