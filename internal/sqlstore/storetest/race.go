package storetest

import (
	"context"
	"fmt"
	"sync"

	"github.com/staffctl/staffctl/internal/staff"
)

// How many act at once, through how many openings of the store. Where all change
// the same row one after the other there are fewer: each waits for all before it.
const (
	runners  = 16
	rivals   = 64
	openings = 8
)

// gate is a store whose first reader waits until all have read, so that all
// plan on the same facts.
type gate struct {
	staff.Store
	once sync.Once
	all  *sync.WaitGroup
}

// Load waits after the first time.
func (g *gate) Load(ctx context.Context, n *staff.Needs) (*staff.Facts, error) {
	facts, err := g.Store.Load(ctx, n)
	g.once.Do(func() {
		g.all.Done()
		g.all.Wait()
	})
	return facts, err
}

// race carries out the actions at once and counts what they came to; "" is
// success.
func (w *world) race(account string, action func(i int) staff.Action) map[staff.Code]int {
	w.Helper()
	return count(w.raceOf(runners, func(i int) (string, staff.Action) { return account, action(i) }))
}

// contest is what comes of rivals in acme.
func (w *world) contest(action func(i int) staff.Action) []error {
	w.Helper()
	return w.raceOf(rivals, func(i int) (string, staff.Action) { return "acme", action(i) })
}

// raceOf carries out n actions at once, each in an account, and returns what
// each of them came to.
func (w *world) raceOf(n int, action func(i int) (account string, a staff.Action)) []error {
	w.Helper()
	stores := []staff.Store{w.store}
	for len(stores) < openings {
		stores = append(stores, w.again())
	}
	var all, done sync.WaitGroup
	all.Add(n)
	outcomes := make([]error, n)
	for i := range n {
		s := *w.staff
		s.Store = &gate{Store: stores[i%len(stores)], all: &all}
		account, a := action(i)
		done.Go(func() { _, outcomes[i] = s.Do(w.Context(), account, a) })
	}
	done.Wait()
	return outcomes
}

// count counts outcomes by their codes; "" is success.
func count(outcomes []error) map[staff.Code]int {
	counts := map[staff.Code]int{}
	for _, err := range outcomes {
		if err == nil {
			counts[""]++
		} else {
			counts[staff.CodeOf(err)]++
		}
	}
	return counts
}

func person(i int) string { return fmt.Sprintf("person%02d@example.ch", i) }

// team adds members to acme, as many as will act.
func team(w *world, size int, login bool, access ...string) {
	w.Helper()
	w.start()
	var actions []staff.Action
	for i := range size {
		actions = append(actions, Add(person(i), access...))
		if login {
			actions = append(actions, Password(person(i)))
		}
	}
	if _, err := w.staff.Do(w.Context(), "acme", actions...); err != nil {
		w.Fatal(err)
	}
}

// disempower is one of the ways to take full access from a member.
func disempower(way int, m staff.Selector) staff.Action {
	switch way % 4 {
	case 0:
		return staff.RemoveMember{Member: m}
	case 1:
		return staff.Suspend{Member: m}
	case 2:
		return staff.SetAccess{Member: m, Access: []string{"domains"}}
	default:
		return staff.Revoke{Member: m, Grants: []string{"all"}}
	}
}

// raceAdministrators lets rivals take full access from the last two who have it,
// half of them from each.
func raceAdministrators(w *world) {
	team(w, 2, true, "all")
	outcomes := w.contest(func(i int) staff.Action { return disempower(i, By(person(i/openings%2))) })
	var of [2][]error
	for i, err := range outcomes {
		of[i/openings%2] = append(of[i/openings%2], err)
	}
	stayed, went := count(of[0]), count(of[1])
	if stayed[""] > 0 {
		stayed, went = went, stayed
	}
	w.same("against who stayed", map[staff.Code]int{staff.CodeForbidden: rivals / 2}, stayed)
	if went[""] == 0 || went[""]+went[staff.CodeNotFound] != rivals/2 {
		w.Errorf("against who went: %v", went)
	}
	w.administrators(1)
}

func (w *world) administrators(want int) {
	w.Helper()
	facts, err := w.staff.Store.Load(w.Context(), &staff.Needs{Account: "acme", Counts: true})
	if err != nil || facts.Administrators != want {
		w.Errorf("%+v, %v; want %d administrators", facts, err, want)
	}
}

// raceTests are the races for what one of many gets or keeps. Those for an
// invite, for a link, and for an e-mail as registration or sender address stand
// with what they are about, and use raceOf too.
func raceTests() map[string]func(*world) {
	one := map[staff.Code]int{"": 1, staff.CodeConflict: rivals - 1}
	claim := func(i int) staff.Action { return staff.SetUsername{Member: By(person(i)), Username: "boss"} }
	return map[string]func(*world){
		"one username": func(w *world) {
			team(w, rivals, true, "domains")
			w.same("outcomes", one, count(w.contest(claim)))
		},
		"one proposal": func(w *world) {
			team(w, rivals, false, "domains")
			w.same("outcomes", one, count(w.contest(claim)))
		},
		"one username, as proposal or login": func(w *world) {
			team(w, rivals, false, "domains")
			for i := range rivals / 2 {
				w.do(Password(person(2 * i)))
			}
			w.same("outcomes", one, count(w.contest(claim)))
		},
		"one e-mail": func(w *world) {
			w.start()
			w.same("outcomes", one, count(w.contest(func(int) staff.Action { return Add("boss@example.ch") })))
			w.same("members", []string{"boss@example.ch"}, emails(w.dump().Members))
		},
		"one account name": func(w *world) {
			w.start()
			w.same("outcomes", one, count(w.raceOf(rivals, func(int) (string, staff.Action) { return "", Enterprise("other") })))
		},
		"the last administrator": func(w *world) {
			team(w, rivals, true, "all")
			outcomes := w.contest(func(i int) staff.Action { return disempower(i, By(person(i))) })
			w.same("outcomes", map[staff.Code]int{"": rivals - 1, staff.CodeForbidden: 1}, count(outcomes))
			w.administrators(1)
		},
		"the last two administrators": raceAdministrators,
		"no update is lost": func(w *world) {
			w.start()
			w.do(Add("anna@example.ch"))
			areas := staff.DefaultCatalog().Permissions()
			before := w.account("acme").Counter
			got := w.race("acme", func(i int) staff.Action { return staff.Grant{Member: By("anna@example.ch"), Grants: areas[i : i+1]} })
			w.same("outcomes", map[staff.Code]int{"": runners}, got)
			catalog := staff.DefaultCatalog()
			for i := range runners {
				if catalog.Allows(w.member("anna@example.ch").Access, areas[i]) == "" {
					w.Errorf("grant %s is lost", areas[i])
				}
			}
			w.same("counter", before+runners, w.account("acme").Counter)
		},
		"one owner": func(w *world) {
			team(w, runners, true, "all")
			got := w.race("acme", func(i int) staff.Action { return staff.SetOwner{Member: By(person(i))} })
			w.same("outcomes", map[staff.Code]int{"": runners}, got)
			w.same("version", int64(1+runners), w.account("acme").Version)
		},
	}
}
