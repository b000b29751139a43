package cmd

import (
	"github.com/spf13/cobra"

	"github.com/staffctl/staffctl/internal/staff"
)

func newMemberRevoke(d *deps) *cobra.Command {
	return &cobra.Command{
		Use:   "revoke MEMBER GRANT…",
		Short: "Revoke permissions or areas of a member",
		Long: `Revoke takes grants from a member. Part of a wider grant is not revoked: say
what is to be left with member set-access.`,
		Example: `  staffctl member revoke anna.muster@example.ch orders
  staffctl member revoke anna.muster@example.ch invoices.pay`,
		Annotations: writes("narrows the access of a member", nobody, staff.CodeForbidden),
		Args:        takes("MEMBER", "GRANT…"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return d.do(cmd, "", staff.Revoke{Member: staff.ParseSelector(args[0]), Grants: words(args[1:])})
		},
	}
}
