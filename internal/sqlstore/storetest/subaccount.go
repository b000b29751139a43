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

// standardTariff takes acme off the plan that may have subaccounts.
func standardTariff() staff.SetAccount {
	return staff.SetAccount{Settings: staff.Settings{Tariff: new("standard")}}
}

func subaccountTests() map[string]func(*world) {
	return map[string]func(*world){
		"reads back":                            subaccountReadsBack,
		"refuses what is not for it":            subaccountRefuses,
		"a name once":                           subaccountNameOnce,
		"keeps its name":                        subaccountKeepsName,
		"registration e-mail first":             subaccountEmailFirst,
		"sender address first":                  subaccountSenderFirst,
		"planned with a sender address at once": subaccountSenderAtOnce,
		"an edited e-mail is no sender address": subaccountEditedEmail,
		"only on enterprise":                    subaccountOnlyEnterprise,
		"no downgrade":                          subaccountNoDowngrade,
		"its prefix is the account's":           subaccountPrefix,
		"deleted with the account":              subaccountDeleted,
	}
}

func subaccountReadsBack(w *world) {
	w.start()
	for name, confirmed := range map[string]bool{"shop": true, "shop-2": false} {
		c := subaccount(w, name, name+"@example.ch", "copywriter", confirmed)
		w.commit(c)
		w.same(name, c.Members[0].After, w.member(name+"@example.ch"))
	}
	w.same("status", staff.Active, w.member("shop@example.ch").Status(staff.TwoFactorSMS))
	w.same("status", staff.Pending, w.member("shop-2@example.ch").Status(staff.TwoFactorOff))
}

func subaccountRefuses(w *world) {
	w.start()
	w.commit(subaccount(w, "shop", "shop@example.ch", "copywriter", true))
	shop := By("shop@example.ch")
	for _, a := range []staff.Action{staff.Grant{Member: shop, Grants: []string{"api"}}, staff.Revoke{Member: shop, Grants: []string{"emails"}},
		staff.SetAccess{Member: shop, Access: []string{"all"}}, staff.SetUsername{Member: shop, Username: "shop"}} {
		w.refuses(staff.CodeForbidden, a)
	}
	w.commit(subaccount(w, "new", "new@example.ch", "copywriter", false))
	w.refuses(staff.CodeForbidden, Password("new@example.ch"))
}

func subaccountNameOnce(w *world) {
	w.start()
	w.commit(subaccount(w, "shop", "shop@example.ch", "copywriter", false))
	w.stale(subaccount(w, "shop", "other@example.ch", "copywriter", false))
	w.commit(subaccount(w, "shop2", "other@example.ch", "copywriter", false))
}

func subaccountKeepsName(w *world) {
	w.start()
	w.commit(subaccount(w, "shop", "shop@example.ch", "copywriter", false))
	c := w.blank("acme")
	c.Members = []staff.Diff[staff.Member]{change(w.member("shop@example.ch"), func(m *staff.Member) { m.Subaccount = "other" })}
	w.stale(c)
}

func subaccountEmailFirst(w *world) {
	w.start()
	w.in("", Enterprise("other"))
	w.commit(subaccount(w, "shop", "Shop@zürich.ch", "copywriter", false))
	for _, account := range []string{"acme", "other"} {
		w.refusesIn(account, staff.CodeConflict, staff.AddSender{Address: "shop@XN--ZRICH-KVA.ch"})
	}
	w.in("other", staff.AddSender{Address: "shop2@zürich.ch"})
}

func subaccountSenderFirst(w *world) {
	w.start()
	w.in("", Enterprise("other"))
	w.in("other", staff.AddSender{Address: "Shop@zürich.ch"})
	w.stale(subaccount(w, "shop", "shop@xn--zrich-kva.ch", "copywriter", false))
	w.do(Add("shop@zürich.ch")) // a plain member may
}

func subaccountSenderAtOnce(w *world) {
	w.start()
	w.in("", Enterprise("other"))
	sender := w.plan("other", staff.AddSender{Address: "shop@example.ch"})
	w.commit(subaccount(w, "shop", "shop@example.ch", "copywriter", false))
	w.stale(sender)
}

func subaccountEditedEmail(w *world) {
	w.start()
	w.commit(subaccount(w, "shop", "shop@example.ch", "copywriter", false))
	w.do(staff.AddSender{Address: "info@acme.ch"})
	c := w.blank("acme")
	c.Members = []staff.Diff[staff.Member]{change(w.member("shop@example.ch"), func(m *staff.Member) { m.Email = "Info@acme.ch" })}
	w.stale(c)
}

func subaccountOnlyEnterprise(w *world) {
	w.start()
	w.do(standardTariff())
	w.stale(subaccount(w, "shop", "shop@example.ch", "copywriter", false))
}

func subaccountNoDowngrade(w *world) {
	w.start()
	early := w.plan("acme", standardTariff())
	w.commit(subaccount(w, "shop", "shop@example.ch", "copywriter", false))
	w.stale(early)
	w.refuses(staff.CodeForbidden, standardTariff())
	w.do(staff.RemoveMember{Member: By("shop@example.ch")})
	w.do(standardTariff())
	w.same("plan", staff.Standard, w.account("acme").Tariff)
}

func subaccountPrefix(w *world) {
	cast(w)
	// A login with the prefix is refused unless it is of a subaccount.
	c := w.plan("acme", staff.SetUsername{Member: By("anna@example.ch"), Username: "anna"})
	c.Logins[0].After.Username = "acme-shop"
	w.stale(c)
	w.commit(subaccount(w, "shop", "shop@example.ch", "copywriter", true))
}

func subaccountDeleted(w *world) {
	w.start()
	w.commit(subaccount(w, "shop", "shop@example.ch", "administrator", true))
	w.do(staff.DeleteAccount{})
	w.in("", Enterprise("acme"))
	w.commit(subaccount(w, "shop", "shop@example.ch", "administrator", true))
}
