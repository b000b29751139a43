package cmd

import (
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
		Long: `Show prints all that is known of a member: whether they can sign in and if not
why, which areas are open to them, which mails they get.`,
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
			return output.One(p, historyView(person, d.now().UnixMilli()), person.Member)
		},
	}
}

// historyView is personView with what is known of the person's sign-ins.
func historyView(person *staff.Person, now int64) output.View[*staff.Member] {
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
		objects("last_sign_ins", "the last sign-ins in the account, the newest first", func(*staff.Member) []staff.SignIn { return h.SignIns },
			func(s staff.SignIn) string { return atText(s.At) + " from " + s.Network },
			moment("at", "when it was", func(s staff.SignIn) int64 { return s.At }),
			text("network", "the network that it came from, an address with its prefix length", func(s staff.SignIn) string { return s.Network })),
		objects("open_links", "the mailed links that work still", func(*staff.Member) []*staff.Link { return h.Links },
			func(l *staff.Link) string { return string(l.Purpose) + " until " + atText(l.ExpiresAt) },
			text("email", "the address that it was mailed to", func(l *staff.Link) string { return l.Email }),
			moment("expires_at", "until when it works", func(l *staff.Link) int64 { return l.ExpiresAt }),
			word("purpose", "what it is for", staff.Purposes, func(l *staff.Link) string { return string(l.Purpose) })))
	return view
}

func atText(unixMilli int64) string {
	return strings.Trim(string(output.AppendTime(nil, unixMilli)), `"`)
}

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
		text("sign_in", "whether the person can sign in and if not why, in words", func(*staff.Member) string { return person.SignIn() }))
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
