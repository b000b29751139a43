package staff

import (
	"context"
	"math/rand/v2"
	"time"
)

// Pause waits for a random time, longest at most, before something is tried
// again. Its error is that of a context that has ended.
func Pause(ctx context.Context, longest time.Duration) error {
	timer := time.NewTimer(rand.N(longest))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
