package web_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/staffctl/staffctl/internal/web"
)

// check fails what no answer may be, whatever was asked.
func (v *visitor) check() {
	v.Helper()
	want := map[string]string{
		"Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
		"Referrer-Policy":         "no-referrer",
		"X-Content-Type-Options":  "nosniff",
		"Cache-Control":           "no-store",
	}
	if strings.HasPrefix(v.answer.Get("Content-Type"), "text/css") {
		want["Cache-Control"] = "public, max-age=31536000, immutable"
	}
	for name, value := range want {
		if got := v.answer.Values(name); len(got) != 1 || got[0] != value {
			v.Errorf("%s: %s is %q instead of %q", v.path, name, got, value)
		}
	}
	whole := v.body
	for _, values := range v.answer {
		whole += "\n" + strings.Join(values, "\n")
	}
	if strings.Contains(whole, attacker) {
		v.Errorf("%s repeats the host that the client named", v.path)
	}
	if v.document = (document{}); strings.HasPrefix(v.answer.Get("Content-Type"), "text/html") && v.body != "" {
		v.document = checkHTML(v.T, v.path, v.body)
	}
	for _, name := range []string{"__Host-staffctl-link", cookie} {
		if token := v.cookies[name]; token != "" && strings.Contains(v.body+v.answer.Get("Location"), token) {
			v.Errorf("%s shows the token", v.path)
		}
	}
}

func TestHeadersByScheme(t *testing.T) {
	t.Parallel()
	v := newWorld(t).visitor("en").get("/forgot")
	if got := v.answer.Get("Strict-Transport-Security"); got != "max-age=31536000" {
		t.Errorf("by https, HSTS is %q", got)
	}
	if got := v.answer.Get("Set-Cookie"); !strings.HasPrefix(got, "__Host-staffctl-form=") || !strings.HasSuffix(got, "; Path=/; Max-Age=43200; HttpOnly; Secure; SameSite=Lax") {
		t.Errorf("by https, the cookie is %q", got)
	}
	v = newWorldAt(t, web.Options{Pages: "http://localhost:8080", Path: "/"}).visitor("en").get("/forgot")
	if got := v.answer.Get("Strict-Transport-Security"); got != "" {
		t.Errorf("by http, HSTS is %q", got)
	}
	if got := v.answer.Get("Set-Cookie"); !strings.HasPrefix(got, "staffctl-form=") || !strings.HasSuffix(got, "; Path=/; Max-Age=43200; HttpOnly; SameSite=Lax") {
		t.Errorf("by http, the cookie is %q", got)
	}
}

func TestLinkCookie(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	token := w.created("shop", "de")
	v := w.visitor("en")
	v.send(http.MethodGet, "/link/"+token, nil)
	if got, want := v.answer.Get("Set-Cookie"), "__Host-staffctl-link="+token+"; Path=/; Max-Age=86400; HttpOnly; Secure; SameSite=Lax"; got != want {
		t.Errorf("the cookie is\n%s instead of\n%s", got, want)
	}
	if got := v.answer.Get("Location"); v.status != http.StatusSeeOther || got != "/confirm?lang=de" {
		t.Errorf("it leads by %d to %q", v.status, got)
	}
}

// The pages stand below a path that a proxy takes off, and below one that
// arrives.
func TestPaths(t *testing.T) {
	t.Parallel()
	w := newWorldAt(t, web.Options{Pages: "https://example.com/portal/team", Path: "/team", Portal: "https://example.com/portal"})
	token := w.created("shop", "de")
	v := w.visitor("en")
	v.send(http.MethodGet, "/team/link/"+token, nil)
	if got := v.answer.Get("Location"); got != "/portal/team/confirm?lang=de" {
		t.Errorf("it leads to %q", got)
	}
	v.get("/team/confirm?lang=de").shows(http.StatusOK, "Unterkonto bestätigen")
	if _, action := v.document.form(t); action != "/portal/team/confirm?lang=de" {
		t.Errorf("the form goes to %q", action)
	}
	style := attribute(v.document.all("link")[0], "href")
	v.get(strings.TrimPrefix(style, "/portal")).is(http.StatusOK)
	v.get("/confirm").shows(http.StatusNotFound, "There is no such page")
	v.get("/team").shows(http.StatusOK, "Your access")
	v.get("/teams").shows(http.StatusNotFound)
	v.get("/team/done?what=reset").shows(http.StatusOK, "To the portal")
}

// is is [visitor.shows] for what is no page.
func (v *visitor) is(status int) {
	v.Helper()
	if v.status != status {
		v.Errorf("%s is %d instead of %d", v.path, v.status, status)
	}
}

func TestMethods(t *testing.T) {
	t.Parallel()
	v := newWorld(t).visitor("de")
	v.send(http.MethodPut, "/confirm", nil)
	v.shows(http.StatusMethodNotAllowed, "So lässt sich diese Seite nicht aufrufen")
	if got := v.answer.Get("Allow"); got != "GET, HEAD, POST" {
		t.Errorf("allowed is %q", got)
	}
	v.send(http.MethodPost, "/link/abc", nil)
	v.shows(http.StatusMethodNotAllowed)
	v.send(http.MethodDelete, "/nowhere", nil)
	v.shows(http.StatusNotFound)
}

func TestRefusedConfiguration(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, pages := range []string{"", "http://portal.example.com", "http://10.0.0.1:8080", "ftp://localhost"} {
		if _, err := web.New(web.Options{Staff: w.staff, Pages: pages, Path: "/"}); err == nil {
			t.Errorf("public_url %q is taken", pages)
		}
	}
	for _, pages := range []string{"http://127.0.0.1:8080", "http://127.1.2.3", "http://[::1]:8080", "http://localhost", "https://portal.example.com/team"} {
		site, err := web.New(web.Options{Staff: w.staff, Pages: pages, Path: "/"})
		if err != nil {
			t.Errorf("public_url %q is refused: %v", pages, err)
			continue
		}
		site.Close(t.Context())
	}
	if _, err := web.New(web.Options{Staff: w.staff, Pages: pages, Path: "/", Proxies: []string{"proxy"}}); err == nil {
		t.Error("a proxy that is no network is taken")
	}
}

func TestNetwork(t *testing.T) {
	t.Parallel()
	w := newWorldAt(t, web.Options{Pages: pages, Path: "/", Proxies: []string{"10.0.0.0/8", "2001:db8::1"}})
	for _, c := range []struct{ peer, forwarded, want string }{
		{"192.0.2.7:4711", "", "192.0.2.7"},
		{"192.0.2.7:4711", "198.51.100.9", "192.0.2.7"}, // who connects is no proxy
		{"10.1.2.3:4711", "198.51.100.9", "198.51.100.9"},
		{"10.1.2.3:4711", "203.0.113.5, 198.51.100.9", "198.51.100.9"}, // the first is what the client says
		{"10.1.2.3:4711", "203.0.113.5, 198.51.100.9, 10.9.9.9", "198.51.100.9"},
		{"10.1.2.3:4711", "198.51.100.9:5000", "198.51.100.9"},
		{"10.1.2.3:4711", "unknown", "10.1.2.3"},
		{"10.1.2.3:4711", "", "10.1.2.3"},
		{"[2001:db8:1:2:3::4]:4711", "", "2001:db8:1:2::/64"},
		{"[2001:db8::1]:4711", "2001:db8:5:6::9", "2001:db8:5:6::/64"},
		{"[::ffff:192.0.2.7]:4711", "", "192.0.2.7"},
		{"[::ffff:10.1.2.3]:4711", "[2001:db8:5:6::9]:80", "2001:db8:5:6::/64"},
		{"@", "", "unknown"},
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.RemoteAddr = c.peer
		if c.forwarded != "" {
			r.Header.Set("X-Forwarded-For", c.forwarded)
		}
		before := len(w.log.String())
		w.site.ServeHTTP(httptest.NewRecorder(), r)
		if got := w.log.String()[before:]; !strings.Contains(got, `"network":"`+c.want+`"`) {
			t.Errorf("%s with %q: %s", c.peer, c.forwarded, got)
		}
	}
}
