package password

import (
	"crypto/rand"
	"slices"
	"strings"
)

// The groups of a generated password: six of four letters of lower-case base32
// (RFC 4648, which leaves out 0, 1, 8 and 9) hold 120 bits.
const (
	groupSize   = 4
	leastGroups = 6
)

// Generate returns a random password to hand over, such as
// "k3vq-7hzt-a2mf-xw5p-jd6r-bn4e", in groups of four to read aloud: six, or as
// many more as the policy asks for.
func (p Policy) Generate() string {
	groups := max(leastGroups, (p.minLength()+groupSize+1)/(groupSize+1))
	var letters []byte
	for len(letters) < groups*groupSize {
		letters = append(letters, strings.ToLower(rand.Text())...)
	}
	parts := make([]string, 0, groups)
	for part := range slices.Chunk(letters[:groups*groupSize], groupSize) {
		parts = append(parts, string(part))
	}
	return strings.Join(parts, "-")
}
