package cmd

import "github.com/spf13/cobra"

// addHelp adds the command help. It is cobra's, but refuses a command that does
// not exist, which cobra's would end with 0.
func addHelp(root *cobra.Command) {
	root.InitDefaultHelpCmd()
	help, _, err := root.Find([]string{"help"})
	if err != nil {
		panic(err) // cobra has not added it
	}
	help.Use = "help [COMMAND…]"
	help.Long = `Help prints what a command does, with its flags and examples, as --help does.`
	help.Example = `  staffctl help
  staffctl help member add`
	help.Args = takes("[COMMAND…")
	help.Run = nil
	help.RunE = func(_ *cobra.Command, args []string) error {
		about, rest, err := root.Find(args)
		if err != nil || len(rest) > 0 && about.HasSubCommands() {
			return about.ValidateArgs(rest)
		}
		about.InitDefaultHelpFlag()
		return about.Help()
	}
}
