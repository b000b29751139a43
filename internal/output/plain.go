package output

import (
	"bytes"
	"encoding/json"
	"strings"
)

// plain returns a JSON value as text: strings unquoted, arrays joined by commas,
// null empty, numbers and objects as they are.
func plain(value []byte) string { return string(appendPlain(nil, value)) }

func appendPlain(dst, value []byte) []byte {
	if len(value) == 0 || string(value) == "null" {
		return dst
	}
	switch value[0] {
	case '"':
		return appendUnquoted(dst, value)
	case '[':
		return appendJoined(dst, value)
	default:
		return append(dst, value...)
	}
}

func appendUnquoted(dst, value []byte) []byte {
	if bytes.IndexByte(value, '\\') < 0 {
		return append(dst, value[1:len(value)-1]...)
	}
	var s string
	if json.Unmarshal(value, &s) != nil {
		return append(dst, value...)
	}
	return append(dst, s...)
}

func appendJoined(dst, array []byte) []byte {
	if joined, ok := appendSimple(dst, array); ok {
		return joined
	}
	var elements []json.RawMessage
	if json.Unmarshal(array, &elements) != nil {
		return append(dst, array...)
	}
	for i, e := range elements {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendPlain(dst, e)
	}
	return dst
}

// appendSimple joins an array of strings without escapes, as nearly all are, and
// tells whether it was one.
func appendSimple(dst, array []byte) ([]byte, bool) {
	rest := array[1 : len(array)-1]
	for n := 0; len(rest) > 0; n++ {
		if n > 0 {
			dst, rest = append(dst, ','), rest[1:]
		}
		if len(rest) < 2 || rest[0] != '"' {
			return nil, false
		}
		end := bytes.IndexAny(rest[1:], `"\\`) + 1
		if end == 0 || rest[end] != '"' || end+1 < len(rest) && rest[end+1] != ',' {
			return nil, false
		}
		dst, rest = append(dst, rest[1:end]...), rest[end+1:]
	}
	return dst, true
}

// isText tells whether a JSON value is made of strings. Numbers are not, and a
// negative one is no formula.
func isText(value []byte) bool {
	return len(value) > 0 && strings.IndexByte(`"[{`, value[0]) >= 0
}
