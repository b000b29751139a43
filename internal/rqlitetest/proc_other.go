//go:build !linux

package rqlitetest

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
)

// scratch is where temporary data goes.
func scratch() string { return os.TempDir() }

// endWithUs does nothing: a test that is killed leaves its nodes behind.
func endWithUs(*exec.Cmd) {}

func canPartition() error {
	return fmt.Errorf("cutting a node off needs Linux: %w", errors.ErrUnsupported)
}

func opener(net.Conn, []*Node) (*Node, error) { return nil, canPartition() }
