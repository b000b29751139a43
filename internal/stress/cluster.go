//go:build unix

package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/staffctl/staffctl/internal/rqlitetest"
	"github.com/staffctl/staffctl/internal/sqlstore"
	"github.com/staffctl/staffctl/internal/sqlstore/rqlite"
	"github.com/staffctl/staffctl/internal/staff"
)

const clusterWriters = 8

// siege is a cluster whose nodes fail while others write to it.
type siege struct {
	*trial
	nodes   *rqlitetest.Cluster
	ledger  *ledger
	writers []*writer
	harmed  map[string]int // faults of each kind
	// unknownFound is how many unknown commits have taken effect.
	unknownFound int
}

// cluster lets 8 writers change members on a cluster of three nodes, while one
// node after the other fails.
func cluster(t *trial) {
	nodes := t.startNodes(rqlitetest.Options{Nodes: 3, Partitions: true})
	if nodes == nil {
		return
	}
	defer func() { t.check(nodes.Close()) }()
	s := &siege{trial: t, nodes: nodes, ledger: newLedger(), harmed: map[string]int{}}
	t.processes = len(nodes.Nodes)
	for n := range clusterWriters {
		w, err := s.newWriter(n)
		if !t.check(err) {
			return
		}
		defer func() { t.check(w.store.Close()) }()
		s.writers = append(s.writers, w)
	}
	if !s.begin() {
		return
	}
	s.ledger.turn(phase{"before the first fault", false})
	var writing sync.WaitGroup
	ctx, stop := context.WithCancel(t.ctx)
	for _, w := range s.writers {
		writing.Go(func() { w.write(ctx) })
	}
	s.harass()
	stop()
	writing.Wait()
	s.reckon()
	s.figures()
}

// startNodes starts the cluster, or says what this machine lacks for it.
func (t *trial) startNodes(o rqlitetest.Options) *rqlitetest.Cluster {
	nodes, err := rqlitetest.Start(t.ctx, o)
	if err == nil {
		return nodes
	}
	if !errors.Is(err, errors.ErrUnsupported) {
		if _, lacking := rqlitetest.Binary(); lacking == nil {
			t.check(err)
			return nil
		}
	}
	if os.Getenv("CI") == "" {
		t.note("skipped: %v", err)
	} else {
		t.problem("nothing is skipped in CI: %v", err)
	}
	return nil
}

// begin makes the store and the members that all writers change.
func (s *siege) begin() bool {
	first := s.writers[0].staff
	if _, err := first.Init(s.ctx, sqlstore.Schema(), staff.CreateAccount{Name: account}); !s.check(err) {
		return false
	}
	for _, email := range sharedEmails {
		if _, err := first.Do(s.ctx, account, addOf(email)); !s.check(err) {
			return false
		}
	}
	return true
}

// habits are how writers differ. The hasty ones give up while a leader is
// elected, so that some outcomes stay unknown. Who calls nodes by another name
// than they have asks followers to pass on, once a leader is lost.
var habits = [clusterWriters]struct {
	patience, attempt time.Duration // 0 is as usual
	otherName         bool
}{
	{}, {}, {}, {otherName: true},
	{patience: 2 * time.Second, attempt: time.Second},
	{patience: 2 * time.Second, attempt: time.Second, otherName: true},
	{patience: 300 * time.Millisecond, attempt: 300 * time.Millisecond},
	{patience: 300 * time.Millisecond, attempt: 300 * time.Millisecond, otherName: true},
}

func (s *siege) newWriter(n int) (*writer, error) {
	o := rqlite.Options{Patience: habits[n].patience, Attempt: habits[n].attempt}
	for i := range s.nodes.Nodes {
		// Each order of three: from another one on, forwards and backwards.
		step := 1 + n/3%2
		host := s.nodes.Nodes[(n+i*step)%len(s.nodes.Nodes)].Addr
		if habits[n].otherName {
			host = otherName(host)
		}
		o.Hosts = append(o.Hosts, host)
	}
	c, err := rqlite.Open(o)
	if err != nil {
		return nil, err
	}
	store := sqlstore.New(&wire{Executor: c, ledger: s.ledger, lost: map[int64]bool{}})
	return &writer{
		siege: s, n: n, store: store, random: rand.New(rand.NewPCG(s.seed, uint64(n))), known: map[string][]state{},
		staff: &staff.Staff{Store: &noted{Store: store, ledger: s.ledger, writer: n}, Passwords: hashes{}, Now: time.Now, IDs: &staff.IDs{},
			Actor: func() staff.Actor { return staff.Actor{OSUser: fmt.Sprint("writer", n)} }},
	}, nil
}

// otherName is another way to write an address on loopback.
func otherName(host string) string {
	return strings.Replace(host, "127.0.0.1", "[::ffff:127.0.0.1]", 1)
}

// figures adds what has happened to the scenario's line.
func (s *siege) figures() {
	l := s.ledger
	s.commits = l.ended[acknowledged]
	for _, h := range harms {
		s.note("%s %d times", h.name, s.harmed[h.name])
	}
	s.note("%d commits refused", l.ended[refused])
	s.note("%d unavailable", l.ended[unavailable])
	s.note("%d unknown, of which %d are there", l.ended[unknown], s.unknownFound)
	s.note("%d answers to commits lost: looked %d times, sent again %d times, kept away %d times", l.lost, l.looked, l.resent, l.fenced)
	s.note("%d other answers lost", l.repeated)
	s.note("%d stale reads after a leader was stopped", l.staleReads)
	var longest, failed time.Duration
	for _, w := range s.writers {
		longest, failed = max(longest, w.longest), max(failed, w.longestFailed)
	}
	s.note("a change took %.1f s at most, one that failed %.1f s", longest.Seconds(), failed.Seconds())
}
