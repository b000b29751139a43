package cmd

import (
	"github.com/spf13/cobra"

	"github.com/staffctl/staffctl/internal/output"
)

func newInviteShow(d *deps) *cobra.Command {
	return &cobra.Command{
		Use:   "show ID",
		Short: "Show an invite",
		Long:  `Show prints what an invite gives, who sent it and what became of it, but no link.`,
		Example: `  staffctl invite show 371190743040112
  staffctl invite show 371190743040112 -o json`,
		Annotations: reads(),
		Args:        takes("ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := inviteID(args[0])
			if err != nil {
				return err
			}
			s, c, err := d.staff()
			if err != nil {
				return err
			}
			found, err := s.Invite(cmd.Context(), c.Account, id)
			if err != nil {
				return err
			}
			p, err := d.printer()
			if err != nil {
				return err
			}
			return output.One(p, inviteView(found, d.now().UnixMilli()), found.Invites[0])
		},
	}
}
