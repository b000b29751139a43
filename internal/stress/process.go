//go:build unix

package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// patience is how long a process may take before it counts as hanging: longer
// than staffctl itself waits for a store.
const patience = 3 * time.Minute

// command is one staffctl process to start.
type command struct {
	store  string
	args   []string
	stdin  string
	stdout *os.File            // nil collects it
	as     *syscall.Credential // nil is the present user
	after  time.Duration       // kill -9 that long after the start; 0 never
	watch  func()              // before that: called while the process is stopped; may be nil
	under  []string            // a program and arguments that run staffctl
}

// outcome is what came of a command.
type outcome struct {
	args           []string
	code           int
	killed         bool
	stdout, stderr string
	took           time.Duration
}

// String is the command line and what it said on standard error.
func (o *outcome) String() string {
	text := "staffctl " + strings.Join(o.args, " ")
	if s := strings.TrimSpace(o.stderr); s != "" {
		text += " said: " + s
	}
	return text
}

// start runs a command to its end and holds what is demanded of every one: it
// ends, not with 1 nor above 12, and says nothing of locks or of its insides.
func (t *trial) start(c command) outcome {
	ctx, cancel := context.WithTimeout(t.ctx, patience)
	defer cancel()
	line := slices.Concat(c.under, []string{t.program}, c.args)
	cmd := exec.CommandContext(ctx, line[0], line[1:]...)
	cmd.WaitDelay = time.Second
	home := filepath.Join(t.dir, "home")
	if c.as != nil {
		home += "-of-nobody" // which is not there
	}
	cmd.Dir, cmd.Stdin = "/", strings.NewReader(c.stdin)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + home, "STAFFCTL_STORE=" + c.store}
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if c.stdout != nil {
		cmd.Stdout = c.stdout
	}
	if c.as != nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: c.as}
	}
	o := outcome{args: c.args, code: -1}
	begin := time.Now()
	if err := cmd.Start(); err != nil {
		t.problem("cannot start %s: %v", line[0], err)
		return o
	}
	if c.after > 0 {
		struck := make(chan struct{})
		timer := time.AfterFunc(c.after, func() {
			defer close(struck)
			if c.watch != nil && cmd.Process.Signal(syscall.SIGSTOP) == nil {
				c.watch()
			}
			_ = cmd.Process.Kill()
		})
		defer func() {
			if !timer.Stop() {
				<-struck
			}
		}()
	}
	err := cmd.Wait()
	o.took, o.stdout, o.stderr = time.Since(begin), stdout.String(), stderr.String()
	t.judge(ctx, &o, cmd, err, c.after > 0)
	return o
}

// count adds a process to the figures.
func (t *trial) count(killed bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.processes++
	if killed {
		t.kills++
	}
}

func (t *trial) judge(ctx context.Context, o *outcome, cmd *exec.Cmd, err error, mayDie bool) {
	status, _ := cmd.ProcessState.Sys().(syscall.WaitStatus)
	o.code, o.killed = status.ExitStatus(), status.Signaled() && status.Signal() == syscall.SIGKILL
	t.count(o.killed)
	var exit *exec.ExitError
	switch {
	case t.ctx.Err() != nil:
		return
	case ctx.Err() != nil:
		t.problem("hung for %v: %s", patience, o)
	case err != nil && !errors.As(err, &exit):
		t.problem("%v: %s", err, o)
	case o.killed && mayDie:
	case status.Signaled():
		t.problem("ended by signal %v: %s", status.Signal(), o)
	case o.code == 1 || o.code > 12:
		t.problem("exit %d: %s", o.code, o)
	}
	for _, word := range []string{"goroutine ", "panic", "locked", "busy", "runtime error"} {
		if strings.Contains(o.stderr, word) {
			t.problem("%q on stderr, exit %d: %s", word, o.code, o)
		}
	}
}

// expect holds that the command ended with one of the codes, and where it
// failed said in one line why.
func (t *trial) expect(what string, o outcome, codes ...int) bool {
	if t.ctx.Err() != nil {
		return false
	}
	if !slices.Contains(codes, o.code) {
		t.problem("%s: exit %d, not one of %v: %s", what, o.code, codes, &o)
		return false
	}
	if o.code == 0 {
		return true
	}
	found := strings.HasPrefix(strings.Join(o.args, " "), "store check") && o.stdout != "" && o.stderr == ""
	prefixed := strings.HasPrefix(o.stderr, "error: ") || strings.HasPrefix(o.stderr, `{"error":{`)
	if !found && (!prefixed || strings.Count(o.stderr, "\n") != 1 || len(o.stderr) > 600) {
		t.problem("%s: exit %d without a message of one line: %s", what, o.code, &o)
		return false
	}
	return true
}
