package storetest

import (
	"fmt"
	"time"

	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/staffctl/staffctl/internal/staff"
)

// Shop creates the pending subaccount shop.
func shop() staff.CreateSubaccount {
	return staff.CreateSubaccount{Name: "shop", Email: "shop@example.ch", Role: "copywriter"}
}

// confirm sets the first password of a subaccount behind its link.
func confirm(token staff.Secret) staff.ConfirmSubaccount {
	return staff.ConfirmSubaccount{Token: token, Password: staff.PlainPassword("chosen by the holder")}
}

// choose sets the password behind a link to reset it.
func choose(token staff.Secret) staff.ChoosePassword {
	return staff.ChoosePassword{Token: token, Password: staff.PlainPassword("chosen by the holder")}
}

// accept makes a login behind the link of an invite.
func accept(token staff.Secret, username string) staff.AcceptInvite {
	return staff.AcceptInvite{Token: token, Username: username, Password: staff.PlainPassword("chosen by the holder"),
		Details: staff.Details{FirstName: new("Ina"), LastName: new("Muster")}}
}

// readBackLinks compares what a commit made and used with what the store has.
func (w *world) readBackLinks(c *staff.Commit) {
	w.Helper()
	for _, l := range c.Links {
		w.same("link", l, w.link(l.ID))
	}
	for _, m := range c.Mails {
		got := w.mail(m.ID)
		w.same("mail", m, &got.Mail)
		w.same("state of the mail", []any{staff.MailQueued, 0, c.At, "", int64(0)}, []any{got.State, got.Tries, got.NextAt, got.Answer, got.SettledAt})
		if m.LinkID != 0 {
			w.same("link of the mail", w.link(m.LinkID), got.Link)
		}
	}
	for _, d := range c.Invites {
		w.same("invite", d.After, w.invite(d.After.ID))
	}
	if c.UsedLink != 0 {
		w.same("used link", staff.LinkUsed, w.link(c.UsedLink).State)
	}
}

// link returns a link as the store has it, or nil.
func (w *world) link(id staff.ID) *staff.Link {
	w.Helper()
	facts, err := w.store.Load(w.Context(), &staff.Needs{Link: id, NoAccount: true})
	if err != nil {
		w.Fatal(err)
	}
	return facts.Link
}

// state is that of a link, "" for one that is gone.
func (w *world) state(id staff.ID) staff.LinkState {
	w.Helper()
	if l := w.link(id); l != nil {
		return l.State
	}
	return ""
}

// sent is the link that the first action of a plan has mailed or shown, and
// its token.
func (w *world) sent(p *staff.Plan) (*staff.Link, staff.Secret) {
	w.Helper()
	r := p.Results[0]
	l := r.Link
	if r.Mail != nil {
		l = w.link(r.Mail.LinkID)
	}
	if l == nil {
		w.Fatalf("%s made no link", r.Action)
	}
	return l, Key.Token(l)
}

// mailed carries out the action in acme and returns its link.
func (w *world) mailed(a staff.Action) (*staff.Link, staff.Secret) {
	w.Helper()
	return w.sent(w.do(a))
}

// opens asserts what opening a link comes to; "" is that it works.
func (w *world) opens(token staff.Secret, want staff.Code) *staff.Opened {
	w.Helper()
	o, err := w.staff.Open(w.Context(), token)
	if got := codeOf(err); got != want {
		w.Errorf("opening the link gave %q (%v), want %q", got, err, want)
	}
	return o
}

func codeOf(err error) staff.Code {
	if err == nil {
		return ""
	}
	return staff.CodeOf(err)
}

func linkTests() map[string]func(*world) {
	tests := map[string]func(*world){
		"leads to its person":                      linkLeads,
		"unknown":                                  linkUnknown,
		"confirm/used once":                        linkConfirmOnce,
		"reset/used once":                          linkResetOnce,
		"confirm/one of many":                      linkConfirmOneOfMany,
		"reset/one of many":                        linkResetOneOfMany,
		"shown":                                    linkShown,
		"reset/of a login of two accounts":         linkSharedLogin,
		"reset/asked for by the holder":            linkAsked,
		"deleted with the account":                 linkAccountDeleted,
		"planned at once/a reset and a join":       linkResetAndJoin,
		"planned at once/a reset and a new e-mail": linkResetAndEmail,
		"planned at once/a resend and a new role":  linkResendAndRole,
		"planned at once/a resend and a confirm":   linkResendAndConfirm,
		"planned at once/a resend and a removal":   linkResendAndRemoval,
		"one open after many at once":              linkOneOpen,
		"lapses":                                   linkLapses,
	}
	linkEndTests(tests)
	linkStaleTests(tests)
	return tests
}

// linkEndTests: what ends the links of a person, and what does not.
func linkEndTests(tests map[string]func(*world)) {
	subaccount, bert := By("shop@example.ch"), By("bert@example.ch")
	for name, c := range map[string]struct {
		change staff.Action
		want   staff.LinkState // "" where it goes with its person
	}{
		"e-mail":         {staff.EditMember{Member: subaccount, Email: new("neu@example.ch")}, staff.LinkEnded},
		"role":           {staff.SetRole{Name: "shop", Role: "api-user"}, staff.LinkEnded},
		"new link":       {staff.ResendConfirmation{Name: "shop"}, staff.LinkEnded},
		"shown link":     {staff.ResendConfirmation{Name: "acme-shop", Show: true}, staff.LinkEnded},
		"update":         {staff.CreateSubaccount{Name: "shop", Email: "shop@example.ch", Role: "api-user", OnConflict: staff.Update}, staff.LinkEnded},
		"update to less": {staff.CreateSubaccount{Name: "shop", Email: "shop@example.ch", Role: "copywriter", OnConflict: staff.Update, Details: staff.Details{FirstName: new("Sina")}}, staff.LinkOpen},
		"skip":           {staff.CreateSubaccount{Name: "shop", Email: "neu@example.ch", Role: "api-user", OnConflict: staff.Skip}, staff.LinkOpen},
		"removal":        {staff.RemoveSubaccount{Name: "shop"}, ""},
		"name":           {staff.EditMember{Member: subaccount, Details: staff.Details{LastName: new("Laden")}}, staff.LinkOpen},
		"the same role":  {staff.SetRole{Name: "shop", Role: "copywriter"}, staff.LinkOpen},
		"suspension":     {staff.Suspend{Member: subaccount}, staff.LinkOpen},
	} {
		tests["confirm/after "+name] = func(w *world) {
			w.start()
			l, token := w.mailed(shop())
			w.do(c.change)
			w.same("state", c.want, w.state(l.ID))
			switch c.want {
			case staff.LinkOpen:
				w.opens(token, "")
			case staff.LinkEnded:
				w.opens(token, staff.CodeExpired)
				w.refuses(staff.CodeExpired, confirm(token))
			default:
				w.opens(token, staff.CodeNotFound)
				w.refuses(staff.CodeNotFound, confirm(token))
			}
		}
	}
	for name, c := range map[string]struct {
		change staff.Action
		want   staff.LinkState
	}{
		"e-mail":       {staff.EditMember{Member: bert, Email: new("neu@example.ch")}, staff.LinkEnded},
		"access":       {staff.SetAccess{Member: bert, Access: []string{"domains"}}, staff.LinkEnded},
		"password":     {staff.SetPassword{Member: bert, Password: staff.PlainPassword("another secret")}, staff.LinkEnded},
		"username":     {staff.SetUsername{Member: bert, Username: "bert"}, staff.LinkEnded},
		"new link":     {staff.ResetPassword{Member: bert}, staff.LinkEnded},
		"removal":      {staff.RemoveMember{Member: bert}, ""},
		"another's":    {staff.ResetPassword{Member: By("anna@example.ch")}, staff.LinkOpen},
		"name":         {staff.EditMember{Member: bert, Details: staff.Details{LastName: new("Anders")}}, staff.LinkOpen},
		"mails":        {staff.ChangeMail{Member: bert, Change: staff.MailSet, Categories: []string{"news"}}, staff.LinkOpen},
		"the same all": {staff.SetAccess{Member: bert, Access: []string{"all"}}, staff.LinkOpen},
	} {
		tests["reset/after "+name] = func(w *world) {
			cast(w)
			l, token := w.mailed(staff.ResetPassword{Member: bert})
			w.do(c.change)
			w.same("state", c.want, w.state(l.ID))
			if c.want != staff.LinkOpen {
				w.refuses(map[staff.LinkState]staff.Code{staff.LinkEnded: staff.CodeExpired, "": staff.CodeNotFound}[c.want], choose(token))
			}
		}
	}
}

// linkStaleTests: what ends a link, planned on the same facts as what uses it,
// whichever comes first.
func linkStaleTests(tests map[string]func(*world)) {
	bert := By("bert@example.ch")
	for name, end := range map[string]staff.Action{
		"password": staff.SetPassword{Member: bert, Password: staff.PlainPassword("another secret")},
		"link":     staff.ResetPassword{Member: bert},
		"access":   staff.SetAccess{Member: bert, Access: []string{"domains"}},
		"removal":  staff.RemoveMember{Member: bert},
	} {
		tests["planned at once/a choice and a new "+name] = func(w *world) {
			cast(w)
			_, token := w.mailed(staff.ResetPassword{Member: bert})
			use := w.plan("", choose(token))
			w.do(end)
			w.stale(use)
		}
	}
}

func linkLeads(w *world) {
	cast(w)
	l, token := w.mailed(shop())
	o := w.opens(token, "")
	w.same("confirmation", []any{l, "acme", "shop@example.ch"}, []any{o.Link, o.Account.Name, o.Member.Email})
	w.same("person", staff.ForConfirmation, l.Purpose)
	w.same("member", w.member("shop@example.ch"), o.Member)

	l, token = w.mailed(staff.ResetPassword{Member: By("bert@example.ch")})
	o = w.opens(token, "")
	w.same("reset", []any{staff.ForReset, w.member("bert@example.ch"), o.Member.Login.ID}, []any{l.Purpose, o.Member, l.LoginID})

	_, token = w.mailed(staff.SendInvite{Email: "Carl@example.ch", Access: []string{"api"}})
	o = w.opens(token, "")
	w.same("invite of a member", []any{w.member("carl@example.ch"), w.invite(o.Link.InviteID)}, []any{o.Member, o.Invite})
	_, token = w.mailed(staff.SendInvite{Email: "neu@example.ch", Access: []string{"api"}})
	if o = w.opens(token, ""); o.Member != nil || o.Invite.Email != "neu@example.ch" {
		w.Errorf("the invite of a stranger leads to %+v and %+v", o.Member, o.Invite)
	}
	w.in("", Enterprise("other")) // a link names its account, whichever else there is
	w.same("account", "acme", w.opens(token, "").Account.Name)
}

func linkUnknown(w *world) {
	w.start()
	l, token := w.mailed(shop())
	forged := *l
	forged.ID++
	other := staff.NewLinkKey([32]byte{9})
	for name, bad := range map[string]staff.Secret{"of no link": Key.Token(&forged), "by another key": other.Token(l)} {
		w.opens(bad, staff.CodeNotFound)
		w.refuses(staff.CodeNotFound, confirm(bad))
		w.same(name, staff.LinkOpen, w.state(l.ID))
	}
	for _, bad := range []staff.Secret{"", token[:len(token)-1], token + "A"} {
		w.opens(bad, staff.CodeInvalid)
		w.refuses(staff.CodeInvalid, confirm(bad))
	}
	w.refuses(staff.CodeNotFound, choose(token)) // for another purpose
	w.refuses(staff.CodeNotFound, accept(token, "shop"))
}

func linkConfirmOnce(w *world) {
	w.start()
	l, token := w.mailed(shop())
	w.do(confirm(token))
	m := w.member("shop@example.ch")
	w.same("login", []any{"acme-shop", false, true, true}, []any{m.Login.Username, m.Pending, m.Login.HolderSet, m.Login.EmailVerified})
	w.same("state", staff.LinkUsed, w.state(l.ID))
	w.opens(token, staff.CodeExpired)
	w.refuses(staff.CodeExpired, confirm(token))
	w.refuses(staff.CodeForbidden, staff.ResendConfirmation{Name: "shop"})
}

func linkResetOnce(w *world) {
	cast(w)
	_, token := w.mailed(staff.ResetPassword{Member: By("bert@example.ch")})
	plan := w.in("", choose(token))
	l := w.member("bert@example.ch").Login
	w.same("login", []any{true, true, false}, []any{l.HolderSet, l.EmailVerified, l.MustChange})
	w.same("notice", []any{staff.MailPasswordChanged, "bert@example.ch", staff.ID(0)}, []any{plan.Results[0].Mail.Template, plan.Results[0].Mail.To, plan.Results[0].Mail.LinkID})
	w.refuses(staff.CodeExpired, choose(token))
	rows := w.audit(staff.AuditQuery{Actor: "bert@example.ch"})
	if len(rows) != 1 || rows[0].Action != "member.choose-password" || rows[0].Actor.Person != "bert@example.ch" {
		w.Errorf("the holder did %+v", rows)
	}
}

// manyPosts is how many post one token at once.
const manyPosts = 200

func linkConfirmOneOfMany(w *world) {
	w.start()
	_, token := w.mailed(shop())
	outcomes := w.raceOf(manyPosts, func(i int) (string, staff.Action) {
		return "", staff.ConfirmSubaccount{Token: token, Password: staff.PlainPassword(fmt.Sprintf("chosen by %d", i))}
	})
	w.same("outcomes", map[staff.Code]int{"": 1, staff.CodeExpired: manyPosts - 1}, count(outcomes))
	for i, err := range outcomes {
		if err == nil {
			hash, _ := passwords{}.Hash(fmt.Sprintf("chosen by %d", i))
			w.same("password", hash, string(w.member("shop@example.ch").Login.PasswordHash))
		}
	}
	w.same("audited", 1, len(w.audit(staff.AuditQuery{Action: "subaccount.confirm"})))
}

func linkResetOneOfMany(w *world) {
	cast(w)
	_, token := w.mailed(staff.ResetPassword{Member: By("bert@example.ch")})
	got := w.race("", func(i int) staff.Action {
		return staff.ChoosePassword{Token: token, Password: staff.PlainPassword(fmt.Sprintf("chosen by %d", i))}
	})
	w.same("outcomes", map[staff.Code]int{"": 1, staff.CodeExpired: runners - 1}, got)
	w.same("notices", 1, len(w.mails(staff.OutboxQuery{}))-1)
}

func linkShown(w *world) {
	w.start()
	a := shop()
	a.Show = true
	plan := w.do(a)
	l, token := w.sent(plan)
	w.same("mails", 0, len(w.mails(staff.OutboxQuery{})))
	w.same("link", []any{true, staff.LinkOpen}, []any{w.link(l.ID).Shown, w.state(l.ID)})
	w.do(confirm(token))
	login := w.member("shop@example.ch").Login
	w.same("nobody has shown to read the e-mail, nor that the password is the holder's", []bool{false, false}, []bool{login.EmailVerified, login.HolderSet})
}

func linkSharedLogin(w *world) {
	anna, other := By("anna@example.ch"), By("anna@other.ch")
	cast(w)
	share(w)
	first, _ := w.mailed(staff.ResetPassword{Member: anna})
	w.refuses(staff.CodeForbidden, staff.ResetPassword{Member: anna, Show: true})
	plan := w.in("other", staff.ResetPassword{Member: other})
	second, token := w.sent(plan)
	w.same("to the login e-mail", "anna@example.ch", plan.Results[0].Mail.To)
	w.same("states", []staff.LinkState{staff.LinkEnded, staff.LinkOpen}, []staff.LinkState{w.state(first.ID), w.state(second.ID)})
	w.in("other", choose(token))
	w.same("one password", w.memberIn("other", "anna@other.ch").Login, w.member("anna@example.ch").Login)
	third, _ := w.mailed(staff.ResetPassword{Member: anna})
	w.do(staff.RemoveMember{Member: anna})
	w.same("gone with its member", staff.LinkState(""), w.state(third.ID))
}

// linkAsked: a link that somebody asks for is of a membership that is not
// suspended, and there are three in ten minutes.
func linkAsked(w *world) {
	cast(w)
	share(w)
	w.do(staff.Suspend{Member: By("anna@example.ch")})
	for range 3 {
		plan, err := w.staff.AskReset(w.Context(), "Anna@example.ch", "192.0.2.1")
		if err != nil || plan == nil || plan.Results[0].Account.Name != "other" || plan.Results[0].Mail.To != "anna@example.ch" {
			w.Fatalf("asked for a link: %+v, %v", plan, err)
		}
		w.readBack(plan.Results[0])
	}
	before := w.dump()
	for _, username := range []string{"anna@example.ch", "nobody"} {
		if plan, err := w.staff.AskReset(w.Context(), username, "192.0.2.1"); plan != nil || err != nil {
			w.Errorf("%s asks once too often: %+v, %v", username, plan, err)
		}
	}
	w.same("after one too many", before, w.dump())
	w.clock.advance(10 * time.Minute)
	if plan, err := w.staff.AskReset(w.Context(), "anna@example.ch", ""); plan == nil || err != nil {
		w.Errorf("ten minutes later: %+v, %v", plan, err)
	}
	rows := w.audit(staff.AuditQuery{Action: "member.reset-password"})
	if len(rows) != 4 || rows[0].Actor.Person != "anna@example.ch" {
		w.Errorf("audited %+v", rows)
	}
}

func linkAccountDeleted(w *world) {
	cast(w)
	w.in("", Enterprise("other"))
	w.in("other", Add("dora@example.ch", "all"), Password("dora@example.ch"))
	kept, _ := w.sent(w.in("other", staff.ResetPassword{Member: By("dora@example.ch")}))
	confirmation, token := w.mailed(shop())
	reset, _ := w.mailed(staff.ResetPassword{Member: By("bert@example.ch")})
	invite, _ := w.mailed(staff.SendInvite{Email: "ina@example.ch", Access: []string{"api"}})
	w.clock.advance(time.Minute)
	w.do(staff.DeleteAccount{})
	for _, l := range []*staff.Link{confirmation, reset, invite} {
		w.same(string(l.Purpose), staff.LinkState(""), w.state(l.ID))
	}
	w.opens(token, staff.CodeNotFound)
	w.same("another account's", staff.LinkOpen, w.state(kept.ID))
	for _, m := range w.mails(staff.OutboxQuery{}) {
		if m.Account == "other" {
			w.same("another account's mail", []any{staff.MailQueued, kept.ID}, []any{m.State, m.LinkID})
			continue
		}
		w.same("mail", &staff.QueuedMail{State: staff.MailDiscarded, Answer: "the account was deleted", SettledAt: w.clock.now().UnixMilli()}, m,
			cmpopts.IgnoreFields(staff.Mail{}, "ID", "AccountID", "Template", "Language", "To", "CreatedAt"), cmpopts.IgnoreFields(staff.QueuedMail{}, "NextAt"))
	}
	w.same("to be sent", 1, len(w.mails(staff.OutboxQuery{State: staff.MailQueued})))
}
