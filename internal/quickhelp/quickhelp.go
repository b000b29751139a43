// Package quickhelp prints the help of a command before the libraries of the program
// are set up, which takes three times as long as all else that help does. It
// imports as little as it can: a package is set up as soon as those that it imports are.
package quickhelp

import (
	"embed"
	"os"
	"syscall"
)

// texts are what cmd prints, a file a command. Its tests write and compare them.
//
//go:embed text
var texts embed.FS

//nolint:gochecknoinits // main begins when the libraries have been set up
func init() {
	text := of(os.Args[1:])
	if len(text) == 0 {
		return
	}
	// Unlike os, syscall leaves it to cmd what a closed pipe means.
	if n, err := syscall.Write(syscall.Stdout, text); err == nil && n == len(text) {
		os.Exit(0)
	}
}

// of returns the help that the arguments ask for when they are the words of a
// command and --help, and nothing for all others, which cmd knows better.
func of(args []string) []byte {
	last := len(args) - 1
	if last < 0 || args[last] != "--help" && args[last] != "-h" {
		return nil
	}
	name := "text/staffctl"
	for _, word := range args[:last] {
		for i := range len(word) {
			if c := word[i]; (c < 'a' || c > 'z') && (c != '-' || i == 0) {
				return nil
			}
		}
		name += "_" + word
	}
	text, err := texts.ReadFile(name + ".txt")
	if err != nil {
		return nil // no such command
	}
	return text
}
