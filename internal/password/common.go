package password

import (
	"bufio"
	"bytes"
	"compress/gzip"
	_ "embed"
	"strings"
	"unicode"
)

// commonList holds 30,000 common passwords of 8 characters and more, in lower
// case, sorted, one a line. They are the first ones of two public lists of
// leaked passwords: the 100,000 that the UK's NCSC published from Have I Been
// Pwned (PwnedPasswordsTop100k.txt), and those of zxcvbn-ts
// (@zxcvbn-ts/language-common 4.1.3), with the longer ones kept although
// rarer, and without those that are another one with digits at the end.
//
//go:embed common.txt.gz
var commonList string

// isCommon reports whether folded, as it is or without the digits and signs
// around it, is a common password, once or repeated.
func isCommon(folded string) (bool, error) {
	texts := [][]byte{
		[]byte(folded),
		[]byte(strings.TrimRightFunc(folded, isPadding)),
		[]byte(strings.TrimFunc(folded, isPadding)),
	}
	list, err := gzip.NewReader(strings.NewReader(commonList))
	if err != nil {
		return false, err
	}
	lines := bufio.NewScanner(list)
	for lines.Scan() {
		for _, text := range texts {
			if isFilledWith(text, lines.Bytes()) {
				return true, nil
			}
		}
	}
	return false, lines.Err()
}

// isFilledWith reports whether text is entry, repeated until text is full.
func isFilledWith(text, entry []byte) bool {
	return bytes.HasPrefix(text, entry) && bytes.HasPrefix(text, text[len(entry):])
}

func isPadding(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsMark(r)
}
