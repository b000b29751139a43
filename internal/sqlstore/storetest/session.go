package storetest

import (
	"fmt"
	"sync/atomic"
	"time"

	"github.com/staffctl/staffctl/internal/staff"
)

// begin starts a session of the member, open unless edited, and asserts that it
// is there.
func (w *world) begin(key string, m *staff.Member, edit ...func(*staff.Session)) *staff.Session {
	w.Helper()
	v := sessionOf(key, m, w.now())
	for _, do := range edit {
		do(v)
	}
	w.must(w.store.StartSession(w.Context(), v, m.Login.PasswordHash))
	w.same("session", v, w.session(key).Session)
	return v
}

func sessionOf(key string, m *staff.Member, now int64) *staff.Session {
	return &staff.Session{Key: key, LoginID: m.Login.ID, AccountID: m.AccountID, MemberID: m.ID, Stage: staff.StageOpen, StartedAt: now, SeenAt: now}
}

func at(stage staff.Stage) func(*staff.Session) { return func(v *staff.Session) { v.Stage = stage } }

// session are the facts of a session.
func (w *world) session(key string) *staff.Facts {
	w.Helper()
	facts, err := w.store.Load(w.Context(), &staff.Needs{NoAccount: true, Session: key})
	if err != nil {
		w.Fatal(err)
	}
	return facts
}

// left asserts which of the sessions are there.
func (w *world) left(keys []string, want ...string) {
	w.Helper()
	var got []string
	for _, key := range keys {
		if w.session(key).Session != nil {
			got = append(got, key)
		}
	}
	w.same("sessions left", want, got)
}

// move asserts whether a session is replaced.
func (w *world) move(key string, from staff.Stage, to *staff.Session, want bool) {
	w.Helper()
	if got, err := w.store.MoveSession(w.Context(), key, from, to); err != nil || got != want {
		w.Errorf("moved from %s at %s: %v, %v; want %v", key, from, got, err, want)
	}
}

// history is what is known of how the member signs in.
func (w *world) history(account, email string) *staff.History {
	w.Helper()
	p, err := w.staff.PersonWithHistory(w.Context(), account, By(email))
	if err != nil {
		w.Fatal(err)
	}
	p.History.Changes = nil // see historyChanges
	return p.History
}

func sessionTests() map[string]func(*world) {
	tests := map[string]func(*world){
		"leads to its person":          sessionLeads,
		"starts by the password":       sessionStarts,
		"moves":                        sessionMoves,
		"moves to its own login":       sessionMovesToItsOwn,
		"moves once of many":           sessionMovesOnce,
		"is noted":                     sessionNoted,
		"sweep":                        sessionSweep,
		"is no change":                 sessionNoChange,
		"rehash":                       sessionRehash,
		"the last ten sign-ins":        signInsKept,
		"history":                      historyReads,
		"history/what is over":         historyOver,
		"history/changes":              historyChanges,
		"tries are counted":            triesCounted,
		"sign in, change and sign out": sessionFlow,
	}
	sessionEndTests(tests)
	return tests
}

func sessionLeads(w *world) {
	cast(w)
	share(w)
	anna := w.member("anna@example.ch")
	link, _ := w.mailed(staff.ResetPassword{Member: By("anna@example.ch")})
	w.begin("a", anna, func(v *staff.Session) { v.LinkID, v.Stage = link.ID, staff.StageRenew })
	f := w.session("a")
	w.same("login, account, member, link", []any{anna.Login, "acme", []*staff.Member{anna}, link}, []any{f.Login, f.Account.Name, f.Found, f.Link})
	if f.TAN != nil || f.Catalog == nil {
		w.Errorf("TAN %+v, catalog %+v", f.TAN, f.Catalog)
	}
	w.same("memberships", []string{"acme 0", "other 0"}, ships(f))
	w.do(staff.SetAccount{Settings: staff.Settings{TwoFactor: new(string(staff.TwoFactorSMS))}})
	w.in("other", Add("zoe@example.ch", "all"), Password("zoe@example.ch"), staff.Suspend{Member: By("anna@other.ch")})
	f = w.session("a")
	w.same("memberships", []string{"acme sms 0", "other 1"}, ships(f))
	other := w.memberIn("other", "anna@other.ch")
	w.must(w.store.StartSession(w.Context(), sessionOf("b", other, w.now()), other.Login.PasswordHash))
	if f = w.session("b"); f.Session != nil {
		w.Error("a session was begun for who is suspended")
	}
	w.in("other", staff.Resume{Member: By("anna@other.ch")})
	other = w.memberIn("other", "anna@other.ch")
	w.begin("b", other)
	f = w.session("b")
	w.same("in the other account", []any{"other", []*staff.Member{other}}, []any{f.Account.Name, f.Found})
	for _, key := range []string{"c", "A", "' OR 1 --"} {
		if f = w.session(key); f.Session != nil || f.Login != nil || f.Account != nil || f.Found != nil || f.Serves != nil || f.Link != nil {
			w.Errorf("no session leads to %+v", f)
		}
	}
}

// ships are the memberships of the login in facts, each with its account, its
// policy where that is sms, and whether it is suspended.
func ships(f *staff.Facts) []string {
	var out []string
	for _, m := range f.Serves {
		text := m.Account
		if m.TwoFactor == staff.TwoFactorSMS {
			text += " sms"
		}
		out = append(out, fmt.Sprintf("%s %d", text, map[bool]int{true: 1}[m.Suspended]))
	}
	return out
}

// sessionStarts: a session begins while the login has the hash that was proven,
// and for a member of that login only.
func sessionStarts(w *world) {
	cast(w)
	anna, bert, carl := w.member("anna@example.ch"), w.member("bert@example.ch"), w.member("carl@example.ch")
	hash := anna.Login.PasswordHash
	refuse := func(why string, v *staff.Session, hash staff.Secret) {
		w.Helper()
		w.must(w.store.StartSession(w.Context(), v, hash))
		if w.session(v.Key).Session != nil {
			w.Errorf("a session begins with %s", why)
		}
	}
	refuse("another hash", sessionOf("a", anna, 1), bert.Login.PasswordHash)
	refuse("no hash", sessionOf("a", anna, 1), "")
	wrong := sessionOf("a", anna, 1)
	wrong.MemberID = bert.ID
	refuse("another's member", wrong, hash)
	wrong.MemberID = carl.ID
	refuse("a member without login", wrong, hash)
	wrong.LoginID = 7
	refuse("no login", wrong, hash)
	w.begin("a", anna)
	again := sessionOf("a", bert, 1) // the same key, as after an answer that was lost
	w.must(w.store.StartSession(w.Context(), again, bert.Login.PasswordHash))
	w.same("session", anna.ID, w.session("a").Session.MemberID)
	w.do(staff.SetPassword{Member: By("anna@example.ch"), Password: staff.PlainPassword("another secret")})
	refuse("a former hash", sessionOf("b", anna, 1), hash)
	w.left([]string{"a"})
	w.commit(subaccount(w, "shop", "shop@example.ch", "copywriter", true))
	numbered := w.member("shop@example.ch") // which may have got its number meanwhile
	refuse("no TAN where there is a number", sessionOf("c", numbered, 1), numbered.Login.PasswordHash)
	w.begin("c", numbered, at(staff.StageTAN))
	w.begin("d", numbered, at(staff.StageRenew))
}

func sessionMoves(w *world) {
	cast(w)
	share(w)
	anna, other := w.member("anna@example.ch"), w.memberIn("other", "anna@other.ch")
	link, _ := w.mailed(staff.ResetPassword{Member: By("anna@example.ch")})
	w.begin("a", anna, at(staff.StageTAN), func(v *staff.Session) { v.LinkID = link.ID })
	to := sessionOf("b", other, w.now()+5)
	to.Stage, to.LinkID = staff.StageAccount, link.ID
	w.move("a", staff.StageAccount, to, false) // it is at another stage
	w.left([]string{"a", "b"}, "a")
	w.move("a", staff.StageTAN, to, true)
	w.left([]string{"a", "b"}, "b")
	w.same("session", to, w.session("b").Session)
	w.move("a", staff.StageTAN, to, true) // applied twice
	w.left([]string{"a", "b"}, "b")
	late := *to
	late.Key = "c"
	w.move("a", staff.StageTAN, &late, false) // somebody else has moved it
	w.move("none", staff.StageOpen, &late, false)
	w.left([]string{"a", "b", "c"}, "b")
	w.begin("d", anna)
	same := sessionOf("e", anna, w.now())
	w.move("d", staff.StageOpen, same, true) // under a new key at the same stage
	w.left([]string{"b", "d", "e"}, "b", "e")
}

// sessionMovesToItsOwn: no session moves to a member of another login, nor to one
// who is gone.
func sessionMovesToItsOwn(w *world) {
	cast(w)
	share(w)
	anna, bert, other := w.member("anna@example.ch"), w.member("bert@example.ch"), w.memberIn("other", "anna@other.ch")
	w.begin("a", anna)
	w.move("a", staff.StageOpen, sessionOf("b", bert, 1), false)
	forged := sessionOf("b", anna, 1)
	forged.MemberID = bert.ID // its login stays what it is
	w.move("a", staff.StageOpen, forged, false)
	w.in("other", Add("zoe@example.ch", "all"), Password("zoe@example.ch"), staff.RemoveMember{Member: By("anna@other.ch")})
	w.move("a", staff.StageOpen, sessionOf("b", other, 1), false)
	w.left([]string{"a", "b"}, "a")
}

// manySessions is how many post one form at once.
const manySessions = 200

func sessionMovesOnce(w *world) {
	cast(w)
	anna := w.member("anna@example.ch")
	w.begin("a", anna, at(staff.StageTAN))
	var moved atomic.Int64
	keys := make([]string, manySessions)
	w.atOnce(manySessions, func(i int, store staff.Store) {
		keys[i] = fmt.Sprintf("to %d", i)
		ok, err := store.MoveSession(w.Context(), "a", staff.StageTAN, sessionOf(keys[i], anna, w.now()))
		if err != nil {
			w.Error(err)
		}
		if ok {
			moved.Add(1)
		}
	})
	left := 0
	for _, key := range append(keys, "a") {
		if w.session(key).Session != nil {
			left++
		}
	}
	w.same("moved and left", []int64{1, 1}, []int64{moved.Load(), int64(left)})
}

func sessionNoted(w *world) {
	cast(w)
	w.begin("a", w.member("anna@example.ch"))
	other := w.begin("b", w.member("anna@example.ch"))
	start := w.now()
	for _, c := range []struct{ now, want int64 }{{start + 10, start + 10}, {start + 5, start + 10}, {start + 20, start + 20}} {
		w.must(w.store.NoteSession(w.Context(), "a", c.now))
		w.same("seen", []int64{start, c.want}, []int64{w.session("a").Session.StartedAt, w.session("a").Session.SeenAt})
	}
	w.must(w.store.NoteSession(w.Context(), "none", start))
	w.same("another's", other, w.session("b").Session)
	for range 2 {
		w.must(w.store.EndSession(w.Context(), "a"))
		w.left([]string{"a", "b"}, "b")
	}
}

func sessionSweep(w *world) {
	cast(w)
	anna, now := w.member("anna@example.ch"), w.now()
	idle, life := staff.SessionIdle.Milliseconds(), staff.SessionLife.Milliseconds()
	aged := func(started, seen int64) func(*staff.Session) {
		return func(v *staff.Session) { v.StartedAt, v.SeenAt = now-started, now-seen }
	}
	w.begin("new", anna)
	w.begin("idle", anna, aged(idle, idle))
	w.begin("almost idle", anna, aged(idle, idle-1))
	w.begin("old", anna, aged(life, 0))
	w.begin("almost old", anna, aged(life-1, 0))
	for i, expires := range []int64{now - 1, now, now + 1} {
		w.must(w.store.StartTAN(w.Context(), &staff.TAN{ID: staff.ID(i + 1), Session: fmt.Sprint("of ", i), Number: number, ExpiresAt: expires}))
	}
	for range 2 {
		w.must(w.store.SweepSessions(w.Context(), now))
		w.left([]string{"new", "idle", "almost idle", "old", "almost old"}, "new", "almost idle", "almost old")
	}
	for id, want := range map[staff.ID]bool{1: false, 2: false, 3: true} {
		if got, err := w.store.UseTAN(w.Context(), id, now-10); err != nil || got != want {
			w.Errorf("TAN %d is there: %v, %v", id, got, err)
		}
	}
}

// sessionNoChange: what is runtime state is neither audited nor in a plan's way.
func sessionNoChange(w *world) {
	cast(w)
	planned := w.plan("acme", staff.SetUsername{Member: By("anna@example.ch"), Username: "anna"})
	before, anna := w.dump(), w.member("anna@example.ch")
	w.begin("a", anna, at(staff.StageTAN))
	w.tan(1, "a", w.now()+1000)
	w.use(1, true)
	w.move("a", staff.StageTAN, sessionOf("b", anna, w.now()), true)
	w.must(w.store.NoteSession(w.Context(), "b", w.now()))
	w.must(w.store.NoteSignIn(w.Context(), anna.Login.ID, staff.SignIn{At: w.now(), Network: "here"}, anna.AccountID))
	w.same("after a sign-in", before, w.dump())
	w.commit(planned)
	w.left([]string{"b"})
}

// sessionRehash: the hash is replaced where it is still the one that was proven,
// which is no change: no session ends and no plan is stale.
func sessionRehash(w *world) {
	cast(w)
	anna := w.member("anna@example.ch")
	w.begin("a", anna)
	planned := w.plan("acme", staff.EditMember{Member: By("anna@example.ch"), Details: staff.Details{LastName: new("Anders")}})
	hash, bert := anna.Login.PasswordHash, w.member("bert@example.ch").Login.PasswordHash
	for _, c := range []struct{ from, to, want staff.Secret }{{"$other$", "$better$", hash}, {"", "$better$", hash}, {hash, "$better$", "$better$"}, {hash, "$best$", "$better$"}} {
		w.must(w.store.Rehash(w.Context(), anna.Login.ID, c.from, c.to))
		w.same("hash", string(c.want), string(w.member("anna@example.ch").Login.PasswordHash))
	}
	w.must(w.store.Rehash(w.Context(), 7, hash, "$better$"))
	w.same("another's", string(bert), string(w.member("bert@example.ch").Login.PasswordHash))
	w.left([]string{"a"}, "a")
	w.commit(planned)
}

// signInsKept: ten of a login are remembered, whichever account they were in.
func signInsKept(w *world) {
	cast(w)
	share(w)
	anna, other := w.member("anna@example.ch"), w.memberIn("other", "anna@other.ch")
	note := func(m *staff.Member, network string) {
		w.Helper()
		w.clock.advance(time.Second)
		for range 2 { // applied twice
			w.must(w.store.NoteSignIn(w.Context(), m.Login.ID, staff.SignIn{At: w.now(), Network: network}, m.AccountID))
		}
	}
	note(w.member("bert@example.ch"), "bert's")
	note(anna, "first")
	first := w.now()
	for range 9 {
		note(other, "elsewhere")
	}
	w.same("the tenth", []staff.SignIn{{At: first, Account: "acme", Network: "first"}}, w.history("acme", "anna@example.ch").SignIns)
	note(other, "last")
	w.same("the eleventh", []staff.SignIn(nil), w.history("acme", "anna@example.ch").SignIns)
	w.same("another's", 1, len(w.history("acme", "bert@example.ch").SignIns))
	newest := w.history("other", "anna@other.ch").SignIns
	if len(newest) < 5 || newest[0].Network != "last" || newest[0].At != w.now() || newest[1].At != w.now()-1000 {
		w.Errorf("the newest do not come first: %+v", newest)
	}
	w.must(w.store.NoteSignIn(w.Context(), 7, staff.SignIn{At: w.now(), Network: "nobody"}, anna.AccountID))
}

func historyReads(w *world) {
	cast(w)
	share(w)
	anna, other := w.member("anna@example.ch"), w.memberIn("other", "anna@other.ch")
	w.same("nothing yet", &staff.History{}, w.history("acme", "anna@example.ch"))
	w.same("without a login", &staff.History{}, w.history("acme", "carl@example.ch"))
	w.begin("a", anna)
	w.begin("b", anna)
	w.begin("c", anna, at(staff.StageTAN))
	w.begin("d", other)
	reset, _ := w.mailed(staff.ResetPassword{Member: By("anna@example.ch")})
	invite, _ := w.mailed(staff.SendInvite{Email: "carl@example.ch", Access: []string{"api"}})
	got := w.history("acme", "anna@example.ch")
	w.same("sessions here, and links", []any{3, []*staff.Link{reset}}, []any{got.Sessions, got.Links})
	w.same("in the other account", &staff.History{Sessions: 1}, w.history("other", "anna@other.ch"))
	carl := w.history("acme", "carl@example.ch")
	w.same("invited", []any{[]*staff.Link{invite}, 1}, []any{carl.Links, len(carl.Invites)})
	w.same("by which invite", invite.InviteID, carl.Invites[0].ID)
	w.do(staff.ResetPassword{Member: By("anna@example.ch")})
	w.same("an ended link", 1, len(w.history("acme", "anna@example.ch").Links))
	for range 6 {
		_, _ = w.staff.Prove(w.Context(), "ANNA@example.ch", "guess", "")
	}
	w.same("wait", time.Second, w.history("acme", "anna@example.ch").Wait)
	w.clock.advance(time.Second)
	w.same("waited", time.Duration(0), w.history("acme", "anna@example.ch").Wait)
}

// historyOver: what is over by the clock is told as little as what is gone,
// though nobody has swept.
func historyOver(w *world) {
	cast(w)
	anna := w.member("anna@example.ch")
	w.begin("a", anna)
	w.mailed(staff.ResetPassword{Member: By("anna@example.ch")})
	w.clock.advance(staff.SessionIdle - time.Millisecond)
	w.same("almost over", 1, w.history("acme", "anna@example.ch").Sessions)
	w.clock.advance(time.Millisecond)
	w.same("over", 0, w.history("acme", "anna@example.ch").Sessions)
	w.clock.advance(staff.ResetLifetime)
	w.same("links", 0, len(w.history("acme", "anna@example.ch").Links))
}

// historyChanges: the last changes of a member, of nobody else, the newest first.
func historyChanges(w *world) {
	cast(w)
	for _, name := range []string{"A", "B", "C", "D", "E", "F"} {
		w.clock.advance(time.Millisecond)
		w.do(staff.EditMember{Member: By("carl@example.ch"), Details: staff.Details{FirstName: new(name)}})
	}
	w.do(staff.EditMember{Member: By("bert@example.ch"), Details: staff.Details{FirstName: new("Z")}})
	p, err := w.staff.PersonWithHistory(w.Context(), "acme", By("carl@example.ch"))
	if err != nil {
		w.Fatal(err)
	}
	var got []string
	for _, e := range p.History.Changes {
		got = append(got, e.Action+" "+e.After)
	}
	w.same("changes", []string{`member.edit {"first_name":"F"}`, `member.edit {"first_name":"E"}`, `member.edit {"first_name":"D"}`,
		`member.edit {"first_name":"C"}`, `member.edit {"first_name":"B"}`}, got)
	if at := p.History.Changes[0].At; at != w.now() {
		w.Errorf("the last change was at %d, not at %d", at, w.now())
	}
}

// triesCounted: the tries of a day are counted, and a commit forgets those under
// its keys.
func triesCounted(w *world) {
	cast(w)
	for key, n := range map[string]int{"a": 3, "b": 1} {
		for range n {
			w.try(key, 0)
		}
	}
	tries := func() map[string]int {
		w.Helper()
		f, err := w.store.Load(w.Context(), &staff.Needs{NoAccount: true, Tries: []string{"a", "b", "c"}})
		if err != nil {
			w.Fatal(err)
		}
		return f.Tries
	}
	w.same("tries", map[string]int{"a": 3, "b": 1}, tries())
	c := w.blank("acme")
	c.ForgetTries = []string{"a", "c"}
	w.commit(c)
	w.same("tries", map[string]int{"b": 1}, tries())
}
