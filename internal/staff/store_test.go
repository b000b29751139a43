package staff

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"slices"
	"strings"
)

// memory is a store of one account in memory. It answers what was asked and no
// more, as stores do, and refuses stale commits.
type memory struct {
	Store   // panics where a test uses what memory lacks
	facts   *Facts
	commits []*Commit
	loads   int
	rivals  []func(*Facts) // each changes the facts just before a commit
}

func storeOf(f *Facts) *memory { return &memory{facts: f} }

func (s *memory) Init(_ context.Context, c *Commit) error {
	s.facts = &Facts{Schema: c.Schema, Catalog: c.Catalog}
	return s.Commit(context.Background(), c)
}

func (s *memory) Load(_ context.Context, n *Needs) (*Facts, error) {
	s.loads++
	all := copyOf(s.facts)
	f := &Facts{Schema: all.Schema, Catalog: all.Catalog, Accounts: all.Accounts}
	if all.Account != nil && (n.Account == "" || n.Account == all.Account.Name) {
		f.Account = all.Account
		f.Found = slices.DeleteFunc(all.Found, func(m *Member) bool {
			return !slices.ContainsFunc(n.Members, func(s Selector) bool { return s.fits(m) })
		})
	}
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
	f.Registrations = among(all.Registrations, n.Registrations)
	f.Use, f.AuditRows = all.Use, all.AuditRows
	return f, nil
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
		s.facts.Found = slices.DeleteFunc(s.facts.Found, func(m *Member) bool { return d.Before != nil && m.ID == d.Before.ID })
		if d.After != nil {
			s.facts.Found = append(s.facts.Found, d.After.clone())
		}
	}
	slices.SortFunc(s.facts.Found, func(a, b *Member) int { return cmp.Compare(a.ID, b.ID) })
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
	case GuardCatalog:
		return s.facts.Catalog.Version
	default:
		for _, m := range s.facts.Found {
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
