package storetest

import (
	"github.com/staffctl/staffctl/internal/staff"
)

func guardTests() map[string]func(*world) {
	anna := By("anna@example.ch")
	rename := func(name string) staff.Action {
		return staff.EditMember{Member: anna, Details: staff.Details{FirstName: new(name)}}
	}
	display := func(name string) staff.Action {
		return staff.SetAccount{Settings: staff.Settings{DisplayName: new(name)}}
	}
	tests := map[string]func(*world){}
	// Each is planned, then what it depends on changes.
	for name, c := range map[string]struct{ planned, first staff.Action }{
		"the account a member is in":    {rename("Berta"), display("ACME AG")},
		"the account itself":            {display("ACME"), display("ACME AG")},
		"the account and its senders":   {staff.AddSender{Address: "a@acme.ch"}, staff.AddSender{Address: "b@acme.ch"}},
		"the account to be deleted":     {staff.DeleteAccount{}, display("ACME AG")},
		"the member itself":             {rename("Berta"), rename("Clara")},
		"the member to be removed":      {staff.RemoveMember{Member: By("bert@example.ch")}, staff.Suspend{Member: By("bert@example.ch")}},
		"a member that is gone":         {staff.Suspend{Member: By("bert@example.ch")}, staff.RemoveMember{Member: By("bert@example.ch")}},
		"the member to become owner":    {staff.SetOwner{Member: anna}, rename("Clara")},
		"the catalog a grant is from":   {staff.Grant{Member: By("carl@example.ch"), Grants: []string{"api"}}, newCatalog("extra")},
		"the catalog a mail is from":    {staff.ChangeMail{Member: anna, Change: staff.MailSet, Categories: []string{"news"}}, newCatalog("extra")},
		"the catalog a default is from": {staff.SetAccount{Settings: staff.Settings{DefaultAccess: &[]string{"api"}}}, newCatalog("extra")},
		"the catalog itself":            {newCatalog("other"), newCatalog("extra")},
		"the use of the catalog":        {dropArea("api"), staff.Grant{Member: By("carl@example.ch"), Grants: []string{"api"}}},
	} {
		tests[name] = func(w *world) {
			cast(w)
			commit := w.plan("acme", c.planned)
			w.do(c.first)
			w.stale(commit)
		}
	}
	tests["the login"] = func(w *world) {
		cast(w)
		commit := w.plan("acme", staff.SetPassword{Member: anna, Password: staff.PlainPassword("another secret")})
		moved := change(w.member("anna@example.ch"), func(m *staff.Member) { m.Login.Mobile = "+41791234567"; m.Login.Version++ })
		other := w.blank("acme")
		other.Logins = []staff.Diff[staff.Login]{{Before: moved.Before.Login, After: moved.After.Login}}
		w.commit(other)
		w.same("mobile", "+41791234567", w.member("anna@example.ch").Login.Mobile)
		w.stale(commit)
	}
	tests["the schema"] = func(w *world) {
		cast(w)
		for _, by := range []int{-1, 1} {
			commit := w.plan("acme", rename("Berta"))
			commit.Schema += by
			w.stale(commit)
		}
	}
	tests["each kind by itself"] = func(w *world) {
		cast(w)
		m := w.member("anna@example.ch")
		for table, id := range map[staff.Guarded]staff.ID{staff.GuardAccount: m.AccountID, staff.GuardMember: m.ID, staff.GuardLogin: m.Login.ID, staff.GuardCatalog: 0} {
			version := map[staff.Guarded]int64{staff.GuardAccount: w.account("acme").Version, staff.GuardMember: m.Version, staff.GuardLogin: m.Login.Version, staff.GuardCatalog: 1}[table]
			try := func(g staff.Guard) *staff.Commit {
				c := w.plan("acme", staff.EditMember{Member: By("carl@example.ch"), Details: staff.Details{LastName: new(string(g.Table))}})
				c.Guards = append(c.Guards, g)
				return c
			}
			w.stale(try(staff.Guard{Table: table, ID: id, Version: version + 1}))
			w.stale(try(staff.Guard{Table: table, ID: id, Version: version - 1}))
			if table != staff.GuardCatalog {
				w.stale(try(staff.Guard{Table: table, ID: 7, Version: version})) // no such row
			}
			w.commit(try(staff.Guard{Table: table, ID: id, Version: version}))
		}
	}
	return tests
}

// cast starts a world with an administrator, a suspended-able colleague and
// somebody without access.
func cast(w *world) {
	w.Helper()
	w.start()
	w.do(Add("anna@example.ch", "all"), Password("anna@example.ch"), Add("bert@example.ch", "all"), Password("bert@example.ch"), Add("carl@example.ch"))
}

func atomicTests() map[string]func(*world) {
	tests := map[string]func(*world){}
	for name, actions := range map[string][]staff.Action{
		"members and logins": {Add("dora@example.ch", "all"), Password("dora@example.ch"), Password("anna@example.ch"), staff.RemoveMember{Member: By("bert@example.ch")}},
		"account":            {staff.SetAccount{Settings: staff.Settings{DisplayName: new("ACME AG")}}, staff.AddSender{Address: "info@acme.ch"}, staff.SetOwner{Member: By("anna@example.ch")}},
		"catalog":            {newCatalog("extra")},
		"delete":             {staff.DeleteAccount{}},
		"prune":              {staff.PruneAudit{Before: Start.UnixMilli() + 1000}},
	} {
		tests[name] = func(w *world) {
			cast(w)
			w.clock.advance(1e12)
			commit := w.plan("acme", actions...)
			// The audit comes last: an entry that is there already fails it.
			entries := w.audit(staff.AuditQuery{})
			good := commit.Audit
			last := entries[len(entries)-1]
			if name == "prune" {
				last.ID = good[0].ID
			}
			commit.Audit = append(good[:len(good):len(good)], last)
			w.stale(commit)
			commit.Audit = good
			w.commit(commit)
			if w.dump().Audit[0].ID == entries[0].ID && name == "prune" {
				w.Error("nothing was pruned")
			}
		}
	}
	tests["a commit takes effect once"] = func(w *world) {
		cast(w)
		commit := w.plan("acme", Add("dora@example.ch"))
		w.commit(commit)
		once := w.dump()
		_ = w.store.Commit(w.Context(), commit) // done already, or stale
		w.same("after the second time", once, w.dump())
	}
	tests["two commits with one id"] = func(w *world) {
		cast(w)
		first, second := w.plan("acme", Add("dora@example.ch")), w.plan("acme", Add("emil@example.ch"))
		second.ID = first.ID
		w.commit(first)
		w.stale(second)
	}
	return tests
}
