package cmd

import (
	"slices"

	"github.com/spf13/cobra"

	"github.com/staffctl/staffctl/internal/output"
)

func newAccountList(d *deps) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the accounts of the store",
		Long:  `List prints all accounts of the store by name.`,
		Example: `  staffctl account list
  staffctl account list -o name`,
		Annotations: reads(),
		Args:        takes(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, _, err := d.staff()
			if err != nil {
				return err
			}
			accounts, err := s.Store.Accounts(cmd.Context())
			if err != nil {
				return err
			}
			p, err := d.printer()
			if err != nil {
				return err
			}
			return output.List(p, accountView(), all(slices.Values(accounts)))
		},
	}
}
