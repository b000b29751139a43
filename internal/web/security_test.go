package web_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/staffctl/staffctl/internal/sqlstore/storetest"
	"github.com/staffctl/staffctl/internal/staff"
)

// Mail scanners and browsers that look ahead use nothing up.
func TestLinkLookedAtFirst(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	token := w.created("shop", "en")
	v := w.visitor("en")
	v.send(http.MethodHead, "/link/"+token, nil)
	for range 50 {
		w.visitor("en").get("/link/"+token).shows(http.StatusOK, "Confirm your subaccount")
	}
	v.header["Sec-Purpose"] = []string{"prefetch"}
	v.get("/link/" + token)
	v.send(http.MethodHead, "/confirm", nil)
	delete(v.header, "Sec-Purpose")
	v.get("/confirm").submit("password", secret, "repeat", secret).shows(http.StatusOK, "Your subaccount is confirmed")
}

func TestLinksThatDoNotWork(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.visitor("en")
	first := w.created("shop", "en")
	second := token(w.do("acme", staff.ResendConfirmation{Name: "shop", Show: true}))
	v.get("/link/"+first).shows(http.StatusGone, "no longer works", "who set up the subaccount")
	v.get("/link/"+second[:20]).shows(http.StatusNotFound, "not complete")
	v.get("/link/x").shows(http.StatusNotFound, "not complete")
	v.get("/link/"+strings.Repeat("A", 52)+"EA").shows(http.StatusNotFound, "not complete")
	other := []byte(second)
	other[30] = map[bool]byte{true: 'b', false: 'a'}[other[30] == 'a']
	v.get("/link/"+string(other)).shows(http.StatusNotFound, "not valid")
	v.get("/link/").shows(http.StatusNotFound, "There is no such page")
	v.get("/link/"+second+"/x").shows(http.StatusNotFound, "There is no such page")
	reset := w.forgotten("anna@example.ch", "en")
	invite := w.invited("max@example.ch", "en", "all")
	w.do("acme", staff.RevokeInvite{Invite: w.inviteID("max@example.ch")})
	v.get("/link/"+invite).shows(http.StatusGone, "no longer works", "who invited you")
	v.get("/link/" + second)
	w.advance(25 * time.Hour)
	v.get("/confirm").shows(http.StatusGone, "has expired", "who set up the subaccount")
	v.get("/link/"+reset).shows(http.StatusGone, "has expired", "I forgot my password")
	if v.cookies["__Host-staffctl-link"] == reset {
		t.Error("a link that has expired is kept")
	}
}

func (w *world) inviteID(email string) staff.ID {
	w.Helper()
	list, err := w.staff.Invites(w.Context(), "acme", staff.InviteFilter{})
	if err != nil {
		w.Fatal(err)
	}
	for _, i := range list.Invites {
		if i.Email == email {
			return i.ID
		}
	}
	w.Fatal("no such invite")
	return 0
}

func TestPagesWithoutTheirLink(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.visitor("en")
	for _, page := range []string{"/confirm", "/invite", "/invite/sign-in", "/reset"} {
		v.get(page).shows(http.StatusNotFound, "The link from your e-mail is missing")
		v.send(http.MethodPost, page, url.Values{"password": {secret}})
		v.shows(http.StatusForbidden, "The form could not be taken")
	}
	v.get("/link/" + w.created("shop", "en"))
	v.get("/invite").shows(http.StatusNotFound, "The link from your e-mail is missing")
}

func TestFormsFromElsewhere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.visitor("en").get("/link/" + w.created("shop", "en"))
	form, action := v.document.form(t)
	form.Set("password", secret)
	form.Set("repeat", secret)
	for name, header := range map[string]http.Header{
		"another site":    {"Sec-Fetch-Site": {"cross-site"}},
		"a neighbour":     {"Sec-Fetch-Site": {"same-site"}},
		"another origin":  {"Origin": {"https://" + attacker}, "Sec-Fetch-Site": {""}},
		"a hidden origin": {"Origin": {"null"}, "Sec-Fetch-Site": {""}},
	} {
		v.header = header
		v.send(http.MethodPost, action, form)
		if v.status != http.StatusForbidden {
			t.Errorf("from %s it is taken: %d", name, v.status)
		}
	}
	v.header = http.Header{}
	for name, token := range map[string]string{"no token": "", "another token": strings.Repeat("A", 43)} {
		changed := url.Values{"form": {token}, "password": {secret}, "repeat": {secret}}
		v.send(http.MethodPost, action, changed)
		v.shows(http.StatusForbidden, "The form could not be taken")
		if v.status != http.StatusForbidden {
			t.Errorf("with %s it is taken", name)
		}
	}
	// The token of one form is not that of another, nor of another link.
	forgot := w.visitor("en").get("/forgot")
	values, _ := forgot.document.form(t)
	form.Set("form", values.Get("form"))
	v.send(http.MethodPost, action, form)
	v.shows(http.StatusForbidden)
	large := url.Values{"password": {strings.Repeat("x", 65<<10)}}
	v.send(http.MethodPost, action, large)
	v.shows(http.StatusRequestEntityTooLarge, "The form is too large")
	// By a browser that only tells its origin, behind a proxy with another host.
	v.header = http.Header{"Origin": {pages}, "Sec-Fetch-Site": {""}}
	v.get("/confirm?lang=en").submit("password", secret, "repeat", secret).shows(http.StatusOK, "Your subaccount is confirmed")
}

// However often a link is used at once, it works once.
func TestOneLinkPostedAtOnce(t *testing.T) {
	t.Parallel()
	const posts = 200
	w := newWorld(t)
	token := w.invited("anna@example.ch", "en", "all")
	first := w.visitor("en").get("/link/" + token)
	form, action := first.document.form(t)
	for name, value := range map[string]string{"first-name": "Anna", "password": secret, "repeat": secret} {
		form.Set(name, value)
	}
	var mu sync.Mutex
	var group sync.WaitGroup
	answers := map[int]int{}
	for range posts {
		group.Go(func() {
			v := w.visitor("en")
			v.cookies["__Host-staffctl-link"] = token
			v.send(http.MethodPost, action, form)
			mu.Lock()
			defer mu.Unlock()
			answers[v.status]++
		})
	}
	group.Wait()
	if answers[http.StatusSeeOther] != 1 || answers[http.StatusGone] != posts-1 {
		t.Errorf("the answers are %v", answers)
	}
	roster, err := w.staff.Roster(t.Context(), "acme")
	if err != nil {
		t.Fatal(err)
	}
	members := 0
	for range roster.Members(t.Context(), staff.SortID, staff.MemberFilter{}) {
		members++
	}
	if members != 1 {
		t.Errorf("there are %d members", members)
	}
}

// The log tells what happened, and of whom nothing.
func TestLogKeepsNoSecret(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.visitor("en")
	confirm, invite, reset := w.created("shop", "en"), w.invited("anna@example.ch", "en", "all"), w.forgotten("max@example.ch", "en")
	v.get("/link/"+confirm).submit("password", "qqq", "repeat", "qqq")
	v.submit("password", secret, "repeat", secret)
	v.get("/link/" + confirm)
	v.get("/confirm?username=acme-shop&token=" + confirm)
	v.get("/link/" + invite)
	v.get("/invite/sign-in").submit("username", "max@example.ch", "password", "a secret of max@example.ch")
	v.get("/invite").submit("first-name", "Anna", "password", secret, "repeat", secret)
	v.get("/link/"+reset).submit("password", secret, "repeat", secret)
	v.get("/forgot").submit("username", "max@example.ch")
	v.get("/some/" + reset)
	v.send("SEIZE"+strings.ToUpper(secret[:6]), "/", nil)
	w.site.Close(t.Context())
	log := w.log.String()
	for _, kept := range []string{confirm, invite, reset, secret, "qqq", "acme-shop", "example.ch", "secret of", "lang=", "staffctl-link", "PURPLE"} {
		if strings.Contains(log, kept) {
			t.Errorf("the log holds %q", kept)
		}
	}
	for _, told := range []string{`"route":"/link/{token}"`, `"route":"unknown"`, `"status":303`, `"status":410`, `"duration_ms":`, `"request_id":"`, `"network":"192.0.2.1"`, `"time":"`, `"method":"POST"`} {
		if !strings.Contains(log, told) {
			t.Errorf("the log does not hold %s", told)
		}
	}
}

// A full queue answers the same, and the server takes what it can.
func TestForgotAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.do("acme", storetest.Add("anna@example.ch", "all"), storetest.Password("anna@example.ch"))
	v := w.visitor("en").get("/forgot")
	form, action := v.document.form(t)
	form.Set("username", "anna@example.ch")
	var group sync.WaitGroup
	for range 300 {
		group.Go(func() {
			other := w.visitor("en")
			other.cookies = map[string]string{"__Host-staffctl-form": v.cookies["__Host-staffctl-form"]}
			other.send(http.MethodPost, action, form)
			if got := other.answer.Get("Location"); other.status != http.StatusSeeOther || got != "/done?lang=en&what=asked" {
				t.Errorf("%d %s", other.status, got)
			}
		})
	}
	group.Wait()
	w.site.Close(t.Context())
	if mails := w.mails("anna@example.ch"); len(mails) != 3 {
		t.Errorf("%d mails: 3 in 10 minutes are the limit", len(mails))
	}
	v.submit("username", "anna@example.ch").shows(http.StatusOK, "Look into your e-mails") // while it shuts down
}

// broken is a store that fails.
type broken struct {
	staff.Store
	err error
}

func (b broken) Load(context.Context, *staff.Needs) (*staff.Facts, error) {
	if b.err == nil {
		panic("a mistake with " + secret)
	}
	return nil, b.err
}

func TestFailures(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		err    error
		status int
		text   string
	}{
		"unavailable": {staff.Errorf(staff.CodeUnavailable, "store", "the disk is gone"), http.StatusServiceUnavailable, "not available"},
		"unknown":     {staff.Errorf(staff.CodeUnknown, "", "the answer was lost"), http.StatusServiceUnavailable, "do not know"},
		"damaged":     {staff.Errorf(staff.CodeDamaged, "store", "the disk is gone"), http.StatusInternalServerError, "Something went wrong"},
		"other":       {context.DeadlineExceeded, http.StatusInternalServerError, "Something went wrong"},
		"panic":       {nil, http.StatusInternalServerError, "Something went wrong"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			token := w.created("shop", "en")
			w.staff.Store = broken{w.staff.Store, c.err}
			v := w.visitor("en").get("/link/"+token).shows(c.status, c.text)
			if c.err != nil && strings.Contains(v.body, c.err.Error()) {
				t.Error("the page shows the error")
			}
			_, id, _ := strings.Cut(v.document.text(), "support: ")
			if len(id) != 16 || !strings.Contains(w.log.String(), `"request_id":"`+id+`"`) {
				t.Errorf("the log does not have the id %q: %s", id, w.log.String())
			}
			if got := v.answer.Get("Retry-After"); (got != "") != (c.status == http.StatusServiceUnavailable) {
				t.Errorf("Retry-After is %q", got)
			}
			if c.err != nil {
				v.get("/healthz").is(http.StatusServiceUnavailable)
			}
		})
	}
}
