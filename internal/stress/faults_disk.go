//go:build unix

package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// mostAdds bounds how many members are added until a disk is full.
const mostAdds = 150

// fullDisk fills a small file system but for some bytes and adds members until
// that fails.
func fullDisk(s *store) {
	disk := filepath.Join(filepath.Dir(s.path), "disk")
	if !s.check(os.Mkdir(disk, 0o700)) {
		return
	}
	if said, err := exec.CommandContext(s.ctx, "mount", "-t", "tmpfs", "-o", "size=2m,mode=0700", "none", disk).CombinedOutput(); err != nil {
		reason, _, _ := bytes.Cut(said, []byte("\n"))
		s.note("skipped full-disk: %s", reason)
		return
	}
	defer func() { s.check(exec.Command("umount", disk).Run()) }()
	d := s.copyStore(filepath.Join(disk, "staffctl.db"))
	for _, room := range []int64{0, 4 << 10, 16 << 10, 36 << 10, 64 << 10, 100 << 10, 160 << 10} {
		d.fillUp(disk, room)
	}
	d.initOnFull(disk)
}

// fillUp leaves so much room, adds until the disk is full, and makes room again.
func (s *store) fillUp(disk string, room int64) {
	what := fmt.Sprintf("a disk with %d bytes left", room)
	remove, err := fill(disk, room)
	if !s.check(err) {
		return
	}
	before := len(s.members0())
	added := s.addUntilFull(fmt.Sprintf("room%d", room), what, nil)
	s.refuses(what, reads, 0, 8)
	backup := filepath.Join(disk, "backup.db")
	if o := s.do("store", "backup", backup); o.code != 0 {
		s.expect("a backup to "+what, o, 8)
		if _, err := os.Stat(backup); !errors.Is(err, fs.ErrNotExist) {
			s.problem("a backup that failed on %s is still there", what)
		}
	}
	_ = os.Remove(backup)
	s.check(remove())
	s.sound("after " + what)
	if got := len(s.members()); before >= 0 && got != before+added {
		s.problem("after %s: %d members, not %d and %d", what, got, before, added)
	}
	s.expect("an add after "+what, s.add(fmt.Sprintf("after%d@example.ch", room)), 0)
}

// members0 lists the members by a copy elsewhere, which a full disk does not
// hinder.
func (s *store) members0() []person {
	dir, err := os.MkdirTemp(s.dir, "copy")
	if !s.check(err) {
		return nil
	}
	defer func() { _ = os.RemoveAll(dir) }()
	return s.copyStore(filepath.Join(dir, "staffctl.db")).members()
}

// addUntilFull adds members until one is refused and returns how many were not.
func (s *store) addUntilFull(prefix, what string, under []string) (added int) {
	for i := range mostAdds {
		email := fmt.Sprintf("%s.%d@example.ch", prefix, i)
		o := s.start(command{store: s.path, as: s.as, under: under, args: []string{"member", "add", email, "--first-name", strings.Repeat("Anna", 15), "--last-name", "Muster"}})
		if !s.committed(o) {
			s.expect("an add to "+what, o, 8)
			if !strings.Contains(o.stderr, "disk") {
				s.problem("the message for %s does not name the disk: %s", what, &o)
			}
			return added
		}
		added++
	}
	s.problem("%s: never full after %d adds", what, mostAdds)
	return added
}

// initOnFull makes a store on a full disk, which fails, and again with room.
func (s *store) initOnFull(disk string) {
	for _, room := range []int64{0, 8 << 10, 64 << 10} {
		remove, err := fill(disk, room)
		if !s.check(err) {
			return
		}
		// The instance key stands on another disk, which has room.
		n := &store{s.trial, filepath.Join(disk, fmt.Sprintf("new%d.db", room)), nil}
		args := []string{"init", "acme"}
		n.expect(fmt.Sprintf("init on a disk with %d bytes left", room), n.do(args...), 8)
		n.check(remove())
		n.expect("init once there is room", n.do(args...), 0)
		n.sound("after init on a full disk")
		n.removeSides()
		_ = os.Remove(n.path)
	}
}

// fill writes a file until the disk is full, cuts room off it, and returns how
// to remove it.
func fill(disk string, room int64) (remove func() error, err error) {
	f, err := os.Create(filepath.Join(disk, "filler"))
	if err != nil {
		return nil, err
	}
	size := int64(0)
	for block := make([]byte, 4096); ; {
		n, err := f.Write(block)
		size += int64(n)
		if err != nil {
			break
		}
	}
	err = errors.Join(f.Truncate(max(size-room, 0)), f.Close())
	return func() error { return os.Remove(f.Name()) }, err
}

// fileLimit adds members until the file would grow above what the shell allows.
func fileLimit(s *store) {
	before := len(s.members())
	info, err := os.Stat(s.path)
	if !s.check(err) {
		return
	}
	added := 0
	for _, blocks := range []int64{1, info.Size() / 512 / 2, info.Size()/512 + 1, info.Size()/512 + 33} {
		what := fmt.Sprintf("a disk that takes files up to %d blocks", blocks)
		limit := []string{"sh", "-c", `ulimit -f ` + strconv.FormatInt(blocks, 10) + ` && exec "$@"`, "sh"}
		added += s.addUntilFull(fmt.Sprintf("limit%d", blocks), what, limit)
		s.sound("after " + what)
	}
	if got := len(s.members()); got != before+added {
		s.problem("after limits of files: %d members, not %d and %d", got, before, added)
	}
}
