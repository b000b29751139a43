//go:build !unix

package main

import (
	"fmt"
	"os"
)

func main() {
	fmt.Fprintln(os.Stderr, "the stress program needs unix: it kills processes and works with users and mounts")
	os.Exit(1)
}
