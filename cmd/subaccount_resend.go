package cmd

import (
	"github.com/spf13/cobra"

	"github.com/staffctl/staffctl/internal/staff"
)

func newSubaccountResend(d *deps) *cobra.Command {
	var a staff.ResendConfirmation
	cmd := &cobra.Command{
		Use:   "resend NAME",
		Short: "Mail the confirmation link of a subaccount again",
		Long:  `Resend mails a new link to a subaccount that is not confirmed yet. The old one ends.`,
		Example: `  staffctl subaccount resend texter
  staffctl subaccount resend texter --show-link`,
		Annotations: writes("ends the old link of a subaccount and makes a new one", "its holder, unless --show-link is given", staff.CodeForbidden, staff.CodePartial),
		Args:        takes("NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			a.Name = args[0]
			return d.do(cmd, "", a)
		},
	}
	showLink(cmd, &a.Show)
	return cmd
}
