package storetest

import (
	"github.com/staffctl/staffctl/internal/staff"
)

func uniqueTests() map[string]func(*world) {
	anna, bert := By("anna@example.ch"), By("bert@example.ch")
	tests := map[string]func(*world){
		"e-mail":                              uniqueEmail,
		"username across accounts":            uniqueUsername,
		"login e-mails may be alike":          uniqueNotLoginEmail,
		"proposals":                           uniqueProposal,
		"an e-mail that proposes itself":      uniqueEmailProposed,
		"a proposal and a login":              uniqueProposalAndLogin,
		"prefix, the login first":             prefixLoginFirst,
		"prefix, the account first":           prefixAccountFirst,
		"prefix, a proposal first":            prefixProposalFirst,
		"prefix, planned at once":             prefixAtOnce,
		"passed on in one step":               uniquePassedOn,
		"claimed at once/two first passwords": uniqueFirstPasswords,
	}
	// Pairs of actions that claim one name: planned on the same facts, whichever
	// comes first wins.
	for name, pair := range map[string][2]staff.Action{
		"two new members":             {Add("new@example.ch"), Add("NEW@example.ch")},
		"a new and an edited e-mail":  {Add("new@example.ch"), staff.EditMember{Member: anna, Email: new("new@example.ch")}},
		"two usernames":               {staff.SetUsername{Member: anna, Username: "boss"}, staff.SetUsername{Member: bert, Username: "Boss"}},
		"two proposals":               {staff.SetUsername{Member: By("carl@example.ch"), Username: "boss"}, staff.SetUsername{Member: By("dora@example.ch"), Username: "Boss"}},
		"a username and a proposal":   {staff.SetUsername{Member: anna, Username: "boss"}, staff.SetUsername{Member: By("carl@example.ch"), Username: "Boss"}},
		"a username and a new member": {staff.SetUsername{Member: anna, Username: "new@example.ch"}, Add("NEW@example.ch")},
	} {
		for order, commits := range map[string][2]int{"": {0, 1}, " the other way round": {1, 0}} {
			tests["claimed at once/"+name+order] = func(w *world) {
				cast(w)
				w.do(Add("dora@example.ch"))
				first, second := w.plan("acme", pair[commits[0]]), w.plan("acme", pair[commits[1]])
				w.commit(first)
				w.stale(second)
			}
		}
	}
	return tests
}

func uniqueEmail(w *world) {
	bert := By("bert@example.ch")
	w.start()
	w.do(Add("änne.m@zürich.ch"), Add("bert@example.ch"))
	for _, variant := range []string{"änne.m@zürich.ch", "Änne.M@ZÜRICH.CH", "änne.m@xn--zrich-kva.ch", "a\u0308nne.m@zu\u0308rich.ch", " änne.m@XN--ZRICH-KVA.ch"} {
		w.refuses(staff.CodeConflict, Add(variant))
		w.refuses(staff.CodeConflict, staff.EditMember{Member: bert, Email: new(variant)})
		// The store refuses it too, whoever planned it.
		commit := w.plan("acme", Add("carl@example.ch"))
		commit.Members[0].After.Email = variant
		w.stale(commit)
	}
	w.in("", Enterprise("other"))
	w.in("other", Add("änne.m@zürich.ch"))
}

func uniqueUsername(w *world) {
	anna := By("anna@example.ch")
	w.start()
	w.do(Add("anna@example.ch"), staff.SetUsername{Member: anna, Username: "Änni"}, Password("anna@example.ch"))
	w.in("", Enterprise("other"))
	w.in("other", Add("dora@example.ch"), Password("dora@example.ch"), Add("emil@example.ch"), staff.SetUsername{Member: By("emil@example.ch"), Username: "änni"})
	for _, variant := range []string{"Änni", "änni", "A\u0308NNI"} {
		w.refusesIn("other", staff.CodeConflict, staff.SetUsername{Member: By("dora@example.ch"), Username: variant})
	}
	w.refusesIn("other", staff.CodeConflict, Password("emil@example.ch"))
	commit := w.plan("other", staff.SetUsername{Member: By("dora@example.ch"), Username: "dora"})
	commit.Logins[0].After.Username = "ÄNNI"
	w.stale(commit)
}

func uniqueNotLoginEmail(w *world) {
	anna := By("anna@example.ch")
	w.start()
	w.do(Add("anna@example.ch"), staff.SetUsername{Member: anna, Username: "a1"}, Password("anna@example.ch"))
	w.in("", Enterprise("other"))
	w.in("other", Add("anna@example.ch"), staff.SetUsername{Member: anna, Username: "a2"}, Password("anna@example.ch"))
}

func uniqueProposal(w *world) {
	anna, bert := By("anna@example.ch"), By("bert@example.ch")
	w.start()
	w.in("", Enterprise("other"))
	w.do(Add("anna@example.ch"), Add("bert@example.ch"), staff.SetUsername{Member: anna, Username: "boss"})
	w.in("other", Add("anna@example.ch"), staff.SetUsername{Member: anna, Username: "Boss"}) // shared across accounts
	w.refuses(staff.CodeConflict, staff.SetUsername{Member: bert, Username: "BOSS"})
	w.refuses(staff.CodeConflict, staff.SetUsername{Member: anna, Username: "bert@example.ch"})
	commit := w.plan("acme", staff.SetUsername{Member: bert, Username: "b2"})
	commit.Members[0].After.Proposal = "BOSS"
	w.stale(commit)
}

func uniqueEmailProposed(w *world) {
	bert := By("bert@example.ch")
	w.start()
	w.do(Add("änne@zürich.ch"), Add("bert@example.ch"))
	w.refuses(staff.CodeConflict, staff.SetUsername{Member: bert, Username: "Änne@zürich.ch"})
	w.do(Password("änne@zürich.ch"))
	w.same("username", "änne@zürich.ch", w.member("änne@zürich.ch").Login.Username)
}

func uniqueProposalAndLogin(w *world) {
	anna, bert := By("anna@example.ch"), By("bert@example.ch")
	w.start()
	w.do(Add("anna@example.ch"), Password("anna@example.ch"), Add("bert@example.ch"))
	w.refuses(staff.CodeConflict, staff.SetUsername{Member: bert, Username: "anna@example.ch"})
	w.refuses(staff.CodeConflict, staff.SetUsername{Member: anna, Username: "bert@example.ch"})
}

func prefixLoginFirst(w *world) {
	anna := By("anna@example.ch")
	w.start()
	w.do(Add("anna@example.ch"), staff.SetUsername{Member: anna, Username: "Other-Anna"}, Password("anna@example.ch"))
	w.refusesIn("", staff.CodeConflict, Enterprise("other"))
	w.in("", Enterprise("othe")) // another prefix
	w.in("", Enterprise("other2"))
}

func prefixAccountFirst(w *world) {
	anna, bert := By("anna@example.ch"), By("bert@example.ch")
	w.start()
	w.in("", Enterprise("other"))
	w.do(Add("anna@example.ch"), Password("anna@example.ch"), Add("bert@example.ch"))
	for _, name := range []string{"other-anna", "OTHER-", "acme-anna"} {
		w.refuses(staff.CodeConflict, staff.SetUsername{Member: anna, Username: name})
		w.refuses(staff.CodeConflict, staff.SetUsername{Member: bert, Username: name})
	}
	w.do(staff.SetUsername{Member: anna, Username: "another-one"})
}

func prefixProposalFirst(w *world) {
	anna := By("anna@example.ch")
	w.start()
	w.do(Add("anna@example.ch"), staff.SetUsername{Member: anna, Username: "other-anna"})
	w.in("", Enterprise("other"))
	w.refuses(staff.CodeConflict, Password("anna@example.ch"))
}

func prefixAtOnce(w *world) {
	anna, bert := By("anna@example.ch"), By("bert@example.ch")
	w.start()
	w.do(Add("anna@example.ch"), Password("anna@example.ch"), Add("bert@example.ch"), staff.SetUsername{Member: bert, Username: "two-bert"})
	for prefix, action := range map[string]staff.Action{"one": staff.SetUsername{Member: anna, Username: "one-anna"}, "two": Password("bert@example.ch")} {
		login, account := w.plan("acme", action), w.plan("", Enterprise(prefix))
		w.commit(account)
		w.stale(login)
		w.in(prefix, staff.DeleteAccount{})
		login, account = w.plan("acme", action), w.plan("", Enterprise(prefix))
		w.commit(login)
		w.stale(account)
	}
}

func uniquePassedOn(w *world) {
	anna := By("anna@example.ch")
	cast(w)
	for _, from := range []string{"anna", "bert"} { // whichever was there first
		to := map[string]string{"anna": "bert", "bert": "anna"}[from]
		f, t := By(from+"@example.ch"), By(to+"@example.ch")
		w.do(staff.EditMember{Member: f, Email: new("x@example.ch")}, staff.SetUsername{Member: By("x@example.ch"), Username: "x"},
			staff.EditMember{Member: t, Email: new(from + "@example.ch")})
		w.do(staff.EditMember{Member: By("x@example.ch"), Email: new(to + "@example.ch")}) // now each has the other's e-mail
		w.do(staff.SetUsername{Member: f, Username: "y"}, staff.SetUsername{Member: t, Username: "x"})
		w.do(staff.SetUsername{Member: f, Username: from + "@example.ch"}, staff.SetUsername{Member: t, Username: to + "@example.ch"})
	}
	w.do(staff.RemoveMember{Member: anna}, Add("anna@example.ch", "domains"), Password("bert@example.ch"))
	w.do(staff.RemoveMember{Member: By("carl@example.ch")}, staff.SetUsername{Member: anna, Username: "carl@example.ch"})
}

func uniqueFirstPasswords(w *world) {
	cast(w)
	w.in("", Enterprise("other"))
	w.in("other", Add("Carl@example.ch"))
	first, second := w.plan("acme", Password("carl@example.ch")), w.plan("other", Password("carl@example.ch"))
	w.commit(first)
	w.stale(second)
	w.refusesIn("other", staff.CodeConflict, Password("carl@example.ch"))
}
