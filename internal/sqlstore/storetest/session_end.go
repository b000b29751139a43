package storetest

import (
	"errors"
	"time"

	"github.com/staffctl/staffctl/internal/staff"
)

// sessionEndTests: what ends sessions, and whose. There are open ones of anna in
// acme and in other, one of anna who has to choose yet, and one of bert.
func sessionEndTests(tests map[string]func(*world)) {
	anna := By("anna@example.ch")
	all := []string{"acme", "choosing", "other", "bert"}
	for name, c := range map[string]struct {
		end  func(w *world, anna *staff.Member) []staff.SessionEnd
		want []string
	}{
		"of a login": {func(_ *world, m *staff.Member) []staff.SessionEnd {
			return []staff.SessionEnd{{Login: m.Login.ID}}
		}, []string{"bert"}},
		"of a login but one": {func(_ *world, m *staff.Member) []staff.SessionEnd {
			return []staff.SessionEnd{{Login: m.Login.ID, Except: "other"}}
		}, []string{"other", "bert"}},
		"of a login but another's": {func(_ *world, m *staff.Member) []staff.SessionEnd {
			return []staff.SessionEnd{{Login: m.Login.ID, Except: "bert"}}
		}, []string{"bert"}},
		"of a member": {func(_ *world, m *staff.Member) []staff.SessionEnd {
			return []staff.SessionEnd{{Member: m.ID}}
		}, []string{"other", "bert"}},
		"of a member but one": {func(_ *world, m *staff.Member) []staff.SessionEnd {
			return []staff.SessionEnd{{Member: m.ID, Except: "choosing"}}
		}, []string{"choosing", "other", "bert"}},
		"of two": {func(w *world, m *staff.Member) []staff.SessionEnd {
			return []staff.SessionEnd{{Member: m.ID}, {Login: w.member("bert@example.ch").Login.ID}}
		}, []string{"other"}},
		"of nobody": {func(*world, *staff.Member) []staff.SessionEnd { return []staff.SessionEnd{{Login: 7}, {Member: 7}, {}} }, all},
	} {
		tests["end/"+name] = func(w *world) {
			m := sessionCast(w)
			commit := w.blank("acme")
			commit.EndSessions = c.end(w, m)
			w.commit(commit)
			w.left(all, c.want...)
		}
	}
	mine, others := []string{"other", "bert"}, []string{"bert"}
	for name, c := range map[string]struct {
		do   []staff.Action
		want []string
	}{
		"suspension":              {[]staff.Action{staff.Suspend{Member: anna}}, mine},
		"removal":                 {[]staff.Action{staff.RemoveMember{Member: anna}}, mine},
		"sign-out":                {[]staff.Action{staff.SignOut{Member: anna}}, mine},
		"deletion":                {[]staff.Action{staff.DeleteAccount{}}, []string{"other"}},
		"access":                  {[]staff.Action{staff.SetAccess{Member: anna, Access: []string{"none"}}}, all},
		"name":                    {[]staff.Action{staff.EditMember{Member: anna, Details: staff.Details{LastName: new("Anders")}}}, all},
		"e-mail":                  {[]staff.Action{staff.EditMember{Member: anna, Email: new("neu@example.ch")}}, all},
		"another's password":      {[]staff.Action{staff.SetPassword{Member: By("bert@example.ch"), Password: staff.PlainPassword("another secret")}}, all[:3]},
		"another's username":      {[]staff.Action{staff.SetUsername{Member: By("bert@example.ch"), Username: "bert"}}, all[:3]},
		"a policy":                {[]staff.Action{staff.SetAccount{Settings: staff.Settings{TwoFactor: new(string(staff.TwoFactorSMS))}}}, all},
		"another's removal":       {[]staff.Action{staff.RemoveMember{Member: By("bert@example.ch")}}, all[:3]},
		"the link is asked for":   {[]staff.Action{staff.ResetPassword{Member: anna}}, all},
		"sign-out of one without": {[]staff.Action{staff.SignOut{Member: By("carl@example.ch")}}, all},
	} {
		tests["end/after "+name] = func(w *world) {
			sessionCast(w)
			w.do(c.do...)
			w.left(all, c.want...)
		}
	}
	tests["end/after a password behind a link"] = func(w *world) {
		sessionCast(w)
		_, token := w.mailed(staff.ResetPassword{Member: anna})
		w.in("", choose(token))
		w.left(all, others...)
	}
	tests["end/while it moves"] = sessionEndMeetsMove
	tests["end/not where it is refused"] = func(w *world) {
		m := sessionCast(w)
		c := w.plan("acme", staff.Suspend{Member: anna})
		w.do(staff.EditMember{Member: anna, Details: staff.Details{LastName: new("Anders")}})
		if len(c.EndSessions) != 1 || c.EndSessions[0].Member != m.ID {
			w.Errorf("the plan ends %+v", c.EndSessions)
		}
		w.stale(c)
		w.left(all, all...)
	}
}

// sessionCast has sessions of anna, whose login two accounts have, and of bert.
func sessionCast(w *world) *staff.Member {
	w.Helper()
	cast(w)
	share(w)
	m := w.member("anna@example.ch")
	w.begin("acme", m)
	w.begin("choosing", m, at(staff.StageAccount))
	w.begin("other", w.memberIn("other", "anna@other.ch"))
	w.begin("bert", w.member("bert@example.ch"))
	w.must(w.store.NoteSignIn(w.Context(), m.Login.ID, staff.SignIn{At: w.now(), Network: "here"}, m.AccountID))
	w.must(w.store.NoteSignIn(w.Context(), w.member("bert@example.ch").Login.ID, staff.SignIn{At: w.now(), Network: "here"}, m.AccountID))
	return m
}

// sessionEndMeetsMove: whoever ends the sessions of a login ends also those that
// go to their next stage at that moment.
func sessionEndMeetsMove(w *world) {
	cast(w)
	anna := w.member("anna@example.ch")
	keys := []string{"0"}
	w.begin("0", anna)
	stop := make(chan struct{})
	moved := make(chan error, 1)
	go func() {
		for i := range 5000 {
			key := sessionOf(idText(staff.ID(i+1)), anna, w.now())
			ok, err := w.store.MoveSession(w.Context(), keys[len(keys)-1], staff.StageOpen, key)
			if err != nil || !ok {
				moved <- err
				return
			}
			keys = append(keys, key.Key)
			select {
			case <-stop:
			default:
				if i == 3 {
					close(stop)
				}
			}
		}
		moved <- errors.New("the session outlives its end")
	}()
	<-stop
	w.do(staff.SetPassword{Member: By("anna@example.ch"), Password: staff.PlainPassword("another secret")})
	w.must(<-moved)
	w.left(keys)
}

// sessionFlow: a holder signs in by a TAN, goes to another account, changes what
// is theirs, and signs out, all of it through the domain.
func sessionFlow(w *world) {
	cast(w)
	g := texts(w)
	share(w)
	email := "anna@example.ch"
	first, v := w.signIn(email, secret(email), g)
	w.same("stage", staff.StageAccount, v.Session.Stage)
	first, _, err := w.staff.ChooseAccount(w.Context(), first, "acme", "192.0.2.1")
	w.must(err)
	w.clock.advance(time.Second)
	second, _ := w.signIn(email, secret(email), g)
	second, _, err = w.staff.ChooseAccount(w.Context(), second, "other", "192.0.2.2")
	w.must(err)
	w.clock.advance(10 * time.Minute)
	proof, err := w.staff.Prove(w.Context(), email, secret(email), "")
	w.must(err)
	second, v, plan, err := w.staff.ChangePassword(w.Context(), second, proof, staff.PlainPassword("chosen by the holder"), "192.0.2.2")
	w.must(err)
	w.readBack(plan.Results[0])
	w.same("goes on", []any{staff.StageOpen, "other", Start.UnixMilli() + 1000, w.now()}, []any{v.Session.Stage, v.Person.Account.Name, v.Session.StartedAt, v.Session.SeenAt})
	if _, err := w.staff.Signed(w.Context(), first); !errors.Is(err, staff.ErrNoSession) {
		w.Errorf("the other session goes on: %v", err)
	}
	proof, err = w.staff.Prove(w.Context(), email, "chosen by the holder", "")
	w.must(err)
	plan, err = w.staff.ChangeUsername(w.Context(), second, proof, "anna")
	w.must(err)
	w.readBack(plan.Results[0])
	plan, err = w.staff.ChangeEmail(w.Context(), second, proof, "private@example.ch")
	w.must(err)
	l, token := w.sent(plan)
	w.in("", staff.UseEmail{Token: token})
	w.same("link", staff.LinkUsed, w.state(l.ID))
	w.refuses(staff.CodeExpired, staff.UseEmail{Token: token})
	login := w.member(email).Login
	w.same("login", []any{"anna", "private@example.ch", true}, []any{login.Username, login.Email, login.HolderSet})
	w.same("seen in both accounts", login, w.memberIn("other", "anna@other.ch").Login)
	rows := w.audit(staff.AuditQuery{Actor: email})
	var did []string
	for _, r := range rows {
		did = append(did, r.Action+" in "+r.Account)
	}
	w.same("the holder did", []string{"member.choose-password in other", "member.choose-username in other", "member.ask-email in other"}, did)
	w.must(w.staff.SignOut(w.Context(), second))
	if _, err := w.staff.Signed(w.Context(), second); !errors.Is(err, staff.ErrNoSession) {
		w.Errorf("signed out, and yet %v", err)
	}
	signIns := w.history("other", "anna@other.ch").SignIns
	w.same("sign-ins", []staff.SignIn{{At: Start.UnixMilli() + 1000, Account: "other", Network: "192.0.2.2"}}, signIns)
}
