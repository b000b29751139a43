package cmd

import (
	"errors"

	"github.com/spf13/cobra"

	"github.com/staffctl/staffctl/internal/output"
	"github.com/staffctl/staffctl/internal/staff"
)

// acceptInput is what invite accept reads.
type acceptInput struct {
	Token      string  `json:"token"`
	Login      string  `json:"login"`
	Username   string  `json:"username"`
	Password   string  `json:"password"`
	Salutation *string `json:"salutation"`
	FirstName  *string `json:"first_name"`
	LastName   *string `json:"last_name"`
	Language   *string `json:"language"`
}

func acceptSchema() *output.Schema {
	return inputSchema([]string{"token", "login", "password"},
		output.Described("token", "the last part of the mailed link, or the whole link", output.String),
		output.Described("login", "whether to make a login or to sign in with one", output.OneOf([]string{"new", "existing"})),
		output.Described("username", "the username of the login; the invited e-mail unless given for a new one", output.String),
		output.Described("password", "the password: of the login, or the one to set", output.String),
		output.Described("salutation", "how a new person is addressed", output.OneOf(staff.Salutations)),
		output.Described("first_name", "the first name of a new person", output.String),
		output.Described("last_name", "the last name of a new person", output.String),
		output.Described("language", "the language of a new person", output.OneOf(staff.Languages)))
}

func newInviteAccept(d *deps) *cobra.Command {
	return &cobra.Command{
		Use:   "accept",
		Short: "Accept an invite with the token of its link",
		Long: `Accept does what the page behind the link of an invite does, for portals with
pages of their own. It reads one JSON object from standard input: token, which is
the last part of the link; login, which is new or existing; username and password.
A new login also takes salutation, first_name, last_name and language, and its
username is the invited e-mail unless given.`,
		Example: `  staffctl invite accept --dry-run < accept.json
  staffctl invite accept -o json < accept.json`,
		Annotations: writes("gives a person a login or takes the one they have, and makes it a member of the account", nobody, staff.CodeForbidden, staff.CodeExpired),
		Args:        takes(),
		RunE:        func(cmd *cobra.Command, _ []string) error { return d.accept(cmd) },
	}
}

func (d *deps) accept(cmd *cobra.Command) error {
	var in acceptInput
	if err := readObject(d.ios.In, &in); err != nil {
		return err
	}
	s, _, err := d.staff()
	if err != nil {
		return err
	}
	a := staff.AcceptInvite{Token: tokenOf(in.Token),
		Details: staff.Details{Salutation: in.Salutation, FirstName: in.FirstName, LastName: in.LastName, Language: in.Language}}
	switch in.Login {
	case "new":
		a.Username, a.Password = in.Username, staff.PlainPassword(in.Password)
		return d.do(cmd, "", a)
	case "existing":
	default:
		return staff.Errorf(staff.CodeInvalid, "login", "login is %q; give new to make a login or existing to sign in with one", in.Login)
	}
	if d.dryRun {
		return usage(cmd, "a sign-in is counted, so --dry-run cannot try one; leave it out")
	}
	if _, err := s.Open(cmd.Context(), a.Token); err != nil {
		return err
	}
	if a.Proof, err = s.Prove(cmd.Context(), in.Username, in.Password, ""); err != nil {
		return err
	}
	plan, err := s.Accept(cmd.Context(), a)
	if errors.Is(err, staff.ErrNotHolders) && plan != nil {
		// What it came to is another account's matter, so only the error is told.
		d.deliver(cmd.Context(), plan)
		return err
	}
	if err != nil {
		return err
	}
	return d.printPlan(cmd, plan)
}
