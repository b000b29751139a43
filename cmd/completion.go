package cmd

import (
	"github.com/spf13/cobra"

	"github.com/staffctl/staffctl/internal/staff"
)

func newCompletion(d *deps) *cobra.Command {
	return &cobra.Command{
		Use:   "completion SHELL",
		Short: "Print the completion script for a shell",
		Long:  `Completion prints a script for bash, zsh, fish or powershell.`,
		Example: `  staffctl completion bash > /etc/bash_completion.d/staffctl
  staffctl completion fish > ~/.config/fish/completions/staffctl.fish`,
		Args: takes("SHELL"),
		RunE: func(cmd *cobra.Command, args []string) error {
			root := cmd.Root()
			switch args[0] {
			case "bash":
				return root.GenBashCompletionV2(d.ios.Out, true)
			case "zsh":
				return root.GenZshCompletion(d.ios.Out)
			case "fish":
				return root.GenFishCompletion(d.ios.Out, true)
			case "powershell":
				return root.GenPowerShellCompletionWithDesc(d.ios.Out)
			default:
				return staff.Errorf(staff.CodeInvalid, "shell", "no completion for shell %q%s", args[0], staff.Suggest(args[0], shellNames()))
			}
		},
	}
}

func shellNames() []string { return []string{"bash", "zsh", "fish", "powershell"} }
