package rqlite_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/staffctl/staffctl/internal/sqlstore"
	"github.com/staffctl/staffctl/internal/sqlstore/rqlite"
	"github.com/staffctl/staffctl/internal/sqlstore/storetest"
	"github.com/staffctl/staffctl/internal/staff"
)

var (
	anna = storetest.By("anna@example.ch")
	add  = storetest.Add("anna@example.ch")
	// gone takes away what another has added.
	gone = staff.RemoveMember{Member: anna}
)

// releases asserts that what was kept back is refused, since its id is there.
func (s *site) releases(h *held) {
	s.Helper()
	before := s.effects()
	if r := h.release(); r.status != http.StatusOK || !strings.Contains(string(r.text), "UNIQUE constraint failed: commits.id") {
		s.Errorf("a late copy is answered %d: %s", r.status, r.text)
	}
	if after := s.effects(); after != before {
		s.Errorf("a late copy changes %+v to %+v", before, after)
	}
}

// TestLateAfterSuccess: the second copy has taken effect, and the first comes
// late.
func TestLateAfterSuccess(t *testing.T) {
	t.Parallel()
	for name, second := range map[string]mishap{"answered": passOn, "lost": after(drop)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			var first held
			through := s.through(rqlite.Options{})
			s.proxy.follow(once(first.keep, second), script{})
			_, err := through.Do(t.Context(), "acme", add)
			s.must(err)
			s.took(1, 1)
			s.do(gone) // so that nothing else would refuse it
			s.releases(&first)
		})
	}
}

// TestLateAfterRefusal: the second copy is refused, since somebody else has added
// the member, which is reported. Once that is gone the first would have been fine.
func TestLateAfterRefusal(t *testing.T) {
	t.Parallel()
	for name, fence := range map[string][]mishap{
		"fenced":             {passOn},
		"fence lost":         {after(drop)},
		"fence lost twice":   {drop, after(drop)},
		"fence passed twice": {passOnTwice},
		"no leader":          {noLeader, noLeader},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			var first held
			through := s.through(rqlite.Options{})
			addedByOther := func(x *exchange) {
				s.do(add)
				passOn(x)
			}
			s.proxy.follow(once(append([]mishap{first.keep, addedByOther}, fence...)...), script{})
			_, err := through.Do(t.Context(), "acme", add)
			fails(t, err, staff.CodeConflict, "anna@example.ch")
			s.took(1, 1)
			s.do(gone)
			s.releases(&first)
			s.do(add)
			if got := s.count(`commits WHERE nonce < 0`); got != 1 {
				t.Errorf("%d commits were kept from taking effect", got)
			}
		})
	}
}

// TestLateBeforeFence: the first copy takes effect after the second was refused:
// then it has.
func TestLateBeforeFence(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		lookup mishap // by a write, like all that follows
		want   staff.Code
	}{
		"found":     {passOn, ""},
		"not found": {noLeader, staff.CodeUnknown},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			var first held
			through := s.through(rqlite.Options{Patience: brief})
			addedByOther := func(x *exchange) {
				s.do(add)
				passOn(x)
			}
			released := func(x *exchange) {
				s.do(gone)
				s.before = s.effects()
				first.release()
				passOn(x)
			}
			s.proxy.follow(script{[]mishap{first.keep, addedByOther, released}, c.lookup}, script{})
			_, err := through.Do(t.Context(), "acme", add)
			fails(t, err, c.want)
			s.took(1, 1)
		})
	}
}

// TestUnfenced: where the id cannot be taken away from the first copy, nobody
// knows what comes.
func TestUnfenced(t *testing.T) {
	t.Parallel()
	for name, fence := range map[string]mishap{"no leader": noLeader, "dropped": drop, "unauthorized": say(401, "")} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			var first held
			through := s.through(rqlite.Options{Patience: brief})
			s.proxy.follow(script{[]mishap{first.keep, failed("UNIQUE constraint failed: members.account_id, members.email_key")}, fence}, script{})
			_, err := through.Do(t.Context(), "acme", add)
			fails(t, err, staff.CodeUnknown, "staffctl audit list")
			s.took(0, 1)
			first.release()
			s.took(1, 1)
		})
	}
}

// TestSameID: a commit whose id another has already is planned again.
func TestSameID(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	taken := func(x *exchange) {
		_, rest, _ := strings.Cut(string(x.body), `INSERT INTO commits`)
		_, rest, _ = strings.Cut(rest, `",`)
		id, _, _ := strings.Cut(rest, ",")
		s.write(`INSERT INTO commits SELECT ` + id + `, 7, at, os_user, store_user, actor, person FROM commits LIMIT 1`)
		s.before = s.effects()
		passOn(x)
	}
	through := s.through(rqlite.Options{})
	s.proxy.follow(once(taken), script{})
	_, err := through.Do(t.Context(), "acme", add)
	s.must(err)
	s.took(1, 1)
}

// TestInit: whatever befalls it, there is one store, and its init has made it.
func TestInit(t *testing.T) {
	t.Parallel()
	var late held
	for name, writes := range map[string]script{
		"dropped":         once(drop),
		"dropped after":   once(after(drop)),
		"passed on twice": once(passOnTwice),
		"kept back":       once(late.keep),
		"lost again":      once(drop, after(drop)),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newProxy(t, servers.Lend(t))
			p.follow(writes, script{})
			s := &site{T: t, server: opened(t, rqlite.Options{Hosts: []string{p.addr}})}
			s.staff = storetest.NewStaff(sqlstore.New(s.server))
			init := func() error {
				_, err := s.staff.Init(t.Context(), sqlstore.Schema(), storetest.Enterprise("acme"))
				return err
			}
			s.must(init())
			fails(t, init(), staff.CodeConflict, "is a staffctl store already")
			if name == "kept back" {
				late.release()
			}
			if got := (effects{0, 1, 1}); got != s.effects() {
				t.Errorf("effects %+v, want %+v", s.effects(), got)
			}
			storetest.AssertClean(t, s.staff.Store)
		})
	}
}
