package staff

import "slices"

// phase orders the actions of a team so that each finds what its rules ask for.
type phase int

const (
	early       phase = iota // settings that allow, sender addresses that go
	removals                 // before somebody gets a name or an e-mail of theirs
	ownership                // the new owner, before anything happens to the old one
	formerOwner              // who is removed only now
	updates
	additions
	late        // sender addresses that come
	invitations // whom the members added by now are known to
	suspensions // of new members, who could not be invited any more
	creations   // of subaccounts, likewise
	last        // settings that forbid
	phases
)

// differ finds the actions that make the account what a team says.
type differ struct {
	team     *Team
	options  TeamOptions
	facts    *Facts
	now      int64
	newID    func() ID
	language string // of the account, as it will be
	owner    string // e-mail key of the owner, as it will be, or ""
	people   map[string]*Member
	names    map[string]*Member // subaccounts
	leaving  map[ID]bool
	actions  [phases][]Action
}

func (s *Staff) newDiffer(t *Team, o TeamOptions, facts *Facts) *differ {
	now := s.Now()
	d := &differ{team: t, options: o, facts: facts, now: now.UnixMilli(), newID: func() ID { return s.IDs.NextOfMany(now) }, language: string(German), leaving: map[ID]bool{},
		people: make(map[string]*Member, len(facts.Found)), names: map[string]*Member{}}
	if a := facts.Account; a != nil {
		d.language, d.owner = string(a.Language), EmailKey(a.Owner)
	}
	d.language = given(t.Language, d.language)
	if t.Owner != nil {
		d.owner = EmailKey(*t.Owner)
	}
	for _, m := range facts.Found {
		d.people[EmailKey(m.Email)] = m
		if m.Subaccount != "" {
			d.names[m.Subaccount] = m
		}
	}
	return d
}

// differ finds all actions, and what else the plan tells.
func (d *differ) differ(plan *TeamPlan) error {
	d.settings()
	d.senders()
	if err := d.prune(plan); err != nil {
		return err
	}
	for _, e := range all(d.team.Subaccounts) {
		d.subaccount(e)
	}
	for _, e := range all(d.team.Members) {
		d.member(e)
	}
	for _, e := range all(d.team.Invites) {
		d.invite(e)
	}
	d.setOwner()
	return nil
}

func (d *differ) ordered() []Action { return slices.Concat(d.actions[:]...) }

func (d *differ) add(at phase, p place, a Action) {
	d.actions[at] = append(d.actions[at], entryAction{Action: a, team: d.team, place: p, id: d.newID()})
}

func (d *differ) settings() {
	s := d.team.Settings
	switch {
	case d.facts.Account == nil:
		d.add(early, place{}, CreateAccount{d.team.Account, s})
	case s == Settings{}:
	case given(s.Tariff, string(Enterprise)) != string(Enterprise) && d.facts.Account.Tariff == Enterprise:
		d.add(last, place{}, SetAccount{s})
	default:
		d.add(early, place{}, SetAccount{s})
	}
}

func (d *differ) senders() {
	if d.team.Senders == nil {
		return
	}
	keys := map[string]bool{}
	for _, address := range *d.team.Senders {
		keys[EmailKey(address)] = true
	}
	line := d.team.Lines["senders"]
	if a := d.facts.Account; a != nil {
		for _, address := range a.Senders {
			if !keys[EmailKey(address)] {
				d.add(early, place{line, "senders", address}, RemoveSender{address})
			}
			delete(keys, EmailKey(address))
		}
	}
	for _, address := range *d.team.Senders {
		if keys[EmailKey(address)] {
			d.add(late, place{line, "senders", address}, AddSender{address})
		}
	}
}

// setOwner hands the account over, after what makes the new owner fit for it.
func (d *differ) setOwner() {
	if d.team.Owner == nil || d.facts.Account != nil && EmailKey(d.facts.Account.Owner) == d.owner {
		return
	}
	d.add(ownership, place{d.team.Lines["owner"], "owner", *d.team.Owner}, SetOwner{Selector{Kind: "email", Value: *d.team.Owner}})
}

// details are those of an entry, which says all.
func (d *differ) details(p *TeamPerson) Details {
	salutation, language, phones := p.Salutation, p.Language, p.Phones
	if salutation == "" {
		salutation = "none"
	}
	if language == "" {
		language = d.language
	}
	return Details{Salutation: &salutation, FirstName: &p.FirstName, LastName: &p.LastName, Language: &language, Phones: &phones}
}

// orNone is what an empty list of grants or categories is called.
func orNone(words []string) *[]string {
	if len(words) == 0 {
		words = []string{string(AccessNone)}
	}
	return &words
}

func (d *differ) member(e TeamMember) {
	key := EmailKey(e.Email)
	there := d.people[key]
	isNew := there == nil || d.leaving[there.ID] && there.Subaccount != ""
	a := AddMember{Email: e.Email, Details: d.details(&e.TeamPerson), Username: e.Username, Access: orNone(e.Access), Mail: orNone(e.Mail),
		Suspended: &e.Suspended, OnConflict: Update}
	at := updates
	switch {
	case key == d.owner && key != "" && d.changesOwner():
		at = ownership
	case isNew && e.Suspended:
		at = suspensions
	case isNew:
		at = additions
	}
	if !isNew && e.Username != nil && UsernameKey(*e.Username) != UsernameKey(there.Username()) {
		d.leaving[there.ID] = true
	}
	d.add(at, place{e.Line, "members", e.Email}, a)
}

func (d *differ) changesOwner() bool {
	return d.team.Owner != nil && (d.facts.Account == nil || EmailKey(d.facts.Account.Owner) != d.owner)
}

func (d *differ) subaccount(e TeamSubaccount) {
	if e.FirstName == "" && e.LastName == "" {
		e.LastName = e.Name // as for one that is created without a name
	}
	a := CreateSubaccount{Name: e.Name, Email: e.Email, Role: e.Role, Details: d.details(&e.TeamPerson), Mail: orNone(e.Mail), Suspended: &e.Suspended,
		OnConflict: Update, NoMail: !d.options.Mail || e.Suspended}
	at, there := creations, d.names[e.Name]
	if there != nil {
		at = updates
		if EmailKey(there.Email) != EmailKey(e.Email) {
			d.leaving[there.ID] = true
		}
	}
	d.add(at, place{e.Line, "subaccounts", e.Name}, a)
}

func (d *differ) invite(e TeamInvite) {
	language := e.Language
	if language == "" {
		language = d.language
	}
	at := invitations
	if key := EmailKey(e.Email); key == d.owner && d.people[key] == nil && d.changesOwner() {
		at = ownership // while they may still be given less than an owner has
	}
	d.add(at, place{e.Line, "invites", e.Email}, wantInvite{SendInvite{Email: e.Email, Access: *orNone(e.Access), Language: &language, OnConflict: Update,
		NoMail: !d.options.Mail}})
}

// wantInvite is SendInvite where nothing else has made it needless.
type wantInvite struct{ SendInvite }

func (a wantInvite) plan(p *planner) error {
	key := EmailKey(a.Email)
	for _, t := range p.members.withEmail(key) {
		if t.now != nil && t.now.Login != nil && EmailKey(t.now.Email) == key {
			return nil // is a member already
		}
	}
	if t := p.pendingInvite(key, 0); t != nil {
		access, err := p.accessOf("access", a.Access)
		if err == nil && same(access.List(), t.now.Access.List()) && string(t.now.Language) == *a.Language {
			return nil
		}
	}
	return a.SendInvite.plan(p)
}
