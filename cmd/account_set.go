package cmd

import (
	"github.com/spf13/cobra"

	"github.com/staffctl/staffctl/internal/staff"
)

func newAccountSet(d *deps) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "set NAME",
		Short: "Change the settings of an account",
		Long: `Set changes the settings that are given and leaves the rest. An account with
subaccounts keeps plan enterprise.`,
		Example: `  staffctl account set acme --default-access invoices,orders.view
  staffctl account set acme --two-factor sms --invite-other-address=false`,
		Annotations: writes("changes the settings of an account", nobody, staff.CodeForbidden),
		Args:        takes("NAME"),
	}
	given := settings(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if !anyGiven(cmd) {
			return usage(cmd, "no setting to change is given")
		}
		return d.do(cmd, args[0], staff.SetAccount{Settings: given()})
	}
	return cmd
}
