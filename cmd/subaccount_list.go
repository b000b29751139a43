package cmd

import (
	"github.com/spf13/cobra"

	"github.com/staffctl/staffctl/internal/output"
	"github.com/staffctl/staffctl/internal/staff"
)

func newSubaccountList(d *deps) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List subaccounts with their roles",
		Long:  `List shows the subaccounts of the account by name, the ones not confirmed too.`,
		Example: `  staffctl subaccount list
  staffctl subaccount list -o json --columns subaccount,role,status`,
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
			roster, err := s.Roster(cmd.Context(), c.Account)
			if err != nil {
				return err
			}
			view := memberView(roster.Account, roster.Catalog)
			view.Empty, view.Name = "no subaccounts", func(m *staff.Member) string { return m.Subaccount }
			view.Columns = shown(view.Columns, "username role email areas status", "id name language created_at")
			return output.List(p, view, roster.Members(cmd.Context(), staff.SortUsername, staff.MemberFilter{Subaccounts: true}))
		},
	}
}
