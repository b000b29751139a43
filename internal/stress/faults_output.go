//go:build unix

package main

import (
	"os"
	"slices"
	"strings"
)

// prints are commands that write results.
func prints() [][]string {
	return slices.Concat(reads, [][]string{{"member", "list"}, {"member", "list", "-o", "csv"}, {"member", "show", "person1@example.ch", "-o", "json"},
		{"catalog", "show", "-o", "yaml"}, {"version"}, {"member", "--help"}})
}

// fullOutput is a standard output on a full disk: a result that nobody gets is
// no success, but what was written to the store stands.
func fullOutput(s *store) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		s.note("skipped full-output: %v", err)
		return
	}
	defer func() { s.check(full.Close()) }()
	for _, args := range prints() {
		o := s.start(command{store: s.path, args: args, stdout: full})
		if last := args[len(args)-1]; last != "check" && last != "--help" { // check has nothing to print, and help is no result
			s.expect("a full disk on standard output", o, 8)
		}
	}
	before := s.info()
	o := s.start(command{store: s.path, args: []string{"member", "add", "unheard@example.ch", "--first-name", "Uli", "--last-name", "Muster"}, stdout: full})
	s.expect("an add whose result nobody gets", o, 8)
	if after := s.info(); after.Members-before.Members != after.AuditRows-before.AuditRows {
		s.problem("an add whose result nobody gets is half done: %+v, then %+v", before, after)
	}
	s.sound("after a full standard output")
}

// closedOutput is a pipe that nobody reads, and no standard output at all.
func closedOutput(s *store) {
	read, write, err := os.Pipe()
	if !s.check(err) || !s.check(read.Close()) {
		return
	}
	for _, args := range append(prints(), writes[0]) {
		o := s.start(command{store: s.path, args: args, stdout: write})
		s.expect("a pipe that nobody reads", o, 0)
		if strings.Contains(o.stderr, "error") {
			s.problem("a pipe that nobody reads does not end quietly: %s", &o)
		}
	}
	s.check(write.Close())
	before := s.digest()
	for _, args := range prints() {
		o := s.start(command{store: s.path, args: args, under: []string{"sh", "-c", `exec "$@" >&- 2>&-`, "sh"}})
		if o.code != 0 && o.code != 8 {
			s.problem("without standard output: exit %d: %s", o.code, &o)
		}
	}
	s.same("after commands without standard output", before)
	s.sound("after commands without standard output")
}
