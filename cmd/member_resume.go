package cmd

import (
	"github.com/spf13/cobra"

	"github.com/staffctl/staffctl/internal/staff"
)

func newMemberResume(d *deps) *cobra.Command {
	return &cobra.Command{
		Use:   "resume MEMBER",
		Short: "End the suspension of a member",
		Long:  `Resume lets a suspended member sign in again, as before.`,
		Example: `  staffctl member resume anna.muster@example.ch
  staffctl member resume username:anna --dry-run`,
		Annotations: writes("ends the suspension of a member", nobody),
		Args:        takes("MEMBER"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return d.do(cmd, "", staff.Resume{Member: staff.ParseSelector(args[0])})
		},
	}
}
