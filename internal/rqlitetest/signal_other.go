//go:build !unix

package rqlitetest

import (
	"errors"
	"fmt"
	"os"
)

// lock does nothing: two processes may build the same, which only takes longer.
func lock(string) (unlock func(), err error) { return func() {}, nil }

func pause(*os.Process) error { return errNoSignals() }

func proceed(*os.Process) error { return errNoSignals() }

func errNoSignals() error {
	return fmt.Errorf("stopping a node needs unix: %w", errors.ErrUnsupported)
}
