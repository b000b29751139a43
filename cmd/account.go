package cmd

import (
	"github.com/spf13/cobra"

	"github.com/staffctl/staffctl/internal/output"
	"github.com/staffctl/staffctl/internal/staff"
)

func newAccount(d *deps) *cobra.Command {
	return noun("account", "Create, show and change accounts", `An account is a customer: a team whose members sign in to the portal. Commands
work on one account: that of --account, of the environment, of the context, or
the only one there is.`,
		`  staffctl account create acme --display-name "ACME AG" --plan enterprise
  staffctl account list`,
		newAccountCreate(d), newAccountList(d), newAccountShow(d), newAccountSet(d), newAccountSetOwner(d), newAccountDelete(d), newAccountSender(d))
}

func accountView() output.View[*staff.Account] {
	return output.View[*staff.Account]{
		Columns: accountColumns(),
		Name:    func(a *staff.Account) string { return a.Name },
		Empty:   "no accounts",
	}
}

// settings adds the flags of an account's settings.
func settings(cmd *cobra.Command) func() staff.Settings {
	name := optionalString(cmd, "display-name", "the name that people read")
	plan := optionalString(cmd, "plan", "standard or enterprise, which has subaccounts")
	twoFactor := optionalString(cmd, "two-factor", "off, or sms: everybody signs in with a mobile TAN too")
	language := optionalString(cmd, "language", "de or en, for new members")
	access := optionalList(cmd, "default-access", "what the first password grants where access is none: all, none, or grants separated by commas")
	other := &optional[bool]{}
	cmd.Flags().BoolVar(&other.value, "invite-other-address", true, "let a login with another e-mail accept an invite")
	other.flag = cmd.Flags().Lookup("invite-other-address")
	return func() staff.Settings {
		return staff.Settings{DisplayName: name.given(), Tariff: plan.given(), TwoFactor: twoFactor.given(), Language: language.given(),
			DefaultAccess: access.given(), InviteOtherAddress: other.given()}
	}
}
