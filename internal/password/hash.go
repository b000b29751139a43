package password

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"

	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/bcrypt"
	"golang.org/x/crypto/scrypt"
	"golang.org/x/text/secure/precis"

	"github.com/staffctl/staffctl/internal/staff"
)

// What [Policy.Hash] makes is RFC 9106's second recommended option, for where memory is
// constrained: t=3, 64 MiB, p=4 (section 4).
const (
	ownPasses   = 3
	ownMemory   = 64 << 10 // KiB
	ownLanes    = 4
	ownSaltSize = 16 // bytes
	ownKeySize  = 32 // bytes
)

// Hash returns the argon2id hash of a normalised password with a salt of its
// own, as a PHC string that begins with "$argon2id$v=19$m=65536,t=3,p=4$"
// (RFC 9106, section 4, second option: 16 bytes of salt, 32 of key). It takes
// 64 MiB of memory meanwhile. A password that was not normalised is
// an error of [staff.CodeInternal].
func (p Policy) Hash(normalised string) (string, error) {
	if !isNormalised(normalised) {
		return "", staff.Errorf(staff.CodeInternal, "password", "the password was not normalised before hashing; report this")
	}
	salt := make([]byte, ownSaltSize)
	rand.Read(salt)
	a := argon2id{memory: ownMemory, passes: ownPasses, lanes: ownLanes, salt: salt}
	a.key = a.derive(normalised, ownKeySize)
	return a.String(), nil
}

func isNormalised(text string) bool {
	n, err := precis.OpaqueString.String(text)
	return err == nil && n == text
}

// CheckHash returns nil for a hash from elsewhere that [Verify] can work with
// at a cost that signing in can bear, else a [staff.Error] of
// [staff.CodeInvalid] that says what is accepted:
//   - argon2id, version 19, as a PHC string with m up to 65536 KiB, t up to
//     10 and p up to 16;
//   - bcrypt ($2a$, $2b$, $2y$) up to cost 12;
//   - scrypt as a PHC string ($scrypt$ln=16,r=8,p=1$salt$hash) of up to 64 MiB
//     (128 · r · 2^ln bytes), that times p up to 256 MiB, p up to 16.
//
// The lower bounds are those of the algorithms: such a hash is replaced at the
// next sign-in anyway (see [Policy.NeedsRehash]).
func (p Policy) CheckHash(phc string) error {
	_, err := parse(phc)
	return err
}

// NeedsRehash reports whether phc is other than what [Policy.Hash] makes
// today, so that the next successful sign-in is to replace it.
func (p Policy) NeedsRehash(phc string) bool {
	h, err := parse(phc)
	if err != nil {
		return true
	}
	a, ok := h.(argon2id)
	return !ok || a.memory != ownMemory || a.passes != ownPasses || a.lanes != ownLanes ||
		len(a.salt) != ownSaltSize || len(a.key) != ownKeySize
}

// Verify reports whether phc is a hash of the normalised password, comparing
// in constant time. The error is that of [Policy.CheckHash]: a hash beyond
// those bounds is not computed. bcrypt looks at the first 72 bytes only.
func Verify(phc, normalised string) (bool, error) {
	h, err := parse(phc)
	if err != nil {
		return false, err
	}
	return h.matches(normalised)
}

// nobody is the hash that is computed where there is none, at the cost of
// [Policy.Hash]; its answer does not count.
var nobody = argon2id{memory: ownMemory, passes: ownPasses, lanes: ownLanes, salt: make([]byte, ownSaltSize), key: make([]byte, ownKeySize)}

// Rehash returns the hash of today for a password as typed whose hash is phc, or
// "" where phc is one already. The policy does not look at it again.
func (p Policy) Rehash(phc, plain string) (string, error) {
	if !p.NeedsRehash(phc) {
		return "", nil
	}
	normalised, err := Normalise(plain)
	if err != nil {
		return "", err
	}
	return p.Hash(normalised)
}

// Verify reports whether phc is the hash of a password as typed. The hash of
// nobody, "", takes as long and fits nothing; neither does a password that
// cannot be normalised.
func (p Policy) Verify(phc, plain string) (bool, error) {
	normalised, err := Normalise(plain)
	if err != nil {
		normalised = ""
	}
	if phc == "" || err != nil {
		_, failed := nobody.matches(normalised)
		return false, failed
	}
	return Verify(phc, normalised)
}

func (a argon2id) derive(normalised string, size int) []byte {
	return argon2.IDKey([]byte(normalised), a.salt, a.passes, a.memory, a.lanes, uint32(size))
}

func (a argon2id) matches(normalised string) (bool, error) {
	return subtle.ConstantTimeCompare(a.derive(normalised, len(a.key)), a.key) == 1, nil
}

// String returns the hash as a PHC string.
func (a argon2id) String() string {
	enc := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s",
		argon2.Version, a.memory, a.passes, a.lanes, enc(a.salt), enc(a.key))
}

func (s scryptHash) matches(normalised string) (bool, error) {
	key, err := scrypt.Key([]byte(normalised), s.salt, 1<<s.log, s.block, s.lanes, len(s.key))
	return err == nil && subtle.ConstantTimeCompare(key, s.key) == 1, err
}

func (b bcryptHash) matches(normalised string) (bool, error) {
	err := bcrypt.CompareHashAndPassword([]byte(b), []byte(normalised))
	if errors.Is(err, bcrypt.ErrMismatchedHashAndPassword) {
		return false, nil
	}
	return err == nil, err
}
