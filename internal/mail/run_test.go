package mail_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"github.com/staffctl/staffctl/internal/sqlstore/storetest"
	"github.com/staffctl/staffctl/internal/staff"
)

// sweeps notes what it is asked to sweep.
type sweeps chan int64

func (s sweeps) Sweep(_ context.Context, before int64) error {
	s <- before
	return errors.New("not today")
}

// Run delivers what is due, and what it is nudged to, until its context ends; the
// mail at hand it finishes.
func TestRun(t *testing.T) {
	p := newPost(t)
	var log bytes.Buffer
	w := p.worker()
	swept := make(sweeps, 1)
	w.Tries, w.Log, w.Every = swept, slog.New(slog.NewTextHandler(&log, nil)), time.Hour
	first := p.invite("first@example.ch")
	reached, nudge, ended := make(chan string), make(chan struct{}), make(chan struct{})
	ctx, cancel := context.WithCancel(t.Context())
	p.server.onDot = func(_ *smtp.Conn, m received) error {
		reached <- m.to
		return nil
	}
	p.server.onRcpt = func(_ *smtp.Conn, to string) error {
		if to == "second@example.ch" {
			cancel()
		}
		return nil
	}
	go func() {
		defer close(ended)
		w.Run(ctx, nudge)
	}()
	if before := <-swept; before != storetest.Start.Add(-48*time.Hour).UnixMilli() {
		t.Errorf("swept before %d", before)
	}
	if to := <-reached; to != "first@example.ch" {
		t.Errorf("sent to %s", to)
	}
	second, third := p.invite("second@example.ch"), p.invite("third@example.ch")
	nudge <- struct{}{}
	if to := <-reached; to != "second@example.ch" {
		t.Errorf("sent to %s", to)
	}
	<-ended
	p.stands(first.ID, staff.MailSent, 1, "250")
	p.stands(second.ID, staff.MailSent, 1, "250")
	p.stands(third.ID, staff.MailQueued, 0, "")
	if said := log.String(); strings.Contains(said, "/link/") || !strings.Contains(said, "mail sent") || !strings.Contains(said, "not today") {
		t.Errorf("logged:\n%s", said)
	}
}

// brokenOutbox is an outbox that fails.
type brokenOutbox struct {
	staff.Outbox
	failed chan struct{}
}

func (o brokenOutbox) Lease(context.Context, staff.Lease) ([]*staff.QueuedMail, error) {
	o.failed <- struct{}{}
	return nil, staff.Errorf(staff.CodeUnavailable, "store", "the disk is full")
}

// A store that fails is tried again.
func TestRunStoreFails(t *testing.T) {
	p := newPost(t)
	var log bytes.Buffer
	w := p.worker()
	failed := make(chan struct{})
	w.Outbox, w.Log, w.Every = brokenOutbox{p.store, failed}, slog.New(slog.NewTextHandler(&log, nil)), time.Millisecond
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		w.Run(ctx, nil)
	}()
	for range 3 {
		<-failed
	}
	cancel()
	for open := true; open; {
		select {
		case <-failed:
		case <-ended:
			open = false
		}
	}
	if !strings.Contains(log.String(), "the disk is full") {
		t.Errorf("logged: %s", log.String())
	}
	_, err := w.Deliver(t.Context(), []staff.ID{}, false)
	if err != nil {
		t.Errorf("nothing to deliver, but %v", err)
	}
}

// A mail server that cannot be reached is left alone for a while, twice as long
// each time, and mails go again once it is back.
func TestRunServerDown(t *testing.T) {
	p := newPost(t)
	p.invite("anna@example.ch")
	asked := make(chan struct{}, 10)
	p.server.onConnect = func(c *smtp.Conn) error {
		asked <- struct{}{}
		return hangUpOn(c)
	}
	w := p.worker()
	w.Every = time.Hour
	nudge, ended := make(chan struct{}), make(chan struct{})
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		defer close(ended)
		w.Run(ctx, nudge)
	}()
	<-asked
	nudge <- struct{}{} // too early: nobody is asked
	nudge <- struct{}{} // the one before is through
	if n := len(asked); n != 0 {
		t.Errorf("asked %d times too early", n)
	}
	p.advance(2 * time.Hour)
	nudge <- struct{}{}
	<-asked
	nudge <- struct{}{}
	cancel()
	<-ended
	if n := len(asked); n != 0 {
		t.Errorf("asked %d times more", n)
	}
}
