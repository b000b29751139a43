package rqlitetest

import (
	"context"
	"errors"
	"net"
	"slices"
	"strings"
	"testing"
	"time"
)

// deadline is for what takes a second or two on a machine that does nothing else.
const deadline = time.Minute

func TestCluster(t *testing.T) {
	t.Parallel()
	c := ForTest(t, Options{Nodes: 3})
	leader := mustLead(t, c)
	mustSend(t, leader, "/db/execute", `CREATE TABLE kept (id INTEGER PRIMARY KEY)`)

	t.Run("kill and restart the leader", func(t *testing.T) {
		old := mustLead(t, c)
		mustSend(t, old, "/db/execute", `INSERT INTO kept VALUES (1)`)
		if err := old.Kill(); err != nil {
			t.Fatal(err)
		}
		if _, err := net.Dial("tcp", old.Addr); err == nil {
			t.Error("a killed node is connected to")
		}
		began := time.Now()
		leader := mustLead(t, c)
		t.Logf("elected after %v", time.Since(began))
		if leader == old {
			t.Fatal("a killed node leads")
		}
		mustSend(t, leader, "/db/execute", `INSERT INTO kept VALUES (2)`)
		began = time.Now()
		if err := old.Restart(t.Context()); err != nil {
			t.Fatal(err)
		}
		t.Logf("ready after %v", time.Since(began))
		awaitRows(t, old, "kept", "1 2")
	})

	t.Run("stop and continue the leader", func(t *testing.T) {
		old := mustLead(t, c)
		if err := old.Stop(); err != nil {
			t.Fatal(err)
		}
		conn, err := net.Dial("tcp", old.Addr)
		if err != nil {
			t.Errorf("a stopped node refuses connections: %v", err)
		} else {
			conn.Close()
		}
		leader := mustLead(t, c)
		if leader == old {
			t.Fatal("a stopped node leads")
		}
		mustSend(t, leader, "/db/execute", `INSERT INTO kept VALUES (3)`)
		if err := old.Continue(); err != nil {
			t.Fatal(err)
		}
		awaitRows(t, old, "kept", "1 2 3")
	})

	t.Run("close when one is stopped", func(t *testing.T) {
		if err := c.Nodes[1].Stop(); err != nil {
			t.Fatal(err)
		}
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
		for _, n := range c.Nodes {
			if n.Running() {
				t.Errorf("node %s runs", n.ID)
			}
		}
	})
}

func TestCut(t *testing.T) {
	t.Parallel()
	c := ForTest(t, Options{Nodes: 3, Partitions: true})
	leader := mustLead(t, c)
	mustSend(t, leader, "/db/execute", `CREATE TABLE kept (id INTEGER PRIMARY KEY)`)
	follower := c.Nodes[(slices.Index(c.Nodes, leader)+1)%3]
	awaitRows(t, follower, "kept", "")

	if err := c.Cut(follower); err != nil {
		t.Fatal(err)
	}
	mustSend(t, leader, "/db/execute", `INSERT INTO kept VALUES (1)`)
	_, err := send(t, follower, "/db/execute?timeout=1s", `INSERT INTO kept VALUES (9)`)
	if err == nil {
		t.Error("a node that is cut off has written")
	}
	t.Log(err)
	if got := rows(t, follower, "kept"); got != "" {
		t.Errorf("a node that is cut off has the rows %q", got)
	}
	if err := c.Heal(follower); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	awaitRows(t, follower, "kept", "1")
	t.Logf("up to date %v after it was healed", time.Since(began))

	old := mustLead(t, c)
	if err := c.Cut(old); err != nil {
		t.Fatal(err)
	}
	began = time.Now()
	leader = mustLead(t, c)
	t.Logf("elected %v after the leader was cut off", time.Since(began))
	if leader == old {
		t.Fatal("a node that is cut off leads")
	}
	mustSend(t, leader, "/db/execute", `INSERT INTO kept VALUES (2)`)
	if err := c.Heal(old); err != nil {
		t.Fatal(err)
	}
	awaitRows(t, old, "kept", "1 2")
}

func TestCutNeedsPartitions(t *testing.T) {
	t.Parallel()
	c := &Cluster{Nodes: []*Node{{ID: "1"}}}
	if err := c.Cut(c.Nodes[0]); err == nil {
		t.Error("a cluster without partitions was cut")
	}
}

func TestStartRefuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	accounts := write(t, dir, "accounts", `[{"username":"reader","password":"x","perms":["query"]}]`)
	for name, o := range map[string]Options{
		"two nodes":                           {Nodes: 2},
		"client certificates without HTTPS":   {VerifyClient: true},
		"no account that may do all":          {AuthFile: accounts},
		"no file of accounts":                 {AuthFile: dir + "/none"},
		"a certificate that cannot be loaded": {CertFile: accounts, KeyFile: accounts},
	} {
		t.Run(name, func(t *testing.T) {
			need(t)
			c, err := Start(t.Context(), o)
			if err == nil {
				c.Close()
				t.Fatal("it started")
			}
			t.Log(err)
		})
	}
}

// Another program may take a port between the choice of it and the start.
func TestPortTaken(t *testing.T) {
	t.Parallel()
	c := ForTest(t, Options{})
	n := c.Nodes[0]
	if err := n.Kill(); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", n.Addr)
	if err != nil {
		t.Fatal(err)
	}
	if err := n.start(); err != nil {
		t.Fatal(err)
	}
	err = n.awaitReady(t.Context())
	if !errors.Is(err, errPortTaken) || !strings.Contains(err.Error(), "failed to") {
		t.Errorf("awaitReady = %v", err)
	}
	l.Close()
	if err := n.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func mustLead(t *testing.T, c *Cluster) *Node {
	t.Helper()
	n, err := c.Leader(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func send(t *testing.T, n *Node, path string, statements ...string) ([]result, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), deadline)
	defer cancel()
	return n.send(ctx, path, statements...)
}

func mustSend(t *testing.T, n *Node, path string, statements ...string) []result {
	t.Helper()
	results, err := send(t, n, path, statements...)
	if err != nil {
		t.Fatal(err)
	}
	return results
}

// rows are the ids the node itself has, whoever leads.
func rows(t *testing.T, n *Node, table string) string {
	t.Helper()
	found, err := send(t, n, "/db/query?level=none", `SELECT coalesce(group_concat(id, ' '), '') FROM (SELECT id FROM `+table+` ORDER BY id)`)
	if err != nil {
		return err.Error() // a follower may not have the table yet
	}
	return found[0].Values[0][0]
}

func awaitRows(t *testing.T, n *Node, table, want string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), deadline)
	defer cancel()
	for got := rows(t, n, table); got != want; got = rows(t, n, table) {
		if !wait(ctx) {
			t.Fatalf("node %s has the rows %q, not %q", n.ID, got, want)
		}
	}
}
