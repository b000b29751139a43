// Package rqlite runs the statements of package sqlstore on a cluster of rqlite
// servers, through their HTTP API. It is a client of its own, since the common
// ones send a write again after any failure, or drop the errors of statements.
package rqlite

import (
	"context"
	"fmt"
	"iter"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/staffctl/staffctl/internal/sqlstore"
	"github.com/staffctl/staffctl/internal/staff"
)

// Options say where a cluster is and how to get in.
type Options struct {
	// Hosts are the HTTP addresses of its nodes, host:port: one at least, and
	// better all, since any of them may be down.
	Hosts []string
	// TLS speaks HTTPS. CAFile has the authorities that sign the nodes'
	// certificates, "" those of the system; CertFile and KeyFile are what the
	// client shows, if anything. All are PEM.
	TLS                       bool
	CAFile, CertFile, KeyFile string
	// User and Password are for basic authentication, "" for none.
	User     string
	Password staff.Secret
	// ReadOnly refuses to write.
	ReadOnly bool
	// Patience is how long to wait for a cluster that does not answer or has no
	// leader; 0 is 15 s.
	Patience time.Duration
	// Attempt is how long to wait for the answer of a node; 0 is 5 s. A batch gets
	// more for its size.
	Attempt time.Duration
	// OnWait is told once, if at all, why no node has answered yet.
	OnWait func(why error)
}

// How long things may take.
const (
	defaultPatience = 15 * time.Second
	defaultAttempt  = 5 * time.Second
	dialTime        = time.Second // less than the shortest attempt
	timeAMegabyte   = 4 * time.Second
	backupTime      = time.Hour
	searchTime      = 10 * time.Minute
)

// limits are what suits a cluster: an entry of the Raft log is sent and kept
// whole, and an answer too.
var limits = sqlstore.Limits{Bytes: 1 << 20, Page: 5000}

// Cluster is a [sqlstore.Executor] on a cluster of rqlite servers.
type Cluster struct {
	options Options
	name    string
	client  *http.Client
	// node is the address to ask first: the leader, or who answered last.
	node atomic.Pointer[string]
	// forward is set while a leader cannot be reached at the address that the
	// others name: then they pass requests on to it.
	forward atomic.Bool
	told    atomic.Bool
}

var _ sqlstore.Executor = (*Cluster)(nil)

// Open prepares to use a cluster, and contacts nobody yet. It is CodeInvalid or
// CodeNotFound where a certificate cannot be read.
func Open(o Options) (*Cluster, error) {
	transport := &http.Transport{
		DialContext:         (&net.Dialer{Timeout: dialTime}).DialContext,
		TLSHandshakeTimeout: dialTime,
		MaxIdleConnsPerHost: 16,
		IdleConnTimeout:     30 * time.Second,
	}
	scheme := "rqlite"
	if !o.TLS && o.CAFile+o.CertFile+o.KeyFile != "" {
		return nil, staff.Errorf(staff.CodeInvalid, "store", "certificates are for an address that begins with rqlites://; without TLS the password would be readable on the way")
	}
	if o.TLS {
		settings, err := o.tlsConfig()
		if err != nil {
			return nil, err
		}
		scheme, transport.TLSClientConfig = "rqlites", settings
	}
	if o.Patience == 0 {
		o.Patience = defaultPatience
	}
	if o.Attempt == 0 {
		o.Attempt = defaultAttempt
	}
	c := &Cluster{options: o, client: &http.Client{Transport: transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	address := url.URL{Scheme: scheme, Host: strings.Join(o.Hosts, ",")}
	if o.User != "" {
		address.User = url.User(o.User)
	}
	c.name = address.String()
	c.node.Store(&o.Hosts[0])
	return c, nil
}

// Name is the address of the cluster, without a password.
func (c *Cluster) Name() string { return c.name }

// Limits are 1 MB of rows a batch and 5,000 rows a page.
func (c *Cluster) Limits() sqlstore.Limits { return limits }

// Close ends the use of the cluster.
func (c *Cluster) Close() error {
	c.client.CloseIdleConnections()
	return nil
}

// Write carries out the statements in one transaction. It waits for a cluster
// without a leader, and does not send again what may have been carried out.
func (c *Cluster) Write(ctx context.Context, b sqlstore.Batch) error {
	if c.options.ReadOnly {
		return staff.Errorf(staff.CodeUnavailable, "store", "%s was opened for reading; nothing was changed", c.name)
	}
	body := encode(b.Statements)
	attempt := c.options.Attempt + time.Duration(max(b.Bytes, len(body)))*timeAMegabyte>>20
	a, err := c.ask(ctx, request{path: "/db/execute", query: "transaction&noparse", body: body, attempt: attempt, once: true})
	if err != nil {
		return err
	}
	for _, r := range a.Results {
		if r.Error != "" { // those before it look successful, and are rolled back
			return c.translate(r.Error, staff.ErrRefused)
		}
	}
	if len(a.Results) != len(b.Statements) {
		return fmt.Errorf("%w: %d results for %d statements", sqlstore.ErrUnknown, len(a.Results), len(b.Statements))
	}
	return nil
}

// Read answers the queries in one read transaction of the leader, which has
// made sure that it is one still.
func (c *Cluster) Read(ctx context.Context, queries []sqlstore.Statement) ([][]string, error) {
	if len(queries) == 0 {
		return nil, nil // which rqlite would refuse
	}
	a, err := c.ask(ctx, request{path: "/db/query", query: "level=linearizable&linearizable_timeout=1s&transaction", body: encode(queries), attempt: c.options.Attempt})
	if err != nil {
		return nil, err
	}
	return c.rows(a, len(queries))
}

// Search answers a query of the leader, as Read does, and gives it minutes.
func (c *Cluster) Search(ctx context.Context, query sqlstore.Statement) ([]string, error) {
	a, err := c.ask(ctx, request{path: "/db/query", query: "level=linearizable&linearizable_timeout=1s", body: encode([]sqlstore.Statement{query}), attempt: searchTime, long: true})
	if err != nil {
		return nil, err
	}
	answers, err := c.rows(a, 1)
	if err != nil {
		return nil, err
	}
	return answers[0], nil
}

// Stream answers a query of the leader: the rows arrive all at once. A list may
// miss what a leader unknown to this one has just written.
func (c *Cluster) Stream(ctx context.Context, query sqlstore.Statement) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		a, err := c.ask(ctx, request{path: "/db/query", query: "level=weak", body: encode([]sqlstore.Statement{query}), attempt: c.options.Attempt + timeAMegabyte})
		if err == nil {
			var answers [][]string
			if answers, err = c.rows(a, 1); err == nil {
				for _, text := range answers[0] {
					if !yield(text, nil) {
						return
					}
				}
				return
			}
		}
		yield("", err)
	}
}

// rows takes the one column of each answer.
func (c *Cluster) rows(a *answer, want int) ([][]string, error) {
	for _, r := range a.Results {
		if r.Error != "" {
			return nil, c.translate(r.Error, sqlstore.ErrSQL)
		}
	}
	if len(a.Results) != want {
		return nil, staff.Errorf(staff.CodeUnavailable, "store", "%s gave %d answers to %d questions", c.name, len(a.Results), want)
	}
	answers := make([][]string, want)
	for i, r := range a.Results {
		for _, values := range r.Values {
			if len(values) != 1 {
				return nil, staff.Errorf(staff.CodeUnavailable, "store", "%s answered a row of %d columns instead of one", c.name, len(values))
			}
			answers[i] = append(answers[i], values[0])
		}
	}
	return answers, nil
}
