package cmd

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/staffctl/staffctl/internal/output"
	"github.com/staffctl/staffctl/internal/staff"
)

// newRoot builds the tree of commands, as far as the arguments need it.
func newRoot(d *deps, args ...string) *cobra.Command {
	root := &cobra.Command{
		Use:   "staffctl",
		Short: "Administer the people of a customer portal",
		Long: `Staffctl administers the people of a customer portal: members and what they
may open, and which mails each person gets. It works on a store, a SQLite
file or an rqlite cluster, and prints tables for people and JSON for programs.`,
		Example: `  staffctl init acme --display-name "ACME AG"
  staffctl member add anna.muster@example.ch --first-name Anna --last-name Muster --access all`,
		SilenceUsage:      true,
		SilenceErrors:     true,
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
	}
	completing := isCompletion(args)
	if completing {
		args = chosen(args)
	}
	d.globals = root.PersistentFlags()
	addGlobals(d, root)
	root.SetIn(d.ios.In)
	root.SetOut(d.ios.Out)
	root.SetErr(d.ios.Err)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error { return usage(cmd, "%s", flagMessage(cmd, err)) })
	root.AddCommand(commands(d, args)...)
	asNoun(root)
	addHelp(d, root)
	if completing {
		d.addCompletions(root)
	}
	return root
}

// commands makes the one command that the arguments begin with, or else all:
// a lookup would spend a fiftieth of its time on those that it does not need.
func commands(d *deps, args []string) []*cobra.Command {
	if len(args) > 1 && args[0] == "help" {
		args = args[1:]
	}
	makers := []struct {
		name string
		make func(*deps) *cobra.Command
	}{
		{"init", newInit}, {"account", newAccount}, {"member", newMember}, {"subaccount", newSubaccount}, {"invite", newInvite},
		{"mail-prefs", newMailPrefs}, {"catalog", newCatalog}, {"import", newImport}, {"export", newExport}, {"diff", newDiff}, {"apply", newApply},
		{"access", newAccess}, {"outbox", newOutbox}, {"audit", newAudit}, {"store", newStore}, {"context", newContext}, {"serve", newServe}, {"doctor", newDoctor},
		{"schema", newSchema}, {"completion", newCompletion}, {"version", newVersion},
	}
	for _, m := range makers {
		if len(args) > 0 && args[0] == m.name && m.name != "completion" { // which is about all
			return []*cobra.Command{m.make(d)}
		}
	}
	all := make([]*cobra.Command, len(makers))
	for i, m := range makers {
		all[i] = m.make(d)
	}
	return all
}

func addGlobals(d *deps, root *cobra.Command) {
	f := root.PersistentFlags()
	f.String("store", "", "the store: a file path, or rqlite://USER@HOST:4001,HOST:4001 (rqlites:// with TLS)")
	f.String("store-password-file", "", "the file with the password of the cluster's user")
	f.String("store-ca", "", "the authorities that sign the cluster's certificates (PEM)")
	f.String("store-cert", "", "the certificate to show to the cluster (PEM)")
	f.String("store-key", "", "the key of that certificate (PEM)")
	f.String("account", "", "the account to work on; not needed where there is only one")
	f.String("context", "", "the context of the configuration that names a store and an account")
	f.String("config", "", "the configuration file")
	f.StringP("output", "o", "table", "how to print: "+strings.Join(output.Formats(), ", "))
	f.StringSlice("columns", nil, "the columns to print, separated by commas")
	f.Bool("no-headers", false, "print no headings")
	f.BoolP("quiet", "q", false, "print results and errors only")
	f.BoolP("verbose", "v", false, "say where each setting comes from, and what changes in detail")
	f.String("color", "auto", "colour on terminals: auto, always, never")
	f.String("actor", "", "who asked for it, for the audit")
	f.BoolVarP(&d.yes, "yes", "y", false, "do it without asking")
	f.BoolVar(&d.dryRun, "dry-run", false, "print what would change, and change nothing")
}

// asNoun makes a command that only has verbs show its help, and refuse a verb
// that it does not have.
func asNoun(cmd *cobra.Command) *cobra.Command {
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return nil
		}
		var names []string
		for _, c := range cmd.Commands() {
			if c.IsAvailableCommand() {
				names = append(names, c.Name())
			}
		}
		return usage(cmd, "%s has no command %q%s", cmd.CommandPath(), args[0], staff.Suggest(args[0], names))
	}
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
	return cmd
}

// noun makes the parent of verbs.
func noun(use, short, long, example string, verbs ...*cobra.Command) *cobra.Command {
	cmd := &cobra.Command{Use: use, Short: short, Long: long, Example: example}
	cmd.AddCommand(verbs...)
	return asNoun(cmd)
}

// usage is a failure of the command line itself.
func usage(cmd *cobra.Command, format string, args ...any) error {
	return staff.Errorf(staff.CodeUsage, "", "%s; see %s --help", fmt.Sprintf(format, args...), cmd.CommandPath())
}

// flagMessage is what pflag says without the words of package strconv, and
// with the nearest flag for an unknown one.
func flagMessage(cmd *cobra.Command, err error) string {
	message, _, _ := strings.Cut(err.Error(), ": strconv.")
	name, unknown := strings.CutPrefix(message, "unknown flag: --")
	if !unknown {
		return message
	}
	var near []string
	cmd.Flags().VisitAll(func(f *flag) { near = append(near, f.Name) })
	cmd.InheritedFlags().VisitAll(func(f *flag) { near = append(near, f.Name) })
	slices.Sort(near)
	if hint := staff.Suggest(name, near); strings.Contains(hint, "did you mean") {
		return message + strings.Replace(hint, "mean ", "mean --", 1)
	}
	return message
}

// takes checks that the arguments are the ones named, such as MEMBER; a last
// one that ends in … takes one or more, one in [] may be missing.
func takes(names ...string) cobra.PositionalArgs {
	least, most := len(names), len(names)
	if most > 0 && strings.HasPrefix(names[most-1], "[") {
		least--
	}
	if most > 0 && strings.Contains(names[most-1], "…") {
		most = -1
	}
	return func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) < least:
			return usage(cmd, "%s is missing", strings.Trim(names[len(args)], "[]…"))
		case most >= 0 && len(args) > most:
			return usage(cmd, "%q is too much: %s takes %s", args[most], cmd.CommandPath(), countOf(names))
		}
		// cobra would check these later, and its error is no staff.Error.
		if err := cmd.ValidateFlagGroups(); err != nil {
			return usage(cmd, "%s", flagGroupMessage(err))
		}
		return nil
	}
}

// flagGroupMessage is what cobra says of flags that exclude each other, or of which
// one must be given, in words like those of other errors.
func flagGroupMessage(err error) string {
	message := err.Error()
	from, to := strings.LastIndexByte(message, '['), strings.LastIndexByte(message, ']')
	if from < 0 || to < from {
		return message
	}
	names := strings.Fields(message[from+1 : to])
	for i, name := range names {
		names[i] = "--" + name
	}
	if strings.HasSuffix(message, "is required") {
		return "give " + strings.Join(names, " or ")
	}
	return strings.Join(names, " and ") + " do not go together: leave out one of them"
}

func countOf(names []string) string {
	if len(names) == 0 {
		return "no arguments"
	}
	return strings.Join(names, " ")
}
