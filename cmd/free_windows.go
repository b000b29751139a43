package cmd

import (
	"path/filepath"

	"golang.org/x/sys/windows"
)

// freeBytes is how much a user may still write where the file is.
func freeBytes(path string) (int64, error) {
	directory, err := windows.UTF16PtrFromString(filepath.Dir(path))
	if err != nil {
		return 0, err
	}
	var free uint64
	if err := windows.GetDiskFreeSpaceEx(directory, &free, nil, nil); err != nil {
		return 0, err
	}
	return int64(free), nil
}
