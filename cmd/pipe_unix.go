//go:build unix

package cmd

import (
	"os/signal"
	"syscall"
)

func ignoreClosedPipes() { signal.Ignore(syscall.SIGPIPE) }
