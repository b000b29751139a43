package rqlite_test

import (
	"encoding/pem"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/staffctl/staffctl/internal/sqlstore"
	"github.com/staffctl/staffctl/internal/sqlstore/rqlite"
	"github.com/staffctl/staffctl/internal/sqlstore/storetest"
	"github.com/staffctl/staffctl/internal/staff"
)

// nobody is an address that refuses connections for the length of the test.
func nobody(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// TestRedirect: the client goes to the leader that a node names, and stays there.
func TestRedirect(t *testing.T) {
	t.Parallel()
	for name, status := range map[string]int{"301": http.StatusMovedPermanently, "302": http.StatusFound, "307": http.StatusTemporaryRedirect, "308": http.StatusPermanentRedirect} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			leader := newProxy(t, s.proxy.server)
			through := s.through(rqlite.Options{})
			s.proxy.follow(always(sendTo(status, "http://"+leader.addr)), script{})
			_, err := through.Do(t.Context(), "acme", add)
			s.must(err)
			_, err = through.Do(t.Context(), "acme", storetest.Add("bert@example.ch"))
			s.must(err)
			s.took(2, 1)
			if writes := len(s.proxy.requests(true)); writes != 1 {
				t.Errorf("the first node got %d writes", writes)
			}
			if len(leader.requests(true)) != 2 || len(leader.requests(false)) != 1 {
				t.Errorf("the leader got %d writes and %d reads", len(leader.requests(true)), len(leader.requests(false)))
			}
		})
	}
}

// unlessForwarded passes on what a node is to forward.
func unlessForwarded(m mishap) mishap {
	return func(x *exchange) {
		if x.r.URL.Query().Has("redirect") {
			m(x)
		} else {
			passOn(x)
		}
	}
}

// TestRedirectNowhere: a leader that cannot be reached from here is left to the
// nodes.
func TestRedirectNowhere(t *testing.T) {
	t.Parallel()
	hung := newProxy(t, "")
	hung.follow(always(hang), always(hang))
	for name, c := range map[string]struct {
		scheme, leader string
		listed         bool // among the hosts
	}{
		"out of reach":         {"http", nobody(t), false},
		"out of reach, listed": {"http", nobody(t), true},
		"hangs":                {"http", hung.addr, false},
		"hangs, listed":        {"http", hung.addr, true},
		"HTTPS":                {"https", nobody(t), false},
		"another program":      {"ftp", nobody(t), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			o := hasty
			if c.listed {
				o.Hosts = []string{c.leader}
			}
			through := s.through(o)
			send := unlessForwarded(sendTo(http.StatusMovedPermanently, c.scheme+"://"+c.leader))
			s.proxy.follow(always(send), always(send))
			_, err := through.Do(t.Context(), "acme", add)
			s.must(err)
			s.took(1, 1)
			for i, w := range s.proxy.requests(true) {
				if w.query.Has("redirect") {
					t.Errorf("write %d still asks where the leader is", i+1)
				}
			}
		})
	}
}

// TestRedirectAround: nodes that send the client around are left in the end.
func TestRedirectAround(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	other := newProxy(t, s.proxy.server)
	through := s.through(rqlite.Options{Patience: brief})
	toOther, back := sendTo(http.StatusMovedPermanently, "http://"+other.addr), sendTo(http.StatusMovedPermanently, "http://"+s.proxy.addr)
	s.proxy.follow(always(toOther), script{})
	other.follow(always(back), script{})
	_, err := through.Do(t.Context(), "acme", add)
	fails(t, err, staff.CodeUnavailable, "nothing was changed")
	s.took(0, 1)
	s.proxy.follow(once(many(9, toOther)...), script{})
	other.follow(once(many(9, back)...), script{})
	_, err = s.through(rqlite.Options{}).Do(t.Context(), "acme", add)
	s.must(err)
	s.took(1, 1)
}

// TestNoDowngrade: what was asked over HTTPS is not told over HTTP.
func TestNoDowngrade(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	secure := httptest.NewTLSServer(s.proxy)
	t.Cleanup(secure.Close)
	plain := newProxy(t, s.proxy.server)
	ca := file(t, "ca.pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: secure.Certificate().Raw})))
	c := opened(t, rqlite.Options{Hosts: []string{secure.Listener.Addr().String()}, TLS: true, CAFile: ca,
		User: "anna", Password: "secret"})
	s.proxy.follow(once(sendTo(http.StatusMovedPermanently, "http://"+plain.addr)), once(sendTo(http.StatusMovedPermanently, "http://"+plain.addr)))
	_, err := s.on(sqlstore.New(c)).Do(t.Context(), "acme", add)
	s.must(err)
	s.took(1, 1)
	if seen := len(plain.requests(true)) + len(plain.requests(false)); seen > 0 {
		t.Errorf("%d requests were sent in the clear", seen)
	}
}

// TestExactReadBehind: after a node has joined or left, rqlite lets exact reads wait
// for a write that may not come. What is read by way of the log does not wait.
func TestExactReadBehind(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.proxy.follow(script{}, always(func(x *exchange) {
		if x.r.URL.Query().Get("level") == "linearizable" {
			failed("timeout waiting for fsm")(x)
			return
		}
		passOn(x)
	}))
	_, err := s.through(rqlite.Options{Patience: endless}).Do(t.Context(), "acme", add)
	s.must(err)
	s.took(1, 1)
	for _, r := range s.proxy.requests(false) {
		if q := r.query; q.Get("level") == "linearizable" && q.Get("linearizable_timeout") == "" {
			t.Errorf("%v may wait for longer than an attempt", q)
		}
	}
}
