//go:build unix

package main

import (
	"fmt"
	"slices"
	"sync"
	"time"
)

// Of the storm: workers are never fewer.
const (
	stormWorkers = 64
	stormReaders = 8
	stormAdds    = 50
)

type auditRow struct {
	Action, Subject string
}

// storm lets 64 workers at once add members, each add a process of its own,
// while 8 more read and plan.
func storm(t *trial) {
	s := t.newStore("storm")
	each := t.scaled(stormAdds, 1)
	slowest := make([]time.Duration, stormWorkers)
	var workers sync.WaitGroup
	gate := make(chan struct{})
	for w := range stormWorkers {
		workers.Go(func() {
			<-gate
			for i := range each {
				slowest[w] = max(slowest[w], s.stormAdd(stormEmail(w, i)))
			}
		})
	}
	for range stormReaders {
		workers.Go(func() {
			<-gate
			for range each {
				s.stormRead()
			}
		})
	}
	close(gate)
	workers.Wait()
	s.sound("after the storm")
	s.stormArrived(each)
	t.note("%d processes at once, the slowest add %.1f s", stormWorkers+stormReaders, slices.Max(slowest).Seconds())
}

func (s *store) stormAdd(email string) time.Duration {
	o := s.add(email)
	s.expect("an add in the storm", o, 0)
	if o.stderr != "" && o.code == 0 {
		s.problem("an add that succeeded spoke: %s", &o)
	}
	return o.took
}

// stormRead reads through a connection that can write and one that cannot.
func (s *store) stormRead() {
	s.expect("a list in the storm", s.do("member", "list", "-o", "jsonl"), 0)
	s.expect("a plan in the storm", s.do("member", "add", "planned@example.ch", "--first-name", "Anna", "--last-name", "Muster", "--dry-run"), 0)
}

func stormEmail(worker, i int) string { return fmt.Sprintf("person%d.%d@example.ch", worker, i) }

// stormArrived holds that each member is there once, with one audit row.
func (s *store) stormArrived(each int) {
	members, rows := map[string]int{}, map[string]int{}
	for _, m := range s.members() {
		members[m.Email]++
	}
	for _, r := range decode[auditRow](s.trial, s.must("audit", "list", "--action", "member.add", "-o", "jsonl")) {
		rows[r.Subject]++
	}
	for w := range stormWorkers {
		for i := range each {
			if e := stormEmail(w, i); members[e] != 1 || rows[e] != 1 {
				s.problem("%s stands %d times in the list and %d times in the audit", e, members[e], rows[e])
			}
		}
	}
	if want := stormWorkers * each; len(members) != want || len(rows) != want {
		s.problem("%d members and %d audit rows, not %d", len(members), len(rows), want)
	}
	s.note("%d members", len(members))
}
