package staff

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Each action asks for the facts that its rules look at.
func TestNeeds(t *testing.T) {
	t.Parallel()
	anna, dora := by("anna@example.ch"), by("dora@example.ch")
	username := func(u string) Selector { return Selector{"username", u} }
	ofAnna := Needs{Members: []Selector{anna}}
	for _, c := range []struct {
		action Action
		want   Needs
	}{
		{add("dora@example.ch"), Needs{Members: []Selector{dora, username("dora@example.ch")}, Usernames: []string{"dora@example.ch"}}},
		{add("dora@example.ch", withUsername("globex-d")), Needs{Members: []Selector{dora, username("globex-d")}, Usernames: []string{"globex-d"}, AccountNames: []string{"globex"}}},
		{EditMember{Member: anna}, ofAnna},
		{setEmail("anna@example.ch", "dora@example.ch"), Needs{Members: []Selector{anna, dora, username("dora@example.ch")}, Usernames: []string{"dora@example.ch"}}},
		{SetUsername{anna, "dora"}, Needs{Members: []Selector{anna, username("dora")}, Usernames: []string{"dora"}}},
		{setPassword("anna@example.ch"), Needs{Members: []Selector{anna}, MemberUsernames: true}},
		{Suspend{anna}, ofAnna},
		{Resume{anna}, ofAnna},
		{RemoveMember{anna}, ofAnna},
		{Grant{anna, nil}, ofAnna},
		{Revoke{anna, nil}, ofAnna},
		{SetAccess{anna, nil}, ofAnna},
		{ChangeMail{Member: anna}, ofAnna},
		{SetOwner{anna}, ofAnna},
		{SetAccount{}, Needs{}},
		{AddSender{"News@EXAMPLE.ch"}, Needs{Registrations: []string{"news@example.ch"}}},
		{RemoveSender{"news@example.ch"}, Needs{}},
		{CreateAccount{Name: "globex"}, Needs{Account: "globex", NoAccount: true, LoginPrefix: "globex-"}},
		{ApplyCatalog{}, Needs{NoAccount: true, CatalogUse: true}},
		{PruneAudit{before}, Needs{NoAccount: true, AuditBefore: before}},
	} {
		var got Needs
		c.action.needs(&got)
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", c.action.Kind(), d)
		}
	}
}
