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

// IDs makes ids: 41 bits of milliseconds and 12 random bits. Two processes can
// make the same one; the store then refuses the second, which is planned again.
type IDs struct {
	mu   sync.Mutex
	last ID
}

// Next returns an id for now that is above every id it returned before.
func (g *IDs) Next(now time.Time) ID {
	g.mu.Lock()
	defer g.mu.Unlock()
	id := FirstID(now.UnixMilli()) | ID(randomBits(idRandomBits))
	g.last = max(id, g.last+1)
	return g.last
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
