package storetest

import "github.com/staffctl/staffctl/internal/staff"

// referenceTests hold that no commit leaves a reference to nothing, whether the
// store itself enforces foreign keys or not.
func referenceTests() map[string]func(*world) {
	tests := map[string]func(*world){}
	for name, edit := range map[string]func(w *world, c *staff.Commit){
		"a member of no account": func(w *world, c *staff.Commit) {
			m := *w.member("carl@example.ch")
			m.ID, m.AccountID, m.Email = w.staff.IDs.Next(w.clock.now()), 7, "dora@example.ch"
			c.Members = []staff.Diff[staff.Member]{{After: &m}}
		},
		"a member with no login": func(w *world, c *staff.Commit) {
			c.Members = []staff.Diff[staff.Member]{change(w.member("carl@example.ch"), func(m *staff.Member) { m.Login = &staff.Login{ID: 7} })}
		},
		"a login gone from under its member": func(w *world, c *staff.Commit) {
			c.Logins = []staff.Diff[staff.Login]{{Before: w.member("bert@example.ch").Login}}
		},
		"a link for nobody": func(w *world, c *staff.Commit) {
			l := w.someLink()
			l.MemberID = 7
			c.Links = []*staff.Link{l}
		},
		"a link for no account": func(w *world, c *staff.Commit) {
			l := w.someLink()
			l.AccountID = 7
			c.Links = []*staff.Link{l}
		},
		"a link for no login": func(w *world, c *staff.Commit) {
			l := w.someLink()
			l.LoginID = 7
			c.Links = []*staff.Link{l}
		},
		"a link for no invite": func(w *world, c *staff.Commit) {
			l := w.someLink()
			l.MemberID, l.InviteID = 0, 7
			c.Links = []*staff.Link{l}
		},
		"an invite to no account": func(w *world, c *staff.Commit) {
			now := w.clock.now().UnixMilli()
			c.Invites = []staff.Diff[staff.Invite]{{After: &staff.Invite{ID: w.staff.IDs.Next(w.clock.now()), AccountID: 7, Email: "ina@example.ch",
				Language: staff.German, Access: staff.Access{Kind: staff.AccessAll}, State: staff.InvitePending, ExpiresAt: now + 1, Version: 1, CreatedAt: now, UpdatedAt: now}}}
		},
	} {
		tests[name] = func(w *world) {
			cast(w)
			c := w.blank("acme")
			edit(w, c)
			w.stale(w.recorded(c))
		}
	}
	return tests
}

// someLink is a link that could be added.
func (w *world) someLink() *staff.Link {
	m := w.member("anna@example.ch")
	now := w.clock.now()
	return &staff.Link{ID: w.staff.IDs.Next(now), Purpose: staff.ForReset, AccountID: m.AccountID, MemberID: m.ID, LoginID: m.Login.ID, Email: m.Email,
		State: staff.LinkOpen, ExpiresAt: now.UnixMilli() + 1, CreatedAt: now.UnixMilli()}
}
