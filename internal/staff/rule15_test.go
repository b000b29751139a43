package staff

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// TestRule15Resend: a new link ends the old.
func TestRule15Resend(t *testing.T) {
	t.Parallel()
	ina := invitation("ina@example.ch")
	resend := do(ResendInvite{Invite: inviteID})
	ofIna := func(details ...func(*Invite)) *Facts {
		return team(nil, invited(invitation("ina@example.ch", details...)))
	}
	short := func(i *Invite) {
		i.UpdatedAt, i.ExpiresAt = noon.Add(-time.Hour).UnixMilli(), noon.Add(4*time.Hour).UnixMilli()
	}
	lasts := func(d time.Duration) func(t *testing.T, p *Plan) {
		return func(t *testing.T, p *Plan) {
			t.Helper()
			l := p.commit.Links[0]
			if l.ExpiresAt != noon.Add(d).UnixMilli() || l.InviteID != inviteID {
				t.Errorf("the link lasts until %s", time.UnixMilli(l.ExpiresAt).UTC())
			}
			endsLinks(LinkEnd{Invite: inviteID})(t, p)
		}
	}
	runPlans(t, []planCase{
		{name: "at once", facts: team(nil, invited(ina)), actions: resend, want: inviteLines("invite.resend", mailedToIna...),
			check: func(t *testing.T, p *Plan) {
				lasts(72*time.Hour)(t, p)
				if g := p.commit.Guards; len(p.commit.Invites) == 0 && (len(g) < 2 || g[0] != (Guard{GuardInvite, inviteID, 2})) {
					t.Errorf("nothing holds on to the invite: %+v", g)
				}
			}},
		{name: "lasts as long again", facts: ofIna(short), actions: resend, want: inviteLines("invite.resend",
			`  expires_at: "2026-11-22T16:00:00.000Z" -> "2026-11-22T17:00:00.000Z"`, mailedToIna[0], mailedToIna[1]), check: lasts(5 * time.Hour)},
		{name: "shown", facts: team(nil, invited(ina)), actions: do(ResendInvite{Invite: inviteID, Show: true}),
			want: inviteLines("invite.resend", `  link: null -> "shown"`, "  @ shown: invite for ina@example.ch")},
		{name: "expired", facts: ofIna(expired), actions: resend, want: inviteLines("invite.resend",
			`  expires_at: "2026-11-22T12:00:00.000Z" -> "`+inviteLapses+`"`, mailedToIna[0], mailedToIna[1]), check: lasts(72 * time.Hour)},
		{name: "made place for another, which is revoked", facts: ofIna(expired, in(InviteExpired)), actions: resend, want: inviteLines("invite.resend",
			`  status: "expired" -> "pending"`, `  expires_at: "2026-11-22T12:00:00.000Z" -> "`+inviteLapses+`"`, mailedToIna[0], mailedToIna[1]), check: lasts(72 * time.Hour)},
		{name: "made place for one that has expired", facts: team(nil, invited(invitation("ina@example.ch", expired, in(InviteExpired)), invitation("Ina@example.ch", numbered(22), expired))),
			actions: resend, want: inviteLines("invite.resend", `  status: "expired" -> "pending"`, `  expires_at: "2026-11-22T12:00:00.000Z" -> "`+inviteLapses+`"`, mailedToIna[0], mailedToIna[1]),
			check: func(t *testing.T, p *Plan) {
				// What stops being pending comes first, since the store knows no clock.
				if c := p.commit.Invites; len(c) != 2 || c[0].After.ID != 22 || c[0].After.State != InviteExpired || c[1].After.ID != inviteID {
					t.Errorf("invites %+v", c)
				}
			}},
		{name: "there is a newer one", facts: team(nil, invited(invitation("ina@example.ch", expired, in(InviteExpired)), invitation("Ina@example.ch", numbered(22)))), actions: resend,
			err: refused(CodeConflict, "invite", "ina@example.ch has a newer invite, 22", "mail that again")},
		{name: "accepted", facts: ofIna(in(InviteAccepted)), actions: resend, err: refused(CodeForbidden, "invite", "the invite of ina@example.ch is accepted", "staffctl invite send")},
		{name: "revoked", facts: ofIna(in(InviteRevoked)), actions: resend, err: refused(CodeForbidden, "invite", "the invite of ina@example.ch is revoked", "staffctl invite send")},
		{name: "who can sign in since", facts: team(of(person(16, "ina@example.ch", signsIn)), invited(ina)), actions: resend, err: refused(CodeConflict, "email", "can sign in")},
		{name: "who is suspended since", facts: team(of(person(16, "ina@example.ch", suspended)), invited(ina)), actions: resend, err: refused(CodeForbidden, "email", "suspended")},
		{name: "a grant that is gone since", facts: ofIna(func(i *Invite) { i.Access = Access{Kind: AccessGrants, Grants: []string{"fax"}} }), actions: resend, err: refused(CodeInvalid, "access", `"fax"`)},
		{name: "unknown", facts: team(nil), actions: resend, err: refused(CodeNotFound, "invite", "no invite 21 in account acme", "staffctl invite list")},
	})
}

// TestRule15Revoke: revoking ends the link.
func TestRule15Revoke(t *testing.T) {
	t.Parallel()
	revoke := do(RevokeInvite{Invite: inviteID})
	ofIna := func(details ...func(*Invite)) *Facts {
		return team(nil, invited(invitation("ina@example.ch", details...)))
	}
	ends := endsLinks(LinkEnd{Invite: inviteID})
	runPlans(t, []planCase{
		{name: "pending", facts: ofIna(), actions: revoke, want: inviteLines("invite.revoke", `  status: "pending" -> "revoked"`), check: ends},
		{name: "expired", facts: ofIna(expired), actions: revoke, want: inviteLines("invite.revoke", `  status: "pending" -> "revoked"`), check: ends},
		{name: "again", facts: ofIna(in(InviteRevoked)), actions: revoke, want: []string{"invite.revoke ina@example.ch unchanged"}},
		{name: "accepted", facts: ofIna(in(InviteAccepted)), actions: revoke, err: refused(CodeForbidden, "invite", "the invite of ina@example.ch is accepted", "staffctl member remove")},
		{name: "unknown", facts: team(nil), actions: revoke, err: refused(CodeNotFound, "invite", "no invite 21 in account acme", "staffctl invite list")},
		{name: "and sent anew", facts: ofIna(), actions: append(revoke, send()), want: append(inviteLines("invite.revoke", `  status: "pending" -> "revoked"`), sent(mailedToIna...)...)},
	})
}

// TestRule15MemberChanges: what a pending invite was sent for ends it, too.
func TestRule15MemberChanges(t *testing.T) {
	t.Parallel()
	ina := func(traits ...trait) *Facts {
		return team(of(anna(signsIn, opens("all")), person(16, "ina@example.ch", traits...)), invited(invitation("ina@example.ch"), invitation("bert@example.ch", numbered(22))))
	}
	for name, c := range map[string]struct {
		facts  *Facts
		action Action
		ends   bool
	}{
		"removed":        {ina(), RemoveMember{Member: by("ina@example.ch")}, true},
		"another e-mail": {ina(), setEmail("ina@example.ch", "neu@example.ch"), true},
		"another access": {ina(), setAccess("ina@example.ch", "invoices"), true},
		"first password": {ina(), setPassword("ina@example.ch"), true},
		"another name":   {ina(), EditMember{Member: by("ina@example.ch"), Details: Details{FirstName: new("Ida")}}, false},
		"somebody else":  {ina(), RemoveMember{Member: by("anna@example.ch")}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.facts.Administrators = 0 // rule 5 is another matter
			plan, err := newStaff(nil).planOn(c.facts, do(c.action))
			if err != nil {
				t.Fatal(err)
			}
			ended := len(plan.commit.Invites) == 1 && plan.commit.Invites[0].After.ID == inviteID && plan.commit.Invites[0].After.State == InviteRevoked
			warned := strings.Contains(strings.Join(plan.Results[0].Warnings, "\n"), "the pending invite of ina@example.ch is revoked by this")
			if ended != c.ends || warned != c.ends || c.ends && !slices.Contains(plan.commit.EndLinks, LinkEnd{Invite: inviteID}) {
				t.Errorf("invites %+v, links %+v, warnings %q", plan.commit.Invites, plan.commit.EndLinks, plan.Results[0].Warnings)
			}
		})
	}
}
