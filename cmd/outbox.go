package cmd

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/staffctl/staffctl/internal/output"
	"github.com/staffctl/staffctl/internal/staff"
)

func newOutbox(d *deps) *cobra.Command {
	return noun("outbox", "See and send the mails that wait", `The outbox has the mails that follow from changes: what waits, what was sent, and
what the mail server refused. A mail waits while no mail server is configured or
it does not take it; serve and outbox send try again.`,
		`  staffctl outbox list --state queued
  staffctl outbox send`,
		newOutboxList(d), newOutboxShow(d), newOutboxSend(d), newOutboxDiscard(d))
}

func mailID(arg string) (staff.ID, error) {
	return idOf("mail", arg, "no id of a mail; see staffctl outbox list")
}

func outboxView() output.View[*staff.QueuedMail] {
	state := word("state", "what became of it", staff.MailStates, func(m *staff.QueuedMail) string { return string(m.State) })
	state.Style = func(m *staff.QueuedMail) output.Style { return mailStyle(m.State) }
	return output.View[*staff.QueuedMail]{Empty: "no mails", Name: func(m *staff.QueuedMail) string { return m.ID.String() },
		Columns: shown([]output.Column[*staff.QueuedMail]{
			number("id", "the id, below 2^53", func(m *staff.QueuedMail) int64 { return int64(m.ID) }),
			orNull("account", "the name of the account; null once it is gone", func(m *staff.QueuedMail) string { return m.Account }),
			word("template", "the kind of mail", staff.Templates, func(m *staff.QueuedMail) string { return string(m.Template) }),
			word("language", "the language of the mail", staff.Languages, func(m *staff.QueuedMail) string { return string(m.Language) }),
			text("to", "the address that it goes to", func(m *staff.QueuedMail) string { return m.To }),
			state,
			number("tries", "how often it was offered to the mail server", func(m *staff.QueuedMail) int64 { return int64(m.Tries) }),
			momentOrNull("next_at", "when it is tried next; null unless it is queued", func(m *staff.QueuedMail) int64 { return whileQueued(m, m.NextAt) }),
			orNull("answer", "what the mail server said last, or why it was discarded", func(m *staff.QueuedMail) string { return m.Answer }),
			moment("created_at", "when it was queued", func(m *staff.QueuedMail) int64 { return m.CreatedAt }),
			momentOrNull("settled_at", "when it was sent, failed or was discarded; null while it is queued", func(m *staff.QueuedMail) int64 { return m.SettledAt }),
		}, "id template to state tries answer", "account language next_at created_at settled_at")}
}

// whileQueued is a time that only a mail which waits has.
func whileQueued(m *staff.QueuedMail, at int64) int64 {
	if m.State != staff.MailQueued {
		return 0
	}
	return at
}

func mailStyle(s staff.MailState) output.Style {
	switch s {
	case staff.MailSent:
		return output.Good
	case staff.MailQueued:
		return output.Warn
	case staff.MailFailed:
		return output.Bad
	default:
		return output.Faint
	}
}

func newOutboxList(d *deps) *cobra.Command {
	var state string
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the mails of the outbox",
		Long: `List shows mails, the oldest first, of the account that --account, the environment,
the context or the configuration names, or else of the whole store.`,
		Example: `  staffctl outbox list --state queued
  staffctl outbox list -o jsonl`,
		Annotations: reads(),
		Args:        takes(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if state != "" && !slices.Contains(staff.MailStates, state) {
				return staff.Errorf(staff.CodeInvalid, "state", "no state %q%s", state, staff.Suggest(state, staff.MailStates))
			}
			s, c, err := d.staff()
			if err != nil {
				return err
			}
			p, err := d.printer()
			if err != nil {
				return err
			}
			if c.Account != "" {
				if _, err := s.Account(cmd.Context(), c.Account); err != nil {
					return err
				}
			}
			return output.List(p, outboxView(), s.Store.Mails(cmd.Context(), staff.OutboxQuery{Account: c.Account, State: staff.MailState(state)}))
		},
	}
	cmd.Flags().StringVar(&state, "state", "", "only mails in this state: "+strings.Join(staff.MailStates, ", "))
	return cmd
}

func newOutboxShow(d *deps) *cobra.Command {
	return &cobra.Command{
		Use:   "show ID",
		Short: "Show a mail of the outbox",
		Long:  `Show prints whom a mail is for and what became of it, but never its link.`,
		Example: `  staffctl outbox show 371190743040113
  staffctl outbox show 371190743040113 -o json`,
		Annotations: reads(),
		Args:        takes("ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := mailID(args[0])
			if err != nil {
				return err
			}
			s, c, err := d.staff()
			if err != nil {
				return err
			}
			p, err := d.printer()
			if err != nil {
				return err
			}
			for m, err := range s.Store.Mails(cmd.Context(), staff.OutboxQuery{ID: id, Account: c.Account}) {
				if err != nil {
					return err
				}
				return output.One(p, outboxView(), m)
			}
			return staff.Errorf(staff.CodeNotFound, "mail", "no mail %d in the outbox; see staffctl outbox list", id)
		},
	}
}

func newOutboxDiscard(d *deps) *cobra.Command {
	return &cobra.Command{
		Use:   "discard ID",
		Short: "Take a mail that waits from the outbox",
		Long: `Discard keeps a mail that waits from being sent. Its link could still be mailed
again by resend.`,
		Example: `  staffctl outbox discard 371190743040113 --dry-run
  staffctl outbox discard 371190743040113 --yes`,
		Annotations: writes("takes a mail that waits from the outbox", nobody, staff.CodeForbidden),
		Args:        takes("ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := mailID(args[0])
			if err != nil {
				return err
			}
			if err := d.confirm(cmd.Context(), "discard mail %d", id); err != nil {
				return err
			}
			c, err := d.config()
			if err != nil {
				return err
			}
			return d.do(cmd, "", staff.DiscardMail{Mail: id, Account: c.Account})
		},
	}
}
