package storetest

import (
	"context"
	"errors"

	"github.com/staffctl/staffctl/internal/staff"
)

// share makes anna of acme, who has a login, a member of account other by the
// same login, as accepting an invite does. The holder has set the password.
func share(w *world) {
	w.Helper()
	w.in("", Enterprise("other"))
	anna := w.member("anna@example.ch")
	login := *anna.Login
	login.HolderSet, login.Version, login.Accounts = true, login.Version+1, 2
	c := w.blank("other")
	c.Members = []staff.Diff[staff.Member]{{After: &staff.Member{ID: w.staff.IDs.Next(Start), AccountID: w.account("other").ID, Email: "Anna@other.ch",
		Salutation: "ms", FirstName: "Anna", Language: staff.German, Access: staff.FullAccess(), Login: &login, Version: 1,
		CreatedAt: c.At, UpdatedAt: c.At}}}
	c.Logins = []staff.Diff[staff.Login]{{Before: anna.Login, After: &login}}
	w.commit(w.recorded(c))
}

func loginTests() map[string]func(*world) {
	anna, other := By("anna@example.ch"), By("anna@other.ch")
	shared := func(w *world) {
		cast(w)
		share(w)
	}
	return map[string]func(*world){
		"of two accounts": func(w *world) {
			shared(w)
			a, b := w.member("anna@example.ch"), w.memberIn("other", "anna@other.ch")
			w.same("login", a.Login, b.Login)
			w.same("accounts", 2, a.Login.Accounts)
		},
		"of two accounts is its holder's": func(w *world) {
			shared(w)
			w.refuses(staff.CodeForbidden, Password("anna@example.ch"))
			w.refusesIn("other", staff.CodeForbidden, staff.SetUsername{Member: other, Username: "anna"})
			w.do(staff.EditMember{Member: anna, Email: new("neu@example.ch")})
			w.same("login e-mail", "anna@example.ch", w.member("neu@example.ch").Login.Email)
		},
		"stays until the last member goes": func(w *world) {
			shared(w)
			w.do(staff.RemoveMember{Member: anna})
			w.same("accounts", 1, w.memberIn("other", "anna@other.ch").Login.Accounts)
			w.in("other", Add("dora@example.ch", "all"), Password("dora@example.ch"))
			w.in("other", staff.RemoveMember{Member: other})
			// Only a login that is gone leaves its username free.
			w.do(Add("anna@example.ch"), Password("anna@example.ch"))
		},
		"two removals on the same facts": func(w *world) {
			shared(w)
			w.in("other", Add("dora@example.ch", "all"), Password("dora@example.ch"))
			first, second := w.plan("acme", staff.RemoveMember{Member: anna}), w.plan("other", staff.RemoveMember{Member: other})
			w.commit(first)
			w.stale(second)
			w.in("other", staff.RemoveMember{Member: other})
			w.do(Add("anna@example.ch"), Password("anna@example.ch"))
		},
		"a removal and a deleted account": func(w *world) {
			for _, deleteFirst := range []bool{true, false} {
				if deleteFirst {
					shared(w)
				} else {
					w.do(Add("anna@example.ch", "all"), Password("anna@example.ch"))
					share(w)
				}
				removal, deletion := w.plan("acme", staff.RemoveMember{Member: anna}), w.plan("other", staff.DeleteAccount{})
				if deleteFirst {
					w.commit(deletion)
					w.stale(removal)
					w.do(staff.RemoveMember{Member: anna})
				} else {
					w.commit(removal)
					w.commit(deletion)
				}
			}
			w.do(Add("anna@example.ch"), Password("anna@example.ch")) // the username is free
		},
		"survives the deletion of one account": func(w *world) {
			shared(w)
			w.in("other", staff.DeleteAccount{})
			w.same("accounts", 1, w.member("anna@example.ch").Login.Accounts)
			w.do(staff.SetPassword{Member: anna, Password: staff.PlainPassword("another secret")})
		},
		"serves one member in an account": func(w *world) {
			cast(w)
			login := w.member("anna@example.ch").Login
			c := w.plan("acme", Add("dora@example.ch"))
			c.Members[0].After.Login = login
			w.stale(c)
		},
		"a member without its login": func(w *world) {
			cast(w)
			c := w.plan("acme", Add("dora@example.ch"))
			c.Members[0].After.Login = &staff.Login{ID: 7}
			w.stale(c)
		},
	}
}

func administratorTests() map[string]func(*world) {
	anna, bert := By("anna@example.ch"), By("bert@example.ch")
	ends := func(s staff.Selector) map[string]staff.Action {
		return map[string]staff.Action{
			"remove": staff.RemoveMember{Member: s}, "suspend": staff.Suspend{Member: s},
			"revoke": staff.Revoke{Member: s, Grants: []string{"all"}}, "set-access": staff.SetAccess{Member: s, Access: []string{"domains"}},
		}
	}
	tests := map[string]func(*world){
		"who cannot sign in is none":           administratorSignsIn,
		"of one account is none of another":    administratorOfOneAccount,
		"handed over in one step":              administratorHandedOver,
		"handed to a role in one step":         administratorHandedToRole,
		"by role":                              administratorByRole,
		"none yet":                             administratorNoneYet,
		"an account goes with its last":        administratorLastOfAccount,
		"the loser plans again and is refused": administratorLoser,
	}
	for one, first := range ends(anna) {
		for other, second := range ends(bert) {
			if one != "remove" && other != "remove" {
				continue // each against one is enough
			}
			tests[one+" against "+other] = func(w *world) {
				cast(w)
				a, b := w.plan("acme", first), w.plan("acme", second)
				w.commit(a)
				w.stale(b)
				w.refuses(staff.CodeForbidden, second)
			}
		}
	}
	return tests
}

func administratorSignsIn(w *world) {
	anna, bert := By("anna@example.ch"), By("bert@example.ch")
	w.start()
	w.do(Add("anna@example.ch", "all"), Password("anna@example.ch"), Add("bert@example.ch", "all"))
	w.refuses(staff.CodeForbidden, staff.RemoveMember{Member: anna})
	w.do(Password("bert@example.ch"), staff.Suspend{Member: bert})
	w.refuses(staff.CodeForbidden, staff.RemoveMember{Member: anna})
	w.do(staff.Resume{Member: bert}, staff.RemoveMember{Member: anna})
}

func administratorOfOneAccount(w *world) {
	cast(w)
	w.in("", Enterprise("other"))
	w.in("other", Add("dora@example.ch", "all"), Password("dora@example.ch"))
	w.refusesIn("other", staff.CodeForbidden, staff.RemoveMember{Member: By("dora@example.ch")})
}

func administratorHandedOver(w *world) {
	anna, bert := By("anna@example.ch"), By("bert@example.ch")
	cast(w)
	w.do(staff.RemoveMember{Member: bert})
	w.do(staff.SetAccess{Member: anna, Access: []string{"none"}}, Add("zoe@example.ch", "all"), Password("zoe@example.ch"))
	w.do(staff.RemoveMember{Member: By("zoe@example.ch")}, staff.SetAccess{Member: anna, Access: []string{"all"}})
	w.do(staff.Grant{Member: By("carl@example.ch"), Grants: []string{"all"}}, Password("carl@example.ch"), staff.Suspend{Member: anna})
	w.do(staff.Resume{Member: anna}, staff.Suspend{Member: By("carl@example.ch")})
	w.do(staff.Suspend{Member: anna}, staff.Resume{Member: By("carl@example.ch")})
}

func administratorHandedToRole(w *world) {
	anna := By("anna@example.ch")
	w.start()
	w.do(Add("anna@example.ch", "all"), Password("anna@example.ch"))
	w.commit(subaccount(w, "boss", "boss@example.ch", "administrator", true))
	w.do(staff.Suspend{Member: By("boss@example.ch")})
	w.do(staff.Suspend{Member: anna}, staff.Resume{Member: By("boss@example.ch")})
}

func administratorByRole(w *world) {
	w.start()
	w.commit(subaccount(w, "boss", "boss@example.ch", "administrator", true))
	w.refuses(staff.CodeForbidden, staff.RemoveMember{Member: By("boss@example.ch")})
	w.commit(subaccount(w, "text", "text@example.ch", "copywriter", true))
	w.refuses(staff.CodeForbidden, staff.Suspend{Member: By("boss@example.ch")})
}

func administratorNoneYet(w *world) {
	anna, bert := By("anna@example.ch"), By("bert@example.ch")
	w.start()
	w.do(Add("anna@example.ch", "domains"), Password("anna@example.ch"), Add("bert@example.ch", "all"))
	w.do(staff.RemoveMember{Member: anna}, staff.RemoveMember{Member: bert})
}

func administratorLastOfAccount(w *world) {
	cast(w)
	w.do(staff.DeleteAccount{})
	w.same("accounts", []*staff.Account{}, w.dump().Accounts)
}

func administratorLoser(w *world) {
	anna, bert := By("anna@example.ch"), By("bert@example.ch")
	cast(w)
	first := w.plan("acme", staff.RemoveMember{Member: anna})
	s := *w.staff
	meddling := &meddler{Store: w.store, first: first}
	s.Store = meddling
	_, err := s.Do(w.Context(), "acme", staff.RemoveMember{Member: bert})
	if staff.CodeOf(err) != staff.CodeForbidden || !errors.Is(meddling.got, staff.ErrStale) {
		w.Errorf("got %v after %v", err, meddling.got)
	}
}

// meddler commits something else right before the first commit.
type meddler struct {
	staff.Store
	first *staff.Commit
	got   error // what the first commit came to
}

// Commit carries out what came between, and then c.
func (m *meddler) Commit(ctx context.Context, c *staff.Commit) error {
	if m.first == nil {
		return m.Store.Commit(ctx, c)
	}
	if err := m.Store.Commit(ctx, m.first); err != nil {
		return err
	}
	m.first = nil
	m.got = m.Store.Commit(ctx, c)
	return m.got
}
