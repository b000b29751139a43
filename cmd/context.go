package cmd

import (
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/staffctl/staffctl/internal/config"
	"github.com/staffctl/staffctl/internal/output"
	"github.com/staffctl/staffctl/internal/staff"
)

func newContext(d *deps) *cobra.Command {
	return noun("context", "Name stores and accounts to work on", `A context names a store and an account in the configuration file. --context or
context use chooses one.`,
		`  staffctl context set live --store /var/lib/staffctl/live.db --account acme
  staffctl context use live`,
		newContextList(d), newContextUse(d), newContextSet(d), newContextRemove(d))
}

// namedContext is a context with its name.
type namedContext struct {
	name string
	config.Context
}

func newContextList(d *deps) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the contexts",
		Long:  `List prints the contexts of the configuration file; * marks the one in force.`,
		Example: `  staffctl context list
  staffctl context list -o name`,
		Annotations: apart(nothing, nobody, staff.CodeInvalid, staff.CodeNotFound),
		Args:        takes(),
		RunE: func(*cobra.Command, []string) error {
			c, err := d.config()
			if err != nil {
				return err
			}
			p, err := d.printer()
			if err != nil {
				return err
			}
			names := slices.Sorted(maps.Keys(c.Contexts))
			return output.List(p, contextView(c), all(func(yield func(namedContext) bool) {
				for _, name := range names {
					if !yield(namedContext{name, c.Contexts[name]}) {
						return
					}
				}
			}))
		},
	}
}

func contextView(c *config.Config) output.View[namedContext] {
	current := flagOf("current", "whether it is in force", func(n namedContext) bool { return n.name == c.Context })
	current.Text = func(n namedContext) string {
		if n.name == c.Context {
			return "*"
		}
		return ""
	}
	return output.View[namedContext]{Empty: "no contexts", Columns: shown([]output.Column[namedContext]{
		text("name", "the name", func(n namedContext) string { return n.name }),
		current,
		orNull("store", "the store that it names", func(n namedContext) string { return n.Store }),
		orNull("account", "the account that it names", func(n namedContext) string { return n.Account }),
	}, "current name store account", "")}
}

// editContexts changes the configuration file, and says what came of it.
func (d *deps) editContexts(name string, edit func(path string) (bool, error)) error {
	path, err := config.FilePath(d.globals, d.lookupEnv, config.UserDirs(d.lookupEnv))
	if err != nil {
		return err
	}
	if path == "" {
		return staff.Errorf(staff.CodeNotFound, "config", "no home directory is known; name the configuration file with --config")
	}
	if d.dryRun {
		return staff.Errorf(staff.CodeUsage, "dry-run", "contexts have no --dry-run: they are lines of %s", path)
	}
	changed, err := edit(path)
	if err != nil {
		return err
	}
	sentence := "changed " + path
	if !changed {
		sentence = "nothing to change in " + path
	}
	return answer(d, contextChangeView(name, path), changed, output.Text(sentence))
}

// contextChangeView tells whether the file was changed.
func contextChangeView(name, path string) output.View[bool] {
	return output.View[bool]{
		Name: func(bool) string { return name },
		Columns: []output.Column[bool]{
			flagOf("changed", "whether anything is different from before", func(b bool) bool { return b }),
			text("context", "the name of the context", func(bool) string { return name }),
			text("file", "the configuration file", func(bool) string { return path }),
		},
	}
}

func newContextUse(d *deps) *cobra.Command {
	return &cobra.Command{
		Use:   "use NAME",
		Short: "Choose the context for the commands to come",
		Long:  `Use writes the context to the configuration file as the one in force.`,
		Example: `  staffctl context use live
  staffctl context use test`,
		Annotations: apart("changes the configuration file", nobody, staff.CodeInvalid, staff.CodeNotFound),
		Args:        takes("NAME"),
		RunE: func(_ *cobra.Command, args []string) error {
			return d.editContexts(args[0], func(path string) (bool, error) { return config.UseContext(path, args[0]) })
		},
	}
}

func newContextSet(d *deps) *cobra.Command {
	return &cobra.Command{
		Use:   "set NAME",
		Short: "Add or change a context",
		Long: `Set writes --store and --account to a context of the configuration file, and how
to get into a cluster: --store-password-file, --store-ca, --store-cert and
--store-key. What is not given stays.`,
		Example: `  staffctl context set live --store /var/lib/staffctl/live.db --account acme
  staffctl context set live --account beispiel`,
		Annotations: apart("changes the configuration file", nobody, staff.CodeInvalid, staff.CodeNotFound),
		Args:        takes("NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			var c config.Context
			for _, key := range config.ContextKeys {
				if f := cmd.Flag(strings.ReplaceAll(key, "_", "-")); f.Changed {
					*c.Field(key) = f.Value.String()
				}
			}
			if c == (config.Context{}) {
				return usage(cmd, "give --store, --account or both")
			}
			return d.editContexts(args[0], func(path string) (bool, error) { return config.SetContext(path, args[0], c) })
		},
	}
}

func newContextRemove(d *deps) *cobra.Command {
	return &cobra.Command{
		Use:   "remove NAME",
		Short: "Remove a context",
		Long:  `Remove deletes a context from the configuration file; its store stays.`,
		Example: `  staffctl context remove test
  staffctl context remove live`,
		Annotations: apart("changes the configuration file", nobody, staff.CodeInvalid, staff.CodeNotFound),
		Args:        takes("NAME"),
		RunE: func(_ *cobra.Command, args []string) error {
			return d.editContexts(args[0], func(path string) (bool, error) { return config.RemoveContext(path, args[0]) })
		},
	}
}
