package cmd

import (
	"github.com/spf13/cobra"

	"github.com/staffctl/staffctl/internal/teamfile"
)

// exportTeam prints the team file of the account.
func (d *deps) exportTeam(cmd *cobra.Command) error {
	s, c, err := d.staff()
	if err != nil {
		return err
	}
	team, err := s.ExportTeam(cmd.Context(), c.Account)
	if err != nil {
		return err
	}
	return teamfile.Encode(d.ios.Out, team)
}
