package bulk

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// lost stands for what could not be decoded.
const lost = "\ufffd"

// decoded reads r as UTF-8, whatever its encoding: UTF-8, UTF-16 or
// Windows-1252.
func decoded(r io.Reader) (io.Reader, error) {
	in := bufio.NewReaderSize(r, bufferSize)
	start, err := in.Peek(4)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	utf16 := func(e unicode.Endianness, mark int) (io.Reader, error) {
		_, err := in.Discard(mark)
		return transform.NewReader(in, unicode.UTF16(e, unicode.IgnoreBOM).NewDecoder()), err
	}
	switch {
	case bytes.HasPrefix(start, []byte("\xef\xbb\xbf")):
		_, err := in.Discard(3)
		return transform.NewReader(in, &guess{marked: true}), err
	case bytes.HasPrefix(start, []byte("\xff\xfe")):
		return utf16(unicode.LittleEndian, 2)
	case bytes.HasPrefix(start, []byte("\xfe\xff")):
		return utf16(unicode.BigEndian, 2)
	case len(start) >= 2 && start[0] != 0 && start[1] == 0:
		return utf16(unicode.LittleEndian, 0)
	case len(start) >= 2 && start[0] == 0 && start[1] != 0:
		return utf16(unicode.BigEndian, 0)
	default:
		return transform.NewReader(in, &guess{}), nil
	}
}

// guess takes text for UTF-8 as long as it is. The first byte that is not, after
// nothing but ASCII, shows that it is Windows-1252; after characters of UTF-8 it
// shows a damaged line, and becomes U+FFFD.
type guess struct {
	marked bool // as UTF-8, by its first character
	wide   bool // there was a character beyond ASCII, in UTF-8
	legacy *encoding.Decoder
}

// Reset begins again.
func (g *guess) Reset() { *g = guess{marked: g.marked, wide: g.marked} }

// Transform is [transform.Transformer].
func (g *guess) Transform(dst, src []byte, atEOF bool) (nDst, nSrc int, err error) {
	for nSrc < len(src) {
		if g.legacy != nil {
			d, s, err := g.legacy.Transform(dst[nDst:], src[nSrc:], atEOF)
			return nDst + d, nSrc + s, err
		}
		n := g.copyValid(dst[nDst:], src[nSrc:])
		nDst, nSrc = nDst+n, nSrc+n
		rest := src[nSrc:]
		switch _, size := utf8.DecodeRune(rest); {
		case len(rest) == 0:
			return nDst, nSrc, nil
		case !atEOF && !utf8.FullRune(rest):
			return nDst, nSrc, transform.ErrShortSrc
		case size > 1 || rest[0] < utf8.RuneSelf || g.wide && len(dst)-nDst < len(lost):
			return nDst, nSrc, transform.ErrShortDst
		case g.wide:
			nDst, nSrc = nDst+copy(dst[nDst:], lost), nSrc+1
		default:
			g.legacy = charmap.Windows1252.NewDecoder()
		}
	}
	return nDst, nSrc, nil
}

// copyValid copies what is UTF-8, as much as there is room for.
func (g *guess) copyValid(dst, src []byte) int {
	n := min(len(dst), len(src))
	if n < len(src) {
		for back := 0; back < utf8.UTFMax && n > 0 && !utf8.RuneStart(src[n]); back++ {
			n-- // no character in two pieces
		}
	}
	if !utf8.Valid(src[:n]) {
		n = validLength(src[:n])
	}
	if !g.wide {
		g.wide = bytes.IndexFunc(src[:n], func(r rune) bool { return r >= utf8.RuneSelf }) >= 0
	}
	return copy(dst, src[:n])
}

func validLength(b []byte) (n int) {
	for n < len(b) {
		r, size := utf8.DecodeRune(b[n:])
		if r == utf8.RuneError && size == 1 {
			break
		}
		n += size
	}
	return n
}
