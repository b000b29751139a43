package staff

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestRule26Discard: a mail that waits can be taken from the outbox, by an
// action of the store's.
func TestRule26Discard(t *testing.T) {
	t.Parallel()
	waits := func(state MailState) *Facts {
		return team(nil, func(f *Facts) {
			f.Mail = &QueuedMail{Mail: Mail{ID: 41, AccountID: 1, Template: MailInvite, Language: German, To: "ina@example.ch", LinkID: linkID}, Account: "acme", State: state}
		})
	}
	discard := do(DiscardMail{Mail: 41})
	runPlans(t, []planCase{
		{name: "waits", facts: waits(MailQueued), actions: discard, want: []string{
			"outbox.discard acme", `  state: "queued" -> "discarded"`, `  mail: 41 -> null`, `  to: "ina@example.ch" -> null`},
			check: func(t *testing.T, p *Plan) {
				if c := p.commit; c.DiscardMail != 41 || len(c.Touched)+len(c.Guards) != 0 || c.Audit[0].Account != "acme" || c.Audit[0].Subject != "ina@example.ch" {
					t.Errorf("commit %+v", c)
				}
			}},
		{name: "again", facts: waits(MailDiscarded), actions: discard, want: []string{"outbox.discard unchanged"}},
		{name: "sent", facts: waits(MailSent), actions: discard, err: refused(CodeForbidden, "mail", "mail 41 to ina@example.ch was sent", "does not wait any more")},
		{name: "failed", facts: waits(MailFailed), actions: discard, err: refused(CodeForbidden, "mail", "was failed")},
		{name: "of another account", facts: waits(MailQueued), actions: do(DiscardMail{Mail: 41, Account: "other"}), err: refused(CodeNotFound, "mail", "no mail 41")},
		{name: "unknown", facts: team(nil), actions: discard, err: refused(CodeNotFound, "mail", "no mail 41 in the outbox", "staffctl outbox list")},
	})
}

// What is planned is what is done: a dry run tells the same links and mails, and
// leaves nothing behind.
func TestRule26DryRun(t *testing.T) {
	t.Parallel()
	i := invitation("ina@example.ch")
	for name, c := range map[string]struct {
		facts   *Facts
		actions []Action
	}{
		"subaccount": {team(of(anna(signsIn, opens("all"))), enterprise), do(create(), ResendConfirmation{Name: "shop"})},
		"confirm":    {team(of(sina(pending)), linked(linkOf(sina()))), do(confirmed(linkOf(sina())))},
		"invite":     {team(nil), do(send(), send(mailTo("bert@example.ch")))},
		"resend":     {team(nil, invited(i)), do(ResendInvite{Invite: inviteID})},
		"revoke":     {team(nil, invited(i)), do(RevokeInvite{Invite: inviteID})},
		"accept":     {team(nil, invited(i), linked(linkIn(i))), do(accept(linkIn(i)))},
		"join":       {team(nil, invited(i), linked(linkIn(i)), proven(elsewhere())), do(accept(linkIn(i), with(elsewhere())))},
		"reset":      {team(of(anna(signsIn))), do(ResetPassword{Member: by("anna@example.ch")})},
		"choose":     {team(of(anna(signsIn)), linked(linkOf(anna(signsIn)))), do(ChoosePassword{Token: testKey.Token(linkOf(anna(signsIn))), Password: PlainPassword(newSecret)})},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store := storeOf(c.facts)
			known := copyOf(store.facts)
			s := newStaff(store)
			planned, err := s.Plan(t.Context(), "", c.actions...)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(known, store.facts); d != "" || len(store.commits)+len(store.calls) != 0 {
				t.Errorf("planning has changed the store (-before +after):\n%s", d)
			}
			done, err := newStaff(store).Do(t.Context(), "", c.actions...)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(lines(planned), lines(done)); d != "" || len(store.commits) != 1 {
				t.Errorf("planned and done differ, with %d commits:\n%s", len(store.commits), d)
			}
		})
	}
}
