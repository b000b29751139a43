package cmd

import (
	"github.com/spf13/cobra"

	"github.com/staffctl/staffctl/internal/staff"
)

func newSubaccountSetRole(d *deps) *cobra.Command {
	return &cobra.Command{
		Use:   "set-role NAME ROLE",
		Short: "Give a subaccount another role",
		Long: `Set-role changes what a subaccount opens, from its next request on. The link of a
subaccount that is not confirmed yet ends by it; mail a new one with resend.`,
		Example: `  staffctl subaccount set-role texter email-marketing-manager
  staffctl subaccount set-role texter administrator --dry-run`,
		Annotations: writes("changes the role of a subaccount", nobody, staff.CodeForbidden),
		Args:        takes("NAME", "ROLE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return d.do(cmd, "", staff.SetRole{Name: args[0], Role: args[1]})
		},
	}
}
