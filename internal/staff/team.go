package staff

import "context"

// Team is what an account should be, as a team file says it. What is nil is not
// managed: it stays as it is.
type Team struct {
	File    string `json:"file,omitempty"` // that it stands in, for messages
	Account string `json:"account"`
	Settings
	Owner       *string           `json:"owner,omitempty"` // e-mail
	Senders     *[]string         `json:"senders,omitempty"`
	Members     *[]TeamMember     `json:"members,omitempty"`
	Subaccounts *[]TeamSubaccount `json:"subaccounts,omitempty"`
	Invites     *[]TeamInvite     `json:"invites,omitempty"`
	// Lines are those of the keys of the file, for messages.
	Lines map[string]int `json:"lines,omitempty"`
}

// Size counts the people and the invites that it has.
func (t *Team) Size() (people, invites int) {
	return len(all(t.Members)) + len(all(t.Subaccounts)), len(all(t.Invites))
}

// TeamPerson is what an entry says of a person. It says all: what is empty is the
// default, which is the account's for a language.
type TeamPerson struct {
	Line       int      `json:"line,omitempty"`
	Email      string   `json:"email"`
	Salutation string   `json:"salutation,omitempty"`
	FirstName  string   `json:"first_name,omitempty"`
	LastName   string   `json:"last_name,omitempty"`
	Language   string   `json:"language,omitempty"`
	Phones     []string `json:"phones,omitempty"` // LABEL=NUMBER
	Mail       []string `json:"mail,omitempty"`   // categories, or all alone
	Suspended  bool     `json:"suspended,omitempty"`
}

// TeamMember is a member of a [Team].
type TeamMember struct {
	TeamPerson
	// Username nil is as it is, and the e-mail of a new member.
	Username *string  `json:"username,omitempty"`
	Access   []string `json:"access,omitempty"` // grants, or all alone
}

// TeamSubaccount is a subaccount of a [Team].
type TeamSubaccount struct {
	Name string `json:"name"` // after the prefix
	Role string `json:"role"`
	TeamPerson
}

// TeamInvite is a pending invite of a [Team].
type TeamInvite struct {
	Line     int      `json:"line,omitempty"`
	Email    string   `json:"email"`
	Access   []string `json:"access"` // grants, or all alone
	Language string   `json:"language,omitempty"`
}

// TeamOptions say how a [Team] is applied.
type TeamOptions struct {
	// Prune removes people, and revokes invites, that the team does not have.
	Prune bool
	// MaxRemovals bounds how many of both that may be.
	MaxRemovals MaxRemovals
	// Mail mails links to new subaccounts and invites.
	Mail bool
	// Basis, when not nil, is what the account must still be.
	Basis *Basis
	// Progress, when not nil, is told how many actions are planned of how many.
	Progress func(done, total int64)
}

// Basis is the state that a team was planned on.
type Basis struct {
	Counter int64 `json:"counter"` // of the account
	Catalog int64 `json:"catalog"` // version
}

// TeamPlan is what applying a [Team] would change.
type TeamPlan struct {
	Plan
	Account *Account // as it was; nil where it is new
	Basis   Basis
	// Kept says why somebody is not removed whom the team does not have.
	Kept []string
	// Unlisted and UnlistedInvites count whom the team does not have, and who stay
	// since nothing is pruned.
	Unlisted, UnlistedInvites int
}

// PlanTeam finds out what would make the account what the team says. It writes
// nothing.
func (s *Staff) PlanTeam(ctx context.Context, t *Team, o TeamOptions) (*TeamPlan, error) {
	n := &Needs{Account: t.Account, Counts: true, AllMembers: true, AllInvites: true, Now: s.Now().UnixMilli()}
	t.needs(n)
	facts, err := s.Store.Load(ctx, n)
	if err != nil {
		return nil, err
	}
	if err := facts.checkAccount(n); err != nil {
		if CodeOf(err) == CodeNotFound && t.Account != "" {
			return nil, Errorf(CodeNotFound, "account", "no account %q in the store; make it with staffctl account create %s, or a store with it by staffctl init -f",
				t.Account, t.Account)
		}
		return nil, err
	}
	return s.planTeam(ctx, facts, t, o)
}

// ApplyTeam makes the account what the team says, in one atomic step.
func (s *Staff) ApplyTeam(ctx context.Context, t *Team, o TeamOptions) (*TeamPlan, error) {
	var last *TeamPlan
	_, err := s.commit(ctx, func() (*Plan, error) {
		plan, err := s.PlanTeam(ctx, t, o)
		if err != nil {
			return nil, err
		}
		last = plan
		return &plan.Plan, nil
	})
	if err != nil {
		return nil, err
	}
	return last, nil
}

// PlanInitTeam finds out what InitTeam comes to.
func (s *Staff) PlanInitTeam(ctx context.Context, schema int, t *Team, o TeamOptions) (*TeamPlan, error) {
	if t.Account == "" {
		return nil, t.errorf(0, CodeInvalid, "account", "the account is missing; name the one that the new store begins with")
	}
	return s.planTeam(ctx, &Facts{Schema: schema, Catalog: DefaultCatalog()}, t, o)
}

// InitTeam makes the store with the account that the team describes.
func (s *Staff) InitTeam(ctx context.Context, schema int, t *Team, o TeamOptions) (*TeamPlan, error) {
	plan, err := s.PlanInitTeam(ctx, schema, t, o)
	if err != nil {
		return nil, err
	}
	plan.commit.Catalog = DefaultCatalog()
	plan.commit.Guards = nil // there was nothing before that could change
	return plan, s.Store.Init(ctx, plan.commit)
}

// planTeam turns the team into actions on the facts, and plans them.
func (s *Staff) planTeam(ctx context.Context, facts *Facts, t *Team, o TeamOptions) (*TeamPlan, error) {
	plan := &TeamPlan{Account: facts.Account, Basis: Basis{Catalog: facts.Catalog.Version}}
	if facts.Account != nil {
		plan.Basis.Counter = facts.Account.Counter
	}
	if o.Basis != nil && facts.Account != nil && *o.Basis != plan.Basis {
		return nil, Errorf(CodeConflict, "", "account %s or the catalog has changed meanwhile; nothing was changed, look again with staffctl diff", facts.Account.Name)
	}
	if err := t.checkRepeats(); err != nil {
		return nil, err
	}
	d := s.newDiffer(t, o, facts)
	if err := d.differ(plan); err != nil {
		return nil, err
	}
	actions := d.ordered()
	p := s.planner(facts, len(actions))
	p.leaving = d.leaving
	p.step = func(done int) error {
		if o.Progress != nil {
			o.Progress(int64(done), int64(len(actions)))
		}
		return ctx.Err()
	}
	planned, err := p.carryOut(actions)
	if err != nil {
		return nil, t.named(err)
	}
	plan.Plan = *planned
	if facts.Account != nil && len(plan.commit.Audit) > 0 {
		plan.commit.Guards = append(plan.commit.Guards, Guard{GuardCounter, facts.Account.ID, facts.Account.Counter})
	}
	return plan, nil
}

// needs asks for what the entries depend on, beside all people and invites.
func (t *Team) needs(n *Needs) {
	for _, m := range all(t.Members) {
		if m.Username != nil {
			n.NeedUsername(*m.Username)
		}
	}
	for _, e := range all(t.Subaccounts) {
		n.Senders = append(n.Senders, EmailKey(e.Email))
	}
	for _, address := range all(t.Senders) {
		n.Registrations = append(n.Registrations, EmailKey(address))
	}
}

// all are the entries of a section, none where it is not managed.
func all[T any](section *[]T) []T {
	if section == nil {
		return nil
	}
	return *section
}
