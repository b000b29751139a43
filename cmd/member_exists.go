package cmd

import (
	"github.com/spf13/cobra"

	"github.com/staffctl/staffctl/internal/staff"
)

func newMemberExists(d *deps) *cobra.Command {
	return &cobra.Command{
		Use:   "exists MEMBER",
		Short: "Say by the exit code whether a member exists",
		Long: `Exists prints nothing and ends with 0 when the account has the member, and with
4 when it has not.`,
		Example: `  staffctl member exists anna.muster@example.ch
  staffctl member exists username:anna || echo "not yet"`,
		Annotations: reads(staff.CodeConflict),
		Args:        takes("MEMBER"),
		RunE: func(cmd *cobra.Command, args []string) error {
			_, err := d.person(cmd, args[0])
			if staff.IsUnknownMember(err) {
				return silent(staff.CodeNotFound)
			}
			return err
		},
	}
}
