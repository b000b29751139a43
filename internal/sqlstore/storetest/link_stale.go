package storetest

import (
	"time"

	"github.com/staffctl/staffctl/internal/staff"
)

// linkResetAndJoin: who shows a link for a login of one account, while its
// holder takes it to a second one, shows none.
func linkResetAndJoin(w *world) {
	cast(w)
	reset := w.plan("acme", staff.ResetPassword{Member: By("anna@example.ch"), Show: true})
	share(w)
	w.stale(reset)
	w.refuses(staff.CodeForbidden, staff.ResetPassword{Member: By("anna@example.ch"), Show: true})
}

func linkResetAndEmail(w *world) {
	cast(w)
	reset := w.plan("acme", staff.ResetPassword{Member: By("bert@example.ch")})
	w.do(staff.EditMember{Member: By("bert@example.ch"), Email: new("neu@example.ch")})
	w.stale(reset) // else the old address gets a link that works
}

func linkResendAndRole(w *world) {
	w.start()
	w.do(shop())
	resend := w.plan("acme", staff.ResendConfirmation{Name: "shop"})
	w.do(staff.SetRole{Name: "shop", Role: "administrator"})
	w.stale(resend) // else a mail that tells the old role has a link that works
}

func linkResendAndConfirm(w *world) {
	w.start()
	_, token := w.mailed(shop())
	resend := w.plan("acme", staff.ResendConfirmation{Name: "shop"})
	w.do(confirm(token))
	w.stale(resend)
}

func linkResendAndRemoval(w *world) {
	w.start()
	w.do(shop())
	resend := w.plan("acme", staff.ResendConfirmation{Name: "shop"})
	w.do(staff.RemoveSubaccount{Name: "shop"})
	w.stale(resend)
}

func linkOneOpen(w *world) {
	w.start()
	w.do(shop())
	got := w.race("acme", func(int) staff.Action { return staff.ResendConfirmation{Name: "shop"} })
	w.same("outcomes", map[staff.Code]int{"": runners}, got)
	open := 0
	for _, m := range w.mails(staff.OutboxQuery{}) {
		if m.Link.State == staff.LinkOpen {
			open++
		}
	}
	w.same("open links", 1, open)
}

func linkLapses(w *world) {
	cast(w)
	for _, c := range []struct {
		action staff.Action
		use    func(staff.Secret) staff.Action
		lasts  time.Duration
	}{
		{shop(), func(s staff.Secret) staff.Action { return confirm(s) }, 24 * time.Hour},
		{staff.ResetPassword{Member: By("bert@example.ch")}, func(s staff.Secret) staff.Action { return choose(s) }, time.Hour},
		{staff.SendInvite{Email: "ina@example.ch", Access: []string{"api"}}, func(s staff.Secret) staff.Action { return accept(s, "ina") }, 72 * time.Hour},
	} {
		l, token := w.mailed(c.action)
		w.same("lasts", w.clock.now().Add(c.lasts).UnixMilli(), l.ExpiresAt)
		w.clock.advance(c.lasts - time.Millisecond)
		w.opens(token, "")
		early := w.plan("", c.use(token))
		w.clock.advance(time.Millisecond)
		w.opens(token, staff.CodeExpired)
		w.refuses(staff.CodeExpired, c.use(token))
		early.At = w.clock.now().UnixMilli() // the store holds it by itself
		w.stale(early)
	}
}
