package cmd

import "os/user"

// osUser returns the user of the operating system.
func osUser() string {
	u, err := user.Current()
	if err != nil {
		return "unknown"
	}
	return u.Username
}
