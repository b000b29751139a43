package config_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/staffctl/staffctl/internal/config"
	"github.com/staffctl/staffctl/internal/staff"
)

func TestParseStore(t *testing.T) {
	for store, want := range map[string]*config.Cluster{
		"team.db":            nil,
		"/var/lib/x@y:1.db":  nil,
		`C:\data\team.db`:    nil,
		"rqlite://db":        {Hosts: []string{"db:4001"}},
		"rqlite://db:4401/":  {Hosts: []string{"db:4401"}},
		"rqlites://[::1]":    {TLS: true, Hosts: []string{"[::1]:4001"}},
		"rqlites://ci@a,b:1": {TLS: true, User: "ci", Hosts: []string{"a:4001", "b:1"}},
		"rqlite://a%40b@127.0.0.1:4001,[::1]:4003": {User: "a@b", Hosts: []string{"127.0.0.1:4001", "[::1]:4003"}},
	} {
		got, err := config.ParseStore(store)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%s: %v %s", store, err, diff)
		}
	}
}

func TestParseStoreRefuses(t *testing.T) {
	for store, want := range map[string]string{
		"rqlite://me:geheim@db":      "must not hold a password",
		"rqlite://:geheim@db":        "must not hold a password",
		"rqlite://me@x:geheim@db":    "must not hold a password",
		"rqlite://@db":               "must name a user",
		"rqlite://a%zz@db":           "must name a user",
		"rqlite://":                  "must name hosts",
		"rqlite://a,,b":              "must name hosts",
		"rqlite://a/geheim?x=y":      "must name hosts",
		"rqlite://admin:geheim":      "must name ports as numbers from 1 to 65535; look at the one at place 1",
		"rqlite://a:port":            "must name ports",
		"rqlite://a:70000":           "must name ports",
		"rqlite://a:":                "must name ports",
		"RQLITE://a":                 `"RQLITE:…" must be a file path`,
		"https://me:geheim@db:4001/": `"https:…" must be a file path, or begin with rqlite://`,
	} {
		_, err := config.ParseStore(store)
		wantError(t, err, staff.CodeInvalid, "store", want)
		if err != nil && strings.Contains(err.Error(), "geheim") {
			t.Errorf("%s: the message shows a password: %v", store, err)
		}
	}
}

func TestClusterInContext(t *testing.T) {
	m := newMachine(t, "contexts:\n  live:\n    store: rqlites://ci@a\n    store_password_file: secret\n    store_ca: ~/ca.pem\n")
	c := mustLoad(t, m, "--context", "live")
	want := []string{"rqlites://ci@a", m.dirs.Config + "/secret", m.home + "/ca.pem"}
	if diff := cmp.Diff(want, []string{c.Store, c.StorePasswordFile, c.StoreCA}); diff != "" {
		t.Error(diff)
	}
	changed, err := config.SetContext(m.path(), "live", config.Context{Store: "rqlite://b", StoreCA: "/other.pem"})
	if c := mustLoad(t, m, "--context", "live"); err != nil || !changed || c.Store != "rqlite://b" || c.StoreCA != "/other.pem" || c.StorePasswordFile != want[1] {
		t.Errorf("changed %v, %v: %+v", changed, err, c)
	}
}
