// Staffctl administers the people of a customer portal.
package main

import (
	"os"

	"github.com/staffctl/staffctl/cmd"
	_ "github.com/staffctl/staffctl/internal/quickhelp" // answers --help
)

func main() { os.Exit(cmd.Main()) }
