package staff

import (
	"context"
	"slices"
	"time"
)

// sessionMemory is what [memory] has of sessions, and of other accounts.
type sessionMemory struct {
	others   []*Facts // of other accounts: each with its Account and its Found
	sessions map[string]*Session
	tans     []*TAN // the newest last
	signIns  map[ID][]SignIn
	notes    []string // the keys of sessions that were noted as used
}

// home are the facts of the account that the session is in, or those of acme.
func (s *memory) home(session *Session) *Facts {
	for _, f := range s.others {
		if session != nil && f.Account.ID == session.AccountID {
			return f
		}
	}
	return s.facts
}

func (s *memory) homeOf(m *Member) *Facts { return s.home(&Session{AccountID: m.AccountID}) }

// everybody are the members of all accounts.
func (s *memory) everybody() []*Member {
	all := slices.Clone(s.facts.Found)
	for _, f := range s.others {
		all = append(all, f.Found...)
	}
	return all
}

// serves are the memberships of the login, as they are now.
func (s *memory) serves() []Membership {
	var serves []Membership
	for _, ship := range s.facts.Serves {
		people := s.everybody()
		at := slices.IndexFunc(people, func(m *Member) bool { return m.ID == ship.Member })
		if at < 0 && ship.AccountID != 0 {
			continue // removed
		}
		if at >= 0 {
			ship.Suspended, ship.Pending = people[at].Suspended, people[at].Pending
			ship.TwoFactor = s.homeOf(people[at]).Account.TwoFactor
		}
		serves = append(serves, ship)
	}
	return serves
}

func (s *memory) loadSession(session *Session, f *Facts) {
	if session == nil {
		return
	}
	f.Session = new(*session)
	for _, m := range s.homeOf(&Member{AccountID: session.AccountID}).Found {
		if m.ID == session.MemberID {
			f.Found = append(f.Found, m.clone())
		}
	}
	for _, m := range s.everybody() {
		if m.Login != nil && m.Login.ID == session.LoginID {
			f.Login, f.Serves = new(*m.Login), s.serves()
		}
	}
	for _, t := range s.tans {
		if t.Session == session.Key {
			f.TAN = new(*t)
		}
	}
	if l := s.facts.Link; l != nil && session.LinkID == l.ID {
		f.Link = new(*l)
	}
}

// loadHistory counts tries, and tells what is known of the sign-ins of those
// who were found.
func (s *memory) loadHistory(n *Needs, f *Facts) {
	f.Tries = map[string]int{}
	for _, key := range n.Tries {
		f.Tries[key] = s.counts[key]
	}
	if !n.History {
		return
	}
	f.History = map[ID]*History{}
	for _, m := range f.Found {
		h := &History{}
		for _, session := range s.sessions {
			if session.MemberID == m.ID && session.Stage == StageOpen {
				h.Sessions++
			}
		}
		if m.Login != nil {
			h.SignIns = s.signIns[m.Login.ID]
		}
		f.History[m.ID] = h
	}
}

// allows reports whether the link and the TAN are unused that allow the commit.
func (s *memory) allows(c *Commit) bool {
	if l := s.facts.Link; c.UsedLink != 0 && (l == nil || l.ID != c.UsedLink || l.check(c.At) != nil) {
		return false
	}
	return c.UsedTAN == 0 || slices.ContainsFunc(s.tans, func(t *TAN) bool { return t.ID == c.UsedTAN && !t.Used && c.At < t.ExpiresAt })
}

func (s *memory) writeLogin(d Diff[Login]) {
	if d.After == nil {
		return
	}
	for _, m := range s.everybody() {
		if m.Login != nil && m.Login.ID == d.After.ID {
			m.Login = new(*d.After)
		}
	}
	if l := s.facts.Login; l != nil && l.ID == d.After.ID {
		s.facts.Login = new(*d.After)
	}
}

// commitSessions does what a commit does to sessions, TANs, tries and links.
func (s *memory) commitSessions(c *Commit) {
	for _, t := range s.tans {
		t.Used = t.Used || t.ID == c.UsedTAN
	}
	for _, e := range c.EndSessions {
		s.end(func(v *Session) bool {
			return v.Key != e.Except && (e.Login != 0 && v.LoginID == e.Login || e.Member != 0 && v.MemberID == e.Member)
		})
	}
	for _, d := range c.Members {
		if d.After == nil {
			s.end(func(v *Session) bool { return v.MemberID == d.Before.ID })
		}
	}
	for _, key := range c.ForgetTries {
		delete(s.counts, key)
	}
	if len(c.Links) > 0 && s.facts.Link == nil {
		s.facts.Link = new(*c.Links[0])
	}
}

func (s *memory) end(which func(*Session) bool) {
	for key, v := range s.sessions {
		if which(v) {
			delete(s.sessions, key)
		}
	}
}

func (s *memory) StartSession(_ context.Context, v *Session, hash Secret) error {
	for _, m := range s.everybody() {
		if m.ID == v.MemberID && m.Login != nil && m.Login.ID == v.LoginID && m.Login.PasswordHash == hash {
			if s.sessions == nil {
				s.sessions = map[string]*Session{}
			}
			s.sessions[v.Key] = new(*v)
		}
	}
	return nil
}

func (s *memory) MoveSession(_ context.Context, key string, from Stage, to *Session) (bool, error) {
	v := s.sessions[key]
	if v == nil || v.Stage != from {
		return false, nil
	}
	delete(s.sessions, key)
	s.sessions[to.Key] = new(*to)
	return true, nil
}

func (s *memory) NoteSession(_ context.Context, key string, now int64) error {
	s.notes = append(s.notes, key)
	if v := s.sessions[key]; v != nil {
		v.SeenAt = max(v.SeenAt, now)
	}
	return nil
}

func (s *memory) EndSession(_ context.Context, key string) error {
	delete(s.sessions, key)
	return nil
}

func (s *memory) StartTAN(_ context.Context, t *TAN) error {
	s.tans = slices.DeleteFunc(s.tans, func(old *TAN) bool { return old.Session == t.Session })
	s.tans = append(s.tans, new(*t))
	return nil
}

func (s *memory) UseTAN(_ context.Context, id ID, now int64) (bool, error) {
	for _, t := range s.tans {
		if t.ID == id && !t.Used && now < t.ExpiresAt {
			t.Used = true
			return true, nil
		}
	}
	return false, nil
}

func (s *memory) NoteSignIn(_ context.Context, login ID, in SignIn, _ ID) error {
	if s.signIns == nil {
		s.signIns = map[ID][]SignIn{}
	}
	s.signIns[login] = append([]SignIn{in}, s.signIns[login]...)
	return nil
}

func (s *memory) Rehash(_ context.Context, login ID, from, to Secret) error {
	for _, m := range s.everybody() {
		if m.Login != nil && m.Login.ID == login && m.Login.PasswordHash == from {
			m.Login.PasswordHash = to
		}
	}
	if l := s.facts.Login; l != nil && l.ID == login && l.PasswordHash == from {
		l.PasswordHash = to
	}
	return nil
}

func (s *memory) Wait(_ context.Context, key string, _ int64) (time.Duration, error) {
	s.calls = append(s.calls, "wait")
	return s.wait[key], nil
}
