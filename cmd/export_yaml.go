package cmd

import "github.com/spf13/cobra"

// exportTeam writes the account as a team file.
func (d *deps) exportTeam(cmd *cobra.Command) error {
	return usage(cmd, "team files are not there yet")
}
