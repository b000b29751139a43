//go:build unix

package main

import (
	"time"

	"github.com/staffctl/staffctl/internal/rqlitetest"
)

// Of the faults: how often each, how long one lasts at least and at most, and how
// many commits must be acknowledged while it lasts, and of each writer after it.
const (
	harmsOfEach    = 20
	shortestHarm   = time.Second
	longestHarm    = 5 * time.Second
	writesDuring   = 20
	writesAfter    = 2
	progressWithin = time.Minute
)

// harm is something that happens to a node.
type harm struct {
	name   string
	leader bool // else to a follower
	// lasting: it lasts for some seconds, and not only until others write on.
	lasting bool
	// stale: see below.
	stale      bool
	begin, end func(*siege, *rqlitetest.Node) error
}

// harms are what happens to nodes. A leader that was stopped may answer a read
// from what it had, once it goes on, though another has led meanwhile: the Raft
// library of rqlite takes the answer to a heartbeat from before the stop for a
// proof that it leads. A plan on such a read is refused by its guards.
var harms = []harm{
	{name: "leader killed", leader: true,
		begin: func(s *siege, n *rqlitetest.Node) error { s.count(true); return n.Kill() },
		end:   func(s *siege, n *rqlitetest.Node) error { return n.Restart(s.ctx) }},
	{name: "leader stopped", leader: true, lasting: true, stale: true,
		begin: func(_ *siege, n *rqlitetest.Node) error { return n.Stop() },
		end:   func(_ *siege, n *rqlitetest.Node) error { return n.Continue() }},
	{name: "follower cut off", lasting: true,
		begin: func(s *siege, n *rqlitetest.Node) error { return s.nodes.Cut(n) },
		end:   func(s *siege, n *rqlitetest.Node) error { return s.nodes.Heal(n) }},
}

// harass lets one fault come after the other, in an order of the seed's.
func (s *siege) harass() {
	var order []harm
	for range s.scaled(harmsOfEach, 1) {
		order = append(order, harms...)
	}
	s.random.Shuffle(len(order), func(i, k int) { order[i], order[k] = order[k], order[i] })
	s.progress(0, writesAfter)
	for _, h := range order {
		if s.ctx.Err() != nil || !s.inflict(h) {
			return
		}
	}
}

// inflict harms a node for a while, in which others must be able to write, and
// reports whether the node could be brought back.
func (s *siege) inflict(h harm) bool {
	node, err := s.nodes.Leader(s.ctx)
	if !s.check(err) {
		return false
	}
	if !h.leader {
		node = s.follower(node)
	}
	begin, length := time.Now(), time.Duration(0)
	if h.lasting {
		length = shortestHarm + time.Duration(s.random.Int64N(int64(longestHarm-shortestHarm)))
	}
	s.ledger.turn(phase{h.name, h.stale})
	if !s.check(h.begin(s, node)) {
		return false
	}
	s.harmed[h.name]++
	s.progress(writesDuring, 0)
	s.sleep(length - time.Since(begin))
	s.ledger.turn(phase{h.name + " and back", h.stale})
	if !s.check(h.end(s, node)) {
		return false
	}
	s.progress(0, writesAfter)
	return true
}

// follower is one of the nodes that do not lead.
func (s *siege) follower(leader *rqlitetest.Node) *rqlitetest.Node {
	var followers []*rqlitetest.Node
	for _, n := range s.nodes.Nodes {
		if n != leader {
			followers = append(followers, n)
		}
	}
	return followers[s.random.IntN(len(followers))]
}

// progress waits until so many commits were acknowledged in this phase, of all
// writers and of each.
func (s *siege) progress(all, each int) {
	end := time.Now().Add(progressWithin)
	for s.ctx.Err() == nil {
		total, least := 0, each
		counts := s.ledger.acknowledgedSince()
		for _, n := range counts {
			total, least = total+n, min(least, n)
		}
		if total >= all && least >= each {
			return
		}
		if time.Now().After(end) {
			s.problem("writers do not get on (%s): commits acknowledged of each in %v: %v", s.ledger.now().when, progressWithin, counts)
			return
		}
		s.sleep(20 * time.Millisecond)
	}
}

func (s *siege) sleep(d time.Duration) {
	select {
	case <-s.ctx.Done():
	case <-time.After(d):
	}
}
