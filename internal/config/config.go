// Package config is the typed configuration: what the flags, the environment,
// the chosen context and the configuration file say, in this order of
// precedence, over the defaults.
//
// [Load] reads one file at most, checks every value before anything uses it,
// and remembers where each came from for --verbose. [SetContext], [UseContext]
// and [RemoveContext] rewrite the file and keep its comments. The table in
// keys.go is the one list of keys: loading, checking, help and
// docs/configuration.md all follow it.
package config

import (
	"path/filepath"
	"strings"

	"github.com/spf13/pflag"

	"github.com/staffctl/staffctl/internal/staff"
)

// Config is the configuration in force. Every value has been checked, and
// every path is absolute or relative to the working directory.
type Config struct {
	Store, Account, Context, Actor string
	// How to get into a cluster; of no use for a file.
	StorePasswordFile, StoreCA, StoreCert, StoreKey string

	Output, Color             string
	Columns                   []string
	NoHeaders, Quiet, Verbose bool
	// PublicURL is the base of the links in mails, empty when not set.
	PublicURL string
	// KeyFile is empty only where no home directory is known.
	KeyFile  string
	Mail     Mail
	SMS      SMS
	Password Password
	Serve    Serve
	// Contexts holds those of the file by name, their paths resolved.
	Contexts map[string]Context
	// File is the configuration file that was read, empty when there is none.
	File string

	origins map[string]string
}

// Mail is how mails are sent. Port follows TLS unless set: 465 for implicit,
// else 587.
type Mail struct {
	Host         string
	Port         int
	TLS          string
	Username     string
	PasswordFile string
	From         string
	Templates    string
}

// SMS is the HTTP request that sends a text message. Countries holds ISO 3166
// codes in capitals.
type SMS struct {
	URL, Method     string
	Headers         map[string]string
	Body            string
	CredentialsFile string
	Countries       []string
}

// Password is the policy for new passwords. MinLength counts characters.
type Password struct {
	MinLength int
}

// Serve is how the web pages are served. TLSCert and TLSKey are both set or
// both empty; TrustedProxies holds addresses and CIDR networks.
type Serve struct {
	Listen, Path    string
	TLSCert, TLSKey string
	TrustedProxies  []string
}

// Context is a named store and account; an empty field leaves what the file
// says elsewhere.
type Context struct {
	Store             string `json:"store,omitempty" yaml:"store,omitempty"`
	Account           string `json:"account,omitempty" yaml:"account,omitempty"`
	StorePasswordFile string `json:"store_password_file,omitempty" yaml:"store_password_file,omitempty"`
	StoreCA           string `json:"store_ca,omitempty" yaml:"store_ca,omitempty"`
	StoreCert         string `json:"store_cert,omitempty" yaml:"store_cert,omitempty"`
	StoreKey          string `json:"store_key,omitempty" yaml:"store_key,omitempty"`
}

// ContextKeys are the keys of the configuration that a context can hold.
var ContextKeys = []string{"store", "account", "store_password_file", "store_ca", "store_cert", "store_key"}

// Field is where the context keeps one of [ContextKeys].
func (c *Context) Field(key string) *string {
	switch key {
	case "store":
		return &c.Store
	case "account":
		return &c.Account
	case "store_password_file":
		return &c.StorePasswordFile
	case "store_ca":
		return &c.StoreCA
	case "store_cert":
		return &c.StoreCert
	case "store_key":
		return &c.StoreKey
	default:
		panic("no key of a context: " + key)
	}
}

// Lookup returns the value of an environment variable, as [os.LookupEnv] does.
type Lookup func(name string) (value string, ok bool)

// setting is a checked value with where it came from, as --verbose says it.
type setting struct {
	value  any
	origin string
}

// layer holds the settings of one source by key.
type layer map[string]setting

// Load returns the configuration in force. flags is the root's set of
// persistent flags, of which those that were given count; a variable that is
// set but empty counts as unset. Errors have code invalid or not_found and
// name the flag, the variable or the file and line at fault.
func Load(flags *pflag.FlagSet, lookupEnv func(string) (string, bool), dirs Dirs) (*Config, error) {
	keys := Keys()
	flagLayer, err := fromFlags(keys, flags)
	if err != nil {
		return nil, err
	}
	envLayer, err := fromEnvironment(keys, lookupEnv)
	if err != nil {
		return nil, err
	}
	path, named := configPath(flagLayer, envLayer, lookupEnv, dirs)
	file, err := loadFile(keys, path, named)
	if err != nil {
		return nil, err
	}
	context, err := chooseContext(file, flagLayer, envLayer)
	if err != nil {
		return nil, err
	}
	m := merge(keys, flags, defaults(dirs, path), file.settings, context, envLayer)
	c := &Config{Contexts: file.contexts, origins: m.origins}
	m.fill(c, keys, home(lookupEnv))
	c.File = file.path
	for name, context := range c.Contexts {
		for _, key := range ContextKeys {
			if key != "account" {
				*context.Field(key) = expandHome(*context.Field(key), home(lookupEnv))
			}
		}
		c.Contexts[name] = context
	}
	if err := c.finish(); err != nil {
		return nil, err
	}
	return c, nil
}

// FilePath returns the configuration file that [Load] would read, whether it
// exists or not: what `context set` writes. It is empty where none is named
// and no home directory is known.
func FilePath(flags *pflag.FlagSet, lookupEnv func(string) (string, bool), dirs Dirs) (string, error) {
	key := Keys()[:1]
	flagLayer, err := fromFlags(key, flags)
	if err != nil {
		return "", err
	}
	envLayer, err := fromEnvironment(key, lookupEnv)
	path, _ := configPath(flagLayer, envLayer, lookupEnv, dirs)
	return path, err
}

// configPath returns the file to read, and whether somebody named it.
func configPath(flags, env layer, lookupEnv Lookup, dirs Dirs) (path string, named bool) {
	for _, l := range []layer{flags, env} {
		if s, ok := l["config"]; ok {
			return expandHome(s.value.(string), home(lookupEnv)), true
		}
	}
	if dirs.Config == "" {
		return "", false
	}
	return filepath.Join(dirs.Config, "config.yaml"), false
}

// chooseContext returns the settings of the context in force, if any.
func chooseContext(file *document, flags, env layer) (layer, error) {
	for _, l := range []layer{flags, env, file.settings} {
		s, ok := l["context"]
		if !ok {
			continue
		}
		name := s.value.(string)
		if chosen, ok := file.contextLayers[name]; ok {
			return chosen, nil
		}
		return nil, unknownContext(s.origin+": ", name, file.contexts)
	}
	return nil, nil
}

func unknownContext(where, name string, known map[string]Context) error {
	if len(known) == 0 {
		return staff.Errorf(staff.CodeNotFound, "context",
			"%sno context %s; make it with staffctl context set %s", where, name, name)
	}
	return staff.Errorf(staff.CodeNotFound, "context",
		"%sno context %s%s", where, name, staff.Suggest(name, sortedNames(known)))
}

// defaults returns the two defaults that depend on the user's directories.
func defaults(dirs Dirs, configPath string) map[string]string {
	d := map[string]string{}
	if dirs.Data != "" {
		d["store"] = filepath.Join(dirs.Data, "staffctl.db")
	}
	if configPath != "" {
		d["key_file"] = filepath.Join(filepath.Dir(configPath), "instance.key")
	}
	return d
}

// finish checks and completes what depends on more than one key.
func (c *Config) finish() error {
	if c.Mail.TLS == "implicit" && c.origins["mail.port"] == "" {
		c.Mail.Port = 465
	}
	if c.Store == "" {
		return staff.Errorf(staff.CodeInvalid, "store",
			"no home directory is known for the default store; give --store or STAFFCTL_STORE")
	}
	if (c.StoreCert == "") != (c.StoreKey == "") {
		return staff.Errorf(staff.CodeInvalid, "store_cert", "store_cert and store_key must be given together")
	}
	if (c.Serve.TLSCert == "") != (c.Serve.TLSKey == "") {
		return staff.Errorf(staff.CodeInvalid, "serve.tls_cert",
			"serve.tls_cert and serve.tls_key must be given together")
	}
	return nil
}

// Pages returns the address that the pages are served under, without a slash at
// its end: public_url and serve.path. It is "" without public_url.
func (c *Config) Pages() string {
	if c.PublicURL == "" {
		return ""
	}
	return strings.TrimRight(strings.TrimRight(c.PublicURL, "/")+c.Serve.Path, "/")
}
