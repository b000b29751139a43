package storetest

import (
	"strings"

	"github.com/staffctl/staffctl/internal/staff"
)

// importRules are pieces that no planning would make.
func importRules() map[string]func(*world, *staff.Commit) {
	member := func(w *world, account, email string) *staff.Member {
		return &staff.Member{ID: w.staff.IDs.Next(Start), AccountID: w.account(account).ID, Email: email, Salutation: "none", LastName: "Konto", Language: staff.German,
			Access: staff.NoAccess(), Version: 1, CreatedAt: 1, UpdatedAt: 1}
	}
	sub := func(w *world, account, email string) *staff.Member {
		m := member(w, account, email)
		m.Subaccount, m.Proposal, m.Pending, m.Access = "konto", account+"-konto", true, staff.Access{Kind: staff.AccessRole, Role: "copywriter"}
		return m
	}
	adds := func(c *staff.Commit, m *staff.Member) {
		c.Members = append(c.Members, staff.Diff[staff.Member]{After: m})
	}
	return map[string]func(*world, *staff.Commit){
		"a subaccount on plan standard":          func(w *world, c *staff.Commit) { adds(c, sub(w, "other", "konto@example.ch")) },
		"a subaccount with a sender address":     func(w *world, c *staff.Commit) { adds(c, sub(w, "acme", "info@other.ch")) },
		"a login with the prefix of an account":  func(w *world, c *staff.Commit) { login(w, c, member(w, "acme", "konto@example.ch"), "other-konto") },
		"a login with the prefix of the account": func(w *world, c *staff.Commit) { login(w, c, member(w, "acme", "konto@example.ch"), "ACME-konto") },
		"a username that is taken": func(w *world, c *staff.Commit) {
			w.do(Add("anna@example.ch"), Password("anna@example.ch"))
			login(w, c, member(w, "acme", "konto@example.ch"), "Anna@example.ch")
		},
		"an e-mail that is taken": func(w *world, c *staff.Commit) {
			w.do(Add("anna@example.ch"))
			adds(c, member(w, "acme", "anna@example.ch"))
		},
		"an account that is not there": func(w *world, c *staff.Commit) {
			m := member(w, "acme", "konto@example.ch")
			m.AccountID = 7
			adds(c, m)
		},
	}
}

// login adds the member with a login.
func login(w *world, c *staff.Commit, m *staff.Member, username string) {
	m.Login = &staff.Login{ID: w.staff.IDs.Next(Start), Username: username, PasswordHash: hashMark, Email: m.Email, Version: 1, CreatedAt: 1, UpdatedAt: 1}
	c.Members = append(c.Members, staff.Diff[staff.Member]{After: m})
	c.Logins = append(c.Logins, staff.Diff[staff.Login]{After: m.Login})
}

// importRefused are rows of which the last is refused, however they are planned.
func importRefused() map[string][]staff.Action {
	hash := staff.HashedPassword("$x$1")
	withHash := func(a staff.AddMember) staff.AddMember { a.Password = hash; return a }
	named := func(email, username string) staff.AddMember { a := Add(email); a.Username = &username; return a }
	invite := func(email string) staff.SendInvite {
		return staff.SendInvite{Email: email, Access: []string{"invoices"}, NoMail: true}
	}
	sub := func(name, email string) staff.CreateSubaccount {
		return staff.CreateSubaccount{Name: name, Email: email, Role: "copywriter", NoMail: true}
	}
	return map[string][]staff.Action{
		"a person twice":                 {Add("dora@example.ch"), Add("emil@example.ch"), Add("Dora@example.ch")},
		"a member as a subaccount":       {Add("dora@example.ch"), sub("dora", "dora@example.ch")},
		"a subaccount twice":             {sub("dora", "dora@example.ch"), sub("dora", "emil@example.ch")},
		"an invite twice":                {invite("dora@example.ch"), invite("dora@example.ch")},
		"an invite of who gets a login":  {withHash(Add("dora@example.ch")), invite("dora@example.ch")},
		"a login of who is invited":      {invite("dora@example.ch"), withHash(Add("dora@example.ch"))},
		"a username twice":               {named("dora@example.ch", "both"), named("emil@example.ch", "Both")},
		"the e-mail of another":          {Add("dora@example.ch"), named("emil@example.ch", "dora@example.ch")},
		"what is another's username":     {named("emil@example.ch", "dora@example.ch"), Add("dora@example.ch")},
		"who is there and differs":       {Add("dora@example.ch"), same(Add("carl@example.ch", "invoices"))},
		"the username of a member":       {named("dora@example.ch", "carl@example.ch")},
		"what the catalog does not know": {Add("dora@example.ch", "nothing")},
	}
}

// importOneLine holds that rows are told apart by more than their lines: a JSON
// array can stand in one.
func importOneLine(w *world) {
	w.start()
	named := func(email string) staff.Row {
		a := Add(email)
		a.Username = new("both")
		return staff.Row{Line: 1, Action: a}
	}
	rows := func(yield func(staff.Row, error) bool) {
		_ = yield(named("dora@example.ch"), nil) && yield(named("emil@example.ch"), nil)
	}
	before := w.dump()
	for _, piece := range []int{1, 0} {
		if _, err := w.staff.Import(w.Context(), staff.Import{Rows: rows, Piece: piece}); staff.CodeOf(err) != staff.CodeConflict {
			w.Errorf("it ended with %v", err)
		}
		w.same("after it", before, w.dump())
	}
}

// importRefusedIsGone holds that a row which was refused keeps no other from being
// carried out.
func importRefusedIsGone(w *world) {
	w.start()
	bad := Add("dora@example.ch", "nothing")
	bad.Username = new("dora")
	good := Add("dora@example.ch", "orders")
	good.Username = new("dora")
	for _, piece := range []int{1, 0} {
		done, err := w.staff.Import(w.Context(), staff.Import{Rows: rowsOf(bad, good), KeepGoing: true, Piece: piece})
		if staff.CodeOf(err) != staff.CodePartial || len(done.Failures) != 1 || done.Failures[0].Line != 2 {
			w.Errorf("it ended with %v %+v", err, done.Failures)
		}
		if piece == 1 {
			w.same("access", "orders", strings.Join(w.member("dora@example.ch").Access.Grants, ","))
			w.do(staff.RemoveMember{Member: By("dora@example.ch")})
		}
	}
}

// importInvited holds that a row about a member and one about the invite of the same
// person do not work against each other, however far apart.
func importInvited(w *world) {
	w.start()
	invite := func(access string) staff.SendInvite {
		return staff.SendInvite{Email: "carl@example.ch", Access: []string{access}, NoMail: true, OnConflict: staff.Update}
	}
	w.do(Add("carl@example.ch"), invite("invoices"))
	changed := restricted("carl@example.ch") // which ends the invite
	before := w.dump()
	for _, rows := range [][]staff.Action{{changed, invite("support")}, {invite("support"), changed}} {
		for _, piece := range []int{1, 0} {
			if _, err := w.staff.Import(w.Context(), staff.Import{Rows: rowsOf(rows...), Piece: piece}); staff.CodeOf(err) != staff.CodeConflict {
				w.Errorf("it ended with %v", err)
			}
			w.same("after it", before, w.dump())
		}
	}
	renamed := staff.AddMember{Email: "carl@example.ch", Details: staff.Details{LastName: new("Changed")}, OnConflict: staff.Update}
	done := w.imports(staff.Import{Rows: rowsOf(renamed, invite("support")), Piece: 1})
	w.same("counts", []int64{2, 0, 2, 0, 0}, counts(done))
	w.same("states", []staff.InviteStatus{staff.InvitePending}, w.states())
}

// importAccess holds that the account's default access is for who is given none.
func importAccess(w *world) {
	w.start()
	w.do(staff.SetAccount{Settings: staff.Settings{DefaultAccess: &[]string{"profile"}}})
	none, unsaid := same(Add("dora@example.ch", "none")), same(Add("emil@example.ch"))
	none.Password, unsaid.Password = staff.HashedPassword("$x$1"), staff.HashedPassword("$x$2")
	for range 2 {
		w.imports(staff.Import{Rows: rowsOf(none, unsaid)})
		w.same("none", staff.NoAccess(), w.member("dora@example.ch").Access)
		w.same("unsaid", []string{"profile"}, w.member("emil@example.ch").Access.Grants)
	}
}
