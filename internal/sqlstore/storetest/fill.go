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
// shares the login of anna. Each e-mail ends with @example.ch. In acme ina is
// invited and ivan was, whose invite is revoked; news and bert have open links,
// whose mails wait, and the mail to ina was sent. Carl is signed in, and was
// sent a TAN.
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
	w.do(staff.ResendConfirmation{Name: "news"}, staff.ResetPassword{Member: By("bert@example.ch")})
	ina := w.do(inviteTo("ina@example.ch", "invoices.view")).Results[0].Mail
	w.do(staff.RevokeInvite{Invite: w.do(inviteTo("ivan@example.ch", "all")).Results[0].Invite.ID})
	w.lease(1, func(l *staff.Lease) { l.IDs = []staff.ID{ina.ID} })
	w.settle(staff.Settlement{ID: ina.ID, Mark: 1, State: staff.MailSent, At: Start.UnixMilli(), Answer: "250 ok", Tried: true})
	if _, err := store.Try(t.Context(), "sign-in:somebody", Start.UnixMilli()); err != nil {
		t.Fatal(err)
	}
	signed := w.member("carl@example.ch")
	w.begin("carl's", signed)
	w.tan(1, "carl's", Start.Add(staff.TANLife).UnixMilli())
	w.must(store.NoteSignIn(t.Context(), signed.Login.ID, staff.SignIn{At: Start.UnixMilli(), Network: "192.0.2.1"}, signed.AccountID))
	share(w)
	w.in("other", Add("zoe@example.ch", "all"), Password("zoe@example.ch"))
	if d := w.dump(); len(d.Members) != 9 || len(d.Invites) != 2 || len(d.Mails) != 4 || sqlstore.Schema() == 0 {
		t.Fatalf("%d members, %d invites and %d mails, want 9, 2 and 4", len(d.Members), len(d.Invites), len(d.Mails))
	}
}
