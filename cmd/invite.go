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
	status := word("status", "what became of it; expired by the clock", staff.InviteStatuses, func(i *staff.Invite) string { return string(i.Status(now)) })
	status.Style = func(i *staff.Invite) output.Style { return inviteStyle(i.Status(now)) }
	return shown([]output.Column[*staff.Invite]{
		number("id", "the id, below 2^53", func(i *staff.Invite) int64 { return int64(i.ID) }),
		text("account", "the name of the account", func(*staff.Invite) string { return a.Name }),
		text("email", "the address that is invited", func(i *staff.Invite) string { return i.Email }),
		status,
		word("access", "how access is given", staff.AccessKinds, func(i *staff.Invite) string { return string(i.Access.Kind) }),
		list("grants", "the areas and permissions, with access grants; else empty", func(i *staff.Invite) []string { return i.Access.Grants }),
		list("areas", "the areas that the access opens", func(i *staff.Invite) []string { return c.OpenAreas(i.Access) }),
		word("language", "the language of the mail", staff.Languages, func(i *staff.Invite) string { return string(i.Language) }),
		text("sender", "who sent it: an operating-system user, a user of the store or who was claimed", func(i *staff.Invite) string { return i.Sender }),
		moment("expires_at", "until when its link works", func(i *staff.Invite) int64 { return i.ExpiresAt }),
		idOrNull("member_id", "the id of the member who accepted it", func(i *staff.Invite) staff.ID { return i.MemberID }),
		moment("created_at", "when it was added", func(i *staff.Invite) int64 { return i.CreatedAt }),
		moment("updated_at", "when it was last changed", func(i *staff.Invite) int64 { return i.UpdatedAt }),
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
