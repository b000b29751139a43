package password

import (
	"encoding/base64"
	"strconv"
	"strings"

	"golang.org/x/crypto/bcrypt"

	"github.com/staffctl/staffctl/internal/staff"
)

// The bounds of a hash from elsewhere; see [Policy.CheckHash].
const (
	maxPHC          = 512 // bytes
	maxArgonMemory  = ownMemory
	maxArgonPasses  = 10
	maxLanes        = 16
	maxBcryptCost   = 12
	maxScryptLog    = 20
	maxScryptBlock  = 32
	maxScryptMemory = 64 << 20  // bytes
	maxScryptWork   = 256 << 20 // bytes, all lanes together
)

// A hash is one that was parsed and is within the bounds.
type hash interface {
	matches(normalised string) (bool, error)
}

type (
	argon2id struct {
		memory, passes uint32 // memory in KiB
		lanes          uint8
		salt, key      []byte
	}
	scryptHash struct {
		log, block, lanes int
		salt, key         []byte
	}
	bcryptHash string
)

// parse reads a hash of any accepted kind. Its messages quote numbers at most:
// somebody may have piped the password itself.
func parse(phc string) (hash, error) {
	switch {
	case phc == "":
		return nil, refuseHash("the hash is empty; give an argon2id, bcrypt or scrypt hash")
	case len(phc) > maxPHC:
		return nil, refuseHash("the hash has %d characters; at most %d are accepted", len(phc), maxPHC)
	// Go's base64 decoder skips line breaks.
	case strings.ContainsFunc(phc, func(r rune) bool { return r <= ' ' || r > '~' }):
		return nil, refuseHash("the hash holds a space, a line break or another character that no hash has; give it alone on one line")
	}
	fields := strings.Split(phc, "$")
	if len(fields) < 2 || fields[0] != "" {
		return nil, refuseKind()
	}
	switch fields[1] {
	case "argon2id":
		return parseArgon2id(fields[2:])
	case "2a", "2b", "2y":
		return parseBcrypt(phc, fields[2:])
	case "scrypt":
		return parseScrypt(fields[2:])
	}
	return nil, refuseKind()
}

func parseArgon2id(fields []string) (hash, error) {
	if len(fields) != 4 || fields[0] != "v=19" {
		return nil, refuseHash("the argon2id hash is not of the form $argon2id$v=19$m=...,t=...,p=...$salt$hash, which is the one accepted")
	}
	n, err := numbers("argon2id", fields[1], "m", "t", "p")
	if err != nil {
		return nil, err
	}
	m, t, p := n[0], n[1], n[2]
	switch {
	case t < 1 || t > maxArgonPasses:
		return nil, refuseHash("the argon2id hash has t=%d; 1 to %d are accepted", t, maxArgonPasses)
	case p < 1 || p > maxLanes:
		return nil, refuseHash("the argon2id hash has p=%d; 1 to %d are accepted", p, maxLanes)
	case m < 8*p || m > maxArgonMemory: // RFC 9106, section 3.1: at least 8 p
		return nil, refuseHash("the argon2id hash has m=%d; %d to %d KiB are accepted with its p", m, 8*p, maxArgonMemory)
	}
	salt, key, err := saltAndKey("argon2id", fields[2], fields[3])
	return argon2id{uint32(m), uint32(t), uint8(p), salt, key}, err
}

func parseScrypt(fields []string) (hash, error) {
	if len(fields) != 3 {
		return nil, refuseHash("the scrypt hash is not of the form $scrypt$ln=...,r=...,p=...$salt$hash, which is the one accepted")
	}
	n, err := numbers("scrypt", fields[0], "ln", "r", "p")
	if err != nil {
		return nil, err
	}
	log, block, lanes := n[0], n[1], n[2]
	switch {
	case log < 1 || log > maxScryptLog:
		return nil, refuseHash("the scrypt hash has ln=%d; 1 to %d are accepted", log, maxScryptLog)
	case block < 1 || block > maxScryptBlock:
		return nil, refuseHash("the scrypt hash has r=%d; 1 to %d are accepted", block, maxScryptBlock)
	case lanes < 1 || lanes > maxLanes:
		return nil, refuseHash("the scrypt hash has p=%d; 1 to %d are accepted", lanes, maxLanes)
	}
	memory := 128 * block << log
	if memory > maxScryptMemory || memory*lanes > maxScryptWork {
		return nil, refuseHash("the scrypt hash takes %d MiB %d times; at most %d MiB, and %d in all, are accepted",
			memory>>20, lanes, maxScryptMemory>>20, maxScryptWork>>20)
	}
	salt, key, err := saltAndKey("scrypt", fields[1], fields[2])
	return scryptHash{int(log), int(block), int(lanes), salt, key}, err
}

func parseBcrypt(phc string, fields []string) (hash, error) {
	const letters = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	if len(fields) != 2 || len(fields[0]) != 2 || len(fields[1]) != 53 || strings.Trim(fields[1], letters) != "" {
		return nil, refuseHash("the bcrypt hash is not of the form $2b$NN$ and 53 letters, digits, dots or slashes, which is the one accepted")
	}
	cost, err := strconv.ParseUint(fields[0], 10, 8)
	if err != nil || cost < uint64(bcrypt.MinCost) || cost > maxBcryptCost {
		return nil, refuseHash("the bcrypt hash has a cost that is not accepted; %02d to %d are", bcrypt.MinCost, maxBcryptCost)
	}
	return bcryptHash(phc), nil
}

// numbers reads "a=1,b=2" with exactly these names in this order, as the PHC
// string format prescribes: one spelling for one hash.
func numbers(kind, text string, names ...string) ([]uint64, error) {
	parts := strings.Split(text, ",")
	if len(parts) != len(names) {
		return nil, refuseParameters(kind, names)
	}
	out := make([]uint64, len(parts))
	for i, part := range parts {
		digits, named := strings.CutPrefix(part, names[i]+"=")
		n, err := strconv.ParseUint(digits, 10, 32)
		if !named || err != nil || strconv.FormatUint(n, 10) != digits {
			return nil, refuseParameters(kind, names)
		}
		out[i] = n
	}
	return out, nil
}

func saltAndKey(kind, salt, key string) (s, k []byte, err error) {
	s, errSalt := base64.RawStdEncoding.Strict().DecodeString(salt)
	k, errKey := base64.RawStdEncoding.Strict().DecodeString(key)
	switch {
	case errSalt != nil || errKey != nil:
		return nil, nil, refuseHash("the %s hash has a salt or a hash part that is not base64 without padding, which is the form accepted", kind)
	case len(s) < 8 || len(s) > 64:
		return nil, nil, refuseHash("the %s hash has a salt of %d bytes; 8 to 64 are accepted", kind, len(s))
	case len(k) < 16 || len(k) > 64:
		return nil, nil, refuseHash("the %s hash has a hash part of %d bytes; 16 to 64 are accepted", kind, len(k))
	}
	return s, k, nil
}

func refuseKind() error {
	return refuseHash("the hash is of no kind that is accepted; accepted are argon2id ($argon2id$v=19$...), bcrypt ($2a$, $2b$ or $2y$) and scrypt ($scrypt$ln=...)")
}

func refuseParameters(kind string, names []string) error {
	return refuseHash("the %s hash has parameters that cannot be read; accepted are the numbers %s, in this order", kind, strings.Join(names, ", "))
}

func refuseHash(format string, args ...any) error {
	return staff.Errorf(staff.CodeInvalid, "hash", format, args...)
}
