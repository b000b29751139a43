// Staffctl administers the people of a customer portal.
package main

import (
	"os"

	"github.com/staffctl/staffctl/cmd"
)

func main() { os.Exit(cmd.Main()) }
