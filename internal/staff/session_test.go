package staff

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// A session is over after 30 minutes without use and after 12 hours; one that is
// not open yet after 15 minutes.
func TestSessionIsOver(t *testing.T) {
	t.Parallel()
	const ms = time.Millisecond
	for name, c := range map[string]struct {
		stage         Stage
		started, seen time.Duration // ago
		want          bool
	}{
		"new":                         {StageOpen, 0, 0, false},
		"idle for almost 30 minutes":  {StageOpen, time.Hour, 30*time.Minute - ms, false},
		"idle for 30 minutes":         {StageOpen, time.Hour, 30 * time.Minute, true},
		"in use for almost 12 hours":  {StageOpen, 12*time.Hour - ms, 0, false},
		"in use for 12 hours":         {StageOpen, 12 * time.Hour, 0, true},
		"a TAN for almost 15 minutes": {StageTAN, 15*time.Minute - ms, 0, false},
		"a TAN for 15 minutes":        {StageTAN, 15 * time.Minute, 0, true},
		"a password for 15 minutes":   {StagePassword, 15 * time.Minute, 0, true},
		"an account for 15 minutes":   {StageAccount, 15 * time.Minute, 0, true},
		"a number for 15 minutes":     {StageEnrol, 15 * time.Minute, 0, true},
		"a new number for 15 minutes": {StageRenew, 15 * time.Minute, 0, true},
		"an unknown stage":            {"", 15 * time.Minute, 0, true},
	} {
		s := &Session{Stage: c.stage, StartedAt: noon.Add(-c.started).UnixMilli(), SeenAt: noon.Add(-c.seen).UnixMilli()}
		if got := s.isOver(noon.UnixMilli()); got != c.want {
			t.Errorf("%s: over is %v", name, got)
		}
	}
}

// Each use within half an hour keeps a session alive, up to 12 hours after it was
// opened; a use is noted every five minutes.
func TestSessionLasts(t *testing.T) {
	t.Parallel()
	d := newDoor(t, shape{acme: TwoFactorOff})
	token, _ := d.open()
	for at := time.Duration(0); at < SessionLife; at += 29 * time.Minute {
		d.at = noon.Add(at)
		d.stages(StageOpen, token)
	}
	d.at = noon.Add(SessionLife - time.Millisecond)
	d.stages(StageOpen, token)
	d.at = noon.Add(SessionLife)
	d.stages("", token)
	d = newDoor(t, shape{acme: TwoFactorOff})
	token, _ = d.open()
	d.wait(SessionIdle - time.Millisecond)
	d.stages(StageOpen, token)
	d.wait(SessionIdle)
	d.stages("", token)
}

func TestSessionIsNoted(t *testing.T) {
	t.Parallel()
	d := newDoor(t, shape{acme: TwoFactorOff})
	token, v := d.open()
	key := v.Session.Key
	var noted []time.Duration
	for range 12 * 60 {
		d.wait(time.Second)
		n := len(d.store.notes)
		d.stages(StageOpen, token)
		if len(d.store.notes) > n {
			noted = append(noted, d.at.Sub(noon))
		}
	}
	if diff := cmp.Diff([]time.Duration{5 * time.Minute, 10 * time.Minute}, noted); diff != "" {
		t.Errorf("noted (-want +got):\n%s", diff)
	}
	if s := d.store.sessions[key]; s.SeenAt != noon.Add(10*time.Minute).UnixMilli() || s.StartedAt != noon.UnixMilli() {
		t.Errorf("%+v", s)
	}
}

// What is not open counts from the password on, whatever the stage, and is not
// kept alive by use.
func TestSessionBeforeOpen(t *testing.T) {
	t.Parallel()
	d := newDoor(t, shape{acme: TwoFactorOff, globex: TwoFactorOff, mobile: handset})
	token, _ := d.signIn()
	d.wait(4 * time.Minute)
	token, v := d.enter(token)
	d.wait(10 * time.Minute)
	d.stages(StageAccount, token)
	d.wait(time.Minute - time.Millisecond)
	d.stages(StageAccount, token)
	if v.Session.StartedAt != noon.UnixMilli() {
		t.Errorf("a stage starts the session at %d again", v.Session.StartedAt)
	}
	d.wait(time.Millisecond)
	_, _, err := d.s.ChooseAccount(t.Context(), token, "acme", "")
	over.check(t, err)

	d.at = noon
	token, _ = d.signIn()
	d.wait(4 * time.Minute)
	token, _ = d.enter(token)
	token, v, err = d.s.ChooseAccount(t.Context(), token, "acme", "")
	if err != nil || v.Session.StartedAt != d.at.UnixMilli() {
		t.Errorf("an open session lasts from %+v, %v", v, err)
	}
	d.wait(16 * time.Minute)
	d.stages(StageOpen, token)
}

// The store knows no token: neither by its key nor by anything else.
func TestSessionTokens(t *testing.T) {
	t.Parallel()
	d := newDoor(t, shape{acme: TwoFactorOff, mobile: handset})
	seen := map[Secret]bool{}
	for range 20 {
		token, v, err := d.s.start(t.Context(), &Signed{Session: &Session{LoginID: 117, AccountID: 1, MemberID: 17}}, "$fake$"+newSecret, StageEnrol, "")
		if err != nil {
			t.Fatal(err)
		}
		raw, err := base64.RawURLEncoding.DecodeString(string(token))
		if err != nil || len(raw) != 32 || seen[token] {
			t.Errorf("token of %d bytes, %v", len(raw), err)
		}
		seen[token] = true
		if v.Session.Key != sessionKey(testKey, token) || v.Session.Key == sessionKey(NewLinkKey([32]byte{9}), token) || strings.Contains(fmt.Sprint(d.store.sessions), string(token)) {
			t.Error("the key of a session does not hide its token")
		}
		if fmt.Sprint(token) != "set" || jsonOf(token) != `"set"` {
			t.Error("a token prints")
		}
	}
	for _, bad := range []Secret{"", "x", Secret(sessionKey(testKey, newToken())), newToken()} {
		d.stages("", bad)
	}
	for key := range d.store.sessions {
		d.stages("", Secret(key)) // a key from the store is no token
	}
}

// Access is read at every request, and so is whether there is a person.
func TestSessionReadsAnew(t *testing.T) {
	t.Parallel()
	d := newDoor(t, shape{acme: TwoFactorOff})
	token, v := d.open()
	if v.Person.Catalog.Allows(v.Person.Access, "domains") == "" || v.Person.Catalog.Allows(v.Person.Access, "invoices") != "" {
		t.Fatalf("access %+v", v.Person.Access)
	}
	m := d.store.facts.Found[0]
	m.Access = accessTo("invoices.view")
	v, err := d.s.Signed(t.Context(), token)
	if err != nil || v.Person.Catalog.Allows(v.Person.Access, "domains") != "" || v.Person.Catalog.Allows(v.Person.Access, "invoices") == "" {
		t.Errorf("%+v, %v", v, err)
	}
	for name, change := range map[string]func(){
		"suspended": func() { m.Suspended = true },
		"pending":   func() { m.Pending = true },
		"removed":   func() { d.store.facts.Found = nil },
		"no member": func() { d.store.facts.Found = of(person(18, "other@example.ch", signsIn)) },
	} {
		m.Suspended, m.Pending, d.store.facts.Found = false, false, of(m)
		d.stages(StageOpen, token)
		change()
		_, err := d.s.Signed(t.Context(), token)
		over.check(t, err)
		if d.stage(token) != "" {
			t.Errorf("%s: goes on", name)
		}
	}
}

func TestSignOut(t *testing.T) {
	t.Parallel()
	d := newDoor(t, shape{acme: TwoFactorOff})
	first, _ := d.open()
	second, _ := d.open()
	for range 2 {
		if err := d.s.SignOut(t.Context(), first); err != nil {
			t.Fatal(err)
		}
		d.stages("", first)
		d.stages(StageOpen, second)
	}
	if len(d.store.commits) != 0 {
		t.Error("who signs out is audited, though sessions are runtime state")
	}
}

// A password that changes between the look at it and the session lets nobody in.
func TestSignInMeetsAChange(t *testing.T) {
	t.Parallel()
	d := newDoor(t, shape{acme: TwoFactorOff})
	proof := d.proof()
	v := &Signed{Session: &Session{LoginID: 117, AccountID: 1, MemberID: 17}}
	d.store.facts.Found[0].Login.PasswordHash = "$fake$another"
	_, _, err := d.s.start(t.Context(), v, proof.hash, StageOpen, "")
	over.check(t, err)
	if len(d.store.sessions)+len(d.store.signIns) != 0 {
		t.Errorf("%d sessions, %d sign-ins", len(d.store.sessions), len(d.store.signIns))
	}
}

// foreign is a policy that finds a hash from elsewhere worth replacing.
type foreign struct {
	fakePasswords
	err error
}

func (f *foreign) Verify(phc, plain string) (bool, error) {
	return phc == "$foreign$"+plain || phc == "$fake$"+plain, nil
}

func (f *foreign) Rehash(phc, plain string) (string, error) {
	if f.err != nil || strings.HasPrefix(phc, "$fake$") {
		return "", f.err
	}
	return f.Hash(plain)
}

// A hash from elsewhere is replaced at a sign-in, which is no change: nobody
// else's session ends, and nothing is audited.
func TestSignInRehashes(t *testing.T) {
	t.Parallel()
	d := newDoor(t, shape{acme: TwoFactorOff})
	setHash := func(hash Secret) {
		d.store.facts.Login.PasswordHash, d.store.facts.Found[0].Login.PasswordHash = hash, hash
	}
	passwords := &foreign{}
	d.s.Passwords = passwords
	setHash("$foreign$" + newSecret)
	_, _, err := d.s.SignIn(t.Context(), "dora", "guess", "")
	wrong.check(t, err)
	if passwords.hashes != 0 {
		t.Error("a wrong password is hashed")
	}
	token, v := d.open()
	if got := d.store.facts.Found[0].Login.PasswordHash; got != "$fake$"+newSecret || passwords.hashes != 1 || v.Login.PasswordHash != got {
		t.Errorf("after the sign-in the hash is %q of %d made", string(got), passwords.hashes)
	}
	again, _ := d.open()
	if passwords.hashes != 1 {
		t.Errorf("%d hashes made", passwords.hashes)
	}
	d.stages(StageOpen, token, again)
	if len(d.store.commits) != 0 {
		t.Errorf("committed %+v", d.rows())
	}
	setHash("$foreign$" + newSecret)
	passwords.err = Errorf(CodeInternal, "", "no entropy")
	if _, _, err := d.s.SignIn(t.Context(), "dora", newSecret, ""); CodeOf(err) != CodeInternal {
		t.Errorf("a hash that cannot be made: %v", err)
	}
}
