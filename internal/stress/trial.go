//go:build unix

package main

import (
	"context"
	"fmt"
	"hash/fnv"
	"io"
	"math/rand/v2"
	"os"
	"sync"
	"time"
)

// mostProblems is how many problems of a scenario are printed.
const mostProblems = 25

// options are what the flags say, and the program that was built.
type options struct {
	program string
	scale   float64
	seed    uint64
}

// trial is a scenario under way: its directory, its random numbers, what it has
// done and what went wrong. Its counts may be raised from many goroutines.
type trial struct {
	options
	ctx     context.Context
	dir     string
	random  *rand.Rand // of the scenario's own goroutine only
	started time.Time

	mu                        sync.Mutex
	processes, commits, kills int
	problems, notes           []string
	unprinted                 int
}

func newTrial(ctx context.Context, o options, dir, name string) (*trial, error) {
	hash := fnv.New64a()
	_, _ = hash.Write([]byte(name))
	t := &trial{options: o, ctx: ctx, dir: dir, random: rand.New(rand.NewPCG(o.seed, hash.Sum64())), started: time.Now()}
	return t, os.Mkdir(dir, 0o755) // another user must get through
}

// scaled returns how many of n are done at the scale, but at least some.
func (t *trial) scaled(n, least int) int { return max(int(float64(n)*t.scale+0.5), least) }

// problem notes that a demand is not met. Once the program is to end, what
// fails is no fault of staffctl's.
func (t *trial) problem(format string, args ...any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.ctx.Err() != nil {
		return
	}
	if len(t.problems) >= mostProblems {
		t.unprinted++
		return
	}
	t.problems = append(t.problems, fmt.Sprintf(format, args...))
}

// note adds a figure to the scenario's line, or says what was skipped and why.
func (t *trial) note(format string, args ...any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.notes = append(t.notes, fmt.Sprintf(format, args...))
}

// committed counts a change that a process has said is done.
func (t *trial) committed(o outcome) bool {
	if o.code == 0 && !o.killed {
		t.mu.Lock()
		t.commits++
		t.mu.Unlock()
	}
	return o.code == 0 && !o.killed
}

// check notes a problem where err is one.
func (t *trial) check(err error) bool {
	if err != nil {
		t.problem("the stress program itself: %v", err)
	}
	return err == nil
}

// print writes the scenario's line and its problems, and reports whether there
// are none.
func (t *trial) print(w io.Writer, s scenario) bool {
	word := "ok  "
	if t.ctx.Err() != nil {
		t.problems = append(t.problems, fmt.Sprintf("ended before it was through: %v", context.Cause(t.ctx)))
	}
	if len(t.problems) > 0 {
		word = "FAIL"
	}
	line := fmt.Sprintf("%s %-14s %5d processes, %5d commits, %3d kills, %5.1f s", word, s.name, t.processes, t.commits, t.kills, time.Since(t.started).Seconds())
	for _, n := range t.notes {
		line += ", " + n
	}
	_, _ = fmt.Fprintln(w, line)
	if len(t.problems) > 0 {
		_, _ = fmt.Fprintln(w, "  demand:", s.demand)
	}
	for _, p := range t.problems {
		_, _ = fmt.Fprintln(w, "  problem:", p)
	}
	if t.unprinted > 0 {
		_, _ = fmt.Fprintf(w, "  and %d more\n", t.unprinted)
	}
	return len(t.problems) == 0
}
