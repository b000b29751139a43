package storetest

import (
	"context"
	"fmt"

	"github.com/staffctl/staffctl/internal/sqlstore"
	"github.com/staffctl/staffctl/internal/staff"
)

// teamTests: what applying a team asks of a store.
func teamTests() map[string]func(*world) {
	return map[string]func(*world){
		"all in one state":           teamWhole,
		"guards the account":         teamGuards,
		"planned on the newest":      teamAgain,
		"but not on what was shown":  teamBasis,
		"usernames and e-mails swap": teamSwaps,
		"begins a store":             teamBegins,
	}
}

// member is an entry of a team.
func member(email string, access ...string) staff.TeamMember {
	return staff.TeamMember{TeamPerson: staff.TeamPerson{Email: email, LastName: "Muster"}, Access: access}
}

// teamOf manages the members of acme.
func teamOf(members ...staff.TeamMember) *staff.Team {
	return &staff.Team{Account: "acme", Members: &members}
}

func everything() staff.TeamOptions {
	return staff.TeamOptions{Prune: true, MaxRemovals: staff.MaxRemovals{N: 100, Percent: true}}
}

func (w *world) apply(t *staff.Team) *staff.TeamPlan {
	w.Helper()
	plan, err := w.staff.ApplyTeam(w.Context(), t, everything())
	if err != nil {
		w.Fatal("apply:", err)
	}
	for _, r := range plan.Results {
		w.readBack(r)
	}
	again, err := w.staff.PlanTeam(w.Context(), t, everything())
	if err != nil || again.Changed() {
		w.Errorf("applied twice: %v, %+v", err, again)
	}
	return plan
}

func teamWhole(w *world) {
	cast(w)
	w.in("", Enterprise("other"))
	w.in("other", Add("erika@example.de"))
	w.do(shop(), staff.SendInvite{Email: "dora@example.ch", Access: []string{"all"}})
	facts, err := w.store.Load(w.Context(), &staff.Needs{Account: "acme", AllMembers: true, AllInvites: true, Members: []staff.Selector{By("erika@example.de")}})
	if err != nil {
		w.Fatal(err)
	}
	w.same("people", w.members(facts.Account), facts.Found)
	w.same("e-mails", []string{"anna@example.ch", "bert@example.ch", "carl@example.ch", "shop@example.ch"}, emails(facts.Found))
	w.same("invites", 1, len(facts.Invites))
}

// between is a store in which others act just before each of some commits.
type between struct {
	staff.Store
	acts []func()
}

// Commit does the next act before it commits.
func (b *between) Commit(ctx context.Context, c *staff.Commit) error {
	if len(b.acts) > 0 {
		act := b.acts[0]
		b.acts = b.acts[1:]
		act()
	}
	return b.Store.Commit(ctx, c)
}

// teamGuards: whoever comes into the account after planning would stay, though the
// team does not have them.
func teamGuards(w *world) {
	cast(w)
	r := &recorder{Store: w.store}
	s := *w.staff
	s.Store = r
	if _, err := s.ApplyTeam(w.Context(), teamOf(member("anna@example.ch", "all")), everything()); err != nil {
		w.Fatal(err)
	}
	w.do(Add("neu@example.ch"))
	w.stale(r.commit)
}

func teamAgain(w *world) {
	cast(w)
	b := &between{Store: w.store}
	for i := range 3 {
		b.acts = append(b.acts, func() { w.do(Add(fmt.Sprintf("neu%d@example.ch", i))) })
	}
	s := *w.staff
	s.Store = b
	plan, err := s.ApplyTeam(w.Context(), teamOf(member("anna@example.ch", "all"), member("dora@example.ch")), everything())
	if err != nil {
		w.Fatal(err)
	}
	w.same("who is left", []string{"anna@example.ch", "dora@example.ch"}, emails(w.members(w.account("acme"))))
	w.same("changes", 7, changedIn(&plan.Plan)) // five go, one comes, and anna has another name
}

func changedIn(p *staff.Plan) int {
	n := 0
	for _, r := range p.Results {
		if r.Changed {
			n++
		}
	}
	return n
}

func teamBasis(w *world) {
	cast(w)
	wanted := teamOf(member("anna@example.ch", "all"))
	shown, err := w.staff.PlanTeam(w.Context(), wanted, everything())
	if err != nil {
		w.Fatal(err)
	}
	s := *w.staff
	s.Store = &between{Store: w.store, acts: []func(){func() { w.do(Add("neu@example.ch")) }}}
	o := everything()
	o.Basis = &shown.Basis
	if _, err := s.ApplyTeam(w.Context(), wanted, o); staff.CodeOf(err) != staff.CodeConflict {
		w.Errorf("applied what was not shown: %v", err)
	}
	w.same("people", 4, len(w.members(w.account("acme"))))
}

func teamSwaps(w *world) {
	cast(w)
	named := func(email, username string, access ...string) staff.TeamMember {
		m := member(email, access...)
		m.Username = &username
		return m
	}
	// Two logins, and a proposal with a login.
	w.apply(teamOf(named("anna@example.ch", "bert@example.ch", "all"), named("bert@example.ch", "anna@example.ch", "all"), named("carl@example.ch", "carl")))
	w.apply(teamOf(named("anna@example.ch", "carl", "all"), named("bert@example.ch", "bert@example.ch", "all"), named("carl@example.ch", "anna@example.ch")))
	w.prove("carl", "a secret of anna@example.ch")
	// Somebody goes, and somebody comes with the username.
	w.apply(teamOf(named("anna@example.ch", "anna", "all"), named("dora@example.ch", "bert@example.ch")))

	account := func(name, email string) staff.TeamSubaccount {
		return staff.TeamSubaccount{Name: name, Role: "copywriter", TeamPerson: staff.TeamPerson{Email: email}}
	}
	subaccounts := func(s ...staff.TeamSubaccount) *staff.Team { return &staff.Team{Account: "acme", Subaccounts: &s} }
	w.apply(subaccounts(account("a", "x@example.ch"), account("b", "y@example.ch"), account("c", "z@example.ch")))
	w.apply(subaccounts(account("a", "y@example.ch"), account("b", "z@example.ch"), account("c", "x@example.ch")))
	w.apply(subaccounts(account("a", "x@example.ch"), account("d", "y@example.ch")))
}

func teamBegins(w *world) {
	t := teamOf(member("anna@example.ch", "all"))
	t.Owner, t.Tariff = new("anna@example.ch"), new("enterprise")
	t.Senders = &[]string{"info@example.ch"}
	t.Subaccounts = &[]staff.TeamSubaccount{{Name: "shop", Role: "copywriter", TeamPerson: staff.TeamPerson{Email: "shop@example.ch"}}}
	t.Invites = &[]staff.TeamInvite{{Email: "anna@example.ch", Access: []string{"all"}}}
	w.beginWith(t)
	w.same("owner", "anna@example.ch", w.account("acme").Owner)
	plan, err := w.staff.PlanTeam(w.Context(), t, everything())
	if err != nil || plan.Changed() {
		w.Errorf("begun: %v, %+v", err, plan)
	}
	w.same("audit", 6, len(w.audit(staff.AuditQuery{})))
}

// beginWith makes the store with a team.
func (w *world) beginWith(t *staff.Team) {
	w.Helper()
	if _, err := w.staff.InitTeam(w.Context(), sqlstore.Schema(), t, staff.TeamOptions{}); err != nil {
		w.Fatal("init:", err)
	}
	store := w.store
	w.Cleanup(func() { AssertClean(w, store) })
}
