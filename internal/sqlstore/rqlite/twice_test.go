package rqlite_test

import (
	"crypto/sha256"
	"flag"
	"sync"
	"testing"

	"github.com/staffctl/staffctl/internal/sqlstore"
	"github.com/staffctl/staffctl/internal/sqlstore/rqlite"
	"github.com/staffctl/staffctl/internal/sqlstore/storetest"
	"github.com/staffctl/staffctl/internal/staff"
)

var every = flag.Bool("every", false, "cut connections at every byte, and run the contract on a bad network: some minutes")

// firstTime has a mishap befall each write the first time that it arrives, in
// turns.
func firstTime(mishaps ...mishap) mishap {
	var mu sync.Mutex
	known := map[[sha256.Size]byte]bool{}
	return func(x *exchange) {
		mu.Lock()
		sum := sha256.Sum256(x.body)
		m := passOn
		if !known[sum] {
			m = mishaps[len(known)%len(mishaps)]
		}
		known[sum] = true
		mu.Unlock()
		m(x)
	}
}

// TestContractOnBadNetwork: the store keeps its contract though what it writes is
// passed on twice, and requests and answers are lost.
func TestContractOnBadNetwork(t *testing.T) {
	t.Parallel()
	if !*every {
		t.Skip("takes a minute or two: give -every")
	}
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
