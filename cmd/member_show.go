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
		}))
	return view
}

func atText(unixMilli int64) string {
	return strings.Trim(string(output.AppendTime(nil, unixMilli)), `"`)
}

// objects makes a column of a list of things, each as a text for people and as an
// object for programs.
func objects[T any](key string, list []T, show func(T) (string, map[string]any)) output.Column[*staff.Member] {
	var texts []string
	all := []map[string]any{}
	for _, x := range list {
		text, object := show(x)
		texts, all = append(texts, text), append(all, object)
	}
	return output.Column[*staff.Member]{Key: key, Heading: heading(key), Text: func(*staff.Member) string { return strings.Join(texts, ", ") },
		JSON: func(b []byte, _ *staff.Member) []byte { return appendAny(b, all) }}
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
		text("sign_in", func(*staff.Member) string { return person.SignIn() }))
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
