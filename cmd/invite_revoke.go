package cmd

import (
	"github.com/spf13/cobra"

	"github.com/staffctl/staffctl/internal/staff"
)

func newInviteRevoke(d *deps) *cobra.Command {
	return &cobra.Command{
		Use:   "revoke ID",
		Short: "End an invite",
		Long:  `Revoke ends an invite that nobody has accepted; its link works no more.`,
		Example: `  staffctl invite revoke 371190743040112
  staffctl invite revoke 371190743040112 -o json`,
		Annotations: writes("ends an invite with its link", nobody, staff.CodeForbidden),
		Args:        takes("ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := inviteID(args[0])
			if err != nil {
				return err
			}
			return d.do(cmd, "", staff.RevokeInvite{Invite: id})
		},
	}
}
