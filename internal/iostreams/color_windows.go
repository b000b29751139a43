package iostreams

import (
	"io"

	"golang.org/x/sys/windows"
)

// enableColor asks a console to understand escape sequences, which older ones
// print as they are, and tells whether it does.
func enableColor(stream io.Writer) bool {
	fd := descriptor(stream)
	if fd < 0 {
		return false
	}
	var mode uint32
	if windows.GetConsoleMode(windows.Handle(fd), &mode) != nil {
		return false
	}
	return windows.SetConsoleMode(windows.Handle(fd), mode|windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING) == nil
}
