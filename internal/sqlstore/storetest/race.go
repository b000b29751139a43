package storetest

import (
	"context"
	"fmt"
	"sync"

	"github.com/staffctl/staffctl/internal/staff"
)

// runners is how many act at once.
const runners = 16

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

// race carries out the actions at once, through four openings of the store,
// and counts what they came to; "" is success.
func (w *world) race(account string, action func(i int) staff.Action) map[staff.Code]int {
	w.Helper()
	return count(w.raceOf(runners, func(i int) (string, staff.Action) { return account, action(i) }))
}

// raceOf carries out n actions at once, each in an account, and returns what
// each of them came to.
func (w *world) raceOf(n int, action func(i int) (account string, a staff.Action)) []error {
	w.Helper()
	stores := []staff.Store{w.store, w.again(), w.again(), w.again()}
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

// team adds one member a runner to acme.
func team(w *world, login bool, access ...string) {
	w.Helper()
	w.start()
	for i := range runners {
		actions := []staff.Action{Add(person(i), access...)}
		if login {
			actions = append(actions, Password(person(i)))
		}
		w.do(actions...)
	}
}

func raceTests() map[string]func(*world) {
	one := map[staff.Code]int{"": 1, staff.CodeConflict: runners - 1}
	claim := func(i int) staff.Action { return staff.SetUsername{Member: By(person(i)), Username: "boss"} }
	return map[string]func(*world){
		"one username": func(w *world) {
			team(w, true, "domains")
			w.same("outcomes", one, w.race("acme", claim))
		},
		"one proposal": func(w *world) {
			team(w, false, "domains")
			w.same("outcomes", one, w.race("acme", claim))
		},
		"one username, as proposal or login": func(w *world) {
			team(w, false, "domains")
			for i := range runners / 2 {
				w.do(Password(person(2 * i)))
			}
			w.same("outcomes", one, w.race("acme", claim))
		},
		"one e-mail": func(w *world) {
			w.start()
			w.same("outcomes", one, w.race("acme", func(int) staff.Action { return Add("boss@example.ch") }))
			w.same("members", []string{"boss@example.ch"}, emails(w.dump().Members))
		},
		"one account name": func(w *world) {
			w.start()
			w.same("outcomes", one, w.race("", func(int) staff.Action { return Enterprise("other") }))
		},
		"the last administrator": func(w *world) {
			team(w, true, "all")
			got := w.race("acme", func(i int) staff.Action {
				switch s := By(person(i)); i % 4 {
				case 0:
					return staff.RemoveMember{Member: s}
				case 1:
					return staff.Suspend{Member: s}
				case 2:
					return staff.SetAccess{Member: s, Access: []string{"domains"}}
				default:
					return staff.Revoke{Member: s, Grants: []string{"all"}}
				}
			})
			w.same("outcomes", map[staff.Code]int{"": runners - 1, staff.CodeForbidden: 1}, got)
			facts, err := w.staff.Store.Load(w.Context(), &staff.Needs{Account: "acme", Counts: true})
			if err != nil || facts.Administrators != 1 {
				w.Errorf("%+v, %v; want one administrator", facts, err)
			}
		},
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
			team(w, true, "all")
			got := w.race("acme", func(i int) staff.Action { return staff.SetOwner{Member: By(person(i))} })
			w.same("outcomes", map[staff.Code]int{"": runners}, got)
			w.same("version", int64(1+runners), w.account("acme").Version)
		},
	}
}
