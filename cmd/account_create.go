package cmd

import (
	"github.com/spf13/cobra"

	"github.com/staffctl/staffctl/internal/staff"
)

func newAccountCreate(d *deps) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "create NAME",
		Short: "Create an account",
		Long: `Create adds an account. Its name, a to z and 0 to 9, never changes; usernames
that begin with the name and a hyphen belong to its subaccounts.`,
		Example: `  staffctl account create acme --display-name "ACME AG"
  staffctl account create beispiel --plan enterprise --two-factor sms --language de`,
		Annotations: writes("adds an account", nobody),
		Args:        takes("NAME"),
	}
	given := settings(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return d.do(cmd, args[0], staff.CreateAccount{Name: args[0], Settings: given()})
	}
	return cmd
}
