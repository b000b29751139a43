package sqlstore_test

import (
	"flag"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
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

// try carries out the steps on a copy of the model, as one command.
func (m *model) try(drawn []step) (*model, staff.Code) {
	after := &model{map[string]*person{}, m.owner}
	had := false
	for email, p := range m.people {
		after.people[email] = new(*p)
		had = had || p.administers()
	}
	for _, s := range drawn {
		if code := s.apply(after); code != "" {
			return m, code
		}
	}
	for _, p := range after.people {
		if p.administers() {
			return after, ""
		}
	}
	if had {
		return m, staff.CodeForbidden
	}
	return after, ""
}

// read is the model that the store holds.
func read(t *rapid.T, s *staff.Staff) *model {
	roster, err := s.Roster(t.Context(), "acme")
	if err != nil {
		t.Fatal(err)
	}
	m := &model{map[string]*person{}, roster.Account.Owner}
	for p, err := range roster.Members(t.Context(), staff.SortGroup, staff.MemberFilter{}) {
		if err != nil {
			t.Fatal(err)
		}
		m.people[p.Email] = &person{p.Username(), p.Login != nil, slices.Clone(p.Access.List()), slices.Clone(p.Mail), p.Suspended}
	}
	return m
}

func TestModel(t *testing.T) {
	t.Parallel()
	store, _ := fresh(t)
	sequences(t, "30")
	rapid.Check(t, func(t *rapid.T) {
		// A store would cost more to make than a sequence to run: each begins with an empty account.
		s := storetest.NewStaff(store)
		if _, err := s.Do(t.Context(), "acme", staff.DeleteAccount{}); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Do(t.Context(), "", storetest.Enterprise("acme")); err != nil {
			t.Fatal(err)
		}
		m := &model{people: map[string]*person{}}
		for range rapid.IntRange(1, 14).Draw(t, "commands") {
			var drawn []step
			var actions []staff.Action
			var kinds []string
			for range rapid.SampledFrom([]int{1, 1, 1, 2}).Draw(t, "actions") {
				kind := rapid.SampledFrom(stepNames).Draw(t, "action")
				d := steps[kind](t)
				drawn, actions, kinds = append(drawn, d), append(actions, d.action), append(kinds, fmt.Sprintf("%s %+v", kind, d.action))
			}
			after, want := m.try(drawn)
			_, err := s.Do(t.Context(), "acme", actions...)
			if got := codeOf(err); got != want {
				t.Fatalf("%s gave %q (%v), the model says %q", strings.Join(kinds, ", "), got, err, want)
			}
			m = after
			if diff := cmp.Diff(m, read(t, s), cmp.AllowUnexported(model{}), cmpopts.EquateEmpty()); diff != "" {
				t.Fatalf("after %s (-model +store):\n%s", strings.Join(kinds, ", "), diff)
			}
		}
		findings, _, err := store.Check(t.Context())
		if err != nil || len(findings) > 0 {
			t.Fatalf("findings %v, %v", findings, err)
		}
	})
}

// sequences sets how many are tried, unless -rapid.checks does.
func sequences(t *testing.T, n string) {
	t.Helper()
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "rapid.checks" })
	if given {
		return
	}
	if err := flag.Set("rapid.checks", n); err != nil {
		t.Fatal(err)
	}
}

// stepNames are the kinds of steps; those that build something up come twice.
var stepNames = append([]string{"add", "add", "password", "password", "owner"},
	"email", "username", "access", "grant", "revoke", "suspend", "resume", "mail", "remove")

func codeOf(err error) staff.Code {
	if err == nil {
		return ""
	}
	return staff.CodeOf(err)
}
