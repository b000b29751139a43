//go:build unix

package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// administratorDuels is how many times two commands meet, over all pairs.
const administratorDuels = 500

// headStart bounds how much sooner one of the two starts.
const headStart = 4 * time.Millisecond

// duel is two commands at once. The store has the administrators anna and
// bruno and the member carla, who can sign in; with owner anna owns the account,
// with solo bruno can sign in but opens nothing. Allowed are the exit codes of
// both, such as 0/7.
type duel struct {
	name, left, right, setting string
	allowed                    []string
}

const (
	anna  = "anna@example.ch"
	bruno = "bruno@example.ch"
	carla = "carla@example.ch"
)

// duels are the 16 ways. Either may come first; the one that would take the
// last administrator is not allowed (7), whoever is gone is not found (4).
func duels() []duel {
	oneWins := []string{"0/7", "7/0"}
	both := []string{"0/0"}
	return []duel{
		{"remove, remove", "member remove anna", "member remove bruno", "", oneWins},
		{"remove, suspend", "member remove anna", "member suspend bruno", "", oneWins},
		{"remove, access none", "member remove anna", "member set-access bruno none", "", oneWins},
		{"remove, revoke all", "member remove anna", "member revoke bruno all", "", oneWins},
		{"suspend, suspend", "member suspend anna", "member suspend bruno", "", oneWins},
		{"suspend, access none", "member suspend anna", "member set-access bruno none", "", oneWins},
		{"access none, access none", "member set-access anna none", "member set-access bruno none", "", oneWins},
		{"access none, access grants", "member set-access anna none", "member set-access bruno invoices", "", oneWins},
		{"revoke all, revoke all", "member revoke anna all", "member revoke bruno all", "", oneWins},
		{"update to none, suspend", "member add anna --on-conflict update --access none", "member suspend bruno", "", oneWins},
		{"remove the same", "member remove anna", "member remove anna", "", []string{"0/4", "4/0"}},
		{"remove, edit of the other", "member remove anna", "member edit bruno --last-name Neu", "", both},
		{"remove, a new one", "member remove anna", "member grant bruno all", "solo", []string{"0/0", "7/0"}},
		{"hand over, remove the owner", "account set-owner acme bruno", "member remove anna", "owner", []string{"0/0", "0/7"}},
		{"hand over, restrict the heir", "account set-owner acme bruno", "member set-access bruno none", "owner", oneWins},
		{"remove the heir, hand over", "member remove bruno", "account set-owner acme bruno", "owner", []string{"0/4", "7/0"}},
	}
}

// administrators lets two commands at once take full access from two people.
func administrators(t *trial) {
	settings := map[string]*store{}
	for _, name := range []string{"", "owner", "solo"} {
		settings[name] = t.newSetting(name)
	}
	rows := map[string]int{}
	for name, s := range settings {
		rows[name] = s.info().AuditRows
	}
	all := duels()
	seen := map[string]int{}
	for n := range t.scaled(administratorDuels, len(all)) {
		if t.ctx.Err() != nil {
			return
		}
		d := all[n%len(all)]
		s := settings[d.setting].copyStore(filepath.Join(t.dir, fmt.Sprint("duel", n), "staffctl.db"))
		seen[s.fight(d, rows[d.setting])]++
		t.check(os.RemoveAll(filepath.Dir(s.path)))
	}
	t.note("%d pairs", len(all))
	for _, codes := range slices.Sorted(maps.Keys(seen)) {
		t.note("%s %d times", codes, seen[codes])
	}
}

// newSetting makes the store that duels of a setting begin with.
func (t *trial) newSetting(name string) *store {
	s := t.newStore("setting-" + name)
	brunos := "all"
	if name == "solo" {
		brunos = "none"
	}
	for _, p := range [][2]string{{anna, "all"}, {bruno, brunos}, {carla, "invoices"}} {
		s.expect("a member of the setting", s.add(p[0], "--access", p[1]), 0)
		s.signIn(p[0])
	}
	if name == "owner" {
		s.must("account", "set-owner", "acme", anna)
	}
	return s
}

// arguments puts the addresses for the names and answers questions.
func arguments(line string) []string {
	var args []string
	for _, word := range strings.Fields(line) {
		if word == "anna" || word == "bruno" {
			word += "@example.ch"
		}
		args = append(args, word)
	}
	return append(args, "--yes")
}

// fight runs the two commands at once and returns both exit codes.
func (s *store) fight(d duel, rows int) string {
	lines := [2]string{d.left, d.right}
	first := s.random.IntN(2)
	wait := time.Duration(s.random.Int64N(int64(headStart)))
	var results [2]outcome
	var both sync.WaitGroup
	for i := range lines {
		both.Go(func() {
			if i != first {
				time.Sleep(wait)
			}
			results[i] = s.do(arguments(lines[i])...)
			s.committed(results[i])
		})
	}
	both.Wait()
	codes := fmt.Sprintf("%d/%d", results[0].code, results[1].code)
	if !slices.Contains(d.allowed, codes) {
		s.problem("%s: %s, not one of %v: %s; %s", d.name, codes, d.allowed, &results[0], &results[1])
	}
	won := 0
	for _, o := range results {
		s.expect(d.name, o, 0, 4, 7)
		if o.code == 0 {
			won++
		}
	}
	s.afterFight(d, rows+won)
	return codes
}

// afterFight holds that an administrator has stayed and that the audit has a
// row for each command that succeeded.
func (s *store) afterFight(d duel, rows int) {
	s.sound(d.name)
	stayed := 0
	for _, m := range s.members() {
		if m.Status == "active" && m.Access == "all" {
			stayed++
		}
	}
	if stayed == 0 && s.ctx.Err() == nil {
		s.problem("%s: no administrator is left", d.name)
	}
	if got := s.info().AuditRows; got != rows && s.ctx.Err() == nil {
		s.problem("%s: %d audit rows, not %d", d.name, got, rows)
	}
}
