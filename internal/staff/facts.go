package staff

import (
	"errors"
	"slices"
	"strings"
)

// checkAccount refuses facts without the account that was asked for.
func (f *Facts) checkAccount(n *Needs) error {
	switch {
	case f.Account != nil || n.NoAccount:
		return nil
	case n.Account != "":
		return Errorf(CodeNotFound, "account", "no account %q; list them with staffctl account list", n.Account)
	case f.Accounts == 0:
		return Errorf(CodeNotFound, "account", "the store has no account; make one with staffctl account create NAME")
	default:
		return Errorf(CodeUsage, "account", "the store has %d accounts; choose one with --account", f.Accounts)
	}
}

// pick returns the one member found that the selector fits.
func (f *Facts) pick(s Selector) (*Member, error) {
	found := slices.DeleteFunc(slices.Clone(f.Found), func(m *Member) bool { return !s.fits(m) })
	switch len(found) {
	case 0:
		return nil, notFound(s, f.Account)
	case 1:
		return found[0], nil
	default:
		return nil, ambiguous(s, found)
	}
}

func notFound(s Selector, a *Account) error {
	return Errorf(CodeNotFound, "member", "no member %q in account %s; find people with staffctl member list --search", s.String(), a.Name)
}

// IsUnknownMember reports whether err says that the account has no such member.
func IsUnknownMember(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Code == CodeNotFound && e.Field == "member"
}

func ambiguous(s Selector, found []*Member) error {
	names := make([]string, len(found))
	for i, m := range found {
		names[i] = m.Email
	}
	return Errorf(CodeConflict, "member", "%q fits %s; say which with email:, username: or id:", s.String(), strings.Join(names, " and "))
}

// prefixOf returns the part of a username key before its first hyphen, which
// may be the name of an account, or "".
func prefixOf(usernameKey string) string {
	prefix, _, ok := strings.Cut(usernameKey, "-")
	if !ok {
		return ""
	}
	return prefix
}

// NeedUsername asks for all that a new username depends on.
func (n *Needs) NeedUsername(username string) {
	key := UsernameKey(strings.TrimSpace(username))
	n.Usernames = append(n.Usernames, key)
	n.Members = append(n.Members, Selector{Kind: "username", Value: username})
	if prefix := prefixOf(key); prefix != "" {
		n.AccountNames = append(n.AccountNames, prefix)
	}
}

// checkPrefix refuses a username that is reserved for an account's subaccounts.
func (p *planner) checkPrefix(fieldName, username string) error {
	prefix := prefixOf(UsernameKey(username))
	if prefix == "" || prefix != p.account.now.Name && !slices.Contains(p.facts.AccountNames, prefix) {
		return nil
	}
	return Errorf(CodeConflict, fieldName, "username %q is reserved: names that begin with %s- belong to subaccounts of account %s; choose another",
		username, prefix, prefix)
}

// checkProposal refuses a username that somebody else in the account has.
func (p *planner) checkProposal(fieldName string, m *Member) error {
	key := UsernameKey(m.Username())
	for _, other := range p.others(m, p.members.withUsername(key)) {
		if key != "" && UsernameKey(other.Username()) == key {
			return Errorf(CodeConflict, fieldName, "username %q is that of %s already; choose another", m.Username(), other.Email)
		}
	}
	return nil
}

// others are what others than m are in the plan, but for who leaves. In an import
// they are also what they were: whether somebody gives something up for another must
// not depend on how many rows stand between the two.
func (p *planner) others(m *Member, among []*tracked[Member]) []*Member {
	var others []*Member
	for _, t := range among {
		if t.now != nil && t.now.ID != m.ID && !p.leaving[t.now.ID] {
			others = append(others, t.now)
		}
		if p.many && t.before != nil && t.before.ID != m.ID {
			others = append(others, t.before)
		}
	}
	return others
}
