package output

import "io"

// bufferSize is how much is collected before it is written.
const bufferSize = 64 << 10

// sink buffers what encoders append. Its first error stays, and after it
// nothing more is written.
type sink struct {
	w   io.Writer
	buf []byte
	err error
}

func (s *sink) full() bool { return len(s.buf) >= bufferSize || s.err != nil }

func (s *sink) flush() error {
	if len(s.buf) > 0 && s.err == nil {
		_, s.err = s.w.Write(s.buf)
	}
	s.buf = s.buf[:0]
	return s.err
}

// Write lets libraries write to the buffer.
func (s *sink) Write(p []byte) (int, error) {
	s.buf = append(s.buf, p...)
	if s.full() {
		return len(p), s.flush()
	}
	return len(p), nil
}

// fail keeps the first error, after what is in the buffer has been written.
func (s *sink) fail(err error) {
	if err != nil && s.flush() == nil {
		s.err = err
	}
}
