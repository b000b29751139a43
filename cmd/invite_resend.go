package cmd

import (
	"github.com/spf13/cobra"

	"github.com/staffctl/staffctl/internal/staff"
)

func newInviteResend(d *deps) *cobra.Command {
	var a staff.ResendInvite
	cmd := &cobra.Command{
		Use:   "resend ID",
		Short: "Mail an invite again",
		Long: `Resend mails a new link for an invite that is pending or has expired, which then
lasts as long again. The old link ends.`,
		Example: `  staffctl invite resend 371190743040112
  staffctl invite resend 371190743040112 --show-link`,
		Annotations: writes("ends the old link of an invite and makes a new one", "the invited address, unless --show-link is given", staff.CodeForbidden, staff.CodePartial),
		Args:        takes("ID"),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if a.Invite, err = inviteID(args[0]); err != nil {
				return err
			}
			return d.do(cmd, "", a)
		},
	}
	showLink(cmd, &a.Show)
	return cmd
}
