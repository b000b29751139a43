package web_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/staffctl/staffctl/internal/sqlstore"
	"github.com/staffctl/staffctl/internal/sqlstore/sqlite"
	"github.com/staffctl/staffctl/internal/sqlstore/storetest"
	"github.com/staffctl/staffctl/internal/staff"
)

// asks asks as a proxy does that hands over all that came in.
func (v *visitor) asks(query string) int {
	v.Helper()
	for _, name := range []string{"Remote-User", "Remote-Account", "Remote-Areas", "Remote-Name"} {
		v.header[name] = []string{"forged"}
	}
	v.send(http.MethodGet, "/auth"+query, nil)
	if v.status != http.StatusOK && v.answer.Get("Remote-User") != "" || strings.Contains(fmt.Sprint(v.answer)+v.body, "forged") {
		v.Errorf("%s names somebody: %v", query, v.answer)
	}
	return v.status
}

func TestAuth(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.person("acme", "other@example.ch", "en", "all")
	w.person("acme", anna, "de", "invoices.view", "orders")
	w.do("acme", staff.EditMember{Member: storetest.By(anna), Details: staff.Details{FirstName: new("Änne"), LastName: new("100% Muster")}})
	v := w.visitor("en")
	if got := v.asks("?area=invoices"); got != http.StatusUnauthorized {
		t.Errorf("without a session it is %d", got)
	}
	for _, query := range []string{"", "?area=nothing", "?permission=invoices"} {
		if got := v.asks(query); got != http.StatusForbidden {
			t.Errorf("%q without a session is %d", query, got)
		}
	}
	v.signsIn(anna, secret).at("/access")
	for query, want := range map[string]int{
		"?area=invoices": 200, "?area=orders": 200, "?permission=invoices.view": 200, "?permission=orders.view": 200,
		"?area=invoices&area=orders": 200, "?area=invoices&permission=orders.view": 200, "?area=invoices&lang=de": 200,
		"?permission=invoices.pay": 403, "?area=team": 403, "?area=invoices&area=team": 403, "?permission=invoices.view&permission=invoices.pay": 403,
		"": 403, "?": 403, "?area=": 403, "?permission=": 403, "?area=invoices&area=": 403, "?area=nothing": 403, "?permission=invoices.fly": 403, "?permission=all": 403,
		"?area=all": 403, "?area=invoices.view": 403, "?area=INVOICES": 403, "?Area=invoices": 403, "?area=invoices;area=team": 403, "?permission=invoices.": 403,
		"?permission=orders": 403, "?area=invoices&permission=orders.view;x": 403, "?area=invoices&permission=%zz": 403, "?area=invoices&permision=orders.view": 403,
		"?areas=invoices": 403, "?area=invoices%0D%0AX:y": 403,
	} {
		if got := v.asks(query); got != want {
			t.Errorf("%s is %d instead of %d", query, got, want)
		}
	}
	v.asks("?area=orders")
	for name, want := range map[string]string{"Remote-User": anna, "Remote-Account": "acme", "Remote-Areas": "invoices,orders", "Remote-Name": "%C3%84nne 100%25 Muster"} {
		if got := v.answer.Values(name); len(got) != 1 || got[0] != want {
			t.Errorf("%s is %q", name, got)
		}
	}
	if v.body != "" {
		t.Errorf("it says %q", v.body)
	}
	v.send(http.MethodPost, "/auth?area=orders", nil)
	v.is(http.StatusOK)
}

// What changes about a person counts at the next request.
func TestAuthFollows(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.person("acme", "other@example.ch", "en", "all")
	w.person("acme", anna, "en", "invoices")
	v := w.visitor("en").signsIn(anna, secret).at("/access")
	want := func(when string, status int) {
		t.Helper()
		if got := v.asks("?area=invoices"); got != status {
			t.Errorf("%s it is %d", when, got)
		}
	}
	want("at first", http.StatusOK)
	w.do("acme", staff.SetAccess{Member: storetest.By(anna), Access: []string{"orders"}})
	want("without access", http.StatusForbidden)
	w.do("acme", staff.SetAccess{Member: storetest.By(anna), Access: []string{"all"}})
	want("with all", http.StatusOK)
	w.asksTAN("acme")
	want("before the next sign-in", http.StatusOK)
	w.do("acme", staff.Suspend{Member: storetest.By(anna)})
	want("suspended", http.StatusUnauthorized)
	w.do("acme", staff.Resume{Member: storetest.By(anna)})
	want("resumed", http.StatusUnauthorized)
}

// Who is not signed in is led on by a page, which leads back.
func TestAuthAsksToSignIn(t *testing.T) {
	t.Parallel()
	v := newWorld(t).visitor("en")
	for asked, want := range map[string]string{"/invoices?a=1": "/sign-in?lang=en&return=%2Finvoices%3Fa%3D1", "//" + attacker: "/sign-in?lang=en", "": "/sign-in?lang=en"} {
		v.header["X-Forwarded-Uri"] = []string{asked}
		v.asks("?area=invoices")
		v.shows(http.StatusUnauthorized, "Please sign in")
		links := v.document.all("a")
		if got := attribute(links[len(links)-1], "href"); got != want {
			t.Errorf("after %q it leads to %q", asked, got)
		}
	}
}

// Whatever ails the store, nothing is open.
func TestAuthWithoutStore(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.person("acme", anna, "en", "all")
	v := w.visitor("en").signsIn(anna, secret).at("/access")
	store := w.staff.Store
	for _, err := range []error{staff.Errorf(staff.CodeUnavailable, "store", "gone"), staff.Errorf(staff.CodeDamaged, "store", "gone"), http.ErrServerClosed} {
		w.staff.Store = broken{store, err}
		if got := v.asks("?area=invoices"); got != http.StatusServiceUnavailable || v.answer.Get("Retry-After") == "" {
			t.Errorf("with %v it is %d", err, got)
		}
	}
	w.staff.Store = broken{store, nil}
	if got := v.asks("?area=invoices"); got < 500 {
		t.Errorf("with a panic it is %d", got)
	}
	closed := closedStore(t)
	w.staff.Store = closed
	if got := v.asks("?area=invoices"); got != http.StatusServiceUnavailable {
		t.Errorf("with a closed store it is %d", got)
	}
	v.get("/access").shows(http.StatusServiceUnavailable)
	w.staff.Store = store
	if got := v.asks("?area=invoices"); got != http.StatusOK {
		t.Errorf("with the store back it is %d", got)
	}
}

func closedStore(t *testing.T) staff.Store {
	t.Helper()
	file, err := sqlite.Create(t.TempDir() + "/closed.db")
	if err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	return sqlstore.New(file)
}
