package web_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/staffctl/staffctl/internal/sqlstore"
	"github.com/staffctl/staffctl/internal/sqlstore/sqlite"
	"github.com/staffctl/staffctl/internal/sqlstore/storetest"
	"github.com/staffctl/staffctl/internal/staff"
	"github.com/staffctl/staffctl/internal/web"
)

// secret is a password that the policy takes.
const secret = "purple tram seldom waits"

// attacker is a host that no answer may name.
const attacker = "attacker.example.org"

// journal is what the site has logged.
type journal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

// world is a site on a store file of its own.
type world struct {
	*testing.T
	staff  *staff.Staff
	site   *web.Site
	log    *journal
	phones *phones
	nudges atomic.Int64
	at     atomic.Int64 // the clock, as nanoseconds after storetest.Start
}

const pages = "https://portal.example.com"

func newWorld(t *testing.T) *world { return newWorldAt(t, web.Options{Pages: pages, Path: "/"}) }

func newWorldAt(t *testing.T, o web.Options) *world {
	t.Helper()
	file, err := sqlite.Create(filepath.Join(t.TempDir(), "team.db"))
	if err != nil {
		t.Fatal(err)
	}
	w := &world{T: t, staff: storetest.NewStaff(sqlstore.New(file)), log: &journal{}, phones: &phones{texts: map[string][]string{}}}
	w.staff.SMS = w.phones
	w.staff.Now = func() time.Time { return storetest.Start.Add(time.Duration(w.at.Load())) }
	acme := staff.CreateAccount{Name: "acme", Settings: staff.Settings{Tariff: new("enterprise"), DisplayName: new("ACME AG")}}
	if _, err := w.staff.Init(t.Context(), sqlstore.Schema(), acme); err != nil {
		t.Fatal(err)
	}
	o.Staff, o.MinLength, o.Log, o.Mailed = w.staff, 15, slog.New(slog.NewJSONHandler(w.log, nil)), func() { w.nudges.Add(1) }
	if o.Beat == 0 {
		o.Beat = time.Millisecond
	}
	if o.Portal == "" {
		o.Portal = o.Pages
	}
	if w.site, err = web.New(o); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		w.site.Close(context.Background())
		if err := file.Close(); err != nil {
			t.Error(err)
		}
	})
	return w
}

func (w *world) advance(d time.Duration) { w.at.Add(int64(d)) }

// do carries out an action in the account and returns the last result.
func (w *world) do(account string, actions ...staff.Action) staff.Result {
	w.Helper()
	plan, err := w.staff.Do(context.Background(), account, actions...)
	if err != nil {
		w.Fatal(err)
	}
	return plan.Results[len(plan.Results)-1]
}

func token(r staff.Result) string { return string(storetest.Key.Token(r.Link)) }

// invited returns the token of an invite.
func (w *world) invited(email, language string, access ...string) string {
	w.Helper()
	return token(w.do("acme", staff.SendInvite{Email: email, Access: access, Language: &language, Show: true}))
}

// created returns the token that confirms a subaccount.
func (w *world) created(name, language string) string {
	w.Helper()
	return token(w.do("acme", staff.CreateSubaccount{Name: name, Email: name + "@example.ch", Role: "email-marketing-manager", Show: true,
		Details: staff.Details{FirstName: new("Max"), LastName: new("Muster"), Language: &language}}))
}

// forgotten returns the token of a new password for a person who is made first.
func (w *world) forgotten(email, language string) string {
	w.Helper()
	add := storetest.Add(email, "all")
	add.Language = &language
	w.do("acme", add, storetest.Password(email))
	return token(w.do("acme", staff.ResetPassword{Member: storetest.By(email), Show: true}))
}

// mails are those in the outbox to the address.
func (w *world) mails(to string) []*staff.QueuedMail {
	w.Helper()
	var all []*staff.QueuedMail
	for m, err := range w.staff.Store.Mails(context.Background(), staff.OutboxQuery{}) {
		if err != nil {
			w.Fatal(err)
		}
		if m.To == to {
			all = append(all, new(*m))
		}
	}
	return all
}

// visitor is a browser with its cookies and the page that it shows.
type visitor struct {
	*world
	cookies  map[string]string
	header   http.Header
	path     string
	status   int
	answer   http.Header
	body     string
	document document
}

func (w *world) visitor(language string) *visitor {
	return &visitor{world: w, cookies: map[string]string{}, header: http.Header{"Accept-Language": {language}}}
}

// send sends a request, keeps the cookies and checks what holds for any answer.
func (v *visitor) send(method, target string, form url.Values) {
	v.Helper()
	var body *strings.Reader
	r := httptest.NewRequest(method, target, nil)
	if form != nil {
		body = strings.NewReader(form.Encode())
		r = httptest.NewRequest(method, target, body)
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	r.Host = attacker
	r.Header.Set("X-Forwarded-Host", attacker)
	r.Header.Set("Forwarded", "host="+attacker)
	r.Header.Set("Referer", "https://"+attacker+"/")
	for name, values := range v.header {
		r.Header[name] = values
	}
	for name, value := range v.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	answer := httptest.NewRecorder()
	v.site.ServeHTTP(answer, r)
	v.path, v.status, v.answer, v.body = target, answer.Code, answer.Header(), answer.Body.String()
	for _, c := range answer.Result().Cookies() {
		if v.cookies[c.Name] = c.Value; c.MaxAge < 0 {
			delete(v.cookies, c.Name)
		}
	}
	v.check()
}

// get opens a page and follows where it leads.
func (v *visitor) get(target string) *visitor {
	v.Helper()
	v.send(http.MethodGet, target, nil)
	return v.follow()
}

func (v *visitor) follow() *visitor {
	v.Helper()
	for range 3 {
		if v.status != http.StatusSeeOther {
			return v
		}
		v.send(http.MethodGet, v.answer.Get("Location"), nil)
	}
	v.Fatal("it leads on and on")
	return v
}

// submit fills in the form of the page and sends it: pairs of a name and a value.
func (v *visitor) submit(pairs ...string) *visitor {
	v.Helper()
	form, action := v.document.form(v.T)
	return v.post(form, action, pairs...)
}

// press is submit by one of the buttons below the first, which has the value.
func (v *visitor) press(value string, pairs ...string) *visitor {
	v.Helper()
	form, action := v.document.form(v.T)
	for _, b := range v.document.all("button") {
		if attribute(b, "value") == value {
			form.Set(attribute(b, "name"), value)
			return v.post(form, action, pairs...)
		}
	}
	v.Fatalf("%s has no button %s", v.path, value)
	return v
}

func (v *visitor) post(form url.Values, action string, pairs ...string) *visitor {
	v.Helper()
	for i := 0; i < len(pairs); i += 2 {
		if !form.Has(pairs[i]) {
			v.Fatalf("%s has no field %s", v.path, pairs[i])
		}
		form.Set(pairs[i], pairs[i+1])
	}
	v.send(http.MethodPost, action, form)
	return v.follow()
}

// shows fails unless the page has the status and all the texts.
func (v *visitor) shows(status int, texts ...string) *visitor {
	v.Helper()
	if v.status != status {
		v.Errorf("%s is %d instead of %d:\n%s", v.path, v.status, status, v.document.text())
	}
	for _, text := range texts {
		if !strings.Contains(v.document.text(), text) {
			v.Errorf("%s does not say %q:\n%s", v.path, text, v.document.text())
		}
	}
	return v
}
