package cmd

import (
	"github.com/spf13/cobra"

	"github.com/staffctl/staffctl/internal/staff"
)

func newMemberResetPassword(d *deps) *cobra.Command {
	var a staff.ResetPassword
	cmd := &cobra.Command{
		Use:   "reset-password MEMBER",
		Short: "Mail a member the link to choose a new password",
		Long: `Reset-password mails a link to the login e-mail. Behind it the holder chooses a new
password, once and within an hour; until then the present one stays. It is the way
for a login of several accounts too, whose password only its holder changes.

--show-link prints the link and mails nothing: hand it over yourself.`,
		Example: `  staffctl member reset-password anna.muster@example.ch
  staffctl member reset-password username:anna --show-link`,
		Annotations: writes("makes a link and ends the one before", "the login e-mail of the member, unless --show-link is given", staff.CodeForbidden, staff.CodePartial),
		Args:        takes("MEMBER"),
		RunE: func(cmd *cobra.Command, args []string) error {
			a.Member = staff.ParseSelector(args[0])
			return d.do(cmd, "", a)
		},
	}
	showLink(cmd, &a.Show)
	return cmd
}
