package staff

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
)

// noon is the time on the clock of every test.
var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

const (
	before     = 1_700_000_000_000 // when the people of a test were made
	newSecret  = "correct horse battery"
	oldHash    = "$fake$old"
	firstNewID = 1<<52 + 1 // of the commit; rows follow
)

// fakePasswords is a policy that costs nothing. It counts what would cost.
type fakePasswords struct {
	hashes   int
	verified []string // the hashes that were compared
}

func (*fakePasswords) Prepare(plain string, personal []string) (string, error) {
	if len(plain) < 15 {
		return "", Errorf(CodeInvalid, "password", "the password has %d characters; give 15 at least", len(plain))
	}
	if slices.Contains(personal, plain) {
		return "", Errorf(CodeInvalid, "password", "the password is the person's own name; choose another")
	}
	return plain, nil
}

func (f *fakePasswords) Hash(prepared string) (string, error) {
	f.hashes++
	return "$fake$" + prepared, nil
}

func (f *fakePasswords) Verify(phc, plain string) (bool, error) {
	f.verified = append(f.verified, phc)
	return phc == "$fake$"+plain, nil
}

func (*fakePasswords) Rehash(string, string) (string, error) { return "", nil }

func (*fakePasswords) CheckHash(phc string) error {
	if !strings.HasPrefix(phc, "$") {
		return Errorf(CodeInvalid, "hash", "no PHC string")
	}
	return nil
}

// testKey is the instance key of tests.
var testKey = NewLinkKey([32]byte{1, 2, 3})

// newStaff has a clock that stands at noon and ids that count from firstNewID.
func newStaff(store Store) *Staff {
	return &Staff{Store: store, Passwords: &fakePasswords{}, Now: func() time.Time { return noon }, IDs: &IDs{last: firstNewID - 1},
		Actor: func() Actor { return Actor{OSUser: "operator", StoreUser: "portal", Claimed: "anna"} },
		Key:   func() (LinkKey, error) { return testKey, nil }}
}

// trait makes a person or a team special.
type (
	trait     func(*Member)
	condition func(*Facts)
)

func person(id ID, email string, traits ...trait) *Member {
	local, _, _ := strings.Cut(email, "@")
	name := []rune(local)
	name[0] = unicode.ToUpper(name[0])
	m := &Member{ID: id, AccountID: 1, Email: email, Salutation: "none", FirstName: string(name), LastName: "Muster",
		Language: German, Access: NoAccess(), Version: 3, CreatedAt: before, UpdatedAt: before}
	for _, is := range traits {
		is(m)
	}
	return m
}

func anna(traits ...trait) *Member { return person(11, "anna@example.ch", traits...) }
func bert(traits ...trait) *Member { return person(12, "bert@example.ch", traits...) }
func cleo(traits ...trait) *Member { return person(13, "cleo@example.ch", traits...) }

func by(email string) Selector { return Selector{Kind: "email", Value: email} }

// signsIn has a login of its own.
func signsIn(m *Member) {
	m.Login = &Login{ID: m.ID + 100, Username: m.Username(), PasswordHash: oldHash, Email: m.Email, EmailVerified: true, Accounts: 1,
		Version: 5, CreatedAt: before, UpdatedAt: before}
	m.Proposal = ""
}

// signsInElsewhere has a login that serves a second account.
func signsInElsewhere(m *Member) {
	signsIn(m)
	m.Login.Accounts = 2
}

func suspended(m *Member) { m.Suspended = true }

func named(username string) trait { return func(m *Member) { m.Proposal = username } }

func opens(words ...string) trait {
	return func(m *Member) { m.Access = accessTo(words...) }
}

func accessTo(words ...string) Access {
	a, err := ParseAccess(DefaultCatalog(), "access", words)
	if err != nil {
		panic(err)
	}
	return a
}

func gets(categories ...string) trait { return func(m *Member) { m.Mail = categories } }

func phoned(phones ...Phone) trait { return func(m *Member) { m.Phones = phones } }

// subaccount is confirmed once the trait signsIn follows.
func subaccount(name, role string) trait {
	return func(m *Member) {
		m.Subaccount, m.Proposal, m.Access = name, "acme-"+name, Access{Kind: AccessRole, Role: role}
	}
}

func pending(m *Member) { m.Pending = true }

// team are the facts about the account acme with the people.
func team(people []*Member, conditions ...condition) *Facts {
	f := &Facts{Schema: 1, Catalog: DefaultCatalog(), Accounts: 1, Found: people, Members: len(people),
		Account: &Account{ID: 1, Name: "acme", DisplayName: "Acme", Tariff: Standard, TwoFactor: TwoFactorOff, Language: German,
			DefaultAccess: NoAccess(), InviteOtherAddress: true, Version: 7, Counter: 70, CreatedAt: before, UpdatedAt: before}}
	f.Catalog.Version = 9
	p := &planner{}
	for _, m := range people {
		if p.isAdministrator(f.Catalog, m) {
			f.Administrators++
		}
		if m.Subaccount != "" {
			f.Subaccounts++
			f.Account.Tariff = Enterprise
		}
	}
	for _, holds := range conditions {
		holds(f)
	}
	return f
}

func of(people ...*Member) []*Member { return people }

func ownedBy(m *Member) condition {
	return func(f *Facts) { f.Account.OwnerID, f.Account.Owner = m.ID, m.Email }
}

func taken(usernames ...string) condition {
	return func(f *Facts) { f.TakenUsernames = append(f.TakenUsernames, usernames...) }
}

func accountsNamed(names ...string) condition {
	return func(f *Facts) { f.AccountNames = append(f.AccountNames, names...) }
}

func defaultAccess(words ...string) condition {
	return func(f *Facts) { f.Account.DefaultAccess = accessTo(words...) }
}

func sends(addresses ...string) condition {
	return func(f *Facts) { f.Account.Senders = addresses }
}

func enterprise(f *Facts) { f.Account.Tariff = Enterprise }

func sendersElsewhere(keys ...string) condition {
	return func(f *Facts) { f.Senders = keys }
}

func registrations(keys ...string) condition {
	return func(f *Facts) { f.Registrations = keys }
}

// The ids of links and invites.
const (
	linkID   = 31
	inviteID = 21
)

// invitation is one of api to the address, which lasts three days.
func invitation(email string, details ...func(*Invite)) *Invite {
	i := &Invite{ID: inviteID, AccountID: 1, Email: email, Language: German, Access: accessTo("api"), Sender: "anna", State: InvitePending,
		ExpiresAt: noon.Add(InviteLifetime).UnixMilli(), Version: 2, CreatedAt: before, UpdatedAt: noon.UnixMilli()}
	for _, do := range details {
		do(i)
	}
	return i
}

func in(s InviteStatus) func(*Invite) { return func(i *Invite) { i.State = s } }

func numbered(id ID) func(*Invite) { return func(i *Invite) { i.ID = id } }

// expired lasted until now.
func expired(i *Invite) {
	i.UpdatedAt, i.ExpiresAt = noon.Add(-InviteLifetime).UnixMilli(), noon.UnixMilli()
}

func invited(invites ...*Invite) condition {
	return func(f *Facts) { f.Invites = invites }
}

// linkTo is an open link for an hour.
func linkTo(purpose Purpose, email string, details ...func(*Link)) *Link {
	l := &Link{ID: linkID, Purpose: purpose, AccountID: 1, Email: email, State: LinkOpen, ExpiresAt: noon.Add(time.Hour).UnixMilli(), CreatedAt: before}
	for _, do := range details {
		do(l)
	}
	return l
}

// linkOf is the link that confirms the subaccount or resets the login.
func linkOf(m *Member, details ...func(*Link)) *Link {
	l := linkTo(ForConfirmation, m.Email)
	l.MemberID = m.ID
	if m.Login != nil {
		l.Purpose, l.LoginID, l.Email = ForReset, m.Login.ID, m.Login.Email
	}
	for _, do := range details {
		do(l)
	}
	return l
}

// linkIn is the link of an invite.
func linkIn(i *Invite, details ...func(*Link)) *Link {
	l := linkTo(ForInvite, i.Email, details...)
	l.InviteID = i.ID
	return l
}

func shown(l *Link)  { l.Shown = true }
func used(l *Link)   { l.State = LinkUsed }
func ended(l *Link)  { l.State = LinkEnded }
func lapsed(l *Link) { l.ExpiresAt = noon.UnixMilli() }

func linked(l *Link) condition { return func(f *Facts) { f.Link = l } }

// elsewhere is a login of account globex that its holder has set the password
// of, or what makes it another.
func elsewhere(details ...func(*Login)) *Login {
	l := &Login{ID: 190, Username: "dora", PasswordHash: oldHash, HolderSet: true, Email: "dora@globex.ch", EmailVerified: true, Accounts: 1,
		Version: 4, CreatedAt: before, UpdatedAt: before}
	for _, do := range details {
		do(l)
	}
	return l
}

// proven is a login that serves the accounts, Dora in globex unless named.
func proven(l *Login, serves ...Membership) condition {
	if serves == nil {
		serves = []Membership{{Account: "globex", Member: 91, Salutation: "ms", FirstName: "Dora", LastName: "Diener"}}
	}
	return func(f *Facts) { f.Login, f.Serves = l, serves }
}

func proofOf(l *Login) *Proof { return &Proof{login: l.ID, username: l.Username, hash: l.PasswordHash} }

// add asks for a person with the name Dora Diener.
func add(email string, more ...func(*AddMember)) AddMember {
	a := AddMember{Email: email, Details: Details{FirstName: new("Dora"), LastName: new("Diener")}}
	for _, do := range more {
		do(&a)
	}
	return a
}

func withAccess(words ...string) func(*AddMember) { return func(a *AddMember) { a.Access = &words } }
func withMail(keys ...string) func(*AddMember)    { return func(a *AddMember) { a.Mail = &keys } }
func withUsername(u string) func(*AddMember)      { return func(a *AddMember) { a.Username = &u } }
func onConflict(c OnConflict) func(*AddMember)    { return func(a *AddMember) { a.OnConflict = c } }

func edit(m *Member, d Details) EditMember { return EditMember{Member: by(m.Email), Details: d} }

func setEmail(from, to string) EditMember { return EditMember{Member: by(from), Email: &to} }

func setPassword(email string) SetPassword {
	return SetPassword{Member: by(email), Password: PlainPassword(newSecret)}
}

func setAccess(email string, words ...string) SetAccess {
	return SetAccess{Member: by(email), Access: words}
}

// refusal is what an error must say; the zero value is no error.
type refusal struct {
	code  Code
	field string
	says  []string // parts of the message, the next step among them
}

func refused(code Code, field string, says ...string) refusal { return refusal{code, field, says} }

// check fails the test unless err is the refusal.
func (r refusal) check(t *testing.T, err error) {
	t.Helper()
	if r.code == "" {
		if err != nil {
			t.Fatalf("unexpected error: %v", err)
		}
		return
	}
	e, ok := errors.AsType[*Error](err)
	if !ok {
		t.Fatalf("got %v (%T), want an error with code %s", err, err, r.code)
	}
	if e.Code != r.code || e.Field != r.field {
		t.Errorf("got code %q and field %q, want %q and %q: %s", e.Code, e.Field, r.code, r.field, e.Message)
	}
	for _, part := range r.says {
		if !strings.Contains(e.Message, part) {
			t.Errorf("the message %q does not say %q", e.Message, part)
		}
	}
	checkStyle(t, e.Message)
}

// checkStyle holds the house's style of messages.
func checkStyle(t *testing.T, message string) {
	t.Helper()
	if message == "" || strings.HasSuffix(message, ".") || message[0] >= 'A' && message[0] <= 'Z' || strings.ContainsAny(message, "\x00\r\n\x1b") {
		t.Errorf("message %q: want lower case, no full stop, one line", message)
	}
}
