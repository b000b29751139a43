package rqlite

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/staffctl/staffctl/internal/sqlstore"
	"github.com/staffctl/staffctl/internal/staff"
)

// request is what a node is asked.
type request struct {
	path, query string
	body        []byte // nil asks by GET
	attempt     time.Duration
	// once: it is not asked again where it may have been carried out.
	once bool
	// long: it may take all of the attempt's time.
	long bool
}

// in is the request in a round through the hosts: what may be asked again goes on
// to the next node soon, and waits for longer in each round.
func (r request) in(round int) request {
	if !r.once && !r.long {
		r.attempt = r.attempt / 4 << min(round, 3)
	}
	return r
}

// answer is what a node says, in one of the forms that there are.
type answer struct {
	Results []struct {
		Values [][]string `json:"values"`
		Error  string     `json:"error"`
	} `json:"results"`
	Error string `json:"error"`
}

// fate is what has become of a request without an answer.
type fate int

const (
	unsent  fate = iota // it was certainly not carried out
	lost                // it may have been carried out, or may yet
	refused             // it will not be, however often it is sent
)

// failure is why there is no answer.
type failure struct {
	fate fate
	err  error
	to   string // the node to ask instead
	// unreachable: there was not even a connection.
	unreachable bool
	// behind: the leader waits for an entry of its log that will not come by itself.
	behind bool
}

// ask sends a request to one node after the other until one answers, for as long
// as the cluster's patience lasts. The error is sqlstore.ErrUnknown where a
// request was lost that is to be sent once.
func (c *Cluster) ask(ctx context.Context, r request) (*answer, error) {
	var a answer
	_, err := c.fetch(ctx, r, func(text []byte) *failure {
		a = answer{}
		return c.decode(text, r.once, &a)
	})
	return &a, err
}

// decode reads an answer, and finds out whether it is one.
func (c *Cluster) decode(text []byte, once bool, a *answer) *failure {
	switch err := json.Unmarshal(text, a); {
	case err != nil && !once && len(text) > 0 && text[0] != '{': // a page of somebody else
		return &failure{fate: refused, err: c.noRqlite(err)}
	case err != nil: // cut off
		return &failure{fate: lost, err: err}
	case a.Error == "":
		return nil
	case once && isConstraint(a.Error): // found at the end of the transaction
		return &failure{fate: refused, err: fmt.Errorf("%w: %s", staff.ErrRefused, a.Error)}
	default:
		return &failure{fate: fateOf(a.Error), err: errors.New(a.Error), behind: strings.Contains(a.Error, behind)}
	}
}

// unreachablePart is the part of the patience that is spent on a cluster none of
// whose nodes can be connected to: that is seldom a matter of seconds.
const unreachablePart = 5

// fetch is ask for an answer of any form, which check looks at.
func (c *Cluster) fetch(ctx context.Context, r request, check func([]byte) *failure) ([]byte, error) {
	patient, cancel := context.WithTimeout(ctx, c.options.Patience)
	defer cancel()
	hopeful, stop := context.WithTimeout(ctx, c.options.Patience/unreachablePart)
	defer stop()
	var t tour
	for {
		node, forwarding := c.node.Load(), c.forward.Load()
		text, f := c.send(ctx, *node, r.in(t.hosts/len(c.options.Hosts)))
		if f == nil && check != nil {
			f = check(text)
		}
		if f == nil {
			return text, nil
		}
		if f.behind {
			r.query = strings.Replace(r.query, "level=linearizable", "level=strong", 1)
		}
		telling := t.note(f)
		if err := c.giveUp(ctx, r, f, telling, patient.Err() != nil || telling.unreachable && hopeful.Err() != nil); err != nil {
			c.leave(node, t.hops > 0, forwarding)
			return nil, err
		}
		if f.to != "" && t.hops < maxRedirects {
			t.hops++
			c.node.Store(&f.to)
			continue
		}
		c.leave(node, t.hops > 0, forwarding)
		t.hosts, t.hops = t.hosts+1, 0
		if round := t.hosts / len(c.options.Hosts); t.hosts%len(c.options.Hosts) == 0 { // up to 100 ms at first, twice as long each time, 1 s at most
			c.tell(telling.err)
			_ = staff.Pause(ctx, min(50*time.Millisecond<<min(round, 5), time.Second))
		}
	}
}

// tour is the way of a request through the hosts.
type tour struct {
	hosts   int      // that have not answered
	hops    int      // redirects since the last of them
	telling *failure // the last that says more than that nobody listens
}

// note returns the failure that tells most of those so far.
func (t *tour) note(f *failure) *failure {
	if t.telling == nil || !f.unreachable || t.telling.unreachable {
		t.telling = f
	}
	return t.telling
}

// tell says once why an answer takes long: no node has given one.
func (c *Cluster) tell(why error) {
	if c.options.OnWait != nil && !c.told.Swap(true) {
		c.options.OnWait(why)
	}
}

// maxRedirects is how often in a row a request goes where a node sends it: in a
// cluster that chooses a leader, nodes may send it around.
const maxRedirects = 3

// giveUp returns the error that a request ends with, or nil where it is to be
// sent again.
func (c *Cluster) giveUp(ctx context.Context, r request, f, telling *failure, late bool) error {
	switch {
	case f.fate == refused:
		return f.err
	case f.fate == lost && r.once:
		return fmt.Errorf("%w: %w", sqlstore.ErrUnknown, f.err)
	case ctx.Err() != nil:
		return &staff.Error{Code: staff.CodeInterrupted, Message: "interrupted; nothing was changed", Cause: ctx.Err()}
	case late:
		return &staff.Error{Code: staff.CodeUnavailable, Field: "store", Cause: telling.err,
			Message: fmt.Sprintf("%s cannot be used; nothing was changed, look at its nodes and try again: %v", c.name, telling.err)}
	default:
		return nil
	}
}

// leave goes on to the host after the one that did not answer, unless another
// request has gone on. A leader that others named may be out of reach from here:
// then they are to pass on, until one that was to does not answer either.
func (c *Cluster) leave(node *string, named, forwarding bool) {
	i := slices.Index(c.options.Hosts, *node)
	switch {
	case named || i < 0:
		c.forward.Store(true)
	case forwarding:
		c.forward.Store(false)
	}
	next := c.options.Hosts[(i+1)%len(c.options.Hosts)]
	c.node.CompareAndSwap(node, &next)
}

// send asks one node. A write that is under way is not interrupted.
func (c *Cluster) send(ctx context.Context, node string, r request) ([]byte, *failure) {
	if ctx.Err() != nil {
		return nil, &failure{fate: unsent, err: ctx.Err()}
	}
	if r.once {
		ctx = context.WithoutCancel(ctx)
	}
	ctx, cancel := context.WithTimeout(ctx, r.attempt)
	defer cancel()
	req, err := c.newRequest(ctx, node, r)
	if err != nil {
		return nil, &failure{fate: refused, err: staff.Errorf(staff.CodeInvalid, "store", "%s: %w", c.name, err)}
	}
	response, err := c.client.Do(req)
	if err != nil {
		return nil, c.unanswered(err)
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(io.LimitReader(response.Body, 4096)) // of what is an error anyway
		return nil, c.status(response, string(text))
	}
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, &failure{fate: lost, err: err}
	}
	return text, nil
}

func (c *Cluster) newRequest(ctx context.Context, node string, r request) (*http.Request, error) {
	u := url.URL{Scheme: "http", Host: node, Path: r.path, RawQuery: r.query + "&timeout=" + r.attempt.String()}
	if r.path == "/db/query" { // a write that ended in some nodes only would part them
		u.RawQuery += "&db_timeout=" + r.attempt.String()
	}
	if c.options.TLS {
		u.Scheme = "https"
	}
	if !c.forward.Load() {
		u.RawQuery += "&redirect"
	}
	method := http.MethodGet
	var body io.Reader
	if r.body != nil {
		method, body = http.MethodPost, bytes.NewReader(r.body)
	}
	req, err := http.NewRequestWithContext(ctx, method, u.String(), body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	if c.options.User != "" {
		req.SetBasicAuth(c.options.User, string(c.options.Password))
	}
	return req, nil
}

// unanswered says what became of a request for which no answer began.
func (c *Cluster) unanswered(err error) *failure {
	var asked *url.Error
	if errors.As(err, &asked) { // whose text is the whole request
		err = asked.Err
	}
	var e *net.OpError
	switch {
	case errors.As(err, new(x509.HostnameError)):
		return &failure{fate: refused, err: &staff.Error{Code: staff.CodeUnavailable, Field: "store", Cause: err,
			Message: fmt.Sprintf("%s: %v; name its hosts as their certificates do", c.name, innermost(err))}}
	case isUntrusted(err):
		return &failure{fate: refused, err: &staff.Error{Code: staff.CodeUnavailable, Field: "store-ca", Cause: err,
			Message: fmt.Sprintf("the certificate of %s is not to be trusted: %v; name the authority that signed it with --store-ca", c.name, innermost(err))}}
	case errors.Is(err, http.ErrSchemeMismatch):
		return &failure{fate: refused, err: staff.Errorf(staff.CodeUnavailable, "store", "%s speaks HTTP and not HTTPS: its address begins with rqlite:// (%w)", c.name, err)}
	case errors.As(err, &e) && e.Op == "dial":
		return &failure{fate: unsent, unreachable: true, err: err}
	case errors.As(err, &e) && e.Op == "remote error": // an alert of TLS, so the node has not read the request
		return &failure{fate: refused, err: staff.Errorf(staff.CodeUnavailable, "store-cert", "%s refuses the client: %w; name its certificate with --store-cert and --store-key", c.name, e.Err)}
	default:
		return &failure{fate: lost, err: err}
	}
}

// status says what became of a request that was answered with another status than
// 200.
func (c *Cluster) status(r *http.Response, text string) *failure {
	text = strings.TrimSpace(text)
	err := fmt.Errorf("%s (%s)", text, r.Status)
	switch r.StatusCode {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		to, locationErr := r.Location()
		if locationErr != nil || to.Host == "" || (to.Scheme == "https") != c.options.TLS {
			c.forward.Store(true)
			return &failure{fate: unsent, err: err}
		}
		return &failure{fate: unsent, err: err, to: to.Host}
	case http.StatusUnauthorized, http.StatusForbidden:
		return &failure{fate: refused, err: c.unauthorized(r.Request.URL.Path)}
	case http.StatusBadRequest, http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusRequestEntityTooLarge:
		if !c.options.TLS && strings.Contains(text, "HTTPS server") { // as net/http answers
			err = staff.Errorf(staff.CodeUnavailable, "store", "%s speaks HTTPS and not HTTP: its address begins with rqlites:// (%w)", c.name, err)
			return &failure{fate: refused, err: err}
		}
		return &failure{fate: refused, err: c.noRqlite(err)}
	default:
		return &failure{fate: fateOf(text), err: err}
	}
}

// permissions are what a user needs for each path, as rqlite calls them.
var permissions = map[string]string{"/db/execute": "execute", "/db/query": "query", "/db/backup": "backup", "/nodes": "status", "/status": "status"}

func (c *Cluster) unauthorized(path string) error {
	if c.options.User == "" {
		return staff.Errorf(staff.CodeUnavailable, "store", "%s wants a user: name one in --store rqlite://USER@… and give --store-password-file", c.name)
	}
	return staff.Errorf(staff.CodeUnavailable, "store", "%s refuses user %s: check the password, and that the user has the permission %s", c.name, c.options.User, permissions[path])
}

func (c *Cluster) noRqlite(err error) error {
	return staff.Errorf(staff.CodeUnavailable, "store", "%s did not answer as rqlite does: %w; check the hosts of --store", c.name, err)
}
