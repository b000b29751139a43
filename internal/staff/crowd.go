package staff

import "slices"

// crowd are the members that a plan knows, with an index of what they are and
// were named by: a plan may be about a hundred thousand. An entry can be out of
// date, or of a member taken back, so whoever looks one up compares it.
type crowd struct {
	all []*tracked[Member]
	by  map[name][]int // positions in all, rising
}

// name is an id, an e-mail key or a username key.
type name struct {
	kind byte // 'i', 'e' or 'u'
	key  string
	id   ID
}

// add lets another member in.
func (c *crowd) add(t *tracked[Member]) {
	c.all = append(c.all, t)
	c.note(len(c.all) - 1)
}

// note indexes the names that the member at a position has by now.
func (c *crowd) note(i int) {
	if c.by == nil {
		c.by = map[name][]int{}
	}
	for _, m := range []*Member{c.all[i].before, c.all[i].now} {
		if m == nil {
			continue
		}
		for _, n := range []name{{'i', "", m.ID}, {'e', EmailKey(m.Email), 0}, {'u', UsernameKey(m.Username()), 0}} {
			if at := c.by[n]; !slices.Contains(at, i) {
				c.by[n] = append(at, i)
			}
		}
	}
}

// again indexes a member that an action was about.
func (c *crowd) again(t *tracked[Member]) {
	if t.now == nil {
		return
	}
	for _, i := range c.by[name{'i', "", t.now.ID}] {
		if i < len(c.all) && c.all[i] == t {
			c.note(i)
		}
	}
}

// fitting are the members that the plan leaves and that the selector fits.
func (c *crowd) fitting(s Selector) []*tracked[Member] {
	var at []int
	for _, n := range []name{{'i', "", s.ID()}, {'e', s.EmailKey(), 0}, {'u', s.UsernameKey(), 0}} {
		at = append(at, c.by[n]...)
	}
	slices.Sort(at)
	var found []*tracked[Member]
	for _, i := range slices.Compact(at) {
		if i < len(c.all) && c.all[i].now != nil && s.fits(c.all[i].now) {
			found = append(found, c.all[i])
		}
	}
	return found
}

// withUsername are the members that have or had a username, by its key.
func (c *crowd) withUsername(key string) []*tracked[Member] { return c.named(name{'u', key, 0}) }
