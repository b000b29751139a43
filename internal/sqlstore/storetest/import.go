package storetest

import (
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/staffctl/staffctl/internal/staff"
)

func importTests() map[string]func(*world) {
	tests := map[string]func(*world){
		"is one commit":                    importOnce,
		"audits as what is done by itself": importAudit,
		"changes nothing the second time":  importAgain,
		"plans without writing":            importPlan,
		"goes on without the bad rows":     importGoesOn,
		"takes back what a bad row began":  importTakesBack,
		"mails with the commit":            importMails,
		"keeps the last administrator":     importLast,
		"lets an administrator hand over":  importHandOver,
		"ends where its rows do":           importBroken,
		"rows of one line are apart":       importOneLine,
		"leaves room for who was refused":  importRefusedIsGone,
		"keeps an invite and its member":   importInvited,
		"grants what the row says":         importAccess,
	}
	for name, unruly := range importRules() {
		tests["holds to the rules/"+name] = func(w *world) {
			w.start()
			w.in("other", staff.CreateAccount{Name: "other"}, staff.AddSender{Address: "info@other.ch"})
			head, piece := w.blank("acme"), w.blank("acme")
			piece.ID, piece.Touched = head.ID, nil
			unruly(w, piece)
			before := w.dump()
			err := w.store.CommitMany(w.Context(), head, func(yield func(*staff.Commit, error) bool) { yield(w.recorded(piece), nil) })
			if !errors.Is(err, staff.ErrStale) {
				w.Errorf("it ended with %v", err)
			}
			w.same("after it", before, w.dump())
		}
	}
	for name, rows := range importRefused() {
		tests["refuses "+name] = func(w *world) {
			cast(w)
			for _, piece := range []int{1, 100} {
				before := w.dump()
				done, err := w.staff.Import(w.Context(), staff.Import{Rows: rowsOf(rows...), Piece: piece})
				if err == nil || len(done.Failures) != 1 || done.Failures[0].Line != len(rows)+1 {
					w.Errorf("in pieces of %d: %+v (%v), want line %d refused", piece, done.Failures, err, len(rows)+1)
				}
				w.same("after it", before, w.dump())
			}
		}
	}
	return tests
}

func same(a staff.AddMember) staff.AddMember {
	a.OnConflict = staff.Same
	return a
}

// rowsOf are rows from line 2 on, as below a header.
func rowsOf(actions ...staff.Action) iter.Seq2[staff.Row, error] {
	return func(yield func(staff.Row, error) bool) {
		for i, a := range actions {
			if !yield(staff.Row{Line: i + 2, Action: a}, nil) {
				return
			}
		}
	}
}

// newcomers are one of each kind that an import adds.
func newcomers() []staff.Action {
	full := Add("odd@example.ch", "domains", "invoices.view")
	full.FirstName, full.LastName, full.Language, full.Salutation = new("<A&B> \"x\" \\ 'y' 👩‍🚀"), new("x'41'"), new("en"), new("mx")
	full.Username, full.Phones, full.Mail = new("Odd.One"), &[]string{"work=+41 44 555 12 34", "fax=+41445551235"}, &[]string{"news", "orders"}
	full.Password, full.MustChange, full.OnConflict = staff.HashedPassword("$x$1"), true, staff.Same
	suspended := same(Add("Grüße@Zürich.example", "all"))
	suspended.Suspended, suspended.LastName = new(true), new("")
	confirmed := staff.CreateSubaccount{Name: "support", Email: "support@example.ch", Role: "customer-support", Password: staff.HashedPassword("$x$2"), OnConflict: staff.Same}
	pending := staff.CreateSubaccount{Name: "texter", Email: "texter@example.ch", Role: "copywriter", Mail: &[]string{"news"}, NoMail: true, OnConflict: staff.Same}
	invite := staff.SendInvite{Email: "none@example.ch", Access: []string{"invoices"}, NoMail: true, OnConflict: staff.Same}
	return []staff.Action{full, suspended, same(Add("none@example.ch")), same(Add("all@example.ch", "all")), confirmed, pending, invite}
}

func (w *world) imports(i staff.Import) *staff.Imported {
	w.Helper()
	done, err := w.staff.Import(w.Context(), i)
	if err != nil {
		w.Fatalf("import: %v %+v", err, done.Failures)
	}
	return done
}

func counts(d *staff.Imported) []int64 {
	return []int64{d.Rows, d.Added, d.Updated, d.Unchanged, int64(len(d.Failures))}
}

func importOnce(w *world) {
	w.start()
	before := w.account("acme").Counter
	done := w.imports(staff.Import{Rows: rowsOf(newcomers()...), Piece: 2})
	w.same("counts", []int64{7, 7, 0, 0, 0}, counts(done))
	w.same("counter", before+1, w.account("acme").Counter)
	rows := w.audit(staff.AuditQuery{Action: "member"})
	commits := map[staff.ID]bool{}
	for _, e := range w.audit(staff.AuditQuery{})[1:] {
		commits[e.CommitID] = true
	}
	w.same("commits", 1, len(commits))
	w.same("audit of members", 4, len(rows))
	for _, a := range newcomers() { // what the store has is all that was asked for
		plan, err := w.staff.Plan(w.Context(), "acme", a)
		if err != nil || plan.Changed() {
			w.Errorf("asked for again, %+v changes %v (%v)", a, plan, err)
		}
	}
	support := w.member("support@example.ch")
	w.same("a confirmed subaccount", []any{"acme-support", false, "$x$2"}, []any{support.Username(), support.Pending, string(support.Login.PasswordHash)})
	w.same("a pending subaccount", true, w.member("texter@example.ch").Pending)
	w.same("mails", 0, len(w.dump().Mails))
}

// importAudit holds that the audit says of each row what planning it by itself
// says.
func importAudit(w *world) {
	w.start()
	plan, err := w.staff.Plan(w.Context(), "acme", newcomers()...)
	if err != nil {
		w.Fatal(err)
	}
	w.imports(staff.Import{Rows: rowsOf(newcomers()...)})
	audited := map[string]string{}
	for _, e := range w.audit(staff.AuditQuery{}) {
		audited[e.Action+" "+e.Subject] = e.After
	}
	for _, r := range plan.Results {
		planned := map[string]any{}
		for _, c := range r.Changes {
			if c.Field != "expires_at" {
				planned[c.Field] = c.After
			}
		}
		subject := ""
		if r.Member != nil {
			subject = r.Member.Email
		} else {
			subject = r.Invite.Email
		}
		text, err := json.Marshal(planned)
		var want, got map[string]any
		if err := errors.Join(err, json.Unmarshal(text, &want), json.Unmarshal([]byte(audited[r.Action+" "+subject]), &got)); err != nil {
			w.Errorf("%s %s: %v", r.Action, subject, err)
		}
		delete(got, "expires_at")
		w.same(r.Action+" "+subject, want, got)
	}
}

func importAgain(w *world) {
	w.start()
	w.imports(staff.Import{Rows: rowsOf(newcomers()...)})
	before := w.dump()
	for _, piece := range []int{0, 2} {
		done := w.imports(staff.Import{Rows: rowsOf(newcomers()...), Piece: piece})
		w.same("counts", []int64{7, 0, 0, 7, 0}, counts(done))
		w.same("after the second time", before, w.dump())
	}
}

func importPlan(w *world) {
	w.start()
	before := w.dump()
	done, err := w.staff.PlanImport(w.Context(), staff.Import{Rows: rowsOf(newcomers()...), Piece: 3})
	if err != nil {
		w.Fatal(err)
	}
	w.same("counts", []int64{7, 7, 0, 0, 0}, counts(done))
	w.same("after planning", before, w.dump())
}

func importGoesOn(w *world) {
	cast(w)
	bad := staff.Row{Line: 9, Err: staff.Errorf(staff.CodeInvalid, "", "has 3 fields"), Source: "x"}
	rows := func(yield func(staff.Row, error) bool) {
		if !yield(bad, nil) {
			return
		}
		for row, err := range rowsOf(Add("dora@example.ch"), Add("no address"), Add("dora@example.ch"), same(Add("carl@example.ch", "all")), Add("emil@example.ch")) {
			if !yield(row, err) {
				return
			}
		}
	}
	for _, piece := range []int{1, 0} {
		done, err := w.staff.Import(w.Context(), staff.Import{Rows: rows, KeepGoing: true, Piece: piece})
		if staff.CodeOf(err) != staff.CodePartial {
			w.Errorf("it ended with %v", err)
		}
		var lines []int
		var fields []string
		for _, f := range done.Failures {
			lines, fields = append(lines, f.Line), append(fields, f.Err.Field)
		}
		if piece == 1 {
			w.same("lines", []int{3, 4, 5, 9}, lines)
			w.same("fields", []string{"email", "email", "email", ""}, fields)
			w.same("source", "x", done.Failures[3].Source)
			w.same("counts", []int64{6, 2, 0, 0, 4}, counts(done))
		}
	}
	w.member("dora@example.ch")
	w.member("emil@example.ch")
	w.same("carl", "none", string(w.member("carl@example.ch").Access.Kind))
}

func importTakesBack(w *world) {
	cast(w)
	w.do(staff.SendInvite{Email: "carl@example.ch", Access: []string{"invoices"}, NoMail: true})
	broken := staff.AddMember{Email: "carl@example.ch", Details: staff.Details{LastName: new("Changed")}, Access: &[]string{"all"}, Mail: &[]string{"nothing"}, OnConflict: staff.Update}
	newcomer := Add("dora@example.ch")
	newcomer.Username, newcomer.Password = new("dora"), staff.HashedPassword("no hash")
	reinvite := staff.SendInvite{Email: "carl@example.ch", Access: []string{"nothing"}, Language: new("en"), NoMail: true, OnConflict: staff.Update}
	after := Add("emil@example.ch")
	after.Username = new("dora") // which nobody has got
	before := w.dump()
	done, err := w.staff.Import(w.Context(), staff.Import{Rows: rowsOf(broken, newcomer, reinvite, after), KeepGoing: true})
	if staff.CodeOf(err) != staff.CodePartial {
		w.Errorf("it ended with %v", err)
	}
	w.same("counts", []int64{4, 1, 0, 0, 3}, counts(done))
	got := w.dump()
	got.Members = slices.DeleteFunc(got.Members, func(m *staff.Member) bool { return m.Email == "emil@example.ch" })
	w.same("members but for the new one", before.Members, got.Members)
	w.same("invites", before.Invites, got.Invites)
	w.same("audit", len(before.Audit)+1, len(got.Audit))
	w.same("the username", "dora", w.member("emil@example.ch").Username())
}

func importMails(w *world) {
	w.start()
	sub := staff.CreateSubaccount{Name: "texter", Email: "texter@example.ch", Role: "copywriter"}
	invite := staff.SendInvite{Email: "dora@example.ch", Access: []string{"invoices"}}
	done := w.imports(staff.Import{Rows: rowsOf(sub, invite, Add("emil@example.ch")), Piece: 1})
	mails := w.dump().Mails
	w.same("mails", 2, len(mails))
	w.same("the ones it names", done.Mails, []staff.ID{mails[0].ID, mails[1].ID})
	for _, m := range mails {
		w.same("its link", staff.LinkOpen, m.Link.State)
	}
}

// restricted takes full access away.
func restricted(email string) staff.AddMember {
	return staff.AddMember{Email: email, Access: &[]string{"invoices"}, OnConflict: staff.Update}
}

func importLast(w *world) {
	cast(w)
	before := w.dump()
	rows := rowsOf(restricted("bert@example.ch"), Add("dora@example.ch"), restricted("anna@example.ch"))
	for _, piece := range []int{1, 0} {
		done, err := w.staff.Import(w.Context(), staff.Import{Rows: rows, Piece: piece})
		if staff.CodeOf(err) != staff.CodeForbidden || len(done.Failures) != 1 || done.Failures[0].Line != 4 || !strings.Contains(err.Error(), "anna@example.ch") {
			w.Errorf("it ended with %v %+v", err, done.Failures)
		}
		w.same("after it", before, w.dump())
	}
	done, err := w.staff.Import(w.Context(), staff.Import{Rows: rows, KeepGoing: true, Piece: 1})
	if staff.CodeOf(err) != staff.CodePartial || len(done.Failures) != 1 || done.Failures[0].Line != 4 {
		w.Errorf("going on, it ended with %v %+v", err, done.Failures)
	}
	w.same("the last one", "all", string(w.member("anna@example.ch").Access.Kind))
	w.same("the other", "grants", string(w.member("bert@example.ch").Access.Kind))
}

func importHandOver(w *world) {
	cast(w)
	heir := Add("dora@example.ch", "all")
	heir.Password = staff.HashedPassword("$x$1")
	done := w.imports(staff.Import{Rows: rowsOf(restricted("anna@example.ch"), restricted("bert@example.ch"), heir), Piece: 1})
	w.same("counts", []int64{3, 1, 2, 0, 0}, counts(done))
}

func importBroken(w *world) {
	w.start()
	before := w.dump()
	broken := staff.Errorf(staff.CodeInvalid, "file", "line 3: a quote is not closed")
	rows := func(yield func(staff.Row, error) bool) {
		for i := range 3 {
			if !yield(staff.Row{Line: i + 1, Action: Add(fmt.Sprintf("person%d@example.ch", i))}, nil) {
				return
			}
		}
		yield(staff.Row{}, broken)
	}
	_, err := w.staff.Import(w.Context(), staff.Import{Rows: rows, KeepGoing: true, Piece: 1})
	if !errors.Is(err, broken) || !strings.Contains(err.Error(), "quote") {
		w.Errorf("it ended with %v", err)
	}
	w.same("after it", before, w.dump())
	if _, err := w.staff.Import(w.Context(), staff.Import{Account: "nobody", Rows: rows}); staff.CodeOf(err) != staff.CodeNotFound {
		w.Errorf("into an account that is not there: %v", err)
	}
}
