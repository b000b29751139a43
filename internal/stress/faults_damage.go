//go:build unix

package main

import (
	"bytes"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	_ "modernc.org/sqlite" // stands for another program
)

// Of damage: how many bytes are flipped, and at how many places a file is cut.
const (
	flips = 400
	cuts  = 40
)

// inside runs SQL on the file as another program would.
func (s *store) inside(statements ...string) {
	db, err := sql.Open("sqlite", "file:"+s.path)
	if !s.check(err) {
		return
	}
	db.SetMaxOpenConns(1)
	for _, statement := range statements {
		_, err := db.ExecContext(s.ctx, statement)
		s.check(err)
	}
	s.check(db.Close())
}

// all are the commands that a file gets that is no store.
func all() [][]string {
	return slices.Concat(reads, writes, [][]string{{"store", "migrate"}, {"member", "list", "--dry-run"}})
}

// noDatabase is a file of something else.
func noDatabase(s *store) {
	junk := make([]byte, 8192)
	for i := range junk {
		junk[i] = byte(s.random.Uint32())
	}
	contents := map[string][]byte{"empty": nil, "text": []byte("Anna Muster, anna@example.ch\n"), "junk": junk,
		"header": append([]byte("SQLite format 3\x00"), junk...), "short-header": []byte("SQLite format 3\x00")}
	for name, content := range contents {
		n := &store{s.trial, filepath.Join(filepath.Dir(s.path), name), nil}
		if !n.check(os.WriteFile(n.path, content, 0o600)) {
			continue
		}
		n.refuses("a file that is no database: "+name, all(), 8, 12)
		if name != "empty" {
			n.expect("init on a file that is no database: "+name, n.do("init", "acme"), 5, 8, 12)
		}
		n.unchanged("a file that is no database: "+name, content)
	}
}

// unchanged holds that a file has its content still.
func (s *store) unchanged(what string, content []byte) {
	now, err := os.ReadFile(s.path)
	if s.check(err) && !bytes.Equal(now, content) {
		s.problem("%s: staffctl has changed it", what)
	}
}

// otherProgram has written the file.
func otherProgram(s *store) {
	for _, mode := range []string{"delete", "wal"} {
		o := &store{s.trial, filepath.Join(filepath.Dir(s.path), "other-"+mode+".db"), nil}
		o.inside("PRAGMA journal_mode="+mode, "CREATE TABLE bookmarks (url TEXT)", "CREATE TABLE members (name TEXT)", "INSERT INTO bookmarks VALUES ('https://example.ch')")
		before, err := os.ReadFile(o.path)
		if !o.check(err) {
			return
		}
		what := "a database of another program in mode " + mode
		o.refuses(what, all(), 8)
		o.expect("init on "+what, o.do("init", "acme"), 5, 8)
		o.unchanged(what, before)
	}
}

// newerRelease has migrated the store.
func newerRelease(s *store) {
	before := s.digest()
	s.inside(`INSERT INTO staffctl_migrations (version, name, checksum, applied_at) SELECT max(version) + 1, 'later.sql', 'later', 0 FROM staffctl_migrations`)
	for _, args := range all() {
		codes := []int{8}
		if args[1] == "info" {
			codes = []int{0}
		}
		s.expect("a store of a newer release", s.do(args...), codes...)
	}
	s.expect("init on a store of a newer release", s.do("init", "acme"), 5, 8)
	s.inside(`DELETE FROM staffctl_migrations WHERE name = 'later.sql'`)
	s.same("after a newer release", before)
	s.sound("after a newer release")
}

// truncated loses its end.
func truncated(s *store) {
	whole, err := os.ReadFile(s.path)
	if !s.check(err) {
		return
	}
	before := s.digest()
	sizes := []int{1, 15, 16, 50, 99, 100, 101, 511, 512, 4095, 4096, 4097, len(whole) / 2, len(whole) - 4096, len(whole) - 1}
	for range s.scaled(cuts, 3) {
		sizes = append(sizes, 1+s.random.IntN(len(whole)-1))
	}
	for _, size := range sizes {
		what := fmt.Sprintf("a file cut to %d of %d bytes", size, len(whole))
		s.damage(what, whole[:size])
		for _, args := range slices.Concat(reads, writes) {
			o := s.do(args...)
			if s.expect(what, o, 0, 8, 12) && o.code == 0 && args[1] == "list" && args[0] == "member" && digestOf([]byte(o.stdout)) != before {
				s.problem("%s: members are missing and nothing is said", what)
			}
			if args[1] == "check" && o.code == 0 {
				s.problem("%s: store check finds nothing", what)
			}
		}
		s.damage(what, whole)
		s.same("after "+what, before)
	}
}

// flipped has other bits in one byte.
func flipped(s *store) {
	whole, err := os.ReadFile(s.path)
	if !s.check(err) {
		return
	}
	before := s.digest()
	codes := map[int]int{}
	for i := range s.scaled(flips, 24) {
		at := s.random.IntN(len(whole))
		if i%4 == 0 {
			at = s.random.IntN(100) // the header of the file
		}
		bits := byte(1 + s.random.IntN(255))
		damaged := bytes.Clone(whole)
		damaged[at] ^= bits
		what := fmt.Sprintf("byte %d (of %d) changed from %#02x to %#02x", at, len(whole), whole[at], damaged[at])
		s.damage(what, damaged)
		for _, args := range slices.Concat(reads, writes) {
			o := s.do(args...)
			s.expect(what, o, 0, 8, 12)
			codes[o.code]++
		}
		s.damage(what, whole)
		s.same("after "+what, before)
	}
	for code, n := range codes {
		s.note("flipped bytes ended with %d %d times", code, n)
	}
	s.sound("after all flipped bytes")
}

// damage replaces the file, as a bad disk or a bad copy would.
func (s *store) damage(what string, content []byte) {
	s.removeSides()
	if err := os.WriteFile(s.path, content, 0o600); err != nil {
		s.problem("%s: %v", what, err)
	}
}
