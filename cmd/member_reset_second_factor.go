package cmd

import (
	"github.com/spf13/cobra"

	"github.com/staffctl/staffctl/internal/staff"
)

func newMemberResetSecondFactor(d *deps) *cobra.Command {
	return &cobra.Command{
		Use:   "reset-second-factor MEMBER",
		Short: "Mail a member the link to enrol a new mobile number",
		Long: `Reset-second-factor mails a link to the login e-mail of a person who has lost the
phone. Behind it the holder gives the password and enrols a new number; until then
the old one stays. The link works once and for an hour.`,
		Example: `  staffctl member reset-second-factor anna.muster@example.ch
  staffctl member reset-second-factor username:anna --dry-run`,
		Annotations: writes("makes a link and ends the one before", "the login e-mail of the member", staff.CodeForbidden, staff.CodePartial),
		Args:        takes("MEMBER"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return d.do(cmd, "", staff.ResetSecondFactor{Member: staff.ParseSelector(args[0])})
		},
	}
}
