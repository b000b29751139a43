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
	sequences(t, "20")
	ids := &staff.IDs{} // the clock stands, so that others would make the same ones
	rapid.Check(t, func(t *rapid.T) {
		// A store would cost more to make than a sequence to run: each begins with an empty account.
		s := storetest.NewStaff(store)
		s.IDs = ids
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
