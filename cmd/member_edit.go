package cmd

import (
	"github.com/spf13/cobra"

	"github.com/staffctl/staffctl/internal/staff"
)

func newMemberEdit(d *deps) *cobra.Command {
	var add, remove []string
	cmd := &cobra.Command{
		Use:   "edit MEMBER",
		Short: "Change names, e-mail, phones and language of a member",
		Long: `Edit changes what is given and leaves the rest. A new e-mail becomes the login
e-mail too while no other account has the login; the username stays.`,
		Example: `  staffctl member edit anna.muster@example.ch --last-name Beispiel --email anna.beispiel@example.ch
  staffctl member edit username:anna --phone "mobile=+41 79 555 12 34" --remove-phone fax`,
		Annotations: writes("changes the details of a member", nobody),
		Args:        takes("MEMBER"),
	}
	person := details(cmd)
	email := optionalString(cmd, "email", "the e-mail")
	cmd.Flags().StringSliceVar(&add, "phone", nil, "a phone to add, as LABEL=NUMBER; may be repeated")
	cmd.Flags().StringSliceVar(&remove, "remove-phone", nil, "phones to remove, as LABEL, NUMBER or LABEL=NUMBER; may be repeated")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if !anyGiven(cmd) {
			return usage(cmd, "nothing to change is given")
		}
		return d.do(cmd, "", staff.EditMember{Member: staff.ParseSelector(args[0]), Email: email.given(), Details: person(),
			AddPhones: add, RemovePhones: remove})
	}
	return cmd
}
