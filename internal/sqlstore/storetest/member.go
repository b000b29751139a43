package storetest

import (
	"strconv"
	"strings"
	"time"

	"github.com/staffctl/staffctl/internal/staff"
)

func idText(id staff.ID) string { return strconv.FormatInt(int64(id), 10) }

func memberTests() map[string]func(*world) {
	tests := map[string]func(*world){
		"add with everything":                memberAddEverything,
		"add with nothing":                   memberAddNothing,
		"add where there is one":             memberAddAgain,
		"the first password makes the login": memberFirstPassword,
		"found by each selector":             memberSelectors,
		"ambiguous":                          memberAmbiguous,
		"remove takes the login":             memberRemove,
	}
	for name, test := range editTests() {
		tests["edit/"+name] = test.run
	}
	return tests
}

func memberAddEverything(w *world) {
	w.start()
	w.do(staff.AddMember{Email: "Anna.Müller@Zürich.ch", Username: new("Anna"), Access: &[]string{"invoices", "domains.view", "invoices.pay"},
		Mail: &[]string{"news", "invoices"}, Details: staff.Details{Salutation: new("ms"), FirstName: new("Anna Łucja"), LastName: new(`O'Neil "Ös" 李`),
			Language: new("en"), Phones: &[]string{"work=+41 44 555 12 34", "mobile=+49 151 23456789"}}})
	got := w.member("anna.müller@zürich.ch")
	w.same("member", &staff.Member{ID: got.ID, AccountID: w.account("acme").ID, Email: "Anna.Müller@zürich.ch", Salutation: "ms",
		FirstName: "Anna Łucja", LastName: `O'Neil "Ös" 李`, Language: staff.English, Proposal: "Anna", Mail: []string{"invoices", "news"},
		Phones:  []staff.Phone{{Label: "work", Number: "+41445551234"}, {Label: "mobile", Number: "+4915123456789"}},
		Access:  staff.Access{Kind: staff.AccessGrants, Grants: []string{"domains.view", "invoices"}},
		Version: 1, CreatedAt: Start.UnixMilli(), UpdatedAt: Start.UnixMilli()}, got)
}

func memberAddNothing(w *world) {
	w.start()
	w.do(staff.AddMember{Email: "a@b.ch", Details: staff.Details{LastName: new("M")}})
	got := w.member("a@b.ch")
	w.same("member", &staff.Member{ID: got.ID, AccountID: got.AccountID, Email: "a@b.ch", Salutation: "none", LastName: "M", Language: staff.German,
		Access: staff.NoAccess(), Version: 1, CreatedAt: Start.UnixMilli(), UpdatedAt: Start.UnixMilli()}, got)
}

func memberAddAgain(w *world) {
	w.start()
	w.do(Add("anna@example.ch", "domains"))
	again := Add("ANNA@example.ch", "invoices")
	again.LastName = new("Neu")
	w.refuses(staff.CodeConflict, again)
	again.OnConflict = staff.Skip
	if w.do(again).Changed() {
		w.Error("skip changed something")
	}
	again.OnConflict = staff.Update
	w.do(again)
	if m := w.member("anna@example.ch"); m.LastName != "Neu" || m.Access.Grants[0] != "invoices" || m.Version != 2 {
		w.Errorf("update left %+v", m)
	}
}

func memberFirstPassword(w *world) {
	w.start()
	w.do(staff.SetAccount{Settings: staff.Settings{DefaultAccess: &[]string{"support"}}})
	w.do(Add("anna@example.ch"), staff.SetUsername{Member: By("anna@example.ch"), Username: "Anna"})
	p := Password("anna@example.ch")
	p.MustChange = true
	w.do(p)
	m := w.member("anna@example.ch")
	hash, _ := passwords{}.Hash("a secret of anna@example.ch")
	w.same("login", &staff.Login{ID: m.Login.ID, Username: "Anna", PasswordHash: staff.Secret(hash), MustChange: true, Email: "anna@example.ch", Accounts: 1,
		Version: 1, CreatedAt: Start.UnixMilli(), UpdatedAt: Start.UnixMilli()}, m.Login)
	w.same("access", []string{"support"}, m.Access.Grants)
	w.same("proposal", "", m.Proposal)
}

func memberSelectors(w *world) {
	w.start()
	w.do(Add("anna@zürich.ch"), Add("bert@example.ch"), staff.SetUsername{Member: By("bert@example.ch"), Username: "Bert"}, Password("bert@example.ch"),
		Add("carl@example.ch"), staff.SetUsername{Member: By("carl@example.ch"), Username: "Carl"})
	w.in("", Enterprise("other"))
	w.in("other", Add("anna@zürich.ch"))
	for selector, want := range map[string]string{
		"anna@zürich.ch": "anna@zürich.ch", "ANNA@xn--zrich-kva.ch": "anna@zürich.ch", "username:anna@zürich.ch": "anna@zürich.ch",
		"username:BERT": "bert@example.ch", "bert": "bert@example.ch", "email:Bert@Example.CH": "bert@example.ch", "carl": "carl@example.ch",
		"id:" + idText(w.member("carl@example.ch").ID): "carl@example.ch", idText(w.member("bert@example.ch").ID): "bert@example.ch",
		"email:bert": "", "username:carl@example.ch": "", "id:7": "", "id:x": "", "": "", "username:": "", "bert*": "", "be_t": "",
		"id:" + idText(w.memberIn("other", "anna@zürich.ch").ID): "",
	} {
		person, err := w.staff.Person(w.Context(), "acme", staff.ParseSelector(selector))
		switch {
		case want == "" && staff.CodeOf(err) != staff.CodeNotFound:
			w.Errorf("%q: %v, want not found", selector, err)
		case want != "" && (err != nil || person.Email != want):
			w.Errorf("%q: %v, want %s", selector, err, want)
		}
	}
}

func memberAmbiguous(w *world) {
	w.start()
	w.do(Add("anna@example.ch"), staff.SetUsername{Member: By("anna@example.ch"), Username: "anna"})
	w.do(Add("bert@example.ch"), staff.SetUsername{Member: By("bert@example.ch"), Username: "anna@example.ch"})
	w.refuses(staff.CodeConflict, staff.Suspend{Member: staff.ParseSelector("anna@example.ch")})
	w.do(staff.Suspend{Member: staff.ParseSelector("username:anna@example.ch")})
	w.same("suspended", true, w.member("bert@example.ch").Suspended)
}

func memberRemove(w *world) {
	w.start()
	w.do(Add("anna@example.ch"), Password("anna@example.ch"))
	w.do(staff.RemoveMember{Member: By("anna@example.ch")})
	w.same("members", []*staff.Member{}, w.dump().Members)
	w.do(Add("anna@example.ch"), Password("anna@example.ch"))
}

// edit is an action on a member and what it leaves of the member.
type edit struct {
	action  staff.Action
	login   bool // the member has one
	editing func(m *staff.Member)
}

// run compares the member after the action with the one before it.
func (e edit) run(w *world) {
	w.start()
	w.do(Add("anna@example.ch", "domains", "invoices.view"), staff.ChangeMail{Member: By("anna@example.ch"), Change: staff.MailSet, Categories: []string{"orders", "news"}},
		staff.EditMember{Member: By("anna@example.ch"), AddPhones: []string{"work=+41445551234", "home=+41445551235"}})
	if e.login {
		w.do(Password("anna@example.ch"))
	}
	want := change(w.member("anna@example.ch"), e.editing).After
	id := idOf(want)
	want.UpdatedAt = w.clock.advance(time.Minute).UnixMilli()
	if want.Login != nil && *want.Login != *w.member("anna@example.ch").Login {
		want.Login.Version, want.Login.UpdatedAt = want.Login.Version+1, want.UpdatedAt
	}
	w.do(e.action)
	person, err := w.staff.Person(w.Context(), "acme", id)
	if err != nil {
		w.Fatal(err)
	}
	w.same("member", want, person.Member)
	if plan := w.do(repeatable(e.action, id)); plan.Changed() {
		w.Errorf("writing the same again changed %v", plan.Results[0].Changes)
	}
}

// repeatable is the action on the member by its id, which no action changes.
func repeatable(a staff.Action, id staff.Selector) staff.Action {
	if e, ok := a.(staff.EditMember); ok {
		e.Member = id
		return e
	}
	return a
}

func editTests() map[string]edit {
	anna := By("anna@example.ch")
	hash, _ := passwords{}.Hash("another secret")
	return map[string]edit{
		"names": {staff.EditMember{Member: anna, Details: staff.Details{Salutation: new("mx"), FirstName: new(""), LastName: new("Ångström"), Language: new("en")}}, true,
			func(m *staff.Member) {
				m.Salutation, m.FirstName, m.LastName, m.Language = "mx", "", "Ångström", staff.English
			}},
		"phones": {staff.EditMember{Member: anna, RemovePhones: []string{"work"}, AddPhones: []string{"fax=+1 212 555 0100"}}, false,
			func(m *staff.Member) { m.Phones = []staff.Phone{m.Phones[1], {Label: "fax", Number: "+12125550100"}} }},
		"no phones": {staff.EditMember{Member: anna, Details: staff.Details{Phones: &[]string{}}}, false, func(m *staff.Member) { m.Phones = nil }},
		"email":     {staff.EditMember{Member: anna, Email: new("neu@example.ch")}, false, func(m *staff.Member) { m.Email = "neu@example.ch" }},
		"email of a login": {staff.EditMember{Member: anna, Email: new("neu@example.ch")}, true,
			func(m *staff.Member) { m.Email, m.Login.Email = "neu@example.ch", "neu@example.ch" }},
		"email in other letters": {staff.EditMember{Member: anna, Email: new("Anna@example.ch")}, false, func(m *staff.Member) { m.Email = "Anna@example.ch" }},
		"username proposed":      {staff.SetUsername{Member: anna, Username: "Änni"}, false, func(m *staff.Member) { m.Proposal = "Änni" }},
		"username":               {staff.SetUsername{Member: anna, Username: "ANNA@example.ch"}, true, func(m *staff.Member) { m.Login.Username = "ANNA@example.ch" }},
		"password":               {staff.SetPassword{Member: anna, Password: staff.PlainPassword("another secret"), MustChange: true}, true, func(m *staff.Member) { m.Login.PasswordHash, m.Login.MustChange = staff.Secret(hash), true }},
		"hash":                   {staff.SetPassword{Member: anna, Password: staff.HashedPassword("$2b$12$abc")}, true, func(m *staff.Member) { m.Login.PasswordHash = "$2b$12$abc" }},
		"grant": {staff.Grant{Member: anna, Grants: []string{"invoices", "api.use"}}, false,
			func(m *staff.Member) { m.Access.Grants = []string{"api.use", "domains", "invoices"} }},
		"grant all":   {staff.Grant{Member: anna, Grants: []string{"all"}}, true, func(m *staff.Member) { m.Access = staff.FullAccess() }},
		"revoke":      {staff.Revoke{Member: anna, Grants: []string{"invoices"}}, false, func(m *staff.Member) { m.Access.Grants = []string{"domains"} }},
		"revoke all":  {staff.Revoke{Member: anna, Grants: []string{"all"}}, true, func(m *staff.Member) { m.Access = staff.NoAccess() }},
		"set-access":  {staff.SetAccess{Member: anna, Access: []string{"none"}}, true, func(m *staff.Member) { m.Access = staff.NoAccess() }},
		"suspend":     {staff.Suspend{Member: anna}, true, func(m *staff.Member) { m.Suspended = true }},
		"mail set":    {staff.ChangeMail{Member: anna, Change: staff.MailSet, Categories: []string{"security", "invoices"}}, false, func(m *staff.Member) { m.Mail = []string{"invoices", "security"} }},
		"mail none":   {staff.ChangeMail{Member: anna, Change: staff.MailSet, Categories: []string{"none"}}, false, func(m *staff.Member) { m.Mail = nil }},
		"mail all":    {staff.ChangeMail{Member: anna, Change: staff.MailAdd, Categories: []string{"all"}}, false, func(m *staff.Member) { m.Mail = staff.DefaultCatalog().MailCategoryKeys() }},
		"mail add":    {staff.ChangeMail{Member: anna, Change: staff.MailAdd, Categories: []string{"invoices"}}, false, func(m *staff.Member) { m.Mail = []string{"invoices", "orders", "news"} }},
		"mail remove": {staff.ChangeMail{Member: anna, Change: staff.MailRemove, Categories: []string{"news", "support"}}, false, func(m *staff.Member) { m.Mail = []string{"orders"} }},
	}
}

func accessTests() map[string]func(*world) {
	anna := By("anna@example.ch")
	return map[string]func(*world){
		"resume": func(w *world) {
			w.start()
			w.do(Add("anna@example.ch", "domains"), Password("anna@example.ch"), staff.Suspend{Member: anna})
			w.do(staff.Resume{Member: anna})
			w.same("suspended", false, w.member("anna@example.ch").Suspended)
		},
		"refusals write nothing": func(w *world) {
			w.start()
			w.do(Add("anna@example.ch", "domains"))
			for code, actions := range map[staff.Code][]staff.Action{
				staff.CodeInvalid: {staff.Grant{Member: anna, Grants: []string{"nothing"}}, staff.Grant{Member: anna, Grants: []string{"none"}},
					staff.Revoke{Member: anna, Grants: []string{"domains.view"}}, staff.SetAccess{Member: anna, Access: []string{"all", "domains"}},
					staff.ChangeMail{Member: anna, Change: staff.MailSet, Categories: []string{"spam"}}, staff.EditMember{Member: anna, Email: new("no address")},
					staff.SetUsername{Member: anna, Username: "a b"}, staff.SetPassword{Member: anna, Password: staff.PlainPassword("abc")},
					staff.EditMember{Member: anna, Details: staff.Details{FirstName: new(""), LastName: new("")}}, Add("bert@example.ch", "nothing")},
				staff.CodeNotFound: {staff.Suspend{Member: By("bert@example.ch")}, Password("bert@example.ch"), staff.RemoveMember{Member: By("bert@example.ch")}},
			} {
				for _, a := range actions {
					// What comes before in the same step is not written either.
					w.refuses(code, Add("carl@example.ch"), a)
				}
			}
		},
		"many actions are one step": func(w *world) {
			w.start()
			w.do(Add("anna@example.ch"), staff.SetUsername{Member: anna, Username: "anna"}, Password("anna@example.ch"), staff.Grant{Member: anna, Grants: []string{"api"}},
				staff.EditMember{Member: anna, Email: new("neu@example.ch")}, staff.Suspend{Member: By("neu@example.ch")})
			m := w.member("neu@example.ch")
			if m.Version != 1 || !m.Suspended || m.Login.Username != "anna" || strings.Join(m.Access.Grants, " ") != "api" {
				w.Errorf("got %+v", m)
			}
			if n := len(w.audit(staff.AuditQuery{Member: idText(m.ID)})); n != 6 {
				w.Errorf("%d audit rows for 6 actions", n)
			}
		},
	}
}
