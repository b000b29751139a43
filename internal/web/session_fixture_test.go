package web_test

import (
	"context"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/staffctl/staffctl/internal/sqlstore/storetest"
	"github.com/staffctl/staffctl/internal/staff"
	"github.com/staffctl/staffctl/internal/web"
)

// phones are those that text messages arrive at.
type phones struct {
	mu    sync.Mutex
	texts map[string][]string // by number
	down  bool                // nothing is taken
}

// Check refuses numbers in Liechtenstein.
func (p *phones) Check(number string) error {
	if strings.HasPrefix(number, "+423") {
		return staff.Errorf(staff.CodeForbidden, "number", "no text messages are sent there")
	}
	return nil
}

// Send keeps the text.
func (p *phones) Send(_ context.Context, number, text string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.down {
		return staff.Errorf(staff.CodeUnavailable, "sms.url", "the SMS gateway answers 502 and has not taken the message")
	}
	p.texts[number] = append(p.texts[number], text)
	return nil
}

// sent is how many texts the number has got.
func (p *phones) sent(number string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.texts[number])
}

var sixDigits = regexp.MustCompile(`\b[0-9]{6}\b`)

// tan is the one that the number has got last.
func (w *world) tan(number string) string {
	w.Helper()
	w.phones.mu.Lock()
	defer w.phones.mu.Unlock()
	texts := w.phones.texts[number]
	if len(texts) == 0 {
		w.Fatalf("%s has got no text", number)
	}
	return sixDigits.FindString(texts[len(texts)-1])
}

// otherTAN is one that was not sent.
func otherTAN(tan string) string {
	return map[bool]string{true: "2", false: "1"}[tan[0] == '1'] + tan[1:]
}

const (
	anna   = "anna@example.ch"
	mobile = "+41795551234"
	cookie = "__Host-staffctl-session"
)

// person adds somebody who signs in with [secret], which is their own.
func (w *world) person(account, email, language string, access ...string) {
	w.Helper()
	add := storetest.Add(email, access...)
	add.Language = &language
	w.do(account, add, storetest.Password(email))
	reset := w.do(account, staff.ResetPassword{Member: storetest.By(email)})
	key := storetest.Key.Token(w.linkOf(reset))
	w.do("", staff.ChoosePassword{Token: key, Password: staff.PlainPassword(secret)})
}

// linkOf is the link that goes out with the mail of a result.
func (w *world) linkOf(r staff.Result) *staff.Link {
	w.Helper()
	for _, m := range w.mails(r.Mail.To) {
		if m.ID == r.Mail.ID {
			return m.Link
		}
	}
	w.Fatal("no such mail")
	return nil
}

// mailedLink is the path of the link in the last mail of the kind to an address.
func (w *world) mailedLink(to string, kind staff.Template) string {
	w.Helper()
	path := ""
	for _, m := range w.mails(to) {
		if m.Template == kind && m.Link != nil {
			path = "/link/" + string(storetest.Key.Token(m.Link))
		}
	}
	if path == "" {
		w.Fatalf("%s has no mail %s", to, kind)
	}
	return path
}

// asksTAN sets the account's policy.
func (w *world) asksTAN(account string) {
	w.Helper()
	w.do(account, staff.SetAccount{Settings: staff.Settings{TwoFactor: new(string(staff.TwoFactorSMS))}})
}

// signsIn fills in the form of /sign-in.
func (v *visitor) signsIn(username, password string) *visitor {
	v.Helper()
	return v.get("/sign-in").submit("username", username, "password", password)
}

// enrols gives the number and the TAN that it gets.
func (v *visitor) enrols(number string) *visitor {
	v.Helper()
	return v.submit("number", number).submit("tan", v.tan(strings.ReplaceAll(number, " ", "")))
}

// at fails unless the page has the path.
func (v *visitor) at(path string) *visitor {
	v.Helper()
	if got, _, _ := strings.Cut(v.path, "?"); got != path {
		v.Fatalf("it is at %s instead of %s:\n%s", v.path, path, v.document.text())
	}
	return v
}

// newWorldAtAddress is newWorld by https, or by http on this machine.
func newWorldAtAddress(t *testing.T, scheme string) *world {
	t.Helper()
	if scheme == "http" {
		return newWorldAt(t, web.Options{Pages: "http://localhost:8080", Path: "/"})
	}
	return newWorld(t)
}
