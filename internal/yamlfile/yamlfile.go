// Package yamlfile reads YAML that people write: strictly, so that a slip is an
// error with its line and not a silent nothing.
package yamlfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/staffctl/staffctl/internal/staff"
)

// MaxSize bounds a file, in bytes.
const MaxSize = 16 << 20

const (
	maxPairs    = 1 << 30 // of keys in mappings: some 4 seconds of the decoder's work
	maxValues   = 2 << 20 // each of which the decoder needs 400 bytes for
	maxProblems = 10      // that one message names
)

// Decode reads one document to the value. Unknown and repeated keys, aliases, a
// second document and more than [MaxSize] are [staff.CodeInvalid], with the
// name of the file and the line. JSON is YAML too.
func Decode(name string, r io.Reader, to any) error {
	text, err := read(name, r)
	if err != nil {
		return err
	}
	if _, err := parse(name, text); err != nil {
		return err
	}
	strict := yaml.NewDecoder(bytes.NewReader(text))
	strict.KnownFields(true)
	if err := strict.Decode(to); err != nil {
		return refuse(name, "%s", plain(err))
	}
	return nil
}

// Parse reads one document as [Decode] does, but leaves its keys to the caller:
// a file of thousands of entries takes half as long that way.
func Parse(name string, r io.Reader) (*yaml.Node, error) {
	text, err := read(name, r)
	if err != nil {
		return nil, err
	}
	document, err := parse(name, text)
	if err != nil {
		return nil, err
	}
	return document.Content[0], nil
}

func refuse(name, format string, args ...any) error {
	return staff.Errorf(staff.CodeInvalid, "file", "%s: %s", name, fmt.Sprintf(format, args...))
}

func read(name string, r io.Reader) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(r, MaxSize+1))
	switch {
	case err != nil:
		return nil, staff.Errorf(staff.CodeUnavailable, "file", "%s: %w", name, err)
	case len(text) > MaxSize:
		return nil, refuse(name, "has more than 16 MiB")
	case !isUTF16(text) && !utf8.Valid(text):
		return nil, refuse(name, "line %d: is not UTF-8; save the file as UTF-8", lineOfInvalid(text))
	}
	return text, nil
}

// isUTF16 tells whether the text begins as UTF-16 does, which the decoder reads.
func isUTF16(text []byte) bool {
	return bytes.HasPrefix(text, []byte{0xFF, 0xFE}) || bytes.HasPrefix(text, []byte{0xFE, 0xFF})
}

func lineOfInvalid(text []byte) int {
	n := 1
	for line := range bytes.Lines(text) {
		if !utf8.Valid(line) {
			return n
		}
		n++
	}
	return n
}

// parse returns the one document, once it is known to be harmless.
func parse(name string, text []byte) (*yaml.Node, error) {
	if line := crowdedLine(text); line > 0 {
		return nil, refuse(name, "line %d: there are more than %d values by here; make several files of it", line, maxValues)
	}
	var document yaml.Node
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	if err := decoder.Decode(&document); errors.Is(err, io.EOF) {
		return nil, refuse(name, "is empty")
	} else if err != nil {
		return nil, refuse(name, "%s", plain(err))
	}
	if isNull(&document) {
		return nil, refuse(name, "is empty")
	}
	pairs := maxPairs
	if problem := inspect(&document, &pairs); problem != "" {
		return nil, refuse(name, "%s", problem)
	}
	if err := decoder.Decode(&yaml.Node{}); !errors.Is(err, io.EOF) {
		return nil, refuse(name, "has more than one document")
	}
	return &document, nil
}

// crowdedLine is the line in which there may be more values than one document is to
// have, or 0: each begins after one of these characters.
func crowdedLine(text []byte) (line int) {
	values := 0
	for i := 0; ; i++ {
		next := bytes.IndexAny(text[i:], ",[{\n")
		if next < 0 {
			return 0
		}
		i += next
		if text[i] == '\n' {
			line++
		}
		if values++; values > maxValues {
			return line + 1
		}
	}
}

func isNull(document *yaml.Node) bool {
	return len(document.Content) == 1 && document.Content[0].Tag == "!!null"
}

// inspect says what the decoder must not get to see, with its line: anchors and
// aliases, and so many keys in a mapping that looking for repeats, for which it
// compares each with each, would take longer than seconds.
func inspect(n *yaml.Node, pairs *int) string {
	if n.Kind == yaml.AliasNode || n.Anchor != "" {
		return fmt.Sprintf("line %d: anchors and aliases are not allowed", n.Line)
	}
	if keys := len(n.Content) / 2; n.Kind == yaml.MappingNode {
		if *pairs -= keys * keys / 2; *pairs < 0 {
			return fmt.Sprintf("line %d: a mapping with %d keys is too much; use a list, or several files", n.Line, keys)
		}
	}
	for _, c := range n.Content {
		if problem := inspect(c, pairs); problem != "" {
			return problem
		}
	}
	return ""
}

// plain drops what the decoder says of itself and of Go's types, and all but
// the first problems.
func plain(err error) string {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	text = strings.TrimPrefix(text, "unmarshal errors:\n  ")
	lines := strings.Split(text, "\n  ")
	more := len(lines) - maxProblems
	lines = lines[:min(len(lines), maxProblems)]
	for i, line := range lines {
		before, _, unknown := strings.Cut(line, " not found in type ")
		at := strings.LastIndex(line, " into ")
		switch {
		case unknown:
			lines[i] = strings.Replace(before, "field ", "unknown key ", 1)
		case at > 0 && strings.Contains(line, "cannot unmarshal "):
			lines[i] = tags.Replace(line[:at]) + asWanted(line[at+len(" into "):])
		}
	}
	if more > 0 {
		lines = append(lines, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(lines, "; ")
}

var tags = strings.NewReplacer("cannot unmarshal ", "cannot read ", "!!str", "text", "!!seq", "a list", "!!map", "a mapping",
	"!!int", "the number", "!!float", "the number", "!!bool", "the value", "!!timestamp", "the date")

// asWanted names the kind of value that a Go type is written as, where the type
// tells.
func asWanted(goType string) string {
	switch {
	case strings.HasPrefix(goType, "[]"):
		return " as a list"
	case goType == "string":
		return " as text"
	case goType == "bool":
		return " as true or false"
	case strings.HasPrefix(goType, "int"):
		return " as a number"
	default:
		return " here"
	}
}
