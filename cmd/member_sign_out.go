package cmd

import (
	"github.com/spf13/cobra"

	"github.com/staffctl/staffctl/internal/staff"
)

func newMemberSignOut(d *deps) *cobra.Command {
	return &cobra.Command{
		Use:   "sign-out MEMBER",
		Short: "End the sessions of a member",
		Long: `Sign-out ends the sessions of a member in the account. They can sign in again at
once; to keep them out there is suspend.`,
		Example: `  staffctl member sign-out anna.muster@example.ch
  staffctl member sign-out username:anna -o json`,
		Annotations: writes("ends the sessions of a member in the account", nobody),
		Args:        takes("MEMBER"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return d.do(cmd, "", staff.SignOut{Member: staff.ParseSelector(args[0])})
		},
	}
}
