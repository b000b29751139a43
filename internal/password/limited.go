package password

import "github.com/staffctl/staffctl/internal/staff"

// Limited lets only some hashes be computed at once: each takes its memory and
// its cores meanwhile. Who comes later waits. What needs no hash does not.
type Limited struct {
	inner staff.Passwords
	turns chan struct{}
}

// Limit returns passwords with at most so many hashes at once, one at least.
func Limit(inner staff.Passwords, hashes int) *Limited {
	return &Limited{inner, make(chan struct{}, max(hashes, 1))}
}

// Prepare is that of the passwords within.
func (l *Limited) Prepare(plain string, personal []string) (string, error) {
	return l.inner.Prepare(plain, personal)
}

// Hash is that of the passwords within, in turn.
func (l *Limited) Hash(prepared string) (string, error) {
	defer l.turn()()
	return l.inner.Hash(prepared)
}

// CheckHash is that of the passwords within.
func (l *Limited) CheckHash(phc string) error { return l.inner.CheckHash(phc) }

// Verify is that of the passwords within, in turn.
func (l *Limited) Verify(phc, plain string) (bool, error) {
	defer l.turn()()
	return l.inner.Verify(phc, plain)
}

// turn waits for a turn and returns what ends it.
func (l *Limited) turn() func() {
	l.turns <- struct{}{}
	return func() { <-l.turns }
}

// Rehash is that of the passwords within, in turn.
func (l *Limited) Rehash(phc, plain string) (string, error) {
	defer l.turn()()
	return l.inner.Rehash(phc, plain)
}
