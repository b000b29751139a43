package mail_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"github.com/staffctl/staffctl/internal/mail"
	"github.com/staffctl/staffctl/internal/sqlstore"
	"github.com/staffctl/staffctl/internal/sqlstore/sqlite"
	"github.com/staffctl/staffctl/internal/sqlstore/storetest"
	"github.com/staffctl/staffctl/internal/staff"
)

const pages = "https://portal.example.ch"

// post is a store with an account, a mail server and a clock.
type post struct {
	*testing.T
	path   string
	store  staff.Store
	staff  *staff.Staff
	server *server

	mu  sync.Mutex
	now time.Time
}

func newPost(t *testing.T) *post {
	t.Helper()
	p := &post{T: t, path: filepath.Join(t.TempDir(), "staffctl.db"), server: newServer(t, mail.TLSNone), now: storetest.Start}
	file, err := sqlite.Create(p.path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })
	p.store = sqlstore.New(file)
	p.staff = storetest.NewStaff(p.store)
	p.staff.Now = p.clock
	if _, err := p.staff.Init(t.Context(), sqlstore.Schema(), storetest.Enterprise("acme")); err != nil {
		t.Fatal(err)
	}
	return p
}

func (p *post) clock() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.now
}

func (p *post) advance(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.now = p.now.Add(d)
}

// worker makes a worker on the store.
func (p *post) worker() *mail.Worker {
	p.Helper()
	return &mail.Worker{Outbox: p.store, Mailer: newMailer(p.T, p.server.settings(mail.TLSNone)), Key: p.staff.Key, Pages: pages, Now: p.clock}
}

// do carries out an action on acme and returns the mail that follows from it.
func (p *post) do(a staff.Action) *staff.Mail {
	p.Helper()
	plan, err := p.staff.Do(p.Context(), "acme", a)
	if err != nil {
		p.Fatal(err)
	}
	return plan.Results[0].Mail
}

func (p *post) invite(to string) *staff.Mail {
	p.Helper()
	return p.do(staff.SendInvite{Email: to, Access: []string{"invoices"}})
}

// deliver delivers once, and the store must have no quarrel with it.
func (p *post) deliver(w *mail.Worker, ids []staff.ID, early bool) mail.Report {
	p.Helper()
	report, err := w.Deliver(p.Context(), ids, early)
	if err != nil {
		p.Fatal(err)
	}
	return report
}

// queued is a mail as the store has it.
func (p *post) queued(id staff.ID) *staff.QueuedMail {
	p.Helper()
	for m, err := range p.store.Mails(p.Context(), staff.OutboxQuery{ID: id}) {
		if err != nil {
			p.Fatal(err)
		}
		return m
	}
	p.Fatalf("no mail %d", id)
	return nil
}

func (p *post) stands(id staff.ID, state staff.MailState, tries int, answer string) *staff.QueuedMail {
	p.Helper()
	m := p.queued(id)
	if m.State != state || m.Tries != tries || !strings.Contains(m.Answer, answer) {
		p.Errorf("the mail to %s is %s after %d tries with %q, want %s after %d with %q", m.To, m.State, m.Tries, m.Answer, state, tries, answer)
	}
	return m
}

func TestDeliver(t *testing.T) {
	p := newPost(t)
	invite := p.invite("anna@example.ch")
	confirm := p.do(staff.CreateSubaccount{Name: "texter", Email: "texter@example.ch", Role: "copywriter"})
	report := p.deliver(p.worker(), []staff.ID{invite.ID, confirm.ID}, false)
	if len(report.Mails) != 2 || report.Down != "" || report.Mails[0].State != staff.MailSent || report.Mails[0].To != "anna@example.ch" {
		t.Errorf("%+v", report)
	}
	p.stands(invite.ID, staff.MailSent, 1, "250 ")
	p.stands(confirm.ID, staff.MailSent, 1, "250 ")
	taken := p.server.taken()
	if len(taken) != 2 || taken[1].id != fmt.Sprintf("<%d.staffctl@example.ch>", confirm.ID) || taken[0].conn != taken[1].conn {
		t.Fatalf("the server got %v", taken)
	}
	for _, m := range taken {
		p.linkOpens(m)
	}
	if again := p.deliver(p.worker(), []staff.ID{invite.ID}, true); len(again.Mails) != 1 || again.Mails[0].State != staff.MailSent || len(p.server.taken()) != 2 {
		t.Errorf("delivered again: %+v", again)
	}
	if none := p.deliver(p.worker(), nil, true); len(none.Mails) != 0 {
		t.Errorf("nothing waits, but %+v", none)
	}
}

// linkOpens holds that the link in a mail leads where it should.
func (p *post) linkOpens(m received) {
	p.Helper()
	body := strings.ReplaceAll(m.raw, "=\r\n", "")
	_, rest, _ := strings.Cut(body, pages+"/link/")
	token, _, _ := strings.Cut(rest, "\r\n")
	opened, err := p.staff.Open(p.Context(), staff.Secret(token))
	if err != nil || opened.Link.Email != m.to {
		p.Errorf("the link in %v: %v", m, err)
	}
}

func TestRefusedAndLater(t *testing.T) {
	p := newPost(t)
	p.server.onRcpt = choosy
	nobody, grey, anna := p.invite("nobody@example.ch"), p.invite("grey@example.ch"), p.invite("anna@example.ch")
	p.deliver(p.worker(), nil, false)
	p.stands(nobody.ID, staff.MailFailed, 1, "550 no such user")
	p.stands(anna.ID, staff.MailSent, 1, "250")
	m := p.stands(grey.ID, staff.MailQueued, 1, "450 come back")
	for tries, least := 1, time.Minute; tries < 10; tries, least = tries+1, min(2*least, time.Hour) {
		wait := time.UnixMilli(m.NextAt).Sub(p.clock())
		if wait < least || wait > least+least/5+time.Millisecond {
			t.Errorf("after try %d it waits %v, want %v and up to a fifth", tries, wait, least)
		}
		p.advance(wait - time.Second)
		if r := p.deliver(p.worker(), nil, false); len(r.Mails) != 0 {
			t.Errorf("not due, but %+v", r)
		}
		p.advance(time.Second)
		p.deliver(p.worker(), nil, false)
		m = p.stands(grey.ID, staff.MailQueued, tries+1, "450 come back")
	}
	p.server.onRcpt = nil
	if r := p.deliver(p.worker(), []staff.ID{grey.ID}, false); len(r.Mails) != 1 || r.Mails[0].Answer != "its next try is not due" {
		t.Errorf("%+v", r)
	}
	p.deliver(p.worker(), nil, true)
	p.stands(grey.ID, staff.MailSent, 11, "250")
}

// A link that opens nothing any more is not mailed.
func TestEndedLinks(t *testing.T) {
	p := newPost(t)
	confirm := p.do(staff.CreateSubaccount{Name: "texter", Email: "texter@example.ch", Role: "copywriter"})
	removed := p.do(staff.CreateSubaccount{Name: "gone", Email: "gone@example.ch", Role: "copywriter"})
	late, ended := p.invite("late@example.ch"), p.invite("ended@example.ch")
	p.do(staff.RemoveSubaccount{Name: "gone"})
	p.do(staff.SendInvite{Email: "ended@example.ch", Access: []string{"all"}, OnConflict: staff.Update})
	p.advance(staff.ConfirmationLifetime)
	p.deliver(p.worker(), []staff.ID{confirm.ID, ended.ID, removed.ID}, false)
	p.stands(confirm.ID, staff.MailDiscarded, 0, "its link has expired")
	p.stands(ended.ID, staff.MailDiscarded, 0, "its link has ended")
	if m := p.queued(removed.ID); m.State != staff.MailDiscarded {
		t.Errorf("%+v", m)
	}
	p.advance(staff.InviteLifetime)
	p.deliver(p.worker(), nil, false)
	p.stands(late.ID, staff.MailDiscarded, 0, "its link has expired")
	if n := len(p.server.taken()); n != 0 {
		t.Errorf("%d mails were sent", n)
	}
}

// A notice has no link that would end it: it is given up after five days.
func TestOldNotice(t *testing.T) {
	p := newPost(t)
	p.do(storetest.Add("anna@example.ch", "all"))
	p.do(storetest.Password("anna@example.ch"))
	plan, err := p.staff.Do(t.Context(), "acme", staff.ResetPassword{Member: storetest.By("anna@example.ch"), Show: true})
	if err != nil {
		t.Fatal(err)
	}
	notice := p.do(staff.ChoosePassword{Token: storetest.Key.Token(plan.Results[0].Link), Password: staff.PlainPassword("a new one of hers")})
	p.server.onMail = func(*smtp.Conn) error { return says(451, "later") }
	p.deliver(p.worker(), nil, false)
	p.stands(notice.ID, staff.MailQueued, 1, "451 later")
	p.advance(mail.NoticeAge)
	p.deliver(p.worker(), nil, false)
	p.stands(notice.ID, staff.MailQueued, 2, "451 later")
	p.advance(2 * time.Hour)
	p.deliver(p.worker(), nil, false)
	p.stands(notice.ID, staff.MailFailed, 2, "given up after 5 days; the last try: 451 later")
}

// What is missing on this side leaves mails waiting, and untried.
func TestNothingToSendWith(t *testing.T) {
	p := newPost(t)
	invite := p.invite("anna@example.ch")
	w := p.worker()
	w.Pages = ""
	p.deliver(w, nil, true)
	p.stands(invite.ID, staff.MailQueued, 0, "public_url is not set")
	w = p.worker()
	w.Key = func() (staff.LinkKey, error) { return staff.LinkKey{}, errors.New("there is no instance key") }
	p.deliver(w, nil, true)
	p.stands(invite.ID, staff.MailQueued, 0, "there is no instance key")
	p.deliver(p.worker(), nil, true)
	p.stands(invite.ID, staff.MailSent, 1, "250")
}

// A server that cannot be reached is asked once, not once for each mail.
func TestServerDown(t *testing.T) {
	p := newPost(t)
	var ids []staff.ID
	for i := range 20 {
		ids = append(ids, p.invite(fmt.Sprintf("person%d@example.ch", i)).ID)
	}
	p.server.onConnect = hangUpOn
	for _, early := range []bool{false, true} {
		before := p.server.connections()
		report := p.deliver(p.worker(), nil, early)
		if p.server.connections() != before+1 || report.Down == "" {
			t.Errorf("%d connections, %+v", p.server.connections()-before, report)
		}
	}
	report := p.deliver(p.worker(), ids, true)
	if len(report.Mails) != len(ids) {
		t.Errorf("%d of %d mails are reported", len(report.Mails), len(ids))
	}
	for _, m := range report.Mails {
		if m.State != staff.MailQueued || m.Answer != report.Down {
			t.Errorf("%+v", m)
		}
	}
	p.server.onConnect = nil
	p.deliver(p.worker(), nil, true)
	if n := len(p.server.taken()); n != len(ids) {
		t.Errorf("%d of %d mails were sent", n, len(ids))
	}
}

// Ctrl-C leaves the mail at hand and the rest queued, untried and free.
func TestInterruptedDelivery(t *testing.T) {
	p := newPost(t)
	ids := []staff.ID{p.invite("a@example.ch").ID, p.invite("b@example.ch").ID, p.invite("c@example.ch").ID}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	p.server.onRcpt = func(c *smtp.Conn, to string) error {
		if to != "b@example.ch" {
			return nil
		}
		cancel()
		<-done
		return hangUpOn(c)
	}
	report, err := p.worker().Deliver(ctx, ids, false)
	close(done)
	if err != nil || len(report.Mails) != 3 || report.Mails[0].State != staff.MailSent || report.Mails[1].Answer != "interrupted" || report.Mails[2].Answer != "interrupted" {
		t.Errorf("%+v, %v", report, err)
	}
	p.server.onRcpt = nil
	for _, id := range ids[1:] {
		p.stands(id, staff.MailQueued, 0, "")
	}
	p.deliver(p.worker(), nil, false)
	for _, id := range ids {
		p.stands(id, staff.MailSent, 1, "250")
	}
}

// Many workers on one store, two of them in files of their own, send each mail
// once.
func TestWorkersShare(t *testing.T) {
	p := newPost(t)
	const mails = 40
	for i := range mails {
		p.invite(fmt.Sprintf("person%d@example.ch", i))
	}
	var wg sync.WaitGroup
	for i := range 4 {
		w := p.worker()
		if i >= 2 {
			file, err := sqlite.Open(p.path, false)
			if err != nil {
				t.Fatal(err)
			}
			defer file.Close()
			w.Outbox = sqlstore.New(file)
		}
		wg.Go(func() {
			if _, err := w.Deliver(t.Context(), nil, i%2 == 0); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	count := map[string]int{}
	for _, m := range p.server.taken() {
		count[m.id]++
	}
	for id, n := range count {
		if n != 1 {
			t.Errorf("mail %s was sent %d times", id, n)
		}
	}
	if len(count) != mails {
		t.Errorf("%d of %d mails were sent", len(count), mails)
	}
}

// slowOutbox is an outbox whose leases take some time to be granted.
type slowOutbox struct {
	staff.Outbox
	after func()
}

func (o slowOutbox) Lease(ctx context.Context, l staff.Lease) ([]*staff.QueuedMail, error) {
	mails, err := o.Outbox.Lease(ctx, l)
	o.after()
	return mails, err
}

// No mail is begun that the lease may not outlast.
func TestLeaseRunsOut(t *testing.T) {
	p := newPost(t)
	var ids []staff.ID
	for i := range 5 {
		ids = append(ids, p.invite(fmt.Sprintf("person%d@example.ch", i)).ID)
	}
	// Each mail takes two minutes of the five.
	p.server.onMail = func(*smtp.Conn) error {
		p.advance(2 * time.Minute)
		return nil
	}
	report := p.deliver(p.worker(), ids, true)
	if len(report.Mails) != 5 || len(p.server.taken()) != 5 {
		t.Errorf("%+v", report)
	}
	p.server.onMail = nil
	late := p.invite("late@example.ch")
	w := p.worker()
	w.Outbox = slowOutbox{p.store, func() { p.advance(mail.LeaseTime) }}
	if report = p.deliver(w, []staff.ID{late.ID}, true); len(p.server.taken()) != 5 || len(report.Mails) != 1 || report.Mails[0].State != staff.MailQueued {
		t.Errorf("begun after its lease: %+v", report)
	}
	p.stands(late.ID, staff.MailQueued, 0, "")
}

// A lease that somebody else has taken over meanwhile is not settled by the first.
func TestLateSettling(t *testing.T) {
	p := newPost(t)
	invite := p.invite("anna@example.ch")
	p.server.onDot = func(*smtp.Conn, received) error {
		p.advance(mail.LeaseTime)
		p.server.onDot = nil
		p.deliver(p.worker(), nil, false) // another, after the lease of the first
		p.stands(invite.ID, staff.MailSent, 1, "250")
		return says(550, "no")
	}
	p.deliver(p.worker(), nil, false)
	p.stands(invite.ID, staff.MailSent, 1, "250")
	if taken := p.server.taken(); len(taken) != 2 || taken[0].id != taken[1].id {
		t.Errorf("the server got %v", taken)
	}
}

func TestPause(t *testing.T) {
	var seen []time.Duration
	for range 50 {
		seen = append(seen, mail.Pause(3))
	}
	if slices.Min(seen) < 4*time.Minute || slices.Max(seen) > 4*time.Minute+48*time.Second || slices.Min(seen) == slices.Max(seen) {
		t.Errorf("after 3 tries from %v to %v", slices.Min(seen), slices.Max(seen))
	}
	for tries, least := range map[int]time.Duration{0: time.Minute, 1: time.Minute, 6: 32 * time.Minute, 7: time.Hour, 1000: time.Hour} {
		if d := mail.Pause(tries); d < least || d > least+least/5 {
			t.Errorf("after %d tries %v", tries, d)
		}
	}
}
