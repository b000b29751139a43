//go:build unix

package cmd

import "golang.org/x/sys/unix"

// freeBytes is how much a user may still write where the file is.
func freeBytes(path string) (int64, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(path, &s); err != nil {
		return 0, err
	}
	return int64(s.Bavail) * int64(s.Bsize), nil //nolint:unconvert // their types differ from system to system
}
