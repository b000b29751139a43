//go:build unix

package cmd

import (
	"crypto/x509"
	"database/sql"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"golang.org/x/net/html"
)

// TestForwardAuth asks for the areas of a portal behind the real nginx, with the
// configuration of docs/portal.md.
func TestForwardAuth(t *testing.T) {
	t.Parallel()
	n := startNginx(t)
	v := n.portal.visitor(t)

	n.says(v, "/team/auth?area=invoices", http.StatusUnauthorized)
	n.says(v, "/invoices/list?a=1", http.StatusSeeOther)
	if to := v.header.Get("Location"); !strings.HasSuffix(to, "/team/sign-in?return=/invoices/list?a=1") {
		t.Errorf("it leads to %s", to)
	}
	n.says(v, "/orders/", http.StatusUnauthorized)
	n.says(v, "/orders/", http.StatusUnauthorized, "Cookie: __Host-staffctl-session="+strings.Repeat("A", 43), "Remote-User: "+forged, "Authorization: Basic YTpi")

	// The way leads from the area by the sign-in back to it.
	v.get(n.portal.base + "/invoices/list?a=1").at("/team/sign-in")
	v.submit("username", "anna", "password", portalPassword).at("/invoices/list")
	n.gets(v, "/invoices/list?a=1", "Remote-User: anna", "Remote-Account: acme", "Remote-Areas: invoices", "Remote-Name: %C3%84nne Muster")

	// Nothing that she sends opens another area or names somebody else.
	n.says(v, "/orders/", http.StatusForbidden)
	n.says(v, "/orders/?area=invoices", http.StatusForbidden, "Remote-Areas: orders", "Remote-User: root", "X-Forwarded-Uri: /invoices/", "X-Original-URI: /invoices/")
	n.says(v, "/invoices/../orders/", http.StatusForbidden)
	n.says(v, "/invoices/%2e%2e/orders/", http.StatusForbidden)
	n.says(v, "/may/invoices", http.StatusNotFound) // is for nginx alone
	n.gets(v, "/invoices/", "Remote-User: anna", "Remote-Account: acme", "Remote-Areas: invoices", "Remote-Name: %C3%84nne Muster")

	// Somebody without a name, of whom a forged one would stay.
	boss := n.portal.visitor(t)
	boss.get(n.portal.pages+"/sign-in").submit("username", "boss", "password", portalPassword).at("/team/access")
	n.gets(boss, "/orders/", "Remote-User: boss", "Remote-Account: acme", "Remote-Name: Boss", "Remote-Areas: ")

	// A change counts at the next request.
	n.portal.run(t, "member", "grant", "anna", "orders")
	n.gets(v, "/orders/", "Remote-Areas: invoices,orders")
	n.portal.run(t, "member", "set-access", "anna", "orders", "--yes")
	n.says(v, "/invoices/", http.StatusForbidden)
	n.gets(v, "/orders/", "Remote-Areas: orders")
	n.portal.run(t, "member", "suspend", "anna", "--yes")
	n.says(v, "/orders/", http.StatusUnauthorized)
	n.says(v, "/invoices/", http.StatusSeeOther)
	n.portal.run(t, "member", "resume", "anna")
	n.says(v, "/orders/", http.StatusUnauthorized)
	n.gets(boss, "/orders/")
	boss.get(n.portal.pages + "/sign-out").submit()
	n.says(boss, "/orders/", http.StatusUnauthorized)
}

// TestForwardAuthWithoutStore damages the store, and then takes staffctl away.
func TestForwardAuthWithoutStore(t *testing.T) {
	t.Parallel()
	n := startNginx(t)
	v := n.portal.visitor(t)
	v.get(n.portal.pages+"/sign-in").submit("username", "anna", "password", portalPassword).at("/team/access")
	n.gets(v, "/invoices/")
	damage(t, n.portal.store)
	n.fails(v, "/invoices/")
	n.fails(v, "/orders/")
	n.portal.server.stop(t)
	n.fails(v, "/invoices/")
	n.fails(v, "/orders/")
}

// damage makes a store one that the program does not know.
func damage(t *testing.T, store string) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+store+"?mode=rw")
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.ExecContext(t.Context(), "ALTER TABLE sessions RENAME TO elsewhere")
	if err = errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
}

// TestForwardAuthWithStoreMoved takes the store away and puts it back. What was
// moved gets no changes any more, and must not be believed.
func TestForwardAuthWithStoreMoved(t *testing.T) {
	t.Parallel()
	n := startNginx(t)
	v := n.portal.visitor(t)
	v.get(n.portal.pages+"/sign-in").submit("username", "anna", "password", portalPassword).at("/team/access")
	n.gets(v, "/invoices/")
	if err := os.Rename(n.portal.store, n.portal.store+".away"); err != nil {
		t.Fatal(err)
	}
	n.fails(v, "/invoices/")
	n.fails(v, "/orders/")
	if err := os.Rename(n.portal.store+".away", n.portal.store); err != nil {
		t.Fatal(err)
	}
	n.gets(v, "/invoices/")
}

// portalPassword is that of everybody in these tests.
const portalPassword = "Quetschkommode-am-Zwetschgenkuchen-7"

// forged is what no area may get.
const forged = "forged"

// nginx is a proxy in front of a portal with the areas invoices and orders; without
// a session, the first leads to the sign-in and the second answers 401.
type nginx struct {
	*testing.T
	portal *portal
	mu     sync.Mutex
	asked  []*http.Request // those that have come to an area
}

func startNginx(t *testing.T) *nginx {
	t.Helper()
	program := lookUpProgram(t, "nginx", "nginx-light")
	n := &nginx{T: t}
	areas := []string{n.area(), n.area()}
	dir, port := t.TempDir(), freePorts(t, 1)[0]
	n.portal = startPortal(t, "ACME AG", "", "https://127.0.0.1:"+port)
	for _, line := range []string{
		"member add anna@example.ch --username anna --first-name Änne --last-name Muster --access invoices",
		"member add boss@example.ch --username boss --first-name Boss --last-name= --access all",
	} {
		n.portal.run(t, strings.Fields(line)...)
	}
	for _, name := range []string{"anna", "boss"} {
		staffctl(t, n.portal.env, portalPassword, "member", "set-password", name, "--password-stdin")
	}
	certificate, key := n.portal.certificate(t, dir)

	const file = "../docs/portal.md"
	server := replaceAll(t, docBlock(t, file, "server {"), "listen 443 ssl", "listen 127.0.0.1:"+port+" ssl", "portal.example.com;", "127.0.0.1;",
		"/etc/ssl/portal.example.com.pem", certificate, "/etc/ssl/portal.example.com.key", key)
	maps, locations, _ := strings.Cut(docBlock(t, file, "# In the http block: cookies without those of staffctl."), "# In the server block")
	locations = "# " + locations
	second, _, _ := strings.Cut(locations, "location @sign_in")
	second = replaceAll(t, second, "/invoices", "/orders", "=invoices", "=orders", "127.0.0.1:9001", areas[1], "error_page 401 = @sign_in;", "")
	text := "daemon off;\npid " + dir + "/pid;\nerror_log stderr;\nevents {}\nhttp {\naccess_log off;\n"
	for _, kind := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		text += kind + "_temp_path " + dir + "/" + kind + ";\n"
	}
	text += maps + strings.TrimSuffix(strings.TrimSpace(server), "}") + replaceAll(t, locations, "127.0.0.1:9001", areas[0]) + second + "}\n}\n"
	text = replaceAll(t, text, "127.0.0.1:8080", n.portal.listen)
	startProgram(t, nil, program, "-e", "stderr", "-c", write(t, dir, "nginx.conf", text))
	waitFor(t, "nginx listens", listens("127.0.0.1:"+port))
	return n
}

// area starts the server of an area.
func (n *nginx) area() (address string) {
	n.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n.mu.Lock()
		defer n.mu.Unlock()
		n.asked = append(n.asked, r)
		_, _ = io.WriteString(w, "<p>"+r.URL.Path)
	}))
	n.Cleanup(server.Close)
	return strings.TrimPrefix(server.URL, "http://")
}

// arrived is how many requests have come to an area, and the last.
func (n *nginx) arrived() (int, *http.Request) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.asked) == 0 {
		return 0, nil
	}
	return len(n.asked), n.asked[len(n.asked)-1]
}

// asks sends a request that tries to pass for somebody else's.
func (n *nginx) asks(v *portalVisitor, path string, header ...string) (status int) {
	n.Helper()
	request, err := http.NewRequestWithContext(n.Context(), http.MethodGet, n.portal.base, nil)
	if err != nil {
		n.Fatal(err)
	}
	request.URL.Opaque = path // as it is
	for _, name := range []string{"Remote-User", "Remote-Account", "Remote-Areas", "Remote-Name", "remote-user", "REMOTE-USER", "Remote_User", "REMOTE_AREAS"} {
		request.Header[name] = []string{forged, forged}
	}
	request.Header.Add("Cookie", "__Host-staffctl-link="+forged+"; theme=dark")
	for _, line := range header {
		name, value, _ := strings.Cut(line, ": ")
		request.Header.Set(name, value)
	}
	v.send(request, false)
	return v.status
}

// says fails unless an area is kept closed with the status.
func (n *nginx) says(v *portalVisitor, path string, want int, header ...string) {
	n.Helper()
	before, _ := n.arrived()
	if got := n.asks(v, path, header...); got != want {
		n.Errorf("%s is %d instead of %d", path, got, want)
	}
	if after, _ := n.arrived(); after != before {
		n.Errorf("%s has come to an area", path)
	}
}

// fails fails unless an area is kept closed since nobody knows who asks.
func (n *nginx) fails(v *portalVisitor, path string) {
	n.Helper()
	before, _ := n.arrived()
	if got := n.asks(v, path); got < 500 {
		n.Errorf("%s is %d", path, got)
	}
	if after, _ := n.arrived(); after != before {
		n.Errorf("%s has come to an area", path)
	}
}

// gets fails unless an area is open, and gets these headers and nothing forged.
func (n *nginx) gets(v *portalVisitor, path string, header ...string) {
	n.Helper()
	before, _ := n.arrived()
	if got := n.asks(v, path); got != http.StatusOK {
		n.Fatalf("%s is %d:\n%s", path, got, v.page)
	}
	after, r := n.arrived()
	if after != before+1 {
		n.Fatalf("%s has come to an area %d times", path, after-before)
	}
	for _, line := range header {
		name, want, _ := strings.Cut(line, ": ")
		got := r.Header.Values(name)
		if len(got) != 1 || got[0] != want && want != "" {
			n.Errorf("%s comes with %s %q instead of %q", path, name, got, want)
		}
	}
	if all := fmt.Sprint(r.Header); strings.Contains(all, forged) || strings.Contains(all, "staffctl-session") || strings.Contains(all, v.session(n.portal)) {
		n.Errorf("%s comes with %s", path, all)
	}
	if cookies := r.Header.Get("Cookie"); !strings.Contains(cookies, "theme=dark") {
		n.Errorf("%s comes with the cookies %q", path, cookies)
	}
}

// portal is a `staffctl serve` with the account acme, under /team.
type portal struct {
	env         []string
	store       string
	listen      string // HOST:PORT
	base, pages string // of the portal and of staffctl's pages
	server      *program
	tls         *httptest.Server // has the certificate
}

// startPortal starts it behind the base, or without a proxy where that is empty.
// The configuration is what it has beside.
func startPortal(t *testing.T, displayName, configuration, base string) *portal {
	t.Helper()
	dir := t.TempDir()
	p := &portal{store: filepath.Join(dir, "store.db"), listen: "127.0.0.1:" + freePorts(t, 1)[0], base: base, tls: httptest.NewTLSServer(nil)}
	t.Cleanup(p.tls.Close)
	if p.base == "" {
		p.base = "http://" + p.listen
	}
	p.pages = p.base + "/team"
	name := write(t, dir, "config.yaml", configuration+"\npublic_url: "+p.base+"\nserve:\n  listen: "+p.listen+"\n  path: /team\n  trusted_proxies: [127.0.0.1]\n")
	p.env = append(os.Environ(), "HOME="+dir, "XDG_CONFIG_HOME="+filepath.Join(dir, "config"), "XDG_DATA_HOME="+filepath.Join(dir, "data"),
		"STAFFCTL_CONFIG="+name, "STAFFCTL_STORE="+p.store, "GORACE=atexit_sleep_ms=0")
	p.run(t, "init", "acme", "--plan", "enterprise", "--display-name", displayName)
	if configuration != "" {
		p.run(t, "account", "set", "acme", "--two-factor", "sms")
	}
	p.server = startProgram(t, p.env, "staffctl", "serve")
	waitFor(t, "staffctl serves", func() bool { return body(t, "http://"+p.listen+"/team/healthz") == "ok\n" })
	return p
}

func (p *portal) run(t *testing.T, args ...string) string {
	t.Helper()
	return staffctl(t, p.env, "", args...)
}

// certificate writes one for 127.0.0.1, which visitors trust.
func (p *portal) certificate(t *testing.T, dir string) (certificate, key string) {
	t.Helper()
	pair := p.tls.TLS.Certificates[0]
	private, err := x509.MarshalPKCS8PrivateKey(pair.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	return write(t, dir, "portal.pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: pair.Certificate[0]}))),
		write(t, dir, "portal.key", string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})))
}

// portalVisitor is a browser with its cookies and the page that it shows.
type portalVisitor struct {
	t      *testing.T
	client *http.Client
	status int
	header http.Header
	url    *url.URL
	page   string
}

func (p *portal) visitor(t *testing.T) *portalVisitor {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &portalVisitor{t: t, client: &http.Client{Jar: jar, Transport: p.tls.Client().Transport}}
}

// send sends a request and follows where it leads, if it may.
func (v *portalVisitor) send(request *http.Request, follow bool) {
	v.t.Helper()
	client := *v.client
	if !follow {
		client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	}
	response, err := client.Do(request)
	if err != nil {
		v.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	v.status, v.header, v.url, v.page = response.StatusCode, response.Header, response.Request.URL, string(text)
}

func (v *portalVisitor) get(address string) *portalVisitor {
	v.t.Helper()
	to, err := v.resolve(address)
	if err != nil {
		v.t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(v.t.Context(), http.MethodGet, to.String(), nil)
	if err != nil {
		v.t.Fatal(err)
	}
	v.send(request, true)
	return v
}

func (v *portalVisitor) resolve(address string) (*url.URL, error) {
	if v.url == nil {
		return url.Parse(address)
	}
	return v.url.Parse(address)
}

// submit sends the form on the page that has the fields, filled in by pairs of name
// and value.
func (v *portalVisitor) submit(pairs ...string) *portalVisitor {
	v.t.Helper()
	typed := map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		typed[pairs[i]] = pairs[i+1]
	}
	document, err := html.Parse(strings.NewReader(v.page))
	if err != nil {
		v.t.Fatal(err)
	}
	for node := range document.Descendants() {
		values, fits := fill(node, typed)
		if !fits {
			continue
		}
		to, err := v.resolve(attribute(node, "action"))
		if err != nil {
			v.t.Fatal(err)
		}
		request, err := http.NewRequestWithContext(v.t.Context(), http.MethodPost, to.String(), strings.NewReader(values.Encode()))
		if err != nil {
			v.t.Fatal(err)
		}
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		request.Header.Set("Origin", to.Scheme+"://"+to.Host)
		v.send(request, true)
		return v
	}
	v.t.Fatalf("%s has no form with %q:\n%s", v.url, pairs, v.page)
	return v
}

// at fails unless the visitor has come to the path.
func (v *portalVisitor) at(path string) *portalVisitor {
	v.t.Helper()
	if v.url.Path != path {
		v.t.Fatalf("the visitor is at %s (%d) instead of %s:\n%s", v.url, v.status, path, v.page)
	}
	return v
}

// says fails unless the page has the texts.
func (v *portalVisitor) says(texts ...string) *portalVisitor {
	v.t.Helper()
	for _, text := range texts {
		if !strings.Contains(html.UnescapeString(v.page), text) {
			v.t.Errorf("%s does not say %q:\n%s", v.url, text, v.page)
		}
	}
	return v
}

// session is the token of the session.
func (v *portalVisitor) session(p *portal) string {
	base, err := url.Parse(p.base)
	if err != nil {
		v.t.Fatal(err)
	}
	for _, c := range v.client.Jar.Cookies(base) {
		if strings.HasSuffix(c.Name, "staffctl-session") {
			return c.Value
		}
	}
	v.t.Fatal("there is no session")
	return ""
}
