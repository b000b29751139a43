package rqlite_test

import (
	"context"
	"regexp"
	"sync"
	"testing"

	"github.com/staffctl/staffctl/internal/sqlstore/rqlite"
	"github.com/staffctl/staffctl/internal/sqlstore/storetest"
	"github.com/staffctl/staffctl/internal/staff"
)

// phone notes the last TAN that it was sent.
type phone struct {
	mu   sync.Mutex
	sent int
	tan  string
}

// Check takes every number.
func (*phone) Check(string) error { return nil }

// Send notes the TAN.
func (p *phone) Send(_ context.Context, _, text string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sent++
	p.tan = regexp.MustCompile(`[0-9]{6}`).FindString(text)
	return nil
}

// TestSignIn: somebody enrols a number, signs out, and signs in with a TAN, though
// what the store writes is lost or passed on twice.
func TestSignIn(t *testing.T) {
	t.Parallel()
	const from = "192.0.2.1"
	password := "a secret of anna@example.ch"
	for name, m := range map[string]mishap{"twice": passOnTwice, "lost": drop, "answers lost": after(drop), "cut short": cutShort} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			s.do(add, storetest.Password("anna@example.ch"), staff.SetAccount{Settings: staff.Settings{TwoFactor: new(string(staff.TwoFactorSMS))}})
			p := &phone{}
			through := s.through(rqlite.Options{})
			through.SMS = p
			s.proxy.follow(always(firstTime(m)), script{})

			token, v, err := through.SignIn(t.Context(), "anna@example.ch", password, from)
			s.at(staff.StageEnrol, v, err)
			s.must(through.OfferNumber(t.Context(), token, number))
			token, v, _, err = through.EnrolNumber(t.Context(), token, p.tan, nil, from)
			s.at(staff.StageOpen, v, err)
			s.must(through.SignOut(t.Context(), token))

			first, v, err := through.SignIn(t.Context(), "anna@example.ch", password, from)
			s.at(staff.StageTAN, v, err)
			token, v, err = through.EnterTAN(t.Context(), first, p.tan, from)
			s.at(staff.StageOpen, v, err)
			if _, _, err := through.EnterTAN(t.Context(), first, p.tan, from); err == nil {
				t.Error("a TAN was used twice")
			}
			_, err = through.Signed(t.Context(), token)
			s.must(err)
			if n := s.count(`sessions`); n != 1 || p.sent != 2 {
				t.Errorf("%d sessions and %d texts", n, p.sent)
			}
		})
	}
}

// at asserts the stage that somebody is at.
func (s *site) at(want staff.Stage, v *staff.Signed, err error) {
	s.Helper()
	s.must(err)
	if v.Session.Stage != want {
		s.Fatalf("at %s, want %s", v.Session.Stage, want)
	}
}
