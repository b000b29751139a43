package mail

import (
	"context"
	"time"

	"github.com/staffctl/staffctl/internal/staff"
)

// What the tests look at from outside.
var (
	Duration  = duration
	Moment    = moment
	Clean     = clean
	Pause     = pause
	FileNames = fileNames
)

const (
	LeaseTime = leaseTime
	NoticeAge = noticeAge
	Hidden    = hidden
)

// Answer is what came of a mail that a test sends by itself.
type Answer struct {
	State             staff.MailState
	Text              string
	Tried, Down, Ends bool
}

// Compose renders a mail as it goes to the server.
func (m *Mailer) Compose(q *staff.QueuedMail, link string, now time.Time) ([]byte, error) {
	message, err := m.compose(q, link, now)
	if err != nil {
		return nil, err
	}
	return message.raw, nil
}

// Render fills the templates of a mail.
func (m *Mailer) Render(q *staff.QueuedMail, link string, now time.Time) (subject, text, html string, err error) {
	r, err := m.templates.render(q.Template, newData(q, link, now))
	if err != nil {
		return "", "", "", err
	}
	return r.subject, r.text, r.html, nil
}

// Send sends mails on one connection, as a round does, but without an outbox.
func (m *Mailer) Send(ctx context.Context, now time.Time, token staff.Secret, mails ...*staff.QueuedMail) (all []Answer) {
	r := &round{Worker: &Worker{Mailer: m}, ctx: ctx, cut: ctx}
	defer r.hangUp()
	for _, q := range mails {
		message, err := m.compose(q, staff.LinkURL("https://portal.example.ch", token), now)
		if err != nil {
			return append(all, Answer{State: staff.MailQueued, Text: err.Error()})
		}
		message.token = token
		o := r.hand(message)
		all = append(all, Answer{o.state, o.answer, o.tried, o.down, o.interrupted})
	}
	return all
}
