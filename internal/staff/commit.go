package staff

// Commit is what a command changes: carried out in one atomic batch.
type Commit struct {
	ID ID
	// Nonce tells this commit from another that happens to have the same ID.
	Nonce  int64
	At     int64 // Unix milliseconds
	Actor  Actor
	Schema int // the version of the schema it was planned on
	// Again is, of a commit in pieces, that it was planned before, and others were
	// quicker: what they have staged meanwhile is not taken for left over.
	Again  bool
	Guards []Guard
	// Accounts, Members, Logins and Invites are the rows that change.
	Accounts []Diff[Account]
	Members  []Diff[Member]
	Logins   []Diff[Login]
	Invites  []Diff[Invite]
	// Links are the links that it makes. UsedLink is the one that allowed it,
	// which must still be open.
	Links    []*Link
	UsedLink ID
	// EndLinks ends the open links of members, invites and logins before the new
	// ones are made.
	EndLinks []LinkEnd
	// EndSessions ends sessions; UsedTAN is the TAN that allowed the commit, which
	// must still be unused.
	EndSessions []SessionEnd
	UsedTAN     ID
	// ForgetTries are keys of [Limits] under which counting ends.
	ForgetTries []string
	// Mails go to the outbox; DiscardMail takes one from it.
	Mails       []*Mail
	DiscardMail ID
	// Catalog replaces the catalog, when not nil.
	Catalog *Catalog
	// DropAccount deletes the account with all that is only its.
	DropAccount ID
	// PruneBefore deletes the audit older than that, in Unix milliseconds.
	PruneBefore int64
	// Touched are the accounts whose counters the commit raises.
	Touched []ID
	Audit   []AuditEntry
}

// Diff is a row before and after: Before nil adds it, After nil deletes it.
type Diff[T any] struct{ Before, After *T }

// LinkEnd says whose open links end: one of its fields is set.
type LinkEnd struct {
	Member, Invite, Login ID
	Purpose               Purpose // "" for links of any
}

// SessionEnd says whose sessions end, of a login or of a member, but for one.
type SessionEnd struct {
	Login, Member ID
	Except        string // its key
}

// Guard aborts the commit unless the row still has the version. Rows in a Diff
// are guarded by themselves.
type Guard struct {
	Table   Guarded
	ID      ID // 0 for the catalog
	Version int64
}

// Guarded names what a [Guard] can hold on to.
type Guarded string

// What a [Guard] can hold on to.
const (
	GuardAccount Guarded = "accounts"
	GuardMember  Guarded = "members"
	GuardLogin   Guarded = "logins"
	GuardInvite  Guarded = "invites"
	GuardCatalog Guarded = "catalog"
	// GuardCounter holds on to an account with all in it: every commit there raises
	// its counter, which is what the guard's version is.
	GuardCounter Guarded = "counters"
)

// tracked is a row as the store has it and as the plan leaves it. A nil before
// is a new row, a nil now a removed one.
type tracked[T any] struct{ before, now *T }
