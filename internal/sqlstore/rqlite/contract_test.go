package rqlite_test

import (
	"os"
	"testing"

	"github.com/staffctl/staffctl/internal/rqlitetest"
	"github.com/staffctl/staffctl/internal/sqlstore"
	"github.com/staffctl/staffctl/internal/sqlstore/rqlite"
	"github.com/staffctl/staffctl/internal/sqlstore/storetest"
	"github.com/staffctl/staffctl/internal/staff"
)

// servers are lent to the tests, each with an empty database.
var servers = rqlitetest.NewPool(4)

func TestMain(m *testing.M) {
	code := m.Run()
	if err := servers.Close(); err != nil && code == 0 {
		code = 1
	}
	os.Exit(code)
}

// opened opens a cluster for the length of the test.
func opened(t *testing.T, o rqlite.Options) *rqlite.Cluster {
	t.Helper()
	c, err := rqlite.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error("closing:", err)
		}
	})
	return c
}

func TestContract(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T) (staff.Store, func() staff.Store) {
		o := rqlite.Options{Hosts: []string{servers.Lend(t)}}
		return sqlstore.New(opened(t, o)), func() staff.Store { return sqlstore.New(opened(t, o)) }
	})
}
