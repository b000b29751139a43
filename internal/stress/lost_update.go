//go:build unix

package main

import (
	"fmt"
	"slices"
	"sync"
)

// lostUpdateRounds is how many members are changed by 32 processes each.
const lostUpdateRounds = 20

// Of each, one process grants or sets one.
var (
	grantsAtOnce = []string{"profile", "team", "contract", "invoices", "quotes", "orders", "products", "domains", "support", "emails", "contacts", "forms"}
	mailsAtOnce  = []string{"invoices", "reminders", "orders", "domains", "maintenance", "security", "support", "news"}
)

const phonesAtOnce = 8

// lostUpdate lets 32 processes at once change different things of one member.
func lostUpdate(t *trial) {
	s := t.newStore("lost-update")
	for round := range t.scaled(lostUpdateRounds, 1) {
		email := fmt.Sprintf("target%d@example.ch", round)
		s.expect("the member to change", s.add(email), 0)
		before := s.info().AuditRows
		edits := editsAtOnce(email)
		var all sync.WaitGroup
		gate := make(chan struct{})
		for _, args := range edits {
			all.Go(func() {
				<-gate
				o := s.do(args...)
				s.committed(o)
				s.expect("a change beside 31 others", o, 0)
			})
		}
		close(gate)
		all.Wait()
		s.allThere(email)
		if rows := s.info().AuditRows - before; rows != len(edits) {
			t.problem("%d audit rows of %d changes to %s", rows, len(edits), email)
		}
		s.sound("after 32 changes at once")
	}
}

// editsAtOnce are 32 changes that do not touch each other.
func editsAtOnce(email string) [][]string {
	var all [][]string
	for _, flag := range [][]string{{"--first-name", "Berta"}, {"--last-name", "Neu"}, {"--salutation", "ms"}, {"--language", "en"}} {
		all = append(all, slices.Concat([]string{"member", "edit", email}, flag))
	}
	for i := range phonesAtOnce {
		all = append(all, []string{"member", "edit", email, "--phone", "work=" + phoneAtOnce(i)})
	}
	for _, m := range mailsAtOnce {
		all = append(all, []string{"mail-prefs", "add", email, m})
	}
	for _, g := range grantsAtOnce {
		all = append(all, []string{"member", "grant", email, g})
	}
	return all
}

func phoneAtOnce(i int) string { return fmt.Sprintf("+4144555100%d", i) }

// allThere holds that no change to the member is lost.
func (s *store) allThere(email string) {
	shown := decode[person](s.trial, s.must("member", "show", email, "-o", "jsonl"))
	if len(shown) != 1 {
		return
	}
	m := shown[0]
	if m.FirstName != "Berta" || m.LastName != "Neu" || m.Salutation != "ms" || m.Language != "en" {
		s.problem("an edit of %s is lost: %s %s, %s, %s", email, m.FirstName, m.LastName, m.Salutation, m.Language)
	}
	var phones []string
	for _, p := range m.Phones {
		phones = append(phones, p.Number)
	}
	var wanted []string
	for i := range phonesAtOnce {
		wanted = append(wanted, phoneAtOnce(i))
	}
	s.holds(email, "phones", phones, wanted)
	s.holds(email, "mails", m.Mail, mailsAtOnce)
	s.holds(email, "grants", m.Grants, grantsAtOnce)
}

func (s *store) holds(email, what string, got, wanted []string) {
	if !slices.Equal(slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(wanted))) {
		s.problem("%s of %s: %v, not %v", what, email, got, wanted)
	}
}
