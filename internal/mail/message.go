package mail

import (
	"bytes"
	"fmt"
	"time"

	gomail "github.com/wneessen/go-mail"

	"github.com/staffctl/staffctl/internal/staff"
)

// message is a mail as it goes to the server.
type message struct {
	from, to address
	raw      []byte
	token    staff.Secret // of its link, which no answer may repeat; or ""
}

// isUTF8 reports whether the server has to have SMTPUTF8.
func (m *message) isUTF8() bool { return m.from.isUTF8() || m.to.isUTF8() }

// compose renders a mail that is sent at a time. link is the address of its link,
// or "".
func (m *Mailer) compose(q *staff.QueuedMail, link string, now time.Time) (*message, error) {
	to, err := parseAddress(q.To)
	if err != nil {
		return nil, err
	}
	r, err := m.templates.render(q.Template, newData(q, link, now))
	if err != nil {
		return nil, err
	}
	// The same boundary, as the same Message-ID, each time the mail is tried.
	g := gomail.NewMsg(gomail.WithNoDefaultUserAgent(), gomail.WithBoundary(fmt.Sprintf("staffctl-%d", q.ID)))
	g.FromMailAddress(m.from.addr.header(m.from.name))
	g.ToMailAddress(to.header(""))
	g.Subject(r.subject)
	g.SetDateWithValue(now.UTC())
	g.SetMessageIDWithValue(fmt.Sprintf("%d.staffctl@%s", q.ID, m.from.domain))
	g.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: no replies by machines
	g.SetBodyString(gomail.TypeTextPlain, r.text)
	g.AddAlternativeString(gomail.TypeTextHTML, r.html)
	var b bytes.Buffer
	if _, err := g.WriteTo(&b); err != nil {
		return nil, staff.Errorf(staff.CodeInternal, "", "the mail to %s cannot be written: %w", q.To, err)
	}
	return &message{from: m.from.addr, to: to, raw: b.Bytes()}, nil
}
