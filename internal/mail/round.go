package mail

import (
	"context"
	"time"

	"github.com/staffctl/staffctl/internal/staff"
)

// round is one delivery under way, with the connection that it goes on.
type round struct {
	*Worker
	ctx, cut context.Context
	early    bool

	session *session
	key     *staff.LinkKey
	report  Report
}

func (r *round) hangUp() {
	if r.session != nil {
		r.session.close()
		r.session = nil
	}
}

// isOver reports whether no further mail is to be begun.
func (r *round) isOver() bool { return r.ctx.Err() != nil || r.report.Down != "" }

// due sends what is due until nothing is.
func (r *round) due() error {
	for !r.isOver() {
		taken, _, err := r.batch(nil)
		if err != nil || taken < batchSize {
			return err
		}
	}
	return nil
}

// chosen sends the mails with these ids; of those that it cannot take it reports
// how they stand.
func (r *round) chosen(ids []staff.ID) error {
	for len(ids) > 0 && !r.isOver() {
		n := min(batchSize, len(ids))
		_, left, err := r.batch(ids[:n])
		if err != nil {
			return err
		}
		if len(left) == n { // no progress
			return r.look(ids)
		}
		ids = append(left, ids[n:]...)
	}
	return r.look(ids)
}

// batch takes some mails and sends them. left are those that it gave back, since
// the lease would have ended while they were sent.
func (r *round) batch(ids []staff.ID) (taken int, left []staff.ID, err error) {
	now := r.Now()
	until := now.Add(leaseTime)
	lease := staff.Lease{IDs: ids, Now: now.UnixMilli(), Until: until.UnixMilli(), Early: r.early, Limit: batchSize, Mark: random()}
	// What was taken has to be known, or nobody gets it until the lease ends.
	mails, err := r.Outbox.Lease(context.WithoutCancel(r.ctx), lease)
	if err != nil {
		return 0, nil, err
	}
	var others []staff.ID
	for _, id := range ids {
		if !contains(mails, id) {
			others = append(others, id)
		}
	}
	for _, m := range mails {
		switch {
		case r.isOver():
			err = r.settle(m, lease.Mark, r.over())
		case until.Sub(r.Now()) < r.Mailer.longest():
			err = r.giveBack(m, lease.Mark)
			left = append(left, m.ID)
		default:
			err = r.settle(m, lease.Mark, r.send(m))
		}
		if err != nil {
			return len(mails), nil, err
		}
	}
	return len(mails), left, r.look(others)
}

func contains(mails []*staff.QueuedMail, id staff.ID) bool {
	for _, m := range mails {
		if m.ID == id {
			return true
		}
	}
	return false
}

// over is what comes of a mail that was taken when the round is over.
func (r *round) over() outcome {
	if r.report.Down != "" {
		return waits(r.report.Down)
	}
	return interrupted
}

// send sends one mail.
func (r *round) send(m *staff.QueuedMail) outcome {
	message, out := r.prepare(m)
	if message == nil {
		return out
	}
	return r.hand(message)
}

// hand hands a message over, on a new connection where the last one has gone.
func (r *round) hand(m *message) (out outcome) {
	for {
		if r.session == nil {
			if r.session, out = r.Mailer.connect(r.cut); r.session == nil {
				return out
			}
		}
		s := r.session
		out = s.send(r.cut, m)
		if s.broken {
			r.hangUp()
		}
		if !s.isStale(out) || r.cut.Err() != nil {
			return out
		}
	}
}

// prepare makes the message, or says what comes of the mail without it.
func (r *round) prepare(m *staff.QueuedMail) (*message, outcome) {
	now := r.Now()
	if reason := ended(m, now); reason != "" {
		return nil, outcome{state: staff.MailDiscarded, answer: reason}
	}
	if m.LinkID == 0 && now.Sub(time.UnixMilli(m.CreatedAt)) > noticeAge {
		answer := "given up after 5 days"
		if m.Answer != "" {
			answer += "; the last try: " + m.Answer
		}
		return nil, outcome{state: staff.MailFailed, answer: clean(answer)}
	}
	token, out := r.token(m)
	if out.answer != "" {
		return nil, out
	}
	link := ""
	if token != "" {
		link = staff.LinkURL(r.Pages, token)
	}
	message, err := r.Mailer.compose(m, link, now)
	if err != nil {
		return nil, waits(clean(err.Error(), token))
	}
	message.token = token
	return message, outcome{}
}

// ended says why a mail is not worth sending any more, or "".
func ended(m *staff.QueuedMail, now time.Time) string {
	switch l := m.Link; {
	case m.LinkID == 0:
		return ""
	case l == nil:
		return "its link is gone"
	case l.State == staff.LinkUsed:
		return "its link was used already"
	case l.State != staff.LinkOpen:
		return "its link has ended"
	case now.UnixMilli() >= l.ExpiresAt:
		return "its link has expired"
	default:
		return ""
	}
}

// token makes the token of the mail's link, "" where it has none. It has to wait
// where there is nothing to make it with.
func (r *round) token(m *staff.QueuedMail) (staff.Secret, outcome) {
	switch {
	case m.LinkID == 0:
		return "", outcome{}
	case r.Pages == "":
		return "", waits("public_url is not set, with which links begin; set it in the configuration or by STAFFCTL_PUBLIC_URL")
	}
	if r.key == nil {
		key, err := r.Key()
		if err != nil {
			return "", waits(clean(err.Error()))
		}
		r.key = &key
	}
	return r.key.Token(m.Link), outcome{}
}

// settle notes what came of a mail and reports it.
func (r *round) settle(m *staff.QueuedMail, mark int64, out outcome) error {
	if out.down {
		r.report.Down = out.answer
	}
	now := r.Now()
	t := staff.Settlement{ID: m.ID, Mark: mark, State: out.state, At: now.UnixMilli(), Answer: out.answer, Tried: out.tried}
	switch {
	case out.interrupted:
		t.NextAt, t.Answer = m.NextAt, m.Answer
	case out.state == staff.MailQueued:
		tries := m.Tries
		if out.tried {
			tries++
		}
		t.NextAt = now.Add(pause(tries)).UnixMilli()
	}
	// Whatever ends the round, this is still to be noted.
	if err := r.Outbox.Settle(context.WithoutCancel(r.ctx), t); err != nil {
		return staff.Errorf(staff.CodeOf(err), "store", "what came of mail %d (%s) cannot be noted, so that it may be tried again: %w", m.ID, out.state, err)
	}
	r.add(m, out.state, out.answer)
	return nil
}

// giveBack frees a mail as if it had not been taken.
func (r *round) giveBack(m *staff.QueuedMail, mark int64) error {
	return r.Outbox.Settle(context.WithoutCancel(r.ctx), staff.Settlement{ID: m.ID, Mark: mark, State: staff.MailQueued, At: r.Now().UnixMilli(), NextAt: m.NextAt, Answer: m.Answer})
}

// look reports how mails stand that this round did not take.
func (r *round) look(ids []staff.ID) error {
	for _, id := range ids {
		for m, err := range r.Outbox.Mails(context.WithoutCancel(r.ctx), staff.OutboxQuery{ID: id}) {
			if err != nil {
				return err
			}
			r.add(m, m.State, r.whyNot(m))
		}
	}
	return nil
}

// whyNot says why a mail was not taken.
func (r *round) whyNot(m *staff.QueuedMail) string {
	switch {
	case m.State != staff.MailQueued:
		return m.Answer
	case r.report.Down != "":
		return r.report.Down
	case r.ctx.Err() != nil:
		return interrupted.answer
	case !r.early && m.NextAt > r.Now().UnixMilli():
		return "its next try is not due"
	default:
		return "another staffctl is sending it"
	}
}

func (r *round) add(m *staff.QueuedMail, state staff.MailState, answer string) {
	r.report.Mails = append(r.report.Mails, Result{m.ID, m.Account, m.Template, m.To, state, answer})
}
