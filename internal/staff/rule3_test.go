package staff

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestRule3Statuses: the first that holds.
func TestRule3Statuses(t *testing.T) {
	t.Parallel()
	enrolled := func(m *Member) { signsIn(m); m.Login.Mobile = "+41795551234" }
	for _, c := range []struct {
		name     string
		member   *Member
		off, sms Status
	}{
		{"no password", anna(), NoLogin, NoLogin},
		{"no password, access all", anna(opens("all")), NoLogin, NoLogin},
		{"signs in", anna(signsIn), Active, Pending2FA},
		{"signs in without access", anna(signsIn, opens("none")), Active, Pending2FA},
		{"signs in with a number", anna(enrolled), Active, Active},
		{"to be confirmed", anna(subaccount("anna", "copywriter"), pending), Pending, Pending},
		{"confirmed", anna(subaccount("anna", "copywriter"), enrolled), Active, Active},
		{"suspended", anna(enrolled, suspended), Suspended, Suspended},
		{"suspended without password", anna(suspended), Suspended, Suspended},
		{"suspended before it was confirmed", anna(subaccount("anna", "copywriter"), pending, suspended), Suspended, Suspended},
	} {
		for policy, want := range map[TwoFactor]Status{TwoFactorOff: c.off, TwoFactorSMS: c.sms} {
			got := c.member.Status(policy)
			if got != want {
				t.Errorf("%s, policy %s: %s, want %s", c.name, policy, got, want)
			}
			if can := want == Active || want == Pending2FA; got.CanSignIn() != can {
				t.Errorf("%s: able to sign in is %v", got, !can)
			}
		}
	}
	want := []string{"suspended", "pending", "no-login", "pending-2fa", "active"}
	if d := cmp.Diff(want, Statuses); d != "" {
		t.Errorf("statuses (-want +got):\n%s", d)
	}
}

// TestRule3List: what a list shows of people, by filter.
func TestRule3List(t *testing.T) {
	t.Parallel()
	s := newStaff(storeOf(team(of(
		anna(signsIn, opens("all"), gets("invoices", "news")),
		bert(opens("invoices.view"), named("Bärti"), phoned(Phone{"work", "+41445551234"})),
		cleo(subaccount("cleo", "copywriter"), signsIn, suspended, gets("news")),
		person(14, "zoe@example.ch", subaccount("zoe", "api-user"), pending, func(m *Member) { m.FirstName, m.LastName = "Zoë", "Strauß" }),
	))))
	r, err := s.Roster(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		filter MemberFilter
		want   []string
		err    refusal
	}{
		{name: "everybody", want: []string{"anna", "bert", "cleo", "zoe"}},
		{name: "limit", filter: MemberFilter{Limit: 2}, want: []string{"anna", "bert"}},
		{name: "limit of what passes", filter: MemberFilter{Limit: 1, Mail: "news", Status: Suspended}, want: []string{"cleo"}},
		{name: "status", filter: MemberFilter{Status: NoLogin}, want: []string{"bert"}},
		{name: "pending", filter: MemberFilter{Status: Pending}, want: []string{"zoe"}},
		{name: "area by permission and by all", filter: MemberFilter{Area: "invoices"}, want: []string{"anna", "bert"}},
		{name: "area by role", filter: MemberFilter{Area: "emails"}, want: []string{"anna", "cleo"}},
		{name: "mail", filter: MemberFilter{Mail: "news"}, want: []string{"anna", "cleo"}},
		{name: "role", filter: MemberFilter{Role: "api-user"}, want: []string{"zoe"}},
		{name: "role that nobody has", filter: MemberFilter{Role: "administrator"}},
		{name: "search without accents", filter: MemberFilter{Search: "STRAUSS zoe"}, want: []string{"zoe"}},
		{name: "search a username", filter: MemberFilter{Search: "barti"}, want: []string{"bert"}},
		{name: "search a number", filter: MemberFilter{Search: "+4144555"}, want: []string{"bert"}},
		{name: "search needs every word", filter: MemberFilter{Search: "anna zoe"}},
		{name: "unknown status", filter: MemberFilter{Status: "activ"}, err: refused(CodeInvalid, "status", "did you mean active?")},
		{name: "unknown area", filter: MemberFilter{Area: "invoices.view"}, err: refused(CodeInvalid, "area", `no area "invoices.view"`)},
		{name: "unknown mail", filter: MemberFilter{Mail: "newz"}, err: refused(CodeInvalid, "mail", "did you mean news?")},
		{name: "unknown role", filter: MemberFilter{Role: "administrators"}, err: refused(CodeInvalid, "role", "did you mean administrator?")},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			var failed error
			for m, err := range r.Members(t.Context(), SortEmail, c.filter) {
				if err != nil {
					failed = errors.Join(failed, err)
					c.err.check(t, err)
					continue
				}
				got = append(got, m.Email[:len(m.Email)-len("@example.ch")])
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Errorf("members (-want +got):\n%s", d)
			}
			if (failed != nil) != (c.err.code != "") {
				t.Errorf("error %v", failed)
			}
		})
	}
	for _, err := range r.Members(t.Context(), "nam", MemberFilter{}) {
		refused(CodeInvalid, "sort", "did you mean name?").check(t, err)
	}
}

func TestSelectors(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Selector{
		"anna":                 {"", "anna"},
		"anna@example.ch":      {"", "anna@example.ch"},
		"email:anna":           {"email", "anna"},
		"username:a:b":         {"username", "a:b"},
		"id:12":                {"id", "12"},
		"ID:12":                {"", "ID:12"},
		"phone:12":             {"", "phone:12"},
		"email:":               {"email", ""},
		"":                     {},
		"username:id:12":       {"username", "id:12"},
		"http://x.example/?a=": {"", "http://x.example/?a="},
	} {
		got := ParseSelector(text)
		if got != want || got.String() != text {
			t.Errorf("%q reads as %+v and prints as %q", text, got, got.String())
		}
	}
}

// A member is named by e-mail, username or id; two that fit are a conflict.
func TestSelectorsFind(t *testing.T) {
	t.Parallel()
	facts := team(of(
		anna(signsIn, named("12")), // the id of bert
		bert(named("cleo@example.ch")),
		cleo(subaccount("cleo", "copywriter"), signsIn),
		person(14, "österreich@münchen.de", signsIn),
	))
	facts.Found[0].Login.Username = "12"
	found := func(email string) refusal { return refusal{field: email} }
	for selector, want := range map[string]refusal{
		"anna@example.ch":                 found("anna@example.ch"),
		"ANNA@EXAMPLE.CH":                 found("anna@example.ch"),
		"email:anna@example.ch":           found("anna@example.ch"),
		"username:12":                     found("anna@example.ch"),
		"id:11":                           found("anna@example.ch"),
		"11":                              found("anna@example.ch"),
		"id:12":                           found("bert@example.ch"),
		"username:Cleo@example.ch":        found("bert@example.ch"),
		"acme-cleo":                       found("cleo@example.ch"),
		"email:cleo@example.ch":           found("cleo@example.ch"),
		"österreich@xn--mnchen-3ya.de":    found("österreich@münchen.de"),
		"email:Österreich@MÜNCHEN.de":     found("österreich@münchen.de"),
		"12":                              refused(CodeConflict, "member", "anna@example.ch and bert@example.ch", "email:, username: or id:"),
		"cleo@example.ch":                 refused(CodeConflict, "member", "bert@example.ch and cleo@example.ch", "email:, username: or id:"),
		"username:anna@example.ch":        refused(CodeNotFound, "member", `"username:anna@example.ch"`, "account acme", "staffctl member list --search"),
		"email:12":                        refused(CodeNotFound, "member", `"email:12"`),
		"id:anna@example.ch":              refused(CodeNotFound, "member"),
		"id:0":                            refused(CodeNotFound, "member"),
		"":                                refused(CodeNotFound, "member"),
		"email:":                          refused(CodeNotFound, "member"),
		"username:":                       refused(CodeNotFound, "member"),
		"dora@example.ch":                 refused(CodeNotFound, "member", "dora@example.ch"),
		"id:9223372036854775808":          refused(CodeNotFound, "member"),
		"username:" + string(rune(0x202)): refused(CodeNotFound, "member"),
	} {
		t.Run(selector, func(t *testing.T) {
			t.Parallel()
			email := want.field
			if want.code != "" {
				email = ""
			}
			planned, planErr := newStaff(nil).planOn(copyOf(facts), do(ChangeMail{ParseSelector(selector), MailSet, []string{"news"}}))
			p, askErr := newStaff(storeOf(copyOf(facts))).Person(t.Context(), "acme", ParseSelector(selector))
			for _, err := range []error{planErr, askErr} {
				want.check(t, err)
				if IsUnknownMember(err) != (want.code == CodeNotFound) {
					t.Errorf("%v counts as an unknown member: %v", err, IsUnknownMember(err))
				}
			}
			if planErr == nil && planned.Results[0].Member.Email != email || askErr == nil && p.Email != email {
				t.Errorf("found %+v and %+v, want %s", planned, p, email)
			}
		})
	}
}
