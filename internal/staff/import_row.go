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

// seen are the people of an import so far, each with its line. Keys are kept as
// hashes of 64 bits: a million of them are to fit into memory.
type seen struct {
	seeds [4]maphash.Seed
	lines map[uint64]int64
}

// What a key of seen is of.
const (
	ofPerson = iota // e-mail of a member or subaccount
	ofInvite        // e-mail of an invite
	ofName          // name of a subaccount
	ofUsername
)

// The lowest bits of a line in seen: the person signs in by the e-mail, or gets a
// password.
const (
	byEmail     = 1
	hasPassword = 2
	lineShift   = 2
)

func newSeen() seen {
	s := seen{lines: map[uint64]int64{}}
	for i := range s.seeds {
		s.seeds[i] = maphash.MakeSeed()
	}
	return s
}

func (s *seen) key(of int, text string) uint64 { return maphash.String(s.seeds[of], text) }

// add notes who the row is about, and refuses who stands in one before.
func (s *seen) add(row Row) error {
	switch a := row.Action.(type) {
	case AddMember:
		return s.person(row.Line, a.Email, a.Password != nil)
	case CreateSubaccount:
		name := s.key(ofName, a.Name)
		if earlier, ok := s.lines[name]; ok {
			return Errorf(CodeConflict, "subaccount", "subaccount %s stands in line %d already; leave out one of the two", a.Name, earlier>>lineShift)
		}
		s.lines[name] = int64(row.Line) << lineShift
		return s.person(row.Line, a.Email, true)
	case SendInvite:
		return s.invite(row.Line, a.Email)
	default:
		return Errorf(CodeInternal, "", "%s is no action of an import", row.Action.Kind())
	}
}

func (s *seen) person(line int, email string, password bool) error {
	key := EmailKey(email)
	person := s.key(ofPerson, key)
	if earlier, ok := s.lines[person]; ok {
		return Errorf(CodeConflict, "email", "%s stands in line %d already; leave out one of the two", email, earlier>>lineShift)
	}
	s.lines[person] = int64(line) << lineShift
	if !password {
		return nil
	}
	s.lines[person] |= hasPassword
	if invite, ok := s.lines[s.key(ofInvite, key)]; ok {
		return needsNoInvite(email, invite)
	}
	return nil
}

func (s *seen) invite(line int, email string) error {
	key := EmailKey(email)
	invite := s.key(ofInvite, key)
	if earlier, ok := s.lines[invite]; ok {
		return Errorf(CodeConflict, "email", "%s is invited in line %d already; leave out one of the two", email, earlier>>lineShift)
	}
	s.lines[invite] = int64(line) << lineShift
	if person := s.lines[s.key(ofPerson, key)]; person&hasPassword != 0 {
		return needsNoInvite(email, person)
	}
	return nil
}

func needsNoInvite(email string, line int64) error {
	return Errorf(CodeConflict, "email", "%s stands in line %d too: one of the two lets them in, so leave out the invite", email, line>>lineShift)
}

// username notes the username that the row leaves the member, and refuses one that
// stands in another.
func (s *seen) username(row Row, m *Member) error {
	if m == nil {
		return nil
	}
	key, email := UsernameKey(m.Username()), EmailKey(m.Email)
	chosen, person := s.key(ofUsername, key), s.key(ofPerson, key)
	earlier := s.lines[chosen]
	switch {
	case key == email:
		s.lines[person] |= byEmail
	case s.lines[person]&byEmail != 0:
		earlier = s.lines[person]
		fallthrough
	default:
		s.lines[chosen] = int64(row.Line) << lineShift
	}
	if earlier != 0 && earlier>>lineShift != int64(row.Line) {
		return Errorf(CodeConflict, "username", "username %q is that of line %d already; choose another", m.Username(), earlier>>lineShift)
	}
	return nil
}
