//go:build unix

package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// longest bounds the whole program.
const longest = time.Hour

// scenario is a demand with what proves it.
type scenario struct {
	name, demand string
	run          func(*trial)
}

func scenarios() []scenario {
	return []scenario{
		{"storm", "64 processes at once add members, and none is lost or refused", storm},
		{"kill", "kill -9 at any moment leaves each change whole or not there", kill},
		{"import-kill", "kill -9 at any moment of an import leaves all of its rows or none, and the next one clears what was staged", importKill},
		{"administrators", "two administrators removed at once: one stays", administrators},
		{"faults", "disks, rights and files that fail are told clearly, and nothing is lost", faults},
		{"sign-in", "a flood of sign-ins is survived, and a failing one does not tell why by its time", signIn},
		{"lost-update", "32 processes at once change one member, and all changes are there", lostUpdate},
		{"cluster", "nodes of a cluster fail one after the other, and what was acknowledged is there once and whole, what was refused is not", cluster},
	}
}

func main() {
	o := options{}
	var only string
	flag.Float64Var(&o.scale, "scale", 1, "how much is done: 1 is all, 0.05 is for CI")
	flag.StringVar(&only, "only", "", "the one scenario to run: "+strings.Join(names(), ", "))
	flag.Uint64Var(&o.seed, "seed", 1, "where random moments, places and orders come from")
	flag.Parse()
	if flag.NArg() > 0 || o.scale <= 0 || only != "" && !strings.Contains(" "+strings.Join(names(), " ")+" ", " "+only+" ") {
		flag.Usage()
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	ctx, cancel := context.WithTimeout(ctx, longest)
	ok, err := run(ctx, os.Stdout, o, only)
	cancel()
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
	}
	if err != nil || !ok {
		os.Exit(1)
	}
}

func names() []string {
	var out []string
	for _, s := range scenarios() {
		out = append(out, s.name)
	}
	return out
}

// run runs the scenarios in a directory of their own, which it removes, and
// reports whether all demands were met.
func run(ctx context.Context, w io.Writer, o options, only string) (ok bool, err error) {
	dir, err := os.MkdirTemp("", "staffctl-stress-")
	if err != nil {
		return false, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	// Another user must get at the program and at the stores that are theirs.
	if err := os.Chmod(dir, 0o755); err != nil {
		return false, err
	}
	o.program = filepath.Join(dir, "staffctl")
	build := exec.CommandContext(ctx, "go", "build", "-o", o.program, "github.com/staffctl/staffctl")
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		return false, fmt.Errorf("building staffctl: %w", err)
	}
	ok = true
	for _, s := range scenarios() {
		if only != "" && only != s.name {
			continue
		}
		t, err := newTrial(ctx, o, filepath.Join(dir, s.name), s.name)
		if err != nil {
			return false, err
		}
		s.run(t)
		if ok = t.print(w, s) && ok; ctx.Err() != nil {
			return false, nil
		}
	}
	return ok, nil
}
