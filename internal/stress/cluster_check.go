//go:build unix

package main

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/staffctl/staffctl/internal/rqlitetest"
	"github.com/staffctl/staffctl/internal/staff"
)

// catchUp is how long nodes may take until they all have the same.
const catchUp = time.Minute

// reckon holds what must hold when all nodes are back and nobody writes.
func (s *siege) reckon() {
	if s.ctx.Err() != nil {
		return
	}
	findings, rules, err := s.writers[0].store.Check(s.ctx)
	if s.check(err) && rules == 0 {
		s.problem("store check looked at nothing")
	}
	for _, f := range findings {
		s.problem("store check finds %s: %s", f.Check, f.Detail)
	}
	s.alike()
	for _, n := range s.nodes.Nodes {
		s.audited(n)
	}
	s.present()
}

// alike waits until all nodes have the same content.
func (s *siege) alike() {
	end := time.Now().Add(catchUp)
	for s.ctx.Err() == nil {
		var contents [][]string
		digests := map[string]bool{}
		for _, n := range s.nodes.Nodes {
			rows, err := s.content(n)
			if !s.check(err) {
				return
			}
			contents = append(contents, rows)
			digests[digestOf([]byte(strings.Join(rows, "\n")))] = true
		}
		if len(digests) == 1 {
			s.note("%d rows on each node", len(contents[0]))
			return
		}
		if time.Now().After(end) {
			s.problem("nodes differ %v after the last fault: %s", catchUp, firstDifference(contents))
			return
		}
		s.sleep(100 * time.Millisecond)
	}
}

// firstDifference returns the first rows that are not the same.
func firstDifference(contents [][]string) string {
	for row := 0; ; row++ {
		at := make([]string, len(contents))
		for i, c := range contents {
			if at[i] = "(the end)"; row < len(c) {
				at[i] = c[row]
			}
		}
		if len(slices.Compact(slices.Clone(at))) > 1 {
			return strings.Join(at, " | ")
		}
	}
}

// audited compares the commits that a node has, and their rows in the audit,
// with what the writers were told.
func (s *siege) audited(n *rqlitetest.Node) {
	rows, stray, err := s.commitsOf(n)
	if !s.check(err) {
		return
	}
	if len(stray) > 0 {
		s.problem("node %s has audit rows of no commit: %v", n.ID, stray)
	}
	s.unknownFound = s.ledger.found(rows)
	ids := slices.Collect(maps.Keys(rows))
	for id := range s.ledger.entries {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range slices.Compact(ids) {
		if text := s.ledger.wrong(id, rows[id]); text != "" {
			s.problem("node %s: %s", n.ID, text)
		}
	}
}

// present compares the members with what the writers know of theirs.
func (s *siege) present() {
	found, err := s.members()
	if !s.check(err) {
		return
	}
	s.note("%d members", len(found))
	owned := map[string]bool{}
	for _, email := range sharedEmails {
		owned[email] = true
		if found[email] == nil {
			s.problem("%s is gone, whom nobody removed", email)
		}
	}
	for _, w := range s.writers {
		for _, email := range slices.Sorted(maps.Keys(w.known)) {
			owned[email] = true
			var now state
			if m := found[email]; m != nil {
				now = w.view(m)
			}
			w.compare("in the end", email, now)
		}
	}
	for email := range found {
		if !owned[email] {
			s.problem("%s is a member whom nobody added, or whom somebody removed", email)
		}
	}
}

// members reads all members, by e-mail.
func (s *siege) members() (map[string]*staff.Member, error) {
	store := s.writers[0].store
	facts, err := store.Load(s.ctx, &staff.Needs{Account: account})
	if err != nil {
		return nil, err
	}
	found := map[string]*staff.Member{}
	for m, err := range store.Members(s.ctx, staff.MemberQuery{Account: facts.Account.ID, Sort: staff.SortID}) {
		if err != nil {
			return nil, err
		}
		kept := *m
		if m.Login != nil { // it is valid until the next member is read
			kept.Login = new(*m.Login)
		}
		found[m.Email] = &kept
	}
	return found, nil
}
