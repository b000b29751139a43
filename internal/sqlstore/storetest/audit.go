package storetest

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/staffctl/staffctl/internal/staff"
)

// history leaves an audit over five hours, by two actors.
func history(w *world) {
	w.Helper()
	w.start()
	anna := By("anna@example.ch")
	hour := func(actor staff.Actor) {
		w.clock.advance(time.Hour)
		w.staff.Actor = func() staff.Actor { return actor }
	}
	hour(staff.Actor{OSUser: "root"})
	w.do(Add("anna@example.ch", "all"), Password("anna@example.ch"))
	hour(staff.Actor{OSUser: "ci", StoreUser: "writer", Claimed: "Jörg"})
	w.do(staff.EditMember{Member: anna, Email: new("Neu@example.ch")}, staff.ChangeMail{Member: By("neu@example.ch"), Change: staff.MailAdd, Categories: []string{"news"}})
	hour(staff.Actor{OSUser: "ci"})
	w.in("", Enterprise("other"))
	w.in("other", Add("anna@example.ch"))
	hour(staff.Actor{OSUser: "root"})
	w.do(staff.SetAccount{Settings: staff.Settings{DisplayName: new("ACME")}})
}

func auditTests() map[string]func(*world) {
	return map[string]func(*world){
		"filters":                     auditFilters,
		"rows say who, when and what": auditRows,
		"removal says what there was": auditRemoval,
		"an added member whole":       auditWhole,
		"never a secret":              auditSecrets,
		"stops early":                 auditStopsEarly,
		"odd filters find nothing":    auditOddFilters,
	}
}

func auditFilters(w *world) {
	history(w)
	all := []string{"account.create acme", "member.add anna@example.ch", "member.set-password anna@example.ch", "member.edit Neu@example.ch",
		"mail-prefs.add Neu@example.ch", "account.create other", "member.add anna@example.ch", "account.set acme"}
	at := func(h int) int64 { return Start.Add(time.Duration(h) * time.Hour).UnixMilli() }
	for _, c := range []struct {
		query staff.AuditQuery
		want  []int
	}{
		{staff.AuditQuery{}, []int{0, 1, 2, 3, 4, 5, 6, 7}},
		{staff.AuditQuery{Since: at(0)}, []int{0, 1, 2, 3, 4, 5, 6, 7}},
		{staff.AuditQuery{Since: at(2)}, []int{3, 4, 5, 6, 7}},
		{staff.AuditQuery{Since: at(2) + 1}, []int{5, 6, 7}},
		{staff.AuditQuery{Since: at(9)}, nil},
		{staff.AuditQuery{Account: "acme"}, []int{0, 1, 2, 3, 4, 7}},
		{staff.AuditQuery{Account: "ACME"}, nil},
		{staff.AuditQuery{Actor: "root"}, []int{1, 2, 7}},
		{staff.AuditQuery{Actor: "writer"}, []int{3, 4}},
		{staff.AuditQuery{Actor: "Jörg"}, []int{3, 4}},
		{staff.AuditQuery{Action: "member"}, []int{1, 2, 3, 6}},
		{staff.AuditQuery{Action: "member.edit"}, []int{3}},
		{staff.AuditQuery{Action: "mail-prefs"}, []int{4}},
		{staff.AuditQuery{Action: "mail"}, nil},
		{staff.AuditQuery{Action: "member.set"}, nil},
		{staff.AuditQuery{Member: "ANNA@example.ch", Account: "acme"}, []int{1, 2}},
		{staff.AuditQuery{Member: "neu@example.ch"}, []int{3, 4}},
		{staff.AuditQuery{Member: idText(w.member("neu@example.ch").ID)}, []int{1, 2, 3, 4}},
		{staff.AuditQuery{Member: "acme"}, nil},
		{staff.AuditQuery{Member: "0"}, nil},
		{staff.AuditQuery{Member: "neu@example.ch", Action: "member", Since: at(1), Actor: "ci", Account: "acme"}, []int{3}},
	} {
		var want, got []string
		for _, i := range c.want {
			want = append(want, all[i])
		}
		for _, e := range w.audit(c.query) {
			got = append(got, e.Action+" "+e.Subject)
		}
		w.same(fmt.Sprintf("%+v", c.query), want, got)
	}
}

func auditRows(w *world) {
	history(w)
	m := w.member("neu@example.ch")
	rows := w.audit(staff.AuditQuery{Actor: "writer"})
	if len(rows) != 2 {
		w.Fatalf("got %d rows", len(rows))
	}
	actor := staff.Actor{OSUser: "ci", StoreUser: "writer", Claimed: "Jörg"}
	at := Start.Add(2 * time.Hour).UnixMilli()
	w.same("rows", []staff.AuditEntry{
		{ID: rows[0].ID, CommitID: rows[1].CommitID, At: at, Actor: actor, Action: "member.edit", Account: "acme", MemberID: m.ID, Subject: "Neu@example.ch",
			Before: `{"email":"anna@example.ch","login_email":"anna@example.ch"}`, After: `{"email":"Neu@example.ch","login_email":"Neu@example.ch"}`},
		{ID: rows[1].ID, CommitID: rows[0].CommitID, At: at, Actor: actor, Action: "mail-prefs.add", Account: "acme", MemberID: m.ID, Subject: "Neu@example.ch",
			After: `{"mail":["news"]}`},
	}, rows)
}

func auditRemoval(w *world) {
	cast(w)
	w.do(staff.RemoveMember{Member: By("anna@example.ch")})
	rows := w.audit(staff.AuditQuery{Action: "member.remove"})
	var before map[string]any
	if err := json.Unmarshal([]byte(rows[0].Before), &before); err != nil {
		w.Fatal(err)
	}
	if before["email"] != "anna@example.ch" || before["password"] != "set" || rows[0].After != "" {
		w.Errorf("got %+v", rows[0])
	}
}

// auditWhole holds that what a store makes of the row of an added member is what
// was planned.
func auditWhole(w *world) {
	w.start()
	add := func(email string, edit func(*staff.AddMember)) staff.Action {
		a := Add(email)
		edit(&a)
		return a
	}
	actions := []staff.Action{
		Add("none@example.ch"), Add("all@example.ch", "all"), Add("some@example.ch", "domains", "invoices.view"),
		add("Grüße@Zürich.example", func(a *staff.AddMember) { a.LastName = new("") }),
		add("odd@example.ch", func(a *staff.AddMember) {
			a.FirstName, a.LastName = new("<A&B> \"x\" \\ 'y' 👩‍🚀"), new("x'41'")
			a.Language, a.Salutation, a.Username = new("en"), new("mx"), new("Odd.One")
			a.Phones, a.Mail = &[]string{"work=+41 44 555 12 34", "fax=+41445551235"}, &[]string{"news", "orders"}
		}),
	}
	plan := w.do(actions...)
	rows := w.audit(staff.AuditQuery{Action: "member.add"})
	w.same("rows", len(plan.Results), len(rows))
	for i, r := range plan.Results {
		planned := map[string]any{}
		for _, c := range r.Changes {
			planned[c.Field] = c.After
		}
		text, err := json.Marshal(planned)
		var want, got any
		if err := errors.Join(err, json.Unmarshal(text, &want), json.Unmarshal([]byte(rows[i].After), &got)); err != nil {
			w.Errorf("%+v: %v", rows[i], err)
		}
		w.same(r.Member.Email, want, got)
		w.same(r.Member.Email, []any{"member.add", "acme", r.Member.ID, r.Member.Email, ""},
			[]any{rows[i].Action, rows[i].Account, rows[i].MemberID, rows[i].Subject, rows[i].Before})
	}
	// Changed once more in the same commit: no row has what it was in between.
	twice := w.plan("acme", Add("twice@example.ch"), staff.Grant{Member: By("twice@example.ch"), Grants: []string{"api"}})
	w.commit(twice)
	for _, e := range w.audit(staff.AuditQuery{Member: "twice@example.ch"}) {
		if e.Action == "member.add" && strings.Contains(e.After, "api") {
			w.Errorf("the audit of the first says %s", e.After)
		}
	}
}

func auditSecrets(w *world) {
	history(w)
	w.in("other", staff.SetUsername{Member: By("anna@example.ch"), Username: "anna"}, Password("anna@example.ch"), staff.SetPassword{Member: By("anna@example.ch"), Password: staff.HashedPassword("$2b$12$hash")})
	w.in("other", staff.DeleteAccount{})
	for _, e := range w.audit(staff.AuditQuery{}) {
		for _, secret := range []string{hashMark, "$2b$", "a secret of"} {
			if text := fmt.Sprintf("%#v", e); strings.Contains(text, secret) {
				w.Errorf("%q stands in %s", secret, text)
			}
		}
	}
	for _, e := range w.audit(staff.AuditQuery{Action: "member.set-password", Account: "acme"}) {
		if !strings.Contains(e.After, `"password":"set"`) {
			w.Errorf("a password that was set is not told: %s", e.After)
		}
	}
}

func auditStopsEarly(w *world) {
	history(w)
	for range 20 {
		for range w.store.Audit(w.Context(), staff.AuditQuery{}) {
			break
		}
	}
	w.do(Add("last@example.ch"))
}

func auditOddFilters(w *world) {
	history(w)
	for _, text := range []string{"'", `"`, "%", "_", "' OR 1=1 --", "member.%", "99999999999999999999"} {
		for _, q := range []staff.AuditQuery{{Account: text}, {Actor: text}, {Member: text}, {Action: text}} {
			if rows := w.audit(q); len(rows) > 0 {
				w.Errorf("%+v found %d rows", q, len(rows))
			}
		}
	}
}

func pruneTests() map[string]func(*world) {
	return map[string]func(*world){
		"deletes exactly the older and is audited": func(w *world) {
			history(w)
			before := w.dump()
			cut := Start.Add(2 * time.Hour).UnixMilli()
			plan := w.do(staff.PruneAudit{Before: cut})
			w.same("rows", 3, plan.Results[0].Rows)
			after := w.dump()
			if len(after.Audit) != 6 {
				w.Fatalf("%d rows are left, want 6", len(after.Audit))
			}
			w.same("kept", before.Audit[3:], after.Audit[:5])
			prune := after.Audit[5]
			w.same("prune", []string{"audit.prune", "audit", `{"audit_rows":3}`, ""}, []string{prune.Action, prune.Subject, prune.Before, prune.After})
			after.Audit = before.Audit
			w.same("all else", before, after)
			if w.do(staff.PruneAudit{Before: cut}).Changed() {
				w.Error("pruning again changed something")
			}
		},
		"not the future": func(w *world) {
			history(w)
			w.refuses(staff.CodeInvalid, staff.PruneAudit{Before: w.clock.now().UnixMilli() + 1})
			w.do(staff.PruneAudit{Before: w.clock.now().UnixMilli()})
			w.same("left", 2, len(w.audit(staff.AuditQuery{}))) // of this moment, and the prune
		},
		"nothing older": func(w *world) {
			history(w)
			if w.do(staff.PruneAudit{Before: Start.UnixMilli()}).Changed() {
				w.Error("pruned something")
			}
		},
	}
}
