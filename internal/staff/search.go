package staff

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// search is a text that people are looked for by: each of its words must be found
// in the member. It keeps the text of the member at hand, to use its room again.
type search struct {
	words      []searchWord
	text, bare []byte
}

// searchWord is a word in each form in which it may be found.
type searchWord struct {
	text []byte // as appendSearchable writes it
	bare []byte // without the e of ae, oe and ue; nil where that finds no more
	tel  []byte // the digits of a telephone number without what one dials before them, or nil
}

// newSearch reads a search as somebody types it. Words of signs alone, as between the
// parts of a number, count only where there are no others.
func newSearch(s string) *search {
	var words, signs []searchWord
	for word := range strings.FieldsSeq(s) {
		if bare := strings.TrimRight(word, ",;"); bare != "" {
			word = bare // as in Muster, Anna
		}
		w := searchWord{text: appendSearchable(nil, word), tel: dialled(word)}
		if i := bytes.IndexAny(w.text, "aou"); i >= 0 && i < len(w.text)-1 {
			w.bare = appendBare(nil, w.text)
		}
		if strings.ContainsFunc(word, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) {
			words = append(words, w)
		} else {
			signs = append(signs, w)
		}
	}
	if words == nil {
		words = signs
	}
	return &search{words: words}
}

// finds reports whether each word is found in names, e-mail, username or phones.
func (s *search) finds(m *Member) bool {
	s.text, s.bare = s.text[:0], s.bare[:0]
	for _, field := range [...]string{m.FirstName, m.LastName, m.Email, m.Username()} {
		s.text = append(appendSearchable(s.text, field), '\n')
	}
	for _, p := range m.Phones {
		s.text = append(append(s.text, p.Number...), '\n')
	}
	for i := range s.words {
		if !s.holds(&s.words[i], m) {
			return false
		}
	}
	return true
}

func (s *search) holds(w *searchWord, m *Member) bool {
	if bytes.Contains(s.text, w.text) {
		return true
	}
	if w.bare != nil {
		if len(s.bare) == 0 {
			s.bare = appendBare(s.bare, s.text)
		}
		if bytes.Contains(s.bare, w.bare) {
			return true
		}
	}
	for _, p := range m.Phones {
		if w.tel != nil && strings.Contains(p.Number, string(w.tel)) {
			return true
		}
	}
	return false
}

// appendSearchable appends a text as [Fold] makes it, and without what other letters
// have that Unicode does not decompose. Wide letters become plain ones.
func appendSearchable(dst []byte, s string) []byte {
	if isPlain(s) {
		for i := range len(s) {
			c := s[i]
			if 'A' <= c && c <= 'Z' {
				c += 'a' - 'A'
			}
			dst = append(dst, c)
		}
		return dst
	}
	// norm leaves a character next to an invalid byte as it is.
	for _, r := range Fold(norm.NFKC.String(strings.ToValidUTF8(s, "\uFFFD"))) {
		if plain, ok := undecomposed[r]; ok {
			dst = append(dst, plain...)
		} else {
			dst = utf8.AppendRune(dst, r)
		}
	}
	return dst
}

// undecomposed are characters that are written with others where they are missing.
var undecomposed = map[rune]string{'æ': "ae", 'œ': "oe", 'đ': "d", 'ð': "d", 'ħ': "h", 'ı': "i", 'ŧ': "t", 'þ': "th", 'ς': "σ",
	'’': "'", '‘': "'", 'ʼ': "'", '‐': "-", '‑': "-"}

// appendBare appends a text without the e that follows a, o and u: so Mueller is found
// by Muller, and by Müller, and each of them by the others. Joel becomes jol here;
// since words are looked for in both forms, nobody is missed by it.
func appendBare(dst, s []byte) []byte {
	start := len(dst)
	for _, c := range s {
		if c == 'e' && len(dst) > start && strings.IndexByte("aou", dst[len(dst)-1]) >= 0 {
			continue
		}
		dst = append(dst, c)
	}
	return dst
}

// dialled returns the digits of a part of a telephone number as people write it,
// without the 0 or 00 that comes before the rest, or nil: 079/123 is a part of
// +4179123.
func dialled(word string) []byte {
	if strings.Trim(word, "+0123456789()/.-") != "" {
		return nil
	}
	var digits []byte
	for _, c := range []byte(strings.ReplaceAll(word, "(0)", "")) {
		if '0' <= c && c <= '9' {
			digits = append(digits, c)
		}
	}
	if digits = bytes.TrimLeft(digits, "0"); len(digits) == 0 {
		return nil
	}
	return digits
}
