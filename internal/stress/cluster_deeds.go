//go:build unix

package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/staffctl/staffctl/internal/staff"
)

// Of the members: how many a writer keeps, how many come and go at once, and from
// how many bytes a commit is staged, which those have and no others.
const (
	mostOwn    = 30
	blockSize  = 100
	stagedFrom = 32 << 10
)

// What writers are at odds about: members that all change, and usernames that
// all want.
var (
	sharedEmails   = []string{"shared0@example.ch", "shared1@example.ch"}
	wantedNames    = []string{"boss", "chef", "direktorin"}
	grantsOfMember = []string{"domains", "invoices", "support", "team"}
)

// sharedGrant is the grant that only this writer gives to members that all
// change.
func (w *writer) sharedGrant() string { return grantsAtOnce[w.n] }

// deed is what a writer does in one commit, and what that makes of each member
// that it is about.
type deed struct {
	actions   []staff.Action
	emails    []string
	after     func(email string, s state) state
	contested bool // others want it too, so that it may be refused
}

func addOf(email string) staff.Action {
	local, _, _ := strings.Cut(email, "@")
	return staff.AddMember{Email: email, Details: staff.Details{LastName: &local}}
}

func by(email string) staff.Selector { return staff.Selector{Kind: "email", Value: email} }

// pick makes the next deed.
func (w *writer) pick() deed {
	own := slices.Sorted(maps.Keys(w.known))
	own = slices.DeleteFunc(own, func(e string) bool { return !strings.HasPrefix(e, "own") })
	switch n := w.random.IntN(100); {
	case n < 3:
		return w.changeBlock()
	case n < 30:
		return w.share()
	case len(own) == 0 || n < 50 && len(own) < mostOwn:
		return w.add(1 + n%3)
	}
	email := own[w.random.IntN(len(own))]
	return deedsOnOne[w.random.IntN(len(deedsOnOne))](w, email)
}

// add adds so many members in one commit.
func (w *writer) add(count int) deed {
	emails := make([]string, count)
	for i := range emails {
		emails[i] = w.name("own") + "@example.ch"
	}
	return adding(emails)
}

func adding(emails []string) deed {
	d := deed{emails: emails, after: func(email string, s state) state {
		if s.there {
			return s
		}
		local, _, _ := strings.Cut(email, "@")
		return state{there: true, last: local, username: email}
	}}
	for _, e := range emails {
		d.actions = append(d.actions, addOf(e))
	}
	return d
}

func removing(emails []string) deed {
	d := deed{emails: emails, after: func(string, state) state { return state{} }}
	for _, e := range emails {
		d.actions = append(d.actions, staff.RemoveMember{Member: by(e)})
	}
	return d
}

// name makes a name that no other writer has.
func (w *writer) name(kind string) string {
	w.made++
	return fmt.Sprintf("%s%d.%d", kind, w.n, w.made)
}

// changeBlock adds many members in one commit, or removes them in one: what is
// staged before is as lost as they are, or as there.
func (w *writer) changeBlock() deed {
	if w.block != nil {
		d := removing(w.block)
		w.block = nil
		return d
	}
	base := w.name("block")
	for i := range blockSize {
		w.block = append(w.block, fmt.Sprintf("%s.%d@example.ch", base, i))
	}
	return adding(w.block)
}

// share gives a grant to a member that all change, or takes it.
func (w *writer) share() deed {
	email := sharedEmails[w.random.IntN(len(sharedEmails))]
	grant := w.sharedGrant()
	if w.random.IntN(2) == 0 {
		return deed{actions: []staff.Action{staff.Revoke{Member: by(email), Grants: []string{grant}}}, emails: []string{email}, contested: true,
			after: func(string, state) state { return state{} }}
	}
	return deed{actions: []staff.Action{staff.Grant{Member: by(email), Grants: []string{grant}}}, emails: []string{email}, contested: true,
		after: func(string, state) state { return state{there: true, grants: grant} }}
}

// onOne is a deed on a member who is there.
func onOne(email string, a staff.Action, change func(*state)) deed {
	return deed{actions: []staff.Action{a}, emails: []string{email}, after: func(_ string, s state) state {
		if s.there {
			change(&s)
		}
		return s
	}}
}

// deedsOnOne are all that is done to one member, those that are done more often
// more than once.
var deedsOnOne = []func(w *writer, email string) deed{
	edit, edit, rename, claim, claim, grant, grant, revoke, suspend, resume, password, remove, remove,
}

func edit(w *writer, email string) deed {
	last := w.name("name")
	return onOne(email, staff.EditMember{Member: by(email), Details: staff.Details{LastName: &last}}, func(s *state) { s.last = last })
}

func rename(w *writer, email string) deed {
	username := w.name("user")
	return onOne(email, staff.SetUsername{Member: by(email), Username: username}, func(s *state) { s.username = username })
}

func claim(w *writer, email string) deed {
	username := wantedNames[w.random.IntN(len(wantedNames))]
	d := onOne(email, staff.SetUsername{Member: by(email), Username: username}, func(s *state) { s.username = username })
	d.contested = true
	return d
}

func grant(w *writer, email string) deed {
	word := grantsOfMember[w.random.IntN(len(grantsOfMember))]
	return onOne(email, staff.Grant{Member: by(email), Grants: []string{word}}, func(s *state) { s.grants = with(s.grants, word) })
}

func revoke(w *writer, email string) deed {
	word := grantsOfMember[w.random.IntN(len(grantsOfMember))]
	return onOne(email, staff.Revoke{Member: by(email), Grants: []string{word}}, func(s *state) { s.grants = without(s.grants, word) })
}

func with(list, word string) string {
	words := strings.Split(without(list, word)+","+word, ",")
	slices.Sort(words)
	return strings.TrimPrefix(strings.Join(words, ","), ",")
}

func without(list, word string) string {
	return strings.Join(slices.DeleteFunc(strings.Split(list, ","), func(w string) bool { return w == word }), ",")
}

func suspend(_ *writer, email string) deed {
	return onOne(email, staff.Suspend{Member: by(email)}, func(s *state) { s.suspended = true })
}

func resume(_ *writer, email string) deed {
	return onOne(email, staff.Resume{Member: by(email)}, func(s *state) { s.suspended = false })
}

func password(_ *writer, email string) deed {
	return onOne(email, staff.SetPassword{Member: by(email), Password: staff.HashedPassword(strings.TrimSpace(foreignHash))}, func(s *state) { s.login = true })
}

func remove(_ *writer, email string) deed { return removing([]string{email}) }
