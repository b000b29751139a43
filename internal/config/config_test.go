package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/pflag"

	"github.com/staffctl/staffctl/internal/config"
	"github.com/staffctl/staffctl/internal/staff"
)

// machine is a user's home with a configuration file and an environment.
type machine struct {
	home string
	dirs config.Dirs
	env  map[string]string
}

func newMachine(t testing.TB, file string) *machine {
	t.Helper()
	home := t.TempDir()
	m := &machine{home: home, env: map[string]string{"HOME": home, "USERPROFILE": home},
		dirs: config.Dirs{Config: filepath.Join(home, "conf"), Data: filepath.Join(home, "data")}}
	if file != "" {
		m.write(t, file)
	}
	return m
}

func (m *machine) path() string { return filepath.Join(m.dirs.Config, "config.yaml") }

func (m *machine) write(t testing.TB, file string) {
	t.Helper()
	if err := os.MkdirAll(m.dirs.Config, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(m.path(), []byte(file), 0o600); err != nil {
		t.Fatal(err)
	}
}

func (m *machine) lookup(name string) (string, bool) {
	value, ok := m.env[name]
	return value, ok
}

func (m *machine) load(t testing.TB, args ...string) (*config.Config, error) {
	t.Helper()
	return config.Load(flags(t, args...), m.lookup, m.dirs)
}

func flags(t testing.TB, args ...string) *pflag.FlagSet {
	t.Helper()
	set := pflag.NewFlagSet("staffctl", pflag.ContinueOnError)
	for _, name := range []string{"store", "store-password-file", "store-ca", "store-cert", "store-key", "account", "context", "config", "color", "actor"} {
		set.String(name, "", "")
	}
	set.StringP("output", "o", "unused flag default", "")
	set.StringSlice("columns", nil, "")
	for _, name := range []string{"no-headers", "quiet", "verbose"} {
		set.Bool(name, false, "")
	}
	if err := set.Parse(args); err != nil {
		t.Fatal(err)
	}
	return set
}

func mustLoad(t testing.TB, m *machine, args ...string) *config.Config {
	t.Helper()
	c, err := m.load(t, args...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func source(c *config.Config, key string) string {
	for _, o := range c.Origins() {
		if o.Key == key {
			return o.Value + " from " + o.Source
		}
	}
	return "unset"
}

func TestDefaults(t *testing.T) {
	m := newMachine(t, "")
	c := mustLoad(t, m)
	got := []any{c.Store, c.KeyFile, c.File, c.Output, c.Color, c.Mail.Port, c.Mail.TLS, c.Password.MinLength, c.Serve.Listen, c.SMS.Method, c.Columns}
	want := []any{filepath.Join(m.dirs.Data, "staffctl.db"), filepath.Join(m.dirs.Config, "instance.key"), "",
		"table", "auto", 587, "starttls", 15, "127.0.0.1:8080", "POST", []string(nil)}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if got := source(c, "password.min_length"); got != "15 from default" {
		t.Error(got)
	}
	if got := source(c, "quiet") + source(c, "account"); got != "unsetunset" {
		t.Error(got)
	}
}

// TestPrecedence takes the layers away from the top, one by one.
func TestPrecedence(t *testing.T) {
	m := newMachine(t, "context: prod\naccount: from-file\ncontexts:\n  prod:\n    account: from-context\n")
	m.env["STAFFCTL_ACCOUNT"] = "from-env"
	steps := []struct {
		above func()
		args  []string
		want  string
	}{
		{func() {}, []string{"--account", "from-flag"}, "from-flag from flag --account"},
		{func() {}, nil, "from-env from environment STAFFCTL_ACCOUNT"},
		{func() { m.env["STAFFCTL_ACCOUNT"] = "" }, nil, "from-context from context prod in " + m.path() + ":5"},
		{func() { m.write(t, "\naccount: from-file\n") }, nil, "from-file from " + m.path() + ":2"},
		{func() { m.write(t, "account:\n") }, nil, "unset"},
	}
	for _, s := range steps {
		s.above()
		c := mustLoad(t, m, s.args...)
		if got := source(c, "account"); got != s.want {
			t.Errorf("got %q, want %q", got, s.want)
		}
		if value, _, _ := strings.Cut(s.want, " "); value != "unset" && c.Account != value {
			t.Errorf("the configuration says %q, its origins %q", c.Account, s.want)
		}
	}
}

func TestPrecedenceOfNestedKey(t *testing.T) {
	m := newMachine(t, "mail:\n  host: file.example\n  port: 2525\n")
	m.env["STAFFCTL_MAIL_HOST"] = "env.example"
	c := mustLoad(t, m)
	if c.Mail.Host != "env.example" || c.Mail.Port != 2525 {
		t.Errorf("got %+v", c.Mail)
	}
	if got := source(c, "mail.host") + ", " + source(c, "mail.port"); got !=
		"env.example from environment STAFFCTL_MAIL_HOST, 2525 from "+m.path()+":3" {
		t.Error(got)
	}
	delete(m.env, "STAFFCTL_MAIL_HOST")
	if c := mustLoad(t, m); c.Mail.Host != "file.example" {
		t.Errorf("got %+v", c.Mail)
	}
}

func TestEveryKind(t *testing.T) {
	m := newMachine(t, `
columns: [name, email]
no_headers: true
account: 007
mail: {tls: implicit, from: "Portal <portal@example.com>"}
sms:
  headers: {X-Key: "1", Accept: text/plain}
  body: |
    to={to}
  countries: [DE, NO]
`)
	m.env["STAFFCTL_SERVE_TRUSTED_PROXIES"] = "10.0.0.0/8, ::1"
	c := mustLoad(t, m, "--quiet", "-o", "json")
	got := []any{c.Columns, c.NoHeaders, c.Quiet, c.Verbose, c.Output, c.Account, c.Mail.Port, c.SMS.Headers, c.SMS.Body, c.SMS.Countries, c.Serve.TrustedProxies}
	want := []any{[]string{"name", "email"}, true, true, false, "json", "007", 465,
		map[string]string{"X-Key": "1", "Accept": "text/plain"}, "to={to}\n", []string{"DE", "NO"}, []string{"10.0.0.0/8", "::1"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	m.env["STAFFCTL_SMS_HEADERS"] = "X-Env=a=b"
	c = mustLoad(t, m, "--columns", "id,name", "--columns", "email")
	if diff := cmp.Diff(map[string]string{"X-Env": "a=b"}, c.SMS.Headers); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"id", "name", "email"}, c.Columns); diff != "" {
		t.Error(diff)
	}
}

func TestPaths(t *testing.T) {
	m := newMachine(t, "store: team.db\nkey_file: ~/keys/k\ncontexts:\n  a: {store: sub/a.db}\n  b: {store: ~/b.db}\n")
	c := mustLoad(t, m)
	if want := filepath.Join(m.dirs.Config, "team.db"); c.Store != want {
		t.Errorf("store %s, want %s", c.Store, want)
	}
	if want := filepath.Join(m.home, "keys", "k"); c.KeyFile != want {
		t.Errorf("key file %s, want %s", c.KeyFile, want)
	}
	if c := mustLoad(t, m, "--context", "a"); c.Store != filepath.Join(m.dirs.Config, "sub", "a.db") || c.Context != "a" {
		t.Errorf("context a gives %s", c.Store)
	}
	if c := mustLoad(t, m, "--context", "b"); c.Store != filepath.Join(m.home, "b.db") || c.Contexts["b"].Store != c.Store {
		t.Errorf("context b gives %s", c.Store)
	}
	m.env["STAFFCTL_STORE"] = "here.db"
	if c := mustLoad(t, m); c.Store != "here.db" {
		t.Errorf("environment gives %s", c.Store)
	}
	if c := mustLoad(t, m, "--store", "~/flag.db"); c.Store != filepath.Join(m.home, "flag.db") {
		t.Errorf("flag gives %s", c.Store)
	}
}

func TestNamedFile(t *testing.T) {
	m := newMachine(t, "account: default\n")
	other := filepath.Join(m.home, "other.yaml")
	if err := os.WriteFile(other, []byte("account: other\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c := mustLoad(t, m, "--config", "~/other.yaml")
	if c.Account != "other" || c.File != other || c.KeyFile != filepath.Join(m.home, "instance.key") {
		t.Errorf("got %+v", c)
	}
	m.env["STAFFCTL_CONFIG"] = filepath.Join(m.home, "gone.yaml")
	if path, err := config.FilePath(flags(t), m.lookup, m.dirs); err != nil || path != m.env["STAFFCTL_CONFIG"] {
		t.Error(path, err)
	}
	_, err := m.load(t)
	wantError(t, err, staff.CodeNotFound, "config", "gone.yaml")
}

func TestWithoutHome(t *testing.T) {
	m := newMachine(t, "")
	m.dirs = config.Dirs{}
	_, err := m.load(t)
	wantError(t, err, staff.CodeInvalid, "store", "STAFFCTL_STORE")
	if c := mustLoad(t, m, "--store", "x.db"); c.KeyFile != "" || c.Store != "x.db" {
		t.Errorf("got %+v", c)
	}
}

func wantError(t *testing.T, err error, code staff.Code, field, part string) {
	t.Helper()
	e, ok := errors.AsType[*staff.Error](err)
	if !ok || e.Code != code || e.Field != field || !strings.Contains(e.Message, part) {
		t.Errorf("got %#v, want code %s, field %s and %q in the message", err, code, field, part)
	}
}

func TestKeysAreWhole(t *testing.T) {
	for _, k := range config.Keys() {
		if k.Meaning == "" || k.Kind == "" || !strings.HasSuffix(k.Meaning, ".") {
			t.Errorf("key %s is described badly: %+v", k.Name, k)
		}
		if want := "STAFFCTL_" + strings.ToUpper(strings.ReplaceAll(k.Name, ".", "_")); k.Variable != want && k.Name != "contexts" {
			t.Errorf("key %s has the variable %s", k.Name, k.Variable)
		}
		if f := flags(t).Lookup(k.Flag); k.Flag != "" && f == nil {
			t.Errorf("key %s names the unknown flag %s", k.Name, k.Flag)
		}
	}
}

func BenchmarkLoad(b *testing.B) {
	bench := func(name, file string) {
		m := newMachine(b, file)
		set := flags(b, "-o", "json")
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := config.Load(set, m.lookup, m.dirs); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	bench("no file", "")
	bench("file", "context: prod\ncontexts:\n  prod: {store: a.db, account: acme}\nmail:\n  host: mx.example\n  from: a@example.com\n")
}
