// Package storetest is the contract that every [staff.Store] passes, whatever
// it keeps its rows in. It acts through the real domain, so what it asserts is
// what the commands rely on.
package storetest

import (
	"context"
	"testing"

	"github.com/staffctl/staffctl/internal/sqlstore"
	"github.com/staffctl/staffctl/internal/staff"
)

// Opener opens a fresh store that is not yet initialised. Again opens the same
// store once more, as another process would, after it was initialised. Both are
// closed by t.Cleanup.
type Opener func(t *testing.T) (store staff.Store, again func() staff.Store)

// Run holds a store to the contract, each promise on a store of its own.
func Run(t *testing.T, open Opener) {
	groups := []struct {
		name  string
		tests map[string]func(*world)
	}{
		{"init", initTests()},
		{"account", accountTests()},
		{"member", memberTests()},
		{"access", accessTests()},
		{"owner", ownerTests()},
		{"catalog", catalogTests()},
		{"guard", guardTests()},
		{"atomic", atomicTests()},
		{"reference", referenceTests()},
		{"unique", uniqueTests()},
		{"passed on", passedOnTests()},
		{"team", teamTests()},
		{"login", loginTests()},
		{"administrator", administratorTests()},
		{"subaccount", subaccountTests()},
		{"link", linkTests()},
		{"invite", inviteTests()},
		{"outbox", outboxTests()},
		{"limits", limitTests()},
		{"session", sessionTests()},
		{"tan", tanTests()},
		{"list", listTests()},
		{"audit", auditTests()},
		{"prune", pruneTests()},
		{"import", importTests()},
		{"race", raceTests()},
	}
	for _, g := range groups {
		for name, test := range g.tests {
			t.Run(g.name+"/"+name, func(t *testing.T) {
				t.Parallel()
				test(newWorld(t, open))
			})
		}
	}
}

// checker is a store that can look for what is wrong with itself.
type checker interface {
	Check(ctx context.Context) ([]sqlstore.Finding, int, error)
}

// AssertClean fails the test where the store finds something wrong with itself.
func AssertClean(t testing.TB, store staff.Store) {
	t.Helper()
	c, ok := store.(checker)
	if !ok {
		return
	}
	findings, rules, err := c.Check(context.Background())
	if err != nil || rules == 0 {
		t.Errorf("Check looked at %d rules: %v", rules, err)
	}
	for _, f := range findings {
		t.Errorf("check %s (%s): %s", f.Check, f.Rule, f.Detail)
	}
}
