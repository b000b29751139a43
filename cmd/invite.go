package cmd

import (
	"strconv"

	"github.com/spf13/cobra"

	"github.com/staffctl/staffctl/internal/output"
	"github.com/staffctl/staffctl/internal/staff"
)

func newInvite(d *deps) *cobra.Command {
	return noun("invite", "Invite people by mail to join an account", `An invite asks a person by mail to join the account with an access. Behind its
link they make a login or sign in with the one that they have.`,
		`  staffctl invite send anna.muster@example.ch --access invoices,orders.view
  staffctl invite list --status pending`,
		newInviteSend(d), newInviteList(d), newInviteShow(d), newInviteResend(d), newInviteRevoke(d), newInviteAccept(d))
}

func inviteID(arg string) (staff.ID, error) {
	return idOf("invite", arg, "no id of an invite; see staffctl invite list")
}

// idOf reads an id; otherwise it says what the argument is.
func idOf(field, arg, otherwise string) (staff.ID, error) {
	id, err := strconv.ParseInt(arg, 10, 64)
	if err != nil || id <= 0 {
		return 0, staff.Errorf(staff.CodeInvalid, field, "%q is %s", arg, otherwise)
	}
	return staff.ID(id), nil
}

// inviteView describes the invites of a list, whose status depends on the time
// and whose areas on the catalog.
func inviteView(list *staff.InviteList, now int64) output.View[*staff.Invite] {
	return output.View[*staff.Invite]{Empty: "no invites", Name: func(i *staff.Invite) string { return i.ID.String() },
		Columns: inviteColumns(list.Account, list.Catalog, now)}
}

func inviteColumns(a *staff.Account, c *staff.Catalog, now int64) []output.Column[*staff.Invite] {
	status := text("status", func(i *staff.Invite) string { return string(i.Status(now)) })
	status.Style = func(i *staff.Invite) output.Style { return inviteStyle(i.Status(now)) }
	return shown([]output.Column[*staff.Invite]{
		number("id", func(i *staff.Invite) int64 { return int64(i.ID) }),
		text("account", func(*staff.Invite) string { return a.Name }),
		text("email", func(i *staff.Invite) string { return i.Email }),
		status,
		text("access", func(i *staff.Invite) string { return string(i.Access.Kind) }),
		list("grants", func(i *staff.Invite) []string { return i.Access.Grants }),
		list("areas", func(i *staff.Invite) []string { return c.OpenAreas(i.Access) }),
		text("language", func(i *staff.Invite) string { return string(i.Language) }),
		text("sender", func(i *staff.Invite) string { return i.Sender }),
		moment("expires_at", func(i *staff.Invite) int64 { return i.ExpiresAt }),
		idOrNull("member_id", func(i *staff.Invite) staff.ID { return i.MemberID }),
		moment("created_at", func(i *staff.Invite) int64 { return i.CreatedAt }),
		moment("updated_at", func(i *staff.Invite) int64 { return i.UpdatedAt }),
	}, "id email access grants status expires_at", "areas language sender created_at")
}

func inviteStyle(s staff.InviteStatus) output.Style {
	switch s {
	case staff.InviteAccepted:
		return output.Good
	case staff.InvitePending:
		return output.Warn
	default:
		return output.Faint
	}
}
