package storetest

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/staffctl/staffctl/internal/staff"
)

// mails returns the mails that the query chooses.
func (w *world) mails(q staff.OutboxQuery) []*staff.QueuedMail {
	w.Helper()
	var all []*staff.QueuedMail
	for m, err := range w.store.Mails(w.Context(), q) {
		if err != nil {
			w.Fatal(err)
		}
		all = append(all, m)
	}
	return all
}

func (w *world) mail(id staff.ID) *staff.QueuedMail {
	w.Helper()
	mails := w.mails(staff.OutboxQuery{ID: id})
	if len(mails) != 1 {
		w.Fatalf("%d mails have the id %d", len(mails), id)
	}
	return mails[0]
}

// leaseTime is how long the leases of tests last.
const leaseTime = 2 * time.Minute

// lease takes mails for leaseTime from the time on the clock.
func (w *world) lease(mark int64, edit func(*staff.Lease)) []*staff.QueuedMail {
	w.Helper()
	now := w.clock.now()
	l := staff.Lease{Now: now.UnixMilli(), Until: now.Add(leaseTime).UnixMilli(), Limit: 100, Mark: mark}
	if edit != nil {
		edit(&l)
	}
	mails, err := w.store.Lease(w.Context(), l)
	if err != nil {
		w.Fatal(err)
	}
	return mails
}

func (w *world) settle(s staff.Settlement) {
	w.Helper()
	if err := w.store.Settle(w.Context(), s); err != nil {
		w.Fatal(err)
	}
}

// post queues n mails in acme, a minute apart, and returns their ids.
func post(w *world, n int) []staff.ID {
	w.Helper()
	w.start()
	ids := make([]staff.ID, n)
	for i := range ids {
		ids[i] = w.do(inviteTo(person(i), "api")).Results[0].Mail.ID
		w.clock.advance(time.Minute)
	}
	return ids
}

func mailIDs(mails []*staff.QueuedMail) []staff.ID {
	var ids []staff.ID
	for _, m := range mails {
		ids = append(ids, m.ID)
	}
	return ids
}

func outboxTests() map[string]func(*world) {
	return map[string]func(*world){
		"reads back":                                outboxReadsBack,
		"filters":                                   outboxFilters,
		"stops early":                               outboxStopsEarly,
		"a lease is exclusive":                      outboxExclusive,
		"a lease is exclusive among many":           outboxAmongMany,
		"a lease lapses":                            outboxLapses,
		"a lease of some":                           outboxSome,
		"a lease of what is due":                    outboxDue,
		"settled under an old mark":                 outboxOldMark,
		"settled twice":                             outboxTwice,
		"a settled mail has nothing left":           outboxWiped,
		"tried again":                               outboxTriedAgain,
		"a lease tells of a link that has ended":    outboxEndedLink,
		"discard":                                   outboxDiscard,
		"planned at once/a discard and a sent mail": outboxDiscardSent,
		"a discarded mail is not settled":           outboxDiscardLeased,
		"is no change":                              outboxNoChange,
	}
}

func outboxReadsBack(w *world) {
	w.start()
	w.do(staff.SetAccount{Settings: staff.Settings{DisplayName: new("Bäckerei «Öl & Söhne»")}}, Add("carl@example.ch"))
	got := w.do(staff.SendInvite{Email: "carl@example.ch", Access: []string{"invoices", "api"}, Language: new("en")}).Results[0].Mail
	m := w.mail(got.ID)
	at := w.clock.now()
	w.same("mail", staff.Mail{ID: got.ID, AccountID: w.account("acme").ID, Template: staff.MailInvite, Language: staff.English, To: "carl@example.ch",
		Data: staff.MailData{Salutation: "none", FirstName: "carl", LastName: "Muster", Account: "Bäckerei «Öl & Söhne»", Areas: []string{"Invoices", "API"},
			ExpiresAt: at.Add(staff.InviteLifetime).UnixMilli(), At: at.UnixMilli()},
		LinkID: m.Link.ID, CreatedAt: at.UnixMilli()}, m.Mail)
	w.same("account", "acme", m.Account)
	w.same("leased as it is listed", []*staff.QueuedMail{m}, w.lease(1, nil))
	facts, err := w.store.Load(w.Context(), &staff.Needs{Mail: m.ID, NoAccount: true})
	if err != nil {
		w.Fatal(err)
	}
	w.same("looked up", w.mail(m.ID), facts.Mail)
}

func outboxFilters(w *world) {
	ids := post(w, 4)
	w.in("", Enterprise("other"))
	other := w.in("other", inviteTo("ina@example.ch", "all")).Results[0].Mail.ID
	w.lease(1, func(l *staff.Lease) { l.IDs = ids[:2] })
	w.settle(staff.Settlement{ID: ids[0], Mark: 1, State: staff.MailSent, At: 7})
	w.settle(staff.Settlement{ID: ids[1], Mark: 1, State: staff.MailFailed, At: 7})
	w.do(staff.DiscardMail{Mail: ids[2]})
	for _, c := range []struct {
		query staff.OutboxQuery
		want  []staff.ID
	}{
		{staff.OutboxQuery{}, append(slices.Clone(ids), other)},
		{staff.OutboxQuery{Account: "acme"}, ids},
		{staff.OutboxQuery{Account: "other"}, []staff.ID{other}},
		{staff.OutboxQuery{Account: "ACME"}, nil},
		{staff.OutboxQuery{Account: "' OR 1=1 --"}, nil},
		{staff.OutboxQuery{State: staff.MailQueued}, []staff.ID{ids[3], other}},
		{staff.OutboxQuery{State: staff.MailSent}, ids[:1]},
		{staff.OutboxQuery{State: staff.MailFailed}, ids[1:2]},
		{staff.OutboxQuery{State: staff.MailDiscarded}, ids[2:3]},
		{staff.OutboxQuery{State: staff.MailQueued, Account: "acme"}, ids[3:]},
		{staff.OutboxQuery{ID: ids[2]}, ids[2:3]},
		{staff.OutboxQuery{ID: ids[2], Account: "other"}, nil},
		{staff.OutboxQuery{ID: 7}, nil},
		{staff.OutboxQuery{Newest: 2}, []staff.ID{ids[3], other}},
		{staff.OutboxQuery{Newest: 9, Beginning: ids[1].String()}, ids[1:2]},
		{staff.OutboxQuery{Newest: 9, Beginning: "0"}, nil},
		{staff.OutboxQuery{Newest: 2, Account: "acme", State: staff.MailSent}, ids[:1]},
	} {
		w.same(fmt.Sprintf("%+v", c.query), c.want, mailIDs(w.mails(c.query)))
	}
}

func outboxStopsEarly(w *world) {
	post(w, 3)
	for range 20 {
		for range w.store.Mails(w.Context(), staff.OutboxQuery{}) {
			break
		}
	}
	w.do(Add("last@example.ch"))
}

func outboxExclusive(w *world) {
	ids := post(w, 3)
	w.same("first", ids, mailIDs(w.lease(1, nil)))
	w.same("second", []staff.ID(nil), mailIDs(w.lease(2, nil)))
	w.same("early", []staff.ID(nil), mailIDs(w.lease(3, func(l *staff.Lease) { l.Early, l.IDs = true, ids })))
}

func outboxAmongMany(w *world) {
	const mails, leasers = 40, 16
	ids := make([]staff.ID, 0, mails)
	w.start()
	actions := make([]staff.Action, mails)
	for i := range actions {
		actions[i] = inviteTo(fmt.Sprintf("person%02d@example.ch", i), "api")
	}
	for _, r := range w.do(actions...).Results {
		ids = append(ids, r.Mail.ID)
	}
	stores := []staff.Store{w.store, w.again(), w.again(), w.again()}
	taken := make([][]*staff.QueuedMail, leasers)
	failed := make([]error, leasers)
	now := w.clock.now()
	var done sync.WaitGroup
	for i := range leasers {
		done.Go(func() {
			for round := range 3 {
				mails, err := stores[i%len(stores)].Lease(w.Context(), staff.Lease{Now: now.UnixMilli(), Until: now.Add(leaseTime).UnixMilli(), Limit: 2, Mark: int64(3*i + round + 1)})
				if err != nil {
					failed[i] = err
					return
				}
				taken[i] = append(taken[i], mails...)
			}
		})
	}
	done.Wait()
	var all []staff.ID
	for i := range leasers {
		if failed[i] != nil {
			w.Errorf("leaser %d: %v", i, failed[i])
		}
		all = append(all, mailIDs(taken[i])...)
	}
	slices.Sort(all)
	w.same("each mail is taken once", ids, all)
}

func outboxLapses(w *world) {
	ids := post(w, 2)
	w.lease(1, nil)
	w.clock.advance(leaseTime - time.Millisecond)
	w.same("held", []staff.ID(nil), mailIDs(w.lease(2, nil)))
	w.clock.advance(time.Millisecond)
	w.same("lapsed", ids, mailIDs(w.lease(3, nil)))
}

func outboxSome(w *world) {
	ids := post(w, 5)
	w.same("none named", []staff.ID(nil), mailIDs(w.lease(1, func(l *staff.Lease) { l.IDs = []staff.ID{} })))
	w.same("by id, the oldest first", []staff.ID{ids[1], ids[3]}, mailIDs(w.lease(2, func(l *staff.Lease) { l.IDs = []staff.ID{ids[3], 7, ids[1]} })))
	w.same("the oldest two", []staff.ID{ids[0], ids[2]}, mailIDs(w.lease(3, func(l *staff.Lease) { l.Limit = 2 })))
	w.same("none", []staff.ID(nil), mailIDs(w.lease(4, func(l *staff.Lease) { l.Limit = 0 })))
	w.same("the rest", ids[4:], mailIDs(w.lease(5, nil)))
}

func outboxDue(w *world) {
	ids := post(w, 3)
	w.lease(1, nil)
	later := w.clock.now().Add(time.Hour)
	w.settle(staff.Settlement{ID: ids[0], Mark: 1, State: staff.MailQueued, NextAt: later.UnixMilli(), Answer: "451 later", Tried: true})
	w.settle(staff.Settlement{ID: ids[2], Mark: 1, State: staff.MailQueued, NextAt: later.Add(time.Hour).UnixMilli(), Answer: "451 later", Tried: true})
	w.clock.advance(time.Hour - time.Millisecond)
	w.same("not yet; the lease of the other has lapsed", ids[1:2], mailIDs(w.lease(2, nil)))
	w.same("early, by id", ids[2:], mailIDs(w.lease(3, func(l *staff.Lease) { l.Early, l.IDs = true, ids[1:] })))
	w.clock.advance(time.Millisecond)
	w.same("due", ids[:1], mailIDs(w.lease(4, nil)))
	w.clock.advance(2 * time.Hour)
	w.settle(staff.Settlement{ID: ids[0], Mark: 4, State: staff.MailQueued, NextAt: w.now(), Tried: true})
	w.same("what is due the longest", ids[1:2], mailIDs(w.lease(5, func(l *staff.Lease) { l.IDs, l.Limit = ids[:2], 1 })))
}

func outboxOldMark(w *world) {
	ids := post(w, 1)
	w.lease(1, nil)
	w.clock.advance(leaseTime)
	w.lease(2, nil)
	before := w.mail(ids[0])
	for _, state := range []staff.MailState{staff.MailSent, staff.MailFailed, staff.MailQueued} {
		w.settle(staff.Settlement{ID: ids[0], Mark: 1, State: state, At: 7, NextAt: 7, Answer: "250 sent", Tried: true})
		w.same("under an old mark: "+string(state), before, w.mail(ids[0]))
	}
	w.same("still leased", []staff.ID(nil), mailIDs(w.lease(3, nil)))
	w.settle(staff.Settlement{ID: ids[0], Mark: 2, State: staff.MailSent, At: 8, Answer: "250 sent", Tried: true})
	w.same("under its own", staff.MailSent, w.mail(ids[0]).State)
}

func outboxTwice(w *world) {
	ids := post(w, 1)
	w.lease(1, nil)
	w.settle(staff.Settlement{ID: ids[0], Mark: 1, State: staff.MailQueued, NextAt: w.clock.now().UnixMilli(), Tried: true})
	w.settle(staff.Settlement{ID: ids[0], Mark: 1, State: staff.MailQueued, NextAt: w.clock.now().UnixMilli(), Tried: true})
	w.same("tries", 1, w.mail(ids[0]).Tries)
	w.lease(2, nil)
	w.settle(staff.Settlement{ID: ids[0], Mark: 2, State: staff.MailSent, At: 8, Answer: "250 sent", Tried: true})
	before := w.mail(ids[0])
	w.settle(staff.Settlement{ID: ids[0], Mark: 2, State: staff.MailFailed, At: 9, Answer: "550 no", Tried: true})
	w.settle(staff.Settlement{ID: ids[0], Mark: 0, State: staff.MailFailed, At: 9, Answer: "550 no", Tried: true})
	w.same("the second time", before, w.mail(ids[0]))
	w.same("gone from the queue", []staff.ID(nil), mailIDs(w.lease(3, func(l *staff.Lease) { l.Early = true })))
}

func outboxWiped(w *world) {
	for i, state := range []staff.MailState{staff.MailSent, staff.MailFailed, staff.MailDiscarded} {
		if i == 0 {
			w.start()
		}
		queued := w.mail(w.do(inviteTo(person(i), "api")).Results[0].Mail.ID)
		w.lease(1, nil)
		w.clock.advance(time.Minute)
		at := w.clock.now().UnixMilli()
		w.settle(staff.Settlement{ID: queued.ID, Mark: 1, State: state, At: at, NextAt: 7, Answer: "250 ok", Tried: true})
		want := *queued
		want.Data, want.LinkID, want.Link = staff.MailData{}, 0, nil
		want.State, want.Tries, want.Answer, want.SettledAt = state, 1, "250 ok", at
		w.same(string(state), &want, w.mail(queued.ID))
		w.same("the link works on", staff.LinkOpen, w.state(queued.LinkID))
	}
}

func outboxTriedAgain(w *world) {
	ids := post(w, 1)
	queued := w.mail(ids[0])
	w.lease(1, nil)
	w.settle(staff.Settlement{ID: ids[0], Mark: 1, State: staff.MailQueued, NextAt: 55, Answer: "421 busy", Tried: true})
	w.lease(2, nil)
	w.settle(staff.Settlement{ID: ids[0], Mark: 2, State: staff.MailQueued, NextAt: 66, Answer: "not begun"})
	want := *queued
	want.Tries, want.NextAt, want.Answer = 1, 66, "not begun"
	w.same("queued again with all it had", &want, w.mail(ids[0]))
}

func outboxEndedLink(w *world) {
	w.start()
	plan := w.do(inviteTo("ina@example.ch", "api"))
	w.do(staff.RevokeInvite{Invite: plan.Results[0].Invite.ID})
	confirmation := w.do(shop()).Results[0].Mail
	w.do(staff.RemoveSubaccount{Name: "shop"})
	mails := w.lease(1, nil)
	if len(mails) != 2 {
		w.Fatalf("leased %d mails", len(mails))
	}
	w.same("ended", staff.LinkEnded, mails[0].Link.State)
	w.same("gone, and the mail says that it had one", []any{confirmation.ID, confirmation.LinkID, true}, []any{mails[1].ID, mails[1].LinkID, mails[1].Link == nil})
}

func outboxDiscard(w *world) {
	ids := post(w, 2)
	queued := w.mail(ids[0])
	plan := w.do(staff.DiscardMail{Mail: ids[0]})
	if !plan.Changed() {
		w.Error("nothing changed")
	}
	got := w.mail(ids[0])
	w.same("discarded", &staff.QueuedMail{Mail: staff.Mail{ID: ids[0], AccountID: queued.AccountID, Template: queued.Template, Language: queued.Language, To: queued.To, CreatedAt: queued.CreatedAt},
		Account: "acme", State: staff.MailDiscarded, NextAt: queued.NextAt, SettledAt: w.clock.now().UnixMilli()}, got, cmpopts.IgnoreFields(staff.QueuedMail{}, "Answer"))
	if got.Answer == "" {
		w.Error("nothing says why it was discarded")
	}
	w.same("leased", ids[1:], mailIDs(w.lease(1, nil)))
	if w.do(staff.DiscardMail{Mail: ids[0]}).Changed() {
		w.Error("discarding again changed something")
	}
	w.refuses(staff.CodeNotFound, staff.DiscardMail{Mail: 7})
	w.settle(staff.Settlement{ID: ids[1], Mark: 1, State: staff.MailSent, At: 8, Tried: true})
	w.refuses(staff.CodeForbidden, staff.DiscardMail{Mail: ids[1]})
	w.same("audited", 1, len(w.audit(staff.AuditQuery{Action: "outbox.discard"})))
}

func outboxDiscardSent(w *world) {
	ids := post(w, 1)
	discard := w.plan("acme", staff.DiscardMail{Mail: ids[0]})
	w.lease(1, nil)
	w.settle(staff.Settlement{ID: ids[0], Mark: 1, State: staff.MailSent, At: 8, Answer: "250 ok", Tried: true})
	w.stale(discard)
	w.same("answer", "250 ok", w.mail(ids[0]).Answer)
}

func outboxDiscardLeased(w *world) {
	ids := post(w, 1)
	w.lease(1, nil)
	w.do(staff.DiscardMail{Mail: ids[0]})
	before := w.mail(ids[0])
	w.settle(staff.Settlement{ID: ids[0], Mark: 1, State: staff.MailQueued, NextAt: 1, Answer: "421 busy", Tried: true})
	w.settle(staff.Settlement{ID: ids[0], Mark: 1, State: staff.MailSent, At: 8, Answer: "250 ok", Tried: true})
	w.same("after the discard", before, w.mail(ids[0]))
}

// outboxNoChange: what happens in the outbox is neither audited nor in a plan's
// way.
func outboxNoChange(w *world) {
	ids := post(w, 1)
	planned := w.plan("acme", Add("anna@example.ch"))
	before := w.dump()
	w.lease(1, nil)
	w.settle(staff.Settlement{ID: ids[0], Mark: 1, State: staff.MailSent, At: 8, Tried: true})
	if diff := cmp.Diff(before, w.dump(), cmpopts.IgnoreFields(dump{}, "Mails"), cmpopts.EquateEmpty()); diff != "" {
		w.Errorf("sending a mail changed something (-before +after):\n%s", diff)
	}
	w.commit(planned)
}
