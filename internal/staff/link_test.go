package staff

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// bytesOf are those of a token: 8 of the id and 32 of its MAC.
func bytesOf(t *testing.T, token Secret) []byte {
	t.Helper()
	bytes, err := base64.RawURLEncoding.DecodeString(string(token))
	if err != nil || len(bytes) != 40 {
		t.Fatalf("a token is %d bytes, %v", len(bytes), err)
	}
	return bytes
}

func tokenOf(bytes []byte) Secret { return Secret(base64.RawURLEncoding.EncodeToString(bytes)) }

// isRefused asserts that the link does not open by the token.
func isRefused(t *testing.T, what string, l *Link, token Secret) {
	t.Helper()
	f := team(nil, linked(l))
	if got, err := f.checkLink(testKey, token, "", noon); err == nil || got != nil || CodeOf(err) != CodeNotFound && CodeOf(err) != CodeInvalid {
		t.Errorf("%s opens the link: %+v, %v", what, got, err)
	}
}

func TestTokenOpens(t *testing.T) {
	t.Parallel()
	for _, l := range []*Link{linkTo(ForInvite, "a@b.ch"), linkOf(sina()), linkOf(anna(signsIn)), linkTo(ForInvite, "x@"+strings.Repeat("long.", 40)+"ch", func(l *Link) { l.ID = 1<<53 - 1 })} {
		token := testKey.Token(l)
		if got, err := team(nil, linked(l)).checkLink(testKey, token, l.Purpose, noon); err != nil || got != l {
			t.Errorf("the token of %+v does not open it: %v", l, err)
		}
		if len(token) != 54 {
			t.Errorf("a token has %d characters, want 54 always", len(token))
		}
		if again := testKey.Token(l); again != token {
			t.Error("a link has two tokens")
		}
		if url := LinkURL("https://portal.example.ch", token); url != "https://portal.example.ch/link/"+string(token) {
			t.Error(url)
		}
	}
}

// A token is bound to the purpose, the person, the address and the id.
func TestTokenIsBound(t *testing.T) {
	t.Parallel()
	l := &Link{ID: linkID, Purpose: ForReset, AccountID: 1, MemberID: 112, InviteID: 3, LoginID: 45, Email: "anna@example.ch", State: LinkOpen, ExpiresAt: noon.Add(time.Hour).UnixMilli()}
	for name, change := range map[string]func(*Link){
		"purpose": func(l *Link) { l.Purpose = ForConfirmation }, "id": func(l *Link) { l.ID++ }, "member": func(l *Link) { l.MemberID++ }, "invite": func(l *Link) { l.InviteID++ },
		"login": func(l *Link) { l.LoginID++ }, "e-mail": func(l *Link) { l.Email = "anna@example.com" }, "no member": func(l *Link) { l.MemberID = 0 },
		"digits moved": func(l *Link) { l.MemberID, l.InviteID = 11, 23 }, "ids swapped": func(l *Link) { l.InviteID, l.LoginID = l.LoginID, l.InviteID },
	} {
		other := *l
		change(&other)
		isRefused(t, name, l, testKey.Token(&other))
		// Nor by its MAC behind the link's own id.
		bytes := append(bytesOf(t, testKey.Token(l))[:8], bytesOf(t, testKey.Token(&other))[8:]...)
		isRefused(t, name+"'s MAC", l, tokenOf(bytes))
	}
	same := *l
	same.Email, same.AccountID, same.State, same.ExpiresAt = "Anna@EXAMPLE.ch", 2, LinkUsed, 1
	if testKey.Token(&same) != testKey.Token(l) {
		t.Error("a token depends on more than what it is bound to")
	}
}

func TestTokenForged(t *testing.T) {
	t.Parallel()
	l := linkOf(anna(signsIn))
	token := testKey.Token(l)
	for i := range 40 {
		for bit := range 8 {
			bytes := bytesOf(t, token)
			bytes[i] ^= 1 << bit
			isRefused(t, fmt.Sprintf("bit %d of byte %d flipped", bit, i), l, tokenOf(bytes))
		}
	}
	for n := range len(token) {
		isRefused(t, fmt.Sprintf("%d characters", n), l, token[:n])
	}
	isRefused(t, "another key", l, NewLinkKey([32]byte{1, 2, 4}).Token(l))
	isRefused(t, "no key", l, LinkKey{}.Token(l))
	bytes := bytesOf(t, token)
	isRefused(t, "a zero MAC", l, tokenOf(append(bytes[:8:8], make([]byte, 32)...)))
	isRefused(t, "a cut MAC", l, tokenOf(bytes[:39]))
	isRefused(t, "a longer MAC", l, tokenOf(append(bytes[:40:40], 0)))
	isRefused(t, "padding", l, token+"==")
	isRefused(t, "white space", l, " "+token)
	isRefused(t, "a second token", l, token+token)
	// Other letters for the same bytes: the last has bits to spare.
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	at := strings.IndexByte(letters, token[53])
	isRefused(t, "spare bits", l, token[:53]+Secret(letters[at^1]))
	for _, id := range []uint64{0, 1 << 53, 1 << 63, 1<<64 - 1} {
		bytes := bytesOf(t, token)
		for i := range 8 {
			bytes[i] = byte(id >> (56 - 8*i))
		}
		isRefused(t, fmt.Sprintf("id %d", id), l, tokenOf(bytes))
	}
	isRefused(t, "no link", nil, token)
	gone := &Facts{Link: l} // its account
	if _, err := gone.checkLink(testKey, token, "", noon); CodeOf(err) != CodeNotFound {
		t.Errorf("a link without an account opens: %v", err)
	}
}

// What is wrong with a link is told only to who has its token.
func TestTokenTellsNothing(t *testing.T) {
	t.Parallel()
	for name, l := range map[string]*Link{"used": linkOf(sina(), used), "ended": linkOf(sina(), ended), "expired": linkOf(sina(), lapsed)} {
		f := team(nil, linked(l))
		if got, err := f.checkLink(testKey, testKey.Token(l), ForConfirmation, noon); CodeOf(err) != CodeExpired || got != l {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
		isRefused(t, name, l, NewLinkKey([32]byte{9}).Token(l))
		if got, err := f.checkLink(testKey, testKey.Token(l), ForInvite, noon); CodeOf(err) != CodeNotFound || got != nil {
			t.Errorf("%s, for another purpose: %+v, %v", name, got, err)
		}
	}
}

// A link that was used and has expired since is a used one.
func TestLinkStates(t *testing.T) {
	t.Parallel()
	at := noon.UnixMilli()
	for _, c := range []struct {
		link *Link
		says string
	}{
		{&Link{State: LinkOpen, ExpiresAt: at + 1}, ""},
		{&Link{State: LinkOpen, ExpiresAt: at}, "has expired"},
		{&Link{State: LinkUsed, ExpiresAt: at}, "used already"},
		{&Link{State: LinkEnded, ExpiresAt: at + 1}, "has ended"},
	} {
		err := c.link.check(at)
		if c.says == "" {
			if err != nil {
				t.Error(err)
			}
			continue
		}
		refused(CodeExpired, "token", c.says, "ask for a new one").check(t, err)
	}
}

// The instance key and what it makes print as nothing.
func TestKeyIsHidden(t *testing.T) {
	t.Parallel()
	key := NewLinkKey([32]byte([]byte("an instance key of 32 bytes long")))
	l := linkOf(sina())
	token := key.Token(l)
	secrets := []string{"an instance key", string(token), string(token[12:]), fmt.Sprintf("%x", "an instance key"), "97 110 32", "0x61, 0x6e"}
	for name, v := range map[string]any{"key": key, "*key": &key, "keys": []LinkKey{key}, "token": token, "*token": &token, "link": *l, "*link": l, "confirm": ConfirmSubaccount{Token: token},
		"choose": &ChoosePassword{Token: token}, "accept": AcceptInvite{Token: token}, "opened": Opened{Link: l}, "error": Errorf(CodeInternal, "", "%v %v", key, token)} {
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		for _, shown := range []string{string(text), fmt.Sprint(v), fmt.Sprintf("%+v", v), fmt.Sprintf("%#v", v), fmt.Sprintf("%s", v), fmt.Sprintf("%q", v), fmt.Sprintf("%x", v)} {
			for _, secret := range secrets {
				if strings.Contains(shown, secret) {
					t.Errorf("%s shows %s", name, shown)
				}
			}
		}
	}
	if sum := key.Sum("a"); sum == key.Sum("b") || sum == NewLinkKey([32]byte{}).Sum("a") || sum != key.Sum("a") || strings.Contains(key.Sum("anna"), "anna") {
		t.Error("a sum is no keyed hash")
	}
}

// TestOpen: where a link leads. Opening uses nothing up.
func TestOpen(t *testing.T) {
	t.Parallel()
	i := invitation("ina@example.ch")
	ina := person(16, "Ina@example.ch")
	for name, c := range map[string]struct {
		facts  *Facts
		member ID
		invite ID
		err    refusal
	}{
		"confirmation":             {team(of(anna(), sina(pending)), linked(linkOf(sina()))), 14, 0, refusal{}},
		"reset":                    {team(of(anna(signsIn), bert()), linked(linkOf(anna(signsIn)))), 11, 0, refusal{}},
		"invite of a stranger":     {team(of(anna()), invited(i), linked(linkIn(i))), 0, inviteID, refusal{}},
		"invite of a member":       {team(of(anna(), ina), invited(i), linked(linkIn(i))), 16, inviteID, refusal{}},
		"used, and still led":      {team(of(sina(signsIn)), linked(linkOf(sina(), used))), 14, 0, refused(CodeExpired, "token", "used already")},
		"expired, and still led":   {team(nil, invited(i), linked(linkIn(i, lapsed))), 0, inviteID, refused(CodeExpired, "token", "has expired")},
		"no link, and no way back": {team(of(sina(pending))), -1, 0, refused(CodeNotFound, "token", "not valid")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store := storeOf(c.facts)
			l := c.facts.Link
			if l == nil {
				l = linkOf(sina())
			}
			before := copyOf(c.facts)
			o, err := newStaff(store).Open(t.Context(), testKey.Token(l))
			c.err.check(t, err)
			if c.member < 0 {
				if o != nil {
					t.Errorf("a link that is none leads to %+v", o)
				}
				return
			}
			if o.Account.Name != "acme" || o.Catalog == nil || *o.Link != *l || idOf(o.Member) != c.member || c.invite != 0 && o.Invite.ID != c.invite || c.invite == 0 && o.Invite != nil {
				t.Errorf("leads to %+v", o)
			}
			if d := cmp.Diff(before, store.facts); d != "" || len(store.commits) != 0 || len(store.calls) != 0 {
				t.Errorf("opening has changed something: %s", d)
			}
		})
	}
	s := newStaff(storeOf(team(of(sina(pending)), linked(linkOf(sina())))))
	_, err := s.Open(t.Context(), "")
	refused(CodeInvalid, "token", "not complete", "copy it whole").check(t, err)
	noKey := errors.New("no key")
	s.Key = func() (LinkKey, error) { return LinkKey{}, noKey }
	if o, err := s.Open(t.Context(), testKey.Token(linkOf(sina()))); o != nil || !errors.Is(err, noKey) {
		t.Errorf("without a key: %+v, %v", o, err)
	}
	if _, err := s.Do(t.Context(), "", confirmed(linkOf(sina()))); !errors.Is(err, noKey) {
		t.Errorf("without a key: %v", err)
	}
}

func idOf(m *Member) ID {
	if m == nil {
		return 0
	}
	return m.ID
}

// FuzzOpen: only a link's own token opens it; line breaks in it do not matter.
func FuzzOpen(f *testing.F) {
	l := linkOf(anna(signsIn))
	own := string(testKey.Token(l))
	for _, seed := range []string{own, own[:53], own + "A", own[:20] + "\r\n" + own[20:], strings.ToLower(own), "", "AAAA", strings.Repeat("A", 54), strings.Repeat("_", 54), own[:53] + "=",
		string(NewLinkKey([32]byte{}).Token(l)), string(testKey.Token(linkOf(sina())))} {
		f.Add(seed)
	}
	s := newStaff(storeOf(team(of(anna(signsIn)), linked(l))))
	f.Fuzz(func(t *testing.T, text string) {
		id, mac := readToken(Secret(text))
		if id == 0 && mac != nil || id != 0 && (len(mac) != 32 || id < 0 || id >= 1<<53) {
			t.Fatalf("%q reads as %d and %d bytes", text, id, len(mac))
		}
		isOwn := strings.NewReplacer("\r", "", "\n", "").Replace(text) == own
		o, err := s.Open(t.Context(), Secret(text))
		if isOwn != (err == nil) || isOwn != (o != nil) {
			t.Fatalf("%q opens: %+v, %v", text, o, err)
		}
		if err == nil {
			return
		}
		if code := CodeOf(err); code != CodeInvalid && code != CodeNotFound || (code == CodeInvalid) != (id == 0) || !isLine(err.Error()) {
			t.Fatalf("%q: %v", text, err)
		}
	})
}
