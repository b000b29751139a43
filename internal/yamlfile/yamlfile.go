// Package yamlfile reads YAML that people write: strictly, so that a slip is an
// error with its line and not a silent nothing.
package yamlfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/staffctl/staffctl/internal/staff"
)

// MaxSize bounds a file, in bytes.
const MaxSize = 16 << 20

// Decode reads one document to the value. Unknown and repeated keys, aliases, a
// second document and more than [MaxSize] are [staff.CodeInvalid], with the
// name of the file and the line. JSON is YAML too.
func Decode(name string, r io.Reader, to any) error {
	refuse := func(format string, args ...any) error {
		return staff.Errorf(staff.CodeInvalid, "file", "%s: %s", name, fmt.Sprintf(format, args...))
	}
	text, err := io.ReadAll(io.LimitReader(r, MaxSize+1))
	switch {
	case err != nil:
		return staff.Errorf(staff.CodeUnavailable, "file", "%s: %w", name, err)
	case len(text) > MaxSize:
		return refuse("has more than 16 MiB")
	}
	var document yaml.Node
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	if err := decoder.Decode(&document); errors.Is(err, io.EOF) {
		return refuse("is empty")
	} else if err != nil {
		return refuse("%s", plain(err))
	}
	if line := aliasLine(&document); line > 0 {
		return refuse("line %d: anchors and aliases are not allowed", line)
	}
	if err := decoder.Decode(&yaml.Node{}); !errors.Is(err, io.EOF) {
		return refuse("has more than one document")
	}
	strict := yaml.NewDecoder(bytes.NewReader(text))
	strict.KnownFields(true)
	if err := strict.Decode(to); err != nil {
		return refuse("%s", plain(err))
	}
	return nil
}

// aliasLine returns the line of the first anchor or alias, or 0.
func aliasLine(n *yaml.Node) int {
	if n.Kind == yaml.AliasNode || n.Anchor != "" {
		return n.Line
	}
	for _, c := range n.Content {
		if line := aliasLine(c); line > 0 {
			return line
		}
	}
	return 0
}

// plain drops what the decoder says of itself and of Go's types.
func plain(err error) string {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	text = strings.TrimPrefix(text, "unmarshal errors:\n  ")
	lines := strings.Split(text, "\n  ")
	for i, line := range lines {
		before, _, unknown := strings.Cut(line, " not found in type ")
		if unknown {
			lines[i] = strings.Replace(before, "field ", "unknown key ", 1)
		}
	}
	return strings.Join(lines, "; ")
}
