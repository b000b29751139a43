package rqlite_test

import (
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/staffctl/staffctl/internal/sqlstore/rqlite"
	"github.com/staffctl/staffctl/internal/sqlstore/storetest"
	"github.com/staffctl/staffctl/internal/staff"
)

// crowd is how many members make a commit too large for one request.
const crowd = 1500

// crowdOf adds so many members with long names.
func crowdOf(n int) []staff.Action {
	actions := make([]staff.Action, n)
	for i := range actions {
		name := strings.Repeat("Ö", 90) + "X'41'"
		actions[i] = staff.AddMember{Email: fmt.Sprintf("person%05d@example.ch", i), Details: staff.Details{FirstName: &name, LastName: &name}}
	}
	return actions
}

// crowded is a site with a commit that goes by way of table staging.
type crowded struct {
	*site
	store  staff.Store // behind the proxy
	commit *staff.Commit
}

func newCrowded(t *testing.T) *crowded {
	t.Helper()
	s := newSite(t)
	b := &crowded{s, s.through(rqlite.Options{}).Store, s.plan(crowdOf(crowd)...)}
	return b
}

// isStaging reports whether the write puts rows into table staging.
func (x *exchange) isStaging() bool { return strings.Contains(string(x.body), "INSERT INTO staging") }

// isCommit reports whether it is the commit itself.
func (x *exchange) isCommit() bool { return strings.Contains(string(x.body), "INSERT INTO commits") }

// staged has the mishap befall what stages rows, and the other what commits them,
// both the first time only.
func staged(staging, commit mishap) script {
	rare := [2]mishap{firstTime(staging), firstTime(commit)}
	return always(func(x *exchange) {
		switch {
		case x.isStaging():
			rare[0](x)
		case x.isCommit():
			rare[1](x)
		default:
			passOn(x)
		}
	})
}

func TestStaging(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ staging, commit mishap }{
		"whole":           {passOn, passOn},
		"twice":           {passOnTwice, passOnTwice},
		"lost":            {after(drop), after(drop)},
		"dropped":         {drop, drop},
		"no leader":       {noLeader, noLeader},
		"cut short":       {cutShort, cutShort},
		"leadership lost": {failed(leadershipLost), after(failed(leadershipLost))},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newCrowded(t)
			b.proxy.follow(staged(c.staging, c.commit), script{})
			b.must(b.store.Commit(t.Context(), b.commit))
			b.took(1, crowd)
			if n := b.count(`staging`); n > 0 {
				t.Errorf("%d rows are left in staging", n)
			}
			chunks := 0
			for _, w := range b.proxy.requests(true) {
				if len(w.body) > 2<<20 {
					t.Errorf("a request of %d bytes", len(w.body))
				}
				if strings.Contains(string(w.body), "INSERT INTO staging") {
					chunks++
				}
			}
			if chunks < 3 {
				t.Errorf("staged in %d requests", chunks)
			}
		})
	}
}

// TestStagingLate: what comes late changes nothing, and is swept away in the end.
func TestStagingLate(t *testing.T) {
	t.Parallel()
	b := newCrowded(t)
	var chunk, commit held
	b.proxy.follow(staged(chunk.keep, commit.keep), script{})
	b.must(b.store.Commit(t.Context(), b.commit))
	b.took(1, crowd)
	b.releases(&commit)
	chunk.release()
	if n := b.count(`staging`); n == 0 {
		t.Error("no chunk came late")
	}
	b.took(1, crowd)
}

// TestStagingIncomplete: without one chunk, or with one too many, nothing is
// changed.
func TestStagingIncomplete(t *testing.T) {
	t.Parallel()
	const one = `rowid = (SELECT min(rowid) FROM staging)`
	for name, damage := range map[string]string{
		"one missing": `DELETE FROM staging WHERE ` + one,
		"all missing": `DELETE FROM staging`,
		"another's":   `UPDATE staging SET commit_id = commit_id + 1 WHERE ` + one,
		"one more":    `INSERT INTO staging SELECT commit_id, part + 100, chunk, rows, nonce, account_id FROM staging WHERE ` + one,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newCrowded(t)
			b.proxy.follow(staged(passOn, func(x *exchange) {
				b.write(damage)
				passOn(x)
			}), script{})
			if err := b.store.Commit(t.Context(), b.commit); !errors.Is(err, staff.ErrStale) || errors.Is(err, staff.ErrRefused) {
				t.Error(err)
			}
			b.took(0, crowd)
			if n := b.count(`staging WHERE commit_id = ` + b.commit.ID.String()); n > 0 {
				t.Errorf("%d chunks outlast the refusal", n)
			}
			b.proxy.follow(script{}, script{})
			_, err := b.on(b.store).Do(t.Context(), "acme", crowdOf(crowd)...)
			b.must(err)
			b.took(1, crowd)
		})
	}
}

// TestStagingSwept: what a broken run has left is deleted when it is older than
// ten minutes, and what others are staging stays.
func TestStagingSwept(t *testing.T) {
	t.Parallel()
	b := newCrowded(t)
	const minutes = 60_000
	now := storetest.Start.UnixMilli()
	for _, at := range []int64{now - 24*60*minutes, now - 10*minutes - 1, now - 10*minutes, now - minutes, now + minutes} {
		b.write(fmt.Sprintf(`INSERT INTO staging VALUES (%d, 7, 0, '[]', 0, 0), (%d, 7, 1, '[]', 0, 0)`, staff.FirstID(at), staff.FirstID(at)))
	}
	b.must(b.store.Commit(t.Context(), b.commit))
	b.took(1, crowd)
	for at, want := range map[int64]int{now - 24*60*minutes: 0, now - 10*minutes - 1: 0, now - 10*minutes: 2, now - minutes: 2, now + minutes: 2} {
		if got := b.count(fmt.Sprintf(`staging WHERE commit_id = %d`, staff.FirstID(at))); got != want {
			t.Errorf("%d rows of %d ms ago are left, want %d", got, now-at, want)
		}
	}
}

// TestStagingBroken: a run that ends while it stages changes nothing, and another
// of the same commit takes effect.
func TestStagingBroken(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	store := s.through(rqlite.Options{Patience: brief}).Store
	commit := s.plan(crowdOf(crowd)...)
	var begun atomic.Bool
	s.proxy.follow(always(func(x *exchange) {
		if x.isStaging() && !begun.CompareAndSwap(false, true) {
			noLeader(x)
		} else {
			passOn(x)
		}
	}), script{})
	fails(t, store.Commit(t.Context(), commit), staff.CodeUnavailable, "nothing was changed")
	s.took(0, crowd)
	if n := s.count(`staging`); n != 1 {
		t.Errorf("%d chunks were staged", n)
	}
	s.proxy.follow(script{}, script{})
	s.must(store.Commit(t.Context(), commit))
	s.took(1, crowd)
	if n := s.count(`staging`); n > 0 {
		t.Errorf("%d chunks are left in staging", n)
	}
}

// TestStagedByAnother: a commit does not take what another with the same id has
// staged.
func TestStagedByAnother(t *testing.T) {
	t.Parallel()
	b := newCrowded(t)
	other := *b.commit
	other.Nonce++
	other.Members = nil
	for _, d := range b.commit.Members {
		m := *d.After
		m.FirstName = strings.ReplaceAll(m.FirstName, "Ö", "Ä")
		other.Members = append(other.Members, staff.Diff[staff.Member]{After: &m})
	}
	b.proxy.follow(staged(passOn, say(401, "")), script{})
	fails(t, b.store.Commit(t.Context(), &other), staff.CodeUnavailable)
	b.proxy.follow(script{}, script{})
	b.must(b.store.Commit(t.Context(), b.commit))
	b.took(1, crowd)
	if n := b.count(`members WHERE first_name LIKE 'Ä%'`); n > 0 {
		t.Errorf("%d rows of another commit were moved", n)
	}
}
