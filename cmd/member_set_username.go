package cmd

import (
	"github.com/spf13/cobra"

	"github.com/staffctl/staffctl/internal/staff"
)

func newMemberSetUsername(d *deps) *cobra.Command {
	return &cobra.Command{
		Use:   "set-username MEMBER USERNAME",
		Short: "Change the username of a member",
		Long: `Set-username changes the username of a login, or the one proposed while there
is no login yet. A login that serves several accounts is only its holder's to
change, and a subaccount's username never changes.`,
		Example: `  staffctl member set-username anna.muster@example.ch anna
  staffctl member set-username username:anna anna.muster --dry-run`,
		Annotations: writes("changes the username of a member, and ends the sessions of the login", nobody, staff.CodeForbidden),
		Args:        takes("MEMBER", "USERNAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return d.do(cmd, "", staff.SetUsername{Member: staff.ParseSelector(args[0]), Username: args[1]})
		},
	}
}
