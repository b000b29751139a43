package cmd

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/mail"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/net/html"
)

// cmdMailServer starts a mail server for the script and points staffctl to it.
// The n-th mail that it takes is the file mail<n>.txt: To, Subject, a blank
// line and the text part.
func cmdMailServer(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 0 {
		ts.Fatalf("usage: mailserver")
	}
	env, stop, err := startMailServer(ts.Getenv("WORK"))
	ts.Check(err)
	ts.Defer(func() {
		if err := stop(); err != nil {
			ts.Logf("mail server: %v", err)
		}
	})
	for name, value := range env {
		ts.Setenv(name, value)
	}
}

// startMailServer starts a mail server that puts mails into a directory. It
// returns the variables that point staffctl to it.
func startMailServer(dir string) (env map[string]string, stop func() error, err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, nil, err
	}
	server := smtp.NewServer(&mailbox{dir: dir})
	server.Domain = "localhost"
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	stop = func() error {
		_ = server.Close()
		_ = listener.Close() // which Close does not know where Serve has not begun
		if err := <-served; err != nil && !errors.Is(err, smtp.ErrServerClosed) && !errors.Is(err, net.ErrClosed) {
			return err
		}
		return nil
	}
	_, port, err := net.SplitHostPort(listener.Addr().String())
	return map[string]string{"STAFFCTL_MAIL_HOST": "127.0.0.1", "STAFFCTL_MAIL_PORT": port, "STAFFCTL_MAIL_TLS": "none",
		"STAFFCTL_MAIL_FROM": "Portal <portal@example.ch>"}, stop, err
}

// mailbox takes every mail but those to refused@… and, the first time, to later@….
type mailbox struct {
	dir  string
	mu   sync.Mutex
	n    int
	told bool
}

func (b *mailbox) NewSession(*smtp.Conn) (smtp.Session, error) { return &delivery{box: b}, nil }

type delivery struct {
	box *mailbox
	to  string
}

func (d *delivery) Mail(string, *smtp.MailOptions) error { return nil }
func (d *delivery) Reset()                               {}
func (d *delivery) Logout() error                        { return nil }

func (d *delivery) Rcpt(to string, _ *smtp.RcptOptions) error {
	d.to = to
	d.box.mu.Lock()
	defer d.box.mu.Unlock()
	switch name, _, _ := strings.Cut(to, "@"); {
	case name == "refused":
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such mailbox"}
	case name == "later" && !d.box.told:
		d.box.told = true
		return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 7, 1}, Message: "try again in a while"}
	default:
		return nil
	}
}

func (d *delivery) Data(r io.Reader) error {
	message, err := mail.ReadMessage(r)
	if err != nil {
		return err
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(message.Header.Get("Subject"))
	if err != nil {
		return err
	}
	text, err := textPart(message)
	if err != nil {
		return err
	}
	d.box.mu.Lock()
	defer d.box.mu.Unlock()
	d.box.n++
	content := fmt.Sprintf("To: %s\nSubject: %s\n\n%s", d.to, subject, strings.ReplaceAll(text, "\r\n", "\n"))
	return os.WriteFile(filepath.Join(d.box.dir, fmt.Sprintf("mail%d.txt", d.box.n)), []byte(content), 0o600)
}

// textPart returns the text of a mail of a text and an HTML part.
func textPart(message *mail.Message) (string, error) {
	_, params, err := mime.ParseMediaType(message.Header.Get("Content-Type"))
	if err != nil {
		return "", err
	}
	parts := multipart.NewReader(message.Body, params["boundary"])
	for {
		part, err := parts.NextRawPart()
		if err != nil {
			return "", err
		}
		if strings.HasPrefix(part.Header.Get("Content-Type"), "text/plain") {
			var body io.Reader = part
			if part.Header.Get("Content-Transfer-Encoding") == "quoted-printable" {
				body = quotedprintable.NewReader(part)
			}
			text, err := io.ReadAll(body)
			return string(text), err
		}
	}
}

// cmdSMSGateway starts a gateway for the script and points staffctl to it. The
// n-th message that it takes is the file sms<n>.txt: the number, and the text.
func cmdSMSGateway(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 0 {
		ts.Fatalf("usage: smsgateway")
	}
	var mu sync.Mutex
	n := 0
	gateway := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		n++
		_ = os.WriteFile(ts.MkAbs(fmt.Sprintf("sms%d.txt", n)), []byte(r.FormValue("to")+"\n"+r.FormValue("text")+"\n"), 0o600)
	}))
	ts.Defer(gateway.Close)
	ts.Setenv("STAFFCTL_SMS_URL", gateway.URL+"/?to={{.Number | urlquery}}&text={{.Text | urlquery}}")
	ts.Setenv("STAFFCTL_SMS_COUNTRIES", "CH,DE")
}

var tanPattern = regexp.MustCompile(`\b[0-9]{6}\b`)

// cmdTAN puts the TAN of a message into $TAN.
func cmdTAN(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: tan FILE")
	}
	ts.Setenv("TAN", tanPattern.FindString(ts.ReadFile(args[0])))
}

// cmdAwait waits until a file is there that somebody in the background writes.
func cmdAwait(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: await FILE")
	}
	for range 1000 {
		if _, err := os.Stat(ts.MkAbs(args[0])); err == nil {
			return
		}
		<-time.After(10 * time.Millisecond)
	}
	ts.Fatalf("%s does not come", args[0])
}

// cmdPortal chooses where `staffctl serve` is to listen.
func cmdPortal(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 0 {
		ts.Fatalf("usage: portal")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	ts.Setenv("STAFFCTL_SERVE_LISTEN", listener.Addr().String())
	ts.Setenv("STAFFCTL_PUBLIC_URL", "http://"+listener.Addr().String())
	ts.Check(listener.Close())
}

// browser is what a script visits pages with.
type browser struct {
	http.Client
	at   *url.URL
	page *html.Node
}

func newBrowser() (*browser, error) {
	jar, err := cookiejar.New(nil)
	return &browser{Client: http.Client{Jar: jar}}, err
}

// open sends a request and keeps the page that it ends on; what the script
// reads of it is in page.txt.
func (b *browser) open(ts *testscript.TestScript, request *http.Request) {
	request.Header.Set("Accept-Language", "de")
	response, err := b.Do(request)
	for tries := 0; errors.Is(err, syscall.ECONNREFUSED) && tries < 1000; tries++ { // serve is starting
		<-time.After(10 * time.Millisecond)
		response, err = b.Do(request)
	}
	ts.Check(err)
	defer func() { _ = response.Body.Close() }()
	b.at = response.Request.URL
	b.page, err = html.Parse(response.Body)
	ts.Check(err)
	var text strings.Builder
	fmt.Fprintf(&text, "%d %s\n", response.StatusCode, b.at.Path)
	for node := range b.page.Descendants() {
		hidden := node.Parent != nil && (node.Parent.Data == "style" || node.Parent.Data == "script")
		if line := strings.Join(strings.Fields(node.Data), " "); node.Type == html.TextNode && line != "" && !hidden {
			text.WriteString(line + "\n")
		}
		if value := attribute(node, "value"); node.Data == "input" && value != "" && attribute(node, "type") != "hidden" {
			text.WriteString("[" + value + "]\n")
		}
	}
	ts.Check(os.WriteFile(ts.MkAbs("page.txt"), []byte(text.String()), 0o600))
}

var webLink = regexp.MustCompile(`https?://[^\s<>"]+`)

// cmdVisit opens an address, or the first link in a file, as a browser does.
func cmdVisit(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: visit URL|FILE")
	}
	address := args[0]
	if !strings.HasPrefix(address, "http") {
		address = webLink.FindString(ts.ReadFile(address))
	}
	request, err := http.NewRequest(http.MethodGet, address, nil)
	ts.Check(err)
	ts.Value("browser").(*browser).open(ts, request)
}

// cmdSubmit fills the fields of the form on the page that has them, and sends it.
func cmdSubmit(ts *testscript.TestScript, neg bool, args []string) {
	b := ts.Value("browser").(*browser)
	if neg || b.page == nil {
		ts.Fatalf("usage: submit NAME=VALUE… on a page")
	}
	typed := map[string]string{}
	for _, arg := range args {
		name, value, _ := strings.Cut(arg, "=")
		typed[name] = value
	}
	for node := range b.page.Descendants() {
		if values, fits := fill(node, typed); fits {
			action, err := b.at.Parse(attribute(node, "action"))
			ts.Check(err)
			request, err := http.NewRequest(http.MethodPost, action.String(), bytes.NewBufferString(values.Encode()))
			ts.Check(err)
			request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			request.Header.Set("Origin", b.at.Scheme+"://"+b.at.Host)
			b.open(ts, request)
			return
		}
	}
	ts.Fatalf("the page has no form with the fields %v:\n%s", args, ts.ReadFile("page.txt"))
}

// fill returns what a form sends with the fields typed, if it has them all.
func fill(form *html.Node, typed map[string]string) (url.Values, bool) {
	values := url.Values{}
	if form.Type != html.ElementNode || form.Data != "form" || attribute(form, "method") != "post" {
		return nil, false
	}
	list := "" // the select at hand
	for node := range form.Descendants() {
		switch name := attribute(node, "name"); {
		case node.Data == "input" && name != "":
			values.Set(name, attribute(node, "value"))
		case node.Data == "select":
			list = name
		case node.Data == "option" && (!values.Has(list) || slices.ContainsFunc(node.Attr, func(a html.Attribute) bool { return a.Key == "selected" })):
			values.Set(list, attribute(node, "value"))
		}
	}
	for name, value := range typed {
		if !values.Has(name) {
			return nil, false
		}
		values.Set(name, value)
	}
	return values, true
}

func attribute(node *html.Node, name string) string {
	for _, a := range node.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}
