package cmd

import "github.com/spf13/cobra"

func newSubaccount(d *deps) *cobra.Command {
	return noun("subaccount", "Administer subaccounts: members with a role", `A subaccount is a member with a role and a username that begins with the account's
name and a hyphen. Its holder sets the password behind a mailed link. Only
accounts on plan enterprise have subaccounts.`,
		`  staffctl subaccount create texter --email texter@example.ch --role copywriter
  staffctl subaccount list`,
		newSubaccountCreate(d), newSubaccountList(d), newSubaccountShow(d), newSubaccountSetRole(d), newSubaccountResend(d),
		newSubaccountConfirm(d), newSubaccountRemove(d))
}
