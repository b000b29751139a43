//go:build unix

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Of imports: how many rows one has, how often one is killed in each store, how
// many whole ones tell how long it takes, and after how many kills each store is
// checked.
const (
	importRows    = 3000
	importKills   = 200
	importLearned = 5
	importChecked = 5
)

// phase of an import in which it was killed, as far as what it left tells.
const (
	phaseBefore  = "before it wrote"
	phaseStaging = "while it staged"
	phaseCommit  = "in its transaction"
	phaseAfter   = "after that"
)

// importing is an import that is killed again and again in one store.
type importing struct {
	*store
	where string
	// reset makes an empty store with an account.
	reset func()
	// staged counts the rows of table staging.
	staged func() int
	// look sees what can be seen right before a kill.
	look         func() sight
	large, small string // the files: the one that is killed, and the one after it
	// empty, whole and after are what the store has before the large file, with it,
	// and with the small one only.
	empty, whole, after counts
	usual               time.Duration
	phases              map[string]int // kills by phase
	can                 []string       // the phases that kills can be seen to hit
	hits                int
}

// sight is what can be seen of a commit without waiting for it: that nobody else
// can write to a file, that nothing is there yet on a server.
type sight struct{ locked, missing bool }

// importKill ends imports by kill -9 at moments spread over their usual time, on
// a file and on a server of rqlite.
func importKill(t *trial) {
	large, small := filepath.Join(t.dir, "large.csv"), filepath.Join(t.dir, "small.csv")
	if !t.check(os.WriteFile(large, importFile("large", importRows), 0o600)) || !t.check(os.WriteFile(small, importFile("small", 2), 0o600)) {
		return
	}
	for _, in := range []func(*trial) (*importing, func()){importOnFile, importOnCluster} {
		i, end := in(t)
		if i == nil {
			continue
		}
		i.large, i.small, i.phases = large, small, map[string]int{}
		if i.learn() {
			i.killAll()
		}
		end()
	}
}

// importFile makes a file of so many people.
func importFile(name string, rows int) []byte {
	var text strings.Builder
	text.WriteString("email,first_name,last_name,phone_work,access,mail,password_hash\n")
	for n := range rows {
		_, _ = fmt.Fprintf(&text, "%s%d@example.ch,Erika,Beispiel,+4144%07d,\"domains,invoices,orders,support\",\"invoices,orders,news\",%s", name, n, n, foreignHash)
	}
	return []byte(text.String())
}

// importOnFile makes the store a fresh copy of a file each time.
func importOnFile(t *trial) (*importing, func()) {
	first := t.newStore("template")
	s := &store{t, filepath.Join(t.dir, "file", "staffctl.db"), nil}
	return &importing{store: s, where: "on a file", can: []string{phaseBefore, phaseCommit}, reset: func() { first.copyStore(s.path) },
		staged: func() int { return s.rowsInside("staging") },
		look:   func() sight { return sight{locked: s.isLocked()} }}, func() {}
}

// learn finds out how long an import takes, and what the store has after each file.
func (i *importing) learn() bool {
	i.reset()
	i.empty = i.info()
	i.must("import", i.small, "--quiet")
	i.after = i.info()
	var took []time.Duration
	for range importLearned {
		i.reset()
		took = append(took, i.must("import", i.large, "--quiet").took)
		i.whole = i.info()
	}
	slices.Sort(took)
	i.usual = took[len(took)/2]
	if i.whole.Members != importRows || i.whole.Logins != importRows || i.after.Members != 2 {
		i.problem("%s: imports nobody kills make %+v and %+v of %+v", i.where, i.whole, i.after, i.empty)
		return false
	}
	return i.ctx.Err() == nil
}

func (i *importing) killAll() {
	i.hits = i.scaled(importKills, 8)
	for n := 0; n < i.hits*killAttempts && sum(i.phases) < i.hits && i.ctx.Err() == nil; n++ {
		i.strike(n)
	}
	i.note("%s %d killed, %d of them %s, %d %s, %d %s, %d %s", i.where, sum(i.phases), i.phases[phaseBefore], phaseBefore,
		i.phases[phaseStaging], phaseStaging, i.phases[phaseCommit], phaseCommit, i.phases[phaseAfter], phaseAfter)
	if got := sum(i.phases); got < i.hits {
		i.problem("%s: only %d of %d kills hit", i.where, got, i.hits)
	}
	for _, phase := range i.can {
		if i.hits >= importKills && i.phases[phase] == 0 {
			i.problem("%s: of %d kills none hit %s", i.where, i.hits, phase)
		}
	}
}

// moment spreads the kills over the time that an import takes and a tenth more, the
// n-th into the n-th part of it.
func (i *importing) moment(n int) time.Duration {
	if n >= i.hits {
		n = i.random.IntN(i.hits)
	}
	return 1 + time.Duration((float64(n)+i.random.Float64())/float64(i.hits)*1.1*float64(i.usual))
}

// strike kills one import in an empty store, looks at what is left, and imports
// the small file.
func (i *importing) strike(n int) {
	i.reset()
	var seen sight
	o := i.start(command{store: i.path, args: []string{"import", i.large, "--quiet"}, after: i.moment(n), watch: func() { seen = i.look() }})
	what := fmt.Sprintf("%s, import %d, killed %t after %v", i.where, n, o.killed, o.took)
	first, staged := i.info(), i.staged()
	if n%importChecked == 0 {
		i.sound(what)
	}
	i.expect("the next import, "+what, i.do("import", i.small, "--quiet"), 0)
	second, left := i.info(), i.staged()
	if i.ctx.Err() != nil {
		return
	}
	i.allOrNothing(what, first, second)
	if left != 0 {
		i.problem("%s: staging had %d rows, and after the next import has %d", what, staged, left)
	}
	done := second == i.whole.and(i.after, i.empty)
	switch {
	case o.killed:
		i.phases[phaseOf(seen, done, first == i.whole, staged > 0)]++
	case !i.committed(o) || !done:
		i.problem("%s: ended with %d and %+v: %s", what, o.code, second, &o)
	}
}

// phaseOf tells when an import was killed. done is whether its rows are there in
// the end, soon whether they were when they were first asked for.
func phaseOf(seen sight, done, soon, staged bool) string {
	switch {
	case soon && !seen.missing:
		return phaseAfter
	case done || seen.locked && !staged:
		return phaseCommit
	case staged:
		return phaseStaging
	default:
		return phaseBefore
	}
}

// allOrNothing holds what the store may have after an import was killed, and after
// the next: a server may have been given the commit and carry it out in between.
func (i *importing) allOrNothing(what string, first, second counts) {
	if first != i.empty && first != i.whole {
		i.problem("%s: half done: %+v, neither %+v nor %+v", what, first, i.empty, i.whole)
	}
	if whole := i.whole.and(i.after, i.empty); second != whole && (second != i.after || first == i.whole) {
		i.problem("%s: first %+v, and with the next import %+v, neither %+v nor %+v", what, first, second, i.after, whole)
	}
}

// and adds what another import adds to an empty store.
func (c counts) and(after, empty counts) counts {
	return counts{c.Members + after.Members - empty.Members, c.Logins + after.Logins - empty.Logins, c.AuditRows + after.AuditRows - empty.AuditRows}
}
