package cmd

import (
	"github.com/spf13/cobra"

	"github.com/staffctl/staffctl/internal/output"
	"github.com/staffctl/staffctl/internal/staff"
)

// confirmInput is what subaccount confirm reads.
type confirmInput struct {
	Token    string `json:"token"`
	Username string `json:"username"`
	Password string `json:"password"`
}

func confirmSchema() *output.Schema {
	return inputSchema([]string{"token", "password"},
		output.Described("token", "the last part of the mailed link, or the whole link", output.String),
		output.Described("username", "the subaccount's username, to make sure; may be left out", output.String),
		output.Described("password", "the password to set", output.String))
}

func newSubaccountConfirm(d *deps) *cobra.Command {
	return &cobra.Command{
		Use:   "confirm",
		Short: "Confirm a subaccount with the token of its link and a password",
		Long: `Confirm does what the page behind the confirmation link does, for portals with
pages of their own. It reads one JSON object from standard input: token, which is
the last part of the link, password, and if you like username, which must then be
the subaccount's.`,
		Example: `  staffctl subaccount confirm --dry-run < confirm.json
  staffctl subaccount confirm -o json < confirm.json`,
		Annotations: writes("makes the login of a subaccount and ends its link", nobody, staff.CodeForbidden, staff.CodeExpired),
		Args:        takes(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			var in confirmInput
			if err := readObject(d.ios.In, &in); err != nil {
				return err
			}
			return d.do(cmd, "", staff.ConfirmSubaccount{Token: tokenOf(in.Token), Username: in.Username, Password: staff.PlainPassword(in.Password)})
		},
	}
}
