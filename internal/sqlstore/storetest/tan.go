package storetest

import (
	"context"
	"fmt"
	"regexp"
	"sync"
	"sync/atomic"
	"time"

	"github.com/staffctl/staffctl/internal/staff"
)

const number = "+41791234567"

// tan starts a TAN.
func (w *world) tan(id staff.ID, session string, expires int64) *staff.TAN {
	w.Helper()
	t := &staff.TAN{ID: id, Session: session, Number: number, ExpiresAt: expires}
	w.must(w.store.StartTAN(w.Context(), t))
	return t
}

// use asserts whether a TAN can be used up.
func (w *world) use(id staff.ID, want bool) {
	w.Helper()
	if got, err := w.store.UseTAN(w.Context(), id, w.now()); err != nil || got != want {
		w.Errorf("used TAN %d: %v, %v; want %v", id, got, err, want)
	}
}

// gateway notes the texts that would be sent.
type gateway struct {
	mu   sync.Mutex
	sent []string
}

// Check takes every number.
func (*gateway) Check(string) error { return nil }

// Send notes the text.
func (g *gateway) Send(_ context.Context, _, text string) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.sent = append(g.sent, text)
	return nil
}

// last is the TAN that was sent last.
func (g *gateway) last() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.sent) == 0 {
		return ""
	}
	return regexp.MustCompile(`[0-9]{6}`).FindString(g.sent[len(g.sent)-1])
}

// texts gives the world a gateway.
func texts(w *world) *gateway {
	g := &gateway{}
	w.staff.SMS = g
	return g
}

// signIn signs in and goes through a TAN, if one is asked for.
func (w *world) signIn(username, password string, g *gateway) (staff.Secret, *staff.Signed) {
	w.Helper()
	token, v, err := w.staff.SignIn(w.Context(), username, password, "192.0.2.1")
	if err == nil && v.Session.Stage == staff.StageTAN {
		token, v, err = w.staff.EnterTAN(w.Context(), token, g.last(), "192.0.2.1")
	}
	if err != nil {
		w.Fatalf("%s signs in: %v", username, err)
	}
	return token, v
}

// secret is the password that [Password] sets.
func secret(email string) string { return "a secret of " + email }

// enrol gives the member a number, at a sign-in to an account with policy sms.
func (w *world) enrol(email string, g *gateway) staff.Secret {
	w.Helper()
	w.do(staff.SetAccount{Settings: staff.Settings{TwoFactor: new(string(staff.TwoFactorSMS))}})
	token, v := w.signIn(email, secret(email), g)
	if v.Session.Stage != staff.StageEnrol {
		w.Fatalf("%s is at %s", email, v.Session.Stage)
	}
	w.must(w.staff.OfferNumber(w.Context(), token, number))
	token, _, _, err := w.staff.EnrolNumber(w.Context(), token, g.last(), nil, "192.0.2.1")
	w.must(err)
	return token
}

func tanTests() map[string]func(*world) {
	return map[string]func(*world){
		"used once":                    tanOnce,
		"used once of many":            tanOnceOfMany,
		"expires":                      tanExpires,
		"a new one ends the old":       tanEndsTheOld,
		"one of many that were sent":   tanOneOfManySent,
		"used by a commit":             tanUsedByCommit,
		"entered once of many":         tanEnteredOnce,
		"enrolled once of many":        tanEnrolledOnce,
		"five tries":                   tanTries,
		"sends are limited":            tanLimits,
		"a new number behind the link": tanRenewal,
	}
}

func tanOnce(w *world) {
	cast(w)
	w.begin("a", w.member("anna@example.ch"), at(staff.StageTAN))
	t := w.tan(1, "a", w.now()+1000)
	w.same("TAN", t, w.session("a").TAN)
	w.tan(2, "b", w.now()+1000)
	w.use(1, true)
	w.use(1, false)
	w.same("used", true, w.session("a").TAN.Used)
	w.must(w.store.StartTAN(w.Context(), t)) // applied twice
	w.same("used", true, w.session("a").TAN.Used)
	w.use(1, false)
	w.use(7, false)
	w.use(2, true) // of another session
}

func tanOnceOfMany(w *world) {
	cast(w)
	w.tan(1, "a", w.now()+1000)
	var used atomic.Int64
	w.atOnce(manySessions, func(_ int, store staff.Store) {
		ok, err := store.UseTAN(w.Context(), 1, w.now())
		if err != nil {
			w.Error(err)
		}
		if ok {
			used.Add(1)
		}
	})
	w.same("used", int64(1), used.Load())
}

func tanExpires(w *world) {
	cast(w)
	w.tan(1, "a", w.now()+1000)
	w.tan(2, "b", w.now()+1000)
	w.clock.advance(999 * time.Millisecond)
	w.use(1, true)
	w.clock.advance(time.Millisecond)
	w.use(2, false)
}

func tanEndsTheOld(w *world) {
	cast(w)
	w.begin("a", w.member("anna@example.ch"), at(staff.StageTAN))
	w.tan(5, "a", w.now()+1000)
	w.tan(6, "b", w.now()+1000)
	newest := w.tan(3, "a", w.now()+2000) // whichever id it has
	w.same("TAN", newest, w.session("a").TAN)
	w.use(5, false)
	w.use(3, true)
	w.use(6, true)
}

func tanOneOfManySent(w *world) {
	cast(w)
	w.atOnce(64, func(i int, store staff.Store) {
		if err := store.StartTAN(w.Context(), &staff.TAN{ID: staff.ID(i + 1), Session: "a", Number: number, ExpiresAt: w.now() + 1000}); err != nil {
			w.Error(err)
		}
	})
	used := 0
	for i := range 64 {
		ok, err := w.store.UseTAN(w.Context(), staff.ID(i+1), w.now())
		w.must(err)
		if ok {
			used++
		}
	}
	w.same("TANs that work", 1, used)
}

// tanUsedByCommit: a commit that a TAN allows uses it up, and is stale where
// somebody else has or it has expired.
func tanUsedByCommit(w *world) {
	cast(w)
	n := 0
	by := func(id staff.ID) *staff.Commit {
		n++
		c := w.plan("acme", staff.EditMember{Member: By("carl@example.ch"), Details: staff.Details{LastName: new(fmt.Sprint("Muster ", n))}})
		c.UsedTAN = id
		return c
	}
	w.stale(by(7)) // there is none
	w.tan(1, "a", w.now()+1000)
	w.commit(by(1))
	w.stale(by(1))
	w.use(1, false)
	w.tan(2, "b", w.now()+1000)
	w.use(2, true)
	w.stale(by(2))
	w.tan(3, "c", w.now()+1000)
	w.tan(4, "d", w.now()+1000)
	w.clock.advance(999 * time.Millisecond)
	w.commit(by(3))
	w.clock.advance(time.Millisecond)
	w.stale(by(4))
}

// tanEnteredOnce: the same TAN posted 200 times at once signs in once.
func tanEnteredOnce(w *world) {
	cast(w)
	g := texts(w)
	w.enrol("bert@example.ch", g)
	token, v, err := w.staff.SignIn(w.Context(), "bert@example.ch", secret("bert@example.ch"), "here")
	if err != nil || v.Session.Stage != staff.StageTAN {
		w.Fatal(v, err)
	}
	tan, outcomes, tokens := g.last(), make([]error, manySessions), make([]staff.Secret, manySessions)
	w.atOnce(manySessions, func(i int, store staff.Store) {
		s := *w.staff
		s.Store = store
		tokens[i], _, outcomes[i] = s.EnterTAN(w.Context(), token, tan, "here")
	})
	w.same("successes", 1, count(outcomes)[""])
	for i, err := range outcomes {
		if code := codeOf(err); code != "" && code != staff.CodeExpired && code != staff.CodeForbidden {
			w.Errorf("outcome %v", err)
		}
		if (err == nil) != (tokens[i] != "") {
			w.Errorf("token %v with %v", tokens[i], err)
		}
	}
	w.same("open sessions", 2, w.history("acme", "bert@example.ch").Sessions)
}

func tanEnrolledOnce(w *world) {
	cast(w)
	g := texts(w)
	w.do(staff.SetAccount{Settings: staff.Settings{TwoFactor: new(string(staff.TwoFactorSMS))}})
	token, _ := w.signIn("anna@example.ch", secret("anna@example.ch"), g)
	w.must(w.staff.OfferNumber(w.Context(), token, number))
	tan, outcomes := g.last(), make([]error, manySessions)
	w.atOnce(manySessions, func(i int, store staff.Store) {
		s := *w.staff
		s.Store = store
		_, _, _, outcomes[i] = s.EnrolNumber(w.Context(), token, tan, nil, "here")
	})
	w.same("successes", 1, count(outcomes)[""])
	w.same("number", number, w.member("anna@example.ch").Login.Mobile)
	w.same("audited and mailed once", []int{1, 1}, []int{len(w.audit(staff.AuditQuery{Action: "member.enrol-number"})), len(w.mails(staff.OutboxQuery{}))})
	w.same("open sessions", 1, w.history("acme", "anna@example.ch").Sessions)
}

// tanTries: tries at once, each by another opening of the store, count all.
func tanTries(w *world) {
	cast(w)
	g := texts(w)
	w.enrol("anna@example.ch", g)
	token, _, err := w.staff.SignIn(w.Context(), "anna@example.ch", secret("anna@example.ch"), "here")
	w.must(err)
	outcomes := make([]error, 64)
	w.atOnce(len(outcomes), func(i int, store staff.Store) {
		s := *w.staff
		s.Store = store
		_, _, outcomes[i] = s.EnterTAN(w.Context(), token, "no TAN", "here")
	})
	w.same("outcomes", map[staff.Code]int{staff.CodeInvalid: 5, staff.CodeExpired: 59}, count(outcomes))
	if _, _, err := w.staff.EnterTAN(w.Context(), token, g.last(), "here"); codeOf(err) != staff.CodeExpired {
		w.Errorf("the right one after five that were wrong: %v", err)
	}
	w.must(w.staff.ResendTAN(w.Context(), token))
	_, _, err = w.staff.EnterTAN(w.Context(), token, g.last(), "here")
	w.must(err)
}

// tanLimits: three in ten minutes to a number, ten a day.
func tanLimits(w *world) {
	cast(w)
	g := texts(w)
	w.enrol("anna@example.ch", g)
	sent := func() int { return len(g.sent) }
	ask := func(n int) {
		w.Helper()
		for range n {
			_, _, _ = w.staff.SignIn(w.Context(), "anna@example.ch", secret("anna@example.ch"), "here")
		}
	}
	for _, want := range []int{3, 6, 9, 10, 10} {
		ask(5)
		w.same("sent", want, sent())
		w.clock.advance(10 * time.Minute)
	}
	w.clock.advance(24 * time.Hour)
	ask(1)
	w.same("sent the next day", 11, sent())
}

// tanRenewal: behind the link of support the password and a new number are asked,
// once.
func tanRenewal(w *world) {
	cast(w)
	g := texts(w)
	open := w.enrol("anna@example.ch", g)
	_, link := w.mailed(staff.ResetSecondFactor{Member: By("anna@example.ch")})
	begin := func() (staff.Secret, error) {
		token, _, err := w.staff.BeginRenewal(w.Context(), link, "anna@example.ch", secret("anna@example.ch"), "here")
		return token, err
	}
	first, err := begin()
	w.must(err)
	second, err := begin()
	w.must(err)
	w.must(w.staff.OfferNumber(w.Context(), first, "+41797654321"))
	tan := g.last()
	w.must(w.staff.OfferNumber(w.Context(), second, "+41760000000"))
	_, _, plan, err := w.staff.EnrolNumber(w.Context(), first, tan, nil, "here")
	w.must(err)
	w.readBack(plan.Results[0])
	w.same("number", "+41797654321", w.member("anna@example.ch").Login.Mobile)
	if _, _, _, err := w.staff.EnrolNumber(w.Context(), second, g.last(), nil, "here"); codeOf(err) != staff.CodeForbidden {
		w.Errorf("enrolled twice behind one link: %v", err)
	}
	if _, err := begin(); codeOf(err) != staff.CodeExpired {
		w.Errorf("the link works twice: %v", err)
	}
	for _, token := range []staff.Secret{open, first, second} {
		if _, err := w.staff.Signed(w.Context(), token); codeOf(err) != staff.CodeForbidden {
			w.Errorf("a session goes on: %v", err)
		}
	}
	w.signIn("anna@example.ch", secret("anna@example.ch"), g)
}
