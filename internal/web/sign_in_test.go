package web_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/staffctl/staffctl/internal/sqlstore/storetest"
	"github.com/staffctl/staffctl/internal/staff"
)

// spoken are words of the pages of signing in.
type spoken struct{ signIn, access, area, enrol, confirm, tan, wrong, over, sent, temporary, choose, signedOut string }

var tongues = map[string]spoken{
	"de": {"Anmelden", "Mein Zugriff", "Rechnungen", "verlangt bei jeder Anmeldung eine TAN", "Nummer bestätigen", "die auf 34 endet", "Die TAN stimmt nicht",
		"Diese TAN gilt nicht mehr", "Wir haben Ihnen eine neue TAN gesendet", "Eigenes Passwort wählen", "Konto wählen", "Sie sind abgemeldet"},
	"en": {"Sign in", "My access", "Invoices", "asks for a TAN at each sign-in", "Confirm the number", "ends in 34", "The TAN is wrong",
		"This TAN no longer works", "We have sent you a new TAN", "Choose a password of your own", "Choose the account", "You are signed out"},
}

func inEachTongue(t *testing.T, test func(w *world, v *visitor, language string, s spoken)) {
	for language, s := range tongues {
		t.Run(language, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			test(w, w.visitor(language), language, s)
		})
	}
}

func TestSignInWithoutTAN(t *testing.T) {
	t.Parallel()
	inEachTongue(t, func(w *world, v *visitor, language string, s spoken) {
		w.person("acme", anna, language, "invoices")
		v.get("/sign-in").shows(http.StatusOK, s.signIn)
		v.submit("username", anna, "password", "wrong").shows(http.StatusUnprocessableEntity)
		v.submit("username", anna, "password", secret).at("/access").shows(http.StatusOK, s.access, anna, "ACME AG", s.area)
		v.get("/sign-in").at("/access")
		v.press("sign-out").at("/done").shows(http.StatusOK, s.signedOut)
		if v.cookies[cookie] != "" {
			w.Error("the cookie is still there")
		}
		v.get("/access").at("/sign-in")
	})
}

// A subaccount enrols right after its password, and is asked for a TAN ever after.
func TestEnrolAtOnceAndSignIn(t *testing.T) {
	t.Parallel()
	inEachTongue(t, func(w *world, v *visitor, language string, s spoken) {
		w.asksTAN("acme")
		v.get("/link/"+w.created("shop", language)).submit("password", secret, "repeat", secret)
		v.at("/enrol").shows(http.StatusOK, s.enrol, "ACME AG")
		v.submit("number", "079 555 12 34").shows(http.StatusUnprocessableEntity)
		v.submit("number", "+41 79 555 12 34").at("/enrol/tan").shows(http.StatusOK, s.confirm, mobile)
		v.submit("tan", otherTAN(w.tan(mobile))).shows(http.StatusUnprocessableEntity, s.wrong)
		v.submit("tan", w.tan(mobile)).at("/access").shows(http.StatusOK, s.access, "acme-shop", "Max Muster")
		v.press("sign-out").at("/done")
		v.signsIn("acme-shop", secret).at("/tan").shows(http.StatusOK, s.tan)
		v.press("resend").at("/tan").shows(http.StatusOK, s.sent)
		v.submit("tan", otherTAN(w.tan(mobile))).shows(http.StatusUnprocessableEntity, s.wrong)
		tan := w.tan(mobile)
		v.submit("tan", " "+tan[:3]+" \u00a0"+tan[3:]+"\t").at("/access").shows(http.StatusOK, s.access)
	})
}

func TestTemporaryPasswordAndAccounts(t *testing.T) {
	t.Parallel()
	inEachTongue(t, func(w *world, v *visitor, language string, s spoken) {
		w.person("acme", anna, language, "invoices")
		w.do("", storetest.Enterprise("beta"))
		v.get("/link/" + token(w.do("beta", staff.SendInvite{Email: anna, Access: []string{"orders"}, Language: &language, Show: true})))
		v.get("/invite/sign-in").submit("username", anna, "password", secret).at("/done")
		v.signsIn(anna, secret).at("/account").shows(http.StatusOK, s.choose, "ACME AG", "beta")
		first := v.cookies[cookie]
		v.press("beta").at("/access").shows(http.StatusOK, "beta")
		if v.cookies[cookie] == first {
			w.Error("the token has stayed")
		}
		v.get("/account").at("/account").shows(http.StatusOK, "ACME AG")
		v.press("acme").at("/access").shows(http.StatusOK, "ACME AG", s.area)

		w.do("acme", storetest.Add("max@example.ch", "all"), staff.SetPassword{Member: storetest.By("max@example.ch"),
			Password: staff.PlainPassword("for a short time only"), MustChange: true})
		v = w.visitor(language).signsIn("max@example.ch", "for a short time only").at("/password")
		v.get("/access").at("/password")
		if language == "de" { // that of a new member
			v.shows(http.StatusOK, s.temporary)
		}
		v.submit("password", "abc", "repeat", "abc").shows(http.StatusUnprocessableEntity)
		v.submit("password", "for a short time only", "repeat", "for a short time only").shows(http.StatusUnprocessableEntity)
		v.submit("password", secret, "repeat", secret).at("/access")
	})
}

// No stage can be left out, and each has a token of its own.
func TestStages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.asksTAN("acme")
	w.do("acme", storetest.Add(anna, "all"), staff.SetPassword{Member: storetest.By(anna), Password: staff.PlainPassword("for a short time only"), MustChange: true})
	others := []string{"/tan", "/password", "/account", "/enrol", "/enrol/tan", "/access", "/login", "/login/password", "/login/number/tan"}
	v := w.visitor("en")
	for _, page := range others {
		v.get(page).at("/sign-in")
	}
	v.cookies[cookie] = strings.Repeat("A", 43)
	v.get("/access").at("/sign-in")
	planted := v.cookies[cookie]
	v.signsIn(anna, "for a short time only").at("/password")
	atPassword := v.cookies[cookie]
	for _, page := range others {
		v.get(page).at("/password")
	}
	v.submit("password", secret, "repeat", secret).at("/enrol")
	atEnrol := v.cookies[cookie]
	for _, page := range others {
		if v.get(page); page != "/enrol/tan" {
			v.at("/enrol")
		}
	}
	v.get("/enrol").enrols(mobile).at("/access")
	open := v.cookies[cookie]
	for _, page := range []string{"/tan", "/password", "/enrol", "/enrol/tan"} {
		v.get(page).at("/access")
	}
	for _, old := range []string{planted, atPassword, atEnrol} {
		if old == open {
			t.Error("a token has stayed")
		}
		other := w.visitor("en")
		other.cookies[cookie] = old
		other.get("/access").at("/sign-in")
		other.send(http.MethodGet, "/auth?area=invoices", nil)
		other.is(http.StatusUnauthorized)
	}
	if got := v.cookies["__Host-staffctl-link"]; got != "" {
		t.Error("there is a link")
	}
}

func TestSessionCookie(t *testing.T) {
	t.Parallel()
	for scheme, want := range map[string]string{"https": "; Path=/; HttpOnly; Secure; SameSite=Lax", "http": "; Path=/; HttpOnly; SameSite=Lax"} {
		w := newWorldAtAddress(t, scheme)
		w.person("acme", anna, "en", "all")
		v := w.visitor("en").get("/sign-in")
		form, action := v.document.form(t)
		form.Set("username", anna)
		form.Set("password", secret)
		v.send(http.MethodPost, action, form)
		got := v.answer.Get("Set-Cookie")
		name := map[string]string{"https": "__Host-staffctl-session=", "http": "staffctl-session="}[scheme]
		if !strings.HasPrefix(got, name) || len(got) != len(name)+43+len(want) || !strings.HasSuffix(got, want) {
			t.Errorf("by %s the cookie is %q", scheme, got)
		}
	}
}

// Whatever is wrong, the page is the same.
func TestSignInFailsAlike(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, email := range []string{anna, "suspended@example.ch", "locked@example.ch"} {
		w.person("acme", email, "en", "all")
	}
	w.do("acme", storetest.Add("nopassword@example.ch", "all"), staff.Suspend{Member: storetest.By("suspended@example.ch")})
	w.created("shop", "en")
	v := w.visitor("en")
	for range 7 {
		v.signsIn("locked@example.ch", "wrong")
	}
	bodies := map[string]string{}
	v.get("/sign-in")
	for username, password := range map[string]string{anna: "wrong", "nobody@example.ch": secret, "suspended@example.ch": secret, "locked@example.ch": secret,
		"nopassword@example.ch": secret, "acme-shop": secret, "": "", strings.Repeat("x", 5000): secret} {
		v.submit("username", username, "password", password).shows(http.StatusUnprocessableEntity)
		bodies[strings.ReplaceAll(v.body, `value="`+username+`" autocomplete="username"`, `value="" autocomplete="username"`)] = username
	}
	if len(bodies) != 1 {
		t.Errorf("there are %d answers: %v", len(bodies), bodies)
	}
	if v.cookies[cookie] != "" {
		t.Error("there is a session")
	}
}

func TestSessionEnds(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(w *world, v *visitor){
		"idle":      func(w *world, _ *visitor) { w.advance(31 * time.Minute) },
		"suspended": func(w *world, _ *visitor) { w.do("acme", staff.Suspend{Member: storetest.By(anna)}) },
		"removed":   func(w *world, _ *visitor) { w.do("acme", staff.RemoveMember{Member: storetest.By(anna)}) },
		"password":  func(w *world, _ *visitor) { w.do("acme", storetest.Password(anna)) },
		"signed out": func(w *world, _ *visitor) {
			w.do("acme", staff.SignOut{Member: storetest.By(anna)})
		},
		"twelve hours": func(w *world, v *visitor) {
			for range 12*60/25 + 1 {
				w.advance(25 * time.Minute)
				v.get("/access")
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.person("acme", "other@example.ch", "en", "all")
			w.person("acme", anna, "en", "all")
			v := w.visitor("en").signsIn(anna, secret).at("/access")
			end(w, v)
			v.send(http.MethodGet, "/auth?area=invoices", nil)
			v.is(http.StatusUnauthorized)
			v.get("/access").at("/sign-in")
		})
	}
}

// Where a session is open, an invite names it and asks for its password.
func TestInviteWithSession(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.do("", storetest.Enterprise("beta"))
	w.person("beta", anna, "en", "all")
	v := w.visitor("en").signsIn(anna, secret).at("/access")
	v.get("/link/"+w.invited(anna, "en", "invoices")).shows(http.StatusOK, "You are signed in as "+anna, "Accept as "+anna)
	v.get("/invite/sign-in").shows(http.StatusOK, "You are signed in as "+anna)
	if form, _ := v.document.form(t); form.Get("username") != anna {
		t.Errorf("the form holds %v", form)
	}
	v.submit("password", secret).at("/done")
	v.get("/account").shows(http.StatusOK, "ACME AG", "beta")
}

func TestReturn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.asksTAN("acme")
	w.person("acme", anna, "en", "all")
	v := w.visitor("en").get("/sign-in?return=%2Finvoices%3Fyear%3D2026%26open")
	if got := attribute(v.document.all("a")[2], "href"); got != "?lang=de&return=%2Finvoices%3Fyear%3D2026%26open" {
		t.Errorf("in the other language it is %q", got)
	}
	v.get("/sign-in?return=/invoices?year=2026&open").submit("username", anna, "password", "wrong").submit("username", anna, "password", secret)
	v.submit("number", mobile)
	form, action := v.document.form(t)
	form.Set("tan", w.tan(mobile))
	v.send(http.MethodPost, action, form)
	if got := v.answer.Get("Location"); got != "/invoices?year=2026&open" {
		t.Errorf("it leads to %q", got)
	}
	for given, want := range map[string]string{
		"/": "/", "/orders": "/orders", "%2Forders%3Fa%3D1%262": "/orders?a=1&2", "/orders?a=1&b=2": "/orders?a=1&b=2", "/o?u=https://x.example": "/o?u=https://x.example",
		"": "", "orders": "", "//" + attacker: "", "%2F%2F" + attacker: "", "/%5Cx.example": "/%5Cx.example", "%2F%5C" + attacker: "", "/\\" + attacker: "",
		"https://" + attacker: "", "%68ttps:%2F%2F" + attacker: "", "javascript:alert(1)": "", "/a//b": "", "%2F%09%2F" + attacker: "", "%2F%0D%0ASet-Cookie:x": "",
		"%2Fm%C3%BCller": "", "%zz": "", "/" + strings.Repeat("x", 3000): "",
	} {
		v.send(http.MethodGet, "/sign-in?return="+given, nil)
		if want == "" {
			want = "/access?lang=en"
		}
		if got := v.answer.Get("Location"); got != want {
			t.Errorf("%q leads to %q instead of %q", given, got, want)
		}
	}
}

// The log tells of nobody who signs in, and the pages hold no token.
func TestSessionsKeepSecrets(t *testing.T) {
	t.Parallel()
	w := enrolled(t)
	v := w.visitor("en").signsIn(anna, "qqq-wrong")
	v.signsIn(anna, secret).at("/tan")
	atTAN := v.cookies[cookie]
	v.submit("tan", "987 654")
	v.press("resend").submit("tan", w.tan(mobile)).at("/access")
	v.get("/login/number").submit("number", "+41795550000")
	v.get("/auth?area=invoices&token=" + v.cookies[cookie])
	v.get("/sign-in?return=/orders/4711")
	w.phones.down = true
	w.advance(time.Hour)
	w.visitor("en").signsIn(anna, secret).at("/tan")
	log := w.log.String()
	for _, kept := range []string{anna, "qqq", secret, atTAN, v.cookies[cookie], "+4179", "%2B4179", w.tan(mobile), "987 654", "orders/4711", "staffctl-session"} {
		if strings.Contains(log, kept) {
			t.Errorf("the log holds %q", kept)
		}
	}
	for _, told := range []string{`"route":"/sign-in"`, `"route":"/tan"`, "the SMS gateway answers 502"} {
		if !strings.Contains(log, told) {
			t.Errorf("the log does not hold %s", told)
		}
	}
}
