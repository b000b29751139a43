package cmd

import (
	"github.com/spf13/cobra"

	"github.com/staffctl/staffctl/internal/staff"
)

func newMemberGrant(d *deps) *cobra.Command {
	return &cobra.Command{
		Use:   "grant MEMBER GRANT…",
		Short: "Grant permissions or areas to a member",
		Long: `Grant adds permissions (area.action), areas, or all to what a member may open.
A subaccount has a role instead.`,
		Example: `  staffctl member grant anna.muster@example.ch invoices.view orders
  staffctl member grant anna.muster@example.ch support`,
		Annotations: writes("widens the access of a member", nobody, staff.CodeForbidden),
		Args:        takes("MEMBER", "GRANT…"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return d.do(cmd, "", staff.Grant{Member: staff.ParseSelector(args[0]), Grants: words(args[1:])})
		},
	}
}
