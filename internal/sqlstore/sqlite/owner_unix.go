//go:build unix

package sqlite

import (
	"io/fs"
	"os"
	"syscall"

	"github.com/staffctl/staffctl/internal/staff"
)

// checkOwner refuses a store that belongs to another user.
func checkOwner(path string, info fs.FileInfo) error {
	owner, ok := info.Sys().(*syscall.Stat_t)
	if !ok || int(owner.Uid) == os.Geteuid() {
		return nil
	}
	return staff.Errorf(staff.CodeUnavailable, "store", "%s belongs to another user; run staffctl as its owner", path)
}
