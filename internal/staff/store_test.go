package staff

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"slices"
	"strings"
	"time"
)

// memory is a store of one account in memory, and of others where a test has
// some. It answers what was asked and no more, as stores do, and refuses stale
// commits. What it has of sessions stands in memory_test.go.
type memory struct {
	Store   // panics where a test uses what memory lacks
	facts   *Facts
	commits []*Commit
	loads   int
	rivals  []func(*Facts) // each changes the facts just before a commit
	counts  map[string]int // of tries and sends by their keys
	wait    map[string]time.Duration
	calls   []string // of the limits
	sessionMemory
}

func storeOf(f *Facts) *memory { return &memory{facts: f} }

func (s *memory) Init(_ context.Context, c *Commit) error {
	s.facts = &Facts{Schema: c.Schema, Catalog: c.Catalog}
	return s.Commit(context.Background(), c)
}

func (s *memory) Load(_ context.Context, n *Needs) (*Facts, error) {
	s.loads++
	session := s.sessions[n.Session]
	all := copyOf(s.home(session))
	f := &Facts{Schema: all.Schema, Catalog: all.Catalog, Accounts: all.Accounts}
	if n.Session != "" {
		s.loadSession(session, f)
	}
	if all.Link != nil && n.Link == all.Link.ID {
		f.Link = all.Link
	}
	if all.Account != nil && (n.Account == "" || n.Account == all.Account.Name) && (n.Link == 0 || f.Link != nil) && (n.Session == "" || f.Session != nil) {
		f.Account = all.Account
		f.Found = slices.DeleteFunc(all.Found, func(m *Member) bool { return !s.isAsked(n, m) && (f.Session == nil || f.Session.MemberID != m.ID) })
		f.Invites = slices.DeleteFunc(all.Invites, func(i *Invite) bool {
			return !n.AllInvites && !slices.Contains(n.InviteIDs, i.ID) && !slices.Contains(n.InviteEmails, EmailKey(i.Email)) &&
				(f.Link == nil || f.Link.InviteID != i.ID)
		})
	}
	if all.Login != nil && n.Login == UsernameKey(all.Login.Username) {
		f.Login, f.Serves = all.Login, s.serves()
	}
	s.loadHistory(n, f)
	if n.Counts && f.Account != nil {
		f.Administrators, f.Subaccounts, f.Members = s.count()
	}
	asked := *n
	if n.MemberUsernames {
		for _, m := range f.Found {
			asked.NeedUsername(m.Username())
		}
	}
	among := func(known, keys []string) []string {
		return slices.DeleteFunc(slices.Clone(keys), func(k string) bool { return !slices.Contains(known, k) })
	}
	f.TakenUsernames = among(s.usernames(), asked.Usernames)
	f.AccountNames = among(append(slices.Clone(all.AccountNames), s.accountName()), asked.AccountNames)
	f.Registrations, f.Senders = among(all.Registrations, n.Registrations), among(all.Senders, n.Senders)
	f.Use, f.AuditRows = all.Use, all.AuditRows
	return f, nil
}

// isAsked reports whether the needs name the member in any way.
func (s *memory) isAsked(n *Needs, m *Member) bool {
	l := s.facts.Link
	return n.AllMembers || slices.ContainsFunc(n.Members, func(s Selector) bool { return s.fits(m) }) ||
		m.Subaccount != "" && (slices.Contains(n.Subaccounts, m.Subaccount) || slices.Contains(n.Subaccounts, m.Username())) ||
		l != nil && n.Link == l.ID && (l.MemberID == m.ID || l.InviteID != 0 && EmailKey(l.Email) == EmailKey(m.Email))
}

func (s *memory) accountName() string {
	if s.facts.Account == nil {
		return ""
	}
	return s.facts.Account.Name
}

func (s *memory) count() (administrators, subaccounts, members int) {
	p := &planner{}
	for _, m := range s.facts.Found {
		if p.isAdministrator(s.facts.Catalog, m) {
			administrators++
		}
		if m.Subaccount != "" {
			subaccounts++
		}
	}
	return administrators, subaccounts, len(s.facts.Found)
}

// usernames are the keys that logins have, here and in other accounts.
func (s *memory) usernames() []string {
	keys := slices.Clone(s.facts.TakenUsernames)
	for _, m := range s.facts.Found {
		if m.Login != nil {
			keys = append(keys, UsernameKey(m.Login.Username))
		}
	}
	return keys
}

func (s *memory) Commit(_ context.Context, c *Commit) error {
	if len(s.rivals) > 0 {
		rival := s.rivals[0]
		s.rivals = s.rivals[1:]
		rival(s.facts)
	}
	if !s.isFresh(c) {
		return errors.Join(ErrStale, errors.New("a guard"))
	}
	for _, d := range c.Accounts {
		s.facts.Account, s.facts.Accounts = d.After.clone(), 1
	}
	for _, d := range c.Members {
		home := s.homeOf(cmp.Or(d.After, d.Before))
		home.Found = slices.DeleteFunc(home.Found, func(m *Member) bool { return d.Before != nil && m.ID == d.Before.ID })
		if d.After != nil {
			home.Found = append(home.Found, d.After.clone())
		}
		slices.SortFunc(home.Found, func(a, b *Member) int { return cmp.Compare(a.ID, b.ID) })
	}
	for _, d := range c.Logins {
		s.writeLogin(d)
	}
	s.commitSessions(c)
	for _, d := range c.Invites {
		s.facts.Invites = slices.DeleteFunc(s.facts.Invites, func(i *Invite) bool { return d.Before != nil && i.ID == d.Before.ID })
		s.facts.Invites = append(s.facts.Invites, d.After.clone())
	}
	if l := s.facts.Link; l != nil && c.UsedLink == l.ID {
		l.State = LinkUsed
	}
	if len(c.Touched) > 0 {
		s.facts.Account.Counter++
	}
	if c.Catalog != nil {
		s.facts.Catalog = c.Catalog
	}
	s.commits = append(s.commits, c)
	return nil
}

func (s *memory) isFresh(c *Commit) bool {
	if !s.allows(c) {
		return false
	}
	for _, g := range c.Guards {
		if s.version(g.Table, g.ID) != g.Version {
			return false
		}
	}
	for _, d := range c.Members {
		if d.Before != nil && s.version(GuardMember, d.Before.ID) != d.Before.Version {
			return false
		}
	}
	for _, d := range c.Invites {
		if d.Before != nil && s.version(GuardInvite, d.Before.ID) != d.Before.Version {
			return false
		}
	}
	for _, d := range c.Accounts {
		if d.Before != nil && s.version(GuardAccount, d.Before.ID) != d.Before.Version {
			return false
		}
	}
	return true
}

func (s *memory) version(table Guarded, id ID) int64 {
	switch table {
	case GuardAccount:
		return s.facts.Account.Version
	case GuardCounter:
		return s.facts.Account.Counter
	case GuardCatalog:
		return s.facts.Catalog.Version
	case GuardInvite:
		for _, i := range s.facts.Invites {
			if i.ID == id {
				return i.Version
			}
		}
		return 0
	default:
		for _, m := range s.everybody() {
			if table == GuardMember && m.ID == id {
				return m.Version
			}
			if table == GuardLogin && m.Login != nil && m.Login.ID == id {
				return m.Login.Version
			}
		}
		return 0
	}
}

// Members streams by id, or by e-mail.
func (s *memory) Members(_ context.Context, q MemberQuery) iter.Seq2[*Member, error] {
	people := slices.Clone(s.facts.Found)
	if q.Sort == SortEmail {
		slices.SortFunc(people, func(a, b *Member) int { return strings.Compare(a.Email, b.Email) })
	}
	return func(yield func(*Member, error) bool) {
		for _, m := range people {
			if !yield(m, nil) {
				return
			}
		}
	}
}

// Allow counts, and lets happen what the limit of the test does.
func (s *memory) Allow(_ context.Context, key string, l Limit, _ int64) (bool, error) {
	s.calls = append(s.calls, "allow")
	if s.counts[key] >= l.Count {
		return false, nil
	}
	s.note(key, 1)
	return true, nil
}

// Try counts, unless the test lets it wait.
func (s *memory) Try(_ context.Context, key string, _ int64) (time.Duration, error) {
	s.calls = append(s.calls, "try")
	if wait := s.wait[key]; wait > 0 {
		return wait, nil
	}
	s.note(key, 1)
	return 0, nil
}

func (s *memory) Forget(_ context.Context, key string, _ int64) error {
	s.calls = append(s.calls, "forget")
	s.note(key, -s.counts[key])
	return nil
}

func (s *memory) note(key string, by int) {
	if s.counts == nil {
		s.counts = map[string]int{}
	}
	if s.counts[key] += by; s.counts[key] == 0 {
		delete(s.counts, key)
	}
}
