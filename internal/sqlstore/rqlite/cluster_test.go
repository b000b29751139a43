package rqlite_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/staffctl/staffctl/internal/rqlitetest"
	"github.com/staffctl/staffctl/internal/sqlstore"
	"github.com/staffctl/staffctl/internal/sqlstore/rqlite"
	"github.com/staffctl/staffctl/internal/sqlstore/storetest"
	"github.com/staffctl/staffctl/internal/staff"
)

// local answers a query by a node's own database, whatever the others have.
func local(t *testing.T, n *rqlitetest.Node, query string) [][]any {
	t.Helper()
	body, err := json.Marshal([]string{query})
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.Post(n.URL()+"/db/query?level=none", "application/json", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	var a struct {
		Results []struct {
			Values [][]any `json:"values"`
			Error  string  `json:"error"`
		} `json:"results"`
	}
	if err := json.Unmarshal(text, &a); err != nil || len(a.Results) != 1 || a.Results[0].Error != "" {
		t.Fatalf("%s: %s, %v", query, text, err)
	}
	return a.Results[0].Values
}

// content is every row of every table of a node.
func content(t *testing.T, n *rqlitetest.Node) map[string][][]any {
	t.Helper()
	rows := map[string][][]any{}
	for _, table := range local(t, n, `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'`) {
		name := table[0].(string)
		rows[name] = local(t, n, fmt.Sprintf(`SELECT * FROM "%s"`, name))
		slices.SortFunc(rows[name], func(a, b []any) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
	}
	return rows
}

// TestForeignKeysMayDiffer holds that nodes which enforce foreign keys and nodes
// which do not come to the same: no batch depends on it.
func TestForeignKeysMayDiffer(t *testing.T) {
	t.Parallel()
	c := rqlitetest.ForTest(t, rqlitetest.Options{Nodes: 3, ForeignKeys: []bool{true, false, true}})
	cluster := opened(t, rqlite.Options{Hosts: c.Addresses()})
	store := sqlstore.New(cluster)
	if !t.Run("fill", func(t *testing.T) { storetest.Fill(t, store) }) {
		t.FailNow()
	}
	s := storetest.NewStaff(store)
	for _, act := range [][]staff.Action{{staff.RemoveMember{Member: storetest.By("carl@example.ch")}}, {staff.RemoveSubaccount{Name: "news"}}, {staff.DeleteAccount{}}} {
		if _, err := s.Do(t.Context(), "acme", act...); err != nil {
			t.Fatal(err)
		}
	}
	storetest.AssertClean(t, store)
	nodes, err := cluster.Nodes(t.Context())
	if err != nil || len(nodes) != 3 {
		t.Fatalf("%+v, %v", nodes, err)
	}
	leaders := 0
	for i, n := range nodes {
		if !n.Reachable || !n.Voter || n.ForeignKeys == nil || *n.ForeignKeys != (i != 1) || n.SQLite == nil {
			t.Errorf("node %s: %+v", n.ID, n)
		}
		if n.Leader {
			leaders++
		}
	}
	if leaders != 1 {
		t.Errorf("%d leaders", leaders)
	}
	applied := func(n *rqlitetest.Node) string {
		return fmt.Sprint(local(t, n, `SELECT max(id), count(*) FROM commits`))
	}
	want, err := c.Leader(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range c.Nodes {
		for applied(n) != applied(want) { // followers are a moment behind
			if err := staff.Pause(t.Context(), 1e7); err != nil {
				t.Fatal(err)
			}
		}
		if diff := cmp.Diff(content(t, want), content(t, n)); diff != "" {
			t.Errorf("node %s differs from the leader, node %s:\n%s", n.ID, want.ID, diff)
		}
	}
}

// oldStore makes a store of schema 1 on a server.
func oldStore(t *testing.T, cluster *rqlite.Cluster) {
	t.Helper()
	text, err := os.ReadFile("../migrations/0001_members.sql")
	if err != nil {
		t.Fatal(err)
	}
	b := sqlstore.Batch{Statements: []sqlstore.Statement{{SQL: `CREATE TABLE staffctl_migrations (
  version INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  checksum TEXT NOT NULL,
  applied_at INTEGER NOT NULL
) STRICT`}}}
	for sql := range strings.SplitSeq(string(text), ";\n\n") {
		b.Statements = append(b.Statements, sqlstore.Statement{SQL: strings.TrimSuffix(strings.TrimSpace(sql), ";")})
	}
	first := sqlstore.Migrations()[0]
	b.Statements = append(b.Statements,
		sqlstore.Statement{SQL: `INSERT INTO staffctl_migrations VALUES (1, ?, ?, 5)`, Args: []any{first.Name, first.Checksum}},
		sqlstore.Statement{SQL: `INSERT INTO catalog VALUES (1, '{"areas":[],"roles":[],"mail_categories":[]}', 1)`})
	if err := cluster.Write(t.Context(), b); err != nil {
		t.Fatal(err)
	}
}

// TestMigrateOnceOfMany: four migrate at once; one takes each step, and the others
// find it done.
func TestMigrateOnceOfMany(t *testing.T) {
	t.Parallel()
	o := rqlite.Options{Hosts: []string{servers.Lend(t)}}
	cluster := opened(t, o)
	oldStore(t, cluster)
	store := sqlstore.New(cluster)
	if _, err := store.Accounts(t.Context()); staff.CodeOf(err) != staff.CodeUnavailable || !strings.Contains(err.Error(), "run staffctl store migrate") {
		t.Errorf("before: %v", err)
	}
	var all sync.WaitGroup
	for i := range 4 {
		other := sqlstore.New(opened(t, o))
		all.Go(func() {
			if from, to, err := other.Migrate(context.Background(), int64(100+i)); err != nil || to != sqlstore.Schema() || from < 1 {
				t.Errorf("from %d to %d, %v", from, to, err)
			}
		})
	}
	all.Wait()
	applied, err := store.Applied(t.Context())
	if err != nil || len(applied) != sqlstore.Schema() || applied[0].AppliedAt != 5 || applied[1].AppliedAt < 100 {
		t.Errorf("applied %+v, %v", applied, err)
	}
	storetest.AssertClean(t, store)
}
