package cmd

import (
	"github.com/spf13/cobra"

	"github.com/staffctl/staffctl/internal/output"
	"github.com/staffctl/staffctl/internal/staff"
)

func newMember(d *deps) *cobra.Command {
	return noun("member", "Add, find and change members", `A member is a person in an account. MEMBER is an e-mail, a username or an id;
email:, username: or id: before it says which.`,
		`  staffctl member add anna.muster@example.ch --first-name Anna --last-name Muster
  staffctl member list --status no-login`,
		newMemberAdd(d), newMemberList(d), newMemberShow(d), newMemberExists(d), newMemberExplain(d), newMemberEdit(d),
		newMemberSetUsername(d), newMemberSetPassword(d), newMemberResetPassword(d), newMemberResetSecondFactor(d), newMemberUnlock(d), newMemberSignOut(d), newMemberGrant(d), newMemberRevoke(d), newMemberSetAccess(d),
		newMemberSuspend(d), newMemberResume(d), newMemberRemove(d))
}

// memberView shows members of one account.
func memberView(a *staff.Account, c *staff.Catalog) output.View[*staff.Member] {
	return output.View[*staff.Member]{
		Columns: memberColumns(a, c),
		Name:    func(m *staff.Member) string { return m.Email },
		Empty:   "no members",
	}
}
