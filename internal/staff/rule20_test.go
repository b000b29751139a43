package staff

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// endsSessions asserts which sessions the plan ends.
func endsSessions(want ...SessionEnd) func(t *testing.T, p *Plan) {
	return func(t *testing.T, p *Plan) {
		t.Helper()
		if d := cmp.Diff(want, p.commit.EndSessions); d != "" {
			t.Errorf("sessions that end (-want +got):\n%s", d)
		}
	}
}

// TestRule20Ends: suspension, and a change of username, password or number, end
// the sessions; what is no such change ends none.
func TestRule20Ends(t *testing.T) {
	t.Parallel()
	facts := func(traits ...trait) *Facts {
		return team(of(anna(opens("all"), signsIn), bert(append([]trait{opens("api"), signsIn}, traits...)...)))
	}
	his, login := by("bert@example.ch"), endsSessions(SessionEnd{Login: 112})
	member, none := endsSessions(SessionEnd{Member: 12}), endsSessions()
	warned := "  ! no area is open to bert@example.ch; grant some with staffctl member grant"
	reset := linkOf(bert(signsIn))
	runPlans(t, []planCase{
		{name: "a password", facts: facts(), actions: do(setPassword("bert@example.ch")), check: login,
			want: []string{"member.set-password bert@example.ch", `  password: "set" -> "set"`}},
		{name: "a temporary password", facts: facts(), check: login,
			actions: do(SetPassword{Member: his, Password: PlainPassword(newSecret), MustChange: true}),
			want:    []string{"member.set-password bert@example.ch", `  password: "set" -> "set"`, `  must_change: null -> true`}},
		{name: "a password by a link", facts: func() *Facts { f := facts(); f.Link = reset; return f }(), check: login,
			actions: do(ChoosePassword{Token: testKey.Token(reset), Password: PlainPassword(newSecret)}),
			want:    []string{"member.choose-password bert@example.ch", `  password: "set" -> "set"`, "  @ password-changed in de to bert@example.ch"}},
		{name: "a username", facts: facts(), actions: do(SetUsername{Member: his, Username: "bert"}), check: login,
			want: []string{"member.set-username bert@example.ch", `  username: "bert@example.ch" -> "bert"`}},
		{name: "a username in other letters", facts: facts(), actions: do(SetUsername{Member: his, Username: "Bert@example.ch"}), check: login,
			want: []string{"member.set-username bert@example.ch", `  username: "bert@example.ch" -> "Bert@example.ch"`}},
		{name: "the same username", facts: facts(), actions: do(SetUsername{Member: his, Username: "bert@example.ch"}), check: none,
			want: []string{"member.set-username bert@example.ch unchanged"}},
		{name: "a suspension", facts: facts(), actions: do(Suspend{Member: his}), check: member,
			want: []string{"member.suspend bert@example.ch", `  suspended: null -> true`}},
		{name: "a suspension of a login of two accounts", facts: facts(signsInElsewhere), actions: do(Suspend{Member: his}), check: member,
			want: []string{"member.suspend bert@example.ch", `  suspended: null -> true`}},
		{name: "suspended already", facts: facts(suspended), actions: do(Suspend{Member: his}), check: none, want: []string{"member.suspend bert@example.ch unchanged"}},
		{name: "suspended, and another password", facts: facts(), actions: do(Suspend{Member: his}, setPassword("bert@example.ch")),
			check: endsSessions(SessionEnd{Member: 12}, SessionEnd{Login: 112}),
			want:  []string{"member.suspend bert@example.ch", `  suspended: null -> true`, "member.set-password bert@example.ch", `  password: "set" -> "set"`}},
		{name: "resumed", facts: facts(suspended), actions: do(Resume{Member: his}), check: none,
			want: []string{"member.resume bert@example.ch", `  suspended: true -> false`}},
		{name: "suspended and resumed at once", facts: facts(), actions: do(Suspend{Member: his}, Resume{Member: his}), check: none,
			want: []string{"member.suspend bert@example.ch", `  suspended: null -> true`, "member.resume bert@example.ch", `  suspended: true -> false`}},
		{name: "an e-mail", facts: facts(), actions: do(setEmail("bert@example.ch", "neu@example.ch")), check: none,
			want: []string{"member.edit neu@example.ch", `  email: "bert@example.ch" -> "neu@example.ch"`, `  login_email: "bert@example.ch" -> "neu@example.ch"`}},
		{name: "a name", facts: facts(), actions: do(EditMember{Member: his, Details: Details{LastName: new("Anders")}}), check: none,
			want: []string{"member.edit bert@example.ch", `  last_name: "Muster" -> "Anders"`}},
		{name: "access", facts: facts(), actions: do(setAccess("bert@example.ch", "none")), check: none,
			want: []string{"member.set-access bert@example.ch", `  access: ["api"] -> ["none"]`}},
		{name: "a first password", facts: team(of(bert())), actions: do(setPassword("bert@example.ch")), check: none,
			want: []string{"member.set-password bert@example.ch", `  password: null -> "set"`, `  login_email: null -> "bert@example.ch"`, warned}},
		{name: "a proposal", facts: team(of(bert())), actions: do(SetUsername{Member: his, Username: "bert"}), check: none,
			want: []string{"member.set-username bert@example.ch", `  username: "bert@example.ch" -> "bert"`}},
		{name: "another's password", facts: facts(), actions: do(setPassword("anna@example.ch")), check: endsSessions(SessionEnd{Login: 111}),
			want: []string{"member.set-password anna@example.ch", `  password: "set" -> "set"`}},
	})
}

// TestRule20Operator: what an operator does ends the sessions at once, and only
// those.
func TestRule20Operator(t *testing.T) {
	t.Parallel()
	acme := by("dora@acme.ch")
	for name, c := range map[string]struct {
		is      shape
		account string
		do      []Action
		after   []Stage // of a session in acme and one in globex
	}{
		"set-password": {shape{acme: TwoFactorOff}, "acme", do(SetPassword{Member: acme, Password: PlainPassword(chosen)}), []Stage{""}},
		"set-username": {shape{acme: TwoFactorOff}, "acme", do(SetUsername{Member: acme, Username: "doris"}), []Stage{""}},
		"suspend":      {shape{acme: TwoFactorOff}, "acme", do(Suspend{Member: acme}), []Stage{""}},
		"and resume":   {shape{acme: TwoFactorOff}, "acme", do(Suspend{Member: acme}), []Stage{""}},
		"remove":       {shape{acme: TwoFactorOff}, "acme", do(RemoveMember{Member: acme}), []Stage{""}},
		"edit --email": {shape{acme: TwoFactorOff}, "acme", do(EditMember{Member: acme, Email: new("neu@acme.ch")}), []Stage{StageOpen}},
		"edit --phone": {shape{acme: TwoFactorOff}, "acme", do(EditMember{Member: acme, AddPhones: []string{"mobile=" + handset}}), []Stage{StageOpen}},
		"set-access":   {shape{acme: TwoFactorOff}, "acme", do(SetAccess{Member: acme, Access: []string{"none"}}), []Stage{StageOpen}},
		"suspend in one of two": {shape{acme: TwoFactorOff, globex: TwoFactorOff}, "acme", do(Suspend{Member: acme}),
			[]Stage{"", StageOpen}},
		"remove from one of two": {shape{acme: TwoFactorOff, globex: TwoFactorOff}, "acme", do(RemoveMember{Member: acme}),
			[]Stage{"", StageOpen}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDoor(t, c.is)
			d.store.facts.Found = append(d.store.facts.Found, person(99, "boss@acme.ch", opens("all"), signsIn))
			var tokens []Secret
			for i := range c.after {
				token, v := d.signIn()
				if v.Session.Stage == StageAccount {
					var err error
					if token, _, err = d.s.ChooseAccount(t.Context(), token, []string{"acme", "globex"}[i], ""); err != nil {
						t.Fatal(err)
					}
				}
				tokens = append(tokens, token)
			}
			if _, err := d.s.Do(t.Context(), c.account, c.do...); err != nil {
				t.Fatal(err)
			}
			if name == "and resume" {
				if _, err := d.s.Do(t.Context(), c.account, Resume{Member: acme}); err != nil {
					t.Fatal(err)
				}
			}
			for i, token := range tokens {
				d.stages(c.after[i], token)
			}
		})
	}
}
