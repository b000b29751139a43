package cmd

import (
	"github.com/spf13/cobra"

	"github.com/staffctl/staffctl/internal/staff"
)

func newInviteSend(d *deps) *cobra.Command {
	var a staff.SendInvite
	var conflict, expires string
	cmd := &cobra.Command{
		Use:   "send EMAIL --access all|GRANT,…",
		Short: "Invite a person by mail",
		Long: `Send mails an invite to the e-mail. Behind its link the person makes a login or
signs in with the one that they have; then they are a member with this access.
Nobody who can sign in is invited; a member without login gets theirs by it.

--show-link prints the link and mails nothing: hand it over yourself.`,
		Example: `  staffctl invite send anna.muster@example.ch --access all
  staffctl invite send max.muster@example.de --access invoices,orders.view --expires 24h --language en`,
		Annotations: writes("adds an invite", "the invited address, unless --show-link is given", staff.CodeForbidden, staff.CodePartial),
		Args:        takes("EMAIL"),
	}
	access := optionalList(cmd, "access", "what it opens: all, or grants separated by commas")
	language := optionalString(cmd, "language", "de or en; the account's unless given")
	cmd.Flags().StringVar(&expires, "expires", "72h", "how long the invite lasts: from 1m to 7d")
	onConflict(cmd, &conflict)
	showLink(cmd, &a.Show)
	cmd.RunE = func(cmd *cobra.Command, args []string) (err error) {
		if access.given() == nil {
			return usage(cmd, "--access is missing: give all or grants")
		}
		if a.OnConflict, err = conflictOf(conflict); err != nil {
			return err
		}
		if a.Expires, err = staff.ParsePeriod(expires); err != nil || a.Expires == 0 {
			return staff.Errorf(staff.CodeInvalid, "expires", "an invite lasts from a minute to 7 days, such as 24h or 3d, not %q", expires)
		}
		a.Email, a.Access, a.Language = args[0], *access.given(), language.given()
		return d.do(cmd, "", a)
	}
	return cmd
}
