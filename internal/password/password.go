// Package password says which new passwords are good enough, and makes and
// verifies their hashes.
//
// A password goes through [Policy.Prepare] when it is set and through
// [Normalise] when somebody signs in; the other functions take its normalised
// form. None of the errors here holds a password or a hash.
package password

import (
	"cmp"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/secure/precis"

	"github.com/staffctl/staffctl/internal/staff"
)

// The figures of a [Policy].
const (
	// DefaultMinLength is the least number of characters of a password that
	// is the only factor: NIST SP 800-63B-4, section 3.1.1.2.
	DefaultMinLength = 15
	// LowestMinLength is the lowest a policy can go, in characters: the same
	// section's figure for a password beside a second factor.
	LowestMinLength = 8
	// HighestMinLength is the highest a policy can go, in characters: the
	// length that the same section asks every verifier to take.
	HighestMinLength = 64
	// MaxBytes is the greatest length of a password as typed, in bytes of
	// UTF-8; it bounds the work of normalising. The same section asks for room
	// for at least 64 characters.
	MaxBytes = 1024
)

// Policy holds the rules for a new password and makes hashes. The zero value
// is ready for use.
type Policy struct {
	// MinLength is the least number of characters after normalising. Zero
	// means [DefaultMinLength]; anything else counts as the nearest figure
	// from [LowestMinLength] to [HighestMinLength].
	MinLength int
}

// Prepare returns plain in the form to hash, or a [staff.Error] of
// [staff.CodeInvalid] that says what to change. Apart from what [Normalise]
// refuses, these passwords are refused, whatever their case: those of fewer
// characters than MinLength; repeated blocks; sequences; common ones; and those
// with less than half of MinLength left without the words of personal, which
// are names, a username, e-mail addresses or the name of the service. There
// are no rules of composition (NIST SP 800-63B-4, section 3.1.1.2).
func (p Policy) Prepare(plain string, personal []string) (string, error) {
	normalised, err := Normalise(plain)
	if err != nil {
		return "", err
	}
	if err := p.check(normalised, personal); err != nil {
		return "", err
	}
	return normalised, nil
}

// Normalise returns a password as typed in the one form that is hashed and
// verified: the OpaqueString profile of RFC 8265, section 4.2. It applies no
// policy, so that a password from before a policy still signs in. What is
// empty, longer than [MaxBytes], not UTF-8, or holds control or unassigned
// characters is refused with a [staff.Error] of [staff.CodeInvalid].
func Normalise(plain string) (string, error) {
	switch {
	case plain == "":
		return "", refuse("the password is empty; enter one")
	case len(plain) > MaxBytes:
		return "", refuse("the password has %d bytes; at most %d are possible", len(plain), MaxBytes)
	case !utf8.ValidString(plain):
		return "", refuse("the password is not UTF-8 text; enter it in that encoding")
	}
	// The profile's own error is dropped: it could quote the character.
	normalised, err := precis.OpaqueString.String(plain)
	if err != nil {
		return "", refuse("the password holds a control character or another that cannot be used; leave it out")
	}
	return normalised, nil
}

func (p Policy) check(normalised string, personal []string) error {
	least := p.minLength()
	if n := utf8.RuneCountInString(normalised); n < least {
		return refuse("the password has %d characters; at least %d are needed", n, least)
	}
	folded := strings.ToLower(normalised)
	switch {
	case isRepeated([]rune(folded)):
		return refuse("the password repeats a few characters; choose one that does not, such as several unrelated words")
	case isSequence([]rune(folded)):
		return refuse("the password is a sequence of the alphabet or the keyboard; choose another, such as several unrelated words")
	case 2*utf8.RuneCountInString(without(folded, personal)) < least:
		return refuse("the password is mostly made of the person's own names or addresses; choose one without them")
	}
	return checkCommon(folded)
}

func (p Policy) minLength() int {
	least := cmp.Or(p.MinLength, DefaultMinLength)
	return min(max(least, LowestMinLength), HighestMinLength)
}

func checkCommon(folded string) error {
	common, err := isCommon(folded)
	if err != nil {
		return staff.Errorf(staff.CodeInternal, "password", "the list of common passwords is damaged; install staffctl again: %w", err)
	}
	if common {
		return refuse("the password is one of the most common ones, or one of them extended; choose another, such as several unrelated words")
	}
	return nil
}

func refuse(format string, args ...any) error {
	return staff.Errorf(staff.CodeInvalid, "password", format, args...)
}
