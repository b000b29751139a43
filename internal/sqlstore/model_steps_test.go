package sqlstore_test

import (
	"slices"

	"pgregory.net/rapid"

	"github.com/staffctl/staffctl/internal/sqlstore/storetest"
	"github.com/staffctl/staffctl/internal/staff"
)

// person is what the model knows of a member.
type person struct {
	Username  string
	Login     bool
	Access    []string // all, none, or areas in order
	Mail      []string
	Suspended bool
}

func (p *person) administers() bool {
	return p.Login && !p.Suspended && slices.Equal(p.Access, []string{"all"})
}

// model is account acme by e-mail, and its owner.
type model struct {
	people map[string]*person
	owner  string
}

// names are few, so that they meet.
var (
	letters    = []string{"a", "b", "c", "d"}
	areas      = []string{"api", "domains", "support"}
	categories = []string{"invoices", "orders", "news"}
)

func address(t *rapid.T, label string) string {
	return rapid.SampledFrom(letters).Draw(t, label) + "@example.ch"
}

// step is a random action and what it does to the model: apply returns "" or
// the code of the refusal, and may change the model though it is refused, since
// it works on a copy.
type step struct {
	action staff.Action
	apply  func(m *model) staff.Code
}

// edits wraps what happens to a member that must exist.
func edits(email string, action staff.Action, edit func(m *model, p *person) staff.Code) step {
	return step{action, func(m *model) staff.Code {
		p := m.people[email]
		if p == nil {
			return staff.CodeNotFound
		}
		code := edit(m, p)
		if code == "" && m.owner == email && (p.Suspended || !slices.Equal(p.Access, []string{"all"})) {
			return staff.CodeForbidden
		}
		return code
	}}
}

func (m *model) usernameOf(name string) string {
	for email, p := range m.people {
		if p.Username == name {
			return email
		}
	}
	return ""
}

func drawAccess(t *rapid.T) []string {
	return rapid.OneOf(rapid.Just([]string{"all"}), rapid.Just([]string{"none"}),
		rapid.SliceOfNDistinct(rapid.SampledFrom(areas), 1, 3, rapid.ID)).Draw(t, "access")
}

// steps draw one action each.
var steps = map[string]func(t *rapid.T) step{
	"add": func(t *rapid.T) step {
		email, access := address(t, "email"), drawAccess(t)
		return step{storetest.Add(email, access...), func(m *model) staff.Code {
			if m.people[email] != nil || m.usernameOf(email) != "" {
				return staff.CodeConflict
			}
			m.people[email] = &person{Username: email, Access: sorted(access)}
			return ""
		}}
	},
	"remove": func(t *rapid.T) step {
		email := address(t, "email")
		return edits(email, staff.RemoveMember{Member: storetest.By(email)}, func(m *model, _ *person) staff.Code {
			if m.owner == email {
				return staff.CodeForbidden
			}
			delete(m.people, email)
			return ""
		})
	},
	"password": func(t *rapid.T) step {
		email := address(t, "email")
		return edits(email, storetest.Password(email), func(_ *model, p *person) staff.Code {
			p.Login = true
			return ""
		})
	},
	"email": func(t *rapid.T) step {
		email, to := address(t, "email"), address(t, "to")
		return edits(email, staff.EditMember{Member: storetest.By(email), Email: &to}, func(m *model, p *person) staff.Code {
			if email == to {
				return ""
			}
			if m.people[to] != nil {
				return staff.CodeConflict
			}
			if !p.Login && p.Username == email { // the e-mail proposes itself
				if m.usernameOf(to) != "" {
					return staff.CodeConflict
				}
				p.Username = to
			}
			delete(m.people, email)
			m.people[to] = p
			if m.owner == email {
				m.owner = to
			}
			return ""
		})
	},
	"username": func(t *rapid.T) step {
		email := address(t, "email")
		to := rapid.SampledFrom([]string{"a@example.ch", "b@example.ch", "x", "y"}).Draw(t, "username")
		return edits(email, staff.SetUsername{Member: storetest.By(email), Username: to}, func(m *model, p *person) staff.Code {
			if other := m.usernameOf(to); other != "" && other != email {
				return staff.CodeConflict
			}
			p.Username = to
			return ""
		})
	},
	"access": func(t *rapid.T) step {
		email, access := address(t, "email"), drawAccess(t)
		return edits(email, staff.SetAccess{Member: storetest.By(email), Access: access}, func(_ *model, p *person) staff.Code {
			p.Access = sorted(access)
			return ""
		})
	},
	"grant": func(t *rapid.T) step {
		email, area := address(t, "email"), rapid.SampledFrom(areas).Draw(t, "area")
		return edits(email, staff.Grant{Member: storetest.By(email), Grants: []string{area}}, func(_ *model, p *person) staff.Code {
			switch p.Access[0] {
			case "all":
			case "none":
				p.Access = []string{area}
			default:
				p.Access = sorted(append(p.Access, area))
			}
			return ""
		})
	},
	"revoke": func(t *rapid.T) step {
		email, area := address(t, "email"), rapid.SampledFrom(areas).Draw(t, "area")
		return edits(email, staff.Revoke{Member: storetest.By(email), Grants: []string{area}}, func(_ *model, p *person) staff.Code {
			if p.Access[0] == "all" {
				return staff.CodeInvalid
			}
			if p.Access = slices.DeleteFunc(slices.Clone(p.Access), func(g string) bool { return g == area }); len(p.Access) == 0 {
				p.Access = []string{"none"}
			}
			return ""
		})
	},
	"suspend": func(t *rapid.T) step {
		email := address(t, "email")
		return edits(email, staff.Suspend{Member: storetest.By(email)}, func(_ *model, p *person) staff.Code { p.Suspended = true; return "" })
	},
	"resume": func(t *rapid.T) step {
		email := address(t, "email")
		return edits(email, staff.Resume{Member: storetest.By(email)}, func(_ *model, p *person) staff.Code { p.Suspended = false; return "" })
	},
	"mail": func(t *rapid.T) step {
		email := address(t, "email")
		mail := rapid.SliceOfDistinct(rapid.SampledFrom(categories), rapid.ID).Draw(t, "mail")
		return edits(email, staff.ChangeMail{Member: storetest.By(email), Change: staff.MailSet, Categories: mail}, func(_ *model, p *person) staff.Code {
			p.Mail = slices.DeleteFunc(slices.Clone(categories), func(c string) bool { return !slices.Contains(mail, c) })
			return ""
		})
	},
	"owner": func(t *rapid.T) step {
		email := address(t, "email")
		return edits(email, staff.SetOwner{Member: storetest.By(email)}, func(m *model, p *person) staff.Code {
			if p.Suspended || p.Access[0] != "all" {
				return staff.CodeForbidden
			}
			m.owner = email
			return ""
		})
	},
}

func sorted(list []string) []string {
	list = slices.Sorted(slices.Values(list))
	return slices.Compact(list)
}
