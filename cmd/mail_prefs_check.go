package cmd

import (
	"slices"

	"github.com/spf13/cobra"

	"github.com/staffctl/staffctl/internal/output"
	"github.com/staffctl/staffctl/internal/staff"
)

func newMailPrefsCheck(d *deps) *cobra.Command {
	return &cobra.Command{
		Use:   "check [CATEGORY…]",
		Short: "Name the mail categories that nobody gets",
		Long: `Check lists the categories, of those named or of all, that no member of the
account receives, and ends with 11 when there is one.`,
		Example: `  staffctl mail-prefs check
  staffctl mail-prefs check invoices reminders`,
		Annotations: reads(staff.CodeDiffers),
		Args:        takes("[CATEGORY…"),
		RunE: func(cmd *cobra.Command, args []string) error {
			roster, readers, err := d.readers(cmd)
			if err != nil {
				return err
			}
			named := words(args)
			if err := roster.Catalog.CheckMail("category", named...); err != nil {
				return err
			}
			unread := slices.DeleteFunc(readers, func(r staff.Readers) bool {
				return r.Count > 0 || len(named) > 0 && !slices.Contains(named, r.Category)
			})
			return d.printUnread(unread)
		},
	}
}

func (d *deps) printUnread(unread []staff.Readers) error {
	p, err := d.printer()
	if err != nil {
		return err
	}
	view := readersView()
	view.Empty = "each category has a reader"
	if err := output.List(p, view, all(slices.Values(unread))); err != nil || len(unread) == 0 {
		return err
	}
	return silent(staff.CodeDiffers)
}
