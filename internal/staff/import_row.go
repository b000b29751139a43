package staff

import (
	"hash/maphash"
	"slices"
)

// mark is how far a plan has come.
type mark struct {
	members, invites, audit, endLinks, links, mails, guards int
	guardCat                                                bool
}

// mark begins a row that may be taken back.
func (p *planner) mark() mark {
	p.saved = p.saved[:0]
	c := p.commit
	return mark{len(p.members.all), len(p.invites.all), len(c.Audit), len(c.EndLinks), len(c.Links), len(c.Mails), len(c.Guards), p.guardCat}
}

// takeBack undoes what was planned since the mark.
func (p *planner) takeBack(m mark) {
	for _, undo := range slices.Backward(p.saved) {
		undo()
	}
	c := p.commit
	p.members.all = p.members.all[:m.members]
	p.invites.cut(m.invites)
	c.Audit, c.EndLinks, c.Links, c.Mails, c.Guards = c.Audit[:m.audit], c.EndLinks[:m.endLinks], c.Links[:m.links], c.Mails[:m.mails], c.Guards[:m.guards]
	p.guardCat = m.guardCat
}

// seen are the people of an import so far: those of rows that were not refused. Keys
// are kept as hashes of 64 bits, since a million of them are to fit into memory.
type seen struct {
	seed   maphash.Seed
	sights map[uint64]sight
}

// sight is where somebody stands, and what a later row has to know of it.
type sight struct {
	line  int32
	flags uint8
}

// What a row does for a person.
const (
	byEmail   = 1 << iota // the e-mail is the username
	letsIn                // by a password, or as a subaccount
	endsGuest             // it ends the invite that was pending
)

func newSeen() seen { return seen{maphash.MakeSeed(), map[uint64]sight{}} }

// The kinds of keys in seen: the e-mail of a person or of an invite, the name of a
// subaccount, and a username.
const (
	keyOfPerson   = "p"
	keyOfInvite   = "i"
	keyOfName     = "s"
	keyOfUsername = "u"
)

func (s *seen) at(kind, text string) (sight, bool) {
	found, ok := s.sights[maphash.String(s.seed, kind+text)]
	return found, ok
}

func (s *seen) put(kind, text string, at sight) { s.sights[maphash.String(s.seed, kind+text)] = at }

// check refuses a row about somebody who stands in another.
func (s *seen) check(a Action) error {
	switch a := a.(type) {
	case AddMember:
		return s.checkPerson(a.Email, a.Password != nil)
	case CreateSubaccount:
		if earlier, ok := s.at(keyOfName, a.Name); ok {
			return Errorf(CodeConflict, "subaccount", "subaccount %s stands in line %d already; leave out one of the two", a.Name, earlier.line)
		}
		return s.checkPerson(a.Email, true)
	case SendInvite:
		key := EmailKey(a.Email)
		if earlier, ok := s.at(keyOfInvite, key); ok {
			return Errorf(CodeConflict, "email", "%s is invited in line %d already; leave out one of the two", a.Email, earlier.line)
		}
		if person, ok := s.at(keyOfPerson, key); ok && person.flags&(letsIn|endsGuest) != 0 {
			return noGuest(a.Email, person.line)
		}
		return nil
	default:
		return Errorf(CodeInternal, "", "%s is no action of an import", a.Kind())
	}
}

func (s *seen) checkPerson(email string, in bool) error {
	key := EmailKey(email)
	if earlier, ok := s.at(keyOfPerson, key); ok {
		return Errorf(CodeConflict, "email", "%s stands in line %d already; leave out one of the two", email, earlier.line)
	}
	if invite, ok := s.at(keyOfInvite, key); ok && in {
		return noGuest(email, invite.line)
	}
	return nil
}

func noGuest(email string, line int32) error {
	return Errorf(CodeConflict, "email", "%s stands in line %d too, and after one of the two there is nobody to be invited; leave out the invite", email, line)
}

// checkPlanned refuses a row that ends an invite of another row, leaves the member
// a username of another, or is about a member of another, who was found by a name
// then.
func (s *seen) checkPlanned(p *planner, result *Result) error {
	m := result.Member
	if m == nil {
		return nil
	}
	if invite, ok := s.at(keyOfInvite, EmailKey(m.Email)); ok && endsInvite(result) {
		return noGuest(m.Email, invite.line)
	}
	if before := p.member.before; before != nil && EmailKey(before.Email) != EmailKey(m.Email) {
		if earlier, ok := s.at(keyOfPerson, EmailKey(before.Email)); ok {
			return Errorf(CodeConflict, "email", "%s stands in line %d already, by the e-mail %s; leave out one of the two", m.Username(), earlier.line, before.Email)
		}
	}
	key := UsernameKey(m.Username())
	earlier, taken := s.at(keyOfUsername, key)
	if !taken && key != EmailKey(m.Email) {
		earlier, taken = s.at(keyOfPerson, key)
		taken = taken && earlier.flags&byEmail != 0
	}
	if taken {
		return Errorf(CodeConflict, "username", "username %q is that of line %d already; choose another", m.Username(), earlier.line)
	}
	return nil
}

func endsInvite(r *Result) bool {
	return slices.ContainsFunc(r.Changes, func(c Change) bool { return c.Field == "invite" })
}

// note keeps who a row is about that was not refused.
func (s *seen) note(row Row, p *planner, result *Result) {
	at := sight{line: int32(row.Line)}
	if i, ok := row.Action.(SendInvite); ok {
		s.put(keyOfInvite, EmailKey(i.Email), at)
		return
	}
	m := result.Member
	email, username := EmailKey(m.Email), UsernameKey(m.Username())
	if m.Login != nil || m.Subaccount != "" {
		at.flags |= letsIn
	}
	if endsInvite(result) {
		at.flags |= endsGuest
	}
	if m.Subaccount != "" {
		s.put(keyOfName, m.Subaccount, at)
	}
	if before := p.member.before; before != nil && EmailKey(before.Email) != email {
		s.put(keyOfPerson, EmailKey(before.Email), at)
	}
	if username == email {
		at.flags |= byEmail
	} else {
		s.put(keyOfUsername, username, at)
	}
	s.put(keyOfPerson, email, at)
}
