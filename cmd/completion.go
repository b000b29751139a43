package cmd

import (
	"bytes"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/staffctl/staffctl/internal/staff"
)

func newCompletion(d *deps) *cobra.Command {
	return &cobra.Command{
		Use:   "completion SHELL",
		Short: "Print the completion script for a shell",
		Long: `Completion prints a script for bash, zsh, fish or powershell, with which TAB
completes commands, flags and what is in the store: members, accounts, roles, areas,
mail categories, invites and columns, each with what it is. Where the store cannot
be read, or does not answer within half a second, nothing is offered; nothing is
ever asked or written.

For bash put source <(staffctl completion bash) into ~/.bashrc; the package
bash-completion must be there. For zsh put source <(staffctl completion zsh) into
~/.zshrc, after compinit. For fish write the file of the second example. For
PowerShell put staffctl completion powershell | Out-String | Invoke-Expression into
$PROFILE.`,
		Example: `  staffctl completion bash > ~/.local/share/bash-completion/completions/staffctl
  staffctl completion fish > ~/.config/fish/completions/staffctl.fish`,
		Annotations: apart(nothing, nobody, staff.CodeInvalid),
		Args:        takes("SHELL"),
		RunE: func(cmd *cobra.Command, args []string) error {
			root := cmd.Root()
			switch args[0] {
			case "bash":
				return writeBashCompletion(d.ios.Out, root)
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

// writeBashCompletion writes cobra's script, changed so that words may hold commas: bash
// quotes them where it need not, and what is quoted does not begin with what was typed.
func writeBashCompletion(w io.Writer, root *cobra.Command) error {
	var script bytes.Buffer
	if err := root.GenBashCompletionV2(&script, true); err != nil {
		return err
	}
	const unquoted = `//\\,/,}`
	compared, one := `[[ $comp == "$cur"* ]] || continue`, `COMPREPLY[0]=$(printf "%q" "${COMPREPLY[0]%%$tab*}")`
	_, err := strings.NewReplacer(
		compared, `comp=${comp`+unquoted+"\n        "+compared,
		one, one+"\n        COMPREPLY[0]=${COMPREPLY[0]"+unquoted,
	).WriteString(w, script.String())
	return err
}

func shellNames() []string { return []string{"bash", "zsh", "fish", "powershell"} }
