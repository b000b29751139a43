//go:build unix

package rqlitetest

import (
	"errors"
	"os"
	"syscall"
)

// lock waits until no other process holds the directory. It ends with the
// process, however that ends.
func lock(dir string) (unlock func(), err error) {
	file, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	for {
		err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX)
		if !errors.Is(err, syscall.EINTR) {
			break
		}
	}
	if err != nil {
		_ = file.Close()
		return nil, os.NewSyscallError("flock", err)
	}
	return func() { _ = file.Close() }, nil
}

func pause(p *os.Process) error { return p.Signal(syscall.SIGSTOP) }

func proceed(p *os.Process) error { return p.Signal(syscall.SIGCONT) }
