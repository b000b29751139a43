package cmd

import (
	"github.com/spf13/cobra"

	"github.com/staffctl/staffctl/internal/staff"
)

func newExport(d *deps) *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:   "export [--format yaml]",
		Short: "Print an account as a team file",
		Long: `Export prints the team file of the account, which diff and apply read. Logins and
passwords are not in it.`,
		Example: `  staffctl export --format yaml
  staffctl export --account acme --format yaml`,
		Args: takes(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if format != "yaml" {
				return staff.Errorf(staff.CodeInvalid, "format", "no format %q; known is yaml", format)
			}
			return d.exportTeam(cmd)
		},
	}
	cmd.Flags().StringVar(&format, "format", "yaml", "what to print: yaml")
	choices(cmd, "format", []string{"yaml"})
	return cmd
}
