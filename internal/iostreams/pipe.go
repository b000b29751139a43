package iostreams

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"runtime"
	"syscall"
)

// What Windows answers to a write whose reader has gone.
const (
	windowsBrokenPipe = syscall.Errno(109)
	windowsNoData     = syscall.Errno(232)
)

// IsClosedPipe tells whether err comes of writing to a pipe that nobody reads
// any more, as in `staffctl member list | head -1`.
//
// On Unix the runtime ends the process by SIGPIPE when that pipe is descriptor
// 1 or 2, before any error is seen. Only a process that has called
// [os/signal.Notify] for SIGPIPE (not Ignore, which children inherit) gets this
// error and can end with a code of its own.
func IsClosedPipe(err error) bool {
	if errors.Is(err, syscall.EPIPE) || errors.Is(err, io.ErrClosedPipe) {
		return true
	}
	return runtime.GOOS == "windows" && (errors.Is(err, windowsBrokenPipe) || errors.Is(err, windowsNoData))
}

// IsUnwritten tells whether err comes of writing to the standard output of the
// process, as on a full disk.
func IsUnwritten(err error) bool {
	var e *fs.PathError
	return errors.As(err, &e) && e.Path == os.Stdout.Name()
}
