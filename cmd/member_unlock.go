package cmd

import (
	"github.com/spf13/cobra"

	"github.com/staffctl/staffctl/internal/staff"
)

func newMemberUnlock(d *deps) *cobra.Command {
	return &cobra.Command{
		Use:   "unlock MEMBER",
		Short: "Let a member try to sign in again at once",
		Long: `Unlock forgets the failed sign-ins of a member, who has to wait from the fifth on,
15 minutes at most. It changes neither the password nor a suspension.`,
		Example: `  staffctl member unlock anna.muster@example.ch
  staffctl member unlock username:anna --dry-run`,
		Annotations: writes("forgets the failed sign-ins of a member", nobody),
		Args:        takes("MEMBER"),
		RunE: func(cmd *cobra.Command, args []string) error {
			s, c, err := d.staff()
			if err != nil {
				return err
			}
			carryOut := s.Do
			if d.dryRun {
				carryOut = s.Plan
			}
			plan, err := s.Unlock(cmd.Context(), c.Account, staff.ParseSelector(args[0]), carryOut)
			if err != nil {
				return err
			}
			return d.printPlan(cmd, plan)
		},
	}
}
