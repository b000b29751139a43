package web_test

import (
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/staffctl/staffctl/internal/sqlstore/storetest"
	"github.com/staffctl/staffctl/internal/staff"
)

// enrolled is a world with a person who has a number.
func enrolled(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	w.asksTAN("acme")
	w.person("acme", anna, "en", "invoices")
	w.visitor("en").signsIn(anna, secret).at("/enrol").enrols(mobile).at("/access")
	w.advance(time.Hour)
	return w
}

// However often a TAN is posted at once, it works once.
func TestOneTANPostedAtOnce(t *testing.T) {
	t.Parallel()
	const posts = 200
	w := enrolled(t)
	v := w.visitor("en").signsIn(anna, secret).at("/tan")
	form, action := v.document.form(t)
	form.Set("tan", w.tan(mobile))
	var mu sync.Mutex
	var group sync.WaitGroup
	tokens := map[string]bool{}
	for range posts {
		group.Go(func() {
			other := w.visitor("en")
			other.cookies[cookie] = v.cookies[cookie]
			other.send(http.MethodPost, action, form)
			mu.Lock()
			defer mu.Unlock()
			if got := other.cookies[cookie]; got != v.cookies[cookie] {
				tokens[got] = true
			} else if other.status == http.StatusInternalServerError || other.status == http.StatusOK {
				t.Errorf("it is answered by %d", other.status)
			}
		})
	}
	group.Wait()
	if len(tokens) != 1 {
		t.Errorf("there are %d sessions", len(tokens))
	}
	for token := range tokens {
		other := w.visitor("en")
		other.cookies[cookie] = token
		other.get("/access").at("/access")
	}
}

// Five wrong tries end a TAN, at once or not, whatever space is in them.
func TestWrongTANs(t *testing.T) {
	t.Parallel()
	w := enrolled(t)
	v := w.visitor("en").signsIn(anna, secret).at("/tan")
	wrong := otherTAN(w.tan(mobile))
	for _, tan := range []string{wrong, " " + wrong, wrong, "", "１２３４５６"} {
		v.submit("tan", tan).shows(http.StatusUnprocessableEntity, "The TAN is wrong")
	}
	v.submit("tan", w.tan(mobile)).at("/tan").shows(http.StatusUnprocessableEntity, "This TAN no longer works")
	v.get("/tan").submit("tan", w.tan(mobile)).shows(http.StatusUnprocessableEntity, "This TAN no longer works")
	old := w.tan(mobile)
	v.press("resend").at("/tan")
	if w.tan(mobile) != old {
		v.submit("tan", old).shows(http.StatusUnprocessableEntity, "The TAN is wrong")
	}
	v.submit("tan", w.tan(mobile)).at("/access")
}

func TestWrongTANsAtOnce(t *testing.T) {
	t.Parallel()
	w := enrolled(t)
	v := w.visitor("en").signsIn(anna, secret).at("/tan")
	form, action := v.document.form(t)
	form.Set("tan", otherTAN(w.tan(mobile)))
	var group sync.WaitGroup
	for range 40 {
		group.Go(func() {
			other := w.visitor("en")
			other.cookies[cookie] = v.cookies[cookie]
			other.send(http.MethodPost, action, form)
			other.is(http.StatusUnprocessableEntity)
		})
	}
	group.Wait()
	v.submit("tan", w.tan(mobile)).shows(http.StatusUnprocessableEntity, "This TAN no longer works")
}

func TestTANExpires(t *testing.T) {
	t.Parallel()
	w := enrolled(t)
	v := w.visitor("en").signsIn(anna, secret).at("/tan")
	w.advance(5 * time.Minute)
	v.submit("tan", w.tan(mobile)).shows(http.StatusUnprocessableEntity, "This TAN no longer works")
}

// A TAN is good for the session that it was sent for.
func TestTANOfAnotherSession(t *testing.T) {
	t.Parallel()
	w := enrolled(t)
	one, two := w.visitor("en").signsIn(anna, secret).at("/tan"), w.visitor("en")
	first := w.tan(mobile)
	two.signsIn(anna, secret).at("/tan")
	if second := w.tan(mobile); second != first {
		one.submit("tan", second).shows(http.StatusUnprocessableEntity, "The TAN is wrong")
		two.submit("tan", first).shows(http.StatusUnprocessableEntity, "The TAN is wrong")
	}
	one.submit("tan", first).at("/access")
	two.submit("tan", w.tan(mobile)).at("/access")
}

// Three TANs in ten minutes go to a number, ten a day; whoever has come that far
// can go on with the newest.
func TestTANLimits(t *testing.T) {
	t.Parallel()
	w := enrolled(t)
	before := w.phones.sent(mobile)
	v := w.visitor("en").signsIn(anna, secret).at("/tan")
	v.press("resend").press("resend").shows(http.StatusOK, "We have sent you a new TAN")
	v.press("resend").at("/tan").shows(http.StatusOK, "Too many TANs were sent")
	other := w.visitor("en").signsIn(anna, secret).at("/tan").shows(http.StatusOK, "Too many TANs were sent")
	if got := w.phones.sent(mobile) - before; got != 3 {
		t.Errorf("%d TANs were sent", got)
	}
	v.submit("tan", w.tan(mobile)).at("/access")
	w.advance(11 * time.Minute)
	other.press("resend").shows(http.StatusOK, "We have sent you a new TAN").submit("tan", w.tan(mobile)).at("/access")
	for range 20 {
		w.advance(11 * time.Minute)
		w.visitor("en").signsIn(anna, secret).at("/tan")
	}
	if got := w.phones.sent(mobile); got != 10 {
		t.Errorf("%d TANs were sent in a day", got)
	}
}

func TestSMSFails(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.asksTAN("acme")
	w.person("acme", anna, "en", "invoices")
	v := w.visitor("en").signsIn(anna, secret).at("/enrol")
	v.submit("number", "+423 555 12 34").at("/enrol").shows(http.StatusUnprocessableEntity, "no text messages to the country")
	v.submit("number", "+41").shows(http.StatusUnprocessableEntity, "country code")
	w.phones.down = true
	v.submit("number", mobile).at("/enrol/tan").shows(http.StatusOK, "could not be sent right now")
	v.press("resend").at("/enrol/tan").shows(http.StatusOK, "could not be sent right now")
	w.phones.down = false
	v.press("resend").shows(http.StatusOK, "We have sent you a new TAN")
	v.submit("tan", w.tan(mobile)).at("/access")
	w.advance(time.Hour)
	w.phones.down = true
	v = w.visitor("en").signsIn(anna, secret).at("/tan").shows(http.StatusOK, "could not be sent right now")
	w.phones.down = false
	v.press("resend").submit("tan", w.tan(mobile)).at("/access")
	w.staff.SMS = nil
	w.visitor("en").signsIn(anna, secret).at("/tan").shows(http.StatusOK, "could not be sent right now")
	for range 4 {
		v.get("/login/number").submit("number", "+41795550000")
	}
}

// Behind the link of support come the password, another number and its TAN.
func TestRenewal(t *testing.T) {
	t.Parallel()
	const lost, found = mobile, "+41795559999"
	w := enrolled(t)
	w.do("acme", staff.ResetSecondFactor{Member: storetest.By(anna)})
	link := w.mailedLink(anna, staff.MailSecondFactor)
	v := w.visitor("en").signsIn(anna, secret).at("/tan") // the old number still counts
	v.get(link).at("/second-factor").shows(http.StatusOK, "New mobile number")
	v.submit("password", "wrong").shows(http.StatusUnprocessableEntity, "The username or the password is wrong")
	v.submit("username", "nobody", "password", secret).shows(http.StatusUnprocessableEntity, "The username or the password is wrong")
	v.submit("username", anna, "password", secret).at("/enrol")
	v.get("/access").at("/enrol")
	v.send(http.MethodGet, "/auth?area=invoices", nil)
	v.is(http.StatusUnauthorized)
	v.get("/enrol").enrols(found).at("/done").shows(http.StatusOK, "Your new number counts")
	if v.cookies[cookie] != "" || v.cookies["__Host-staffctl-link"] != "" {
		t.Error("a cookie is left")
	}
	v.get(link).shows(http.StatusGone, "has been used")
	if n := w.phones.sent(lost); n != 2 {
		t.Errorf("the lost phone got %d texts", n)
	}
	v.signsIn(anna, secret).submit("tan", w.tan(found)).at("/access")
	if mails := w.mails(anna); mails[len(mails)-1].Template != staff.MailNumberChanged {
		t.Errorf("the last mail is %s", mails[len(mails)-1].Template)
	}
}
