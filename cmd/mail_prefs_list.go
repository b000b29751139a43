package cmd

import (
	"slices"

	"github.com/spf13/cobra"

	"github.com/staffctl/staffctl/internal/output"
)

func newMailPrefsList(d *deps) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the mail categories with how many members get each",
		Long:  `List counts who gets each category; member list --mail CATEGORY names them.`,
		Example: `  staffctl mail-prefs list
  staffctl mail-prefs list -o json`,
		Annotations: reads(),
		Args:        takes(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, readers, err := d.readers(cmd)
			if err != nil {
				return err
			}
			p, err := d.printer()
			if err != nil {
				return err
			}
			return output.List(p, readersView(), all(slices.Values(readers)))
		},
	}
}
