package cmd

import (
	"github.com/spf13/cobra"

	"github.com/staffctl/staffctl/internal/staff"
)

func newMailPrefsAdd(d *deps) *cobra.Command {
	return &cobra.Command{
		Use:   "add MEMBER CATEGORY…",
		Short: "Add mails that a member gets",
		Long:  `Add lets a member get more mail categories.`,
		Example: `  staffctl mail-prefs add anna.muster@example.ch invoices reminders
  staffctl mail-prefs add username:anna news --dry-run`,
		Annotations: writes("adds to the mails that a member gets", nobody),
		Args:        takes("MEMBER", "CATEGORY…"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return d.do(cmd, "", staff.ChangeMail{Member: staff.ParseSelector(args[0]), Change: staff.MailAdd, Categories: words(args[1:])})
		},
	}
}
