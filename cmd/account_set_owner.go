package cmd

import (
	"github.com/spf13/cobra"

	"github.com/staffctl/staffctl/internal/staff"
)

func newAccountSetOwner(d *deps) *cobra.Command {
	return &cobra.Command{
		Use:   "set-owner NAME MEMBER",
		Short: "Hand an account to a member",
		Long: `Set-owner makes a member with access all the owner of the account. The owner is
not removed, suspended or restricted.`,
		Example: `  staffctl account set-owner acme anna.muster@example.ch
  staffctl account set-owner acme username:anna --dry-run`,
		Annotations: writes("changes the owner of an account", nobody, staff.CodeForbidden),
		Args:        takes("NAME", "MEMBER"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return d.do(cmd, args[0], staff.SetOwner{Member: staff.ParseSelector(args[1])})
		},
	}
}
