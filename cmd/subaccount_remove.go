package cmd

import (
	"github.com/spf13/cobra"

	"github.com/staffctl/staffctl/internal/staff"
)

func newSubaccountRemove(d *deps) *cobra.Command {
	return &cobra.Command{
		Use:   "remove NAME",
		Short: "Remove a subaccount with its login",
		Long:  `Remove deletes a subaccount, its login and its links. Its name can be given again.`,
		Example: `  staffctl subaccount remove texter --dry-run
  staffctl subaccount remove texter --yes`,
		Annotations: writes("removes a subaccount with its login", nobody, staff.CodeForbidden),
		Args:        takes("NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := d.confirm(cmd.Context(), "remove subaccount %s", args[0]); err != nil {
				return err
			}
			return d.do(cmd, "", staff.RemoveSubaccount{Name: args[0]})
		},
	}
}
