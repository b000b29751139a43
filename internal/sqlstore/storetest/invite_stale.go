package storetest

import (
	"github.com/staffctl/staffctl/internal/staff"
)

// inviteOwner: the owner, who has no login yet, is invited with less than all.
func inviteOwner(w *world) {
	cast(w)
	w.do(Add("olga@example.ch", "all"), staff.SetOwner{Member: By("olga@example.ch")})
	plan, err := w.staff.Do(w.Context(), "acme", inviteTo("olga@example.ch", "api"))
	if err != nil {
		w.same("refused when sent", staff.CodeForbidden, staff.CodeOf(err))
		return
	}
	_, token := w.sent(plan)
	w.refuses(staff.CodeForbidden, accept(token, ""))
}

func inviteResendAndRevoke(w *world) {
	w.start()
	id := w.do(inviteTo("ina@example.ch", "api")).Results[0].Invite.ID
	resend := w.plan("acme", staff.ResendInvite{Invite: id})
	w.do(staff.RevokeInvite{Invite: id})
	w.stale(resend) // else a revoked invite has a link that works
}

func inviteResendAndAccept(w *world) {
	w.start()
	plan := w.do(inviteTo("ina@example.ch", "api"))
	_, token := w.sent(plan)
	resend := w.plan("acme", staff.ResendInvite{Invite: plan.Results[0].Invite.ID})
	w.do(accept(token, "ina"))
	w.stale(resend)
}

func inviteRevokeAndAccept(w *world) {
	w.start()
	plan := w.do(inviteTo("ina@example.ch", "api"))
	_, token := w.sent(plan)
	revoke := w.plan("acme", staff.RevokeInvite{Invite: plan.Results[0].Invite.ID})
	w.do(accept(token, "ina"))
	w.stale(revoke)
	w.refuses(staff.CodeForbidden, staff.RevokeInvite{Invite: plan.Results[0].Invite.ID})
	update := inviteTo("bert@example.ch", "domains")
	update.OnConflict = staff.Update
	plan = w.do(inviteTo("bert@example.ch", "api"))
	early := w.plan("acme", update)
	w.do(staff.RevokeInvite{Invite: plan.Results[0].Invite.ID})
	w.stale(early)
}

func inviteJoinAndPassword(w *world) {
	cast(w)
	holder(w)
	_, token := w.mailed(inviteTo("ina@example.ch", "api"))
	join := w.join(token)
	early := w.plan("", join)
	w.in("other", Password("dora@example.ch"))
	w.stale(early)
	w.refuses(staff.CodeConflict, join) // the login has changed meanwhile
	_, own := w.sent(w.in("other", staff.ResetPassword{Member: By("dora@example.ch")}))
	w.in("", choose(own))
	password := w.plan("other", Password("dora@example.ch"))
	w.do(w.join(token))
	w.stale(password) // else an operator of one account sets the password of both
	w.refusesIn("other", staff.CodeForbidden, Password("dora@example.ch"))
}

func inviteTwoJoins(w *world) {
	cast(w)
	holder(w)
	w.in("", Enterprise("third"))
	_, here := w.mailed(inviteTo("ina@example.ch", "api"))
	_, there := w.sent(w.in("third", inviteTo("ina@example.ch", "api")))
	first, second := w.plan("", w.join(here)), w.plan("", w.join(there))
	w.commit(first)
	w.stale(second)
	w.in("", w.join(there))
	w.same("accounts", 3, w.member("ina@example.ch").Login.Accounts)
}
