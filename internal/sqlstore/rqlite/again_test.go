package rqlite_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/staffctl/staffctl/internal/sqlstore"
	"github.com/staffctl/staffctl/internal/sqlstore/rqlite"
	"github.com/staffctl/staffctl/internal/sqlstore/storetest"
	"github.com/staffctl/staffctl/internal/staff"
)

// scene is a site whose member anna can sign in, with the store behind the proxy.
type scene struct {
	*site
	store staff.Store
	anna  *staff.Member
	now   int64
}

func newScene(t *testing.T) *scene {
	t.Helper()
	s := &scene{site: newSite(t), now: storetest.Start.UnixMilli()}
	s.do(add, storetest.Password("anna@example.ch"))
	s.store = s.through(rqlite.Options{}).Store
	p, err := s.staff.Person(t.Context(), "acme", anna)
	s.must(err)
	s.anna = p.Member
	return s
}

// deed is a write of runtime state that is applied again.
type deed struct {
	before func(*scene)
	do     func(*scene) error
	then   func(*scene) // what happens before it is applied the last time
}

// TestAppliedAgain: what a cluster applies again, at once or late, does no harm.
func TestAppliedAgain(t *testing.T) {
	t.Parallel()
	for _, deeds := range []map[string]deed{sessionDeeds(), tanDeeds(), tryDeeds(), mailDeeds()} {
		for name, d := range deeds {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				s := newScene(t)
				if d.before != nil {
					d.before(s)
				}
				s.proxy.follow(script{}, script{})
				s.must(d.do(s))
				writes := s.proxy.requests(true)
				s.unchanged("at once", writes)
				d.then(s)
				s.unchanged("late", writes)
			})
		}
	}
}

// unchanged asserts that the writes change nothing once more.
func (s *scene) unchanged(when string, writes []seen) {
	s.Helper()
	before := s.runtime()
	if len(writes) == 0 || len(before) == 0 {
		s.Fatal("nothing to be applied again, or to see it by")
	}
	for _, w := range writes {
		s.apply(w)
	}
	if diff := cmp.Diff(before, s.runtime()); diff != "" {
		s.Errorf("applied again %s (-before +after):\n%s", when, diff)
	}
}

// apply has the server carry out a write that it was sent before.
func (s *scene) apply(w seen) {
	s.Helper()
	res, err := http.Post("http://"+s.proxy.server+"/db/execute?transaction&noparse", "application/json", bytes.NewReader(w.body))
	s.must(err)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK || strings.Contains(string(text), "error") {
		s.Errorf("applied again: %d %s, %v", res.StatusCode, text, err)
	}
}

// runtime is all runtime state.
func (s *scene) runtime() []string {
	s.Helper()
	queries := []sqlstore.Statement{
		{SQL: `SELECT concat_ws(' ', 'session', key, login_id, account_id, member_id, stage, link_id, started_at, seen_at) FROM sessions ORDER BY key`},
		{SQL: `SELECT concat_ws(' ', 'tan', id, session, number, expires_at, mark) FROM tans ORDER BY id`},
		{SQL: `SELECT concat_ws(' ', 'try', key, mark, at) FROM tries ORDER BY key, mark`},
		{SQL: `SELECT concat_ws(' ', 'sign-in', login_id, at, account_id, network) FROM sign_ins ORDER BY login_id, at`},
		{SQL: `SELECT concat_ws(' ', 'login', id, password_hash, version) FROM logins ORDER BY id`},
		{SQL: `SELECT concat_ws(' ', 'mail', id, state, tries, next_at, leased_until, mark, answer, settled_at, data) FROM outbox ORDER BY id`},
	}
	answers, err := s.server.Read(s.Context(), queries)
	s.must(err)
	var all []string
	for _, rows := range answers {
		all = append(all, rows...)
	}
	return all
}

func (s *scene) session(key string) *staff.Session {
	return &staff.Session{Key: key, LoginID: s.anna.Login.ID, AccountID: s.anna.AccountID, MemberID: s.anna.ID, Stage: staff.StageOpen, StartedAt: s.now, SeenAt: s.now}
}

func (s *scene) start(key string) error {
	return s.store.StartSession(s.Context(), s.session(key), s.anna.Login.PasswordHash)
}

// move asserts that a session moves.
func (s *scene) move(from, to string) error {
	ok, err := s.store.MoveSession(s.Context(), from, staff.StageOpen, s.session(to))
	if err == nil && !ok {
		err = fmt.Errorf("%s did not move to %s", from, to)
	}
	return err
}

func (s *scene) sweep() error {
	return s.store.SweepSessions(s.Context(), s.now+staff.SessionLife.Milliseconds())
}

func sessionDeeds() map[string]deed {
	begun := func(s *scene) { s.must(s.start("a")) }
	start := func(s *scene) error { return s.start("a") }
	end := func(key string) func(s *scene) {
		return func(s *scene) { s.must(s.store.EndSession(s.Context(), key)) }
	}
	password := func(s *scene) { s.do(staff.SetPassword{Member: anna, Password: staff.PlainPassword("another secret")}) }
	rehash := func(to staff.Secret) func(s *scene) error {
		return func(s *scene) error {
			p, err := s.staff.Person(s.Context(), "acme", anna)
			s.must(err)
			return s.store.Rehash(s.Context(), s.anna.Login.ID, p.Login.PasswordHash, to)
		}
	}
	return map[string]deed{
		"start a session that ends":           {do: start, then: end("a")},
		"start a session that moves":          {do: start, then: func(s *scene) { s.must(s.move("a", "b")) }},
		"start a session that is swept":       {do: start, then: func(s *scene) { s.must(s.sweep()) }},
		"start a session that a change ends":  {do: start, then: password},
		"start a session that goes on":        {do: start, then: func(s *scene) { s.must(s.store.NoteSession(s.Context(), "a", s.now+10)) }},
		"move a session that ends":            {before: begun, do: func(s *scene) error { return s.move("a", "b") }, then: end("b")},
		"move a session that moves on":        {before: begun, do: func(s *scene) error { return s.move("a", "b") }, then: func(s *scene) { s.must(s.move("b", "c")) }},
		"note a session that is used":         {before: begun, do: func(s *scene) error { return s.store.NoteSession(s.Context(), "a", s.now+10) }, then: func(s *scene) { s.must(s.store.NoteSession(s.Context(), "a", s.now+20)) }},
		"end a session":                       {before: begun, do: func(s *scene) error { return s.store.EndSession(s.Context(), "a") }, then: func(s *scene) { s.must(s.start("b")) }},
		"sweep sessions":                      {before: begun, do: (*scene).sweep, then: func(s *scene) { s.now += staff.SessionLife.Milliseconds(); s.must(s.start("b")) }},
		"rehash what is rehashed":             {do: rehash("$better$"), then: func(s *scene) { s.must(rehash("$best$")(s)) }},
		"rehash what is changed":              {do: rehash("$better$"), then: password},
		"note a sign-in that is forgotten":    {do: func(s *scene) error { return s.signIn(0) }, then: func(s *scene) { s.signIns(1, 10) }},
		"note a sign-in of who is there":      {do: func(s *scene) error { return s.signIn(0) }, then: func(s *scene) { s.signIns(1, 3) }},
		"note a sign-in of who has gone":      {do: func(s *scene) error { return s.signIn(0) }, then: func(s *scene) { s.do(storetest.Add("bert@example.ch"), storetest.Password("bert@example.ch"), gone) }},
		"start a session of who has gone":     {do: start, then: func(s *scene) { s.do(storetest.Add("bert@example.ch"), storetest.Password("bert@example.ch"), gone) }},
		"start a session of who is suspended": {do: start, then: func(s *scene) { s.do(staff.Suspend{Member: anna}) }},
	}
}

func (s *scene) signIn(i int) error {
	in := staff.SignIn{At: s.now + int64(i), Network: "192.0.2.1"}
	return s.store.NoteSignIn(s.Context(), s.anna.Login.ID, in, s.anna.AccountID)
}

func (s *scene) signIns(from, to int) {
	for i := from; i <= to; i++ {
		s.must(s.signIn(i))
	}
}
