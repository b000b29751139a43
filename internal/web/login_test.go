package web_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/staffctl/staffctl/internal/sqlstore/storetest"
	"github.com/staffctl/staffctl/internal/staff"
)

// pair is one person in two browsers.
func pair(t *testing.T) (w *world, here, there *visitor) {
	t.Helper()
	w = newWorld(t)
	w.person("acme", "other@example.ch", "en", "all")
	w.person("acme", anna, "en", "all")
	return w, w.visitor("en").signsIn(anna, secret).at("/access"), w.visitor("en").signsIn(anna, secret).at("/access")
}

// last fails unless the last mail to the address is of the kind.
func (w *world) last(to string, kind staff.Template) {
	w.Helper()
	mails := w.mails(to)
	if len(mails) == 0 || mails[len(mails)-1].Template != kind {
		w.Errorf("%s has %d mails, and the last is not %s", to, len(mails), kind)
	}
}

func TestChangePassword(t *testing.T) {
	t.Parallel()
	const next = "green boats never hurry"
	w, v, there := pair(t)
	before := v.cookies[cookie]
	v.get("/login").shows(http.StatusOK, "My sign-in", anna).get("/login/password")
	v.submit("present", "wrong", "password", next, "repeat", next).shows(http.StatusUnprocessableEntity, "The present password is wrong")
	v.submit("present", secret, "password", next, "repeat", "x").shows(http.StatusUnprocessableEntity, "The two passwords differ")
	v.submit("present", secret, "password", "abc", "repeat", "abc").shows(http.StatusUnprocessableEntity, "at least 15 characters")
	v.submit("present", secret, "password", secret, "repeat", secret).shows(http.StatusUnprocessableEntity, "your present password already")
	v.submit("present", secret, "password", next, "repeat", next).at("/login").shows(http.StatusOK, "Your new password counts")
	if v.cookies[cookie] == before {
		t.Error("the token has stayed")
	}
	v.get("/access").at("/access")
	there.get("/access").at("/sign-in")
	there.signsIn(anna, secret).shows(http.StatusUnprocessableEntity).submit("username", anna, "password", next).at("/access")
	w.last(anna, staff.MailPasswordChanged)
}

func TestChangeUsername(t *testing.T) {
	t.Parallel()
	w, v, there := pair(t)
	v.get("/login/username").submit("username", "anna", "present", "wrong").shows(http.StatusUnprocessableEntity, "The present password is wrong")
	v.submit("username", "a:b", "present", secret).shows(http.StatusUnprocessableEntity, "A username may hold")
	v.submit("username", "other@example.ch", "present", secret).shows(http.StatusUnprocessableEntity, "taken or reserved")
	v.submit("username", "acme-anna", "present", secret).shows(http.StatusUnprocessableEntity, "taken or reserved")
	v.submit("username", "anna", "present", secret).at("/login").shows(http.StatusOK, "Your new username counts", "anna")
	there.get("/access").at("/sign-in")
	there.signsIn("anna", secret).at("/access")
	w.last(anna, staff.MailUsernameChanged)
	w.created("shop", "en")
	w.do("", staff.ConfirmSubaccount{Token: staff.Secret(token(w.do("acme", staff.ResendConfirmation{Name: "shop", Show: true}))), Password: staff.PlainPassword(secret)})
	sub := w.visitor("en").signsIn("acme-shop", secret).at("/access").get("/login")
	if strings.Contains(sub.document.text(), "Change the username") {
		t.Error("a subaccount is offered another username")
	}
	sub.get("/login/username").submit("username", "shop", "present", secret).is(http.StatusUnprocessableEntity)
}

func TestChangeEmail(t *testing.T) {
	t.Parallel()
	const next = "anna.new@example.ch"
	w, v, _ := pair(t)
	v.get("/login/email").submit("email", "nonsense", "present", secret).shows(http.StatusUnprocessableEntity, "Enter a valid e-mail address")
	v.submit("email", anna, "present", secret).shows(http.StatusUnprocessableEntity, "Enter a valid e-mail address")
	v.submit("email", next, "present", "wrong").shows(http.StatusUnprocessableEntity, "The present password is wrong")
	v.submit("email", next, "present", secret).at("/login").shows(http.StatusOK, "We have mailed a link", anna)
	link := w.mailedLink(next, staff.MailEmail)
	phone := w.visitor("de").get(link).at("/email").shows(http.StatusOK, next, anna)
	v.get("/login").shows(http.StatusOK, anna)
	phone.submit().at("/done").shows(http.StatusOK, "Your new e-mail address counts")
	v.get("/login").shows(http.StatusOK, next)
	phone.get(link).shows(http.StatusGone, "has been used")
	w.last(anna, staff.MailEmailChanged)
}

func TestChangeNumber(t *testing.T) {
	t.Parallel()
	w, v, there := pair(t)
	v.get("/login/number").submit("number", mobile).at("/login/number/tan").shows(http.StatusOK, mobile)
	v.submit("tan", w.tan(mobile), "present", "wrong").shows(http.StatusUnprocessableEntity, "The present password is wrong")
	v.submit("tan", otherTAN(w.tan(mobile)), "present", secret).shows(http.StatusUnprocessableEntity, "The TAN is wrong")
	v.press("resend").at("/login/number/tan")
	v.submit("tan", w.tan(mobile), "present", secret).at("/login").shows(http.StatusOK, "Your new number counts", mobile)
	v.get("/access").at("/access")
	there.get("/access").at("/sign-in").submit("username", anna, "password", secret).at("/tan")
	w.last(anna, staff.MailNumberChanged)
}

// The cookie of one account opens nothing in another.
func TestSwitchAccount(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.person("acme", anna, "en", "invoices")
	w.do("", storetest.Enterprise("beta"))
	w.do("", storetest.Enterprise("gamma"))
	v := w.visitor("en")
	v.get("/link/" + token(w.do("beta", staff.SendInvite{Email: anna, Access: []string{"orders"}, Show: true})))
	v.get("/invite/sign-in").submit("username", anna, "password", secret).at("/done")
	asks := func(area string, status int, account string) {
		t.Helper()
		v.send(http.MethodGet, "/auth?area="+area, nil)
		v.is(status)
		if got := v.answer.Get("Remote-Account"); got != account {
			t.Errorf("for %s the account is %q", area, got)
		}
	}
	v.signsIn(anna, secret).at("/account")
	asks("invoices", http.StatusUnauthorized, "")
	v.get("/account").press("acme").at("/access")
	inACME := v.cookies[cookie]
	asks("invoices", http.StatusOK, "acme")
	asks("orders", http.StatusForbidden, "")
	v.get("/account")
	form, action := v.document.form(t)
	form.Set("account", "gamma")
	v.send(http.MethodPost, action, form)
	v.shows(http.StatusUnprocessableEntity, "You cannot sign in to this account")
	v.get("/account").press("beta").at("/access")
	asks("orders", http.StatusOK, "beta")
	asks("invoices", http.StatusForbidden, "")
	v.cookies[cookie] = inACME
	asks("invoices", http.StatusUnauthorized, "")
}
