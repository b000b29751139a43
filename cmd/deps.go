package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/staffctl/staffctl/internal/config"
	"github.com/staffctl/staffctl/internal/iostreams"
	"github.com/staffctl/staffctl/internal/output"
	"github.com/staffctl/staffctl/internal/password"
	"github.com/staffctl/staffctl/internal/secretfile"
	"github.com/staffctl/staffctl/internal/sqlstore"
	"github.com/staffctl/staffctl/internal/sqlstore/rqlite"
	"github.com/staffctl/staffctl/internal/sqlstore/sqlite"
	"github.com/staffctl/staffctl/internal/staff"
)

// deps is what commands work with. It alone chooses adapters. The
// configuration is read and the store opened when they are first needed.
type deps struct {
	ios         *iostreams.IOStreams
	lookupEnv   func(string) (string, bool)
	now         func() time.Time
	ids         *staff.IDs
	globals     *pflag.FlagSet
	yes, dryRun bool
	looking     bool     // for a moment, to complete a command line
	args        []string // the command line, for errors in it
	helped      error    // of printing help, which cobra does not return

	loaded *config.Config
	opened backend
	wrote  bool                    // to a store
	typed  map[string]staff.Secret // passwords of clusters, by USER@HOST
}

// backend is what a store runs on.
type backend interface {
	sqlstore.Executor
	// Backup writes a copy of the store to a new file.
	Backup(ctx context.Context, path string) error
}

// config reads the configuration and, with --verbose, says where it came from.
func (d *deps) config() (*config.Config, error) {
	if d.loaded != nil {
		return d.loaded, nil
	}
	c, err := config.Load(d.globals, d.lookupEnv, config.UserDirs(d.lookupEnv))
	if err != nil {
		return nil, err
	}
	d.loaded = c
	d.setColor(c.Color)
	if c.Verbose {
		for _, o := range c.Origins() {
			fmt.Fprintf(d.ios.Err, "%s = %s (%s)\n", o.Key, output.Text(o.Value), o.Source)
		}
	}
	return c, nil
}

func (d *deps) setColor(mode string) {
	noColor, _ := d.lookupEnv("NO_COLOR")
	d.ios.SetColor(mode, noColor != "")
}

// outputOf finds -o among arguments that could not be parsed.
func outputOf(args []string) output.Format {
	for i, a := range args {
		for _, name := range []string{"-o", "--output"} {
			value, joined := strings.CutPrefix(a, name)
			switch {
			case a == "--":
				return ""
			case a == name && i+1 < len(args):
				return output.Format(args[i+1])
			case joined && value != "" && (name == "-o" || value[0] == '='):
				return output.Format(strings.TrimPrefix(value, "="))
			}
		}
	}
	return ""
}

// early is a global setting where the configuration is not read, or at fault:
// what the flag says, or else the variable.
func (d *deps) early(flag, variable string) string {
	if f := d.globals.Lookup(flag); f != nil && f.Changed {
		return f.Value.String()
	}
	value, _ := d.lookupEnv(variable)
	return value
}

// format is the output format, also for errors before there is a configuration.
func (d *deps) format() output.Format {
	if d.loaded != nil {
		return output.Format(d.loaded.Output)
	}
	if f := outputOf(d.args); f != "" {
		return f
	}
	return output.Format(d.early("output", "STAFFCTL_OUTPUT"))
}

func (d *deps) verbose() bool { return d.loaded != nil && d.loaded.Verbose }

// quiet is --quiet, also in a command that does not read the configuration.
func (d *deps) quiet() bool {
	if d.loaded != nil {
		return d.loaded.Quiet
	}
	return d.early("quiet", "STAFFCTL_QUIET") == "true"
}

// printer writes results as the configuration says. A format that the command
// sets itself takes the place of a configured one.
func (d *deps) printer() (*output.Printer, error) {
	if _, err := d.config(); err != nil {
		return nil, err
	}
	return output.New(d.ios, d.options()), nil
}

func (d *deps) options() output.Options {
	c := d.loaded
	return output.Options{Format: output.Format(c.Output), Columns: words(c.Columns), NoHeaders: c.NoHeaders, Quiet: c.Quiet}
}

// staff opens the store that the configuration names: for reading alone with
// --dry-run.
func (d *deps) staff() (*staff.Staff, *config.Config, error) {
	c, err := d.config()
	if err != nil {
		return nil, nil, err
	}
	store, err := d.store()
	if err != nil {
		return nil, nil, err
	}
	return d.staffOn(c, store), c, nil
}

func (d *deps) staffOn(c *config.Config, store staff.Store) *staff.Staff {
	return &staff.Staff{Store: watched{store, &d.wrote}, Passwords: password.Policy{MinLength: c.Password.MinLength}, Now: d.now, IDs: d.ids,
		Actor: func() staff.Actor {
			return staff.Actor{OSUser: osUser(), StoreUser: storeUser(c.Store), Claimed: c.Actor}
		},
		Key: func() (staff.LinkKey, error) {
			key, err := secretfile.ReadKey(c.KeyFile)
			return staff.NewLinkKey(key), err
		}}
}

// watched is a store that notes that it was written to.
type watched struct {
	staff.Store
	wrote *bool
}

func (w watched) note(err error) error {
	*w.wrote = *w.wrote || err == nil
	return err
}

// Init makes the store.
func (w watched) Init(ctx context.Context, c *staff.Commit) error {
	return w.note(w.Store.Init(ctx, c))
}

// Commit carries out c.
func (w watched) Commit(ctx context.Context, c *staff.Commit) error {
	return w.note(w.Store.Commit(ctx, c))
}

// CommitMany carries out the pieces.
func (w watched) CommitMany(ctx context.Context, head *staff.Commit, pieces iter.Seq2[*staff.Commit, error]) error {
	return w.note(w.Store.CommitMany(ctx, head, pieces))
}

// store opens the store once.
func (d *deps) store() (*sqlstore.Store, error) {
	c, err := d.config()
	if err != nil {
		return nil, err
	}
	if d.opened == nil {
		opened, err := d.open(c, c.Store, existing)
		if err != nil {
			return nil, err
		}
		d.opened = opened
	}
	return sqlstore.New(d.opened), nil
}

// way says how a file is opened; a cluster is there or not.
type way int

const (
	existing way = iota
	created
)

// open opens the store of a name.
func (d *deps) open(c *config.Config, name string, how way) (backend, error) {
	address, err := config.ParseStore(name)
	switch {
	case err != nil:
		return nil, err
	case address == nil && how == created:
		return orNone(sqlite.Create(name))
	case address == nil && d.looking:
		return orNone(sqlite.Look(name))
	case address == nil:
		return orNone(sqlite.Open(name, d.dryRun))
	}
	password, err := d.storePassword(c, address)
	if err != nil {
		return nil, err
	}
	opened, err := rqlite.Open(rqlite.Options{Hosts: address.Hosts, TLS: address.TLS, CAFile: c.StoreCA, CertFile: c.StoreCert, KeyFile: c.StoreKey,
		User: address.User, Password: password, ReadOnly: d.dryRun,
		OnWait: func(why error) {
			if d.forPeople() {
				d.say("waiting for %s: %s", output.Text(name), output.Text(why.Error()))
			}
		}})
	if err != nil {
		return nil, err
	}
	return clusterBackend{opened}, nil
}

// copyTarget opens the empty place that a store is copied to; to look at, that is
// nil for a file that is not there.
func (d *deps) copyTarget(name string, look bool) (target *sqlstore.Store, end func(), err error) {
	how := created
	if look {
		how = existing
		if _, err := os.Stat(name); errors.Is(err, fs.ErrNotExist) && filepath.IsAbs(name) {
			return nil, func() {}, nil
		}
	}
	opened, err := d.open(d.loaded, name, how)
	if err != nil {
		return nil, nil, err
	}
	return sqlstore.New(opened), func() { _ = opened.Close() }, nil
}

// orNone keeps a file that could not be opened from looking like one that was.
func orNone(f *sqlite.File, err error) (backend, error) {
	if err != nil {
		return nil, err
	}
	return f, nil
}

// storePassword reads or asks for the password of a cluster's user, once.
func (d *deps) storePassword(c *config.Config, address *config.Cluster) (staff.Secret, error) {
	asked := address.User + "@" + address.Hosts[0]
	switch {
	case address.User == "":
		return "", nil
	case c.StorePasswordFile != "":
		return secretfile.ReadPassword("store_password_file", "the store's", c.StorePasswordFile)
	case d.typed[asked] != "":
		return d.typed[asked], nil
	case !d.ios.CanPrompt():
		return "", staff.Errorf(staff.CodeUsage, "store-password-file", "the store wants the password of %s; give --store-password-file", address.User)
	}
	password, err := d.ios.ReadSecret(fmt.Sprintf("Password of %s at %s: ", output.Text(address.User), address.Hosts[0]))
	d.typed = map[string]staff.Secret{asked: staff.Secret(password)}
	return staff.Secret(password), err
}

// clusterBackend writes backups of a cluster to files.
type clusterBackend struct{ *rqlite.Cluster }

// Backup writes what the leader sends to a new file.
func (b clusterBackend) Backup(ctx context.Context, path string) error {
	return sqlite.Save(path, func(w io.Writer) error { return b.Cluster.Backup(ctx, w) })
}

// storeUser is the user that a cluster knows the actor by.
func storeUser(store string) string {
	if address, err := config.ParseStore(store); err == nil && address != nil {
		return address.User
	}
	return ""
}

func (d *deps) close() error {
	if d.opened == nil {
		return nil
	}
	return d.opened.Close()
}

// say writes a line to standard error, unless --quiet.
func (d *deps) say(format string, args ...any) {
	if !d.quiet() {
		fmt.Fprintf(d.ios.Err, format+"\n", args...)
	}
}

// confirm asks before something that cannot be undone. Ctrl-C declines.
func (d *deps) confirm(ctx context.Context, format string, args ...any) error {
	switch {
	case d.yes || d.dryRun:
		return nil
	case !d.ios.CanPrompt():
		return staff.Errorf(staff.CodeUsage, "yes", "%s? there is no terminal to ask on; give --yes to do it, or --dry-run to see it", fmt.Sprintf(format, args...))
	}
	ctx, stop := interruptible(ctx)
	defer stop()
	type answer struct {
		ok  bool
		err error
	}
	answers := make(chan answer, 1)
	go func() {
		ok, err := d.ios.Confirm(fmt.Sprintf(format, args...) + "?")
		answers <- answer{ok, err}
	}()
	select {
	case a := <-answers:
		if a.err == nil && !a.ok {
			return staff.Errorf(staff.CodeInterrupted, "", "declined; nothing was changed")
		}
		return a.err
	case <-ctx.Done(): // by Ctrl-C; the goroutine ends with the process
		fmt.Fprintln(d.ios.Err)
		return staff.Errorf(staff.CodeInterrupted, "", "interrupted; nothing was changed")
	}
}

// words splits values that may be lists with commas.
func words(values []string) []string {
	var out []string
	for _, v := range values {
		for w := range strings.SplitSeq(v, ",") {
			out = append(out, strings.TrimSpace(w))
		}
	}
	return slices.DeleteFunc(out, func(w string) bool { return w == "" })
}
