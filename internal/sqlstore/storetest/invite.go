package storetest

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/staffctl/staffctl/internal/staff"
)

func inviteTo(email string, access ...string) staff.SendInvite {
	return staff.SendInvite{Email: email, Access: access}
}

// invite returns an invite of acme as the store has it.
func (w *world) invite(id staff.ID) *staff.Invite {
	w.Helper()
	for _, a := range w.accounts() {
		for _, i := range w.invitesOf(a.Name) {
			if i.ID == id {
				return i
			}
		}
	}
	return nil
}

func (w *world) accounts() []*staff.Account {
	w.Helper()
	accounts, err := w.store.Accounts(w.Context())
	if err != nil {
		w.Fatal(err)
	}
	return accounts
}

func (w *world) invitesOf(account string) []*staff.Invite {
	w.Helper()
	facts, err := w.store.Load(w.Context(), &staff.Needs{Account: account, AllInvites: true})
	if err != nil {
		w.Fatal(err)
	}
	return facts.Invites
}

// states are those of acme's invites, the oldest first.
func (w *world) states() []staff.InviteStatus {
	w.Helper()
	var states []staff.InviteStatus
	for _, i := range w.invitesOf("acme") {
		states = append(states, i.State)
	}
	return states
}

// prove signs in.
func (w *world) prove(username, password string) *staff.Proof {
	w.Helper()
	proof, err := w.staff.Prove(w.Context(), username, password, "")
	if err != nil {
		w.Fatal(err)
	}
	return proof
}

// holder makes dora of account other, whose login has a password of her own and
// a verified e-mail.
func holder(w *world) {
	w.Helper()
	w.in("", Enterprise("other"))
	w.in("other", Add("dora@example.ch", "all"), Password("dora@example.ch"))
	_, token := w.sent(w.in("other", staff.ResetPassword{Member: By("dora@example.ch")}))
	w.in("", choose(token))
}

// join accepts an invite with dora's login.
func (w *world) join(token staff.Secret) staff.AcceptInvite {
	w.Helper()
	return staff.AcceptInvite{Token: token, Proof: w.prove("dora@example.ch", "chosen by the holder"), Details: staff.Details{FirstName: new("Dora")}}
}

func inviteTests() map[string]func(*world) {
	tests := map[string]func(*world){
		"lists those that are pending":             invitePending,
		"reads back":                               inviteReadsBack,
		"makes a member and a login":               inviteMakes,
		"gives a member a login":                   inviteGives,
		"joins by a login of another account":      inviteJoins,
		"a join needs the holder's own password":   inviteHolders,
		"accepted by one of many":                  inviteOneOfMany,
		"joined by one of many":                    inviteJoinOneOfMany,
		"one pending of many":                      inviteOnePending,
		"updated by many leaves one open link":     inviteUpdatedByMany,
		"expired blocks nothing":                   inviteExpired,
		"an expired one is sent again":             inviteResendExpired,
		"an older one is sent again":               inviteResendOlder,
		"sent again with a grant that was dropped": inviteResendDropped,
		"revoked":                                        inviteRevoked,
		"of another account is not found":                inviteOfAnother,
		"deleted with the account":                       inviteDeleted,
		"its grants are in use":                          inviteCatalog,
		"the catalog is dropped first":                   inviteCatalogFirst,
		"the owner stays one":                            inviteOwner,
		"planned at once/a resend and a revocation":      inviteResendAndRevoke,
		"planned at once/a resend and an acceptance":     inviteResendAndAccept,
		"planned at once/a revocation and an acceptance": inviteRevokeAndAccept,
		"planned at once/a join and a new password":      inviteJoinAndPassword,
		"planned at once/two acceptances by one":         inviteTwoJoins,
	}
	ina := inviteTo("ina@example.ch", "api")
	for name, end := range map[string]func(id staff.ID) staff.Action{
		"resend": func(id staff.ID) staff.Action { return staff.ResendInvite{Invite: id} },
		"show":   func(id staff.ID) staff.Action { return staff.ResendInvite{Invite: id, Show: true} },
		"revoke": func(id staff.ID) staff.Action { return staff.RevokeInvite{Invite: id} },
		"update": func(staff.ID) staff.Action {
			a := inviteTo("INA@example.ch", "domains")
			a.OnConflict = staff.Update
			return a
		},
	} {
		tests["link ended by "+name] = func(w *world) {
			w.start()
			plan := w.do(ina)
			l, token := w.sent(plan)
			early := w.plan("", accept(token, "ina"))
			w.do(end(plan.Results[0].Invite.ID))
			w.same("state", staff.LinkEnded, w.state(l.ID))
			w.opens(token, staff.CodeExpired)
			w.stale(early)
			w.refuses(staff.CodeExpired, accept(token, "ina"))
		}
	}
	return tests
}

func inviteReadsBack(w *world) {
	w.start()
	at := w.clock.now()
	got := w.do(staff.SendInvite{Email: "Ina@zürich.ch", Access: []string{"invoices.view", "api"}, Expires: 5 * time.Hour, Language: new("en")}).Results[0].Invite
	want := &staff.Invite{ID: got.ID, AccountID: w.account("acme").ID, Email: "Ina@zürich.ch", Language: staff.English,
		Access: staff.Access{Kind: staff.AccessGrants, Grants: []string{"api", "invoices.view"}}, Sender: "anna", State: staff.InvitePending,
		ExpiresAt: at.Add(5 * time.Hour).UnixMilli(), Version: 1, CreatedAt: at.UnixMilli(), UpdatedAt: at.UnixMilli()}
	w.same("invite", want, w.invite(got.ID))
	w.do(inviteTo("bert@example.ch", "all"))
	list, err := w.staff.Invites(w.Context(), "acme", staff.InviteFilter{})
	if err != nil || len(list.Invites) != 2 || list.Invites[0].ID != got.ID || list.Invites[1].Access.Kind != staff.AccessAll {
		w.Errorf("invites %+v, %v", list, err)
	}
	one, err := w.staff.Invite(w.Context(), "acme", got.ID)
	if err != nil {
		w.Fatal(err)
	}
	w.same("found by id", []*staff.Invite{want}, one.Invites)
}

func inviteMakes(w *world) {
	w.start()
	plan := w.do(inviteTo("ina@example.ch", "api"))
	_, token := w.sent(plan)
	w.do(accept(token, "ina"))
	m, i := w.member("ina@example.ch"), w.invite(plan.Results[0].Invite.ID)
	w.same("invite", []any{staff.InviteAccepted, m.ID, int64(2)}, []any{i.State, i.MemberID, i.Version})
	w.same("member", []any{[]string{"api"}, "ina", true, true}, []any{m.Access.List(), m.Login.Username, m.Login.HolderSet, m.Login.EmailVerified})
	w.refuses(staff.CodeExpired, accept(token, "ina2"))
	w.refuses(staff.CodeConflict, inviteTo("ina@example.ch", "api"))
	w.refuses(staff.CodeForbidden, staff.ResendInvite{Invite: i.ID})
	w.refuses(staff.CodeForbidden, staff.RevokeInvite{Invite: i.ID})
	rows := w.audit(staff.AuditQuery{Action: "invite.accept"})
	if len(rows) != 1 || rows[0].Actor.Person != "ina@example.ch" || rows[0].MemberID != m.ID {
		w.Errorf("audited %+v", rows)
	}
}

func inviteGives(w *world) {
	cast(w)
	carl := w.member("carl@example.ch")
	_, token := w.mailed(inviteTo("carl@example.ch", "api"))
	a := accept(token, "")
	a.Details = staff.Details{}
	w.do(a)
	got := w.member("carl@example.ch")
	w.same("member", []any{carl.ID, carl.FirstName, []string{"api"}, "carl@example.ch"}, []any{got.ID, got.FirstName, got.Access.List(), got.Login.Username})
}

func inviteJoins(w *world) {
	cast(w)
	holder(w)
	_, token := w.mailed(inviteTo("ina@example.ch", "api"))
	reset, _ := w.sent(w.in("other", staff.ResetPassword{Member: By("dora@example.ch")}))
	w.do(w.join(token))
	a, b := w.member("ina@example.ch"), w.memberIn("other", "dora@example.ch")
	w.same("login", b.Login, a.Login)
	w.same("of both", []any{2, "dora@example.ch", "dora@example.ch"}, []any{a.Login.Accounts, a.Login.Username, a.Login.Email})
	// A link that was asked for while one account alone had the login is over.
	w.same("its links", staff.LinkEnded, w.state(reset.ID))
	rows := w.audit(staff.AuditQuery{Action: "invite.accept"})
	if len(rows) != 1 || rows[0].Actor.Person != "ina@example.ch" || !strings.Contains(rows[0].After, `"login_email":"dora@example.ch"`) {
		w.Errorf("the audit does not tell both addresses: %+v", rows)
	}
	_, token = w.mailed(inviteTo("ina2@example.ch", "api"))
	w.refuses(staff.CodeConflict, w.join(token)) // a member by this login already
	w.in("other", Add("zoe@example.ch", "all"), Password("zoe@example.ch"))
	w.in("other", staff.RemoveMember{Member: By("dora@example.ch")})
	w.same("accounts", 1, w.member("ina@example.ch").Login.Accounts)
}

func inviteHolders(w *world) {
	cast(w)
	w.in("", Enterprise("other"))
	w.in("other", Add("dora@example.ch", "all"), Password("dora@example.ch"))
	l, token := w.mailed(inviteTo("ina@example.ch", "api"))
	a := staff.AcceptInvite{Token: token, Proof: w.prove("dora@example.ch", "a secret of dora@example.ch"), Details: staff.Details{FirstName: new("Dora")}}
	plan, err := w.staff.Accept(w.Context(), a)
	if staff.CodeOf(err) != staff.CodeForbidden || plan == nil {
		w.Fatalf("a password that an operator knows joined: %v", err)
	}
	w.same("still open", staff.LinkOpen, w.state(l.ID))
	reset, own := w.sent(plan)
	w.same("mailed to the login e-mail", []any{staff.ForReset, "dora@example.ch", "other"}, []any{reset.Purpose, reset.Email, plan.Results[0].Account.Name})
	w.in("", choose(own))
	w.refuses(staff.CodeConflict, a) // proven with the password of before
	w.do(w.join(token))
}

func inviteOneOfMany(w *world) {
	const many = 64
	w.start()
	_, token := w.mailed(inviteTo("ina@example.ch", "api"))
	outcomes := w.raceOf(many, func(i int) (string, staff.Action) { return "", accept(token, fmt.Sprintf("ina%02d", i)) })
	w.same("outcomes", map[staff.Code]int{"": 1, staff.CodeExpired: many - 1}, count(outcomes))
	winner := slices.Index(outcomes, nil)
	w.same("username", fmt.Sprintf("ina%02d", winner), w.member("ina@example.ch").Login.Username)
	w.same("members", []string{"ina@example.ch"}, emails(w.dump().Members))
	for i := range many { // no other login is left behind
		if _, err := w.staff.Prove(w.Context(), fmt.Sprintf("ina%02d", i), "chosen by the holder", ""); (err == nil) != (i == winner) {
			w.Errorf("login %d: %v", i, err)
		}
	}
}

func inviteJoinOneOfMany(w *world) {
	cast(w)
	holder(w)
	_, token := w.mailed(inviteTo("ina@example.ch", "api"))
	join := w.join(token)
	got := w.race("", func(i int) staff.Action {
		if i%2 == 0 {
			return join
		}
		return accept(token, fmt.Sprintf("ina%02d", i))
	})
	w.same("outcomes", map[staff.Code]int{"": 1, staff.CodeExpired: runners - 1}, got)
}

func inviteOnePending(w *world) {
	const many = 64
	w.start()
	outcomes := w.raceOf(many, func(i int) (string, staff.Action) {
		return "acme", inviteTo([]string{"ina@example.ch", "INA@example.ch", "Ina@EXAMPLE.ch"}[i%3], "api")
	})
	w.same("outcomes", map[staff.Code]int{"": 1, staff.CodeConflict: many - 1}, count(outcomes))
	w.same("states", []staff.InviteStatus{staff.InvitePending}, w.states())
	w.same("mails", 1, len(w.mails(staff.OutboxQuery{})))
	// The store holds it by itself.
	first, second := w.plan("acme", inviteTo("bert@example.ch", "api")), w.plan("acme", inviteTo("BERT@example.ch", "domains"))
	w.commit(first)
	w.stale(second)
	w.in("", Enterprise("other"))
	w.in("other", inviteTo("ina@example.ch", "api"))
}

func inviteUpdatedByMany(w *world) {
	w.start()
	got := w.race("acme", func(int) staff.Action {
		a := inviteTo("ina@example.ch", "api")
		a.OnConflict = staff.Update
		return a
	})
	w.same("outcomes", map[staff.Code]int{"": runners}, got)
	open := slices.DeleteFunc(w.mails(staff.OutboxQuery{}), func(m *staff.QueuedMail) bool { return m.Link.State != staff.LinkOpen })
	w.same("open links", 1, len(open))
	w.same("states", []staff.InviteStatus{staff.InvitePending}, w.states())
}

func inviteExpired(w *world) {
	w.start()
	w.do(inviteTo("ina@example.ch", "api"))
	w.clock.advance(staff.InviteLifetime)
	w.do(inviteTo("Ina@example.ch", "domains"))
	w.same("states", []staff.InviteStatus{staff.InviteExpired, staff.InvitePending}, w.states())
	w.refuses(staff.CodeConflict, inviteTo("ina@example.ch", "api"))
	w.refuses(staff.CodeConflict, staff.ResendInvite{Invite: w.invitesOf("acme")[0].ID}) // there is a newer one
}

func inviteResendExpired(w *world) {
	w.start()
	a := inviteTo("ina@example.ch", "api")
	a.Expires = 5 * time.Hour
	plan := w.do(a)
	old, _ := w.sent(plan)
	w.clock.advance(5 * time.Hour)
	_, token := w.mailed(staff.ResendInvite{Invite: plan.Results[0].Invite.ID})
	i := w.invite(plan.Results[0].Invite.ID)
	w.same("lasts as long again", w.clock.now().Add(5*time.Hour).UnixMilli(), i.ExpiresAt)
	w.same("the old link", staff.LinkEnded, w.state(old.ID))
	w.do(accept(token, "ina"))
}

// inviteResendOlder: of two that have expired the older is sent again. Its state
// goes back to pending while the store has the newer as pending too.
func inviteResendOlder(w *world) {
	w.start()
	older := w.do(inviteTo("ina@example.ch", "api")).Results[0].Invite
	w.clock.advance(staff.InviteLifetime)
	w.do(inviteTo("ina@example.ch", "domains"))
	w.clock.advance(staff.InviteLifetime)
	_, token := w.mailed(staff.ResendInvite{Invite: older.ID})
	w.same("states", []staff.InviteStatus{staff.InvitePending, staff.InviteExpired}, w.states())
	w.same("lasts as long as at first", w.clock.now().Add(staff.InviteLifetime).UnixMilli(), w.invite(older.ID).ExpiresAt)
	w.do(accept(token, "ina"))
	w.same("access", []string{"api"}, w.member("ina@example.ch").Access.List())
}

// inviteResendDropped: an invite that has expired holds no grant in the catalog,
// so it may not come back with one that is gone.
func inviteResendDropped(w *world) {
	w.start()
	older := w.do(inviteTo("ina@example.ch", "api")).Results[0].Invite
	w.clock.advance(staff.InviteLifetime)
	newer := w.do(inviteTo("ina@example.ch", "domains")).Results[0].Invite
	w.do(staff.RevokeInvite{Invite: newer.ID})
	w.do(dropArea("api"))
	w.refuses(staff.CodeInvalid, staff.ResendInvite{Invite: older.ID})
}

func inviteRevoked(w *world) {
	w.start()
	plan := w.do(inviteTo("ina@example.ch", "api"))
	id := plan.Results[0].Invite.ID
	w.do(staff.RevokeInvite{Invite: id})
	w.same("states", []staff.InviteStatus{staff.InviteRevoked}, w.states())
	if w.do(staff.RevokeInvite{Invite: id}).Changed() {
		w.Error("revoking again changed something")
	}
	w.refuses(staff.CodeForbidden, staff.ResendInvite{Invite: id})
	w.do(inviteTo("ina@example.ch", "api"))
	w.same("states", []staff.InviteStatus{staff.InviteRevoked, staff.InvitePending}, w.states())
}

func inviteOfAnother(w *world) {
	w.start()
	w.in("", Enterprise("other"))
	id := w.do(inviteTo("ina@example.ch", "api")).Results[0].Invite.ID
	for _, a := range []staff.Action{staff.ResendInvite{Invite: id}, staff.RevokeInvite{Invite: id}} {
		w.refusesIn("other", staff.CodeNotFound, a)
	}
	if _, err := w.staff.Invite(w.Context(), "other", id); staff.CodeOf(err) != staff.CodeNotFound {
		w.Errorf("found from another account: %v", err)
	}
}

func inviteDeleted(w *world) {
	w.start()
	w.in("", Enterprise("other"))
	w.in("other", inviteTo("ina@example.ch", "api"))
	w.do(inviteTo("ina@example.ch", "api"))
	w.do(staff.DeleteAccount{})
	w.same("another account's", 1, len(w.dump().Invites))
	w.in("", Enterprise("acme"))
	w.same("none is left", 0, len(w.invitesOf("acme")))
	w.do(inviteTo("ina@example.ch", "api"))
}

func inviteCatalog(w *world) {
	cast(w)
	for _, grant := range []string{"api", "api.use"} {
		early := w.plan("acme", dropArea("api"))
		plan := w.do(inviteTo("ina@example.ch", grant))
		w.stale(early)
		w.refuses(staff.CodeConflict, dropArea("api"))
		w.do(staff.RevokeInvite{Invite: plan.Results[0].Invite.ID})
	}
	w.do(inviteTo("all@example.ch", "all"))
	w.do(inviteTo("ina@example.ch", "api"))
	w.clock.advance(staff.MaxInviteLifetime) // stored as pending still, but over
	w.do(dropArea("api"))
}

func inviteCatalogFirst(w *world) {
	cast(w)
	early := w.plan("acme", inviteTo("ina@example.ch", "api"))
	_, token := w.mailed(inviteTo("bert2@example.ch", "domains"))
	accepted := w.plan("", accept(token, "bert2"))
	w.do(dropArea("api"))
	w.stale(early)
	w.refuses(staff.CodeInvalid, inviteTo("ina@example.ch", "api"))
	w.stale(accepted)
	w.do(accept(token, "bert2"))
}

// invitePending holds that an invite is listed until it is over.
func invitePending(w *world) {
	w.start()
	for _, email := range []string{"dora@example.ch", "emil@example.ch", "fritz@example.ch"} {
		w.do(staff.SendInvite{Email: email, Access: []string{"invoices"}, NoMail: true})
	}
	w.do(staff.RevokeInvite{Invite: w.invitesOf("acme")[1].ID})
	listed := func(at int64) (emails []string) {
		for i, err := range w.store.PendingInvites(w.Context(), w.account("acme").ID, at) {
			if err != nil {
				w.Fatal(err)
			}
			emails = append(emails, i.Email)
		}
		return emails
	}
	w.same("pending", []string{"dora@example.ch", "fritz@example.ch"}, listed(Start.UnixMilli()))
	w.same("when they are over", []string(nil), listed(Start.Add(staff.InviteLifetime).UnixMilli()))
}
