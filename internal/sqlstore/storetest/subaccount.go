package storetest

import (
	"github.com/staffctl/staffctl/internal/staff"
)

// subaccount returns a commit that adds a subaccount to acme, confirmed and
// with a login or still pending.
func subaccount(w *world, name, email, role string, confirmed bool) *staff.Commit {
	w.Helper()
	c := w.blank("acme")
	m := &staff.Member{ID: w.staff.IDs.Next(Start), AccountID: w.account("acme").ID, Email: email, Salutation: "none", LastName: "Konto",
		Language: staff.German, Access: staff.Access{Kind: staff.AccessRole, Role: role}, Subaccount: name, Version: 1, CreatedAt: c.At, UpdatedAt: c.At}
	if confirmed {
		m.Login = &staff.Login{ID: w.staff.IDs.Next(Start), Username: "acme-" + name, PasswordHash: hashMark, HolderSet: true, Email: email,
			EmailVerified: true, Mobile: "+41791234567", Accounts: 1, Version: 1, CreatedAt: c.At, UpdatedAt: c.At}
		c.Logins = []staff.Diff[staff.Login]{{After: m.Login}}
	} else {
		m.Proposal, m.Pending = "acme-"+name, true
	}
	c.Members = []staff.Diff[staff.Member]{{After: m}}
	return w.recorded(c)
}

func subaccountTests() map[string]func(*world) {
	standard := staff.SetAccount{Settings: staff.Settings{Tariff: new("standard")}}
	return map[string]func(*world){
		"reads back": func(w *world) {
			w.start()
			for name, confirmed := range map[string]bool{"shop": true, "shop-2": false} {
				c := subaccount(w, name, name+"@example.ch", "copywriter", confirmed)
				w.commit(c)
				w.same(name, c.Members[0].After, w.member(name+"@example.ch"))
			}
			w.same("status", staff.Active, w.member("shop@example.ch").Status(staff.TwoFactorSMS))
			w.same("status", staff.Pending, w.member("shop-2@example.ch").Status(staff.TwoFactorOff))
		},
		"refuses what is not for it": func(w *world) {
			w.start()
			w.commit(subaccount(w, "shop", "shop@example.ch", "copywriter", true))
			shop := By("shop@example.ch")
			for _, a := range []staff.Action{staff.Grant{Member: shop, Grants: []string{"api"}}, staff.Revoke{Member: shop, Grants: []string{"emails"}},
				staff.SetAccess{Member: shop, Access: []string{"all"}}, staff.SetUsername{Member: shop, Username: "shop"}} {
				w.refuses(staff.CodeForbidden, a)
			}
			w.commit(subaccount(w, "new", "new@example.ch", "copywriter", false))
			w.refuses(staff.CodeForbidden, Password("new@example.ch"))
		},
		"a name once": func(w *world) {
			w.start()
			w.commit(subaccount(w, "shop", "shop@example.ch", "copywriter", false))
			w.stale(subaccount(w, "shop", "other@example.ch", "copywriter", false))
			w.commit(subaccount(w, "shop2", "other@example.ch", "copywriter", false))
		},
		"keeps its name": func(w *world) {
			w.start()
			w.commit(subaccount(w, "shop", "shop@example.ch", "copywriter", false))
			c := w.blank("acme")
			c.Members = []staff.Diff[staff.Member]{change(w.member("shop@example.ch"), func(m *staff.Member) { m.Subaccount = "other" })}
			w.stale(c)
		},
		"registration e-mail first": func(w *world) {
			w.start()
			w.in("", Enterprise("other"))
			w.commit(subaccount(w, "shop", "Shop@zürich.ch", "copywriter", false))
			for _, account := range []string{"acme", "other"} {
				w.refusesIn(account, staff.CodeConflict, staff.AddSender{Address: "shop@XN--ZRICH-KVA.ch"})
			}
			w.in("other", staff.AddSender{Address: "shop2@zürich.ch"})
		},
		"sender address first": func(w *world) {
			w.start()
			w.in("", Enterprise("other"))
			w.in("other", staff.AddSender{Address: "Shop@zürich.ch"})
			w.stale(subaccount(w, "shop", "shop@xn--zrich-kva.ch", "copywriter", false))
			w.do(Add("shop@zürich.ch")) // a plain member may
		},
		"planned with a sender address at once": func(w *world) {
			w.start()
			w.in("", Enterprise("other"))
			sender := w.plan("other", staff.AddSender{Address: "shop@example.ch"})
			w.commit(subaccount(w, "shop", "shop@example.ch", "copywriter", false))
			w.stale(sender)
		},
		"an edited e-mail is no sender address": func(w *world) {
			w.start()
			w.commit(subaccount(w, "shop", "shop@example.ch", "copywriter", false))
			w.do(staff.AddSender{Address: "info@acme.ch"})
			c := w.blank("acme")
			c.Members = []staff.Diff[staff.Member]{change(w.member("shop@example.ch"), func(m *staff.Member) { m.Email = "Info@acme.ch" })}
			w.stale(c)
		},
		"only on enterprise": func(w *world) {
			w.start()
			w.do(standard)
			w.stale(subaccount(w, "shop", "shop@example.ch", "copywriter", false))
		},
		"no downgrade": func(w *world) {
			w.start()
			early := w.plan("acme", standard)
			w.commit(subaccount(w, "shop", "shop@example.ch", "copywriter", false))
			w.stale(early)
			w.refuses(staff.CodeForbidden, standard)
			w.do(staff.RemoveMember{Member: By("shop@example.ch")})
			w.do(standard)
			w.same("plan", staff.Standard, w.account("acme").Tariff)
		},
		"its prefix is the account's": func(w *world) {
			cast(w)
			// A login with the prefix is refused unless it is of a subaccount.
			c := w.plan("acme", staff.SetUsername{Member: By("anna@example.ch"), Username: "anna"})
			c.Logins[0].After.Username = "acme-shop"
			w.stale(c)
			w.commit(subaccount(w, "shop", "shop@example.ch", "copywriter", true))
		},
		"deleted with the account": func(w *world) {
			w.start()
			w.commit(subaccount(w, "shop", "shop@example.ch", "administrator", true))
			w.do(staff.DeleteAccount{})
			w.in("", Enterprise("acme"))
			w.commit(subaccount(w, "shop", "shop@example.ch", "administrator", true))
		},
	}
}
