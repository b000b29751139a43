package cmd

import (
	"github.com/spf13/cobra"

	"github.com/staffctl/staffctl/internal/staff"
)

func newMemberSetAccess(d *deps) *cobra.Command {
	return &cobra.Command{
		Use:   "set-access MEMBER all|none|GRANT…",
		Short: "Replace what a member may open",
		Long: `Set-access replaces the access of a member: all, none, or grants.
The owner keeps all, and an account its last administrator.`,
		Example: `  staffctl member set-access anna.muster@example.ch invoices orders.view
  staffctl member set-access anna.muster@example.ch none`,
		Annotations: writes("replaces the access of a member", nobody, staff.CodeForbidden),
		Args:        takes("MEMBER", "ACCESS…"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return d.do(cmd, "", staff.SetAccess{Member: staff.ParseSelector(args[0]), Access: words(args[1:])})
		},
	}
}
