package staff

import (
	"slices"
	"sync"
	"testing"
	"time"
)

// TestIDsAscend holds for both kinds, which never meet.
func TestIDsAscend(t *testing.T) {
	t.Parallel()
	g := &IDs{}
	for bit, next := range map[ID]func(time.Time) ID{0: g.Next, ofMany: g.NextOfMany} {
		var last ID
		follows := func(now time.Time) {
			t.Helper()
			id := next(now)
			if id <= last || id&ofMany != bit {
				t.Fatalf("at %s: id %x follows %x", now, id, last)
			}
			last = id
		}
		for range 20_000 { // more than the random bits tell apart
			follows(noon)
		}
		for _, now := range []time.Time{noon.Add(-time.Hour), {}, noon.Add(time.Millisecond), noon.Add(time.Hour)} {
			follows(now)
		}
		if first := FirstID(noon.Add(time.Hour).UnixMilli()); last < first || last >= FirstID(noon.Add(time.Hour+time.Millisecond).UnixMilli()) {
			t.Errorf("id %d is not of its millisecond, which begins with %d", last, first)
		}
	}
}

// JSON readers that know only doubles keep an id whole until 2093.
func TestIDsStayBelow2To53(t *testing.T) {
	t.Parallel()
	end := time.Date(2093, 1, 1, 0, 0, 0, 0, time.UTC)
	for range 100 {
		if id := new(IDs).Next(end); id >= 1<<53 || ID(float64(id)) != id || id <= 0 {
			t.Fatalf("id %d", id)
		}
	}
	if id := FirstID(end.UnixMilli()); id >= 1<<53-1<<30 {
		t.Errorf("the ids of 2093 begin at %d", id)
	}
}

func TestFirstID(t *testing.T) {
	t.Parallel()
	if FirstID(0) != 0 || FirstID(-1) != 0 || FirstID(idEpoch) != 0 {
		t.Error("an id before the epoch")
	}
	at := noon.UnixMilli()
	if FirstID(at) >= FirstID(at+1) || FirstID(at+1)-FirstID(at) != 4096 {
		t.Errorf("ids of two milliseconds begin at %d and %d", FirstID(at), FirstID(at+1))
	}
	for range 200 {
		if id := new(IDs).Next(noon); id < FirstID(at) || id >= FirstID(at+1) {
			t.Fatalf("id %d is not of its millisecond", id)
		}
	}
}

func TestIDsAtOnce(t *testing.T) {
	t.Parallel()
	g := &IDs{}
	var mu sync.Mutex
	var all []ID
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			var mine []ID
			for range 500 {
				mine = append(mine, g.Next(noon))
			}
			mu.Lock()
			defer mu.Unlock()
			all = append(all, mine...)
		})
	}
	group.Wait()
	slices.Sort(all)
	if len(slices.Compact(all)) != 4000 {
		t.Error("two callers at once got the same id")
	}
}
