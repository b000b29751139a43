package staff

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// entry is one of a member in a team file.
func entry(email string, access ...string) TeamMember {
	return TeamMember{TeamPerson: TeamPerson{Line: 7, Email: email, FirstName: strings.ToUpper(email[:1]) + email[1:strings.Index(email, "@")], LastName: "Muster"}, Access: access}
}

func later(m *Member) { m.CreatedAt++ }

func TestTeamPrune(t *testing.T) {
	all := MaxRemovals{100, true}
	ida := person(14, "ida@example.ch", opens("all"), signsIn, later)
	for name, c := range map[string]struct {
		facts   *Facts
		owner   string
		members []TeamMember
		max     MaxRemovals
		done    []string // actions with subjects
		kept    string
		code    Code
	}{
		"who is not in it": {facts: team(of(anna(opens("all"), signsIn), bert(), cleo())), members: []TeamMember{entry("anna@example.ch", "all")}, max: all,
			done: []string{"member.remove bert@example.ch", "member.remove cleo@example.ch"}},
		"not the owner": {facts: team(of(anna(opens("all")), bert()), ownedBy(anna())), members: []TeamMember{entry("bert@example.ch")}, max: all, kept: "anna@example.ch is not in the team file, and stays as the owner"},
		"but a former owner": {facts: team(of(anna(opens("all")), bert()), ownedBy(anna())), owner: "bert@example.ch", members: []TeamMember{entry("bert@example.ch", "all")}, max: all,
			done: []string{"member.add bert@example.ch", "account.set-owner anna@example.ch", "member.remove anna@example.ch"}},
		"nor an owner to be": {facts: team(of(anna(), bert(opens("all")))), owner: "bert@example.ch", members: []TeamMember{entry("anna@example.ch")}, max: all,
			done: []string{"account.set-owner anna@example.ch"}, kept: "bert@example.ch"},
		"not the last administrator, the oldest": {facts: team(of(ida, anna(opens("all"), signsIn), bert())), members: []TeamMember{entry("bert@example.ch")}, max: all,
			done: []string{"member.remove ida@example.ch"}, kept: "anna@example.ch is not in the team file, and stays as its last administrator"},
		"who is one in the file counts": {facts: team(of(anna(opens("all"), signsIn), bert(signsIn))), members: []TeamMember{entry("bert@example.ch", "all")}, max: all,
			done: []string{"member.remove anna@example.ch", "member.add bert@example.ch"}},
		"who is none any more does not": {facts: team(of(anna(opens("all"), signsIn), bert(opens("all"), signsIn))), members: []TeamMember{entry("bert@example.ch")}, max: all,
			done: []string{"member.add bert@example.ch"}, kept: "anna@example.ch"},
		"a tenth, rounded up": {facts: team(of(anna(), bert(), cleo())), members: []TeamMember{entry("anna@example.ch"), entry("bert@example.ch")}, max: DefaultMaxRemovals(),
			done: []string{"member.remove cleo@example.ch"}},
		"and no more": {facts: team(of(anna(), bert(), cleo())), members: []TeamMember{entry("anna@example.ch")}, max: DefaultMaxRemovals(), code: CodeForbidden},
		"none at all": {facts: team(of(anna(), bert())), members: []TeamMember{entry("anna@example.ch")}, max: MaxRemovals{}, code: CodeForbidden},
	} {
		t.Run(name, func(t *testing.T) {
			wanted := &Team{Members: &c.members}
			if c.owner != "" {
				wanted.Owner = &c.owner
			}
			plan, err := newStaff(storeOf(c.facts)).PlanTeam(t.Context(), wanted, TeamOptions{Prune: true, MaxRemovals: c.max})
			if c.code != "" {
				if CodeOf(err) != c.code {
					t.Errorf("gave %v, want %s", err, c.code)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			var done []string
			for _, r := range plan.Results {
				if r.Changed {
					done = append(done, r.Action+" "+subjectOf(&r))
				}
			}
			if diff := cmp.Diff(c.done, done); diff != "" {
				t.Errorf("done (-want +got):\n%s", diff)
			}
			if kept := strings.Join(plan.Kept, "; "); !strings.Contains(kept, c.kept) || c.kept == "" && kept != "" {
				t.Errorf("kept %q, want %q", kept, c.kept)
			}
		})
	}
}

// subjectOf is the member, or else the owner before.
func subjectOf(r *Result) string {
	if r.Member != nil {
		return r.Member.Email
	}
	return "anna@example.ch"
}

// An entry that a rule refuses is named with its file, its line and its section.
func TestTeamNamesEntries(t *testing.T) {
	wanted := &Team{File: "team.yaml", Members: &[]TeamMember{entry("anna@example.ch"), entry("bert@example.ch", "nonsense")},
		Lines: map[string]int{"plan": 3}}
	s := newStaff(storeOf(team(of(anna()))))
	if _, err := s.PlanTeam(t.Context(), wanted, TeamOptions{}); err == nil || !strings.HasPrefix(err.Error(), `team.yaml: line 7: members: bert@example.ch: no area "nonsense"`) {
		t.Errorf("an entry: %v", err)
	}
	wanted.Members, wanted.Tariff = nil, new("gold")
	if _, err := s.PlanTeam(t.Context(), wanted, TeamOptions{}); err == nil || !strings.HasPrefix(err.Error(), `team.yaml: line 3: plan: no plan "gold"`) {
		t.Errorf("a setting: %v", err)
	}
}

func TestMaxRemovals(t *testing.T) {
	for text, want := range map[string]int{"0": 0, "3": 3, "0%": 0, "1%": 1, "10%": 2, "50%": 6, "100%": 11} {
		m, err := ParseMaxRemovals("max-removals", text)
		if err != nil || m.of(11) != want || m.String() != text {
			t.Errorf("%s of 11 is %d, %v; want %d", text, m.of(11), err, want)
		}
	}
	for _, text := range []string{"", "-1", "101%", "%", "all", "1.5"} {
		if _, err := ParseMaxRemovals("max-removals", text); CodeOf(err) != CodeInvalid {
			t.Errorf("%q gave %v", text, err)
		}
	}
}

// Applying asks the store once, and commits once.
func TestTeamInOneStep(t *testing.T) {
	store := storeOf(team(of(anna(opens("all"), signsIn), bert())))
	wanted := &Team{Members: &[]TeamMember{entry("anna@example.ch", "all"), entry("bert@example.ch", "invoices"), entry("neu@example.ch")}}
	if _, err := newStaff(store).ApplyTeam(t.Context(), wanted, TeamOptions{}); err != nil {
		t.Fatal(err)
	}
	if store.loads != 1 || len(store.commits) != 1 {
		t.Fatalf("%d loads and %d commits", store.loads, len(store.commits))
	}
	if c := store.commits[0]; len(c.Audit) != 2 || !slices.ContainsFunc(c.Guards, func(g Guard) bool { return g.Table == GuardCounter }) {
		t.Errorf("audit %d, guards %+v", len(c.Audit), c.Guards)
	}
}

// invites is a team that invites people and manages nothing else.
func invites(entries ...TeamInvite) *Team { return &Team{Invites: &entries} }

func TestTeamInvites(t *testing.T) {
	pending := invitation("ina@example.ch")
	ina := TeamInvite{Line: 3, Email: "Ina@example.ch", Access: pending.Access.List()}
	wider := ina
	wider.Access = []string{"all"}
	for name, c := range map[string]struct {
		facts  *Facts
		wanted *Team
		done   []string
		code   Code
	}{
		"new":                     {facts: team(nil), wanted: invites(ina), done: []string{"invite.send pending"}},
		"pending":                 {facts: team(nil, invited(pending)), wanted: invites(ina)},
		"pending for less":        {facts: team(nil, invited(pending)), wanted: invites(wider), done: []string{"invite.send pending"}},
		"in another language":     {facts: team(nil, invited(pending)), wanted: invites(TeamInvite{Email: ina.Email, Access: ina.Access, Language: "en"}), done: []string{"invite.send pending"}},
		"expired":                 {facts: team(nil, invited(invitation("ina@example.ch", expired))), wanted: invites(ina), done: []string{"invite.send pending"}},
		"accepted":                {facts: team(of(person(16, "ina@example.ch", signsIn)), invited(invitation("ina@example.ch", in(InviteAccepted)))), wanted: invites(ina)},
		"who can sign in":         {facts: team(of(person(16, "ina@example.ch", signsIn, suspended))), wanted: invites(ina)},
		"who cannot":              {facts: team(of(person(16, "ina@example.ch"))), wanted: invites(ina), done: []string{"invite.send pending"}},
		"pending for a suspended": {facts: team(of(person(16, "ina@example.ch", suspended)), invited(pending)), wanted: invites(ina)},
		"new for a suspended":     {facts: team(of(person(16, "ina@example.ch", suspended))), wanted: invites(ina), code: CodeForbidden},
		"not in it":               {facts: team(nil, invited(pending)), wanted: invites(), done: []string{"invite.revoke revoked"}},
		"nor managed":             {facts: team(nil, invited(pending)), wanted: &Team{}},
		"expired and not in it":   {facts: team(nil, invited(invitation("ina@example.ch", expired))), wanted: invites()},
		"for nothing":             {facts: team(nil), wanted: invites(TeamInvite{Email: "ina@example.ch"}), code: CodeInvalid},
	} {
		plan, err := newStaff(storeOf(c.facts)).PlanTeam(t.Context(), c.wanted, TeamOptions{Prune: true, MaxRemovals: DefaultMaxRemovals()})
		if err != nil || c.code != "" {
			if err == nil || CodeOf(err) != c.code {
				t.Errorf("%s: %v, want %q", name, err, c.code)
			}
			continue
		}
		var done []string
		for _, r := range plan.Results {
			if r.Changed {
				done = append(done, r.Action+" "+string(r.Invite.State))
			}
			if r.Mail != nil || r.Link != nil {
				t.Errorf("%s: somebody is mailed", name)
			}
		}
		if diff := cmp.Diff(c.done, done); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// A subaccount that is confirmed stays so, whatever its entry changes.
func TestTeamSubaccounts(t *testing.T) {
	confirmed := person(17, "shop@example.ch", signsIn)
	confirmed.Subaccount, confirmed.Access, confirmed.Login.Username = "shop", Access{Kind: AccessRole, Role: "copywriter"}, "acme-shop"
	facts := team(of(confirmed))
	facts.Account.Tariff = Enterprise
	wanted := &Team{Subaccounts: &[]TeamSubaccount{{Name: "shop", Role: "customer-support", TeamPerson: TeamPerson{Email: "laden@example.ch", LastName: "Laden"}}}}
	plan, err := newStaff(storeOf(facts)).PlanTeam(t.Context(), wanted, TeamOptions{Mail: true})
	if err != nil {
		t.Fatal(err)
	}
	if m := plan.Results[0].Member; m.Pending || m.Login == nil || m.Email != "laden@example.ch" || m.Access.Role != "customer-support" || plan.Results[0].Mail != nil {
		t.Errorf("it became %+v", m)
	}
}
