package cmd

import (
	"context"
	"strings"

	"github.com/staffctl/staffctl/internal/config"
	"github.com/staffctl/staffctl/internal/mail"
	"github.com/staffctl/staffctl/internal/output"
	"github.com/staffctl/staffctl/internal/staff"
)

// deliveries says what came of the mails of a command.
type deliveries struct {
	mails []mail.Result
	at    map[staff.ID]int // where each stands among them
	would []string         // with --dry-run, the addresses that would be mailed
}

// state is what came of a mail; "" for none, and where nothing was carried out.
func (s *deliveries) state(m *staff.Mail) string {
	if m == nil {
		return ""
	}
	if i, known := s.at[m.ID]; known {
		return string(s.mails[i].State)
	}
	return ""
}

// deliver sends the mails of a plan that was carried out. Whatever goes wrong, the
// change stands and its mails wait in the outbox: so it fails never.
func (d *deps) deliver(ctx context.Context, plan *staff.Plan) *deliveries {
	s := &deliveries{at: map[staff.ID]int{}}
	var ids []staff.ID
	for i := range plan.Results {
		if m := plan.Results[i].Mail; m != nil {
			if d.dryRun {
				s.would = append(s.would, m.To)
				continue
			}
			ids = append(ids, m.ID)
			s.at[m.ID] = len(s.mails)
			s.mails = append(s.mails, mail.Result{ID: m.ID, To: m.To, State: staff.MailQueued})
		}
	}
	if ids == nil {
		return s
	}
	ctx, stop := interruptible(ctx)
	defer stop()
	s.fill(d.sendNow(ctx, ids))
	return s
}

// sendNow sends mails that have just been queued, and says how each of them
// stands or why none was sent.
func (d *deps) sendNow(ctx context.Context, ids []staff.ID) (sent []mail.Result, reason string) {
	w, err := d.mailer()
	switch {
	case err != nil:
		return nil, err.Error()
	case w == nil:
		return nil, notConfigured(d.loaded)
	}
	report, err := w.Deliver(ctx, ids, false)
	if err != nil {
		return report.Mails, err.Error()
	}
	return report.Mails, ""
}

// fill notes what came of the mails; reason is for those that nothing came of.
func (s *deliveries) fill(sent []mail.Result, reason string) {
	for i := range s.mails {
		s.mails[i].Answer = reason
	}
	for _, r := range sent {
		if i, known := s.at[r.ID]; known {
			s.mails[i] = r
		}
	}
}

// sayDelivered tells what came of the mails. One that the server refused for good
// is an error, though the change stands (rule 26).
func (d *deps) sayDelivered(s *deliveries) error {
	for _, to := range s.would {
		d.say("would mail %s", output.Text(to))
	}
	var refused []string
	for i := range s.mails {
		if m := &s.mails[i]; m.State == staff.MailFailed {
			refused = append(refused, m.To+": "+m.Answer)
		}
	}
	if refused != nil && d.format().Machine() { // the error is then all of standard error
		return refusal(refused)
	}
	for i := range s.mails {
		d.sayMail(&s.mails[i])
	}
	if refused != nil {
		return refusal(refused)
	}
	return nil
}

func refusal(refused []string) error {
	return staff.Errorf(staff.CodePartial, "mail", "the change stands, but the mail server refuses the mail to %s", strings.Join(refused, "; "))
}

func (d *deps) sayMail(m *mail.Result) {
	switch m.State {
	case staff.MailFailed: // in the error
	case staff.MailSent:
		d.say("mailed %s", output.Text(m.To))
	case staff.MailDiscarded:
		d.say("the mail to %s was discarded: %s", output.Text(m.To), output.Text(m.Answer))
	default:
		d.say("the mail to %s waits in the outbox: %s; staffctl outbox send or serve sends it", output.Text(m.To), output.Text(m.Answer))
	}
}

// mailer makes what sends mails, as the configuration says. It is nil where no
// mail server is configured; [notConfigured] then says what is missing.
func (d *deps) mailer() (*mail.Worker, error) {
	s, c, err := d.staff()
	if err != nil || c.Mail.Host == "" || c.Mail.From == "" {
		return nil, err
	}
	m, err := mail.NewMailer(mailSettings(c))
	if err != nil {
		return nil, err
	}
	return &mail.Worker{Outbox: s.Store, Mailer: m, Key: s.Key, Pages: c.Pages(), Now: d.now, Tries: s.Store}, nil
}

func mailSettings(c *config.Config) mail.Settings {
	return mail.Settings{Host: c.Mail.Host, Port: c.Mail.Port, TLS: c.Mail.TLS, Username: c.Mail.Username,
		PasswordFile: c.Mail.PasswordFile, From: c.Mail.From, Templates: c.Mail.Templates}
}

// notConfigured says which keys are to be set before mails can be sent.
func notConfigured(c *config.Config) string {
	var missing []string
	for _, key := range []struct{ name, value string }{{"mail.host", c.Mail.Host}, {"mail.from", c.Mail.From}, {"public_url", c.PublicURL}} {
		if key.value == "" {
			missing = append(missing, key.name)
		}
	}
	return "mailing is not configured: set " + strings.Join(missing, ", ") + " in the configuration"
}
