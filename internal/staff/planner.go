package staff

import (
	"strings"
	"time"
)

// planner applies actions to facts, one after the other; each sees what those
// before it have planned.
type planner struct {
	staff    *Staff
	now      time.Time
	idsAt    time.Time // what its ids are made for
	facts    *Facts
	account  *tracked[Account]
	members  crowd
	invites  letters
	commit   *Commit
	results  []Result
	catalog  *Catalog        // as planned
	person   string          // e-mail of the person behind a link who acts
	session  string          // key of the session of who acts, which goes on
	guardCat bool            // the plan depends on the catalog
	audited  map[ID]int      // entries about each member
	taken    map[string]bool // facts.TakenUsernames
	large    bool            // it makes many ids
	// many: it is a piece of an import, in which each person stands once; who is added
	// is counted and not described, and what a refused row planned is taken back.
	many  bool
	saved []func() // take back what the action at hand has changed of what was there
	// What the action at hand is about, and its fields before.
	member  *tracked[Member]
	invite  *tracked[Invite]
	before  []field
	extra   []Change // beside those of its row
	subject string   // of the audit, where it is neither a person nor an account
	result  *Result
	// ofStore: the action at hand is about the store and not the account;
	// ofAccount: another one in the plan changes the account.
	ofStore, ofAccount bool
	// leaving are members who still have an e-mail or a username that an action to
	// come takes from them, so that it is free already.
	leaving map[ID]bool
	// reserved, when not 0, is the id of what the action at hand adds.
	reserved ID
	// step, when not nil, is told how many actions are planned, and may end it.
	step func(done int) error
}

func (s *Staff) planOn(facts *Facts, actions []Action) (*Plan, error) {
	return s.planner(facts, len(actions)).carryOut(actions)
}

// planner knows the facts, and expects about so many actions.
func (s *Staff) planner(facts *Facts, expected int) *planner {
	now := s.Now()
	p := &planner{staff: s, now: now, idsAt: now, facts: facts, catalog: facts.Catalog, audited: map[ID]int{}, large: expected > largePlan}
	p.commit = &Commit{ID: s.IDs.Next(now), Nonce: randomBits(52), At: now.UnixMilli(), Schema: facts.Schema}
	p.results = make([]Result, 0, expected)
	p.members.by = make(map[name][]int, 3*(expected+len(facts.Found)))
	p.taken = make(map[string]bool, len(facts.TakenUsernames))
	for _, key := range facts.TakenUsernames {
		p.taken[key] = true
	}
	if facts.Account != nil {
		p.account = &tracked[Account]{facts.Account, facts.Account.clone()}
	}
	for _, m := range facts.Found {
		p.members.add(&tracked[Member]{m, m.clone()})
	}
	for _, i := range facts.Invites {
		p.invites.add(&tracked[Invite]{i, i.clone()})
	}
	return p
}

// carryOut plans the actions and turns what they come to into a plan.
func (p *planner) carryOut(actions []Action) (*Plan, error) {
	for i, a := range actions {
		if err := p.tell(i); err != nil {
			return nil, err
		}
		if err := p.run(a); err != nil {
			return nil, err
		}
	}
	if err := p.tell(len(actions)); err != nil {
		return nil, err
	}
	if p.account != nil && p.account.before != nil && p.commit.DropAccount == 0 {
		if err := p.checkAdministrators(); err != nil {
			return nil, err
		}
	}
	p.finish()
	return &Plan{Catalog: p.catalog, Results: p.results, commit: p.commit}, nil
}

func (p *planner) tell(done int) error {
	if p.step == nil {
		return nil
	}
	return p.step(done)
}

// run plans one action and writes its audit entry.
func (p *planner) run(a Action) error {
	p.member, p.invite, p.before, p.extra, p.subject, p.ofStore = nil, nil, nil, nil, "", false
	p.results = append(p.results, Result{Action: a.Kind()})
	p.result = &p.results[len(p.results)-1]
	if err := a.plan(p); err != nil {
		return err
	}
	if p.member != nil {
		p.members.again(p.member)
	}
	p.settle()
	if !p.result.Changed {
		return nil
	}
	p.ofAccount = p.ofAccount || !p.ofStore
	p.commit.Audit = append(p.commit.Audit, p.entry(a))
	return nil
}

// entry is the audit of the action at hand.
func (p *planner) entry(a Action) AuditEntry {
	e := AuditEntry{ID: p.nextID(), Action: a.Kind()}
	e.Subject, _, _ = strings.Cut(a.Kind(), ".")
	if p.result.Account != nil {
		e.Account, e.Subject = p.result.Account.Name, p.result.Account.Name
	}
	if i := p.result.Invite; i != nil {
		e.Subject = i.Email
	}
	if p.subject != "" {
		e.Subject = p.subject
	}
	if m := p.result.Member; m != nil {
		e.MemberID, e.Subject = m.ID, m.Email
		if p.isWhole() {
			e.Added = m
		}
		if !p.many {
			p.audited[m.ID]++
		}
	}
	if e.Added == nil {
		e.Before, e.After = sides(p.result.Changes)
	}
	return e
}

// isWhole reports whether the action at hand adds a member and all that there is to
// tell of it is in its row and its login's.
func (p *planner) isWhole() bool {
	return len(p.before) == 0 && p.extra == nil && p.member != nil && p.member.before == nil && p.member.now != nil && p.member.now.Subaccount == ""
}

// finishAudit lets no entry stand for a row that another action has changed since.
func (p *planner) finishAudit() {
	if p.many {
		return
	}
	at := 0
	for i := range p.results {
		if !p.results[i].Changed {
			continue
		}
		if e := &p.commit.Audit[at]; e.Added != nil && p.audited[e.MemberID] > 1 {
			e.Added = nil
			e.Before, e.After = sides(p.results[i].Changes)
		}
		at++
	}
}

// settle compares what the action was about with what it has become.
func (p *planner) settle() {
	r := p.result
	if p.account != nil && r.Account == nil && !p.ofStore {
		r.Account = p.account.now
	}
	if p.invite != nil {
		r.Invite = p.invite.now
	}
	switch {
	case p.member != nil:
		p.settleMember(r)
	case p.invite != nil:
		r.Changes = compare(p.before, p.invite.now.fields())
	case p.before != nil:
		r.Changes = compare(p.before, p.account.now.fields())
	}
	r.Changes = append(r.Changes, p.extra...)
	r.Changed = r.Changed || len(r.Changes) > 0
}

func (p *planner) settleMember(r *Result) {
	if p.member.now == nil {
		r.Removed = true
		p.revokeInvite(p.member.before)
		r.Changes = compare(p.before, nil)
		return
	}
	r.Member = p.member.now
	if outgrows(p.member.before, r.Member) {
		p.revokeInvite(p.member.before)
	}
	if r.Changed = p.many && p.isWhole(); !r.Changed {
		r.Changes = compare(p.before, r.Member.fields())
	}
}

// outgrows reports whether a member has changed in what a pending invite was sent
// for, or can sign in without it.
func outgrows(before, now *Member) bool {
	return before != nil && (before.Email != now.Email || !same(before.Access.List(), now.Access.List()) || before.Login == nil && now.Login != nil)
}

// revokeInvite ends the pending invite of a member who is removed or outgrows it.
func (p *planner) revokeInvite(m *Member) {
	if m == nil {
		return
	}
	for _, t := range p.invites.byEmail[EmailKey(m.Email)] {
		if t.now.State != InvitePending {
			continue
		}
		p.keep(t)
		t.now.State = InviteRevoked
		p.commit.EndLinks = append(p.commit.EndLinks, LinkEnd{Invite: t.now.ID})
		p.extra = append(p.extra, Change{"invite", t.now.ID, string(InviteRevoked)})
		p.warn("the pending invite of %s is revoked by this", m.Email)
	}
}

// find returns the member that the selector names, among those that the plan
// leaves, or nil.
func (p *planner) find(s Selector) (*tracked[Member], error) {
	found := p.members.fitting(s)
	switch len(found) {
	case 0:
		return nil, nil //nolint:nilnil // nobody, and nothing wrong
	case 1:
		return found[0], nil
	default:
		members := make([]*Member, len(found))
		for i, t := range found {
			members[i] = t.now
		}
		return nil, ambiguous(s, members)
	}
}

// edit returns the member that the selector names, as the plan leaves it, and
// makes it what the action is about.
func (p *planner) edit(s Selector) (*Member, error) {
	t, err := p.find(s)
	if err != nil {
		return nil, err
	}
	if t == nil {
		return nil, notFound(s, p.account.now)
	}
	p.about(t)
	return t.now, nil
}

// about makes a member what the action is about, who may change from now on.
func (p *planner) about(t *tracked[Member]) {
	if p.many {
		was := t.now.clone()
		p.saved = append(p.saved, func() { t.now = was })
	}
	p.member, p.before = t, t.now.fields()
}

// aboutInvite is about for an invite.
func (p *planner) aboutInvite(t *tracked[Invite]) {
	p.keep(t)
	p.invite, p.before = t, t.now.fields()
}

// keep lets what becomes of an invite be taken back.
func (p *planner) keep(t *tracked[Invite]) {
	if p.many {
		was := t.now.clone()
		p.saved = append(p.saved, func() { t.now = was })
	}
}

// editAccount returns the account as the plan leaves it, and makes it what the
// action is about.
func (p *planner) editAccount() *Account {
	p.before = p.account.now.fields()
	return p.account.now
}

func (p *planner) warn(format string, args ...any) {
	p.result.Warnings = append(p.result.Warnings, Errorf("", "", format, args...).Message)
}
