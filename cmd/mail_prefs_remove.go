package cmd

import (
	"github.com/spf13/cobra"

	"github.com/staffctl/staffctl/internal/staff"
)

func newMailPrefsRemove(d *deps) *cobra.Command {
	return &cobra.Command{
		Use:   "remove MEMBER CATEGORY…",
		Short: "Remove mails that a member gets",
		Long: `Remove takes mail categories from a member. See mail-prefs check for the ones
that nobody gets then.`,
		Example: `  staffctl mail-prefs remove anna.muster@example.ch invoices reminders
  staffctl mail-prefs remove username:anna news --dry-run`,
		Annotations: writes("takes from the mails that a member gets", nobody),
		Args:        takes("MEMBER", "CATEGORY…"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return d.do(cmd, "", staff.ChangeMail{Member: staff.ParseSelector(args[0]), Change: staff.MailRemove, Categories: words(args[1:])})
		},
	}
}
