package cmd

import (
	"cmp"
	"slices"
	"strings"

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
		Annotations: reads(staff.CodeConflict),
		Args:        takes("MEMBER"),
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
			now, next := d.now().UnixMilli(), d.here(person.NextStep())
			if d.forPeople() && len(d.loaded.Columns) == 0 && !d.loaded.NoHeaders {
				return output.Page(p, memberPage(person, now, next))
			}
			return output.One(p, historyView(person, now, next), person.Member)
		},
	}
}

// here returns a command with the flags by which this one has found its store and
// account, so that it works there too.
func (d *deps) here(command string) string {
	flags := ""
	d.globals.VisitAll(func(f *flag) {
		if f.Changed && (f.Name == "account" || f.Name == "config" || f.Name == "context" || strings.HasPrefix(f.Name, "store")) {
			flags += " --" + f.Name + " " + staff.ShellWord(f.Value.String())
		}
	})
	return strings.Replace(command, "staffctl ", "staffctl"+flags+" ", 1)
}

// historyView is personView with what is known of the person's sign-ins, and what
// changed.
func historyView(person *staff.Person, now int64, next string) output.View[*staff.Member] {
	view, h := personView(person), person.History
	at := slices.IndexFunc(view.Columns, func(c output.Column[*staff.Member]) bool { return c.Key == "created_at" })
	view.Columns = slices.Insert(view.Columns, at,
		momentOrNull("locked_until", "until when the person has to wait after too many tries", func(*staff.Member) int64 {
			if h.Wait == 0 {
				return 0
			}
			return now + h.Wait.Milliseconds()
		}),
		number("sessions", "how many sessions are open in the account", func(*staff.Member) int64 { return int64(h.Sessions) }),
		signInsColumn(h), linksColumn(h), invitesColumn(h), lastChangesColumn(h),
		orNull("next_step", "what to do so that the person can sign in; null where nothing is", func(*staff.Member) string { return next }))
	return view
}

func signInsColumn(h *staff.History) output.Column[*staff.Member] {
	return objects("last_sign_ins", "the last sign-ins in the account, the newest first", func(*staff.Member) []staff.SignIn { return h.SignIns },
		func(s staff.SignIn) string { return atText(s.At) + " from " + s.Network },
		moment("at", "when it was", func(s staff.SignIn) int64 { return s.At }),
		text("network", "the network that it came from, an address with its prefix length", func(s staff.SignIn) string { return s.Network }))
}

func linksColumn(h *staff.History) output.Column[*staff.Member] {
	return objects("open_links", "the mailed links that work still", func(*staff.Member) []*staff.Link { return h.Links },
		func(l *staff.Link) string { return string(l.Purpose) + " until " + atText(l.ExpiresAt) },
		text("email", "the address that it was mailed to", func(l *staff.Link) string { return l.Email }),
		moment("expires_at", "until when it works", func(l *staff.Link) int64 { return l.ExpiresAt }),
		word("purpose", "what it is for", staff.Purposes, func(l *staff.Link) string { return string(l.Purpose) }))
}

func invitesColumn(h *staff.History) output.Column[*staff.Member] {
	return objects("open_invites", "the pending invites to the e-mail", func(*staff.Member) []*staff.Invite { return h.Invites },
		func(i *staff.Invite) string { return i.ID.String() + " until " + atText(i.ExpiresAt) },
		number("id", "the id, below 2^53", func(i *staff.Invite) int64 { return int64(i.ID) }),
		list("access", "what it opens: all alone, or grants", func(i *staff.Invite) []string { return i.Access.List() }),
		text("sender", "who sent it", func(i *staff.Invite) string { return i.Sender }),
		moment("expires_at", "until when it can be accepted", func(i *staff.Invite) int64 { return i.ExpiresAt }))
}

func lastChangesColumn(h *staff.History) output.Column[*staff.Member] {
	return objects("recent_changes", "the last changes of the audit, the newest first", func(*staff.Member) []*staff.AuditEntry { return h.Changes },
		func(e *staff.AuditEntry) string { return atText(e.At) + " " + e.Action },
		moment("at", "when it was", func(e *staff.AuditEntry) int64 { return e.At }),
		text("actor", "who did it: the person behind a link, who was claimed with --actor, or the user", func(e *staff.AuditEntry) string { return who(e.Actor) }),
		typed(text("action", "what was done", func(e *staff.AuditEntry) string { return e.Action }), actionType),
		beforeColumn(), afterColumn())
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
		text("sign_in", "whether the person can sign in and if not why, in words", func(*staff.Member) string { return person.SignIn() }),
		objects("opens", "the areas that the access opens, and by what", func(*staff.Member) []staff.Opening { return person.Opens() },
			func(o staff.Opening) string { return o.Area + " by " + o.By },
			text("area", "the area", func(o staff.Opening) string { return o.Area }),
			text("by", "what opens it: access all, role R, or grant G", func(o staff.Opening) string { return o.By })))
	at = slices.IndexFunc(view.Columns, func(c output.Column[*staff.Member]) bool { return c.Key == "created_at" })
	view.Columns = slices.Insert(view.Columns, at,
		flagOf("is_owner", "whether the member owns the account", func(m *staff.Member) bool { return m.ID == person.Account.OwnerID }),
		orNull("login_email", "the e-mail address of the login", func(m *staff.Member) string { return loginOf(m).Email }),
		flagOf("must_change_password", "whether the password is temporary", func(m *staff.Member) bool { return loginOf(m).MustChange }),
		orNull("mobile", "the number that TANs go to, as E.164", func(m *staff.Member) string { return loginOf(m).Mobile }),
		number("login_accounts", "how many accounts the login serves; 0 without one", func(m *staff.Member) int64 { return int64(loginOf(m).Accounts) }))
	return view
}

// loginOf returns the member's login, or an empty one.
func loginOf(m *staff.Member) *staff.Login {
	if m.Login == nil {
		return &staff.Login{}
	}
	return m.Login
}
