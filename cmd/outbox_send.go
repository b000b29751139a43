package cmd

import (
	"cmp"
	"context"
	"iter"

	"github.com/spf13/cobra"

	"github.com/staffctl/staffctl/internal/mail"
	"github.com/staffctl/staffctl/internal/output"
	"github.com/staffctl/staffctl/internal/staff"
)

func newOutboxSend(d *deps) *cobra.Command {
	return &cobra.Command{
		Use:   "send",
		Short: "Send the mails that wait",
		Long: `Send tries each mail of the store that waits, also before its next try is due,
and lists what came of it. It ends with 0 if nothing waits any more, with 8 if
the mail server took none or is not configured, and with 9 if it took some only or
refused some for good.

With --dry-run it lists what it would send and contacts nobody.`,
		Example: `  staffctl outbox send
  staffctl outbox send --dry-run -o json`,
		Annotations: writes("notes in the outbox what came of each mail", "everybody for whom a mail waits", staff.CodePartial),
		Args:        takes(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, _, err := d.staff()
			if err != nil {
				return err
			}
			p, err := d.printer()
			if err != nil {
				return err
			}
			if d.dryRun {
				return output.List(p, sendView(), waitingMails(cmd.Context(), s))
			}
			report, err := d.sendAll(cmd.Context(), s)
			if err != nil && len(report.Mails) == 0 {
				return err
			}
			if listing := output.List(p, sendView(), eachOf(report.Mails)); listing != nil {
				return listing
			}
			return err
		},
	}
}

// sendView describes the mails of a delivery.
func sendView() output.View[*mail.Result] {
	state := word("state", "what came of it", staff.MailStates, func(m *mail.Result) string { return string(m.State) })
	state.Style = func(m *mail.Result) output.Style { return mailStyle(m.State) }
	return output.View[*mail.Result]{Empty: "no mails wait", Name: func(m *mail.Result) string { return m.ID.String() },
		Columns: shown([]output.Column[*mail.Result]{
			number("id", "the id, below 2^53", func(m *mail.Result) int64 { return int64(m.ID) }),
			orNull("account", "the name of the account; null once it is gone", func(m *mail.Result) string { return m.Account }),
			word("template", "the kind of mail", staff.Templates, func(m *mail.Result) string { return string(m.Template) }),
			text("to", "the address that it goes to", func(m *mail.Result) string { return m.To }),
			state,
			orNull("answer", "what the mail server said, or why it was discarded", func(m *mail.Result) string { return m.Answer }),
		}, "id template to state answer", "account")}
}

// waitingMails lists what is queued.
func waitingMails(ctx context.Context, s *staff.Staff) iter.Seq2[*mail.Result, error] {
	return func(yield func(*mail.Result, error) bool) {
		for m, err := range s.Store.Mails(ctx, staff.OutboxQuery{State: staff.MailQueued}) {
			var r *mail.Result
			if err == nil {
				r = &mail.Result{ID: m.ID, Account: m.Account, Template: m.Template, To: m.To, State: m.State, Answer: m.Answer}
			}
			if !yield(r, err) {
				return
			}
		}
	}
}

func eachOf(mails []mail.Result) iter.Seq2[*mail.Result, error] {
	return func(yield func(*mail.Result, error) bool) {
		for i := range mails {
			if !yield(&mails[i], nil) {
				return
			}
		}
	}
}

// sendAll sends what waits. Its error is the exit code with what to do next.
func (d *deps) sendAll(ctx context.Context, s *staff.Staff) (mail.Report, error) {
	w, err := d.mailer()
	if err != nil {
		return mail.Report{}, err
	}
	if w == nil {
		for _, err := range waitingMails(ctx, s) {
			if err == nil {
				err = staff.Errorf(staff.CodeUnavailable, "mail", "%s; the mails wait in the outbox", notConfigured(d.loaded))
			}
			return mail.Report{}, err
		}
		return mail.Report{}, nil
	}
	ctx, stop := interruptible(ctx)
	defer stop()
	report, err := w.Deliver(ctx, nil, true)
	d.wrote = len(report.Mails) > 0
	if err == nil && ctx.Err() != nil {
		err = staff.Errorf(staff.CodeInterrupted, "", "interrupted; what was not sent waits in the outbox")
	}
	if err == nil {
		err = verdict(&report)
	}
	return report, err
}

// verdict is the error that a delivery ends with.
func verdict(report *mail.Report) error {
	var failed, waiting, sent int
	var reason string
	for i := range report.Mails {
		switch m := &report.Mails[i]; m.State {
		case staff.MailSent:
			sent++
		case staff.MailFailed:
			failed++
		case staff.MailQueued:
			waiting++
			reason = cmp.Or(reason, m.Answer)
		}
	}
	all := len(report.Mails)
	switch {
	case failed > 0:
		return staff.Errorf(staff.CodePartial, "mail", "the mail server refuses %d of %d mails for good; see their answers", failed, all)
	case waiting == 0:
		return nil
	case sent > 0:
		return staff.Errorf(staff.CodePartial, "mail", "%d of %d mails wait still; see their answers, and try again later", waiting, all)
	default:
		return staff.Errorf(staff.CodeUnavailable, "mail", "no mail was sent: %s", cmp.Or(report.Down, reason))
	}
}
