package cmd

import (
	"github.com/spf13/cobra"

	"github.com/staffctl/staffctl/internal/output"
	"github.com/staffctl/staffctl/internal/staff"
)

func newAccountShow(d *deps) *cobra.Command {
	return &cobra.Command{
		Use:   "show NAME",
		Short: "Show an account",
		Long:  `Show prints an account's settings and how many people it has.`,
		Example: `  staffctl account show acme
  staffctl account show acme -o json`,
		Annotations: reads(),
		Args:        takes("NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			s, _, err := d.staff()
			if err != nil {
				return err
			}
			facts, err := s.Account(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			p, err := d.printer()
			if err != nil {
				return err
			}
			return output.One(p, accountDetailsView(facts), facts.Account)
		},
	}
}

// accountDetailsView is accountView with what only a single account shows.
func accountDetailsView(facts *staff.Facts) output.View[*staff.Account] {
	view := accountView()
	view.Columns = append(view.Columns,
		number("members", "how many members there are", func(*staff.Account) int64 { return int64(facts.Members) }),
		number("subaccounts", "how many of them are subaccounts", func(*staff.Account) int64 { return int64(facts.Subaccounts) }),
		number("administrators", "how many can sign in and have full access", func(*staff.Account) int64 { return int64(facts.Administrators) }))
	return view
}
