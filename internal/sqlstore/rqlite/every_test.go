//go:build every

package rqlite_test

import (
	"testing"

	"github.com/staffctl/staffctl/internal/sqlstore"
	"github.com/staffctl/staffctl/internal/sqlstore/rqlite"
	"github.com/staffctl/staffctl/internal/sqlstore/storetest"
	"github.com/staffctl/staffctl/internal/staff"
)

// every cuts connections at every byte. With it run the tests that take minutes.
const every = true

// TestContractOnBadNetwork: the store keeps its contract though what it writes is
// passed on twice, and requests and answers are lost.
func TestContractOnBadNetwork(t *testing.T) {
	t.Parallel()
	for name, mishaps := range map[string][]mishap{
		"twice": {passOnTwice},
		"lost":  {after(drop), drop, passOnTwice, noLeader},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			storetest.Run(t, func(t *testing.T) (staff.Store, func() staff.Store) {
				p := newProxy(t, servers.Lend(t))
				p.follow(always(firstTime(mishaps...)), script{})
				open := func() staff.Store { return sqlstore.New(opened(t, rqlite.Options{Hosts: []string{p.addr}})) }
				return open(), open
			})
		})
	}
}
