package password_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/staffctl/staffctl/internal/password"
	"github.com/staffctl/staffctl/internal/staff"
)

// slow counts how many hashes are computed at once.
type slow struct {
	staff.Passwords
	now, most atomic.Int64
}

func (s *slow) work() {
	n := s.now.Add(1)
	for most := s.most.Load(); n > most && !s.most.CompareAndSwap(most, n); most = s.most.Load() {
	}
	time.Sleep(2 * time.Millisecond)
	s.now.Add(-1)
}

func (s *slow) Hash(string) (string, error)         { s.work(); return "", nil }
func (s *slow) Verify(string, string) (bool, error) { s.work(); return true, nil }

func TestLimit(t *testing.T) {
	t.Parallel()
	inner := &slow{Passwords: password.Policy{}}
	limited := password.Limit(inner, 3)
	var group sync.WaitGroup
	for i := range 40 {
		group.Go(func() {
			if i%2 == 0 {
				_, _ = limited.Hash("")
				return
			}
			_, _ = limited.Verify("", "")
		})
	}
	group.Wait()
	if got := inner.most.Load(); got != 3 {
		t.Errorf("%d hashes at once", got)
	}
	if _, err := limited.Prepare("short", nil); staff.CodeOf(err) != staff.CodeInvalid {
		t.Errorf("a short password: %v", err)
	}
	if err := limited.CheckHash("$none$"); staff.CodeOf(err) != staff.CodeInvalid {
		t.Errorf("no hash: %v", err)
	}
}
