package web

import (
	"context"
	"sync"
	"time"

	"github.com/staffctl/staffctl/internal/staff"
)

// What the queue holds at most, and how long one wish in it may take.
const (
	queueSize  = 64
	wishPeriod = 30 * time.Second
)

// wish is somebody's wish for a link to a new password.
type wish struct{ username, network, id string }

// queue carries out wishes in the background, one after the other, so that the
// answer to a wish does not depend on whether there is such a login.
type queue struct {
	wishes chan wish
	done   chan struct{}
	mu     sync.Mutex // holds closed and the closing of wishes together
	closed bool
}

func newQueue(fulfil func(wish)) *queue {
	q := &queue{wishes: make(chan wish, queueSize), done: make(chan struct{})}
	go func() {
		defer close(q.done)
		for w := range q.wishes {
			fulfil(w)
		}
	}()
	return q
}

// offer takes a wish unless the queue is full or closed.
func (q *queue) offer(w wish) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return false
	}
	select {
	case q.wishes <- w:
		return true
	default:
		return false
	}
}

// close takes no more wishes and waits for those that it has, until ctx ends.
func (q *queue) close(ctx context.Context) {
	q.mu.Lock()
	if !q.closed {
		q.closed = true
		close(q.wishes)
	}
	q.mu.Unlock()
	select {
	case <-q.done:
	case <-ctx.Done():
	}
}

// askReset carries out one wish.
func (s *Site) askReset(w wish) {
	defer func() {
		if p := recover(); p != nil {
			s.Log.Error("a link for a new password was not made", "request_id", w.id, "error", p)
		}
	}()
	ctx, cancel := context.WithTimeout(context.Background(), wishPeriod)
	defer cancel()
	plan, err := s.Staff.AskReset(ctx, w.username, w.network)
	if err != nil && isOurs(err) {
		s.Log.Error("a link for a new password was not made", "request_id", w.id, "error", err.Error())
		return
	}
	// What a rule refuses, such as a pending subaccount, is nobody's business.
	if err == nil {
		s.mailed(plan)
	}
}

// isOurs reports whether an error is a failure of the service and not what came
// of a person's wish, so that its text, which names nobody, belongs in the log.
func isOurs(err error) bool {
	switch staff.CodeOf(err) {
	case staff.CodeInternal, staff.CodeUnavailable, staff.CodeUnknown, staff.CodeDamaged:
		return true
	default:
		return false
	}
}

// Close finishes the work in the background, until ctx ends.
func (s *Site) Close(ctx context.Context) { s.resets.close(ctx) }
