//go:build unix

package cmd

import (
	"os"
	"os/user"
	"strconv"
)

// osUser returns the user of the operating system: by the id of the process,
// since anybody can set $USER.
func osUser() string {
	id := strconv.Itoa(os.Getuid())
	u, err := user.LookupId(id)
	if err != nil {
		return "uid:" + id
	}
	return u.Username
}
