package staff

import (
	"context"
	"errors"
	"slices"
	"testing"
)

func TestAhead(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	count := func(n int, last error) func(func(int, error) bool) {
		return func(yield func(int, error) bool) {
			for i := range n {
				if !yield(i, nil) {
					return
				}
			}
			if last != nil {
				yield(0, last)
			}
		}
	}
	var got []int
	var end error
	for i, err := range Ahead(t.Context(), count(3, broken)) {
		if end = err; err == nil {
			got = append(got, i)
		}
	}
	if !slices.Equal(got, []int{0, 1, 2}) || !errors.Is(end, broken) {
		t.Errorf("it gave %v and %v", got, end)
	}
	ended := false // once the loop is left
	for range Ahead(t.Context(), func(yield func(int, error) bool) {
		defer func() { ended = true }()
		count(1000, nil)(yield)
	}) {
		break
	}
	if !ended {
		t.Error("the sequence goes on though nobody asks")
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	end = nil
	for i, err := range Ahead(ctx, count(1000, nil)) {
		if i == 1 {
			cancel()
		}
		end = err
	}
	if !errors.Is(end, context.Canceled) {
		t.Errorf("interrupted, it ended with %v", end)
	}
}
