package rqlite_test

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/staffctl/staffctl/internal/sqlstore"
	"github.com/staffctl/staffctl/internal/sqlstore/rqlite"
	"github.com/staffctl/staffctl/internal/sqlstore/storetest"
	"github.com/staffctl/staffctl/internal/staff"
)

// site is a store with account acme on a real server, and a proxy before it.
type site struct {
	*testing.T
	server *rqlite.Cluster // without the proxy
	staff  *staff.Staff    // on the server
	proxy  *proxy
	before effects
}

func newSite(t *testing.T) *site {
	t.Helper()
	addr := servers.Lend(t)
	s := &site{T: t, server: opened(t, rqlite.Options{Hosts: []string{addr}}), proxy: newProxy(t, addr)}
	s.staff = storetest.NewStaff(sqlstore.New(s.server))
	if _, err := s.staff.Init(t.Context(), sqlstore.Schema(), storetest.Enterprise("acme")); err != nil {
		t.Fatal("init:", err)
	}
	t.Cleanup(func() { storetest.AssertClean(t, s.staff.Store) })
	s.before = s.effects()
	return s
}

// through is the domain on a cluster that is reached through the proxy only; other
// hosts follow it.
func (s *site) through(o rqlite.Options) *staff.Staff {
	s.Helper()
	o.Hosts = append([]string{s.proxy.addr}, o.Hosts...)
	return s.on(sqlstore.New(opened(s.T, o)))
}

// on is the domain on another opening of the store: ids are unique among all.
func (s *site) on(store staff.Store) *staff.Staff {
	other := *s.staff
	other.Store = store
	return &other
}

func (s *site) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

// do carries out actions without the proxy.
func (s *site) do(actions ...staff.Action) *staff.Plan {
	s.Helper()
	plan, err := s.staff.Do(s.Context(), "acme", actions...)
	if err != nil {
		s.Fatalf("%s: %v", actions[0].Kind(), err)
	}
	return plan
}

// query reads one value from the server.
func (s *site) query(sql string, args ...any) string {
	s.Helper()
	answers, err := s.server.Read(context.Background(), []sqlstore.Statement{{SQL: sql, Args: args}})
	if err != nil || len(answers[0]) != 1 {
		s.Fatalf("%s: %q, %v", sql, answers, err)
	}
	return answers[0][0]
}

func (s *site) count(from string) int {
	s.Helper()
	n, err := strconv.Atoi(s.query(`SELECT count(*) || '' FROM ` + from))
	s.must(err)
	return n
}

// effects are how many rows commits have left.
type effects struct{ members, commits, audit int }

func (s *site) effects() effects {
	s.Helper()
	return effects{s.count(`members`), s.count(`commits WHERE nonce >= 0`), s.count(`audit`)}
}

// took asserts how many commits of so many members each took effect.
func (s *site) took(commits, members int) {
	s.Helper()
	n := commits * members
	want := effects{s.before.members + n, s.before.commits + commits, s.before.audit + n}
	if got := s.effects(); got != want {
		s.Errorf("effects %+v, want %+v", got, want)
	}
}

// code is that of an error, "" for success.
func code(err error) staff.Code {
	if err == nil {
		return ""
	}
	return staff.CodeOf(err)
}

// fails asserts the code of a failure and what its message says.
func fails(t *testing.T, err error, want staff.Code, says ...string) {
	t.Helper()
	if code(err) != want {
		t.Errorf("%v (%s), want %s", err, code(err), want)
	}
	for _, part := range says {
		if err != nil && !strings.Contains(err.Error(), part) {
			t.Errorf("%q does not say %q", err, part)
		}
	}
}

// field asserts what an error is about.
func field(t *testing.T, err error, want string) {
	t.Helper()
	var e *staff.Error
	if !errors.As(err, &e) || e.Field != want {
		t.Errorf("%#v is not about %s", e, want)
	}
}

// recorder is a store that keeps the last commit, and carries it out or not.
type recorder struct {
	staff.Store
	dry    bool
	commit *staff.Commit
}

// Commit keeps c.
func (r *recorder) Commit(ctx context.Context, c *staff.Commit) error {
	r.commit = c
	if r.dry {
		return nil
	}
	return r.Store.Commit(ctx, c)
}

// plan returns the commit of actions without carrying it out.
func (s *site) plan(actions ...staff.Action) *staff.Commit {
	s.Helper()
	r := &recorder{Store: s.staff.Store, dry: true}
	_, err := s.on(r).Do(s.Context(), "acme", actions...)
	s.must(err)
	return r.commit
}

// brief is a patience that ends soon, for what is never to succeed.
const brief = 100 * time.Millisecond

// write carries out statements on the server.
func (s *site) write(statements ...string) {
	s.Helper()
	b := sqlstore.Batch{}
	for _, sql := range statements {
		b.Statements = append(b.Statements, sqlstore.Statement{SQL: sql})
	}
	s.must(s.server.Write(context.Background(), b))
}
