package rqlitetest

import (
	"context"
	"errors"
	"testing"
)

func TestPool(t *testing.T) {
	t.Parallel()
	need(t)
	p := NewPool(1)
	defer func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
		if _, err := p.Take(context.Background()); err == nil {
			t.Error("a closed pool lends")
		}
	}()
	first := mustTake(t, p)
	mustSend(t, first, "/db/execute",
		`CREATE TABLE "a ""b" (id INTEGER PRIMARY KEY AUTOINCREMENT, parent REFERENCES "a ""b", name TEXT UNIQUE)`,
		`INSERT INTO "a ""b" (name) VALUES ('x')`,
		`CREATE INDEX "select" ON "a ""b" (parent)`,
		`CREATE VIEW v AS SELECT * FROM "a ""b"`,
		`CREATE TRIGGER t INSTEAD OF INSERT ON v BEGIN SELECT 1; END`,
		`CREATE TRIGGER u AFTER INSERT ON "a ""b" BEGIN SELECT 1; END`,
		`CREATE VIRTUAL TABLE words USING fts5(text)`,
		`ANALYZE`)
	short, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.Take(short); !errors.Is(err, context.Canceled) {
		t.Errorf("Take of what is lent out = %v", err)
	}
	p.Give(first)

	second := mustTake(t, p)
	if second != first {
		t.Error("a server that works was replaced")
	}
	left := mustSend(t, second, "/db/query", `SELECT name FROM sqlite_schema WHERE name NOT LIKE 'sqlite\_%' ESCAPE '\'`)
	if len(left[0].Values) > 0 {
		t.Errorf("left after a wipe: %q", left[0].Values)
	}
	if err := second.Stop(); err != nil {
		t.Fatal(err)
	}
	p.Give(second)

	third := mustTake(t, p)
	if third == second {
		t.Error("a stopped server was lent")
	}
	mustSend(t, third, "/db/execute", `CREATE TABLE t (id)`)
	p.Give(third)
}

func TestPoolLendsEachToOne(t *testing.T) {
	t.Parallel()
	need(t)
	p := NewPool(2)
	t.Cleanup(func() { p.Close() }) // after the parallel subtests
	for _, name := range []string{"a", "b", "c", "d", "e"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			addr := p.Lend(t)
			n := &Node{ID: addr, Addr: addr, client: must(newClient(&Options{}))(t)}
			mustSend(t, n, "/db/execute", `CREATE TABLE mine (id)`, `INSERT INTO mine VALUES (1)`)
			if got := rows(t, n, "mine"); got != "1" {
				t.Errorf("rows = %q", got)
			}
		})
	}
}

func mustTake(t *testing.T, p *Pool) *Node {
	t.Helper()
	n, err := p.Take(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}
