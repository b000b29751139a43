package rqlite_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// mishap is what a proxy does to a request and its answer.
type mishap func(x *exchange)

// script has the requests of a kind meet a mishap each, first to last, and all
// that follow the rest; nil passes on.
type script struct {
	first []mishap
	rest  mishap
}

func once(first ...mishap) script { return script{first: first} }
func always(m mishap) script      { return script{rest: m} }

// proxy stands in front of a server and speaks HTTP as that does.
type proxy struct {
	*httptest.Server
	t      testing.TB
	addr   string // host:port, as server
	server string
	cancel func() // what ends the command under way

	mu            sync.Mutex
	writes, reads script
	seen          []seen
}

// seen is a request that arrived at the proxy.
type seen struct {
	write bool
	query url.Values
	body  []byte
}

func newProxy(t testing.TB, server string) *proxy {
	t.Helper()
	p := &proxy{t: t, server: server}
	p.Server = httptest.NewServer(p)
	t.Cleanup(p.Close)
	p.addr = p.Listener.Addr().String()
	return p
}

// follow begins scripts for writes and for reads, and forgets what was seen.
func (p *proxy) follow(writes, reads script) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.writes, p.reads, p.seen = writes, reads, nil
}

// requests are the writes, or the reads, that arrived since the scripts began.
func (p *proxy) requests(write bool) []seen {
	p.mu.Lock()
	defer p.mu.Unlock()
	var some []seen
	for _, s := range p.seen {
		if s.write == write {
			some = append(some, s)
		}
	}
	return some
}

// next notes the request and returns what befalls it.
func (p *proxy) next(s seen) mishap {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.seen = append(p.seen, s)
	to := &p.reads
	if s.write {
		to = &p.writes
	}
	m := to.rest
	if len(to.first) > 0 {
		m, to.first = to.first[0], to.first[1:]
	}
	if m == nil {
		return passOn
	}
	return m
}

// ServeHTTP does as the scripts say.
func (p *proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // a request that was broken off
	}
	x := &exchange{proxy: p, w: w, r: r, body: body}
	p.next(seen{strings.HasPrefix(r.URL.Path, "/db/execute"), r.URL.Query(), body})(x)
}

// exchange is a request at the proxy.
type exchange struct {
	*proxy
	w    http.ResponseWriter
	r    *http.Request
	body []byte
}

// reply is what the server answers.
type reply struct {
	status int
	header http.Header
	text   []byte
}

// ask sends the request to the server, as often as it is called.
func (x *exchange) ask() reply {
	req, err := http.NewRequest(x.r.Method, "http://"+x.server+x.r.URL.RequestURI(), bytes.NewReader(x.body))
	if err != nil {
		x.t.Error(err)
		return reply{status: http.StatusBadGateway}
	}
	req.Header = x.r.Header.Clone()
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		return reply{status: http.StatusBadGateway, text: []byte(err.Error())}
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		x.t.Error(err)
	}
	return reply{res.StatusCode, res.Header, text}
}

func (x *exchange) give(r reply) {
	for _, name := range []string{"Content-Type", "Location"} {
		if v := r.header.Get(name); v != "" {
			x.w.Header().Set(name, v)
		}
	}
	x.w.Header().Set("Content-Length", strconv.Itoa(len(r.text)))
	x.w.WriteHeader(r.status)
	_, _ = x.w.Write(r.text)
}

// close ends the connection after what was said.
func (x *exchange) close(said string) {
	conn, _, err := http.NewResponseController(x.w).Hijack()
	if err != nil {
		x.t.Error(err)
		return
	}
	_, _ = io.WriteString(conn, said)
	_ = conn.Close()
}
