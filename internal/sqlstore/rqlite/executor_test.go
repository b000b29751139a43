package rqlite_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/staffctl/staffctl/internal/rqlitetest"
	"github.com/staffctl/staffctl/internal/sqlstore"
	"github.com/staffctl/staffctl/internal/sqlstore/rqlite"
	"github.com/staffctl/staffctl/internal/sqlstore/storetest"
	"github.com/staffctl/staffctl/internal/staff"
)

// batchOf makes a batch of statements without arguments.
func batchOf(statements ...string) sqlstore.Batch {
	var b sqlstore.Batch
	for _, sql := range statements {
		b.Statements = append(b.Statements, sqlstore.Statement{SQL: sql})
	}
	return b
}

// failingStatements are statements on the tables of [TestErrors], with what they come to.
var failingStatements = map[string]error{
	`INSERT INTO raise VALUES ('guard')`:       staff.ErrStale,
	`INSERT INTO raise VALUES ('rule')`:        staff.ErrRefused,
	`INSERT INTO t VALUES (1, 'two', NULL)`:    staff.ErrRefused,
	`INSERT INTO t VALUES (2, 'one', NULL)`:    staff.ErrRefused,
	`INSERT INTO t VALUES (2, NULL, NULL)`:     staff.ErrRefused,
	`INSERT INTO t VALUES (2, '', NULL)`:       staff.ErrRefused,
	`INSERT INTO t VALUES ('x', 'two', NULL)`:  staff.ErrRefused,
	`INSERT INTO t VALUES (2, x'4142', NULL)`:  staff.ErrRefused,
	`INSERT INTO t VALUES (2, 'two', 7)`:       staff.ErrRefused, // at the end of the transaction
	`INSERT INTO none VALUES (1)`:              sqlstore.ErrSQL,
	`INSERT INTO t (none) VALUES (1)`:          sqlstore.ErrSQL,
	`UPDATE t SET none = 1`:                    sqlstore.ErrSQL,
	`CREATE TABLE t (id)`:                      sqlstore.ErrSQL,
	`INSERT INTO t VALUES (2, none('two'), 1)`: sqlstore.ErrSQL,
	`ALTER TABLE t ADD COLUMN v TEXT`:          sqlstore.ErrSQL,
}

// TestErrors: what a statement fails with, and that its batch has no effect.
func TestErrors(t *testing.T) {
	t.Parallel()
	node := rqlitetest.ForTest(t, rqlitetest.Options{ForeignKeys: []bool{true}}).Nodes[0]
	c := opened(t, rqlite.Options{Hosts: []string{node.Addr}})
	must(t, c.Write(t.Context(), batchOf(
		`CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT UNIQUE NOT NULL CHECK (v <> ''), parent INTEGER REFERENCES t (id) DEFERRABLE INITIALLY DEFERRED) STRICT`,
		`CREATE VIEW raise (text) AS SELECT ''`,
		`CREATE TRIGGER raised INSTEAD OF INSERT ON raise WHEN NEW.text = 'guard' BEGIN SELECT raise(ABORT, 'changed meanwhile'); END`,
		`CREATE TRIGGER ruled INSTEAD OF INSERT ON raise WHEN NEW.text = 'rule' BEGIN SELECT raise(ABORT, 'an account keeps its owner'); END`,
		`INSERT INTO t VALUES (1, 'one', NULL)`)))
	for sql, want := range failingStatements {
		err := c.Write(t.Context(), batchOf(`INSERT INTO t VALUES (100, 'before', 1)`, sql, `INSERT INTO t VALUES (101, 'after', 1)`))
		if !errors.Is(err, want) || errors.Is(err, staff.ErrRefused) != errors.Is(want, staff.ErrRefused) {
			t.Errorf("%s: %v, want %v", sql, err, want)
		}
	}
	answers, err := c.Read(t.Context(), batchOf(`SELECT group_concat(v) FROM t`).Statements)
	if err != nil || answers[0][0] != "one" {
		t.Errorf("left: %q, %v", answers, err)
	}
	for sql, want := range map[string]string{`SELECT none FROM t`: "no such column", `SELECT * FROM none`: "no such table", `SELECT`: "incomplete input"} {
		if _, err := c.Read(t.Context(), batchOf(`SELECT 'x'`, sql).Statements); !errors.Is(err, sqlstore.ErrSQL) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", sql, err)
		}
	}
	_, err = c.Read(t.Context(), batchOf(`SELECT v, v FROM t`).Statements)
	fails(t, err, staff.CodeUnavailable, "2 columns")
}

func TestReadOnly(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.do(add)
	reader := s.through(rqlite.Options{ReadOnly: true})
	_, err := reader.Do(t.Context(), "acme", gone)
	fails(t, err, staff.CodeUnavailable, "opened for reading", "nothing was changed")
	s.took(1, 1)
	if len(s.proxy.requests(true)) > 0 || len(s.proxy.requests(false)) == 0 {
		t.Error("it wrote, or did not read")
	}
}

func TestName(t *testing.T) {
	t.Parallel()
	for want, o := range map[string]rqlite.Options{
		"rqlite://a:4001,b:4001": {Hosts: []string{"a:4001", "b:4001"}},
		"rqlite://anna@a:4001":   {Hosts: []string{"a:4001"}, User: "anna", Password: "secret"},
		"rqlites://[::1]:4001":   {Hosts: []string{"[::1]:4001"}, TLS: true},
	} {
		if got := opened(t, o).Name(); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

// TestEnds: connections that ended while nothing was asked disturb nobody.
func TestEnds(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	through := s.through(rqlite.Options{})
	for i := range 20 {
		s.proxy.CloseClientConnections()
		_, err := through.Do(t.Context(), "acme", storetest.Add(fmt.Sprintf("person%d@example.ch", i)))
		s.must(err)
		s.must(s.through(rqlite.Options{}).Store.NoteSession(t.Context(), "none", 1))
	}
	s.took(20, 1)
}

func TestStreamStops(t *testing.T) {
	t.Parallel()
	c := table(t)
	must(t, c.Write(t.Context(), batchOf(`INSERT INTO t (v) VALUES ('a'), ('b'), ('c')`)))
	var got []string
	for text, err := range c.Stream(t.Context(), sqlstore.Statement{SQL: `SELECT v FROM t ORDER BY id`}) {
		must(t, err)
		if got = append(got, text); len(got) == 2 {
			break
		}
	}
	if fmt.Sprint(got) != "[a b]" {
		t.Errorf("%q", got)
	}
	for _, err := range c.Stream(t.Context(), sqlstore.Statement{SQL: `SELECT none FROM t`}) {
		if !errors.Is(err, sqlstore.ErrSQL) {
			t.Error(err)
		}
	}
	if answers, err := c.Read(t.Context(), nil); answers != nil || err != nil {
		t.Errorf("%q, %v", answers, err)
	}
}
