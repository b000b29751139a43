package password

import (
	"crypto/rand"
	"slices"
	"strings"
)

// Generate returns a random password to hand over, such as
// "k3vq-7hzt-a2mf-xw5p-jd6r-bn4e": 24 characters of lower-case base32
// (RFC 4648, which leaves out 0, 1, 8 and 9), 120 bits, in groups of four to
// read aloud. Its hyphens and 29 characters pass every [Policy].
func Generate() string {
	const groups, size = 6, 4
	letters := []byte(strings.ToLower(rand.Text()))[:groups*size]
	parts := make([]string, 0, groups)
	for part := range slices.Chunk(letters, size) {
		parts = append(parts, string(part))
	}
	return strings.Join(parts, "-")
}
