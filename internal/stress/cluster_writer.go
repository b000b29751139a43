//go:build unix

package main

import (
	"context"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/staffctl/staffctl/internal/sqlstore"
	"github.com/staffctl/staffctl/internal/staff"
)

const account = "acme"

// writer changes members of its own and some that others change too. What it
// was told of its own is its model of them.
type writer struct {
	*siege
	n      int
	staff  *staff.Staff
	store  *sqlstore.Store
	random *rand.Rand
	// known are the states that a member may be in, by e-mail: several where the
	// outcome of a change is unknown. Who is not there is not in it.
	known map[string][]state
	made  int      // how many names it has made
	block []string // members that come and go in one commit
	// How long a change has taken at most.
	longest, longestFailed time.Duration
}

// state is what a writer knows of a member. Of those that all change it is only
// the grant that is the writer's: there or not.
type state struct {
	there, login, suspended bool
	last, username, grants  string
}

// hashes takes any hash.
type hashes struct{ staff.Passwords }

// CheckHash refuses none.
func (hashes) CheckHash(string) error { return nil }

// pause bounds how long a writer waits before the next change.
const pause = 60 * time.Millisecond

// write makes changes until it is told to stop.
func (w *writer) write(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(time.Duration(w.random.Int64N(int64(pause)))):
			w.carryOut(w.pick())
		}
	}
}

// carryOut makes a change and learns from what it came to.
func (w *writer) carryOut(d deed) {
	begin := time.Now()
	plan, err := w.staff.Do(w.ctx, account, d.actions...)
	took := time.Since(begin)
	if err != nil {
		w.longestFailed = max(w.longestFailed, took)
	}
	switch code := staff.CodeOf(err); {
	case err == nil && !plan.Changed():
		// Nothing guards that what is still under way does not change it.
	case err == nil:
		w.longest = max(w.longest, took)
		w.become(d, false)
		w.look(d.emails)
	case code == staff.CodeUnknown:
		w.become(d, true)
	case code == staff.CodeUnavailable:
	case code == staff.CodeConflict && d.contested:
	case code == staff.CodeNotFound && (w.mayLack(d.emails) || w.ledger.now().stale):
	default:
		w.problem("writer %d: %s of %v: %v", w.n, d.actions[0].Kind(), d.emails, err)
	}
}

// become changes what is known of the members, or adds what they may be now.
func (w *writer) become(d deed, perhaps bool) {
	for _, email := range d.emails {
		before := w.states(email)
		var now []state
		if perhaps {
			now = slices.Clone(before)
		}
		for _, s := range before {
			if s = d.after(email, s); !slices.Contains(now, s) {
				now = append(now, s)
			}
		}
		w.learn(email, now)
	}
}

// learn keeps what a member may be, unless that is only not there.
func (w *writer) learn(email string, now []state) {
	w.known[email] = now
	if slices.Equal(now, []state{{}}) {
		delete(w.known, email)
	}
}

func (w *writer) states(email string) []state {
	if known := w.known[email]; known != nil {
		return known
	}
	return []state{{}}
}

func (w *writer) mayLack(emails []string) bool {
	return slices.ContainsFunc(emails, func(e string) bool { return slices.Contains(w.states(e), state{}) })
}

// staleLooks is how often a writer looks until it sees what was acknowledged.
const staleLooks = 20

// look reads members after a change to them was acknowledged, as another writer
// sees them. From then on the guard on their version holds off whatever is still
// under way.
func (w *writer) look(emails []string) {
	store := w.writers[w.random.IntN(len(w.writers))].store
	for try := range staleLooks {
		found, err := w.find(store, emails)
		if err != nil {
			if staff.CodeOf(err) != staff.CodeUnavailable {
				w.problem("writer %d looks: %v", w.n, err)
			}
			return
		}
		now := w.ledger.now()
		switch fits := !slices.ContainsFunc(emails, func(e string) bool { return !slices.Contains(w.states(e), found[e]) }); {
		case !now.stale, !fits && try == staleLooks-1:
			for _, e := range emails {
				w.compare("after a change ("+now.when+")", e, found[e])
			}
			return
		case fits:
			return // it tells nothing more
		}
		w.ledger.sawStale()
		w.sleep(100 * time.Millisecond)
	}
}

// find reads members; those that are not there are not in it.
func (w *writer) find(store *sqlstore.Store, emails []string) (map[string]state, error) {
	needs := &staff.Needs{Account: account}
	for _, e := range emails {
		needs.Members = append(needs.Members, by(e))
	}
	facts, err := store.Load(w.ctx, needs)
	if err != nil {
		return nil, err
	}
	found := map[string]state{}
	for _, m := range facts.Found {
		found[m.Email] = w.view(m)
	}
	return found, nil
}

// compare holds that a member is what it may be, which it then is.
func (w *writer) compare(when, email string, found state) {
	if known := w.states(email); !slices.Contains(known, found) {
		w.problem("writer %d: %s %s is %+v, and not of %+v", w.n, email, when, found, known)
	}
	w.learn(email, []state{found})
}

// view is what a writer knows of a member.
func (w *writer) view(m *staff.Member) state {
	if slices.Contains(sharedEmails, m.Email) {
		if slices.Contains(m.Access.Grants, w.sharedGrant()) {
			return state{there: true, grants: w.sharedGrant()}
		}
		return state{}
	}
	return state{there: true, login: m.Login != nil, suspended: m.Suspended, last: m.LastName, username: m.Username(),
		grants: strings.Join(slices.Sorted(slices.Values(m.Access.Grants)), ",")}
}
