package mail

import (
	"context"
	"net"
	"sync/atomic"
	"time"
)

// expired is a time long ago: a connection with this deadline fails at once, for
// good.
var expired = time.Unix(1, 0)

// boundedConn ends a connection that takes too long. Timers do it and not
// deadlines, which would want the clock; once expired it stays so.
type boundedConn struct {
	net.Conn
	each atomic.Int64 // nanoseconds that one read or write may take; 0 is any
}

// expire ends all reading and writing.
func (c *boundedConn) expire() { _ = c.Conn.SetDeadline(expired) }

// bind ends the connection's use once the context is done. The function that it
// returns undoes that.
func (c *boundedConn) bind(ctx context.Context) (release func() bool) {
	return context.AfterFunc(ctx, c.expire)
}

func (c *boundedConn) watch() (stop func() bool) {
	each := time.Duration(c.each.Load())
	if each == 0 {
		return func() bool { return true }
	}
	return time.AfterFunc(each, c.expire).Stop
}

// Read reads within what one read may take.
func (c *boundedConn) Read(p []byte) (int, error) {
	defer c.watch()()
	return c.Conn.Read(p)
}

// Write writes within what one write may take.
func (c *boundedConn) Write(p []byte) (int, error) {
	defer c.watch()()
	return c.Conn.Write(p)
}

// SetDeadline does nothing: a library's deadline would take back that the
// connection has expired.
func (*boundedConn) SetDeadline(time.Time) error { return nil }

// SetReadDeadline does nothing, as SetDeadline.
func (*boundedConn) SetReadDeadline(time.Time) error { return nil }

// SetWriteDeadline does nothing, as SetDeadline.
func (*boundedConn) SetWriteDeadline(time.Time) error { return nil }
