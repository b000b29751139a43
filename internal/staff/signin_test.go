package staff

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// witness is a policy that notes in the store's calls when it compares.
type witness struct {
	fakePasswords
	store  *memory
	err    error
	always bool // says yes to whatever it is given
}

func (w *witness) Verify(phc, plain string) (bool, error) {
	w.store.calls = append(w.store.calls, "verify "+phc)
	ok, err := w.fakePasswords.Verify(phc, plain)
	return ok || w.always, errors.Join(err, w.err)
}

// dora has a login in acme.
func dora(traits ...trait) *Member {
	return person(17, "dora@example.ch", append([]trait{named("dora"), signsIn, func(m *Member) { m.Login.PasswordHash = "$fake$" + newSecret }}, traits...)...)
}

// desk is a store where dora can sign in, and the domain on it.
func desk() (*memory, *Staff, *witness) {
	d := dora()
	store := storeOf(team(of(d), proven(d.Login, Membership{Account: "acme", Member: 17})))
	s := newStaff(store)
	w := &witness{store: store}
	s.Passwords = w
	return store, s, w
}

// signInKeys are what a sign-in counts under.
func signInKeys(t *testing.T, s *Staff, username, from string) []string {
	t.Helper()
	keys, err := s.tryKeys(username, from)
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

var wrong = refused(CodeForbidden, "password", "username or password is wrong", "ask for a new password")

// A try is counted before it is compared; success forgets those of the username. A
// network counts failures only.
func TestProve(t *testing.T) {
	t.Parallel()
	own := "verify $fake$" + newSecret
	for name, c := range map[string]struct {
		username, password, from string
		calls                    []string
		err                      refusal
		left                     map[string]int // of two tries each before
	}{
		"right":                    {"dora", newSecret, "192.0.2.1", []string{"wait", "try", own, "forget"}, refusal{}, map[string]int{"network": 2}},
		"right, in other letters":  {"DORA", newSecret, "192.0.2.1", []string{"wait", "try", own, "forget"}, refusal{}, map[string]int{"network": 2}},
		"right, from nowhere":      {"dora", newSecret, "", []string{"try", own, "forget"}, refusal{}, map[string]int{"network": 2}},
		"wrong":                    {"dora", "guess", "192.0.2.1", []string{"wait", "try", own, "try"}, wrong, map[string]int{"username": 3, "network": 3}},
		"wrong, from nowhere":      {"dora", "guess", "", []string{"try", own}, wrong, map[string]int{"username": 3, "network": 2}},
		"empty":                    {"dora", "", "192.0.2.1", []string{"wait", "try", own, "try"}, wrong, map[string]int{"username": 3, "network": 3}},
		"nobody costs as much":     {"nobody", newSecret, "192.0.2.1", []string{"wait", "try", "verify ", "try"}, wrong, map[string]int{"username": 2, "network": 3, "nobody": 1}},
		"nobody, with no password": {"nobody", "", "192.0.2.1", []string{"wait", "try", "verify ", "try"}, wrong, map[string]int{"username": 2, "network": 3, "nobody": 1}},
		"a username that is none":  {"a/b", newSecret, "", []string{"try", "verify "}, wrong, map[string]int{"username": 2, "network": 2, "a/b": 1}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store, s, _ := desk()
			keys := map[string]string{"username": signInKeys(t, s, "dora", "")[0], "network": signInKeys(t, s, "dora", "192.0.2.1")[1], "nobody": signInKeys(t, s, "nobody", "")[0], "a/b": signInKeys(t, s, "a/b", "")[0]}
			store.counts = map[string]int{keys["username"]: 2, keys["network"]: 2}
			proof, err := s.Prove(t.Context(), c.username, c.password, c.from)
			c.err.check(t, err)
			if (err == nil) != (proof != nil) || proof != nil && (proof.login != 117 || proof.hash != "$fake$"+newSecret) {
				t.Errorf("proves %v", proof)
			}
			if d := cmp.Diff(c.calls, store.calls); d != "" {
				t.Errorf("calls (-want +got):\n%s", d)
			}
			left := map[string]int{}
			for what, n := range c.left {
				left[keys[what]] = n
			}
			if d := cmp.Diff(left, store.counts); d != "" {
				t.Errorf("what is counted (-want +got):\n%s", d)
			}
			if len(store.commits) != 0 {
				t.Error("a sign-in commits something")
			}
		})
	}
}

// Every failure reads the same.
func TestProveTellsNothing(t *testing.T) {
	t.Parallel()
	_, s, w := desk()
	_, nobody := s.Prove(t.Context(), "nobody", newSecret, "")
	_, guess := s.Prove(t.Context(), "dora", "guess", "")
	w.always = true
	if proof, err := s.Prove(t.Context(), "nobody", newSecret, ""); proof != nil || err == nil {
		t.Error("a username that nobody has signs in")
	}
	w.err = errors.New("the hash is damaged")
	_, damaged := s.Prove(t.Context(), "dora", newSecret, "")
	for _, err := range []error{guess, damaged} {
		if err == nil || nobody == nil || err.Error() != nobody.Error() || CodeOf(err) != CodeOf(nobody) {
			t.Errorf("%v, where an unknown username gives %v", err, nobody)
		}
	}
}

// Who has to wait is refused without a look at the password, right or wrong,
// known or not.
func TestProveWaits(t *testing.T) {
	t.Parallel()
	for _, username := range []string{"dora", "nobody"} {
		for i, what := range []string{"username", "network"} {
			store, s, w := desk()
			store.wait = map[string]time.Duration{signInKeys(t, s, username, "192.0.2.1")[i]: 90 * time.Second}
			proof, err := s.Prove(t.Context(), strings.ToUpper(username), newSecret, "192.0.2.1")
			refused(CodeForbidden, "password", "too many tries", "wait 1m30s", "try again").check(t, err)
			if proof != nil || len(w.verified) != 0 || store.loads != 0 {
				t.Errorf("%s waits, and yet %d hashes are compared and the store is read %d times", what, len(w.verified), store.loads)
			}
			if _, err := s.Prove(t.Context(), username, newSecret, "192.0.2.9"); i == 1 && username == "dora" && err != nil {
				t.Errorf("from another network: %v", err)
			}
		}
	}
}

// failing cannot count, or cannot tell the login.
type failing struct {
	*memory
	try, load error
}

func (f failing) Try(ctx context.Context, key string, now int64) (time.Duration, error) {
	if f.try != nil {
		return 0, f.try
	}
	return f.memory.Try(ctx, key, now)
}

func (f failing) Load(ctx context.Context, n *Needs) (*Facts, error) {
	if f.load != nil {
		return nil, f.load
	}
	return f.memory.Load(ctx, n)
}

// What cannot be counted is not compared.
func TestProveFails(t *testing.T) {
	t.Parallel()
	down := Errorf(CodeUnavailable, "store", "the store does not answer; try again")
	for _, f := range []failing{{try: down}, {load: down}} {
		store, s, w := desk()
		f.memory = store
		s.Store = f
		if proof, err := s.Prove(t.Context(), "dora", newSecret, "here"); proof != nil || !errors.Is(err, down) || len(w.verified) != 0 {
			t.Errorf("%v, %v, %d compared", proof, err, len(w.verified))
		}
	}
	store, s, w := desk()
	s.Key = func() (LinkKey, error) { return LinkKey{}, down }
	if proof, err := s.Prove(t.Context(), "dora", newSecret, "here"); proof != nil || !errors.Is(err, down) || len(w.verified)+len(store.calls) != 0 {
		t.Errorf("without a key: %v, %v", proof, err)
	}
}

// The store counts under keyed hashes: it knows neither what was typed nor where.
func TestTryKeys(t *testing.T) {
	t.Parallel()
	s := newStaff(nil)
	keys := append(signInKeys(t, s, "dora", "192.0.2.1"), signInKeys(t, s, "192.0.2.1", "dora")...)
	seen := map[string]bool{}
	for _, key := range keys {
		if seen[key] || strings.Contains(key, "dora") || strings.Contains(key, "192") {
			t.Errorf("key %q", key)
		}
		seen[key] = true
	}
	if d := cmp.Diff(keys[:2], signInKeys(t, s, "Dora", "192.0.2.1")); d != "" {
		t.Errorf("a username in other letters counts by itself:\n%s", d)
	}
	s.Key = func() (LinkKey, error) { return NewLinkKey([32]byte{9}), nil }
	if other := signInKeys(t, s, "dora", "192.0.2.1"); seen[other[0]] || seen[other[1]] {
		t.Error("the keys do not depend on the instance key")
	}
}

// asks asks for a link n times and returns how many were mailed. None may fail.
func asks(t *testing.T, s *Staff, n int, username, from string) (mailed int) {
	t.Helper()
	for range n {
		plan, err := s.AskReset(t.Context(), username, from)
		if err != nil {
			t.Fatalf("%s from %q: %v", username, from, err)
		}
		if plan != nil {
			mailed++
		}
	}
	return mailed
}

// TestRule21AskReset: whoever forgot the password asks for a link, and the answer
// is the same always.
func TestRule21AskReset(t *testing.T) {
	t.Parallel()
	store, s, w := desk()
	store.facts.Login.Email, store.facts.Found[0].Login.Email = "private@example.ch", "private@example.ch"
	plan, err := s.AskReset(t.Context(), "DORA", "192.0.2.1")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"member.reset-password dora@example.ch", `  link: null -> "mailed to private@example.ch"`, "  @ reset in de to private@example.ch"}
	if d := cmp.Diff(want, lines(plan)); d != "" {
		t.Error(d)
	}
	if c := store.commits; len(c) != 1 || c[0].Actor.Person != "private@example.ch" || len(c[0].Mails) != 1 || c[0].Links[0].Shown || c[0].Links[0].ExpiresAt != noon.Add(time.Hour).UnixMilli() {
		t.Errorf("commits %+v", c)
	}
	if len(w.verified)+w.hashes != 0 {
		t.Error("a link that is asked for costs a hash")
	}
	for _, username := range []string{"nobody", "", "a/b", "dora@example.ch"} {
		if plan, err := s.AskReset(t.Context(), username, "192.0.2.1"); plan != nil || err != nil {
			t.Errorf("%q: %+v, %v", username, plan, err)
		}
	}
	if len(store.commits) != 1 {
		t.Error("a login that is none is mailed to")
	}
}

// Three in ten minutes a login, whatever network asks; twenty a network,
// whatever login it asks for.
func TestRule21Limits(t *testing.T) {
	t.Parallel()
	store, s, _ := desk()
	if got := asks(t, s, 2, "dora", "192.0.2.1") + asks(t, s, 2, "Dora", "192.0.2.2") + asks(t, s, 2, "dora", ""); got != 3 || len(store.commits) != 3 {
		t.Errorf("%d mails for one login, want 3", got)
	}
	store, s, _ = desk()
	if got := asks(t, s, 20, "nobody", "192.0.2.1"); got != 0 {
		t.Errorf("%d mails for nobody", got)
	}
	if got := asks(t, s, 1, "dora", "192.0.2.1"); got != 0 || len(store.commits) != 0 {
		t.Error("a network that has asked 20 times is mailed for")
	}
	if got := asks(t, s, 1, "dora", "192.0.2.2"); got != 1 {
		t.Error("another network is not mailed for")
	}
	for key := range store.counts {
		if strings.Contains(key, "dora") || strings.Contains(key, "117") || strings.Contains(key, "192") {
			t.Errorf("the store knows what is counted: %q", key)
		}
	}
	if d := cmp.Diff([][]Limit{{{3, 10 * time.Minute}, {10, 24 * time.Hour}}, {{20, 10 * time.Minute}}}, [][]Limit{resetsPerLogin, resetsPerNetwork}); d != "" {
		t.Errorf("limits (-want +got):\n%s", d)
	}
}

// A person who has been mailed a link already is told so when accepting.
func TestAcceptNeedsTheHolder(t *testing.T) {
	t.Parallel()
	i := invitation("ina@example.ch")
	other := elsewhere(func(l *Login) { l.HolderSet = false })
	store := storeOf(team(nil, invited(i), linked(linkIn(i)), proven(other)))
	s := newStaff(store)
	for range 3 { // all the links that there are for the login
		if _, err := s.allow(t.Context(), "reset login\x00190", resetsPerLogin); err != nil {
			t.Fatal(err)
		}
	}
	plan, err := s.Accept(t.Context(), accept(linkIn(i), with(other)))
	refused(CodeForbidden, "password", "somebody else may know the password", "mailed already", "accept again").check(t, err)
	if plan != nil || !errors.Is(err, ErrNotHolders) || len(store.commits) != 0 || store.facts.Link.State != LinkOpen {
		t.Errorf("%+v, %v", plan, err)
	}
	// What else is refused is told as it is, and what succeeds is committed.
	_, err = s.Accept(t.Context(), accept(linkIn(i, func(l *Link) { l.ID++ }), with(other)))
	refused(CodeNotFound, "token", "not valid").check(t, err)
	own := elsewhere()
	store.facts.Login = own
	if _, err := s.Accept(t.Context(), accept(linkIn(i), with(own))); err != nil || len(store.commits) != 1 {
		t.Errorf("%v, %d commits", err, len(store.commits))
	}
}
