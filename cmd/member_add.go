package cmd

import (
	"github.com/spf13/cobra"

	"github.com/staffctl/staffctl/internal/staff"
)

func newMemberAdd(d *deps) *cobra.Command {
	var conflict string
	cmd := &cobra.Command{
		Use:   "add EMAIL",
		Short: "Add a member without a login",
		Long: `Add makes a person known to the account. They have no login yet: the e-mail is
the username proposed, and member set-password makes the login. Without --access
nothing is open to them; a person who only gets mails needs no more.

--on-conflict says what happens when the e-mail is a member already: fail, skip
to leave them as they are, or update to set what the flags give.`,
		Example: `  staffctl member add anna.muster@example.ch --first-name Anna --last-name Muster --access all
  staffctl member add max.muster@example.ch --first-name Max --last-name Muster --salutation mr --phone "work=+41 44 555 12 34" --access invoices,orders.view --mail invoices,reminders`,
		Annotations: writes("adds a member, or with --on-conflict update changes one", nobody, staff.CodeForbidden),
		Args:        takes("EMAIL"),
	}
	person := details(cmd)
	phones := optionalList(cmd, "phone", "a phone as LABEL=NUMBER, LABEL being work, mobile, home, fax or other; may be repeated")
	username := optionalString(cmd, "username", "the username proposed, instead of the e-mail")
	access := optionalList(cmd, "access", "what is open: all, none, or grants separated by commas")
	mail := optionalList(cmd, "mail", "the mail categories the person gets: keys separated by commas, all or none")
	onConflict(cmd, &conflict)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		onConflict, err := conflictOf(conflict)
		if err != nil {
			return err
		}
		a := staff.AddMember{Email: args[0], Details: person(), Username: username.given(), Access: access.given(), Mail: mail.given(), OnConflict: onConflict}
		a.Phones = phones.given()
		if a.Mail != nil && len(*a.Mail) == 0 {
			return staff.Errorf(staff.CodeInvalid, "mail", "no mail category named; give keys, all or none")
		}
		for _, name := range []string{"first-name", "last-name"} {
			if onConflict != staff.Update && !cmd.Flags().Changed(name) {
				return usage(cmd, "--%s is missing", name)
			}
		}
		return d.do(cmd, "", a)
	}
	return cmd
}
