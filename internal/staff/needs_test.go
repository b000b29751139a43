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
	token := testKey.Token(linkTo(ForInvite, "dora@example.ch"))
	for _, c := range []struct {
		action Action
		want   Needs
	}{
		{add("dora@example.ch"), Needs{Members: []Selector{dora, username("dora@example.ch")}, Usernames: []string{"dora@example.ch"}}},
		{add("dora@example.ch", withUsername("globex-d")), Needs{Members: []Selector{dora, username("globex-d")}, Usernames: []string{"globex-d"}, AccountNames: []string{"globex"}}},
		{EditMember{Member: anna}, ofAnna},
		{setEmail("anna@example.ch", "Dora@example.ch"), Needs{Members: []Selector{anna, by("Dora@example.ch"), username("Dora@example.ch")}, Usernames: []string{"dora@example.ch"},
			Senders: []string{"dora@example.ch"}}},
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
		{CreateSubaccount{Name: "shop", Email: "Dora@example.ch"}, Needs{Members: []Selector{by("Dora@example.ch")}, Subaccounts: []string{"shop"}, Senders: []string{"dora@example.ch"}}},
		{SetRole{Name: "acme-shop"}, Needs{Subaccounts: []string{"acme-shop"}}},
		{ResendConfirmation{Name: "shop"}, Needs{Subaccounts: []string{"shop"}}},
		{RemoveSubaccount{Name: "shop"}, Needs{Subaccounts: []string{"shop"}}},
		{ResetPassword{Member: anna}, ofAnna},
		{SendInvite{Email: "Dora@example.ch"}, Needs{Members: []Selector{by("Dora@example.ch")}, InviteEmails: []string{"dora@example.ch"}}},
		{ResendInvite{Invite: 21}, Needs{InviteIDs: []ID{21}}},
		{RevokeInvite{Invite: 21}, Needs{InviteIDs: []ID{21}}},
		{ConfirmSubaccount{Token: token}, Needs{Link: linkID, NoAccount: true, MemberUsernames: true}},
		{ChoosePassword{Token: token}, Needs{Link: linkID, NoAccount: true}},
		{AcceptInvite{Token: token}, Needs{Link: linkID, NoAccount: true, MemberUsernames: true}},
		{AcceptInvite{Token: token, Username: "globex-D"}, Needs{Link: linkID, NoAccount: true, MemberUsernames: true, Members: []Selector{username("globex-D")},
			Usernames: []string{"globex-d"}, AccountNames: []string{"globex"}}},
		{AcceptInvite{Token: token, Proof: &Proof{username: "Dora"}}, Needs{Link: linkID, NoAccount: true, MemberUsernames: true, Members: []Selector{username("Dora")},
			Usernames: []string{"dora"}, Login: "dora"}},
		{AcceptInvite{Token: "no token"}, Needs{Link: -1, NoAccount: true, MemberUsernames: true}}, // not that of an account by its name
		{DiscardMail{Mail: 41}, Needs{Mail: 41, NoAccount: true}},
	} {
		var got Needs
		c.action.needs(&got)
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", c.action.Kind(), d)
		}
	}
}
