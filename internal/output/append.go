package output

import (
	"strconv"
	"time"
	"unicode/utf8"
)

const hexDigits = "0123456789abcdef"

// AppendString appends s as a JSON string. Bytes that are not UTF-8 become
// U+FFFD; <, > and & stay as they are.
func AppendString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	i := verbatimLength(s)
	dst = append(dst, s[:i]...)
	if i < len(s) {
		dst = appendEscaped(dst, s[i:])
	}
	return append(dst, '"')
}

// verbatimLength returns how much of s can be copied, looking at eight bytes at a
// time: the high bit of a byte is set in bad if it stands not for itself, or
// where a byte before it does not.
func verbatimLength(s string) int {
	const ones, high = 0x0101010101010101, 0x8080808080808080
	i := 0
	for ; i+8 <= len(s); i += 8 {
		w := uint64(s[i]) | uint64(s[i+1])<<8 | uint64(s[i+2])<<16 | uint64(s[i+3])<<24 |
			uint64(s[i+4])<<32 | uint64(s[i+5])<<40 | uint64(s[i+6])<<48 | uint64(s[i+7])<<56
		bad := w | (w - ' '*ones) | (w ^ '"'*ones - ones) | (w ^ '\\'*ones - ones)
		if bad&high != 0 {
			break
		}
	}
	for i < len(s) && verbatim(s[i]) {
		i++
	}
	return i
}

// verbatim tells whether an ASCII character stands for itself in JSON.
func verbatim(c byte) bool { return c >= ' ' && c < utf8.RuneSelf && c != '"' && c != '\\' }

func appendEscaped(dst []byte, s string) []byte {
	start := 0
	for i := 0; i < len(s); {
		if verbatim(s[i]) {
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if needsEscape(r, size) {
			dst = append(dst, s[start:i]...)
			dst = appendEscape(dst, r)
			start = i + size
		}
		i += size
	}
	return append(dst, s[start:]...)
}

// needsEscape counts the line separators in, since JavaScript ends lines there.
func needsEscape(r rune, size int) bool {
	return r < utf8.RuneSelf || r == utf8.RuneError && size == 1 || r == '\u2028' || r == '\u2029'
}

func appendEscape(dst []byte, r rune) []byte {
	switch r {
	case '"', '\\':
		return append(dst, '\\', byte(r))
	case '\b':
		return append(dst, `\b`...)
	case '\f':
		return append(dst, `\f`...)
	case '\n':
		return append(dst, `\n`...)
	case '\r':
		return append(dst, `\r`...)
	case '\t':
		return append(dst, `\t`...)
	}
	return append(dst, '\\', 'u', hexDigits[r>>12&15], hexDigits[r>>8&15], hexDigits[r>>4&15], hexDigits[r&15])
}

// AppendStrings appends ss as a JSON array of strings, [] when it is nil.
func AppendStrings(dst []byte, ss []string) []byte {
	dst = append(dst, '[')
	for i, s := range ss {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = AppendString(dst, s)
	}
	return append(dst, ']')
}

// AppendBool appends true or false.
func AppendBool(dst []byte, b bool) []byte { return strconv.AppendBool(dst, b) }

// AppendInt appends n in decimal.
func AppendInt(dst []byte, n int64) []byte { return strconv.AppendInt(dst, n, 10) }

const (
	dayMillis = 24 * 60 * 60 * 1000
	// The milliseconds of the years that RFC 3339 can write, 0000 to 9999.
	firstMilli, lastMilli = -62_167_219_200_000, 253_402_300_799_999
)

// AppendTime appends a time, given in milliseconds since 1970, as a JSON string
// in RFC 3339, UTC, such as "2026-11-22T12:00:00.000Z"; null for 0, which is no
// time here.
func AppendTime(dst []byte, unixMilli int64) []byte {
	switch {
	case unixMilli == 0:
		return append(dst, "null"...)
	case unixMilli < firstMilli || unixMilli > lastMilli:
		return time.UnixMilli(unixMilli).UTC().AppendFormat(dst, `"2006-01-02T15:04:05.000Z"`)
	}
	since := uint64(unixMilli - firstMilli)
	year, month, day := civil(uint32(since / dayMillis))
	ms := uint32(since % dayMillis)
	dst = append(dst, `"0000-00-00T00:00:00.000Z"`...)
	b := dst[len(dst)-26:]
	put2(b, 1, year/100)
	put2(b, 3, year%100)
	put2(b, 6, month)
	put2(b, 9, day)
	put2(b, 12, ms/3_600_000)
	put2(b, 15, ms/60_000%60)
	put2(b, 18, ms/1000%60)
	b[21] = byte('0' + ms/100%10)
	put2(b, 22, ms%100)
	return dst
}

func put2(b []byte, at int, n uint32) { b[at], b[at+1] = byte('0'+n/10), byte('0'+n%10) }

// civil returns the date of a day counted from 0000-01-01. Years begin in March
// here, which puts the leap day last (Howard Hinnant, civil_from_days).
func civil(day uint32) (year, month, dayOfMonth uint32) {
	const era = 146_097 // days in 400 years
	day += era - 60     // from March of the year -400, so that nothing is negative
	inEra := day % era
	year = (inEra - inEra/1460 + inEra/36_524 - inEra/146_096) / 365
	inYear := inEra - (365*year + year/4 - year/100)
	month = (5*inYear + 2) / 153
	dayOfMonth = inYear - (153*month+2)/5 + 1
	year += day/era*400 - 400
	if month < 10 {
		return year, month + 3, dayOfMonth
	}
	return year + 1, month - 9, dayOfMonth
}
