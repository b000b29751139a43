//go:build unix

package cmd

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/staffctl/staffctl/internal/rqlitetest"
)

// TestOutcomeUnknown: a write is carried out, and neither its answer nor any later
// one arrives. The command ends with 10 and says by which id the commit is found.
func TestOutcomeUnknown(t *testing.T) {
	t.Parallel()
	node := rqlitetest.ForTest(t, rqlitetest.Options{}).Nodes[0]
	target, err := url.Parse(node.URL())
	if err != nil {
		t.Fatal(err)
	}
	var deaf atomic.Bool
	proxy := httputil.NewSingleHostReverseProxy(target)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if deaf.Load() {
			panic(http.ErrAbortHandler) // closes the connection
		}
		if r.URL.Path != "/db/execute" {
			proxy.ServeHTTP(w, r)
			return
		}
		deaf.Store(true)
		proxy.ServeHTTP(httptest.NewRecorder(), r)
		panic(http.ErrAbortHandler)
	}))
	t.Cleanup(server.Close)
	env := promptHome(t)
	env = slices.Clip(env) // both lists begin with it
	direct := append(env, "STAFFCTL_STORE=rqlite://"+node.Addr)
	staffctl(t, direct, "", "init", "acme", "-q")
	cmd := exec.CommandContext(t.Context(), "staffctl", "member", "add", "anna.muster@example.ch", "--first-name", "Anna", "--last-name", "Muster")
	cmd.Env = append(env, "STAFFCTL_STORE=rqlite://"+strings.TrimPrefix(server.URL, "http://"))
	text, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 10 {
		t.Fatalf("ended with %v: %s", err, text)
	}
	named := regexp.MustCompile(`whether commit ([0-9]+) took effect`).FindSubmatch(text)
	if named == nil {
		t.Fatalf("no commit is named: %s", text)
	}
	audit := staffctl(t, direct, "", "audit", "list", "--action", "member.add", "-o", "csv", "--no-headers", "--columns", "commit_id")
	if audit != string(named[1])+"\n" {
		t.Errorf("the audit has %q, the message names %s", audit, named[1])
	}
}
