package staff

import (
	"context"
	"iter"
	"slices"
	"strings"
)

// MemberFilter says which members a list shows. An empty field lets everybody
// pass.
type MemberFilter struct {
	Status Status
	Area   string // open to them
	Mail   string // a category they get
	Role   string
	// Subaccounts lets only subaccounts pass.
	Subaccounts bool
	// Search finds people by parts of names, e-mail, username and phones: each of its
	// words must be found, in whatever case, accents or umlauts it is written.
	Search string
	Limit  int // 0: all
}

// check refuses keys that the catalog does not know.
func (f MemberFilter) check(c *Catalog) error {
	if f.Status != "" {
		if err := checkChoice("status", string(f.Status), Statuses); err != nil {
			return err
		}
	}
	if f.Area != "" {
		if err := c.CheckArea("area", f.Area); err != nil {
			return err
		}
	}
	if f.Mail != "" {
		if err := c.CheckMail("mail", f.Mail); err != nil {
			return err
		}
	}
	if f.Role != "" {
		return c.CheckRole("role", f.Role)
	}
	return nil
}

// isOpen reports whether everybody passes.
func (f MemberFilter) isOpen() bool { return f == MemberFilter{Limit: f.Limit} }

func (f MemberFilter) passes(m *Member, policy TwoFactor, c *Catalog, s *search) bool {
	return (!f.Subaccounts || m.Subaccount != "") && (f.Status == "" || m.Status(policy) == f.Status) &&
		(f.Role == "" || m.Access.Role == f.Role) &&
		(f.Mail == "" || slices.Contains(m.Mail, f.Mail)) &&
		(f.Area == "" || c.Allows(m.Access, f.Area) != "") &&
		s.finds(m)
}

// Roster is one account with what is needed to read its members.
type Roster struct {
	Account *Account
	Catalog *Catalog
	staff   *Staff
	alone   bool
}

// Roster opens the account's list of members.
func (s *Staff) Roster(ctx context.Context, account string) (*Roster, error) {
	facts, err := s.load(ctx, &Needs{Account: account})
	if err != nil {
		return nil, err
	}
	return &Roster{Account: facts.Account, Catalog: facts.Catalog, staff: s, alone: facts.Accounts == 1}, nil
}

// Members streams the members that pass the filter. A member is valid until
// the next one is read.
func (r *Roster) Members(ctx context.Context, sort SortKey, f MemberFilter) iter.Seq2[*Member, error] {
	return func(yield func(*Member, error) bool) {
		if err := f.check(r.Catalog); err != nil {
			yield(nil, err)
			return
		}
		if err := checkKey("sort", "sort key", string(sort), SortKeys); err != nil {
			yield(nil, err)
			return
		}
		r.stream(ctx, sort, f, yield)
	}
}

// Everybody streams all members by their ids, with what an export tells of them. A
// member is valid until the next one is read.
func (r *Roster) Everybody(ctx context.Context, hashes bool) iter.Seq2[*Member, error] {
	return r.staff.Store.Members(ctx, MemberQuery{Account: r.Account.ID, Sort: SortID, Brief: true, Hashes: hashes, Alone: r.alone})
}

// Beginning streams those of the members, or of the subaccounts, of whom an e-mail or
// username begins with the prefix: some of them, with the first and the last of all. A
// member is valid until the next one is read.
func (r *Roster) Beginning(ctx context.Context, prefix string, some int, subaccounts bool) iter.Seq2[*Member, error] {
	b := &Beginning{Prefix: strings.ToLower(prefix), Some: some, Subaccounts: subaccounts}
	return r.staff.Store.Members(ctx, MemberQuery{Account: r.Account.ID, Sort: SortEmail, Beginning: b})
}

func (r *Roster) stream(ctx context.Context, sort SortKey, f MemberFilter, yield func(*Member, error) bool) {
	search, open, n := newSearch(f.Search), f.isOpen(), 0
	for m, err := range r.staff.Store.Members(ctx, MemberQuery{Account: r.Account.ID, Sort: sort, Alone: r.alone}) {
		if err == nil && !open && !f.passes(m, r.Account.TwoFactor, r.Catalog, search) {
			continue
		}
		n++
		if !yield(m, err) || err != nil || n == f.Limit {
			return
		}
	}
}

// PendingInvites streams the invites that are pending now.
func (r *Roster) PendingInvites(ctx context.Context) iter.Seq2[*Invite, error] {
	return r.staff.Store.PendingInvites(ctx, r.Account.ID, r.staff.Now().UnixMilli())
}

// Person is a member with the account and the catalog they are read by.
type Person struct {
	*Member
	Account *Account
	Catalog *Catalog
	// History is set where it was asked for.
	History *History
}

// Status derives the person's status.
func (p *Person) Status() Status { return p.Member.Status(p.Account.TwoFactor) }

// Person finds the member that the selector names.
func (s *Staff) Person(ctx context.Context, account string, selector Selector) (*Person, error) {
	facts, err := s.load(ctx, &Needs{Account: account, Members: []Selector{selector}})
	if err != nil {
		return nil, err
	}
	m, err := facts.pick(selector)
	if err != nil {
		return nil, err
	}
	return &Person{Member: m, Account: facts.Account, Catalog: facts.Catalog}, nil
}

// PersonWithHistory is [Staff.Person] with what is known of the person's
// sign-ins.
func (s *Staff) PersonWithHistory(ctx context.Context, account string, selector Selector) (*Person, error) {
	facts, err := s.load(ctx, &Needs{Account: account, Members: []Selector{selector}, History: true, Now: s.Now().UnixMilli()})
	if err != nil {
		return nil, err
	}
	m, err := facts.pick(selector)
	if err != nil {
		return nil, err
	}
	p := &Person{Member: m, Account: facts.Account, Catalog: facts.Catalog, History: facts.History[m.ID]}
	if m.Login == nil {
		return p, nil // nobody has to wait for what is not there
	}
	return p, s.addWait(ctx, p)
}

// addWait finds out how long the person has to wait before another try.
func (s *Staff) addWait(ctx context.Context, p *Person) error {
	keys, err := s.tryKeys(p.Username(), "")
	if CodeOf(err) == CodeNotFound {
		return nil // without the instance key nothing was counted under it here
	}
	if err != nil {
		return err
	}
	p.History.Wait, err = s.Store.Wait(ctx, keys[0], s.Now().UnixMilli())
	return err
}

// Subaccount finds the subaccount with the name, which may have the account's
// prefix.
func (s *Staff) Subaccount(ctx context.Context, account, name string) (*Person, error) {
	facts, err := s.load(ctx, &Needs{Account: account, Subaccounts: []string{name}})
	if err != nil {
		return nil, err
	}
	p := &planner{account: &tracked[Account]{nil, facts.Account}}
	for _, m := range facts.Found {
		p.members.add(&tracked[Member]{nil, m})
	}
	m, err := p.editSubaccount(name)
	if err != nil {
		return nil, err
	}
	return &Person{Member: m, Account: facts.Account, Catalog: facts.Catalog}, nil
}

// Account reads one account with what it has: the counts are those of facts.
func (s *Staff) Account(ctx context.Context, account string) (*Facts, error) {
	return s.load(ctx, &Needs{Account: account, Counts: true, Size: true})
}

// Catalog reads the catalog of the store.
func (s *Staff) Catalog(ctx context.Context) (*Catalog, error) {
	facts, err := s.load(ctx, &Needs{NoAccount: true})
	if err != nil {
		return nil, err
	}
	return facts.Catalog, nil
}

func (s *Staff) load(ctx context.Context, n *Needs) (*Facts, error) {
	facts, err := s.Store.Load(ctx, n)
	if err != nil {
		return nil, err
	}
	return facts, facts.checkAccount(n)
}
