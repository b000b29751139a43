package staff

import (
	"crypto/rand"
	"encoding/binary"
	"strconv"
	"sync"
	"time"
)

// ID names a row of the store: a time-ordered integer below 2^53, so that
// JSON readers which know only doubles keep it whole. 0 is no row.
type ID int64

// String returns the id in digits.
func (id ID) String() string { return strconv.FormatInt(int64(id), 10) }

// idEpoch is 2024-01-01T00:00:00Z in Unix milliseconds; 41 bits of milliseconds
// from there last until 2093.
const (
	idEpoch      = 1704067200000
	idRandomBits = 12
)

// ofMany is the bit of ids that come by the thousand.
const ofMany = ID(1) << (idRandomBits - 1)

// IDs makes ids: 41 bits of milliseconds, a bit for those that come by the
// thousand, and 11 random bits. Two processes can make the same one; the store
// then refuses the second, which is planned again. Many ids leave no gaps, so they
// are apart from the others: else a large commit would meet an id of nearly every
// small one that is made meanwhile.
type IDs struct {
	mu         sync.Mutex
	last, many ID
}

// Next returns an id for now that is above every id it returned before.
func (g *IDs) Next(now time.Time) ID {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.last = max(FirstID(now.UnixMilli())|ID(randomBits(idRandomBits-1)), after(g.last, 0))
	return g.last
}

// NextOfMany is Next for a plan that makes many: those are above each other.
func (g *IDs) NextOfMany(now time.Time) ID {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.many = max(FirstID(now.UnixMilli())|ofMany|ID(randomBits(idRandomBits-1)), after(g.many, ofMany))
	return g.many
}

// after is the id that follows, of those with the bit or of those without it.
func after(id, bit ID) ID {
	switch id++; {
	case id&ofMany == bit:
		return id
	case bit == 0:
		return (id>>idRandomBits + 1) << idRandomBits
	default:
		return id | ofMany
	}
}

// FirstID returns the lowest id that can be made at a time in Unix
// milliseconds, for reading from a time on.
func FirstID(unixMilli int64) ID {
	return ID(max(unixMilli-idEpoch, 0)) << idRandomBits
}

// randomBits returns n random bits, at most 53.
func randomBits(n uint) int64 {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails
	return int64(binary.LittleEndian.Uint64(b[:]) >> (64 - n))
}
