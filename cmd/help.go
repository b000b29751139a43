package cmd

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/staffctl/staffctl/internal/staff"
)

// textWidth is how wide text is that is written for any terminal.
const textWidth = 80

// addHelp adds the command help. It is cobra's, but refuses a command that does
// not exist, which cobra's would end with 0, and has topics.
func addHelp(d *deps, root *cobra.Command) {
	root.SetHelpFunc(func(cmd *cobra.Command, _ []string) { d.helped = printHelp(d, cmd) })
	root.InitDefaultHelpCmd()
	help, _, err := root.Find([]string{"help"})
	if err != nil {
		panic(err) // cobra has not added it
	}
	help.Use = "help [COMMAND…|TOPIC]"
	help.Short = "Help about a command or a topic"
	help.Long = `Help prints what a command does, with its flags, examples and exit codes, as
--help does, or tells about a topic: ` + strings.Join(topicNames(), ", ") + `.`
	help.Example = `  staffctl help member add
  staffctl help exit-codes`
	help.Annotations = apart(nothing, nobody)
	help.Args = takes("[COMMAND…")
	help.Run = nil
	ofCommands := help.ValidArgsFunction
	help.ValidArgsFunction = func(cmd *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
		offers, directive := ofCommands(cmd, args, typed)
		for _, t := range topics() {
			if len(args) == 0 && strings.HasPrefix(t.name, typed) {
				offers = append(offers, cobra.CompletionWithDesc(t.name, t.short))
			}
		}
		return offers, directive
	}
	help.RunE = func(_ *cobra.Command, args []string) error { return d.help(root, args) }
}

func (d *deps) help(root *cobra.Command, args []string) error {
	if len(args) == 1 {
		for _, t := range topics() {
			if t.name == args[0] {
				_, err := io.WriteString(d.ios.Out, t.text(d))
				return err
			}
		}
	}
	about, rest, err := root.Find(args)
	switch {
	case about == root && len(args) > 1 && slices.Contains(topicNames(), args[0]):
		return usage(root, "the topic %s takes no more words", args[0])
	case about == root && len(args) > 0:
		names := topicNames()
		for _, c := range root.Commands() {
			names = append(names, c.Name())
		}
		return usage(root, "staffctl has no command or topic %q%s", args[0], staff.Suggest(args[0], names))
	case err != nil || len(rest) > 0 && about.HasSubCommands():
		return about.ValidateArgs(rest)
	}
	about.InitDefaultHelpFlag()
	return printHelp(d, about)
}

// wrappedUsage is what cobra says of a command, with flags that fit a terminal.
func wrappedUsage(cmd *cobra.Command) string {
	text := cmd.UsageString()
	for _, flags := range []*pflag.FlagSet{cmd.LocalFlags(), cmd.InheritedFlags()} {
		if plain := strings.TrimRight(flags.FlagUsages(), "\n"); plain != "" {
			text = strings.Replace(text, plain, strings.TrimRight(flags.FlagUsagesWrapped(textWidth), "\n"), 1)
		}
	}
	return text
}

// printHelp prints the help of a command, unless what was asked for is none below it.
func printHelp(d *deps, cmd *cobra.Command) error {
	if rest := cmd.Flags().Args(); cmd.HasSubCommands() && len(rest) > 0 {
		return cmd.ValidateArgs(rest)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\n%s", wholeText(cmd), wrappedUsage(cmd))
	if exits := exitsOf(cmd); exits != nil {
		fmt.Fprintf(&b, "\nExit codes:\n  %s\n", exitsText(exits))
	}
	if cmd == cmd.Root() {
		b.WriteString("\nHelp topics:\n")
		for _, t := range topics() {
			fmt.Fprintf(&b, "  staffctl help %-12s %s\n", t.name, t.short)
		}
	}
	_, err := io.WriteString(d.ios.Out, b.String())
	return err
}
