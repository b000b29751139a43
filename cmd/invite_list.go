package cmd

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/staffctl/staffctl/internal/output"
	"github.com/staffctl/staffctl/internal/staff"
)

func newInviteList(d *deps) *cobra.Command {
	var status, email string
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List invites",
		Long:  `List shows the invites of the account, the oldest first, and what became of them.`,
		Example: `  staffctl invite list --status pending
  staffctl invite list --email anna.muster@example.ch -o json`,
		Annotations: reads(),
		Args:        takes(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, c, err := d.staff()
			if err != nil {
				return err
			}
			p, err := d.printer()
			if err != nil {
				return err
			}
			list, err := s.Invites(cmd.Context(), c.Account, staff.InviteFilter{Status: staff.InviteStatus(status), Email: email})
			if err != nil {
				return err
			}
			return output.List(p, inviteView(list, d.now().UnixMilli()), all(slices.Values(list.Invites)))
		},
	}
	cmd.Flags().StringVar(&status, "status", "", "only invites with this status: "+strings.Join(staff.InviteStatuses, ", "))
	cmd.Flags().StringVar(&email, "email", "", "only invites of this e-mail")
	return cmd
}
