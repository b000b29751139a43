package rqlite_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/staffctl/staffctl/internal/sqlstore"
	"github.com/staffctl/staffctl/internal/sqlstore/rqlite"
	"github.com/staffctl/staffctl/internal/sqlstore/storetest"
	"github.com/staffctl/staffctl/internal/staff"
)

// cut says after how many bytes of a request and of its answer a connection
// ends, which is by a reset or not. What is negative does not end it.
type cut struct {
	request, answer int64
	reset           bool
}

var whole = cut{request: -1, answer: -1}

// cutter passes connections on to a server, byte by byte.
type cutter struct {
	net.Listener
	server string
	next   atomic.Pointer[cut] // for the next connection alone

	connections, requests, answers atomic.Int64 // the latter two in bytes
	running                        sync.WaitGroup
}

func newCutter(t *testing.T, server string) *cutter {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &cutter{Listener: l, server: server}
	c.running.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			c.connections.Add(1)
			limits := c.next.Swap(&whole)
			if limits == nil {
				limits = &whole
			}
			c.running.Go(func() { c.carry(conn.(*net.TCPConn), *limits) })
		}
	})
	t.Cleanup(func() {
		l.Close()
		c.running.Wait()
	})
	return c
}

// carry passes on until an end closes or a limit is reached: then both are closed.
func (c *cutter) carry(client *net.TCPConn, limits cut) {
	conn, err := net.Dial("tcp", c.server)
	if err != nil {
		client.Close()
		return
	}
	server := conn.(*net.TCPConn)
	if limits.reset {
		_, _ = client.SetLinger(0), server.SetLinger(0)
	}
	pass := func(dst, src *net.TCPConn, limit int64, sum *atomic.Int64) {
		from := io.Reader(src)
		if limit >= 0 {
			from = io.LimitReader(src, limit)
		}
		_, _ = io.Copy(counted{dst, sum}, from)
		client.Close()
		server.Close()
	}
	var both sync.WaitGroup
	both.Go(func() { pass(server, client, limits.request, &c.requests) })
	both.Go(func() { pass(client, server, limits.answer, &c.answers) })
	both.Wait()
}

// counted adds what is written up.
type counted struct {
	io.Writer
	sum *atomic.Int64
}

// Write counts before, so that nobody has what is not counted.
func (w counted) Write(p []byte) (int, error) {
	w.sum.Add(int64(len(p)))
	return w.Writer.Write(p)
}

// split reads from one opening of a store, and commits to another.
type split struct {
	staff.Store
	commits staff.Store
}

// Commit commits to the other.
func (s split) Commit(ctx context.Context, c *staff.Commit) error { return s.commits.Commit(ctx, c) }

// cutPlace is where commits meet a cutter.
type cutPlace struct {
	*site
	cutter  *cutter
	cluster *rqlite.Cluster
	staff   *staff.Staff
}

func (s *site) newCutPlace() *cutPlace {
	s.Helper()
	p := &cutPlace{site: s, cutter: newCutter(s.T, s.proxy.server)}
	p.cluster = opened(s.T, rqlite.Options{Hosts: []string{p.cutter.Addr().String()}})
	p.staff = s.on(split{s.staff.Store, sqlstore.New(p.cluster)})
	return p
}

// lengths are those of a commit's request and of its answer.
func (p *cutPlace) lengths() (request, answer int64) {
	p.Helper()
	_, err := p.staff.Do(p.Context(), "acme", storetest.Add("whole00000@example.ch"))
	p.must(err)
	return p.cutter.requests.Load(), p.cutter.answers.Load()
}

// Some bytes more, since numbers in a commit differ in length.
const slack = 4

// positions are where to cut something so long: each of the first and last bytes,
// and some between.
func positions(length, first int64) []int64 {
	const last, step = 64, 7
	var all []int64
	for n := range length + slack {
		if every || n < first || n >= length-last || n%step == 0 {
			all = append(all, n)
		}
	}
	return all
}

// cutAll has sixteen places make all the cuts, and returns how many connections
// that took.
func (s *site) cutAll(cuts []cut, do func(p *cutPlace, i int)) int64 {
	s.Helper()
	var next, connections atomic.Int64
	var done sync.WaitGroup
	for range 16 {
		p := s.newCutPlace()
		done.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(cuts); i = int(next.Add(1)) - 1 {
				p.cutter.next.Store(&cuts[i])
				do(p, i)
				_ = p.cluster.Close() // so that the next opens a connection
			}
			connections.Add(p.cutter.connections.Load())
		})
	}
	done.Wait()
	return connections.Load()
}

// cuts are at positions of requests and of answers, every second by a reset.
func cuts(requests, answers []int64) []cut {
	var all []cut
	for _, n := range requests {
		all = append(all, cut{n, -1, len(all)%2 == 0})
	}
	for _, n := range answers {
		all = append(all, cut{-1, n, len(all)%2 == 0})
	}
	return all
}

// TestCut: wherever the connection ends, a commit takes effect once.
func TestCut(t *testing.T) {
	t.Parallel()
	const header = 400 // bytes at least, of the request's
	s := newSite(t)
	request, answer := s.newCutPlace().lengths()
	all := cuts(positions(request, header), positions(answer, answer))
	connections := s.cutAll(all, func(p *cutPlace, i int) {
		if _, err := p.staff.Do(t.Context(), "acme", storetest.Add(fmt.Sprintf("anna-%05d@example.ch", i))); err != nil {
			t.Errorf("%+v: %v", all[i], err)
		}
	})
	t.Logf("cut at %d places in requests of %d and answers of %d bytes, over %d connections", len(all), request, answer, connections)
	s.took(len(all)+1, 1)
	if again := connections - int64(len(all)); again < int64(len(all))-4*slack {
		t.Errorf("only %d of %d commits needed another connection", again, len(all))
	}
}

// TestCutRefused: wherever the connection ends, a commit that is refused has no
// effect.
func TestCutRefused(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.do(add)
	stale := s.plan(staff.EditMember{Member: anna, Details: staff.Details{LastName: new("Anders")}})
	s.do(staff.EditMember{Member: anna, Details: staff.Details{LastName: new("Meier")}})
	s.before = s.effects()
	var requests, answers []int64
	for n := int64(0); n < 4000; n += 97 {
		requests, answers = append(requests, n), append(answers, n/4)
	}
	all := cuts(requests, answers)
	s.cutAll(all, func(p *cutPlace, i int) {
		c := *stale
		c.ID = s.staff.IDs.Next(storetest.Start)
		if err := p.staff.Store.Commit(t.Context(), &c); !errors.Is(err, staff.ErrStale) {
			t.Errorf("%+v: %v", all[i], err)
		}
	})
	s.took(0, 1)
}
