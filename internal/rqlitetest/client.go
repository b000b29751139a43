package rqlitetest

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"
)

// answerTime is how long one look at a node may take before another is tried.
const answerTime = 5 * time.Second

// client asks nodes, with what the options say about HTTPS and accounts.
type client struct {
	http    *http.Client
	scheme  string
	account account
}

// account is one entry of rqlite's file of accounts.
type account struct {
	Username string   `json:"username"`
	Password string   `json:"password"`
	Perms    []string `json:"perms"`
}

func newClient(o *Options) (*client, error) {
	c := &client{scheme: "http"}
	transport := &http.Transport{} // without a proxy
	c.http = &http.Client{Transport: transport}
	if o.CertFile != "" {
		c.scheme = "https"
		// A test may have a certificate that is wrong on purpose.
		transport.TLSClientConfig = &tls.Config{InsecureSkipVerify: true}
	}
	if o.VerifyClient {
		pair, err := tls.LoadX509KeyPair(o.ClientCertFile, o.ClientKeyFile)
		if err != nil {
			return nil, fmt.Errorf("client certificate: %w", err)
		}
		transport.TLSClientConfig.Certificates = []tls.Certificate{pair}
	}
	if o.AuthFile == "" {
		return c, nil
	}
	var err error
	c.account, err = administrator(o.AuthFile)
	return c, err
}

// administrator is the first account of the file that may do all.
func administrator(path string) (account, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return account{}, err
	}
	var accounts []account
	if err := json.Unmarshal(text, &accounts); err != nil {
		return account{}, fmt.Errorf("%s: %w", path, err)
	}
	for _, a := range accounts {
		if a.Username != "*" && slices.Contains(a.Perms, "all") {
			return a, nil
		}
	}
	return account{}, fmt.Errorf("%s has no account with the permission all, which nodes join with and tests ask with", path)
}

// do sends one request and reads the answer, which is an error unless its
// status is 200.
func (c *client) do(ctx context.Context, method, url string, body any) ([]byte, error) {
	var content io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		content = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, method, url, content)
	if err != nil {
		return nil, err
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if c.account.Username != "" {
		req.SetBasicAuth(c.account.Username, c.account.Password)
	}
	res, err := c.http.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = res.Body.Close() }()
	answer, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s answers %d: %s", url, res.StatusCode, bytes.TrimSpace(answer))
	}
	return answer, err
}

// ready is nil when the node knows a leader, reaches it, and has what that had
// committed.
func (n *Node) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	_, err := n.client.do(ctx, http.MethodGet, n.URL()+"/readyz?sync&timeout=3s", nil)
	return err
}

// view is what a node thinks of its cluster.
type view struct {
	Store struct {
		Leader struct {
			ID string `json:"node_id"`
		} `json:"leader"`
		Raft struct {
			State string `json:"state"`
		} `json:"raft"`
	} `json:"store"`
}

// view asks the node who leads.
func (n *Node) view(ctx context.Context) (v view, err error) {
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	answer, err := n.client.do(ctx, http.MethodGet, n.URL()+"/status", nil)
	if err != nil {
		return v, err
	}
	return v, json.Unmarshal(answer, &v)
}

// result is what came of one statement.
type result struct {
	Error  string     `json:"error"`
	Values [][]string `json:"values"`
}

// send has the node run statements. An error of any is one of all.
func (n *Node) send(ctx context.Context, path string, statements ...string) ([]result, error) {
	text, err := n.client.do(ctx, http.MethodPost, n.URL()+path, statements)
	if err != nil {
		return nil, err
	}
	var answer struct {
		Error   string   `json:"error"`
		Results []result `json:"results"`
	}
	if err := json.Unmarshal(text, &answer); err != nil {
		return nil, err
	}
	problems := []string{answer.Error}
	for _, r := range answer.Results {
		problems = append(problems, r.Error)
	}
	if said := strings.TrimSpace(strings.Join(problems, " ")); said != "" {
		return nil, fmt.Errorf("node %s: %s", n.ID, said)
	}
	return answer.Results, nil
}
