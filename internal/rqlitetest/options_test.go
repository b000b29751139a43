package rqlitetest

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestOptions(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ca := must(NewAuthority(dir, "ca"))(t)
	cert, key, err := ca.Issue("node")
	if err != nil {
		t.Fatal(err)
	}
	o := Options{
		Nodes:       3,
		Dir:         filepath.Join(dir, "cluster"),
		ForeignKeys: []bool{false, true},
		AuthFile: write(t, dir, "accounts", `[{"username":"reader","password":"r","perms":["query"]},
			{"username":"admin","password":"a","perms":["all"]}]`),
		CertFile: cert, KeyFile: key, CAFile: ca.File, VerifyClient: true,
	}
	c := ForTest(t, o)
	mustSend(t, mustLead(t, c), "/db/execute", `CREATE TABLE kept (id INTEGER PRIMARY KEY)`)
	for i, want := range []string{"0", "1", "0"} {
		found := mustSend(t, c.Nodes[i], "/db/query?level=none", `SELECT CAST(foreign_keys AS TEXT) FROM pragma_foreign_keys`)
		if got := found[0].Values[0][0]; got != want {
			t.Errorf("node %d has foreign_keys = %s, not %s", i+1, got, want)
		}
	}
	o.AuthFile, o.VerifyClient = "", false
	nobody := must(newClient(&o))(t)
	if _, err := nobody.do(t.Context(), http.MethodGet, c.Nodes[0].URL()+"/status", nil); err == nil || !strings.Contains(err.Error(), "certificate required") {
		t.Errorf("without a certificate: %v", err)
	}
	stranger := *c.client
	stranger.account = account{}
	if _, err := stranger.do(t.Context(), http.MethodGet, c.Nodes[0].URL()+"/status", nil); err == nil || !strings.Contains(err.Error(), "401") {
		t.Errorf("without an account: %v", err)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	for _, n := range c.Nodes {
		if _, err := os.Stat(n.Dir); err != nil {
			t.Error(err)
		}
	}
	if again, err := Start(t.Context(), o); err == nil {
		again.Close()
		t.Error("a cluster was started where there is one")
	} else if _, err := os.Stat(c.Nodes[0].Dir); err != nil {
		t.Errorf("what was there is gone: %v", err)
	}
}

func write(t *testing.T, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
