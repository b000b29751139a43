package mail_test

import (
	"bytes"
	"errors"
	"flag"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	netmail "net/mail"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/staffctl/staffctl/internal/mail"
	"github.com/staffctl/staffctl/internal/staff"
)

var update = flag.Bool("update", false, "write the golden files anew")

// start is when the mails of these tests are made and sent.
var start = time.Date(2026, 11, 22, 9, 30, 0, 0, time.UTC)

const testLink = "https://portal.example.ch/link/AAECAwQFBgcICQ"

// sample is a mail of each kind with what that kind has.
func sample(kind staff.Template, language staff.Language) *staff.QueuedMail {
	m := &staff.QueuedMail{Mail: staff.Mail{ID: 371190743040113, Template: kind, Language: language, To: "anna.muster@example.ch", LinkID: 7,
		CreatedAt: start.UnixMilli(), Data: staff.MailData{Salutation: "ms", FirstName: "Anna", LastName: "Muster", Account: "ACME AG",
			At: start.UnixMilli(), ExpiresAt: start.Add(staff.InviteLifetime).UnixMilli()}}, State: staff.MailQueued}
	switch kind {
	case staff.MailInvite:
		m.Data.Areas = []string{"Rechnungen", "Bestellungen"}
	case staff.MailConfirmation:
		m.Data.Username, m.Data.Role, m.Data.Areas = "acme-texter", "Texter", []string{"E-Mails"}
		m.Data.ExpiresAt = start.Add(staff.ConfirmationLifetime).UnixMilli()
	case staff.MailReset, staff.MailSecondFactor, staff.MailEmail:
		m.Data.Username, m.Data.ExpiresAt = "anna.muster@example.ch", start.Add(staff.ResetLifetime).UnixMilli()
	default:
		m.Data.Username, m.Data.ExpiresAt, m.LinkID = "anna.muster@example.ch", 0, 0
	}
	return m
}

func newMailer(t *testing.T, s mail.Settings) *mail.Mailer {
	t.Helper()
	if s.From == "" {
		s.Host, s.From = "mx.example.ch", "Kundenportal <portal@example.ch>"
	}
	m, err := mail.NewMailer(s)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// each runs a test for each template in each language.
func each(t *testing.T, test func(t *testing.T, m *staff.QueuedMail, link string)) {
	for _, kind := range staff.Templates {
		for _, language := range staff.Languages {
			t.Run(string(kind)+"."+language, func(t *testing.T) {
				m, link := sample(kind, staff.Language(language)), testLink
				if m.LinkID == 0 {
					link = ""
				}
				test(t, m, link)
			})
		}
	}
}

func TestGoldens(t *testing.T) {
	mailer := newMailer(t, mail.Settings{})
	each(t, func(t *testing.T, m *staff.QueuedMail, link string) {
		subject, text, html, err := mailer.Render(m, link, start)
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Join("testdata", "golden", string(m.Template)+"."+string(m.Language))
		golden(t, name+".txt", "Subject: "+subject+"\n\n"+text)
		golden(t, name+".html", html)
		for what, part := range map[string]string{"text": text, "HTML": html} {
			if strings.Count(part, "Anna Muster")+strings.Count(part, "Frau Muster") != 1 {
				t.Errorf("the %s does not greet once", what)
			}
			if link != "" && !strings.Contains(part, link) {
				t.Errorf("the %s leaves out the link", what)
			}
			if strings.Contains(part, "<no value>") || strings.Contains(part, "\n\n\n") && what == "text" {
				t.Errorf("the %s has gaps:\n%s", what, part)
			}
		}
	})
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.ReplaceAll(string(want), "\r\n", "\n"), got); diff != "" {
		t.Errorf("%s differs, see go test -update (-want +got):\n%s", name, diff)
	}
}

// Nothing in the HTML is fetched from elsewhere, and what it shows as a button is
// there in plain text.
func TestHTMLStandsAlone(t *testing.T) {
	mailer := newMailer(t, mail.Settings{})
	each(t, func(t *testing.T, m *staff.QueuedMail, link string) {
		_, _, html, err := mailer.Render(m, link, start)
		if err != nil {
			t.Fatal(err)
		}
		for _, asset := range []string{"<img", "<script", "<link", "@import", "url(", "src="} {
			if strings.Contains(html, asset) {
				t.Errorf("the HTML has %s", asset)
			}
		}
		for _, part := range []string{`<html lang="` + string(m.Language) + `">`, "<title>", "prefers-color-scheme: dark", `name="viewport"`, "<h1 "} {
			if !strings.Contains(html, part) {
				t.Errorf("the HTML has no %s", part)
			}
		}
		if n := strings.Count(html, "https://"); link != "" && n != 3 || link == "" && n != 0 {
			t.Errorf("%d addresses, not the button, the link and its text:\n%s", n, html)
		}
	})
}

const hostile = `<script>alert("x")</script>&<b>` + "\r\nBcc: evil@example.com\u2028\x00"

// Names are data: whatever they hold, they begin no header and no element.
func TestHostileNames(t *testing.T) {
	mailer := newMailer(t, mail.Settings{})
	each(t, func(t *testing.T, m *staff.QueuedMail, link string) {
		m.Data.FirstName, m.Data.LastName, m.Data.Account, m.Data.Username, m.Data.Role = hostile, hostile, hostile, hostile, hostile
		m.Data.Areas = []string{hostile}
		_, _, html, err := mailer.Render(m, link, start)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(html, "<script") || strings.Contains(html, "<b>") {
			t.Errorf("a name is an element:\n%s", html)
		}
		raw, err := mailer.Compose(m, link, start)
		if err != nil {
			t.Fatal(err)
		}
		parsed, err := netmail.ReadMessage(bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		if parsed.Header.Get("Bcc") != "" {
			t.Errorf("a name is a header:\n%s", raw)
		}
	})
}

func TestMessage(t *testing.T) {
	mailer := newMailer(t, mail.Settings{})
	each(t, func(t *testing.T, m *staff.QueuedMail, link string) {
		raw, err := mailer.Compose(m, link, start)
		if err != nil {
			t.Fatal(err)
		}
		subject, text, html, err := mailer.Render(m, link, start)
		if err != nil {
			t.Fatal(err)
		}
		parsed, err := netmail.ReadMessage(bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		decoded, err := new(mime.WordDecoder).DecodeHeader(parsed.Header.Get("Subject"))
		if err != nil || decoded != subject {
			t.Errorf("subject %q, %v, want %q", decoded, err, subject)
		}
		for header, want := range map[string]string{"From": `"Kundenportal" <portal@example.ch>`, "To": "<anna.muster@example.ch>",
			"Message-Id": "<371190743040113.staffctl@example.ch>", "Auto-Submitted": "auto-generated", "Date": "Sun, 22 Nov 2026 09:30:00 +0000",
			"Mime-Version": "1.0", "X-Mailer": "", "User-Agent": ""} {
			if got := parsed.Header.Get(header); got != want {
				t.Errorf("%s: %q, want %q", header, got, want)
			}
		}
		types, bodies := parts(t, parsed)
		if want := []string{"text/plain; charset=UTF-8", "text/html; charset=UTF-8"}; !reflect.DeepEqual(types, want) {
			t.Errorf("parts %q, want %q", types, want)
		}
		if bodies[0] != text || bodies[1] != html {
			t.Errorf("the parts differ from what was rendered: %s", cmp.Diff([]string{text, html}, bodies))
		}
		again, err := mailer.Compose(m, link, start)
		if err != nil || !bytes.Equal(raw, again) {
			t.Errorf("rendered twice, a mail differs: %v", err)
		}
	})
}

func parts(t *testing.T, m *netmail.Message) (types, bodies []string) {
	t.Helper()
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		t.Fatalf("content type %q: %v", kind, err)
	}
	for r := multipart.NewReader(m.Body, params["boundary"]); ; {
		p, err := r.NextRawPart()
		if errors.Is(err, io.EOF) {
			return types, bodies
		}
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(quotedprintable.NewReader(p))
		if err != nil {
			t.Fatal(err)
		}
		types, bodies = append(types, p.Header.Get("Content-Type")), append(bodies, strings.ReplaceAll(string(body), "\r\n", "\n"))
	}
}

// Umlauts in a domain go out in ASCII, in the header and in the Message-ID too.
func TestInternationalDomains(t *testing.T) {
	mailer := newMailer(t, mail.Settings{Host: "mx.example.ch", From: "Grüße <portal@zürich.example>"})
	m := sample(staff.MailInvite, staff.German)
	m.To = "anna@bücher.example"
	raw, err := mailer.Compose(m, testLink, start)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"<anna@xn--bcher-kva.example>", "<portal@xn--zrich-kva.example>", "371190743040113.staffctl@xn--zrich-kva.example>", "=?utf-8?q?Gr=C3=BC=C3=9Fe?="} {
		if !bytes.Contains(raw, []byte(want)) {
			t.Errorf("%s is not there:\n%s", want, raw[:600])
		}
	}
	if i := bytes.IndexFunc(raw, func(r rune) bool { return r > 0x7e }); i >= 0 {
		t.Errorf("not ASCII: %q", raw[i:])
	}
}

func TestGreeting(t *testing.T) {
	mailer := newMailer(t, mail.Settings{})
	for _, c := range []struct{ language, salutation, first, last, want string }{
		{"de", "ms", "Anna", "Muster", "Guten Tag Frau Muster"},
		{"de", "mr", "Max", "Muster", "Guten Tag Herr Muster"},
		{"de", "mx", "Anna", "Muster", "Guten Tag Anna Muster"},
		{"de", "none", "Anna", "Muster", "Guten Tag Anna Muster"},
		{"de", "ms", "Anna", "", "Guten Tag Anna"},
		{"de", "", "", "", "Guten Tag"},
		{"de", "mr", "", "", "Guten Tag"},
		{"en", "ms", "Anna", "Muster", "Hello Anna Muster"},
		{"en", "mr", "", "Muster", "Hello Mr Muster"},
		{"en", "none", "", "texter", "Hello texter"},
		{"en", "", "", "", "Hello"},
	} {
		m := sample(staff.MailInvite, staff.Language(c.language))
		m.Data.Salutation, m.Data.FirstName, m.Data.LastName = c.salutation, c.first, c.last
		_, text, _, err := mailer.Render(m, testLink, start)
		if got, _, _ := strings.Cut(text, "\n"); err != nil || got != c.want {
			t.Errorf("%+v: %q, %v", c, got, err)
		}
	}
}

func TestTimesInWords(t *testing.T) {
	for _, c := range []struct {
		left   time.Duration
		de, en string
	}{
		{72 * time.Hour, "72 Stunden", "72 hours"},
		{72*time.Hour - time.Second, "72 Stunden", "72 hours"},
		{72*time.Hour - 2*time.Minute, "71 Stunden", "71 hours"},
		{7 * 24 * time.Hour, "7 Tage", "7 days"},
		{24 * time.Hour, "24 Stunden", "24 hours"},
		{time.Hour, "1 Stunde", "1 hour"},
		{58 * time.Minute, "59 Minuten", "59 minutes"},
		{time.Second, "1 Minute", "1 minute"},
	} {
		if de, en := mail.Duration(staff.German, c.left), mail.Duration(staff.English, c.left); de != c.de || en != c.en {
			t.Errorf("%v: %q and %q, want %q and %q", c.left, de, en, c.de, c.en)
		}
	}
	march := time.Date(2027, 3, 1, 7, 5, 59, 0, time.FixedZone("", 3600)).UnixMilli()
	if de, en := mail.Moment(staff.German, march), mail.Moment(staff.English, march); de != "1. März 2027, 06:05 Uhr (UTC)" || en != "1 March 2027, 06:05 (UTC)" {
		t.Errorf("%q and %q", de, en)
	}
}

func TestCustomTemplates(t *testing.T) {
	const text, html = "Subject: Komm zu {{.Account}}\r\n\r\nHallo {{.FirstName}}, {{.Link}}\r\n", "<p>Hallo {{.FirstName}}</p>{{template \"button\" .Button \"Los\"}}"
	dir := templateDir(t, map[string]string{"invite.de.txt": text, "invite.de.html": html, ".git": "ignore me"})
	mailer := newMailer(t, mail.Settings{Host: "mx.example.ch", From: "portal@example.ch", Templates: dir})
	subject, body, rich, err := mailer.Render(sample(staff.MailInvite, staff.German), testLink, start)
	if err != nil || subject != "Komm zu ACME AG" || body != "Hallo Anna, "+testLink+"\n" || !strings.Contains(rich, "<p>Hallo Anna</p>") || !strings.Contains(rich, ">Los</a>") {
		t.Errorf("%q %q %q %v", subject, body, rich, err)
	}
	if subject, _, _, err := mailer.Render(sample(staff.MailInvite, staff.English), testLink, start); err != nil || !strings.HasPrefix(subject, "Your invitation") {
		t.Errorf("the built-in one is not used for the rest: %q, %v", subject, err)
	}
}

func templateDir(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestBrokenTemplates(t *testing.T) {
	for name, c := range map[string]struct{ file, content, want string }{
		"misspelt name":     {"invit.de.txt", "Subject: x\n\n{{.Link}}", "invit.de.txt is no template; did you mean invite.de.txt?"},
		"unknown kind":      {"README.md", "x", "README.md is no template"},
		"no subject":        {"invite.de.txt", "Hallo\n\n{{.Link}}", `invite.de.txt:1: begin it with a line "Subject: …"`},
		"empty subject":     {"invite.de.txt", "Subject: \n\n{{.Link}}", "invite.de.txt:1: "},
		"no empty line":     {"invite.de.txt", "Subject: x\n{{.Link}}", "invite.de.txt:2: leave it empty"},
		"syntax":            {"reset.en.txt", "Subject: x\n\n{{.Link}\n", "reset.en.txt:3: "},
		"unknown field":     {"reset.en.txt", "Subject: x\n\nHello\n{{.Nmae}} {{.Link}}\n", "reset.en.txt:4:"},
		"in one branch":     {"invite.en.txt", "Subject: x\n\n{{.Link}}\n{{if .All}}{{.Everything}}{{end}}", "invite.en.txt:4:"},
		"unknown function":  {"invite.en.html", "<p>\n{{upper .Account}}</p>", "invite.en.html:2: "},
		"HTML field":        {"invite.en.html", "<p>\n{{.Nmae}} {{.Link}}</p>", "invite.en.html:2:"},
		"no link":           {"confirm.de.txt", "Subject: x\n\nHallo", "confirm.de.txt leaves out the link"},
		"no link in HTML":   {"confirm.de.html", "<p>Hallo</p>", "confirm.de.html leaves out the link"},
		"layout":            {"layout.html", "<html>\n<body>{{.Contnet}}{{define \"button\"}}{{end}}", "layout.html:2:"},
		"layout, no button": {"layout.html", "<html><body>{{.Content}}</body></html>", "layout.html does not fit the built-in invite.de.html:"},
		"layout, no body":   {"layout.html", `<html>{{define "button"}}{{.Link}}{{end}}</html>`, "layout.html leaves out the link"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := templateDir(t, map[string]string{c.file: c.content})
			_, err := mail.NewMailer(mail.Settings{Host: "mx.example.ch", From: "portal@example.ch", Templates: dir})
			refuses(t, err, staff.CodeInvalid, "mail.templates", c.want)
			if !strings.HasPrefix(err.Error(), dir) {
				t.Errorf("the file is not named: %v", err)
			}
		})
	}
	_, err := mail.NewMailer(mail.Settings{Host: "mx.example.ch", From: "portal@example.ch", Templates: "nowhere"})
	refuses(t, err, staff.CodeNotFound, "mail.templates", "nowhere")
}

func refuses(t *testing.T, err error, code staff.Code, field, want string) {
	t.Helper()
	e, ok := err.(*staff.Error) //nolint:errorlint // it is to be the error itself
	if !ok || e.Code != code || e.Field != field || !strings.Contains(e.Message, want) {
		t.Fatalf("%#v %v, want %s of %s with %q", err, err, code, field, want)
	}
}
