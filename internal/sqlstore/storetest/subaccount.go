package storetest

import (
	"fmt"

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
		"created, confirmed and removed":        subaccountLife,
		"one registration e-mail of many":       subaccountOneEmail,
		"one name of many":                      subaccountOneName,
		"a sender address or a registration":    subaccountOrSender,
		"claimed at once/by creation":           subaccountClaims(shop()),
		"claimed at once/by update":             subaccountClaims(staff.CreateSubaccount{Name: "blog", Email: "shop@example.ch", Role: "copywriter", OnConflict: staff.Update}),
		"claimed at once/by edit":               subaccountClaims(staff.EditMember{Member: By("blog@example.ch"), Email: new("shop@example.ch")}),
	}
}

// subaccountLife goes the way that a subaccount goes through the commands.
func subaccountLife(w *world) {
	w.start()
	a := shop()
	a.Details = staff.Details{Salutation: new("ms"), FirstName: new("Sina"), LastName: new("Laden"), Language: new("en"), Phones: &[]string{"work=+41 44 555 12 34"}}
	plan := w.do(a)
	m := w.member("shop@example.ch")
	w.same("member", &staff.Member{ID: m.ID, AccountID: w.account("acme").ID, Email: "shop@example.ch", Salutation: "ms", FirstName: "Sina", LastName: "Laden", Language: staff.English,
		Phones: []staff.Phone{{Label: "work", Number: "+41445551234"}}, Access: staff.Access{Kind: staff.AccessRole, Role: "copywriter"}, Proposal: "acme-shop", Subaccount: "shop",
		Pending: true, Version: 1, CreatedAt: m.CreatedAt, UpdatedAt: m.CreatedAt}, m)
	w.refuses(staff.CodeConflict, shop())
	_, token := w.sent(plan)
	w.do(confirm(token))
	w.prove("ACME-shop", "chosen by the holder")
	w.do(staff.SetRole{Name: "acme-shop", Role: "api-user"})
	w.same("role", "api-user", w.member("shop@example.ch").Access.Role)
	w.do(staff.RemoveSubaccount{Name: "shop"})
	w.do(shop()) // its name and username are free again
	w.refuses(staff.CodeNotFound, staff.RemoveSubaccount{Name: "nothing"})
}

// manyClaims is how many claim one name at once.
const manyClaims = 64

func subaccountOneEmail(w *world) {
	w.start()
	outcomes := w.raceOf(manyClaims, func(i int) (string, staff.Action) {
		return "acme", staff.CreateSubaccount{Name: fmt.Sprintf("shop%02d", i), Email: []string{"shop@zürich.ch", "Shop@XN--ZRICH-KVA.ch"}[i%2], Role: "copywriter"}
	})
	w.same("outcomes", map[staff.Code]int{"": 1, staff.CodeConflict: manyClaims - 1}, count(outcomes))
	w.same("mails", 1, len(w.mails(staff.OutboxQuery{})))
}

func subaccountOneName(w *world) {
	w.start()
	outcomes := w.raceOf(manyClaims, func(i int) (string, staff.Action) {
		return "acme", staff.CreateSubaccount{Name: "shop", Email: person(i), Role: "copywriter"}
	})
	w.same("outcomes", map[staff.Code]int{"": 1, staff.CodeConflict: manyClaims - 1}, count(outcomes))
	w.same("members", 1, len(w.dump().Members))
}

// subaccountOrSender: an address becomes a sender address of some accounts, or
// the registration e-mail of one subaccount, but not both.
func subaccountOrSender(w *world) {
	w.start()
	w.in("", Enterprise("other"))
	outcomes := w.raceOf(manyClaims, func(i int) (string, staff.Action) {
		switch i % 4 {
		case 0:
			return "other", staff.AddSender{Address: "shop@example.ch"}
		case 1:
			return "acme", staff.AddSender{Address: "SHOP@example.ch"}
		default:
			return "acme", staff.CreateSubaccount{Name: fmt.Sprintf("shop%02d", i), Email: "Shop@example.ch", Role: "copywriter"}
		}
	})
	got := count(outcomes)
	switch len(w.dump().Members) {
	case 0:
		w.same("sender addresses", map[staff.Code]int{"": manyClaims / 2, staff.CodeConflict: manyClaims / 2}, got)
	default:
		w.same("a registration", map[staff.Code]int{"": 1, staff.CodeConflict: manyClaims - 1}, got)
		for _, a := range w.dump().Accounts {
			w.same("senders of "+a.Name, []string(nil), a.Senders)
		}
	}
}

// subaccountClaims: the action registers shop@example.ch, which becomes a sender
// address of another account on the same facts; whichever comes first wins.
func subaccountClaims(register staff.Action) func(*world) {
	return func(w *world) {
		w.start()
		w.in("", Enterprise("other"))
		w.do(staff.CreateSubaccount{Name: "blog", Email: "blog@example.ch", Role: "copywriter"})
		sender := staff.AddSender{Address: "Shop@example.ch"}
		first, second := w.plan("other", sender), w.plan("acme", register)
		w.commit(first)
		w.stale(second)
		w.refuses(staff.CodeConflict, register)
		w.in("other", staff.RemoveSender{Address: "shop@example.ch"})
		first, second = w.plan("acme", register), w.plan("other", sender)
		w.commit(first)
		w.stale(second)
		w.refusesIn("other", staff.CodeConflict, sender)
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
