package cmd

import (
	"cmp"
	"encoding/json"
	"slices"

	"github.com/spf13/cobra"

	"github.com/staffctl/staffctl/internal/output"
	"github.com/staffctl/staffctl/internal/staff"
)

func newMemberShow(d *deps) *cobra.Command {
	return &cobra.Command{
		Use:   "show MEMBER",
		Short: "Show a member",
		Long: `Show prints what support needs at a glance: who it is, whether they can sign in
and if not why and what to do, which areas are open to them and by what, which
mails they get, the last sign-ins, open links and invites, and the last changes.
Programs, and --columns, get it as keys and values.`,
		Example: `  staffctl member show anna.muster@example.ch
  staffctl member show username:anna -o json`,
		Args: takes("MEMBER"),
		RunE: func(cmd *cobra.Command, args []string) error {
			s, c, err := d.staff()
			if err != nil {
				return err
			}
			person, err := s.PersonWithHistory(cmd.Context(), c.Account, staff.ParseSelector(args[0]))
			if err != nil {
				return err
			}
			p, err := d.printer()
			if err != nil {
				return err
			}
			now := d.now().UnixMilli()
			if d.forPeople() && len(d.loaded.Columns) == 0 && !d.loaded.NoHeaders {
				return output.Page(p, memberPage(person, now))
			}
			return output.One(p, historyView(person, now), person.Member)
		},
	}
}

// historyView is personView with what is known of the person's sign-ins, and what
// changed.
func historyView(person *staff.Person, now int64) output.View[*staff.Member] {
	view, h := personView(person), person.History
	at := slices.IndexFunc(view.Columns, func(c output.Column[*staff.Member]) bool { return c.Key == "created_at" })
	view.Columns = slices.Insert(view.Columns, at,
		moment("locked_until", func(*staff.Member) int64 {
			if h.Wait == 0 {
				return 0
			}
			return now + h.Wait.Milliseconds()
		}),
		number("sessions", func(*staff.Member) int64 { return int64(h.Sessions) }),
		objects("last_sign_ins", h.SignIns, func(s staff.SignIn) (string, map[string]any) {
			return atText(s.At) + " from " + s.Network, map[string]any{"at": atText(s.At), "network": s.Network}
		}),
		objects("open_links", h.Links, func(l *staff.Link) (string, map[string]any) {
			return string(l.Purpose) + " until " + atText(l.ExpiresAt), map[string]any{"purpose": l.Purpose, "email": l.Email, "expires_at": atText(l.ExpiresAt)}
		}),
		objects("open_invites", h.Invites, func(i *staff.Invite) (string, map[string]any) {
			return i.ID.String() + " until " + atText(i.ExpiresAt), map[string]any{"id": i.ID, "access": orEmpty(i.Access.List()), "sender": i.Sender, "expires_at": atText(i.ExpiresAt)}
		}),
		objects("recent_changes", h.Changes, func(e *staff.AuditEntry) (string, map[string]any) {
			return atText(e.At) + " " + e.Action, map[string]any{"at": atText(e.At), "actor": who(e.Actor), "action": e.Action,
				"before": json.RawMessage(cmp.Or(e.Before, "null")), "after": json.RawMessage(cmp.Or(e.After, "null"))}
		}),
		orNull("next_step", func(*staff.Member) string { return person.NextStep() }))
	return view
}

// who names the one behind a change that matters most to people: the person behind
// a link, or who asked for it, or the user who ran the command.
func who(a staff.Actor) string { return cmp.Or(a.Person, a.Claimed, a.StoreUser, a.OSUser) }

// person finds the member that the argument names.
func (d *deps) person(cmd *cobra.Command, member string) (*staff.Person, error) {
	s, c, err := d.staff()
	if err != nil {
		return nil, err
	}
	return s.Person(cmd.Context(), c.Account, staff.ParseSelector(member))
}

// personView is memberView with what only a single person shows.
func personView(person *staff.Person) output.View[*staff.Member] {
	view := memberView(person.Account, person.Catalog)
	at := slices.IndexFunc(view.Columns, func(c output.Column[*staff.Member]) bool { return c.Key == "access" })
	view.Columns = slices.Insert(view.Columns, at,
		text("sign_in", func(*staff.Member) string { return person.SignIn() }),
		byKey("opens", person.Opens(), func(o staff.Opening) (key, value string) { return o.Area, o.By }))
	at = slices.IndexFunc(view.Columns, func(c output.Column[*staff.Member]) bool { return c.Key == "created_at" })
	view.Columns = slices.Insert(view.Columns, at,
		flagOf("is_owner", func(m *staff.Member) bool { return m.ID == person.Account.OwnerID }),
		orNull("login_email", func(m *staff.Member) string { return loginOf(m).Email }),
		flagOf("must_change_password", func(m *staff.Member) bool { return loginOf(m).MustChange }),
		orNull("mobile", func(m *staff.Member) string { return loginOf(m).Mobile }),
		number("login_accounts", func(m *staff.Member) int64 { return int64(loginOf(m).Accounts) }))
	return view
}

// loginOf returns the member's login, or an empty one.
func loginOf(m *staff.Member) *staff.Login {
	if m.Login == nil {
		return &staff.Login{}
	}
	return m.Login
}
