package cmd

import (
	"context"
	"os"
	"strings"
	"testing"

	"github.com/staffctl/staffctl/internal/iostreams"
)

func TestInterrupted(t *testing.T) {
	k := newDesk(t)
	team := k.file("team.yaml", "account: acme\nmembers:\n  - {email: anna@example.ch, last_name: Muster}\n")
	plan := k.home + "/plan.json"
	k.run(11, nil, "diff", "-f", team, "--save", plan)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, c := range []struct {
		want string
		args []string
	}{
		{"error: interrupted\n", []string{"diff", "-f", team}},
		{"error: interrupted; nothing was changed\n", []string{"apply", "-f", team, "--yes"}},
		{"error: interrupted; nothing was changed\n", []string{"apply", "--plan", plan, "--yes"}},
		{"error: interrupted\n", []string{"export"}},
		{"error: interrupted\n", []string{"export", "--format", "yaml"}},
	} {
		if _, stderr := k.runIn(ctx, 130, nil, c.args...); stderr != c.want {
			t.Errorf("%v says %q", c.args, stderr)
		}
	}
	k.run(4, nil, "member", "exists", "anna@example.ch")
}

// Whoever waits for standard input can be interrupted.
func TestInterruptedWhileReading(t *testing.T) {
	k := newDesk(t)
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = write.Close() }()
	ctx, cancel := context.WithCancel(t.Context())
	ios, _, _, errs := iostreams.Test()
	ios.In = waiting{read, cancel}
	if code := run(ctx, k.deps(ios), []string{"apply", "-f", "-", "--yes"}); code != 130 || !strings.Contains(errs.String(), "interrupted; nothing was changed") {
		t.Errorf("ended with %d and %q", code, errs)
	}
}

// waiting interrupts who begins to read.
type waiting struct {
	*os.File
	interrupt func()
}

func (w waiting) Read(b []byte) (int, error) {
	w.interrupt()
	return w.File.Read(b)
}
