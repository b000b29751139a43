package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"time"
)

// contender is a command that is measured.
type contender struct {
	name string
	args []string
	env  []string
	// before is done before each run and not measured; it may be nil.
	before func(context.Context) error

	times []time.Duration
	peak  int64 // memory, in KiB
	bytes int64 // of output in the last run
}

// once runs the contender and notes its time and peak memory.
func (c *contender) once(ctx context.Context) error {
	if c.before != nil {
		if err := c.before(ctx); err != nil {
			return err
		}
	}
	cmd := exec.CommandContext(ctx, c.args[0], c.args[1:]...)
	cmd.Env, cmd.Stderr = append(os.Environ(), c.env...), os.Stderr
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	start := time.Now()
	if err := cmd.Start(); err != nil {
		return err
	}
	c.bytes, err = io.Copy(io.Discard, pipe)
	if err != nil {
		return err
	}
	if err := cmd.Wait(); err != nil {
		return fmt.Errorf("%s: %w", c.name, err)
	}
	c.times = append(c.times, time.Since(start))
	c.peak = max(c.peak, peakMemory(cmd.ProcessState))
	return nil
}

func (c *contender) median() time.Duration {
	sorted := slices.Sorted(slices.Values(c.times))
	return sorted[len(sorted)/2]
}

// take runs the contenders in turn, runs times each after one to warm up.
func take(ctx context.Context, runs int, contenders ...*contender) error {
	for i := range runs + 1 {
		for _, c := range contenders {
			if err := c.once(ctx); err != nil {
				return err
			}
			if i == 0 {
				c.times = nil
			}
		}
	}
	return nil
}

// race takes the times of the contenders and prints each with its ratio to the
// last, the peer.
func race(ctx context.Context, title string, runs int, contenders ...*contender) error {
	if err := take(ctx, runs, contenders...); err != nil {
		return err
	}
	fmt.Printf("\n%s (%d runs each, medians)\n", title, runs)
	show(contenders, contenders[len(contenders)-1])
	return nil
}

func show(contenders []*contender, peer *contender) {
	for _, c := range contenders {
		fmt.Printf("  %-44s %10.2f ms  %5.2f times  %6.1f MiB  %10d bytes\n", c.name, float64(c.median().Microseconds())/1000,
			float64(c.median())/float64(peer.median()), float64(c.peak)/1024, c.bytes)
	}
}
