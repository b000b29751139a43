package rqlite_test

import (
	"testing"
	"time"

	"github.com/staffctl/staffctl/internal/staff"
)

const number = "+41791234567"

func (s *scene) startTAN(id staff.ID) error {
	return s.store.StartTAN(s.Context(), &staff.TAN{ID: id, Session: "a", Number: number, ExpiresAt: s.now + staff.TANLife.Milliseconds()})
}

// useTAN asserts whether a TAN can be used.
func (s *scene) useTAN(id staff.ID, want bool) {
	s.Helper()
	if got, err := s.store.UseTAN(s.Context(), id, s.now); err != nil || got != want {
		s.Errorf("used TAN %d: %v, %v; want %v", id, got, err, want)
	}
}

func tanDeeds() map[string]deed {
	start := func(s *scene) error { return s.startTAN(1) }
	begun := func(s *scene) { s.must(s.start("a")); s.must(s.startTAN(1)) }
	use := func(s *scene) error { s.useTAN(1, true); return nil }
	return map[string]deed{
		"start a TAN that is replaced": {do: start, then: func(s *scene) { s.must(s.startTAN(2)); s.useTAN(1, false) }},
		"start a TAN that is used":     {do: start, then: func(s *scene) { s.useTAN(1, true) }},
		"start a TAN that is swept":    {do: start, then: func(s *scene) { s.must(s.sweep()); s.useTAN(1, false) }},
		"use a TAN":                    {before: begun, do: use, then: func(s *scene) { s.useTAN(1, false) }},
		"use a TAN before another":     {before: begun, do: use, then: func(s *scene) { s.must(s.startTAN(2)) }},
	}
}

// try asserts how long a try waits.
func (s *scene) try(want time.Duration) error {
	s.Helper()
	got, err := s.store.Try(s.Context(), "key", s.now)
	if err == nil && got != want {
		s.Errorf("a try waits %v, want %v", got, want)
	}
	return err
}

func (s *scene) tries(n int) {
	s.Helper()
	for range n {
		s.must(s.try(0))
	}
}

// allow asserts whether one more may happen, of two in an hour.
func (s *scene) allow(want bool) error {
	s.Helper()
	got, err := s.store.Allow(s.Context(), "key", staff.Limit{Count: 2, Window: time.Hour}, s.now)
	if err == nil && got != want {
		s.Errorf("allowed %v, want %v", got, want)
	}
	return err
}

func tryDeeds() map[string]deed {
	try := func(s *scene) error { return s.try(0) }
	forget := func(s *scene) error { return s.store.Forget(s.Context(), "key", s.now) }
	later := func(s *scene) { s.now++; s.tries(1) }
	return map[string]deed{
		"try before others":     {do: try, then: func(s *scene) { s.tries(4); s.must(s.try(time.Second)) }},
		"try the fifth time":    {before: func(s *scene) { s.tries(4) }, do: try, then: func(s *scene) { s.must(s.try(time.Second)) }},
		"try in vain":           {before: func(s *scene) { s.tries(5) }, do: func(s *scene) error { return s.try(time.Second) }, then: func(s *scene) { s.must(s.try(time.Second)) }},
		"allow one":             {do: func(s *scene) error { return s.allow(true) }, then: func(s *scene) { s.must(s.allow(true)); s.must(s.allow(false)) }},
		"allow the last":        {before: func(s *scene) { s.must(s.allow(true)) }, do: func(s *scene) error { return s.allow(true) }, then: func(s *scene) { s.must(s.allow(false)) }},
		"forget before a try":   {before: func(s *scene) { s.tries(5) }, do: forget, then: later},
		"forget the try before": {before: func(s *scene) { s.tries(1); s.must(s.start("a")) }, do: forget, then: later},
		"sweep before a try":    {before: func(s *scene) { s.tries(5) }, do: func(s *scene) error { return s.store.Sweep(s.Context(), s.now+1) }, then: later},
	}
}

// TestTryAfterForget: a try that comes late, after all were forgotten, counts as
// the one that it is.
func TestTryAfterForget(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.proxy.follow(script{}, script{})
	s.tries(1)
	late := s.proxy.requests(true)[0]
	s.tries(4)
	s.must(s.store.Forget(t.Context(), "key", s.now))
	s.apply(late)
	s.apply(late)
	s.tries(4)
	s.must(s.try(time.Second))
}

const leaseTime = 2 * time.Minute

// lease takes two mails at most, and returns how many it got.
func (s *scene) lease(mark int64) int {
	s.Helper()
	mails, err := s.store.Lease(s.Context(), staff.Lease{Now: s.now, Until: s.now + leaseTime.Milliseconds(), Limit: 2, Mark: mark})
	s.must(err)
	return len(mails)
}

// leases asserts how many mails are got.
func (s *scene) leases(mark int64, want int) {
	s.Helper()
	if got := s.lease(mark); got != want {
		s.Errorf("leased %d mails under %d, want %d", got, mark, want)
	}
}

// settle notes what came of so many mails, the oldest first.
func (s *scene) settle(mark int64, state staff.MailState, n int) error {
	s.Helper()
	for m, err := range s.store.Mails(s.Context(), staff.OutboxQuery{}) {
		s.must(err)
		if n--; n < 0 {
			break
		}
		s.must(s.store.Settle(s.Context(), staff.Settlement{ID: m.ID, Mark: mark, State: state, At: s.now, NextAt: s.now + 1, Answer: "250 ok", Tried: true}))
	}
	return nil
}

// post queues five mails.
func (s *scene) post() {
	s.Helper()
	for _, local := range []string{"ina", "ivo", "ida", "ian", "isa"} {
		s.do(staff.SendInvite{Email: local + "@example.ch", Access: []string{"api"}})
	}
}

func mailDeeds() map[string]deed {
	lease := func(s *scene) error { s.leases(1, 2); return nil }
	leased := func(s *scene) { s.post(); s.leases(1, 2) }
	settle := func(state staff.MailState) func(s *scene) error {
		return func(s *scene) error { return s.settle(1, state, 2) }
	}
	lapse := func(s *scene) { s.now += leaseTime.Milliseconds(); s.leases(2, 2) }
	return map[string]deed{
		"lease before others":           {before: (*scene).post, do: lease, then: func(s *scene) { s.leases(2, 2); s.leases(3, 1) }},
		"lease what is settled in part": {before: (*scene).post, do: lease, then: func(s *scene) { s.must(s.settle(1, staff.MailSent, 1)) }},
		"settle as sent":                {before: leased, do: settle(staff.MailSent), then: lapse},
		"settle as failed":              {before: leased, do: settle(staff.MailFailed), then: lapse},
		"settle to try again":           {before: leased, do: settle(staff.MailQueued), then: lapse},
		"settle before a lease":         {before: leased, do: settle(staff.MailQueued), then: func(s *scene) { s.now++; s.leases(2, 2) }},
	}
}

// TestLateLease: a lease that comes late takes mails for nobody, since all that it
// took before was settled or has lapsed. They are free when it lapses itself.
func TestLateLease(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		then func(s *scene)
		free []int // at once, by mark
		left []int // later
	}{
		"settled": {func(s *scene) { s.must(s.settle(1, staff.MailSent, 2)) }, []int{1}, []int{2, 1}},
		"lapsed":  {func(s *scene) { s.now += leaseTime.Milliseconds(); s.leases(2, 2) }, []int{2, 1}, []int{2, 2, 1}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t)
			s.post()
			s.proxy.follow(script{}, script{})
			s.leases(1, 2)
			late := s.proxy.requests(true)[0]
			c.then(s)
			s.apply(late)
			s.apply(late)
			for i, want := range append(c.free, 0) {
				s.leases(int64(10+i), want)
			}
			s.now += leaseTime.Milliseconds()
			for i, want := range append(c.left, 0) {
				s.leases(int64(20+i), want)
			}
		})
	}
}
