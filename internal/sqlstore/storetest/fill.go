package storetest

import (
	"testing"

	"github.com/staffctl/staffctl/internal/sqlstore"
	"github.com/staffctl/staffctl/internal/staff"
)

// Fill initialises the store with something of everything. Account acme has the
// owner anna, the administrator bert, carl with grants, phones, mails and a
// login, dora without login, emil suspended, and the subaccounts shop, who can
// sign in, and news, who is pending. Account other has zoe as administrator and
// shares the login of anna. Each e-mail ends with @example.ch.
func Fill(t *testing.T, store staff.Store) {
	t.Helper()
	w := &world{T: t, store: store, staff: NewStaff(store), clock: &clock{at: Start}}
	w.start()
	anna, carl, emil := By("anna@example.ch"), By("carl@example.ch"), By("emil@example.ch")
	w.do(Add("anna@example.ch", "all"), Password("anna@example.ch"), staff.SetOwner{Member: anna})
	w.do(Add("bert@example.ch", "all"), Password("bert@example.ch"))
	w.do(Add("carl@example.ch", "domains", "invoices.view"), staff.SetUsername{Member: carl, Username: "carl"}, Password("carl@example.ch"),
		staff.ChangeMail{Member: carl, Change: staff.MailSet, Categories: []string{"news", "orders"}},
		staff.EditMember{Member: carl, AddPhones: []string{"work=+41 44 555 12 34", "mobile=+41 79 555 12 34"}})
	w.do(Add("dora@example.ch"), staff.SetUsername{Member: By("dora@example.ch"), Username: "dora"})
	w.do(Add("emil@example.ch", "api"), Password("emil@example.ch"), staff.Suspend{Member: emil})
	w.do(staff.SetAccount{Settings: staff.Settings{DefaultAccess: &[]string{"support"}}}, staff.AddSender{Address: "info@acme.ch"}, staff.AddSender{Address: "abo@acme.ch"})
	w.commit(subaccount(w, "shop", "shop@example.ch", "administrator", true))
	w.commit(subaccount(w, "news", "news@example.ch", "copywriter", false))
	share(w)
	w.in("other", Add("zoe@example.ch", "all"), Password("zoe@example.ch"))
	if got := len(w.dump().Members); got != 9 || sqlstore.Schema() == 0 {
		t.Fatalf("%d members, want 9", got)
	}
}
