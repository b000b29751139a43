package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/staffctl/staffctl/internal/sqlstore/storetest"
	"github.com/staffctl/staffctl/internal/staff"
)

// said are the words of the pages in one language.
type said struct{ confirm, confirmed, invite, accepted, signIn, reset, changed, used, short, differ, mailFirst string }

var languages = map[string]said{
	"de": {"Unterkonto bestätigen", "Ihr Unterkonto ist bestätigt", "ACME AG lädt Sie ein", "Sie haben die Einladung angenommen",
		"Mit bestehendem Login annehmen", "Neues Passwort wählen", "Ihr neues Passwort gilt", "Dieser Link wurde schon verwendet",
		"mindestens 15 Zeichen", "Die beiden Passwörter sind nicht gleich", "Legen Sie zuerst ein eigenes Passwort fest"},
	"en": {"Confirm your subaccount", "Your subaccount is confirmed", "ACME AG invites you", "You have accepted the invite",
		"Accept with your login", "Choose a new password", "Your new password counts", "This link has been used",
		"at least 15 characters", "The two passwords differ", "Set a password of your own first"},
}

// other is a language that the browser likes and the person does not.
func other(language string) string { return map[string]string{"de": "en", "en": "de"}[language] }

// inEach runs the test for each language.
func inEach(t *testing.T, test func(w *world, v *visitor, language string, s said)) {
	for language, s := range languages {
		t.Run(language, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			test(w, w.visitor(other(language)), language, s)
		})
	}
}

func TestConfirm(t *testing.T) {
	t.Parallel()
	inEach(t, func(w *world, v *visitor, language string, s said) {
		token := w.created("shop", language)
		v.get("/link/"+token).shows(http.StatusOK, s.confirm, "ACME AG", "23")
		if form, _ := v.document.form(w.T); form.Get("username") != "acme-shop" {
			w.Errorf("the form holds %v", form)
		}
		v.submit("password", "abc", "repeat", "abc").shows(http.StatusUnprocessableEntity, s.short)
		v.submit("password", secret, "repeat", secret+"x").shows(http.StatusUnprocessableEntity, s.differ)
		v.submit("password", secret, "repeat", secret).shows(http.StatusOK, s.confirmed)
		if v.cookies["__Host-staffctl-link"] != "" {
			w.Error("the token is still in a cookie")
		}
		p, err := w.staff.Subaccount(w.Context(), "acme", "shop")
		if err != nil || p.Status() != staff.Active {
			w.Errorf("it is %v: %v", p.Status(), err)
		}
		v.get("/confirm").shows(http.StatusGone, s.used)                      // by the back button
		v.send(http.MethodPost, "/confirm", url.Values{"password": {secret}}) // once more
		v.shows(http.StatusGone, s.used)
		v.get("/link/"+token).shows(http.StatusGone, s.used)
	})
}

func TestInviteNewLogin(t *testing.T) {
	t.Parallel()
	inEach(t, func(w *world, v *visitor, language string, s said) {
		token := w.invited("anna.muster@example.ch", language, "invoices", "orders.view")
		v.get("/link/"+token).shows(http.StatusOK, s.invite, "anna.muster@example.ch", "25")
		if got := attribute(v.document.all("html")[0], "lang"); got != language {
			w.Errorf("the page is in %s", got)
		}
		v.submit("password", secret, "repeat", secret, "username", " ").shows(http.StatusUnprocessableEntity)
		v.submit("password", secret, "repeat", secret, "username", "a:b", "first-name", "Anna").shows(http.StatusUnprocessableEntity)
		v.submit("password", secret, "repeat", secret, "username", "anna.muster@example.ch", "first-name", "").shows(http.StatusUnprocessableEntity)
		v.submit("salutation", "ms", "first-name", "Anna", "last-name", "<Muster> & Co", "password", "abc", "repeat", "abc").shows(http.StatusUnprocessableEntity, s.short)
		if form, _ := v.document.form(w.T); form.Get("last-name") != "<Muster> & Co" || form.Get("salutation") != "ms" || form.Get("password") != "" {
			w.Errorf("of what was typed this is kept: %v", form)
		}
		v.submit("last-name", "Muster", "password", secret, "repeat", secret).shows(http.StatusOK, s.accepted)
		p, err := w.staff.Person(w.Context(), "acme", storetest.By("anna.muster@example.ch"))
		if err != nil {
			w.Fatal(err)
		}
		if m := p.Member; m.FullName() != "Anna Muster" || m.Salutation != "ms" || string(m.Language) != language || strings.Join(m.Access.List(), " ") != "invoices orders.view" || m.Login == nil {
			w.Errorf("the member is %+v", m)
		}
		v.get("/invite").shows(http.StatusGone, s.used)
	})
}

func TestInviteWithMember(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.do("acme", storetest.Add("max@example.ch"))
	v := w.visitor("en").get("/link/"+w.invited("max@example.ch", "en", "all")).shows(http.StatusOK, "all areas")
	if form, _ := v.document.form(t); form.Get("first-name") != "max" || form.Get("last-name") != "Muster" || form.Get("username") != "max@example.ch" {
		t.Errorf("the form holds %v", form)
	}
	v.submit("password", secret, "repeat", secret).shows(http.StatusOK, "You have accepted the invite")
}

func TestInviteUsernameTaken(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.do("", storetest.Enterprise("beta"))
	w.do("beta", storetest.Add("anna@example.ch", "all"), storetest.Password("anna@example.ch"))
	v := w.visitor("de").get("/link/" + w.invited("anna@example.ch", "de", "all"))
	v.submit("first-name", "Anna", "password", secret, "repeat", secret).shows(http.StatusUnprocessableEntity, "Dieser Benutzername ist vergeben oder reserviert")
	v.submit("username", "beta-anna", "password", secret, "repeat", secret).shows(http.StatusUnprocessableEntity, "Dieser Benutzername ist vergeben oder reserviert")
	v.submit("username", "anna.muster", "password", secret, "repeat", secret).shows(http.StatusOK)
}

// A login whose password somebody else may know is mailed a link first; then the
// same invite works.
func TestInviteSignIn(t *testing.T) {
	t.Parallel()
	inEach(t, func(w *world, v *visitor, language string, s said) {
		w.do("", storetest.Enterprise("beta"))
		w.do("beta", storetest.Add("anna@example.ch", "all"), storetest.Password("anna@example.ch"))
		token := w.invited("anna@example.ch", language, "all")
		v.get("/link/" + token)
		v.get("/invite/sign-in?lang="+language).shows(http.StatusOK, s.signIn)
		v.submit("username", "anna@example.ch", "password", "wrong").shows(http.StatusUnprocessableEntity)
		wrong := v.body
		v.submit("username", "anna@example.ch", "password", "a secret of anna@example.ch").shows(http.StatusOK, s.mailFirst)
		mails := w.mails("anna@example.ch")
		if len(mails) != 1 || mails[0].Template != staff.MailReset || w.nudges.Load() != 1 {
			w.Fatalf("%d mails and %d nudges", len(mails), w.nudges.Load())
		}
		v.get("/link/"+string(storetest.Key.Token(mails[0].Link))+"?lang="+language).shows(http.StatusOK, s.reset)
		v.submit("password", secret, "repeat", secret).shows(http.StatusOK, s.changed)
		v.get("/link/" + token)
		v.get("/invite/sign-in?lang="+language).submit("username", "nobody@example.ch", "password", "wrong")
		if v.body != strings.ReplaceAll(wrong, "anna@example.ch\" autocomplete", "nobody@example.ch\" autocomplete") {
			w.Error("the page tells whether there is such a login")
		}
		v.submit("username", "anna@example.ch", "password", secret).shows(http.StatusOK, s.accepted)
	})
}

func TestInviteSignInUnfit(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.do("", storetest.Enterprise("beta"))
	sub := w.do("beta", staff.CreateSubaccount{Name: "shop", Email: "shop@example.ch", Role: "api-user", Show: true})
	w.do("", staff.ConfirmSubaccount{Token: staff.Secret(token(sub)), Password: staff.PlainPassword(secret)})
	v := w.visitor("en").get("/link/" + w.invited("anna@example.ch", "en", "all"))
	v.get("/invite/sign-in?lang=en").submit("username", "beta-shop", "password", secret).
		shows(http.StatusUnprocessableEntity, "This login cannot accept the invite")
	w.do("acme", storetest.Add("max@example.ch", "all"), storetest.Password("max@example.ch"))
	v.submit("username", "max@example.ch", "password", "a secret of max@example.ch").
		shows(http.StatusUnprocessableEntity, "This login is in this account already")
}

// After five failures one has to wait, and the page does not tell.
func TestInviteSignInTooOften(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.visitor("en").get("/link/" + w.invited("anna@example.ch", "en", "all"))
	v.get("/invite/sign-in?lang=en").submit("username", "max", "password", "wrong")
	first := v.body
	for range 7 {
		v.submit("username", "max", "password", "wrong").shows(http.StatusUnprocessableEntity)
		if v.body != first {
			t.Fatal("the page tells that there were too many tries")
		}
	}
}

func TestInviteMeanwhileMember(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.visitor("en").get("/link/" + w.invited("anna@example.ch", "en", "all"))
	w.do("acme", storetest.Add("anna@example.ch", "all"), storetest.Password("anna@example.ch"))
	v.submit("username", "anna.muster", "first-name", "Anna", "password", secret, "repeat", secret).shows(http.StatusForbidden, "You are in this account already")
}

func TestConfirmSuspended(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.visitor("en").get("/link/" + w.created("shop", "en"))
	w.do("acme", staff.Suspend{Member: storetest.By("shop@example.ch")})
	v.submit("password", secret, "repeat", secret).shows(http.StatusForbidden, "Your access is suspended")
}

func TestForgotAndReset(t *testing.T) {
	t.Parallel()
	inEach(t, func(w *world, v *visitor, language string, s said) {
		add := storetest.Add("anna@example.ch", "all")
		add.Language = &language
		w.do("acme", add, storetest.Password("anna@example.ch"))
		v.get("/forgot?lang="+language).submit("username", " ").shows(http.StatusUnprocessableEntity)
		v.submit("username", "anna@example.ch").shows(http.StatusOK)
		known := v.body
		v.get("/forgot?lang="+language).submit("username", "nobody@example.ch").shows(http.StatusOK)
		if v.body != known {
			w.Error("the page tells whether there is such a login")
		}
		w.site.Close(w.Context())
		mails := w.mails("anna@example.ch")
		if len(mails) != 1 || w.nudges.Load() != 1 {
			w.Fatalf("%d mails and %d nudges", len(mails), w.nudges.Load())
		}
		v.get("/link/"+string(storetest.Key.Token(mails[0].Link))).shows(http.StatusOK, s.reset)
		v.submit("password", strings.Repeat("x", 1025), "repeat", strings.Repeat("x", 1025)).is(http.StatusOK) // the policy of tests takes it
	})
}

func TestReset(t *testing.T) {
	t.Parallel()
	inEach(t, func(w *world, v *visitor, language string, s said) {
		token := w.forgotten("anna@example.ch", language)
		v.get("/link/"+token).shows(http.StatusOK, s.reset)
		if form, _ := v.document.form(w.T); form.Get("username") != "anna@example.ch" {
			w.Errorf("the form holds %v", form)
		}
		v.submit("password", secret, "repeat", "").shows(http.StatusUnprocessableEntity, s.differ)
		v.submit("password", secret, "repeat", secret).shows(http.StatusOK, s.changed)
		if _, err := w.staff.Prove(w.Context(), "anna@example.ch", secret, ""); err != nil {
			w.Error(err)
		}
		v.get("/reset").shows(http.StatusGone, s.used)
	})
}

func TestLanguages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for accept, want := range map[string]string{"": "en", "de-CH,de;q=0.9,en;q=0.8": "de", "fr, en-GB;q=0.5, de;q=0.4": "en", "de;q=0": "en", "de;q=x, en;q=0.1": "en", "*": "en"} {
		if got := attribute(w.visitor(accept).get("/").document.all("html")[0], "lang"); got != want {
			t.Errorf("%q gets %s", accept, got)
		}
	}
	v := w.visitor("en").get("/forgot?lang=de").shows(http.StatusOK, "Passwort vergessen")
	v.submit("username", "anna").shows(http.StatusOK, "Schauen Sie in Ihre E-Mails")
	// The person's own language gives way to the one chosen on the page.
	v.get("/link/"+w.created("shop", "de")+"?lang=en").shows(http.StatusOK, "Confirm your subaccount")
	v.get("/confirm?lang=de").submit("password", "", "repeat", "").shows(http.StatusUnprocessableEntity, "Geben Sie ein Passwort ein")
}

func TestOtherPages(t *testing.T) {
	t.Parallel()
	v := newWorld(t).visitor("de")
	v.get("/").shows(http.StatusOK, "Ihr Zugang", "Passwort vergessen")
	v.get("/nowhere").shows(http.StatusNotFound, "Diese Seite gibt es nicht")
	v.get("/done").shows(http.StatusNotFound)
	v.get("/done?what=<b>").shows(http.StatusNotFound)
	v.get("/healthz").is(http.StatusOK)
	if v.body != "ok\n" {
		t.Errorf("/healthz says %q", v.body)
	}
}
