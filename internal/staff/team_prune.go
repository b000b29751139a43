package staff

import (
	"cmp"
	"slices"
)

// prune finds whom the team does not have, and removes them where that is asked
// for: all but the owner and the last administrator.
func (d *differ) prune(plan *TeamPlan) error {
	listed := d.listed()
	var unlisted []*Member
	for _, m := range d.facts.Found {
		if !listed[m.ID] && d.manages(m) {
			unlisted = append(unlisted, m)
		}
	}
	uninvited := d.uninvited()
	if !d.options.Prune {
		plan.Unlisted, plan.UnlistedInvites = len(unlisted), len(uninvited)
		return nil
	}
	unlisted = slices.DeleteFunc(unlisted, func(m *Member) bool {
		isOwner := d.owner != "" && EmailKey(m.Email) == d.owner
		if isOwner {
			plan.Kept = append(plan.Kept, d.keeps(m, "the owner of the account"))
		}
		return isOwner
	})
	unlisted = d.keepAdministrator(plan, unlisted)
	if err := d.checkRemovals(len(unlisted) + len(uninvited)); err != nil {
		return err
	}
	for _, m := range unlisted {
		d.remove(m)
	}
	for _, i := range uninvited {
		d.add(removals, place{d.team.Lines["invites"], "invites", i.Email}, RevokeInvite{i.ID})
	}
	return nil
}

// checkRemovals bounds how many people and pending invites go, of all of them.
func (d *differ) checkRemovals(going int) error {
	there := len(d.facts.Found)
	for _, i := range d.facts.Invites {
		if i.Status(d.now) == InvitePending {
			there++
		}
	}
	limit := d.options.MaxRemovals.of(there)
	if going <= limit {
		return nil
	}
	return Errorf(CodeForbidden, "max-removals", "%d of %d people and pending invites of account %s are not in the team file, and --max-removals %s allows to remove %d;"+
		" look at them with staffctl diff --prune --max-removals 100%%, then allow so many with --max-removals %d",
		going, there, d.facts.Account.Name, d.options.MaxRemovals, limit, going)
}

// manages reports whether the team says who there is of a member's kind.
func (d *differ) manages(m *Member) bool {
	if m.Subaccount != "" {
		return d.team.Subaccounts != nil
	}
	return d.team.Members != nil
}

// listed are the members that the team has.
func (d *differ) listed() map[ID]bool {
	listed := make(map[ID]bool, len(d.facts.Found))
	for _, e := range all(d.team.Members) {
		if m := d.people[EmailKey(e.Email)]; m != nil && m.Subaccount == "" {
			listed[m.ID] = true
		}
	}
	for _, e := range all(d.team.Subaccounts) {
		if m := d.names[e.Name]; m != nil {
			listed[m.ID] = true
		}
	}
	return listed
}

// uninvited are the pending invites that the team does not have.
func (d *differ) uninvited() []*Invite {
	if d.team.Invites == nil {
		return nil
	}
	invited := map[string]bool{}
	for _, e := range *d.team.Invites {
		invited[EmailKey(e.Email)] = true
	}
	var found []*Invite
	for _, i := range d.facts.Invites {
		if i.Status(d.now) == InvitePending && !invited[EmailKey(i.Email)] {
			found = append(found, i)
		}
	}
	return found
}

func (d *differ) keeps(m *Member, why string) string {
	return Errorf("", "", "%s is not in the team file, and stays as %s", m.Email, why).Message
}

func (d *differ) remove(m *Member) {
	at, section := removals, "members"
	if d.facts.Account.OwnerID == m.ID { // another is to own the account
		at = formerOwner
	}
	var a Action = RemoveMember{byID(m.ID)}
	if m.Subaccount != "" {
		section, a = "subaccounts", RemoveSubaccount{m.Subaccount}
	}
	d.leaving[m.ID] = true
	d.add(at, place{d.team.Lines[section], section, m.Email}, a)
}

// keepAdministrator keeps the oldest administrator of those to be removed where
// nobody else would be one (rule 5).
func (d *differ) keepAdministrator(plan *TeamPlan, going []*Member) []*Member {
	if d.facts.Administrators == 0 {
		return going
	}
	goes := make(map[ID]bool, len(going))
	for _, m := range going {
		goes[m.ID] = true
	}
	will := d.administrators()
	if slices.ContainsFunc(d.facts.Found, func(m *Member) bool { return !goes[m.ID] && will(m) }) {
		return going
	}
	var oldest *Member
	for _, m := range going {
		if will(m) && (oldest == nil || cmp.Compare(m.CreatedAt, oldest.CreatedAt) < 0) {
			oldest = m
		}
	}
	if oldest == nil {
		return going
	}
	plan.Kept = append(plan.Kept, d.keeps(oldest, "its last administrator"))
	return slices.DeleteFunc(going, func(m *Member) bool { return m == oldest })
}

// administrators tells who will be able to sign in with full access, as the team
// has them, or as they are where it does not.
func (d *differ) administrators() func(*Member) bool {
	full := func(m *Member, a Access, suspended bool) bool {
		return m.Login != nil && !m.Pending && !suspended && d.facts.Catalog.IsFull(a)
	}
	said := map[ID]bool{}
	for _, e := range all(d.team.Members) {
		if m := d.people[EmailKey(e.Email)]; m != nil && m.Subaccount == "" {
			access := NoAccess()
			if slices.Equal(e.Access, []string{string(AccessAll)}) {
				access = FullAccess()
			}
			said[m.ID] = full(m, access, e.Suspended)
		}
	}
	for _, e := range all(d.team.Subaccounts) {
		if m := d.names[e.Name]; m != nil {
			said[m.ID] = full(m, Access{Kind: AccessRole, Role: e.Role}, e.Suspended)
		}
	}
	return func(m *Member) bool {
		if will, is := said[m.ID]; is {
			return will
		}
		return full(m, m.Access, m.Suspended)
	}
}
