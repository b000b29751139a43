package cmd

import (
	"github.com/spf13/cobra"

	"github.com/staffctl/staffctl/internal/staff"
)

func newAccountDelete(d *deps) *cobra.Command {
	return &cobra.Command{
		Use:   "delete NAME",
		Short: "Delete an account with its members",
		Long: `Delete removes the account, its members, and the logins that no other account
has. The audit stays.`,
		Example: `  staffctl account delete acme --dry-run
  staffctl account delete acme --yes`,
		Annotations: writes("removes an account with its members, and the logins that no other account has", nobody),
		Args:        takes("NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := d.confirm(cmd.Context(), "delete account %s with all its members", args[0]); err != nil {
				return err
			}
			return d.do(cmd, args[0], staff.DeleteAccount{})
		},
	}
}
