package cmd

import (
	"github.com/spf13/cobra"

	"github.com/staffctl/staffctl/internal/staff"
)

func newSubaccountCreate(d *deps) *cobra.Command {
	var a staff.CreateSubaccount
	var conflict string
	cmd := &cobra.Command{
		Use:   "create NAME --email EMAIL --role ROLE",
		Short: "Create a subaccount and mail its holder the link to confirm it",
		Long: `Create adds a subaccount with the username ACCOUNT-NAME and mails a link to the
e-mail. Behind it the holder sets a password; then the role's areas are open. The
link works once and for 24 hours.

The e-mail registers the subaccount: it cannot be a sender address of any account.
--show-link prints the link and mails nothing: hand it over yourself.`,
		Example: `  staffctl subaccount create texter --email texter@example.ch --role copywriter
  staffctl subaccount create support --email support@example.ch --role customer-support --first-name Anna --last-name Muster`,
		Annotations: writes("adds a subaccount, or with --on-conflict update changes one", "its holder, unless --show-link is given", staff.CodeForbidden, staff.CodePartial),
		Args:        takes("NAME"),
	}
	person := details(cmd)
	cmd.Flags().StringVar(&a.Email, "email", "", "the registration e-mail, which the link is mailed to")
	cmd.Flags().StringVar(&a.Role, "role", "", "the role: a key of staffctl catalog show")
	onConflict(cmd, &conflict)
	showLink(cmd, &a.Show)
	cmd.RunE = func(cmd *cobra.Command, args []string) (err error) {
		for _, name := range []string{"email", "role"} {
			if !cmd.Flags().Changed(name) {
				return usage(cmd, "--%s is missing", name)
			}
		}
		if a.OnConflict, err = conflictOf(conflict); err != nil {
			return err
		}
		a.Name, a.Details = args[0], person()
		return d.do(cmd, "", a)
	}
	return cmd
}
