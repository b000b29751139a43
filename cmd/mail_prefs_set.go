package cmd

import (
	"github.com/spf13/cobra"

	"github.com/staffctl/staffctl/internal/staff"
)

func newMailPrefsSet(d *deps) *cobra.Command {
	return &cobra.Command{
		Use:   "set MEMBER CATEGORY…",
		Short: "Set which mails a member gets",
		Long: `Set replaces the mail categories that the portal mails to a member, with or
without access: keys of the catalog, all, or none.`,
		Example: `  staffctl mail-prefs set anna.muster@example.ch invoices reminders
  staffctl mail-prefs set username:anna news --dry-run`,
		Annotations: writes("replaces the mails that a member gets", nobody),
		Args:        takes("MEMBER", "CATEGORY…"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return d.do(cmd, "", staff.ChangeMail{Member: staff.ParseSelector(args[0]), Change: staff.MailSet, Categories: words(args[1:])})
		},
	}
}
