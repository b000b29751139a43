package cmd

import (
	"github.com/spf13/cobra"

	"github.com/staffctl/staffctl/internal/staff"
)

func newMemberRemove(d *deps) *cobra.Command {
	return &cobra.Command{
		Use:   "remove MEMBER",
		Short: "Remove a member from the account",
		Long: `Remove takes a person out of the account, with the login when no other account
has it. The owner, and the last administrator of an account, are not removed.`,
		Example: `  staffctl member remove anna.muster@example.ch --dry-run
  staffctl member remove username:anna --yes`,
		Annotations: writes("removes a member, and the login that no other account has", nobody, staff.CodeForbidden),
		Args:        takes("MEMBER"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := d.confirm(cmd.Context(), "remove member %s", args[0]); err != nil {
				return err
			}
			return d.do(cmd, "", staff.RemoveMember{Member: staff.ParseSelector(args[0])})
		},
	}
}
