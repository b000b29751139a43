package staff

import (
	"context"
	"errors"
	"time"
)

// Staff answers questions about people and carries out actions on them.
type Staff struct {
	Store     Store
	Passwords Passwords
	Now       func() time.Time
	IDs       *IDs
	// Actor says who acts; it is asked only for what is committed.
	Actor func() Actor
	// SMS sends text messages; nil where none can be sent.
	SMS Messenger
	// Key reads the instance key, which links are computed with.
	Key func() (LinkKey, error)
}

// Passwords holds the policy for passwords and makes hashes of them.
type Passwords interface {
	// Prepare normalises a password and refuses it with CodeInvalid when the
	// policy does; personal are words that it must not consist of.
	Prepare(plain string, personal []string) (string, error)
	// Hash returns the hash of a prepared password as a PHC string.
	Hash(prepared string) (string, error)
	// CheckHash refuses a hash from elsewhere that cannot be verified here.
	CheckHash(phc string) error
	// Verify reports whether a password as typed is the one of the hash; it takes
	// as long for "", the hash of nobody.
	Verify(phc, plain string) (bool, error)
	// Rehash returns the hash of today for a password whose hash is phc, or ""
	// where that is one already.
	Rehash(phc, plain string) (string, error)
}

// Plan is what a command would change.
type Plan struct {
	Catalog *Catalog // that the results are read by
	Results []Result
	commit  *Commit
}

// Result is what one action comes to.
type Result struct {
	Action   string
	Changed  bool
	Changes  []Change
	Warnings []string
	// Member or Account is what the action was about as it is afterwards, or
	// was before where it is removed. Account is always the member's.
	Member  *Member
	Account *Account
	Removed bool
	// Invite is what the action was about, or what it accepted.
	Invite *Invite
	// Mail is what goes out once it is committed.
	Mail *Mail
	// Link is a link to be shown to who asked for it.
	Link *Link
	// Rows counts what an action on many rows comes to.
	Rows int
}

// Changed reports whether any action changes anything.
func (p *Plan) Changed() bool {
	for i := range p.Results {
		if p.Results[i].Changed {
			return true
		}
	}
	return false
}

// maxTries bounds how often a command is planned again when others are quicker,
// maxRefusals how often when the store refuses it with the same words.
const (
	maxTries    = 40
	maxRefusals = 8
)

// Plan finds out what the actions change in the account, and whether the rules
// allow it. It writes nothing.
func (s *Staff) Plan(ctx context.Context, account string, actions ...Action) (*Plan, error) {
	needs := &Needs{Account: account, Counts: true, Now: s.Now().UnixMilli()}
	for _, a := range actions {
		a.needs(needs)
	}
	facts, err := s.Store.Load(ctx, needs)
	if err != nil {
		return nil, err
	}
	if err := facts.checkAccount(needs); err != nil {
		return nil, err
	}
	return s.planOn(facts, actions)
}

// Do carries out the actions as one atomic step and says what they came to.
func (s *Staff) Do(ctx context.Context, account string, actions ...Action) (*Plan, error) {
	return s.commit(ctx, func() (*Plan, error) { return s.Plan(ctx, account, actions...) })
}

// commit carries out what is planned, which is planned again where others have
// changed the same meanwhile.
func (s *Staff) commit(ctx context.Context, planned func() (*Plan, error)) (*Plan, error) {
	var plan *Plan
	err := s.untilFresh(ctx, func() (err error) {
		if plan, err = planned(); err != nil || !plan.Changed() {
			return err
		}
		return s.Store.Commit(ctx, plan.commit)
	})
	if err != nil {
		return nil, err
	}
	return plan, nil
}

// untilFresh plans and commits, again where others were quicker.
func (s *Staff) untilFresh(ctx context.Context, planAndCommit func() error) error {
	var stubborn refusals
	for try := range maxTries {
		err := planAndCommit()
		if err == nil || !errors.Is(err, ErrStale) {
			return err
		}
		if stubborn.add(err) == maxRefusals {
			return &Error{Code: CodeDamaged, Field: "store", Cause: err,
				Message: "the store refuses what its rules allow; run staffctl store check: " + err.Error()}
		}
		if err := pause(ctx, try); err != nil {
			return err
		}
	}
	return Errorf(CodeConflict, "", "others kept changing the same people; nothing was changed, try again")
}

// refusals counts how often in a row the store has refused with the same words.
type refusals struct {
	words string
	n     int
}

func (r *refusals) add(err error) int {
	if !errors.Is(err, ErrRefused) || err.Error() != r.words {
		*r = refusals{words: err.Error()}
	}
	r.n++
	return r.n
}

// PlanInit finds out what the actions come to in a store yet to be made.
func (s *Staff) PlanInit(schema int, actions ...Action) (*Plan, error) {
	return s.planOn(&Facts{Schema: schema, Catalog: DefaultCatalog()}, actions)
}

// Init makes the store and carries out the actions in the same step.
func (s *Staff) Init(ctx context.Context, schema int, actions ...Action) (*Plan, error) {
	plan, err := s.PlanInit(schema, actions...)
	if err != nil {
		return nil, err
	}
	plan.commit.Catalog = DefaultCatalog()
	plan.commit.Guards = nil // there was nothing before that could change
	return plan, s.Store.Init(ctx, plan.commit)
}

// pause lets the others finish: at random up to 2 ms after the first try and
// twice as long after each further one, 128 ms at most.
func pause(ctx context.Context, try int) error {
	if Pause(ctx, 2*time.Millisecond<<min(try, 6)) != nil {
		return Errorf(CodeInterrupted, "", "interrupted; nothing was changed")
	}
	return nil
}
