package config_test

import (
	"strings"
	"testing"

	"github.com/staffctl/staffctl/internal/staff"
)

func TestFileErrors(t *testing.T) {
	tests := []struct{ name, file, field, want string }{
		{"unknown key", "store: a\n\nacount: x\n", "acount", ":3: unknown key acount; did you mean account?"},
		{"unknown nested key", "mail:\n  hots: x\n", "mail.hots", ":2: unknown key mail.hots; did you mean mail.host?"},
		{"dotted key", "mail.host: x\n", "mail.host", ":1: unknown key mail.host; write host below mail:"},
		{"key of a context", "contexts:\n  a: {stor: x}\n", "contexts.a.stor", ":2: unknown key contexts.a.stor; did you mean store?"},
		{"flag only", "config: x\n", "config", ":1: unknown key config"},
		{"duplicate", "store: a\nstore: b\n", "store", ":2: duplicate key store; line 1 has it already"},
		{"nested duplicate", "mail:\n  host: a\n  host: b\n", "mail.host", ":3: duplicate key mail.host"},
		{"duplicate header", "sms:\n  headers: {A: 1, A: 2}\n", "sms.headers.A", ":2: duplicate key"},
		{"duplicate context", "contexts:\n  a: {store: x}\n  a: {store: y}\n", "contexts.a", ":3: duplicate key"},
		{"list for text", "account:\n  - a\n", "account", ":2: account must be a single value"},
		{"text for list", "columns: a\n", "columns", ":1: columns must be a list"},
		{"nested list", "columns: [[a]]\n", "columns", ":1: columns must be a list of single values"},
		{"text for group", "mail: x\n", "mail", ":1: mail must be a mapping"},
		{"list for file", "- a\n", "config", ":1: the file must be a mapping"},
		{"own tag", "account: !secret x\n", "account", ":1: account must be a single value"},
		{"bool", "quiet: maybe\n", "quiet", `:1: quiet must be true or false, not "maybe"`},
		{"list for bool", "quiet: [true]\n", "quiet", ":1: quiet must be true or false"},
		{"output", "output: xml\n", "output", ":1: output must be one of table, wide, json, jsonl, csv, yaml, name, not \"xml\""},
		{"color", "color: sometimes\n", "color", "must be one of auto, always, never"},
		{"tls", "mail: {tls: ssl}\n", "mail.tls", "must be one of starttls, implicit, none"},
		{"min_length", "password: {min_length: 7}\n", "password.min_length", ":1: password.min_length must be a number from 8 to 64"},
		{"port", "mail: {port: 65536}\n", "mail.port", "must be a number from 1 to 65535"},
		{"empty", "account: ''\n", "account", "must not be empty"},
		{"relative URL", "public_url: portal.example\n", "public_url", "must be an absolute http or https address"},
		{"other scheme", "public_url: ftp://portal.example\n", "public_url", "must be an absolute http or https address"},
		{"query", "public_url: https://portal.example/?a\n", "public_url", "without a query or a fragment"},
		{"fragment", "public_url: https://portal.example/#\n", "public_url", "without a query or a fragment"},
		{"store URL", "store: postgres://me:secret@db\n", "store", `:1: store "postgres:…" must be a file path, or begin with rqlite://`},
		{"store with a password", "store: rqlite://me:secret@db\n", "store", `:1: store must not hold a password`},
		{"half of the client's", "store_cert: a\n", "store_cert", "must be given together"},
		{"store DSN", "contexts:\n  a:\n    store: file:x?mode=ro\n", "store", `:3: store "file:…" must be a file path`},
		{"control character", "actor: \"a\\nb\"\n", "actor", "must not hold control characters"},
		{"header name", "sms: {headers: {\"a b\": x}}\n", "sms.headers", "must not have the name"},
		{"country", "sms: {countries: [Germany]}\n", "sms.countries", "two capital letters"},
		{"listen", "serve: {listen: 8080}\n", "serve.listen", "must be ADDRESS:PORT"},
		{"path", "serve: {path: team}\n", "serve.path", "must be a path"},
		{"proxy", "serve: {trusted_proxies: [x]}\n", "serve.trusted_proxies", "IP addresses or networks"},
		{"host", "mail: {host: 'mx:25'}\n", "mail.host", "without a port"},
		{"from", "mail: {from: portal}\n", "mail.from", "must be a mail address"},
		{"half of TLS", "serve: {tls_cert: a}\n", "serve.tls_cert", "must be given together"},
		{"context name", "contexts:\n  Prod: {store: x}\n", "contexts", ":2: context name \"Prod\" must be"},
		{"broken", "store: a\n  b: c\n", "config", "config.yaml:2: broken YAML: mapping values"},
		{"alias", "store: &a x\naccount: *a\n", "config", ":1: YAML anchors and aliases"},
		{"merge", "mail: &m {host: a}\n", "config", ":1: YAML anchors and aliases"},
		{"two documents", "store: a\n---\nstore: b\n", "config", ":2: only one YAML document"},
		{"too large", "# " + strings.Repeat("x", 16<<20), "config", "larger than 16 MiB"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := newMachine(t, tt.file)
			_, err := m.load(t)
			wantError(t, err, staff.CodeInvalid, tt.field, tt.want)
			if err != nil && strings.Contains(err.Error(), "secret@") {
				t.Error("the message shows a password")
			}
		})
	}
}

func TestFilesWithoutSettings(t *testing.T) {
	for _, file := range []string{"\n", "# nothing\n", "---\n", "~\n", "{}\n", "mail:\ncontexts:\nstore:\n"} {
		m := newMachine(t, file)
		if c := mustLoad(t, m); c.File != m.path() || c.Mail.Port != 587 {
			t.Errorf("%q gives %+v", file, c)
		}
	}
}

func TestFlagAndEnvironmentErrors(t *testing.T) {
	tests := []struct {
		name, variable, value string
		args                  []string
		field, want           string
	}{
		{"flag", "", "", []string{"-o", "xml"}, "output", `--output must be one of table, wide`},
		{"empty flag", "", "", []string{"--account", ""}, "account", "--account must not be empty"},
		{"store flag", "", "", []string{"--store", "http://db"}, "store", `--store "http:…" must be a file path`},
		{"variable", "STAFFCTL_QUIET", "maybe", nil, "quiet", `STAFFCTL_QUIET must be true or false, not "maybe"`},
		{"number", "STAFFCTL_MAIL_PORT", "smtp", nil, "mail.port", "STAFFCTL_MAIL_PORT must be a number from 1 to 65535"},
		{"list", "STAFFCTL_COLUMNS", "a,,b", nil, "columns", "STAFFCTL_COLUMNS must not be empty"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := newMachine(t, "")
			m.env[tt.variable] = tt.value
			_, err := m.load(t, tt.args...)
			wantError(t, err, staff.CodeInvalid, tt.field, tt.want)
		})
	}
}

func TestUnknownContext(t *testing.T) {
	m := newMachine(t, "context: prud\ncontexts:\n  prod: {store: a}\n  test: {store: b}\n")
	_, err := m.load(t)
	wantError(t, err, staff.CodeNotFound, "context", ":1: no context prud; did you mean prod?")
	m.env["STAFFCTL_CONTEXT"] = "elsewhere"
	_, err = m.load(t)
	wantError(t, err, staff.CodeNotFound, "context", "environment STAFFCTL_CONTEXT: no context elsewhere; known are prod, test")
	if c := mustLoad(t, m, "--context", "test"); source(c, "context") != "test from flag --context" {
		t.Error(source(c, "context"))
	}
	_, err = newMachine(t, "").load(t, "--context", "prod")
	wantError(t, err, staff.CodeNotFound, "context", "staffctl context set prod")
}
