//go:build unix

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// nobody is the user without rights that root becomes.
const nobody = 65534

// fault is something that is wrong with a store, a disk or a stream.
type fault struct {
	name string
	run  func(*store)
}

// faultTable lists the faults; each gets a store of its own with the same
// members.
func faultTable() []fault {
	return []fault{
		{"full-disk", fullDisk},
		{"file-limit", fileLimit},
		{"read-only-file", readOnlyFile},
		{"directory-without-rights", directoryWithoutRights},
		{"file-without-rights", fileWithoutRights},
		{"another-user", anotherUser},
		{"no-database", noDatabase},
		{"other-program", otherProgram},
		{"newer-release", newerRelease},
		{"truncated", truncated},
		{"flipped", flipped},
		{"places", places},
		{"full-output", fullOutput},
		{"closed-output", closedOutput},
	}
}

// faults runs all of them.
func faults(t *trial) {
	original := t.newStore("original")
	for i := range 30 {
		email := fmt.Sprintf("person%d@example.ch", i)
		original.expect("a member before the fault", original.add(email, "--phone", fmt.Sprintf("work=+41445551%03d", i), "--access", "invoices,orders.view"), 0)
		if i < 3 {
			original.signIn(email)
		}
	}
	for _, f := range faultTable() {
		if t.ctx.Err() != nil {
			return
		}
		f.run(original.copyStore(filepath.Join(t.dir, f.name, "staffctl.db")))
	}
	t.note("%d faults", len(faultTable()))
}

// reads are commands that change nothing, writes some that would.
var (
	reads  = [][]string{{"member", "list", "-o", "jsonl"}, {"store", "check"}, {"audit", "list"}, {"store", "info"}}
	writes = [][]string{{"member", "edit", "person1@example.ch", "--last-name", "Beispiel"}, {"mail-prefs", "add", "person2@example.ch", "news"}}
)

// refuses holds that commands end with one of the codes.
func (s *store) refuses(what string, lines [][]string, codes ...int) {
	for _, args := range lines {
		s.expect(what, s.do(args...), codes...)
	}
}

// readOnlyFile cannot be written but may be read.
func readOnlyFile(s *store) {
	if !s.becomeNobody("read-only-file") {
		return
	}
	before := s.digest()
	s.check(os.Chmod(s.path, 0o400))
	s.refuses("a read-only file", reads, 0, 8)
	s.refuses("a read-only file", writes, 8)
	s.check(os.Chmod(s.path, 0o600))
	s.same("after a read-only file", before)
	s.sound("after a read-only file")
}

// directoryWithoutRights cannot be written, and then not even be looked into.
func directoryWithoutRights(s *store) {
	if !s.becomeNobody("directory-without-rights") {
		return
	}
	before := s.digest()
	dir := filepath.Dir(s.path)
	s.check(os.Chmod(dir, 0o500))
	s.refuses("a directory that cannot be written", reads, 0, 8)
	s.refuses("a directory that cannot be written", writes, 8)
	s.check(os.Chmod(s.path, 0o400))
	s.refuses("a file and a directory that cannot be written", reads, 0, 8)
	s.refuses("a file and a directory that cannot be written", writes, 8)
	s.check(os.Chmod(s.path, 0o600))
	s.check(os.Chmod(dir, 0))
	s.refuses("a directory without rights", append(reads, writes...), 8)
	s.check(os.Chmod(dir, 0o700))
	s.same("after a directory without rights", before)
	s.sound("after a directory without rights")
}

// fileWithoutRights cannot even be read.
func fileWithoutRights(s *store) {
	if !s.becomeNobody("file-without-rights") {
		return
	}
	before := s.digest()
	s.check(os.Chmod(s.path, 0))
	s.refuses("a file without rights", append(reads, writes...), 8)
	s.check(os.Chmod(s.path, 0o600))
	s.same("after a file without rights", before)
}

// anotherUser owns the store.
func anotherUser(s *store) {
	before := s.digest()
	if os.Geteuid() != 0 {
		s.note("skipped another-user: only root can give a file away")
		return
	}
	s.check(os.Chown(s.path, nobody, nobody))
	s.refuses("a store of another user", append(reads, writes...), 8)
	s.check(os.Chown(s.path, 0, 0))
	s.same("after another user's store", before)
}

// becomeNobody gives the store to a user without rights and works as that one;
// root ignores rights. It reports whether that works here.
func (s *store) becomeNobody(fault string) bool {
	if os.Geteuid() != 0 {
		return true
	}
	s.as = &syscall.Credential{Uid: nobody, Gid: nobody}
	if !s.check(os.Chown(filepath.Dir(s.path), nobody, nobody)) || !s.check(os.Chown(s.path, nobody, nobody)) {
		return false
	}
	for dir := s.path; dir != "/"; dir = filepath.Dir(dir) {
		info, err := os.Stat(filepath.Dir(dir))
		if err != nil || filepath.Dir(dir) != filepath.Dir(s.path) && info.Mode()&1 == 0 {
			s.note("skipped %s: another user does not get into %s", fault, filepath.Dir(dir))
			return false
		}
	}
	return true
}
