package storetest

import "github.com/staffctl/staffctl/internal/staff"

// passedOnTests: what somebody lets go of, somebody else may get in the same
// commit.
func passedOnTests() map[string]func(*world) {
	return map[string]func(*world){
		"the name of a subaccount":          passedOnSubaccount,
		"of a subaccount that is confirmed": passedOnConfirmed,
		"of the last administrator":         passedOnAdministrator,
		"an e-mail and a username":          passedOnMember,
		"a sender address":                  passedOnSender,
		"a plan that allows or forbids":     passedOnPlan,
	}
}

func passedOnSubaccount(w *world) {
	w.start()
	w.do(shop())
	again := shop()
	again.Email = "shop2@example.ch"
	w.do(staff.RemoveSubaccount{Name: "shop"}, again)
	w.do(staff.RemoveSubaccount{Name: "shop"}, shop())
	w.same("people", 1, len(w.dump().Members))
}

func passedOnConfirmed(w *world) {
	w.start()
	_, token := w.sent(w.do(shop()))
	w.do(confirm(token))
	w.do(staff.RemoveSubaccount{Name: "shop"}, shop())
	m := w.member("shop@example.ch")
	w.same("the new one", true, m.Pending && m.Login == nil && m.Subaccount == "shop")
}

// passedOnAdministrator: the only administrator is a subaccount, and hands over.
func passedOnAdministrator(w *world) {
	w.start()
	boss := shop()
	boss.Role = "administrator"
	_, token := w.sent(w.do(boss))
	w.do(confirm(token))
	w.refuses(staff.CodeForbidden, staff.RemoveSubaccount{Name: "shop"}, boss)
	w.do(Add("anna@example.ch", "all"), Password("anna@example.ch"), staff.RemoveSubaccount{Name: "shop"}, boss)
}

func passedOnMember(w *world) {
	cast(w)
	dora := Add("dora@example.ch")
	dora.Username = new("bert@example.ch")
	w.do(staff.RemoveMember{Member: By("bert@example.ch")}, dora)
	w.do(staff.RemoveMember{Member: By("dora@example.ch")}, Add("dora@example.ch"), Add("bert@example.ch"))
}

func passedOnSender(w *world) {
	w.start()
	w.do(staff.AddSender{Address: "shop@example.ch"}, staff.AddSender{Address: "info@example.ch"})
	w.do(staff.RemoveSender{Address: "shop@example.ch"}, shop())
	w.same("senders", []string{"info@example.ch"}, w.account("acme").Senders)
	w.do(staff.RemoveSubaccount{Name: "shop"}, staff.AddSender{Address: "shop@example.ch"})
	w.same("senders", []string{"info@example.ch", "shop@example.ch"}, w.account("acme").Senders)
	again := shop()
	again.Email, again.OnConflict = "blog@example.ch", staff.Update
	w.do(staff.RemoveSender{Address: "shop@example.ch"}, shop())
	w.do(again, staff.AddSender{Address: "shop@example.ch"})
	w.in("", Enterprise("other"))
	w.in("other", staff.AddSender{Address: "shop@example.ch"})
	again.Email = "shop@example.ch"
	w.refuses(staff.CodeConflict, staff.RemoveSender{Address: "shop@example.ch"}, again)
}

func passedOnPlan(w *world) {
	w.start()
	w.do(standardTariff())
	up := staff.SetAccount{Settings: staff.Settings{Tariff: new("enterprise")}}
	w.do(up, shop())
	w.do(staff.RemoveSubaccount{Name: "shop"}, standardTariff())
	w.same("plan", staff.Standard, w.account("acme").Tariff)
}
