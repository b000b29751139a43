package staff

import (
	"strings"
	"testing"
)

// TestRule8Name: the operator gives the part after the prefix.
func TestRule8Name(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"a", "0", "a-b", "a-", "0-9", strings.Repeat("x", 32), "acme-shop"} {
		p, err := newStaff(nil).planOn(team(nil, enterprise), do(create(naming(name))))
		if err != nil {
			t.Errorf("%q: %v", name, err)
			continue
		}
		if m := addedMember(t, p); m.Subaccount != name || m.Username() != "acme-"+name {
			t.Errorf("%q became %q with username %q", name, m.Subaccount, m.Username())
		}
	}
	for _, name := range []string{"", "-", "-a", "A", "Shop", "a_b", "a.b", "a b", " a", "ä", "a@b", strings.Repeat("x", 33), "a\x00", "a\n"} {
		_, err := newStaff(nil).planOn(team(nil, enterprise), do(create(naming(name))))
		refused(CodeInvalid, "name", "a to z, 0 to 9 and hyphens", "1 to 32", "leave out acme-").check(t, err)
	}
}

// The prefix is the account's name, and the username never changes.
func TestRule8Prefix(t *testing.T) {
	t.Parallel()
	twin := person(15, "twin@example.ch", subaccount("acme-shop", "api-user"), pending)
	facts := func() *Facts { return team(of(sina(pending), twin)) }
	runPlans(t, []planCase{
		{name: "by name", facts: facts(), actions: do(SetRole{"shop", "api-user"}), want: []string{"subaccount.set-role sina@example.ch",
			`  access: ["role:copywriter"] -> ["role:api-user"]`, "  ! the confirmation link of acme-shop has ended by this; mail a new one with staffctl subaccount resend shop"}},
		{name: "a name that is another's username", facts: facts(), actions: do(SetRole{"acme-shop", "copywriter"}), want: []string{"subaccount.set-role twin@example.ch",
			`  access: ["role:api-user"] -> ["role:copywriter"]`, "  ! the confirmation link of acme-acme-shop has ended by this; mail a new one with staffctl subaccount resend acme-shop"}},
		{name: "by username", facts: facts(), actions: do(SetRole{"acme-acme-shop", "api-user"}), want: []string{"subaccount.set-role twin@example.ch unchanged"}},
		{name: "another account's prefix", facts: facts(), actions: do(SetRole{"globex-shop", "api-user"}), err: refused(CodeNotFound, "name", `"globex-shop"`)},
		{name: "its username stays", facts: facts(), actions: do(SetUsername{by("sina@example.ch"), "shop"}), err: refused(CodeForbidden, "username", "acme-shop never changes")},
		{name: "a member may not take the prefix", facts: team(of(anna(signsIn)), enterprise), actions: do(SetUsername{by("anna@example.ch"), "acme-shop"}),
			err: refused(CodeConflict, "username", "reserved", "subaccounts of account acme")},
	})
}
