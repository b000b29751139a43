package cmd

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/staffctl/staffctl/internal/staff"
)

// interruptible lets a command that has something to clean up do so on Ctrl-C.
// The others may simply end: a commit is whole or not there.
func interruptible(ctx context.Context) (context.Context, context.CancelFunc) {
	return signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
}

// untilInterrupted does what does not look at a context, such as reading standard
// input. On Ctrl-C it is left behind, and ends with the process: it must not use the
// store.
func untilInterrupted[T any](ctx context.Context, do func() (T, error)) (T, error) {
	type result struct {
		value T
		err   error
	}
	done := make(chan result, 1)
	go func() {
		value, err := do()
		done <- result{value, err}
	}()
	select {
	case r := <-done:
		return r.value, r.err
	case <-ctx.Done():
		var none T
		return none, ctx.Err()
	}
}

// orInterrupted is the error of something that Ctrl-C may have ended before it
// changed anything.
func orInterrupted(ctx context.Context, err error, message string) error {
	if err == nil || ctx.Err() == nil || staff.CodeOf(err) == staff.CodeUnknown {
		return err
	}
	return staff.Errorf(staff.CodeInterrupted, "", "%s", message)
}
