package staff

import (
	"context"
	"time"
)

// Limit is how often something may happen: Count times in a Window.
type Limit struct {
	Count  int
	Window time.Duration
}

// Limits is the part of a store that counts tries and sends: runtime state,
// which lasts though what was tried fails. Keys are keyed hashes, so that the
// store does not know what somebody typed.
type Limits interface {
	// Allow counts one more under the key and reports whether the limit lets it
	// happen; what it does not let happen is not counted.
	Allow(ctx context.Context, key string, l Limit, now int64) (bool, error)
	// Try counts a try before it is made and returns 0, or else how long to wait:
	// after the fifth in a day 1 s, doubled with each further one, 15 min at most.
	// What has to wait is not counted.
	Try(ctx context.Context, key string, now int64) (wait time.Duration, err error)
	// Wait says how long a try would have to wait, and counts none.
	Wait(ctx context.Context, key string, now int64) (time.Duration, error)
	// Forget ends the counting under the key of what was tried until now.
	Forget(ctx context.Context, key string, now int64) error
	// Sweep deletes what was counted before a time in Unix milliseconds.
	Sweep(ctx context.Context, before int64) error
}
