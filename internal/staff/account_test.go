package staff

import "testing"

func settings(change func(*Settings)) Settings {
	var s Settings
	change(&s)
	return s
}

func TestCreateAccount(t *testing.T) {
	t.Parallel()
	none := func(conditions ...condition) *Facts {
		f := team(nil, conditions...)
		f.Account, f.Accounts = nil, 0
		return f
	}
	nameIs := "account.create globex"
	runPlans(t, []planCase{
		{name: "a name alone", facts: none(), actions: do(CreateAccount{Name: "globex"}), want: []string{nameIs, `  name: null -> "globex"`,
			`  display_name: null -> "globex"`, `  plan: null -> "standard"`, `  two_factor: null -> "off"`, `  language: null -> "de"`, `  default_access: null -> ["none"]`, `  invite_other_address: null -> true`},
			check: func(t *testing.T, p *Plan) {
				if a := p.commit.Accounts[0].After; a.CreatedAt != noon.UnixMilli() || a.ID < firstNewID || len(p.commit.Touched) != 0 {
					t.Errorf("account %+v", a)
				}
			}},
		{name: "everything", facts: none(), actions: do(CreateAccount{"globex", Settings{new(" Globex\u00a0AG "), new("enterprise"), new("sms"), new("en"), new([]string{"invoices"}), new(false)}}),
			want: []string{nameIs, `  name: null -> "globex"`, `  display_name: null -> "Globex` + "\u00a0" + `AG"`, `  plan: null -> "enterprise"`, `  two_factor: null -> "sms"`,
				`  language: null -> "en"`, `  default_access: null -> ["invoices"]`}},
		{name: "32 signs", facts: none(), actions: do(CreateAccount{Name: "a0123456789b0123456789c012345678"}, SetAccount{}), want: []string{
			"account.create a0123456789b0123456789c012345678", `  name: null -> "a0123456789b0123456789c012345678"`, `  display_name: null -> "a0123456789b0123456789c012345678"`,
			`  plan: null -> "standard"`, `  two_factor: null -> "off"`, `  language: null -> "de"`, `  default_access: null -> ["none"]`, `  invite_other_address: null -> true`,
			"account.set a0123456789b0123456789c012345678 unchanged"}},
		{name: "33 signs", facts: none(), actions: do(CreateAccount{Name: "a0123456789b0123456789c0123456789"}), err: refused(CodeInvalid, "name", "1 to 32")},
		{name: "capitals", facts: none(), actions: do(CreateAccount{Name: "Globex"}), err: refused(CodeInvalid, "name", `"Globex"`, "a to z and 0 to 9")},
		{name: "a hyphen", facts: none(), actions: do(CreateAccount{Name: "glo-bex"}), err: refused(CodeInvalid, "name", "a to z and 0 to 9")},
		{name: "a line end", facts: none(), actions: do(CreateAccount{Name: "globex\n"}), err: refused(CodeInvalid, "name", "a to z and 0 to 9")},
		{name: "empty", facts: none(), actions: do(CreateAccount{}), err: refused(CodeInvalid, "name")},
		{name: "there already", facts: team(nil), actions: do(CreateAccount{Name: "acme"}), err: refused(CodeConflict, "name", "acme exists already", "staffctl account set")},
		{name: "a username has the prefix", facts: none(func(f *Facts) { f.LoginWithPrefix = "globex-anna" }), actions: do(CreateAccount{Name: "globex"}),
			err: refused(CodeConflict, "name", `"globex-anna"`, "choose another name")},
		{name: "plan", facts: none(), actions: do(CreateAccount{"globex", settings(func(s *Settings) { s.Tariff = new("enterprize") })}), err: refused(CodeInvalid, "plan", "did you mean enterprise?")},
	})
}

func TestSetAccount(t *testing.T) {
	t.Parallel()
	set := func(change func(*Settings)) []Action { return do(SetAccount{settings(change)}) }
	withSubaccount := func() *Facts { return team(of(anna(subaccount("anna", "copywriter")))) }
	runPlans(t, []planCase{
		{name: "two settings", facts: team(nil), actions: set(func(s *Settings) { s.TwoFactor, s.Language = new("sms"), new("en") }),
			want: []string{"account.set acme", `  two_factor: "off" -> "sms"`, `  language: "de" -> "en"`}},
		{name: "the same", facts: team(nil), actions: set(func(s *Settings) {
			s.TwoFactor, s.DisplayName, s.DefaultAccess = new("off"), new("Acme"), new([]string{"none"})
		}),
			want: []string{"account.set acme unchanged"}},
		{name: "default access", facts: team(nil), actions: set(func(s *Settings) { s.DefaultAccess = new([]string{"orders.view", "orders"}) }),
			want: []string{"account.set acme", `  default_access: ["none"] -> ["orders"]`}},
		{name: "unknown default access", facts: team(nil), actions: set(func(s *Settings) { s.DefaultAccess = new([]string{"order"}) }),
			err: refused(CodeInvalid, "default-access", "did you mean orders?")},
		{name: "two-factor", facts: team(nil), actions: set(func(s *Settings) { s.TwoFactor = new("totp") }), err: refused(CodeInvalid, "two-factor", "known are off, sms")},
		{name: "display name", facts: team(nil), actions: set(func(s *Settings) { s.DisplayName = new("Acme\r\nBcc: x") }), err: refused(CodeInvalid, "display-name", "U+000D", "remove it")},
		{name: "rule 7: upgrade", facts: team(nil), actions: set(func(s *Settings) { s.Tariff = new("enterprise") }), want: []string{"account.set acme", `  plan: "standard" -> "enterprise"`}},
		{name: "rule 7: downgrade without subaccounts", facts: team(nil, func(f *Facts) { f.Account.Tariff = Enterprise }), actions: set(func(s *Settings) { s.Tariff = new("standard") }),
			want: []string{"account.set acme", `  plan: "enterprise" -> "standard"`}},
		{name: "rule 7: downgrade with subaccounts", facts: withSubaccount(), actions: set(func(s *Settings) { s.Tariff = new("standard") }),
			err: refused(CodeForbidden, "plan", "account acme has 1 subaccounts", "only plan enterprise", "remove them first")},
	})
}

func TestSenders(t *testing.T) {
	t.Parallel()
	registered := func(f *Facts) { f.Registrations = []string{"anna@example.ch"} }
	runPlans(t, []planCase{
		{name: "add", facts: team(nil), actions: do(AddSender{"News@EXAMPLE.ch"}), want: []string{"account.sender-add acme", `  senders: null -> ["News@example.ch"]`}},
		{name: "add again", facts: team(nil, sends("News@example.ch")), actions: do(AddSender{"news@example.ch"}), want: []string{"account.sender-add acme unchanged"}},
		{name: "remove", facts: team(nil, sends("a@example.ch", "b@example.ch")), actions: do(RemoveSender{"A@example.ch"}),
			want: []string{"account.sender-remove acme", `  senders: ["a@example.ch","b@example.ch"] -> ["b@example.ch"]`}},
		{name: "remove the last", facts: team(nil, sends("a@example.ch")), actions: do(RemoveSender{"a@example.ch"}), want: []string{"account.sender-remove acme", `  senders: ["a@example.ch"] -> []`}},
		{name: "remove what is not there", facts: team(nil), actions: do(RemoveSender{"a@example.ch"}), err: refused(CodeNotFound, "address", `no sender address "a@example.ch"`, "staffctl account sender list")},
		{name: "no address", facts: team(nil), actions: do(AddSender{"news"}), err: refused(CodeInvalid, "address", "the address has no @", "anna.muster@example.ch")},
		{name: "rule 9: a registration e-mail", facts: team(nil, registered), actions: do(AddSender{"anna@EXAMPLE.ch"}), err: refused(CodeConflict, "address", "registers a subaccount", "choose another")},
	})
}

func TestPruneAudit(t *testing.T) {
	t.Parallel()
	prune := func(at int64) []Action { return do(PruneAudit{at}) }
	rows := func(f *Facts) { f.AuditRows = 40 }
	runPlans(t, []planCase{
		{name: "rows", facts: team(nil, rows), actions: prune(before), want: []string{"audit.prune", "  audit_rows: 40 -> null"},
			check: func(t *testing.T, p *Plan) {
				if p.commit.PruneBefore != before || p.Results[0].Rows != 40 || p.commit.Audit[0].Account != "" {
					t.Errorf("commit %+v", p.commit)
				}
			}},
		{name: "no rows", facts: team(nil), actions: prune(before), want: []string{"audit.prune unchanged"}},
		{name: "until now", facts: team(nil, rows), actions: prune(noon.UnixMilli()), want: []string{"audit.prune", "  audit_rows: 40 -> null"}},
		{name: "the future", facts: team(nil, rows), actions: prune(noon.UnixMilli() + 1), err: refused(CodeInvalid, "before", "in the future", "one that has passed")},
	})
}

func TestFactsWithoutAccount(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		needs Needs
		facts Facts
		want  refusal
	}{
		{"unknown", Needs{Account: "acne"}, Facts{Accounts: 1}, refused(CodeNotFound, "account", `no account "acne"`, "staffctl account list")},
		{"none", Needs{}, Facts{}, refused(CodeNotFound, "account", "no account", "staffctl account create NAME")},
		{"several", Needs{}, Facts{Accounts: 2}, refused(CodeUsage, "account", "2 accounts", "--account")},
		{"not needed", Needs{NoAccount: true}, Facts{}, refusal{}},
		{"there", Needs{}, Facts{Account: &Account{}}, refusal{}},
	} {
		t.Run(c.name, func(t *testing.T) { c.want.check(t, c.facts.checkAccount(&c.needs)) })
	}
}
