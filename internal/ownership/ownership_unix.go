//go:build unix

// Package ownership refuses files of other users, which they could change
// behind the program's back.
package ownership

import (
	"io/fs"
	"os"
	"syscall"

	"github.com/staffctl/staffctl/internal/staff"
)

// Check refuses a file that belongs to another user; field names what it is for.
func Check(field, path string, info fs.FileInfo) error {
	owner, ok := info.Sys().(*syscall.Stat_t)
	if !ok || int(owner.Uid) == os.Geteuid() {
		return nil
	}
	return staff.Errorf(staff.CodeUnavailable, field, "%s belongs to another user; run staffctl as its owner", path)
}
