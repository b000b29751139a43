package sms_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/staffctl/staffctl/internal/sms"
	"github.com/staffctl/staffctl/internal/staff"
)

const (
	number = "+41795551234"
	tan    = "314159"
	text   = tan + ` ist Ihre TAN für "Müller & Söhne" <100 %>. Sie gilt 5 Minuten + nicht länger = #kurz\`
	token  = "Planted+Token&1=x"
)

// taken is what a gateway has got.
type taken struct {
	method, path, body string
	query              url.Values
	header             http.Header
}

// gateway answers every request with the status and keeps them.
func gateway(t *testing.T, status int) (address string, got *[]taken) {
	t.Helper()
	got = &[]taken{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		*got = append(*got, taken{r.Method, r.URL.Path, string(body), r.URL.Query(), r.Header})
		w.WriteHeader(status)
		_, _ = io.WriteString(w, "what it says does not count: "+string(body)+r.RequestURI)
	}))
	t.Cleanup(server.Close)
	return server.URL, got
}

// credentials writes a file of credentials.
func credentials(t *testing.T, lines string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "credentials")
	if err := os.WriteFile(name, []byte(lines), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func newGateway(t *testing.T, s sms.Settings) *sms.Gateway {
	t.Helper()
	if s.Countries == nil {
		s.Countries = []string{"CH"}
	}
	g, err := sms.New(s)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func send(t *testing.T, s sms.Settings, got *[]taken) taken {
	t.Helper()
	if err := newGateway(t, s).Send(t.Context(), number, text); err != nil {
		t.Fatal(err)
	}
	if len(*got) != 1 {
		t.Fatalf("the gateway has got %d requests", len(*got))
	}
	return (*got)[0]
}

func TestSendByGet(t *testing.T) {
	t.Parallel()
	address, got := gateway(t, http.StatusAccepted)
	r := send(t, sms.Settings{Method: http.MethodGet, CredentialsFile: credentials(t, "user=portal\npass="+token),
		URL: address + "/cgi-bin/sendsms?username={{.Credentials.user}}&password={{.Credentials.pass | urlquery}}&to={{.Number | urlquery}}&digits={{.Digits}}&text={{urlquery .Text}}"}, got)
	want := url.Values{"username": {"portal"}, "password": {token}, "to": {number}, "digits": {number[1:]}, "text": {text}}
	if r.method != http.MethodGet || r.path != "/cgi-bin/sendsms" || r.query.Encode() != want.Encode() || r.body != "" {
		t.Errorf("the gateway has got %+v", r)
	}
}

func TestSendByPost(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, method, kind, body, want string }{
		{"JSON", "", "application/json", `{"to": [{{json .Number}}], "text": {{json .Text}}, "key": {{.Credentials.token | json}}}`,
			`{"to": ["` + number + `"], "text": "` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "<", `\u003c`, ">", `\u003e`, "&", `\u0026`).Replace(text) + `", "key": "Planted+Token\u00261=x"}`},
		{"form", "POST", "application/x-www-form-urlencoded", "to={{.Digits}}&text={{.Text | urlquery}}", "to=" + number[1:] + "&text=" + url.QueryEscape(text)},
		{"XML", "PUT", "text/xml; charset=utf-8", "<sms><to>{{.Number}}</to><text>{{html .Text}}</text></sms>",
			"<sms><to>" + number + "</to><text>" + strings.NewReplacer("&", "&amp;", `"`, "&#34;", "<", "&lt;", ">", "&gt;").Replace(text) + "</text></sms>"},
		{"plain", "POST", "text/plain; charset=utf-8", "{{.Text}}", text},
		{"nothing", "POST", "", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			address, got := gateway(t, http.StatusOK)
			r := send(t, sms.Settings{URL: address + "/v1/{{.Digits}}/messages", Method: c.method, Body: c.body, CredentialsFile: credentials(t, "token = "+token+" \n"),
				Headers: map[string]string{"Content-Type": c.kind, "Authorization": "Bearer {{.Credentials.token}}", "x-to": "{{.Number}}"}}, got)
			method := c.method
			if method == "" {
				method = http.MethodPost
			}
			if r.method != method || r.path != "/v1/"+number[1:]+"/messages" || r.body != c.want {
				t.Errorf("the gateway has got %+v", r)
			}
			if h := r.header; h.Get("Authorization") != "Bearer "+token || h.Get("Content-Type") != c.kind || h.Get("X-To") != number {
				t.Errorf("the headers are %v", h)
			}
		})
	}
}

// A wrong setting is told at the start, with its key.
func TestNewRefuses(t *testing.T) {
	t.Parallel()
	const good = "https://sms.example.com/send"
	for _, c := range []struct {
		name     string
		settings sms.Settings
		key      string
		want     string // part of the message
	}{
		{"no template", sms.Settings{URL: good + "?a={{.Text"}, "sms.url", "sms.url is no template: 1: unclosed action"},
		{"no function", sms.Settings{URL: good, Body: "{{.Text | quoted}}"}, "sms.body", `function "quoted" not defined`},
		{"no header", sms.Settings{URL: good, Headers: map[string]string{"X-Key": "{{"}}, "sms.headers", "sms.headers X-Key is no template"},
		{"no field", sms.Settings{URL: good + "?a={{.Phone}}"}, "sms.url", "sms.url cannot be filled in at .Phone; the fields are .Number, .Digits, .Text and .Credentials.NAME"},
		{"no field in the body", sms.Settings{URL: good, Body: "{{.text}}"}, "sms.body", "at .text;"},
		{"no credential", sms.Settings{URL: good, Headers: map[string]string{"Authorization": "Bearer {{.Credentials.tokn}}"}}, "sms.headers", "sms.headers Authorization cannot be filled in at .Credentials.tokn;"},
		{"no address", sms.Settings{URL: "http://[::1?a={{.Text | urlquery}}"}, "sms.url", "sms.url makes no address"},
		{"no host", sms.Settings{URL: "/send"}, "sms.url", "sms.url makes no address"},
		{"a raw text", sms.Settings{URL: good + "?text={{.Text}}"}, "sms.url", "{{.Text | urlquery}}"},
		{"a raw number", sms.Settings{URL: good + "?to={{.Number}}"}, "sms.url", "write {{.Text | urlquery}}, and so for each value"},
		{"a raw credential", sms.Settings{URL: good + "?key={{.Credentials.token}}"}, "sms.url", "and so for each value"},
		{"quotes around", sms.Settings{URL: good, Body: `{"text": "{{.Text}}"}`}, "sms.body", "write {{json .Text}} without quotes"},
		{"quotes around JSON", sms.Settings{URL: good, Body: `{"text": "{{json .Text}}"}`}, "sms.body", "write {{json .Text}} without quotes"},
		{"no JSON", sms.Settings{URL: good, Body: `[{"text": {{json .Text}}},]`, Headers: map[string]string{"content-type": "Application/JSON"}}, "sms.body", "makes no JSON"},
		{"a raw text in a form", sms.Settings{URL: good, Body: "text={{.Text}}", Headers: map[string]string{"Content-Type": "application/x-www-form-urlencoded"}}, "sms.body", "breaks the form"},
		{"a raw text in XML", sms.Settings{URL: good, Body: "<text>{{.Text}}</text>"}, "sms.body", "write {{html .Text}}"},
		{"a body with GET", sms.Settings{URL: good, Method: "GET", Body: "{{.Text}}"}, "sms.body", "take POST or PUT"},
		{"lines in a header", sms.Settings{URL: good, Headers: map[string]string{"X-A": "a\r\nX-B: b"}}, "sms.headers", "sms.headers X-A gets a control character"},
		{"no countries", sms.Settings{URL: good, Countries: []string{}}, "sms.countries", "sms.countries is missing"},
		{"UK", sms.Settings{URL: good, Countries: []string{"CH", "UK"}}, "sms.countries", "GB"},
		{"no country", sms.Settings{URL: good, Countries: []string{"CH", "XX"}}, "sms.countries", `"XX"`},
		{"a calling code", sms.Settings{URL: good, Countries: []string{"41"}}, "sms.countries", `"41"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.settings.Countries == nil {
				c.settings.Countries = []string{"CH"}
			}
			c.settings.CredentialsFile = credentials(t, "token="+token)
			_, err := sms.New(c.settings)
			refused(t, err, staff.CodeInvalid, c.key, c.want)
		})
	}
}

// refused fails unless the error has the code, the field and the words, and tells
// none of the secrets.
func refused(t *testing.T, err error, code staff.Code, field, words string) {
	t.Helper()
	var e *staff.Error
	if !errors.As(err, &e) || e.Code != code || e.Field != field || !strings.Contains(e.Message, words) {
		t.Errorf("it says %v, and not %q", err, words)
	}
	for err := err; err != nil; err = errors.Unwrap(err) {
		for _, secret := range []string{token, url.QueryEscape(token), text, tan, number, number[1:], "/planted", "Planted"} {
			if said := fmt.Sprintf("%v %+v", err, err); strings.Contains(said, secret) {
				t.Errorf("the error %q tells %q", said, secret)
			}
		}
	}
}

// leaky is the settings of a gateway that are full of what no error may tell.
func leaky(t *testing.T, address string) sms.Settings {
	return sms.Settings{URL: address + "/planted/{{.Digits}}?key={{.Credentials.token | urlquery}}&text={{.Text | urlquery}}&to={{.Number | urlquery}}", Method: http.MethodGet,
		Headers: map[string]string{"Authorization": "Bearer {{.Credentials.token}}"}, CredentialsFile: credentials(t, "token="+token)}
}

func TestSendTellsOfStatus(t *testing.T) {
	t.Parallel()
	for _, status := range []int{200, 201, 202, 204} {
		address, _ := gateway(t, status)
		if err := newGateway(t, leaky(t, address)).Send(t.Context(), number, text); err != nil {
			t.Errorf("%d gives %v", status, err)
		}
	}
	for _, status := range []int{300, 304, 400, 401, 402, 403, 404, 429, 500, 502, 503, 599} {
		address, got := gateway(t, status)
		err := newGateway(t, leaky(t, address)).Send(t.Context(), number, text)
		refused(t, err, staff.CodeUnavailable, "sms.url", fmt.Sprintf("the SMS gateway answers %d and has not taken the message", status))
		if len(*got) != 1 {
			t.Errorf("after %d it was asked %d times", status, len(*got))
		}
	}
}

// Where a gateway leads is never followed, with whichever method.
func TestSendFollowsNobody(t *testing.T) {
	t.Parallel()
	elsewhere, got := gateway(t, http.StatusOK)
	for _, status := range []int{301, 302, 303, 307, 308} {
		for _, to := range []string{elsewhere, "/", "http://%zz/" + tan, ""} {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Location", to)
				w.WriteHeader(status)
			}))
			err := newGateway(t, leaky(t, server.URL)).Send(t.Context(), number, text)
			refused(t, err, staff.CodeUnavailable, "sms.url", fmt.Sprintf("answers %d", status))
			server.Close()
		}
	}
	if len(*got) != 0 {
		t.Errorf("it has followed: %v", *got)
	}
}

// answering is a server that reads a request and then does as it is told.
func answering(t *testing.T, answer func(net.Conn)) (address string, asked *atomic.Int64) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	asked = new(atomic.Int64)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			asked.Add(1)
			_, _ = conn.Read(make([]byte, 64<<10))
			answer(conn)
			_ = conn.Close()
		}
	}()
	t.Cleanup(func() {
		_ = listener.Close()
		<-done
	})
	return "http://" + listener.Addr().String(), asked
}

func TestSendTellsWhyThereIsNoAnswer(t *testing.T) {
	t.Parallel()
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	silent, _ := answering(t, func(net.Conn) {})
	odd, _ := answering(t, func(c net.Conn) { _, _ = io.WriteString(c, text+"\r\n\r\n") })
	echo, _ := answering(t, func(c net.Conn) { _, _ = io.WriteString(c, "HTTP/1.1 "+tan+" "+text+"\r\n"+text+"\r\n\r\n") })
	endless, _ := answering(t, func(c net.Conn) {
		_, err := io.WriteString(c, "HTTP/1.1 200 OK\r\n")
		for err == nil {
			_, err = io.WriteString(c, "X-More: "+strings.Repeat("x", 4096)+"\r\n")
		}
	})
	untrusted := httptest.NewUnstartedServer(http.NotFoundHandler())
	untrusted.Config.ErrorLog = log.New(io.Discard, "", 0)
	untrusted.StartTLS()
	t.Cleanup(untrusted.Close)
	plain, _ := gateway(t, http.StatusOK)
	for _, c := range []struct{ name, address, want string }{
		{"refused", "http://" + closed.Addr().String(), "the SMS gateway cannot be reached: connection refused"},
		{"closed", silent, "it closed the connection"},
		{"no HTTP", odd, "its answer cannot be understood"},
		{"an echo", echo, "its answer cannot be understood"},
		{"endless headers", endless, "its answer cannot be understood"},
		{"no such host", "http://planted.invalid", "its host name is not known"},
		{"a certificate of nobody", untrusted.URL, "its certificate is not trusted"},
		{"no TLS", strings.Replace(plain, "http:", "https:", 1), "it does not speak TLS"},
	} {
		t.Run(c.name, func(t *testing.T) {
			refused(t, newGateway(t, leaky(t, c.address)).Send(t.Context(), number, text), staff.CodeUnavailable, "sms.url", c.want)
		})
	}
}

// A gateway that takes the request and says nothing is waited for, not for ever.
func TestSendWaitsNotForEver(t *testing.T) {
	t.Parallel()
	free, asked := make(chan struct{}), make(chan struct{}, 2)
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		asked <- struct{}{}
		<-free
	}))
	t.Cleanup(server.Close)
	t.Cleanup(func() { close(free) })
	g := newGateway(t, leaky(t, server.URL))
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-asked
		cancel()
	}()
	err := g.Send(ctx, number, text)
	refused(t, err, staff.CodeUnavailable, "sms.url", "context canceled")
	if !errors.Is(err, context.Canceled) {
		t.Errorf("a visitor who is gone gives %v", err)
	}
	g.SetPeriod(time.Millisecond)
	refused(t, g.Send(t.Context(), number, text), staff.CodeUnavailable, "sms.url", "it did not answer in time")
}

// The body of an answer is not waited for: this one has no end.
func TestSendIgnoresBodies(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusOK)
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done() // until the other end has gone
	}))
	t.Cleanup(server.Close)
	if err := newGateway(t, leaky(t, server.URL)).Send(t.Context(), number, text); err != nil {
		t.Error(err)
	}
}

// A message is sent once: a gateway that closes an old connection instead of
// answering gets no GET again.
func TestSendRepeatsNothing(t *testing.T) {
	t.Parallel()
	first := true
	address, asked := answering(t, func(c net.Conn) {
		if first {
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
			_, _ = c.Read(make([]byte, 64<<10)) // what else comes on this connection has no answer
		}
		first = false
	})
	g := newGateway(t, leaky(t, address))
	if err := g.Send(t.Context(), number, text); err != nil {
		t.Fatal(err)
	}
	refused(t, g.Send(t.Context(), number, text), staff.CodeUnavailable, "sms.url", "it closed the connection")
	if asked.Load() != 2 {
		t.Errorf("2 messages made %d connections", asked.Load())
	}
}

func TestSendRefusesControlCharactersInHeaders(t *testing.T) {
	t.Parallel()
	address, got := gateway(t, http.StatusOK)
	g := newGateway(t, sms.Settings{URL: address, Headers: map[string]string{"X-Text": "{{.Text}}"}})
	refused(t, g.Send(t.Context(), number, "a\r\nX-Other: "+tan), staff.CodeInvalid, "sms.headers", "control character")
	if len(*got) != 0 {
		t.Error("it was sent")
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	// By the list of assigned codes of ITU-T E.164 and the numbering plans of
	// North America (NANPA) and of Russia and Kazakhstan.
	for number, want := range map[string]string{
		"+41795551234": "CH", "+4915112345678": "DE", "+436601234567": "AT", "+423780001234": "LI", "+33612345678": "FR", "+393331234567": "IT VA",
		"+12025550123": "US CA", "+14165550123": "US CA", "+18765550123": "JM", "+16585550123": "JM", "+17875550123": "PR", "+18095550123": "DO",
		"+12425550123": "BS", "+13405550123": "VI", "+16715550123": "GU", "+77011234567": "KZ", "+76001234567": "KZ", "+79161234567": "RU", "+78121234567": "RU",
		"+447911123456": "GB GG IM JE", "+353851234567": "IE", "+358401234567": "FI AX", "+35699123456": "MT", "+4791234567": "NO SJ", "+37799123456": "MC",
		"+38344123456": "XK", "+381601234567": "RS", "+420601123456": "CZ", "+421901123456": "SK", "+48501234567": "PL", "+905321234567": "TR",
		"+212612345678": "MA EH", "+262692123456": "RE YT", "+590690123456": "GP BL MF", "+61412345678": "AU CC CX", "+8613812345678": "CN", "+85251234567": "HK",
		"+886912345678": "TW", "+972501234567": "IL", "+970591234567": "PS", "+998901234567": "UZ",
		// Satellites, international services and codes that nobody has.
		"+881612345678": "", "+8835100012345": "", "+80012345678": "", "+97912345678": "", "+21012345678": "", "+999123456789": "", "+0123456789": "", "+": "", "": "",
	} {
		for _, country := range []string{"CH", "DE", "AT", "LI", "US", "CA", "JM", "PR", "KZ", "RU", "GB", "GG", "IT", "VA", "FI", "AX", "MA", "XK", "HK", "CN"} {
			g := newGateway(t, sms.Settings{URL: "https://sms.example.com", Countries: []string{country}})
			switch err := g.Check(number); {
			case slices.Contains(strings.Fields(want), country):
				if err != nil {
					t.Errorf("%s in %s: %v", number, country, err)
				}
			default:
				var e *staff.Error
				if !errors.As(err, &e) || e.Code != staff.CodeForbidden || e.Field != "number" || number != "+" && number != "" && strings.Contains(e.Message, number) {
					t.Errorf("%s in %s: %v", number, country, err)
				}
			}
		}
	}
}
