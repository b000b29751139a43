//go:build unix

package main

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// places are paths where no store can be.
func places(s *store) {
	dir := filepath.Dir(s.path)
	at := func(name string) *store { return &store{s.trial, filepath.Join(dir, name), nil} }
	s.check(os.Symlink("loop-b", at("loop-a").path))
	s.check(os.Symlink("loop-a", at("loop-b").path))
	s.check(os.Symlink("nowhere", at("dangling").path))
	s.check(os.Symlink("staffctl.db", at("linked.db").path))
	s.check(os.Mkdir(at("directory").path, 0o700))
	s.check(syscall.Mkfifo(at("pipe").path, 0o600))
	commands := append(all(), []string{"store", "backup", filepath.Join(dir, "backup")})
	for _, p := range []struct {
		name, what string
		code       int
	}{
		{"missing.db", "a store that is missing", 4},
		{"dangling", "a link to nowhere", 4},
		{"no/such/directory/x.db", "a directory that is missing", 4},
		{"directory", "a directory for a store", 8},
		{"loop-a", "links that lead in a circle", 8},
		{"pipe", "a named pipe for a store", 8},
		{"staffctl.db/x.db", "a file where a directory should be", 8},
		{strings.Repeat("long", 100), "a name that is too long", 8},
	} {
		at(p.name).refusesEach(p.what, commands, p.code)
	}
	s.refuses("a link to a store", [][]string{{"member", "list"}}, 0)
	at("linked.db").refuses("a link to a store", slicesOf(reads, writes), 0)
	s.sound("after a link to the store")
}

func slicesOf(lists ...[][]string) (out [][]string) {
	for _, l := range lists {
		out = append(out, l...)
	}
	return out
}

// refusesEach holds that commands end with the code and that the message names
// the path, and init where the store is missing.
func (s *store) refusesEach(what string, lines [][]string, code int) {
	for _, args := range lines {
		o := s.do(args...)
		if !s.expect(what, o, code) {
			continue
		}
		if !strings.Contains(o.stderr, s.path) {
			s.problem("%s: the message does not name it: %s", what, &o)
		}
		if code == 4 && !strings.Contains(o.stderr, "staffctl init") {
			s.problem("%s: the message does not name init: %s", what, &o)
		}
	}
	if _, err := os.Lstat(s.path); code == 4 && err == nil && !strings.HasSuffix(s.path, "dangling") {
		s.problem("%s: a command other than init has made it", what)
	}
}
