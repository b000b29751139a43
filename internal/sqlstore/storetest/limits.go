package storetest

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/staffctl/staffctl/internal/staff"
)

// now is the time on the clock in Unix milliseconds.
func (w *world) now() int64 { return w.clock.now().UnixMilli() }

// allow asserts whether the limit lets one more happen.
func (w *world) allow(key string, l staff.Limit, want bool) {
	w.Helper()
	if got, err := w.store.Allow(w.Context(), key, l, w.now()); err != nil || got != want {
		w.Errorf("%s at %d: allowed %v, %v; want %v", key, w.now(), got, err, want)
	}
}

// try asserts how long a try has to wait.
func (w *world) try(key string, want time.Duration) {
	w.Helper()
	if got, err := w.store.Try(w.Context(), key, w.now()); err != nil || got != want {
		w.Errorf("%s at %d: wait %v, %v; want %v", key, w.now(), got, err, want)
	}
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func limitTests() map[string]func(*world) {
	return map[string]func(*world){
		"so many in a window":          limitWindow,
		"so many at once":              limitAllowAtOnce,
		"a wait that doubles":          limitWaits,
		"what has to wait counts not":  limitWaitCountsNot,
		"a day later all is forgotten": limitDay,
		"tries at once":                limitTryAtOnce,
		"forget":                       limitForget,
		"sweep":                        limitSweep,
		"is no change":                 limitNoChange,
	}
}

func limitWindow(w *world) {
	w.start()
	l := staff.Limit{Count: 3, Window: 10 * time.Minute}
	for range 3 {
		w.allow("a", l, true)
		w.clock.advance(time.Minute)
	}
	w.allow("a", l, false)
	w.allow("b", l, true) // by another key
	w.allow("a", staff.Limit{Count: 4, Window: 10 * time.Minute}, true)
	w.clock.advance(7*time.Minute - time.Millisecond)
	w.allow("a", l, false) // four in the last ten minutes
	w.clock.advance(time.Millisecond)
	w.allow("a", l, false) // the first no longer counts: three
	w.clock.advance(time.Minute)
	w.allow("a", l, true) // two, since what was refused does not count
	w.allow("none", staff.Limit{Count: 0, Window: time.Hour}, false)
}

// atOnce runs n at once, through four openings of the store.
func (w *world) atOnce(n int, run func(i int, store staff.Store)) {
	w.Helper()
	stores := []staff.Store{w.store, w.again(), w.again(), w.again()}
	var done sync.WaitGroup
	for i := range n {
		done.Go(func() { run(i, stores[i%len(stores)]) })
	}
	done.Wait()
}

func limitAllowAtOnce(w *world) {
	w.start()
	var allowed atomic.Int64
	w.atOnce(64, func(_ int, store staff.Store) {
		ok, err := store.Allow(w.Context(), "a", staff.Limit{Count: 10, Window: time.Hour}, w.now())
		if err != nil {
			w.Error(err)
		}
		if ok {
			allowed.Add(1)
		}
	})
	w.same("allowed", int64(10), allowed.Load())
}

func limitWaits(w *world) {
	w.start()
	for range 5 {
		w.try("a", 0)
	}
	w.try("b", 0)
	for _, wait := range []time.Duration{time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second, 16 * time.Second, 32 * time.Second, 64 * time.Second,
		128 * time.Second, 256 * time.Second, 512 * time.Second, 900 * time.Second, 900 * time.Second, 900 * time.Second} {
		w.try("a", wait)
		w.clock.advance(wait - time.Millisecond)
		w.try("a", time.Millisecond)
		w.clock.advance(time.Millisecond)
		w.try("a", 0) // counted
	}
}

func limitWaitCountsNot(w *world) {
	w.start()
	for range 5 {
		w.try("a", 0)
	}
	for range 10 {
		w.try("a", time.Second)
	}
	w.clock.advance(time.Second)
	w.try("a", 0)
}

func limitDay(w *world) {
	w.start()
	for range 5 {
		w.try("a", 0)
	}
	w.clock.advance(24 * time.Hour)
	for range 5 {
		w.try("a", 0)
	}
	w.try("a", time.Second)
}

func limitTryAtOnce(w *world) {
	w.start()
	var tried, waited atomic.Int64
	w.atOnce(64, func(_ int, store staff.Store) {
		switch wait, err := store.Try(w.Context(), "a", w.now()); {
		case err != nil:
			w.Error(err)
		case wait == 0:
			tried.Add(1)
		case wait == time.Second:
			waited.Add(1)
		}
	})
	w.same("tried and waited", []int64{5, 59}, []int64{tried.Load(), waited.Load()})
}

func limitForget(w *world) {
	w.start()
	for range 5 {
		w.try("a", 0)
		w.try("b", 0)
	}
	w.must(w.store.Forget(w.Context(), "a", w.clock.now().UnixMilli()))
	for range 5 {
		w.try("a", 0)
	}
	w.try("a", time.Second)
	w.try("b", time.Second)
}

func limitSweep(w *world) {
	w.start()
	for range 5 {
		w.try("old", 0)
	}
	w.clock.advance(time.Millisecond)
	for range 5 {
		w.try("new", 0)
	}
	w.must(w.store.Sweep(w.Context(), w.now()))
	w.try("new", time.Second)
	for range 5 {
		w.try("old", 0)
	}
}

// limitNoChange: counting is neither audited nor in a plan's way.
func limitNoChange(w *world) {
	w.start()
	planned := w.plan("acme", Add("anna@example.ch"))
	before := w.dump()
	w.try("a", 0)
	w.allow("b", staff.Limit{Count: 1, Window: time.Hour}, true)
	w.same("after counting", before, w.dump())
	w.commit(planned)
}
