package mail

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"log/slog"
	"time"

	"github.com/staffctl/staffctl/internal/staff"
)

const (
	// leaseTime is how long taken mails are kept from others. Whoever is stopped
	// for longer while sending may find that another has sent the mail too.
	leaseTime = 5 * time.Minute
	// batchSize is how many mails are taken at once.
	batchSize = 8
	// noticeAge is after how long a notice that nobody takes is given up (RFC
	// 5321, 4.5.4.1); what has a link ends with it.
	noticeAge = 5 * 24 * time.Hour
)

// Between tries a mail waits a minute, doubled with each, an hour at most, and up
// to a fifth more so that not all come at once.
const (
	firstPause   = time.Minute
	longestPause = time.Hour
	jitterPart   = 5
)

// Worker takes mails from an outbox and sends them. It is safe for use by several
// goroutines and several processes at once: a lease gives each mail to one.
type Worker struct {
	Outbox staff.Outbox
	Mailer *Mailer
	// Key reads the instance key, which links are computed with.
	Key func() (staff.LinkKey, error)
	// Pages is the address of the pages, with which links begin; without it
	// mails with a link wait.
	Pages string
	Now   func() time.Time
	// Tries is swept of what was counted long ago by [Worker.Run]; nil is not.
	Tries Sweeper
	// Log tells what [Worker.Run] does; nil is nobody. No link, token or secret
	// is in it.
	Log *slog.Logger
	// Every is how often Run looks for mails that are due; 0 is every 15 s.
	Every time.Duration
}

// Sweeper forgets tries, as [staff.Limits] does.
type Sweeper interface {
	Sweep(ctx context.Context, before int64) error
}

// Result is what became of one mail.
type Result struct {
	ID       staff.ID
	Account  string // name
	Template staff.Template
	To       string
	State    staff.MailState
	Answer   string // of the mail server, or why the mail waits or was discarded
}

// Report is what became of the mails of one delivery, in the order of trying.
type Report struct {
	Mails []Result
	// Down says what is wrong where no mail could be handed over at all; "" where
	// nothing is.
	Down string
}

// Deliver sends the mails with these ids, or all that are due where ids is nil;
// early also takes those that wait for their next try. When the context ends,
// the mail at hand is cut short and it and the rest stay queued. The error is the
// store's alone; the report then says how far it came.
func (w *Worker) Deliver(ctx context.Context, ids []staff.ID, early bool) (Report, error) {
	return w.deliver(ctx, ctx, ids, early)
}

// deliver takes no further mail once ctx ends, and cuts the one at hand short once
// cut ends.
func (w *Worker) deliver(ctx, cut context.Context, ids []staff.ID, early bool) (Report, error) {
	r := &round{Worker: w, ctx: ctx, cut: cut, early: early}
	defer r.hangUp()
	var err error
	switch {
	case ids != nil:
		err = r.chosen(ids)
	case early: // or else what fails now would be taken again and again
		if ids, err = w.waiting(ctx); err == nil {
			err = r.chosen(ids)
		}
	default:
		err = r.due()
	}
	return r.report, err
}

// waiting lists the mails that are queued.
func (w *Worker) waiting(ctx context.Context) ([]staff.ID, error) {
	var ids []staff.ID
	for m, err := range w.Outbox.Mails(ctx, staff.OutboxQuery{State: staff.MailQueued}) {
		if err != nil {
			return nil, err
		}
		ids = append(ids, m.ID)
	}
	return ids, nil
}

// pause returns how long to wait after so many tries.
func pause(tries int) time.Duration {
	d := longestPause
	if tries < 7 {
		d = min(firstPause<<max(tries-1, 0), longestPause)
	}
	return d + time.Duration(random()%int64(d/jitterPart))
}

// random returns 52 random bits that are not all 0.
func random() int64 {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails
	return int64(binary.LittleEndian.Uint64(b[:])>>12) | 1
}
