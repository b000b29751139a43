package staff

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// send invites ina to api.
func send(more ...func(*SendInvite)) SendInvite {
	a := SendInvite{Email: "ina@example.ch", Access: []string{"api"}}
	for _, do := range more {
		do(&a)
	}
	return a
}

func mailTo(email string) func(*SendInvite)     { return func(a *SendInvite) { a.Email = email } }
func toOpen(words ...string) func(*SendInvite)  { return func(a *SendInvite) { a.Access = words } }
func lasting(d time.Duration) func(*SendInvite) { return func(a *SendInvite) { a.Expires = d } }
func speaking(language string) func(*SendInvite) {
	return func(a *SendInvite) { a.Language = &language }
}
func orElse(c OnConflict) func(*SendInvite) { return func(a *SendInvite) { a.OnConflict = c } }
func showingLink(a *SendInvite)             { a.Show = true }
func inviteLines(kind string, more ...string) []string {
	return append([]string{kind + " ina@example.ch"}, more...)
}

const inviteLapses = "2026-11-25T12:00:00.000Z"

// sent are the lines of a new invite of ina.
func sent(lines ...string) []string {
	return append([]string{"invite.send ina@example.ch", `  email: null -> "ina@example.ch"`, `  language: null -> "de"`, `  access: null -> ["api"]`, `  status: null -> "pending"`,
		`  expires_at: null -> "` + inviteLapses + `"`}, lines...)
}

var mailedToIna = []string{`  link: null -> "mailed to ina@example.ch"`, "  @ invite in de to ina@example.ch"}

// TestRule13Send: one pending invite per account and e-mail, for who cannot sign
// in yet.
func TestRule13Send(t *testing.T) {
	t.Parallel()
	ina := func(traits ...trait) *Member { return person(16, "ina@example.ch", traits...) }
	pendingInvite := func(details ...func(*Invite)) *Facts {
		return team(nil, invited(invitation("Ina@example.ch", details...)))
	}
	runPlans(t, []planCase{
		{name: "a stranger", facts: team(of(anna())), actions: do(send()), want: sent(mailedToIna...),
			check: func(t *testing.T, p *Plan) {
				i := p.commit.Invites[0].After
				want := &Invite{ID: i.ID, AccountID: 1, Email: "ina@example.ch", Language: German, Access: accessTo("api"), Sender: "anna", State: InvitePending,
					ExpiresAt: noon.Add(72 * time.Hour).UnixMilli(), Version: 1, CreatedAt: noon.UnixMilli(), UpdatedAt: noon.UnixMilli()}
				if d := cmp.Diff(want, i); d != "" {
					t.Errorf("invite (-want +got):\n%s", d)
				}
				if l := p.commit.Links[0]; l.Purpose != ForInvite || l.InviteID != i.ID || l.MemberID != 0 || l.ExpiresAt != i.ExpiresAt {
					t.Errorf("link %+v", l)
				}
				endsLinks(LinkEnd{Invite: i.ID})(t, p)
				if len(p.commit.Members) != 0 || len(p.commit.Touched) != 1 {
					t.Errorf("commit %+v", p.commit)
				}
			}},
		{name: "shown", facts: team(nil), actions: do(send(showingLink)), want: sent(`  link: null -> "shown"`, "  @ shown: invite for ina@example.ch")},
		{name: "a member without login", facts: team(of(ina())), actions: do(send()), want: sent(mailedToIna...)},
		{name: "a member who can sign in", facts: team(of(ina(signsIn))), actions: do(send()),
			err: refused(CodeConflict, "email", "ina@example.ch is a member of account acme already", "staffctl member set-access")},
		{name: "skip a member who can sign in", facts: team(of(ina(signsIn))), actions: do(send(orElse(Skip), toOpen("all"))), want: []string{"invite.send ina@example.ch unchanged"}},
		{name: "update a member who can sign in", facts: team(of(ina(signsIn))), actions: do(send(orElse(Update))),
			err: refused(CodeConflict, "email", "ina@example.ch is a member of account acme already", "staffctl member set-access")},
		{name: "skip a member without login", facts: team(of(ina())), actions: do(send(orElse(Skip))), want: sent(mailedToIna...)},
		{name: "a pending subaccount", facts: team(of(sina(pending))), actions: do(send(mailTo("sina@example.ch"))),
			err: refused(CodeConflict, "email", "is subaccount acme-shop, which is not confirmed yet", "staffctl subaccount resend shop")},
		{name: "suspended", facts: team(of(ina(suspended))), actions: do(send()), err: refused(CodeForbidden, "email", "suspended in account acme", "staffctl member resume")},
		{name: "pending already", facts: team(nil, invited(invitation("ina@example.ch"))), actions: do(send(mailTo("Ina@EXAMPLE.ch"))),
			err: refused(CodeConflict, "email", "has a pending invite to account acme already", "staffctl invite resend 21", "--on-conflict skip or update")},
		{name: "skip", facts: pendingInvite(), actions: do(send(orElse(Skip), toOpen("all"))), want: []string{"invite.send Ina@example.ch unchanged"}},
		{name: "update", facts: pendingInvite(), actions: do(send(orElse(Update), toOpen("all"), speaking("en"), lasting(time.Hour))), want: []string{
			"invite.send Ina@example.ch", `  language: "de" -> "en"`, `  access: ["api"] -> ["all"]`, `  expires_at: "` + inviteLapses + `" -> "2026-11-22T13:00:00.000Z"`,
			`  link: null -> "mailed to Ina@example.ch"`, "  @ invite in en to Ina@example.ch"},
			check: func(t *testing.T, p *Plan) {
				if i := p.commit.Invites[0]; len(p.commit.Invites) != 1 || i.After.ID != inviteID || i.After.Version != 3 {
					t.Errorf("invites %+v", p.commit.Invites)
				}
				endsLinks(LinkEnd{Invite: inviteID})(t, p)
			}},
		{name: "an expired one blocks nothing", facts: pendingInvite(expired), actions: do(send()), want: sent(mailedToIna...),
			check: func(t *testing.T, p *Plan) {
				// The old one first, since the store knows no clock.
				c := p.commit.Invites
				if len(c) != 2 || c[0].After.ID != inviteID || c[0].After.State != InviteExpired || c[1].Before != nil {
					t.Errorf("invites %+v", c)
				}
			}},
		{name: "twice in one plan", facts: team(nil), actions: do(send(), send()), err: refused(CodeConflict, "email", "pending invite")},
		{name: "who was added before", facts: team(nil), actions: do(add("ina@example.ch"), setPassword("ina@example.ch"), send()),
			err: refused(CodeConflict, "email", "can sign in")},
		{name: "no e-mail", facts: team(nil), actions: do(send(mailTo("ina"))), err: refused(CodeInvalid, "email", "has no @", "anna.muster@example.ch")},
		{name: "nothing opened", facts: team(nil), actions: do(send(toOpen("none"))),
			err: refused(CodeInvalid, "access", "an invite opens something", "staffctl member add")},
		{name: "no access named", facts: team(nil), actions: do(send(toOpen())), err: refused(CodeInvalid, "access", "all, none or grants")},
		{name: "all is never preselected, nor a role", facts: team(nil), actions: do(send(toOpen("copywriter"))), err: refused(CodeInvalid, "access", "copywriter is a role")},
		{name: "a grant and all", facts: team(nil), actions: do(send(toOpen("all", "api"))), err: refused(CodeInvalid, "access", `"all" stands alone`)},
		{name: "an unknown grant", facts: team(nil), actions: do(send(toOpen("apis"))), err: refused(CodeInvalid, "access", "did you mean api?")},
		{name: "a language that nobody speaks", facts: team(nil), actions: do(send(speaking("fr"))), err: refused(CodeInvalid, "language", `"fr"`, "de")},
	})
}

// An invite lasts three days, or from a minute to seven days.
func TestRule13Expiry(t *testing.T) {
	t.Parallel()
	for asked, want := range map[time.Duration]time.Duration{0: 72 * time.Hour, time.Minute: time.Minute, 168 * time.Hour: 168 * time.Hour} {
		p, err := newStaff(nil).planOn(team(nil), do(send(lasting(asked))))
		if err != nil {
			t.Errorf("%s: %v", asked, err)
			continue
		}
		lapses := noon.Add(want).UnixMilli()
		if i, l, m := p.commit.Invites[0].After, p.commit.Links[0], p.commit.Mails[0]; i.ExpiresAt != lapses || l.ExpiresAt != lapses || m.Data.ExpiresAt != lapses {
			t.Errorf("%s: the invite lasts until %d, its link until %d, and the mail says %d; want %d", asked, i.ExpiresAt, l.ExpiresAt, m.Data.ExpiresAt, lapses)
		}
	}
	for _, asked := range []time.Duration{time.Nanosecond, time.Minute - 1, 168*time.Hour + 1, -time.Hour} {
		_, err := newStaff(nil).planOn(team(nil), do(send(lasting(asked))))
		refused(CodeInvalid, "expires", "from a minute to 7 days", asked.String()).check(t, err)
	}
}

// The mail tells who is invited to what, in the language of the person.
func TestRule13Mail(t *testing.T) {
	t.Parallel()
	ina := person(16, "ina@example.ch", func(m *Member) { m.Salutation, m.Language = "ms", English })
	at := noon.UnixMilli()
	lapses := noon.Add(InviteLifetime).UnixMilli()
	english := func(f *Facts) { f.Account.Language = English }
	for name, c := range map[string]struct {
		facts  *Facts
		action SendInvite
		want   MailData
		in     Language
	}{
		"a stranger":             {team(nil), send(toOpen("team.view", "api")), MailData{Areas: []string{"Teamverwaltung", "API"}}, German},
		"the account's language": {team(nil, english), send(), MailData{Areas: []string{"API"}}, English},
		"all":                    {team(nil), send(toOpen("all"), speaking("en")), MailData{All: true}, English},
		"a member":               {team(of(ina)), send(), MailData{Salutation: "ms", FirstName: "Ina", LastName: "Muster", Areas: []string{"API"}}, English},
		"a member, in German":    {team(of(ina)), send(speaking("de")), MailData{Salutation: "ms", FirstName: "Ina", LastName: "Muster", Areas: []string{"API"}}, German},
	} {
		p, err := newStaff(nil).planOn(c.facts, do(c.action))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		c.want.Account, c.want.At, c.want.ExpiresAt = "Acme", at, lapses
		m := p.commit.Mails[0]
		if d := cmp.Diff(&Mail{ID: m.ID, AccountID: 1, Template: MailInvite, Language: c.in, To: "ina@example.ch", Data: c.want, LinkID: p.commit.Links[0].ID, CreatedAt: at}, m); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
	}
}

// The sender is who the operator claims to be, or else who they are.
func TestRule13Sender(t *testing.T) {
	t.Parallel()
	for want, actor := range map[string]Actor{"anna": {OSUser: "root", StoreUser: "portal", Claimed: "anna"}, "portal": {OSUser: "root", StoreUser: "portal"}, "root": {OSUser: "root"}} {
		s := newStaff(nil)
		s.Actor = func() Actor { return actor }
		p, err := s.planOn(team(nil), do(send()))
		if err != nil || p.commit.Invites[0].After.Sender != want {
			t.Errorf("%+v sends as %+v, %v", actor, p, err)
		}
	}
}

// TestInvites: a list by the status, of which expired is derived.
func TestInvites(t *testing.T) {
	t.Parallel()
	facts := team(nil, invited(invitation("a@example.ch"), invitation("b@example.ch", numbered(22), expired), invitation("c@example.ch", numbered(23), in(InviteAccepted)),
		invitation("d@example.ch", numbered(24), in(InviteExpired)), invitation("e@example.ch", numbered(25), in(InviteRevoked), expired)))
	s := newStaff(storeOf(facts))
	for filter, want := range map[InviteFilter][]ID{{}: {21, 22, 23, 24, 25}, {Status: InvitePending}: {21}, {Status: InviteExpired}: {22, 24}, {Status: InviteAccepted}: {23},
		{Status: InviteRevoked}: {25}, {Email: "B@EXAMPLE.ch"}: {22}, {Email: "example.ch"}: nil, {Status: InvitePending, Email: "b@example.ch"}: nil} {
		list, err := s.Invites(t.Context(), "acme", filter)
		if err != nil {
			t.Fatal(err)
		}
		var got []ID
		for _, i := range list.Invites {
			got = append(got, i.ID)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%+v (-want +got):\n%s", filter, d)
		}
	}
	_, err := s.Invites(t.Context(), "acme", InviteFilter{Status: "lost"})
	refused(CodeInvalid, "status", `"lost"`, "pending").check(t, err)
	_, err = s.Invites(t.Context(), "globex", InviteFilter{})
	refused(CodeNotFound, "account", "globex").check(t, err)
	one, err := s.Invite(t.Context(), "", 23)
	if err != nil || len(one.Invites) != 1 || one.Invites[0].ID != 23 || one.Account.Name != "acme" {
		t.Errorf("found %+v, %v", one, err)
	}
	_, err = s.Invite(t.Context(), "", 99)
	refused(CodeNotFound, "invite", "no invite 99 in account acme", "staffctl invite list").check(t, err)
}
