package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/staffctl/staffctl/internal/rqlitetest"
	"github.com/staffctl/staffctl/internal/staff"
)

// idleCommits are made while nobody imports, in an account of that name.
const (
	idleCommits = 300
	besides     = "beside"
)

// waits are what small commits took.
type waits struct {
	took   []time.Duration
	failed int
	err    error // the last one
}

// hold measures on three nodes how an import holds up a client that makes small
// commits in another account, one after the other.
func (b *bench) hold(ctx context.Context) error {
	csv, err := b.apart(ctx, ".csv", b.members)
	if err != nil {
		return err
	}
	c, err := rqlitetest.Start(ctx, rqlitetest.Options{Nodes: 3, Dir: b.dir})
	if err != nil {
		return err
	}
	defer func() { _ = c.Close() }()
	imports := b.importing("staffctl import", csv, "rqlite://"+strings.Join(c.Addresses(), ","))
	imports.args = append(imports.args, "--account", "acme")
	longest := &contender{}
	fmt.Printf("\nimport of %d members on three nodes, while another commits in another account\n", b.members)
	for run := range b.runs {
		s, err := b.emptyPair(ctx, c)
		if err != nil {
			return err
		}
		idle := commit(ctx, s, func(done int) bool { return done >= idleCommits })
		during, err := b.holdOnce(ctx, s, imports)
		if err != nil {
			return err
		}
		longest.times = append(longest.times, slices.Max(during.took))
		fmt.Printf("  run %d, %.2f s: %s; while nobody imports: %s\n", run+1, imports.times[run].Seconds(), during, idle)
	}
	fmt.Printf("  medians: %.2f s, %.0f rows a second, %.1f MiB, the longest wait %.0f ms; the longest of all %.0f ms\n", imports.median().Seconds(),
		float64(b.members)/imports.median().Seconds(), float64(imports.peak)/1024, milliseconds(longest.median()), milliseconds(slices.Max(longest.times)))
	return nil
}

// String says how many there were and how long they took.
func (w *waits) String() string {
	c := &contender{times: w.took}
	text := fmt.Sprintf("%d small commits, median %.1f ms, longest %.0f ms", len(w.took), milliseconds(c.median()), milliseconds(slices.Max(w.took)))
	var long []time.Duration
	for _, took := range w.took {
		if took > time.Second {
			long = append(long, took.Round(time.Millisecond))
		}
	}
	if long != nil {
		text += fmt.Sprintf(" (above a second, in turn: %v)", long)
	}
	if w.failed > 0 {
		text += fmt.Sprintf(", %d of them failed, the last since %v", w.failed, w.err)
	}
	return text
}

// emptyPair makes an empty store with two accounts on the cluster.
func (b *bench) emptyPair(ctx context.Context, c *rqlitetest.Cluster) (*staff.Staff, error) {
	s, _, err := b.empty(ctx, c)
	if err == nil {
		_, err = s.Do(ctx, besides, staff.CreateAccount{Name: besides})
	}
	return s, err
}

// holdOnce imports, commits besides until that is done, and counts.
func (b *bench) holdOnce(ctx context.Context, s *staff.Staff, imports *contender) (*waits, error) {
	ended := make(chan struct{})
	var err error
	go func() {
		defer close(ended)
		err = imports.once(ctx)
	}()
	during := commit(ctx, s, func(int) bool {
		select {
		case <-ended:
			return true
		default:
			return false
		}
	})
	if err != nil {
		return nil, err
	}
	roster, err := s.Roster(ctx, "acme")
	if err != nil {
		return nil, err
	}
	count := 0
	for _, err := range roster.Members(ctx, staff.SortID, staff.MemberFilter{}) {
		if err != nil {
			return nil, err
		}
		count++
	}
	if count != b.members {
		return nil, fmt.Errorf("%d members are there instead of %d", count, b.members)
	}
	return during, nil
}

// commit makes small changes until it is enough, at least one.
func commit(ctx context.Context, s *staff.Staff, enough func(done int) bool) *waits {
	w := &waits{}
	for done := 0; done == 0 || !enough(done) && ctx.Err() == nil; done++ {
		name := fmt.Sprint("Change ", time.Now().UnixNano())
		start := time.Now()
		_, err := s.Do(ctx, besides, staff.SetAccount{Settings: staff.Settings{DisplayName: &name}})
		w.took = append(w.took, time.Since(start))
		if err != nil && !errors.Is(err, context.Canceled) {
			w.failed, w.err = w.failed+1, err
		}
	}
	return w
}
