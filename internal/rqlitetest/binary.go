package rqlitetest

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
)

// binary builds rqlited once for the whole process.
var binary = sync.OnceValues(build)

// Binary is the path of the rqlited that testdata/rqlited/go.mod pins. The Go
// tool builds it, some two minutes the first time, and finds it in its build
// cache ever after, also for other processes. The error says what is missing.
func Binary() (string, error) {
	return binary()
}

func build() (string, error) {
	dir, err := module()
	if err != nil {
		return "", err
	}
	// Packages are tested side by side: the second process waits for what the
	// first builds, instead of building it as well.
	unlock, err := lock(dir)
	if err != nil {
		return "", err
	}
	defer unlock()
	compiler, err := goTool(dir, "env", "CC")
	if err != nil {
		return "", err
	}
	if words := strings.Fields(compiler); len(words) > 0 {
		if _, err := exec.LookPath(words[0]); err != nil {
			return "", fmt.Errorf("rqlited cannot be built without a C compiler: %w", err)
		}
	}
	path, err := goTool(dir, "tool", "-n", "rqlited")
	if err != nil {
		return "", err
	}
	if _, err := os.Stat(path); err != nil {
		return "", fmt.Errorf("the Go tool has not built rqlited: %w", err)
	}
	return path, nil
}

// module is the directory of testdata/rqlited, found from this file: tests may
// have changed their directory, and programs run in any.
func module() (string, error) {
	_, file, _, _ := runtime.Caller(0)
	dir := filepath.Join(filepath.Dir(file), "..", "..", "testdata", "rqlited")
	if _, err := os.Stat(filepath.Join(dir, "go.mod")); err != nil {
		return "", fmt.Errorf("rqlited cannot be built away from the source of staffctl, or when that was built with -trimpath: %w", err)
	}
	return dir, nil
}

// goTool runs the Go tool in a directory and returns what it prints.
func goTool(dir, verb string, args ...string) (string, error) {
	program, err := exec.LookPath("go")
	if err != nil {
		return "", fmt.Errorf("rqlited cannot be built without the Go tool: %w", err)
	}
	cmd := exec.Command(program, slices.Concat([]string{verb}, args)...)
	cmd.Dir = dir
	// rqlited needs cgo, and what builds the tests, such as -race, is not for it.
	cmd.Env = append(os.Environ(), "PWD="+dir, "CGO_ENABLED=1", "GOFLAGS=", "GOWORK=off")
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		if said := lastLines(stderr.Bytes(), 8); said != "" {
			err = errors.New(said)
		}
		return "", fmt.Errorf("rqlited cannot be built: go %s: %w", verb, err)
	}
	return strings.TrimSpace(stdout.String()), nil
}

// lastLines is the end of a text: at most so many lines.
func lastLines(text []byte, count int) string {
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	return strings.Join(lines[max(0, len(lines)-count):], "\n")
}
