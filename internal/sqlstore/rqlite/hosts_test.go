package rqlite_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/staffctl/staffctl/internal/rqlitetest"
	"github.com/staffctl/staffctl/internal/sqlstore"
	"github.com/staffctl/staffctl/internal/sqlstore/rqlite"
	"github.com/staffctl/staffctl/internal/sqlstore/storetest"
	"github.com/staffctl/staffctl/internal/staff"
)

// patient is for a cluster that chooses a leader on a machine that is busy.
var patient = rqlite.Options{Attempt: time.Second, Patience: 2 * time.Minute}

func TestHostDown(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	hung := newProxy(t, "")
	hung.follow(always(hang), always(hang))
	for name, first := range map[string]string{"refuses": nobody(t), "hangs": hung.addr, "no name": "no-such-host.invalid:4001"} {
		t.Run(name, func(t *testing.T) {
			o := hasty
			o.Hosts = []string{first, s.proxy.addr}
			c := opened(t, o)
			if _, err := s.on(sqlstore.New(c)).Do(t.Context(), "acme", storetest.Add(strings.ReplaceAll(name, " ", "")+"@example.ch")); err != nil {
				t.Error(err)
			}
		})
	}
	s.took(3, 1)
	if len(hung.requests(false)) == 0 {
		t.Error("the node that hangs was not asked")
	}
}

// TestUnreachable: who cannot be connected to is given up long before the
// patience ends.
func TestUnreachable(t *testing.T) {
	t.Parallel()
	o := rqlite.Options{Hosts: []string{nobody(t), nobody(t)}, Patience: 10 * time.Second}
	start := time.Now()
	err := initialise(t, o)
	fails(t, err, staff.CodeUnavailable, "cannot be used; nothing was changed", "look at its nodes", "connection refused")
	field(t, err, "store")
	if took := time.Since(start); took > o.Patience {
		t.Errorf("given up after %v", took)
	}
}

// trio is a store on a cluster of three.
type trio struct {
	*testing.T
	*rqlitetest.Cluster
	staff *staff.Staff
	names int
}

func newTrio(t *testing.T) *trio {
	t.Helper()
	c := &trio{T: t, Cluster: rqlitetest.ForTest(t, rqlitetest.Options{Nodes: 3})}
	c.staff = storetest.NewStaff(sqlstore.New(c.open(c.Nodes...)))
	if _, err := c.staff.Init(t.Context(), sqlstore.Schema(), storetest.Enterprise("acme")); err != nil {
		t.Fatal(err)
	}
	return c
}

// open opens the cluster by some of its nodes.
func (c *trio) open(nodes ...*rqlitetest.Node) *rqlite.Cluster {
	c.Helper()
	o := patient
	for _, n := range nodes {
		o.Hosts = append(o.Hosts, n.Addr)
	}
	return opened(c.T, o)
}

// adds asserts that a member can be added by way of the nodes.
func (c *trio) adds(nodes ...*rqlitetest.Node) {
	c.Helper()
	s := *c.staff
	s.Store = sqlstore.New(c.open(nodes...))
	c.names++
	if _, err := s.Do(c.Context(), "acme", storetest.Add(fmt.Sprintf("person%d@example.ch", c.names))); err != nil {
		c.Error(err)
	}
	if p, err := s.Catalog(c.Context()); err != nil || p == nil {
		c.Error(err)
	}
}

// roles returns the leader and the others.
func (c *trio) roles() (leader *rqlitetest.Node, others []*rqlitetest.Node) {
	c.Helper()
	leader, err := c.Leader(c.Context())
	c.must(err)
	for _, n := range c.Nodes {
		if n != leader {
			others = append(others, n)
		}
	}
	return leader, others
}

func (c *trio) must(err error) {
	c.Helper()
	if err != nil {
		c.Fatal(err)
	}
}

func TestFailover(t *testing.T) {
	t.Parallel()
	c := newTrio(t)
	leader, others := c.roles()
	c.adds(others[0]) // which names the leader
	c.must(others[0].Stop())
	c.adds(others[0], others[1], leader)
	c.must(others[0].Continue())
	c.must(leader.Stop())
	c.adds(leader, others[0], others[1])
	c.adds(others...)
	c.must(leader.Continue())
	leader, others = c.roles()
	c.must(leader.Kill())
	c.adds(leader, others[0], others[1])
	c.adds(others...)
	c.must(leader.Restart(t.Context()))
	c.adds(leader)
	if got := len(members(t, c.staff)); got != c.names {
		t.Errorf("%d members, want %d", got, c.names)
	}
	storetest.AssertClean(t, c.staff.Store)
}

// members are the e-mails of acme's members.
func members(t *testing.T, s *staff.Staff) map[string]int {
	t.Helper()
	facts, err := s.Account(t.Context(), "acme")
	if err != nil {
		t.Fatal(err)
	}
	emails := map[string]int{}
	for m, err := range s.Store.Members(t.Context(), staff.MemberQuery{Account: facts.Account.ID, Sort: staff.SortEmail}) {
		if err != nil {
			t.Fatal(err)
		}
		emails[m.Email]++
	}
	return emails
}

// TestLeaderKilled: the leader is killed while many write. What was reported is
// what there is.
func TestLeaderKilled(t *testing.T) {
	t.Parallel()
	const writers, each, until = 4, 20, 20
	c := newTrio(t)
	outcomes := map[string]error{}
	var mu sync.Mutex
	var done sync.WaitGroup
	half := make(chan struct{})
	for i := range writers {
		s := *c.staff
		s.Store = sqlstore.New(c.open(c.Nodes...))
		done.Go(func() {
			for j := range each {
				email := fmt.Sprintf("person%d-%d@example.ch", i, j)
				_, err := s.Do(t.Context(), "acme", storetest.Add(email))
				mu.Lock()
				outcomes[email] = err
				if len(outcomes) == until {
					close(half)
				}
				mu.Unlock()
			}
		})
	}
	<-half
	leader, _ := c.roles()
	c.must(leader.Kill())
	done.Wait()
	there := members(t, c.staff)
	for email, err := range outcomes {
		switch n := there[email]; {
		case err == nil && n != 1, err != nil && code(err) != staff.CodeUnknown && n > 0, n > 1:
			t.Errorf("%s is there %d times after %v", email, n, err)
		case err != nil:
			t.Logf("%s is there %d times after %v", email, n, err)
		}
	}
	storetest.AssertClean(t, c.staff.Store)
}
