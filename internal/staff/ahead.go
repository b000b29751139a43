package staff

import (
	"context"
	"iter"
)

// Ahead asks for the next of the sequence while the one before is worked on, in a
// goroutine that ends with the loop. With ctx the sequence ends by its error.
func Ahead[T any](ctx context.Context, sequence iter.Seq2[T, error]) iter.Seq2[T, error] {
	type item struct {
		value T
		err   error
	}
	return func(yield func(T, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		ready := make(chan item)
		go func() {
			defer close(ready)
			for value, err := range sequence {
				select {
				case ready <- item{value, err}:
				case <-ctx.Done():
					return
				}
			}
		}()
		defer func() {
			cancel()
			for range ready { // lets the other end
			}
		}()
		for i := range ready {
			if !yield(i.value, i.err) {
				return
			}
		}
		if err := ctx.Err(); err != nil { // else it would look complete
			var none T
			yield(none, err)
		}
	}
}
