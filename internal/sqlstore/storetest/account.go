package storetest

import (
	"github.com/staffctl/staffctl/internal/sqlstore"
	"github.com/staffctl/staffctl/internal/staff"
)

func initTests() map[string]func(*world) {
	return map[string]func(*world){
		"makes the account and the default catalog": func(w *world) {
			w.start()
			want := &staff.Account{ID: w.account("acme").ID, Name: "acme", DisplayName: "acme", Tariff: staff.Enterprise, TwoFactor: staff.TwoFactorOff,
				Language: staff.German, DefaultAccess: staff.NoAccess(), InviteOtherAddress: true, Version: 1, Counter: 1,
				CreatedAt: Start.UnixMilli(), UpdatedAt: Start.UnixMilli()}
			w.same("account", want, w.account("acme"))
			w.same("catalog", staff.DefaultCatalog(), w.dump().Catalog)
		},
		"without an account": func(w *world) {
			if _, err := w.staff.Init(w.Context(), sqlstore.Schema()); err != nil {
				w.Fatal(err)
			}
			w.same("accounts", []*staff.Account{}, w.dump().Accounts)
			w.refusesIn("", staff.CodeNotFound, staff.SetAccount{})
			AssertClean(w, w.store)
		},
		"twice is a conflict": func(w *world) {
			w.start()
			before := w.dump()
			if _, err := w.staff.Init(w.Context(), sqlstore.Schema(), Enterprise("other")); staff.CodeOf(err) != staff.CodeConflict {
				w.Errorf("got %v, want a conflict", err)
			}
			w.same("after the second init", before, w.dump())
		},
		"lasts": func(w *world) {
			w.start()
			w.do(Add("anna@example.ch", "all"), Password("anna@example.ch"))
			before := w.dump()
			w.store = w.again()
			w.staff.Store = w.store
			w.same("opened again", before, w.dump())
		},
	}
}

func accountTests() map[string]func(*world) {
	return map[string]func(*world){
		"create with every setting":                   accountCreate,
		"a name is taken once, whoever planned first": accountNameOnce,
		"set":                                   accountSet,
		"senders keep their order":              accountSenders,
		"delete takes its own and nothing else": accountDelete,
		"a list by name":                        accountList,
		"the counter rises once a commit":       accountCounter,
	}
}

func accountCreate(w *world) {
	w.start()
	s := staff.Settings{DisplayName: new("Bäckerei «Öl & Söhne»"), Tariff: new("enterprise"), TwoFactor: new("sms"), Language: new("en"),
		DefaultAccess: &[]string{"domains", "invoices.view"}, InviteOtherAddress: new(false)}
	w.in("", staff.CreateAccount{Name: "other", Settings: s})
	got := w.account("other")
	w.same("account", &staff.Account{ID: got.ID, Name: "other", DisplayName: "Bäckerei «Öl & Söhne»", Tariff: staff.Enterprise,
		TwoFactor: staff.TwoFactorSMS, Language: staff.English, Version: 1, Counter: 1, CreatedAt: got.CreatedAt, UpdatedAt: got.CreatedAt,
		DefaultAccess: staff.Access{Kind: staff.AccessGrants, Grants: []string{"domains", "invoices.view"}}}, got)
	w.refusesIn("", staff.CodeConflict, staff.CreateAccount{Name: "other"})
	w.refusesIn("", staff.CodeUsage, staff.SetAccount{})
}

func accountNameOnce(w *world) {
	w.start()
	a, b := w.plan("", Enterprise("other")), w.plan("", Enterprise("other"))
	w.commit(a)
	w.stale(b)
}

func accountSet(w *world) {
	w.start()
	want := w.account("acme")
	w.clock.advance(1e9)
	w.do(staff.SetAccount{Settings: staff.Settings{DisplayName: new("ACME AG"), TwoFactor: new("sms"), DefaultAccess: &[]string{"all"}}})
	want.DisplayName, want.TwoFactor, want.DefaultAccess = "ACME AG", staff.TwoFactorSMS, staff.FullAccess()
	want.Version, want.Counter, want.UpdatedAt = 2, 2, Start.UnixMilli()+1000
	w.same("account", want, w.account("acme"))
	w.refuses(staff.CodeInvalid, staff.SetAccount{Settings: staff.Settings{Tariff: new("gold")}})
}

func accountSenders(w *world) {
	w.start()
	w.do(staff.AddSender{Address: "news@zürich.ch"}, staff.AddSender{Address: "info@acme.ch"}, staff.AddSender{Address: "abo@acme.ch"})
	w.do(staff.AddSender{Address: "NEWS@xn--zrich-kva.ch"}) // there already
	w.same("senders", []string{"news@zürich.ch", "info@acme.ch", "abo@acme.ch"}, w.account("acme").Senders)
	w.do(staff.RemoveSender{Address: "INFO@acme.ch"})
	w.same("senders", []string{"news@zürich.ch", "abo@acme.ch"}, w.account("acme").Senders)
	w.refuses(staff.CodeNotFound, staff.RemoveSender{Address: "info@acme.ch"})
}

func accountDelete(w *world) {
	w.start()
	w.in("", Enterprise("other"))
	w.in("other", Add("dora@example.ch", "all"), Password("dora@example.ch"), staff.SetOwner{Member: By("dora@example.ch")})
	before := w.dump()
	w.do(Add("anna@example.ch", "all"), Password("anna@example.ch"), staff.SetOwner{Member: By("anna@example.ch")},
		Add("bert@example.ch"), staff.AddSender{Address: "info@acme.ch"})
	w.do(staff.DeleteAccount{})
	after := w.dump()
	w.same("accounts", before.Accounts[1:], after.Accounts)
	w.same("members", before.Members, after.Members)
	// Names and usernames are free again.
	w.in("", Enterprise("acme"))
	w.do(Add("anna@example.ch", "all"), Password("anna@example.ch"), staff.AddSender{Address: "info@acme.ch"})
}

func accountList(w *world) {
	w.start()
	for _, name := range []string{"zeta", "beta", "0cc"} {
		w.in("", staff.CreateAccount{Name: name})
	}
	var names []string
	for _, a := range w.dump().Accounts {
		names = append(names, a.Name)
	}
	w.same("names", []string{"0cc", "acme", "beta", "zeta"}, names)
}

func accountCounter(w *world) {
	w.start()
	w.in("", Enterprise("other"))
	rises := func(what string, by int64, run func()) {
		w.Helper()
		before := w.account("acme").Counter
		run()
		if got := w.account("acme").Counter - before; got != by {
			w.Errorf("%s raised the counter by %d, want %d", what, got, by)
		}
	}
	rises("three actions", 1, func() { w.do(Add("a@example.ch"), Add("b@example.ch"), Password("a@example.ch")) })
	rises("a setting and a member", 1, func() {
		w.do(staff.SetAccount{Settings: staff.Settings{Language: new("en")}}, staff.Suspend{Member: By("b@example.ch")})
	})
	rises("a sender", 1, func() { w.do(staff.AddSender{Address: "info@acme.ch"}) })
	rises("what changes nothing", 0, func() { w.do(staff.Resume{Member: By("a@example.ch")}) })
	rises("another account", 0, func() { w.in("other", Add("a@example.ch")) })
	rises("a dropped commit", 0, func() { w.plan("acme", Add("c@example.ch")) })
}

func ownerTests() map[string]func(*world) {
	anna, bert := By("anna@example.ch"), By("bert@example.ch")
	owned := func(w *world) {
		w.start()
		w.do(Add("anna@example.ch", "all"), Password("anna@example.ch"), Add("bert@example.ch", "all"), Password("bert@example.ch"))
		w.do(staff.SetOwner{Member: anna})
	}
	return map[string]func(*world){
		"set and handed over": func(w *world) {
			owned(w)
			w.do(staff.SetOwner{Member: bert}, staff.RemoveMember{Member: anna})
			a := w.account("acme")
			w.same("owner", []any{w.member("bert@example.ch").ID, "bert@example.ch"}, []any{a.OwnerID, a.Owner})
		},
		"follows the member's e-mail": func(w *world) {
			owned(w)
			w.do(staff.EditMember{Member: anna, Email: new("anna.neu@example.ch")})
			w.same("owner", "anna.neu@example.ch", w.account("acme").Owner)
		},
		"stays": func(w *world) {
			owned(w)
			for _, a := range []staff.Action{staff.RemoveMember{Member: anna}, staff.Suspend{Member: anna}, staff.SetAccess{Member: anna, Access: []string{"none"}},
				staff.Revoke{Member: anna, Grants: []string{"all"}}} {
				w.refuses(staff.CodeForbidden, a)
			}
		},
		"has full access": func(w *world) {
			owned(w)
			w.do(Add("carl@example.ch", "domains"), Add("dora@example.ch", "all"), staff.Suspend{Member: By("dora@example.ch")})
			w.refuses(staff.CodeForbidden, staff.SetOwner{Member: By("carl@example.ch")})
			w.refuses(staff.CodeForbidden, staff.SetOwner{Member: By("dora@example.ch")})
			w.refuses(staff.CodeNotFound, staff.SetOwner{Member: By("nobody@example.ch")})
		},
		"races with what ends it": func(w *world) {
			owned(w)
			for _, ends := range []staff.Action{staff.RemoveMember{Member: bert}, staff.Suspend{Member: bert}, staff.SetAccess{Member: bert, Access: []string{"none"}}} {
				owner, end := w.plan("acme", staff.SetOwner{Member: bert}), w.plan("acme", ends)
				w.commit(owner)
				w.stale(end)
				w.do(staff.SetOwner{Member: anna})
			}
			owner, end := w.plan("acme", staff.SetOwner{Member: bert}), w.plan("acme", staff.RemoveMember{Member: bert})
			w.commit(end)
			w.stale(owner)
		},
		"is only a member of the account": func(w *world) {
			owned(w)
			w.in("", Enterprise("other"))
			w.in("other", Add("dora@example.ch", "all"))
			c := w.blank("acme")
			before := w.account("acme")
			after := *before
			after.OwnerID, after.Version = w.memberIn("other", "dora@example.ch").ID, before.Version+1
			c.Accounts = []staff.Diff[staff.Account]{{Before: before, After: &after}}
			w.stale(c)
			w.same("account", before, w.account("acme"))
		},
	}
}
