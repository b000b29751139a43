package staff

import (
	"context"
	"iter"
	"time"
)

// Store keeps accounts and their people. Its adapters translate their failures
// to [Error] and [ErrStale]; package storetest holds what each must pass.
type Store interface {
	// Init makes an empty store of the newest schema and commits to it at once.
	// It is refused with CodeConflict where a store is already.
	Init(ctx context.Context, c *Commit) error
	// Load reads the facts in one consistent state that holds every commit
	// acknowledged before.
	Load(ctx context.Context, n *Needs) (*Facts, error)
	// Commit carries out c whole or not at all. ErrStale: a guard or a rule of
	// the schema refused it, because of what others have committed meanwhile.
	Commit(ctx context.Context, c *Commit) error
	// CommitMany carries out the pieces as one commit, whose id, actor and touched
	// accounts are those of head. Pieces add and change members, subaccounts and
	// invites; none of them depends on another. An error that they yield is returned,
	// and nothing carried out.
	CommitMany(ctx context.Context, head *Commit, pieces iter.Seq2[*Commit, error]) error
	// Members streams the members that the query wants. A member is valid until
	// the next one is read.
	Members(ctx context.Context, q MemberQuery) iter.Seq2[*Member, error]
	// PendingInvites streams the invites of the account that are pending at a time in
	// Unix milliseconds, by id.
	PendingInvites(ctx context.Context, account ID, now int64) iter.Seq2[*Invite, error]
	// Accounts returns all accounts by name.
	Accounts(ctx context.Context) ([]*Account, error)
	// Audit streams audit entries, the oldest first. An entry is valid until the
	// next one is read.
	Audit(ctx context.Context, q AuditQuery) iter.Seq2[*AuditEntry, error]
	Outbox
	Limits
	Sessions
	// Close ends the use of the store.
	Close() error
}

// Needs says which facts planning or a question needs.
type Needs struct {
	// Account is the account's name; "" means the only one there is.
	Account string
	// NoAccount is set where the account need not exist.
	NoAccount bool
	// Members are looked up in the account, with their logins; AllMembers asks for
	// all of the account, whatever else names some.
	Members    []Selector
	AllMembers bool
	// Subaccounts are names of subaccounts of the account to look up, with or
	// without its prefix.
	Subaccounts []string
	// Counts asks how many administrators and subaccounts the account has, as
	// planning always does; Size asks how many members.
	Counts, Size bool
	// MemberUsernames asks whether the usernames of these members, and those that
	// invites propose, are taken or reserved.
	MemberUsernames bool
	// Usernames are keys to look up among the logins of the store.
	Usernames []string
	// Login is the username key of a login to read, in whatever accounts it is.
	Login string
	// Link is the id of a link to read, with its account, its invite and the
	// member that it is for. It stands in for Account.
	Link ID
	// Session is the key of a session to read, with its newest TAN, its link, its
	// login wherever it is, its account and its member. It stands in for Account.
	Session string
	// Tries are keys of [Limits] to count.
	Tries []string
	// History asks for what is known of the sign-ins of Members and of what changed.
	History bool
	// AllInvites, InviteIDs and InviteEmails ask for invites of the account: by
	// id, with the others that are stored as pending for the same e-mail and the
	// member who has it, or the pending ones by e-mail key.
	AllInvites   bool
	InviteIDs    []ID
	InviteEmails []string
	// Senders are e-mail keys that may be sender addresses of other accounts.
	Senders []string
	// Mail is the id of a mail in the outbox to look up.
	Mail ID
	// Registrations are e-mail keys that may be registration e-mails of
	// subaccounts somewhere.
	Registrations []string
	// AccountNames are names that may be accounts.
	AccountNames []string
	// LoginPrefix is a username prefix, with its hyphen, to look for.
	LoginPrefix string
	// CatalogUse asks which keys of the catalog are in use.
	CatalogUse bool
	// Now, in Unix milliseconds, is when: what is over by then of Tries and History
	// is left out, and is in no use of the catalog.
	Now int64
	// AuditBefore, in Unix milliseconds, asks how many audit rows are older.
	AuditBefore int64
}

// Facts are what a store knows of what was asked, in one state of it.
type Facts struct {
	Schema  int // version of the schema
	Catalog *Catalog
	// Account is nil where none has the name; with Needs.Account "" where there
	// is not just one.
	Account *Account
	// Accounts counts all accounts.
	Accounts int
	// Administrators, Subaccounts and Members count in the account, if asked;
	// the first are members able to sign in with full access.
	Administrators, Subaccounts, Members int
	// Found are the members that any selector fits, by id.
	Found []*Member
	// TakenUsernames, Registrations, AccountNames and Senders are the ones among
	// those asked for that exist; a registration e-mail as often as it is one.
	TakenUsernames, Registrations, AccountNames, Senders []string
	// Login is the login that Needs.Login names, or nil, and Serves are the
	// members that it serves.
	Login  *Login
	Serves []Membership
	// Link is the link that was asked for, or nil.
	Link *Link
	// Session is the session that was asked for and TAN the newest of it, or nil.
	Session *Session
	TAN     *TAN
	// Tries are how often was tried under the keys asked for, of a day.
	Tries map[string]int
	// History are those of the members found, by their ids.
	History map[ID]*History
	// Invites are those that were asked for, by id.
	Invites []*Invite
	// Mail is the mail that was asked for, or nil.
	Mail *QueuedMail
	// LoginWithPrefix is a username that has Needs.LoginPrefix, or "".
	LoginWithPrefix string
	Use             CatalogUse
	AuditRows       int
}

// Membership is a member that a login serves.
type Membership struct {
	AccountID  ID
	Account    string // name
	Name       string // display name
	TwoFactor  TwoFactor
	Member     ID
	Suspended  bool
	Pending    bool
	Subaccount bool
	Salutation string
	FirstName  string
	LastName   string
}

// History is what is known of how a member signs in, and of what changed lately.
type History struct {
	Links    []*Link       // open ones, the newest last
	Invites  []*Invite     // pending ones for the member's e-mail in this account
	SignIns  []SignIn      // the last ones, the newest first
	Sessions int           // in this account, those under way too
	Wait     time.Duration // until the next try to sign in, after too many
	Changes  []*AuditEntry // the last ones of the member, the newest first
}

// CatalogUse names the keys of the catalog that accounts and members use.
type CatalogUse struct {
	Grants []string // areas and permissions, of members and default accesses
	Roles  []string
	Mail   []string
	// SoleRoles are the roles of all administrators of an account where none has
	// full access by itself, by the account's name.
	SoleRoles map[string][]string
}

// MemberQuery chooses and sorts the members of one account.
type MemberQuery struct {
	Account ID
	Sort    SortKey
	// Brief leaves out what an export does not tell: whether a subaccount is confirmed,
	// versions and times, and of logins all but the username.
	Brief bool
	// Hashes asks for the password hashes too, and whether they are to be changed.
	Hashes bool
	// Alone says that the account is the only one, so that its members are all that
	// there are.
	Alone bool
	// Beginning, unless nil, chooses some members by how their names begin.
	Beginning *Beginning
}

// Beginning chooses the members of whom a name begins with Prefix, in lower case: the
// first Some by their e-mails, those by their usernames, and the last by either.
type Beginning struct {
	Prefix string
	Some   int
	// Subaccounts chooses subaccounts by their own names instead.
	Subaccounts bool
}

// SortKey says what a list of members is sorted by.
type SortKey string

// The sort keys. Members equal in one are sorted by id.
const (
	SortID       SortKey = "id"
	SortName     SortKey = "name"
	SortEmail    SortKey = "email"
	SortUsername SortKey = "username"
	SortCreated  SortKey = "created"
	SortUpdated  SortKey = "updated"
	SortGroup    SortKey = "group" // who can sign in first, then by name
)

// SortKeys are the values of [SortKey].
var SortKeys = []string{string(SortID), string(SortName), string(SortEmail), string(SortUsername), string(SortCreated), string(SortUpdated), string(SortGroup)}

// AuditQuery chooses audit entries. Empty fields choose all.
type AuditQuery struct {
	Account string
	Since   int64  // Unix milliseconds
	Actor   string // an operating-system user, store user or claimed actor
	Member  string // an e-mail, as it was then, or an id
	Action  string // an action, or a prefix of one up to its dot
}

// AuditEntry is one action that was committed.
type AuditEntry struct {
	ID       ID
	CommitID ID
	At       int64 // Unix milliseconds
	Actor    Actor
	Action   string
	Account  string
	MemberID ID     // 0 where the action is of no member
	Subject  string // the member's e-mail, or the account's name
	Before   string // JSON object of the fields that changed, or ""
	After    string
	// Added is, of a commit, a member who has just been added and of whom there is no
	// more to tell than is in the row and its login's: After is left out, and the store
	// makes it of these.
	Added *Member
}

// Actor says who acts.
type Actor struct {
	OSUser    string // operating-system user
	StoreUser string // user of the store, where it has users
	Claimed   string // --actor, unproven
	Person    string // e-mail of the person behind a link, who acted by themselves
}
