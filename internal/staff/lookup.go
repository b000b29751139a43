package staff

import "slices"

// A plan can be about thousands of people and invites, so none of them is looked
// for one after the other.

// withEmail are the members that have or had an e-mail, by its key.
func (c *crowd) withEmail(key string) []*tracked[Member] { return c.named(name{'e', key, 0}) }

// withID are the members, one or none, with an id.
func (c *crowd) withID(id ID) []*tracked[Member] { return c.named(name{'i', "", id}) }

func (c *crowd) named(n name) []*tracked[Member] {
	var found []*tracked[Member]
	for _, i := range c.by[n] {
		if i < len(c.all) {
			found = append(found, c.all[i])
		}
	}
	return found
}

// letters are the invites that a plan knows, with an index of their e-mails and
// ids, which never change.
type letters struct {
	all     []*tracked[Invite]
	byEmail map[string][]*tracked[Invite]
	byID    map[ID]*tracked[Invite]
}

func (l *letters) add(t *tracked[Invite]) {
	if l.byEmail == nil {
		l.byEmail, l.byID = map[string][]*tracked[Invite]{}, map[ID]*tracked[Invite]{}
	}
	key := EmailKey(t.now.Email)
	l.all = append(l.all, t)
	l.byEmail[key] = append(l.byEmail[key], t)
	l.byID[t.now.ID] = t
}

// cut drops the invites that were added after the first n.
func (l *letters) cut(n int) {
	for _, t := range l.all[n:] {
		key := EmailKey(t.now.Email)
		l.byEmail[key] = l.byEmail[key][:len(l.byEmail[key])-1]
		delete(l.byID, t.now.ID)
	}
	l.all = l.all[:n]
}

// pendingLast puts the invites that are pending after those that are no longer:
// of an e-mail there is one at most, at any moment.
func pendingLast(invites []Diff[Invite]) []Diff[Invite] {
	var pending []Diff[Invite]
	var over []Diff[Invite]
	for _, d := range invites {
		if d.After.State == InvitePending {
			pending = append(pending, d)
		} else {
			over = append(over, d)
		}
	}
	return slices.Concat(over, pending)
}

// newID is the id of what the action at hand adds.
func (p *planner) newID() ID {
	if id := p.reserved; id != 0 {
		p.reserved = 0
		return id
	}
	return p.nextID()
}

// largePlan is how many actions make a plan one of many ids.
const largePlan = 100

// nextID makes an id for what the plan adds.
func (p *planner) nextID() ID {
	if p.large {
		return p.staff.IDs.NextOfMany(p.idsAt)
	}
	return p.staff.IDs.Next(p.idsAt)
}
