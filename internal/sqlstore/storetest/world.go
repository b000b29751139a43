package storetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/staffctl/staffctl/internal/sqlstore"
	"github.com/staffctl/staffctl/internal/staff"
)

// world is one store with the domain on it.
type world struct {
	*testing.T
	store staff.Store
	again func() staff.Store
	staff *staff.Staff
	clock *clock
}

func newWorld(t *testing.T, open Opener) *world {
	store, again := open(t)
	w := &world{t, store, again, NewStaff(store), &clock{at: Start}}
	w.staff.Now = w.clock.now
	return w
}

// start initialises the store with account acme on plan enterprise. When the
// test is over the store must find nothing wrong with itself.
func (w *world) start() {
	w.Helper()
	if _, err := w.staff.Init(w.Context(), sqlstore.Schema(), Enterprise("acme")); err != nil {
		w.Fatal("init:", err)
	}
	store := w.store
	w.Cleanup(func() { AssertClean(w, store) })
}

// do carries out the actions on acme.
func (w *world) do(actions ...staff.Action) *staff.Plan {
	w.Helper()
	return w.in("acme", actions...)
}

// in carries out the actions, and reads back what they came to.
func (w *world) in(account string, actions ...staff.Action) *staff.Plan {
	w.Helper()
	s, r := *w.staff, &recorder{Store: w.store, through: true}
	s.Store = r
	plan, err := s.Do(w.Context(), account, actions...)
	if err != nil {
		w.Fatalf("%s: %v", actions[0].Kind(), err)
	}
	for _, r := range plan.Results {
		w.readBack(r)
	}
	if r.commit != nil {
		w.readBackLinks(r.commit)
	}
	return plan
}

// readBack compares what an action came to with what the store has.
func (w *world) readBack(r staff.Result) {
	w.Helper()
	if r.Account == nil || r.Account.ID == 0 || r.Removed && r.Member == nil {
		return
	}
	facts, err := w.staff.Account(w.Context(), r.Account.Name)
	if err != nil {
		w.Fatal(err)
	}
	w.same(r.Action+": account", r.Account, facts.Account, cmpopts.IgnoreFields(staff.Account{}, "Counter", "Owner"))
	if r.Member == nil {
		return
	}
	person, err := w.staff.Person(w.Context(), r.Account.Name, idOf(r.Member))
	switch {
	case r.Removed && staff.CodeOf(err) != staff.CodeNotFound:
		w.Errorf("%s: %s is still there (%v)", r.Action, r.Member.Email, err)
	case r.Removed:
	case err != nil:
		w.Errorf("%s: %v", r.Action, err)
	default:
		w.same(r.Action+": member", r.Member, person.Member)
	}
}

func (w *world) same(what string, want, got any, options ...cmp.Option) {
	w.Helper()
	if diff := cmp.Diff(want, got, append(options, cmpopts.EquateEmpty())...); diff != "" {
		w.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// refuses asserts that acme refuses the actions with the code and that nothing
// is written.
func (w *world) refuses(code staff.Code, actions ...staff.Action) {
	w.Helper()
	w.refusesIn("acme", code, actions...)
}

func (w *world) refusesIn(account string, code staff.Code, actions ...staff.Action) {
	w.Helper()
	before := w.dump()
	_, err := w.staff.Do(w.Context(), account, actions...)
	if err == nil || staff.CodeOf(err) != code {
		w.Errorf("%s gave %v, want code %s", actions[0].Kind(), err, code)
	}
	w.same("after a refusal", before, w.dump())
}

// recorder is a store that keeps what would be committed, or what is.
type recorder struct {
	staff.Store
	commit  *staff.Commit
	through bool
}

// Commit keeps c.
func (r *recorder) Commit(ctx context.Context, c *staff.Commit) error {
	r.commit = c
	if !r.through {
		return nil
	}
	return r.Store.Commit(ctx, c)
}

// plan returns the commit of the actions without carrying it out.
func (w *world) plan(account string, actions ...staff.Action) *staff.Commit {
	w.Helper()
	r := &recorder{Store: w.store}
	s := *w.staff
	s.Store = r
	if _, err := s.Do(w.Context(), account, actions...); err != nil || r.commit == nil {
		w.Fatalf("planning %s: %v", actions[0].Kind(), err)
	}
	return r.commit
}

func (w *world) commit(c *staff.Commit) {
	w.Helper()
	if err := w.store.Commit(w.Context(), c); err != nil {
		w.Fatal("commit:", err)
	}
}

// stale asserts that the store refuses the commit and writes nothing of it.
func (w *world) stale(c *staff.Commit) {
	w.Helper()
	before := w.dump()
	if err := w.store.Commit(w.Context(), c); !errors.Is(err, staff.ErrStale) {
		w.Errorf("commit gave %v, want ErrStale", err)
	}
	w.same("after a stale commit", before, w.dump())
}

// dump is all that the store answers.
type dump struct {
	Accounts []*staff.Account
	Members  []*staff.Member
	Catalog  *staff.Catalog
	Audit    []staff.AuditEntry
	Invites  []*staff.Invite
	Mails    []*staff.QueuedMail // with their links
}

func (w *world) dump() *dump {
	w.Helper()
	var err error
	d := &dump{Audit: w.audit(staff.AuditQuery{}), Mails: w.mails(staff.OutboxQuery{})}
	if d.Accounts, err = w.store.Accounts(w.Context()); err != nil {
		w.Fatal(err)
	}
	if d.Catalog, err = w.staff.Catalog(w.Context()); err != nil {
		w.Fatal(err)
	}
	for _, a := range d.Accounts {
		d.Members = append(d.Members, w.members(a)...)
		d.Invites = append(d.Invites, w.invitesOf(a.Name)...)
	}
	return d
}

// members returns an account's members with their whole logins.
func (w *world) members(a *staff.Account) []*staff.Member {
	w.Helper()
	var selectors []staff.Selector
	for m, err := range w.store.Members(w.Context(), staff.MemberQuery{Account: a.ID, Sort: staff.SortID}) {
		if err != nil {
			w.Fatal(err)
		}
		selectors = append(selectors, idOf(m))
	}
	if selectors == nil {
		return nil
	}
	facts, err := w.store.Load(w.Context(), &staff.Needs{Account: a.Name, Members: selectors})
	if err != nil {
		w.Fatal(err)
	}
	if len(facts.Found) != len(selectors) {
		w.Errorf("found %d of %d members", len(facts.Found), len(selectors))
	}
	return facts.Found
}

func (w *world) audit(q staff.AuditQuery) []staff.AuditEntry {
	w.Helper()
	var all []staff.AuditEntry
	for e, err := range w.store.Audit(w.Context(), q) {
		if err != nil {
			w.Fatal(err)
		}
		all = append(all, *e)
	}
	return all
}

// account returns one account as the store has it.
func (w *world) account(name string) *staff.Account {
	w.Helper()
	facts, err := w.staff.Account(w.Context(), name)
	if err != nil {
		w.Fatal(err)
	}
	return facts.Account
}

// member returns one member of acme as the store has it.
func (w *world) member(email string) *staff.Member {
	w.Helper()
	return w.memberIn("acme", email)
}

func (w *world) memberIn(account, email string) *staff.Member {
	w.Helper()
	person, err := w.staff.Person(w.Context(), account, By(email))
	if err != nil {
		w.Fatal(err)
	}
	return person.Member
}

// change edits a copy of the member and of its login, raises their versions
// and returns the difference.
func change(m *staff.Member, edit func(*staff.Member)) staff.Diff[staff.Member] {
	after := *m
	if m.Login != nil {
		after.Login = new(*m.Login)
	}
	edit(&after)
	after.Version++
	return staff.Diff[staff.Member]{Before: m, After: &after}
}

// blank returns a commit of the account that changes nothing yet.
func (w *world) blank(account string) *staff.Commit {
	now := w.clock.now()
	return &staff.Commit{ID: w.staff.IDs.Next(now), At: now.UnixMilli(), Actor: w.staff.Actor(), Schema: sqlstore.Schema(),
		Touched: []staff.ID{w.account(account).ID}}
}

// recorded gives the commit an audit entry for each of its members.
func (w *world) recorded(c *staff.Commit) *staff.Commit {
	for _, d := range c.Members {
		if m := d.After; m != nil {
			c.Audit = append(c.Audit, staff.AuditEntry{ID: w.staff.IDs.Next(time.UnixMilli(c.At)), Action: "test.commit", MemberID: m.ID, Subject: m.Email})
		}
	}
	return c
}

func idOf(m *staff.Member) staff.Selector { return staff.ParseSelector("id:" + idText(m.ID)) }

func emails(members []*staff.Member) []string {
	var out []string
	for _, m := range members {
		out = append(out, m.Email)
	}
	return out
}
