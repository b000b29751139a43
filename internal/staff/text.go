package staff

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/text/secure/precis"
	"golang.org/x/text/unicode/norm"
)

// Lengths that texts may have. An address has at most 254 octets and its local
// part 64 (RFC 5321, 4.5.3.1); a name has 100 characters.
const (
	maxAddress   = 254
	maxLocalPart = 64
	maxName      = 100
)

// cleanName normalises a name to NFC without outer white space and refuses
// what a name cannot hold: nothing but a line of text that prints as it reads.
func cleanName(fieldName, s string) (string, error) {
	if !utf8.ValidString(s) {
		return "", Errorf(CodeInvalid, fieldName, "%s is not valid UTF-8", spoken(fieldName))
	}
	if i := strings.IndexFunc(s, isForbidden); i >= 0 {
		r, _ := utf8.DecodeRuneInString(s[i:])
		return "", Errorf(CodeInvalid, fieldName, "%s holds the control character %U; remove it", spoken(fieldName), r)
	}
	s = strings.TrimSpace(norm.NFC.String(s))
	if n := utf8.RuneCountInString(s); n > maxName {
		return "", Errorf(CodeInvalid, fieldName, "%s has %d characters; at most %d are allowed", spoken(fieldName), n, maxName)
	}
	return s, nil
}

// isForbidden reports characters that change how the text around them shows:
// controls, line and paragraph separators and bidirectional controls. Joiners,
// which scripts and emoji need, are allowed.
func isForbidden(r rune) bool {
	if r < utf8.RuneSelf { // most are, and the tables would take a tenth of planning
		return r < ' ' || r == '\u007F'
	}
	return unicode.IsControl(r) || unicode.In(r, unicode.Zl, unicode.Zp, unicode.Bidi_Control) || r == '\uFEFF'
}

// HoldsControls reports whether a text has characters that no text of a store
// may have, since they change how the text around them shows.
func HoldsControls(s string) bool { return strings.IndexFunc(s, isForbidden) >= 0 }

// spoken turns the name of a field into words for a message.
func spoken(fieldName string) string { return "the " + strings.ReplaceAll(fieldName, "-", " ") }

// Email is a checked address: as people read it and as it is compared.
type Email struct {
	// Address keeps the local part as it was given; the domain is lower case
	// and in Unicode (RFC 6531).
	Address string
	// Key is lower case with the domain in its ASCII form, for comparing.
	Key string
}

// ParseEmail reads an address such as anna.muster@example.ch. Umlauts are
// allowed on both sides of the @, display names and quoted local parts are not.
func ParseEmail(fieldName, s string) (Email, error) {
	if isKey(s) { // most are, and a plan asks for thousands of them a dozen times
		return Email{s, s}, nil
	}
	return parseEmail(fieldName, s)
}

func parseEmail(fieldName, s string) (Email, error) {
	local, domain, err := splitEmail(fieldName, s)
	if err != nil {
		return Email{}, err
	}
	ascii, err := idna.Lookup.ToASCII(domain)
	if err != nil || !isDomain(ascii) {
		return Email{}, Errorf(CodeInvalid, fieldName, "%s has no valid domain after the @; give it as in anna.muster@example.ch", spoken(fieldName))
	}
	if len(local)+1+len(ascii) > maxAddress {
		return Email{}, Errorf(CodeInvalid, fieldName, "%s has %d octets; at most %d are allowed", spoken(fieldName), len(local)+1+len(ascii), maxAddress)
	}
	shown := ascii
	if strings.Contains(ascii, "xn--") {
		if unicodeDomain, err := idna.Lookup.ToUnicode(ascii); err == nil {
			shown = unicodeDomain
		}
	}
	return Email{Address: local + "@" + shown, Key: norm.NFC.String(strings.ToLower(local)) + "@" + ascii}, nil
}

// isDomain reports whether the domain has two labels or more, each of 1 to 63
// octets (RFC 1035, 2.3.4).
func isDomain(ascii string) bool {
	for label := range strings.SplitSeq(ascii, ".") {
		if label == "" || len(label) > 63 {
			return false
		}
	}
	return strings.Contains(ascii, ".")
}

func splitEmail(fieldName, s string) (local, domain string, err error) {
	refuse := func(why string) (string, string, error) {
		return "", "", Errorf(CodeInvalid, fieldName, "%s %s; give it as in anna.muster@example.ch", spoken(fieldName), why)
	}
	if !utf8.ValidString(s) {
		return refuse("is not valid UTF-8")
	}
	s = norm.NFC.String(strings.Trim(s, " "))
	at := strings.LastIndexByte(s, '@')
	switch {
	case s == "":
		return refuse("is empty")
	case len(s) > 2*maxAddress:
		return refuse("is too long")
	case strings.IndexFunc(s, func(r rune) bool { return isForbidden(r) || unicode.IsSpace(r) }) >= 0:
		return refuse("holds white space or a control character")
	case at < 0:
		return refuse("has no @")
	case strings.Count(s, "@") > 1:
		return refuse("has more than one @")
	}
	local, domain = s[:at], s[at+1:]
	switch {
	case local == "" || len(local) > maxLocalPart:
		return refuse("has no part of 1 to 64 octets before the @")
	case !isDotAtom(local):
		return refuse("has a character or dot before the @ that is not allowed there")
	}
	return local, domain, nil
}

// isDotAtom reports whether s is a dot-atom of RFC 5322, 3.2.3, with the
// characters beyond ASCII that RFC 6531 adds.
func isDotAtom(s string) bool {
	for atom := range strings.SplitSeq(s, ".") {
		if atom == "" {
			return false
		}
		for _, r := range atom {
			if r < utf8.RuneSelf && !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("!#$%&'*+-/=?^_`{|}~", r)) {
				return false
			}
		}
	}
	return true
}

// addressOf returns the address as a member keeps it; what is no address comes
// back as it is.
func addressOf(s string) string {
	e, err := ParseEmail("email", s)
	if err != nil {
		return s
	}
	return e.Address
}

// EmailKey returns the form in which an address is compared; what is no
// address comes back in lower case, so that looking it up finds nothing.
func EmailKey(s string) string {
	e, err := ParseEmail("email", s)
	if err != nil {
		return strings.ToLower(s)
	}
	return e.Key
}

// isKey reports whether the address is its own key: lower case, in ASCII, and
// without anything that the rules of addresses would have to be asked about.
func isKey(s string) bool {
	at := strings.IndexByte(s, '@')
	if at < 1 || at > maxLocalPart || len(s) > maxAddress {
		return false
	}
	return areLabels(s[:at], maxLocalPart) && areLabels(s[at+1:], 63) && strings.IndexByte(s[at+1:], '.') > 0
}

// areLabels reports whether s is labels between dots: letters, digits, and single
// hyphens between them, so many at most.
func areLabels(s string, most int) bool {
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || len(label) > most || label[0] == '-' || label[len(label)-1] == '-' || strings.Contains(label, "--") {
			return false
		}
		for i := range len(label) {
			if c := label[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
				return false
			}
		}
	}
	return true
}

// UsernameKey returns the form in which a username is compared: the
// UsernameCaseMapped profile of RFC 8265, or "" for what is no username.
func UsernameKey(s string) string {
	if isVisible(s) { // in the profile, all of it
		return strings.ToLower(s)
	}
	return usernameKey(s)
}

func usernameKey(s string) string {
	key, err := precis.UsernameCaseMapped.String(norm.NFC.String(s))
	if err != nil {
		return ""
	}
	return key
}

// isVisible reports a text of nothing but ASCII that prints.
func isVisible(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// cleanUsername checks a username that somebody chose.
func cleanUsername(fieldName, s string) (string, error) {
	given := s
	s = norm.NFC.String(strings.TrimSpace(s))
	key := UsernameKey(s)
	switch {
	case s == "":
		return "", Errorf(CodeInvalid, fieldName, "%s is empty", spoken(fieldName))
	case utf8.RuneCountInString(s) > maxAddress || len(key) > 4*maxAddress:
		return "", Errorf(CodeInvalid, fieldName, "%s has more than %d characters", spoken(fieldName), maxAddress)
	case key == "" || strings.IndexFunc(given, isForbidden) >= 0 || strings.ContainsAny(s, ":/\\"):
		return "", Errorf(CodeInvalid, fieldName, "%s may hold letters, digits and signs such as . - _ @ but no white space, colon or slash", spoken(fieldName))
	}
	return s, nil
}

// NameKey is what lists sort by: the last name, then the first, without case
// and accents (DIN 5007-1: ä as a, ß as ss).
func NameKey(m *Member) string { return Fold(m.LastName) + " " + Fold(m.FirstName) }

// Fold lowers case and drops accents, for sorting and searching.
func Fold(s string) string {
	if isPlain(s) {
		return strings.ToLower(s)
	}
	var b strings.Builder
	for _, r := range norm.NFD.String(strings.ToLower(s)) {
		switch {
		case unicode.Is(unicode.Mn, r):
		case r == 'ß':
			b.WriteString("ss")
		case r == 'ø':
			b.WriteByte('o')
		case r == 'ł':
			b.WriteByte('l')
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

func isPlain(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
