package cmd

import (
	"github.com/spf13/cobra"

	"github.com/staffctl/staffctl/internal/output"
)

func newSubaccountShow(d *deps) *cobra.Command {
	return &cobra.Command{
		Use:   "show NAME",
		Short: "Show a subaccount",
		Long: `Show prints all that is known of a subaccount: whether its holder can sign in and
if not why, its role and the areas that it opens. NAME may have the prefix.`,
		Example: `  staffctl subaccount show texter
  staffctl subaccount show acme-texter -o json`,
		Annotations: reads(),
		Args:        takes("NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			s, c, err := d.staff()
			if err != nil {
				return err
			}
			person, err := s.Subaccount(cmd.Context(), c.Account, args[0])
			if err != nil {
				return err
			}
			p, err := d.printer()
			if err != nil {
				return err
			}
			return output.One(p, personView(person), person.Member)
		},
	}
}
