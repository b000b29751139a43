package config

import (
	"slices"
	"strings"
)

// Kind says what a value of a key looks like.
type Kind string

// The kinds. A list is comma-separated in a variable, a mapping NAME=VALUE
// pairs with commas between.
const (
	Text    Kind = "text"
	Path    Kind = "path"
	Bool    Kind = "true or false"
	Number  Kind = "number"
	List    Kind = "list"
	Mapping Kind = "mapping"
)

// Key describes one configuration key. Variable and Flag are empty where
// there is none; FlagOnly marks the key that the file cannot hold.
type Key struct {
	Name     string `json:"name"`
	Variable string `json:"variable,omitempty"`
	Flag     string `json:"flag,omitempty"`
	Kind     Kind   `json:"kind"`
	// Values are the accepted ones, if they can be listed.
	Values []string `json:"values,omitempty"`
	// Default is empty for none. When Computed it describes the default for a
	// reader: CONFIG and DATA stand for the user's directories.
	Default  string `json:"default,omitempty"`
	Computed bool   `json:"-"`
	Meaning  string `json:"meaning"`
	FlagOnly bool   `json:"flag_only,omitempty"`

	min, max int
	check    func(string) string // what is wrong with one value, or ""
	field    func(*Config) any   // a pointer to where the value goes
}

// Keys lists every configuration key, in the order of the documentation.
func Keys() []Key {
	all := slices.Clone(keyTable)
	for i := range all {
		if all[i].Kind != Mapping || all[i].field != nil {
			all[i].Variable = variable(all[i].Name)
		}
	}
	return all
}

// variable turns mail.host into STAFFCTL_MAIL_HOST.
func variable(key string) string {
	return "STAFFCTL_" + strings.ToUpper(strings.ReplaceAll(key, ".", "_"))
}

// keyTable is the one list of keys; config stays first, for [FilePath].
var keyTable = []Key{
	{Name: "config", Flag: "config", Kind: Path, FlagOnly: true, Default: "CONFIG/config.yaml", Computed: true,
		Meaning: "The configuration file; one that is named must exist.",
		field:   func(c *Config) any { return &c.File }},
	{Name: "store", Flag: "store", Kind: Path, Default: "DATA/staffctl.db", Computed: true, check: checkStore,
		Meaning: "Where accounts and members are: a file, or a cluster as rqlite://USER@HOST:4001,HOST:4001, with TLS rqlites://.",
		field:   func(c *Config) any { return &c.Store }},
	{Name: "store_password_file", Flag: "store-password-file", Kind: Path,
		Meaning: "The file with the password of the cluster's user, in its first line; without one it is asked for.",
		field:   func(c *Config) any { return &c.StorePasswordFile }},
	{Name: "store_ca", Flag: "store-ca", Kind: Path,
		Meaning: "The authorities that sign the cluster's certificates, in PEM form; without it those of the system.",
		field:   func(c *Config) any { return &c.StoreCA }},
	{Name: "store_cert", Flag: "store-cert", Kind: Path,
		Meaning: "The certificate to show to the cluster, in PEM form.",
		field:   func(c *Config) any { return &c.StoreCert }},
	{Name: "store_key", Flag: "store-key", Kind: Path,
		Meaning: "The key of that certificate, in PEM form.",
		field:   func(c *Config) any { return &c.StoreKey }},
	{Name: "account", Flag: "account", Kind: Text,
		Meaning: "The account that commands work on; without one, the only account of the store.",
		field:   func(c *Config) any { return &c.Account }},
	{Name: "context", Flag: "context", Kind: Text,
		Meaning: "The context in force: a name under contexts.",
		field:   func(c *Config) any { return &c.Context }},
	{Name: "contexts", Kind: Mapping,
		Meaning: "Named stores and accounts, written by staffctl context set."},
	{Name: "output", Flag: "output", Kind: Text, Default: "table",
		Values:  []string{"table", "wide", "json", "jsonl", "csv", "yaml", "name"},
		Meaning: "The form of results.",
		field:   func(c *Config) any { return &c.Output }},
	{Name: "columns", Flag: "columns", Kind: List,
		Meaning: "The columns of lists, in this order.",
		field:   func(c *Config) any { return &c.Columns }},
	{Name: "no_headers", Flag: "no-headers", Kind: Bool, Default: "false",
		Meaning: "Leaves the header line out of tables and CSV.",
		field:   func(c *Config) any { return &c.NoHeaders }},
	{Name: "quiet", Flag: "quiet", Kind: Bool, Default: "false",
		Meaning: "Prints results and errors only.",
		field:   func(c *Config) any { return &c.Quiet }},
	{Name: "verbose", Flag: "verbose", Kind: Bool, Default: "false",
		Meaning: "Tells what is done, and where each setting comes from.",
		field:   func(c *Config) any { return &c.Verbose }},
	{Name: "color", Flag: "color", Kind: Text, Default: "auto", Values: []string{"auto", "always", "never"},
		Meaning: "When to colour; auto means on a terminal.",
		field:   func(c *Config) any { return &c.Color }},
	{Name: "actor", Flag: "actor", Kind: Text,
		Meaning: "The name that the audit notes as claimed, beside the operating-system user.",
		field:   func(c *Config) any { return &c.Actor }},
	{Name: "public_url", Kind: Text, check: checkPublicURL,
		Meaning: "The address of the portal, with which links in mails begin.",
		field:   func(c *Config) any { return &c.PublicURL }},
	{Name: "key_file", Kind: Path, Default: "instance.key beside the configuration file", Computed: true,
		Meaning: "The file with the instance key, from which links and TANs are computed.",
		field:   func(c *Config) any { return &c.KeyFile }},
	{Name: "mail.host", Kind: Text, check: checkHost,
		Meaning: "The SMTP server.",
		field:   func(c *Config) any { return &c.Mail.Host }},
	{Name: "mail.port", Kind: Number, Default: "587", min: 1, max: 65535,
		Meaning: "Its port; 465 unless set when mail.tls is implicit.",
		field:   func(c *Config) any { return &c.Mail.Port }},
	{Name: "mail.tls", Kind: Text, Default: "starttls", Values: []string{"starttls", "implicit", "none"},
		Meaning: "How the connection is encrypted.",
		field:   func(c *Config) any { return &c.Mail.TLS }},
	{Name: "mail.username", Kind: Text,
		Meaning: "The user to sign in as; without one, no sign-in.",
		field:   func(c *Config) any { return &c.Mail.Username }},
	{Name: "mail.password_file", Kind: Path,
		Meaning: "The file with that user's password.",
		field:   func(c *Config) any { return &c.Mail.PasswordFile }},
	{Name: "mail.from", Kind: Text, check: checkAddress,
		Meaning: "The sender of the portal's own mails, such as Portal <portal@example.com>.",
		field:   func(c *Config) any { return &c.Mail.From }},
	{Name: "mail.templates", Kind: Path,
		Meaning: "A directory with templates that replace the built-in ones; see docs/mail.md.",
		field:   func(c *Config) any { return &c.Mail.Templates }},
	{Name: "sms.url", Kind: Text, check: checkURL,
		Meaning: "The address to which a text message is sent.",
		field:   func(c *Config) any { return &c.SMS.URL }},
	{Name: "sms.method", Kind: Text, Default: "POST", Values: []string{"POST", "PUT", "GET"},
		Meaning: "The HTTP method of that request.",
		field:   func(c *Config) any { return &c.SMS.Method }},
	{Name: "sms.headers", Kind: Mapping, check: checkLine,
		Meaning: "Its headers by name; credentials belong into sms.credentials_file.",
		field:   func(c *Config) any { return &c.SMS.Headers }},
	{Name: "sms.body", Kind: Text, check: checkBody,
		Meaning: "The template of its body.",
		field:   func(c *Config) any { return &c.SMS.Body }},
	{Name: "sms.credentials_file", Kind: Path,
		Meaning: "The file with the credentials for that service.",
		field:   func(c *Config) any { return &c.SMS.CredentialsFile }},
	{Name: "sms.countries", Kind: List, check: checkCountry,
		Meaning: "The countries that messages may go to, as two capital letters (ISO 3166).",
		field:   func(c *Config) any { return &c.SMS.Countries }},
	{Name: "password.min_length", Kind: Number, Default: "15", min: 8, max: 64,
		Meaning: "The least length of a new password, in characters; from 8 to 64.",
		field:   func(c *Config) any { return &c.Password.MinLength }},
	{Name: "serve.listen", Kind: Text, Default: "127.0.0.1:8080", check: checkListen,
		Meaning: "The address and port that the pages are served on.",
		field:   func(c *Config) any { return &c.Serve.Listen }},
	{Name: "serve.path", Kind: Text, Default: "/", check: checkURLPath,
		Meaning: "The path that the pages are served under.",
		field:   func(c *Config) any { return &c.Serve.Path }},
	{Name: "serve.tls_cert", Kind: Path,
		Meaning: "The certificate chain in PEM form; without one, plain HTTP behind a proxy.",
		field:   func(c *Config) any { return &c.Serve.TLSCert }},
	{Name: "serve.tls_key", Kind: Path,
		Meaning: "The certificate's key in PEM form.",
		field:   func(c *Config) any { return &c.Serve.TLSKey }},
	{Name: "serve.trusted_proxies", Kind: List, check: checkNetwork,
		Meaning: "The addresses or networks of proxies whose forwarding headers count.",
		field:   func(c *Config) any { return &c.Serve.TrustedProxies }},
}
