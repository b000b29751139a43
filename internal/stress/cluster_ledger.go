//go:build unix

package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/staffctl/staffctl/internal/sqlstore"
	"github.com/staffctl/staffctl/internal/staff"
)

// ending is what a commit came to for who asked for it.
type ending int

const (
	acknowledged ending = iota
	refused             // it is planned again, as another
	unavailable         // certainly not carried out
	unknown             // it may have been
	otherEnding         // nothing that may be
)

// entry is a commit that a writer asked for.
type entry struct {
	id     staff.ID
	nonce  int64
	audits string // the ids of its audit rows
	ending ending
	err    error
}

// ledger holds what the writers were told of each commit.
type ledger struct {
	mu      sync.Mutex
	entries map[staff.ID][]*entry // of one id there can be several, by chance
	ended   map[ending]int
	// phase is what faults make of the nodes, and the how many-th that is; since is
	// how many commits of each writer were acknowledged that began in it.
	phase  phase
	phases int
	since  [clusterWriters]int
	// What was done about commits whose answer was lost, and how often that of
	// something else was.
	lost, looked, resent, fenced, repeated int
	staleReads                             int
}

func newLedger() *ledger { return &ledger{entries: map[staff.ID][]*entry{}, ended: map[ending]int{}} }

// phase is a time between two things that happen to nodes.
type phase struct {
	when string
	// stale: a read may miss what was acknowledged before it, see [harms].
	stale bool
}

// turn begins a phase.
func (l *ledger) turn(p phase) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.phase = p
	l.phases++
	l.since = [clusterWriters]int{}
}

// now is the phase.
func (l *ledger) now() phase {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.phase
}

// sawStale counts a read that has missed something.
func (l *ledger) sawStale() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.staleReads++
}

// acknowledgedSince counts the commits of each writer that began in this phase.
func (l *ledger) acknowledgedSince() [clusterWriters]int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.since
}

// noted is a store that writes each commit down.
type noted struct {
	staff.Store
	ledger *ledger
	writer int
}

// Init makes the store.
func (n *noted) Init(ctx context.Context, c *staff.Commit) error {
	return n.note(c, func() error { return n.Store.Init(ctx, c) })
}

// Commit carries out c.
func (n *noted) Commit(ctx context.Context, c *staff.Commit) error {
	return n.note(c, func() error { return n.Store.Commit(ctx, c) })
}

func (n *noted) note(c *staff.Commit, carryOut func() error) error {
	ids := make([]string, len(c.Audit))
	for i, row := range c.Audit {
		ids[i] = row.ID.String()
	}
	slices.Sort(ids)
	e := &entry{id: c.ID, nonce: c.Nonce, audits: strings.Join(ids, ",")}
	l := n.ledger
	l.mu.Lock()
	began := l.phases
	l.mu.Unlock()
	e.err = carryOut()
	e.ending = endingOf(e.err)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.entries[c.ID] = append(l.entries[c.ID], e)
	l.ended[e.ending]++
	if e.ending == acknowledged && began == l.phases {
		l.since[n.writer]++
	}
	return e.err
}

// endingOf tells endings apart as the domain does, which plans again what is
// stale whatever its code is.
func endingOf(err error) ending {
	switch code := staff.CodeOf(err); {
	case err == nil:
		return acknowledged
	case errors.Is(err, staff.ErrStale), errors.Is(err, sqlstore.ErrSQL):
		return refused
	case code == staff.CodeUnavailable, code == staff.CodeInterrupted:
		return unavailable
	case code == staff.CodeUnknown:
		return unknown
	default:
		return otherEnding
	}
}

// committed is a row of the table commits, with the ids of its audit rows.
type committed struct {
	nonce  int64
	audits string
}

// wrong says what is wrong with a commit, given the row that a node has of its
// id, or nil.
func (l *ledger) wrong(id staff.ID, row *committed) string {
	var mine *entry
	for _, e := range l.entries[id] {
		if text := e.wrong(row); text != "" {
			return text
		}
		if e.isIn(row) {
			mine = e
		}
	}
	switch {
	case row == nil:
		return ""
	case mine != nil && row.audits != mine.audits:
		return fmt.Sprintf("commit %d is there in part, or twice: audit rows %s, not %s", id, row.audits, mine.audits)
	case mine != nil:
		return ""
	case row.nonce != -1 || len(l.entries[id]) == 0:
		return fmt.Sprintf("commit %d is there, %+v, and nobody made it", id, *row)
	case row.audits != "":
		return fmt.Sprintf("what keeps commit %d away has audit rows: %s", id, row.audits)
	default:
		return ""
	}
}

func (e *entry) isIn(row *committed) bool { return row != nil && row.nonce == e.nonce }

// wrong says what a row, or that there is none, shows to be wrong with a commit
// by itself.
func (e *entry) wrong(row *committed) string {
	switch here := e.isIn(row); {
	case e.ending == otherEnding:
		return fmt.Sprintf("commit %d ended as none may: %v", e.id, e.err)
	case e.ending == acknowledged && !here:
		return fmt.Sprintf("commit %d was acknowledged and is lost: there is %+v", e.id, row)
	case here && (e.ending == refused || e.ending == unavailable):
		return fmt.Sprintf("commit %d is there, though the answer was: %v", e.id, e.err)
	default:
		return ""
	}
}

// found counts the unknown commits that are there.
func (l *ledger) found(rows map[staff.ID]*committed) (count int) {
	for id, entries := range l.entries {
		for _, e := range entries {
			if e.ending == unknown && e.isIn(rows[id]) {
				count++
			}
		}
	}
	return count
}
