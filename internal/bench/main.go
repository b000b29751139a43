// Bench measures staffctl against sqlite3 on the same file, in turn and in one
// run, and prints the ratios of the medians: the machine may be shared, so only
// what ran side by side is compared. docs/performance.md has the figures.
//
//	go run ./internal/bench [-members 100000] [-runs 7] [-only show|list|cluster] [-keep DIR]
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
)

// bench is one run: the program measured and the store it works on.
type bench struct {
	dir, program, store string
	members, runs       int
	seed                uint64
}

func main() {
	b := &bench{}
	var only, keep string
	flag.IntVar(&b.members, "members", 100_000, "how many members the store has")
	flag.IntVar(&b.runs, "runs", 7, "how often a list is measured; a lookup 40 times as often")
	flag.Uint64Var(&b.seed, "seed", 1, "what the data is made from")
	flag.StringVar(&only, "only", "", "measure only this: show, list or cluster")
	flag.StringVar(&keep, "keep", "", "keep the store in this directory, and use the one there is")
	flag.StringVar(&b.store, "fill", "", "make the store at this path, and measure nothing")
	flag.Parse()
	work := func(ctx context.Context) error { return b.run(ctx, only, keep) }
	if b.store != "" {
		work = b.fill
	}
	if err := work(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func (b *bench) run(ctx context.Context, only, keep string) error {
	if _, err := exec.LookPath("sqlite3"); err != nil {
		return fmt.Errorf("sqlite3, the peer, is missing: %w", err)
	}
	b.dir = keep
	if keep == "" {
		dir, err := os.MkdirTemp("", "staffctl-bench-")
		if err != nil {
			return err
		}
		defer func() { _ = os.RemoveAll(dir) }()
		b.dir = dir
	}
	if err := b.prepare(ctx); err != nil {
		return err
	}
	version, err := exec.CommandContext(ctx, "sqlite3", "--version").Output()
	if err != nil {
		return err
	}
	fmt.Printf("%d members, %s/%s, %d cores, %s, sqlite3 %s", b.members, runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version(), version)
	for _, m := range []struct {
		name    string
		measure func(context.Context) error
	}{{"show", b.show}, {"list", b.list}, {"cluster", b.cluster}} {
		if only == "" || only == m.name {
			if err := m.measure(ctx); err != nil {
				return fmt.Errorf("%s: %w", m.name, err)
			}
		}
	}
	return nil
}

// prepare builds the program as a release is built, and makes the store.
func (b *bench) prepare(ctx context.Context) error {
	b.program = filepath.Join(b.dir, "staffctl")
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", b.program, "github.com/staffctl/staffctl")
	build.Env, build.Stderr = append(os.Environ(), "CGO_ENABLED=0"), os.Stderr
	if err := build.Run(); err != nil {
		return fmt.Errorf("build staffctl: %w", err)
	}
	b.store = filepath.Join(b.dir, fmt.Sprintf("bench-%d-%d.db", b.members, b.seed))
	if _, err := os.Stat(b.store); err == nil {
		return nil
	}
	return b.fillApart(ctx)
}

// fillApart makes the store in a process of its own: what a process measures of
// a child's memory begins with its own.
func (b *bench) fillApart(ctx context.Context) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	fill := exec.CommandContext(ctx, self, "-fill", b.store, "-members", strconv.Itoa(b.members), "-seed", strconv.FormatUint(b.seed, 10))
	fill.Stderr = os.Stderr
	if err := fill.Run(); err != nil {
		return fmt.Errorf("make the store: %w", err)
	}
	return nil
}
