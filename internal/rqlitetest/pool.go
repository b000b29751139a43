package rqlitetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
)

// Pool lends servers of one node to tests that run at once, each to one at a
// time. It starts them when they are first needed.
type Pool struct {
	free chan *Cluster // nil stands for one that is not started

	mu     sync.Mutex
	lent   map[*Node]*Cluster
	closed bool
}

// NewPool makes a pool of so many servers at most.
func NewPool(size int) *Pool {
	p := &Pool{free: make(chan *Cluster, size), lent: map[*Node]*Cluster{}}
	for range size {
		p.free <- nil
	}
	return p
}

// PoolForTest makes a pool that ends with the test. It skips the test where
// rqlited cannot be built, or fails it where CI is set.
func PoolForTest(t testing.TB, size int) *Pool {
	t.Helper()
	need(t)
	p := NewPool(size)
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return p
}

// Take waits for a server that is not lent out, and lends it with an empty
// database. One that a borrower has killed or broken is replaced.
func (p *Pool) Take(ctx context.Context) (*Node, error) {
	var c *Cluster
	select {
	case c = <-p.free:
	case <-ctx.Done():
		return nil, fmt.Errorf("all servers of the pool are lent out: %w", context.Cause(ctx))
	}
	c, err := renew(ctx, c)
	if err != nil {
		p.free <- nil
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		p.free <- nil
		return nil, errors.Join(errors.New("the pool is closed"), c.Close())
	}
	p.lent[c.Nodes[0]] = c
	return c.Nodes[0], nil
}

// renew empties a server, or starts another where there is none or it fails.
func renew(ctx context.Context, c *Cluster) (*Cluster, error) {
	if c != nil {
		if n := c.Nodes[0]; n.Running() && n.Wipe(ctx) == nil {
			return c, nil
		}
		if err := c.Close(); err != nil {
			return nil, err
		}
	}
	return Start(ctx, Options{})
}

// Give takes a server back.
func (p *Pool) Give(n *Node) {
	p.mu.Lock()
	defer p.mu.Unlock()
	c := p.lent[n]
	if c == nil {
		return // closed meanwhile
	}
	delete(p.lent, n)
	p.free <- c
}

// Lend takes a server for a test, gives it back when the test ends, and returns
// host:port of its HTTP API. It skips the test where rqlited cannot be built,
// or fails it where CI is set.
func (p *Pool) Lend(t testing.TB) (addr string) {
	t.Helper()
	need(t)
	n, err := p.Take(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		report(t, n)
		p.Give(n)
	})
	return n.Addr
}

// Close ends all servers, those that are lent out too. Nothing is lent after.
func (p *Pool) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	var errs []error
	for n, c := range p.lent {
		delete(p.lent, n)
		errs = append(errs, c.Close())
		p.free <- nil
	}
	for range cap(p.free) {
		select {
		case c := <-p.free:
			if c != nil {
				errs = append(errs, c.Close())
			}
			p.free <- nil
		default: // on its way to a borrower, who will find the pool closed
		}
	}
	return errors.Join(errs...)
}

// Wipe drops all triggers, views, indexes and tables.
func (n *Node) Wipe(ctx context.Context) error {
	// What goes with something dropped before it is no error. The tables of a
	// virtual table go with it, and cannot be dropped before.
	const list = `SELECT 'DROP ' || type || ' IF EXISTS "' || replace(name, '"', '""') || '"' FROM sqlite_schema
		WHERE name NOT LIKE 'sqlite\_%' ESCAPE '\'
		ORDER BY CASE type WHEN 'trigger' THEN 1 WHEN 'view' THEN 2 WHEN 'index' THEN 3 ELSE 4 END, sql LIKE 'CREATE VIRTUAL%' DESC`
	found, err := n.send(ctx, "/db/query", list)
	if err != nil || len(found) == 0 || len(found[0].Values) == 0 {
		return err
	}
	var drops []string
	for _, row := range found[0].Values {
		drops = append(drops, row...)
	}
	_, err = n.send(ctx, "/db/execute?transaction", drops...)
	return err
}
