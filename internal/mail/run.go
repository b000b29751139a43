package mail

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"github.com/staffctl/staffctl/internal/staff"
)

const (
	defaultEvery = 15 * time.Second
	sweepEvery   = time.Hour
	// triesKept is how long tries are of use: the longest limit counts a day.
	triesKept = 48 * time.Hour
	// longestDown is how rarely a mail server is asked that cannot be reached: from
	// Every on, twice as rarely each time.
	longestDown = 5 * time.Minute
)

// Run delivers what is due, at once and then every so often and whenever nudged,
// until the context ends; the mail at hand is then finished. About once an hour it
// sweeps old tries. What fails is logged and tried again.
func (w *Worker) Run(ctx context.Context, nudge <-chan struct{}) {
	s := &service{Worker: w, every: orDefault(w.Every, defaultEvery), log: w.Log}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	tick, sweep := time.NewTicker(s.every), time.NewTicker(sweepEvery)
	defer tick.Stop()
	defer sweep.Stop()
	s.sweep(ctx)
	for ctx.Err() == nil {
		s.deliver(ctx)
		select {
		case <-ctx.Done():
		case <-tick.C:
		case <-nudge:
		case <-sweep.C:
			s.sweep(ctx)
		}
	}
}

// service is a worker that runs, and what it knows of the mail server.
type service struct {
	*Worker
	every time.Duration
	log   *slog.Logger

	down  time.Duration // how long it is left alone, 0 while it works
	again time.Time     // when it is asked again
}

// deliver sends what is due, unless the mail server could not be reached just now.
func (s *service) deliver(ctx context.Context) {
	if s.down > 0 && s.Now().Before(s.again) {
		return
	}
	report, err := s.Worker.deliver(ctx, context.WithoutCancel(ctx), nil, false)
	for i := range report.Mails {
		s.tell(ctx, &report.Mails[i])
	}
	switch {
	case err != nil && ctx.Err() == nil:
		s.log.ErrorContext(ctx, "the outbox cannot be read or written", "error", err.Error())
	case report.Down != "":
		s.down = min(max(2*s.down, s.every), longestDown)
		s.again = s.Now().Add(s.down)
		s.log.ErrorContext(ctx, "no mail can be sent", "reason", report.Down, "again_in", s.down)
	default:
		s.down = 0
	}
}

// tell logs what became of a mail.
func (s *service) tell(ctx context.Context, m *Result) {
	level := slog.LevelInfo
	if m.State != staff.MailSent {
		level = slog.LevelWarn
	}
	s.log.Log(ctx, level, "mail "+string(m.State), "id", int64(m.ID), "template", string(m.Template), "answer", withoutAddresses(m.Answer))
}

// withoutAddresses leaves out what a server repeats of addresses: an e-mail is
// often a username, which no log has.
func withoutAddresses(answer string) string {
	words := strings.Fields(answer)
	for i, w := range words {
		if strings.Contains(w, "@") {
			words[i] = "…"
		}
	}
	return strings.Join(words, " ")
}

func (s *service) sweep(ctx context.Context) {
	if s.Tries == nil {
		return
	}
	if err := s.Tries.Sweep(ctx, s.Now().Add(-triesKept).UnixMilli()); err != nil && ctx.Err() == nil {
		s.log.ErrorContext(ctx, "old tries cannot be swept", "error", err.Error())
	}
}
