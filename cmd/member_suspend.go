package cmd

import (
	"github.com/spf13/cobra"

	"github.com/staffctl/staffctl/internal/staff"
)

func newMemberSuspend(d *deps) *cobra.Command {
	return &cobra.Command{
		Use:   "suspend MEMBER",
		Short: "Suspend a member",
		Long: `Suspend keeps a member from signing in until member resume; mails go on. The
owner, and the last administrator of an account, are not suspended.`,
		Example: `  staffctl member suspend anna.muster@example.ch
  staffctl member suspend username:anna --dry-run`,
		Annotations: writes("suspends a member and ends their sessions in the account", nobody, staff.CodeForbidden),
		Args:        takes("MEMBER"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return d.do(cmd, "", staff.Suspend{Member: staff.ParseSelector(args[0])})
		},
	}
}
