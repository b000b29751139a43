package teamfile

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/staffctl/staffctl/internal/staff"
)

const maxProblems = 10 // that one message names

// reader turns nodes into values, and collects what is wrong with them.
type reader struct {
	name     string
	key      string // whose value is being read
	problems []string
	more     int
}

func (r *reader) refuse(n *yaml.Node, format string, args ...any) {
	if len(r.problems) == maxProblems {
		r.more++
		return
	}
	r.problems = append(r.problems, fmt.Sprintf("line %d: ", n.Line)+fmt.Sprintf(format, args...))
}

func (r *reader) err() error {
	if r.problems == nil {
		return nil
	}
	if r.more > 0 {
		r.problems = append(r.problems, fmt.Sprintf("and %d more", r.more))
	}
	return staff.Errorf(staff.CodeInvalid, "file", "%s: %s", r.name, strings.Join(r.problems, "; "))
}

// mapping reads the values of a mapping; lines, unless nil, learns where its keys
// stand.
func (r *reader) mapping(n *yaml.Node, what string, keys []key, lines map[string]int) {
	if n.Kind != yaml.MappingNode {
		r.refuse(n, "%s is a mapping of keys to values, not %s", what, kindOf(n))
		return
	}
	var seen [16]bool // by the key's place; no mapping has more
	for i := 0; i+1 < len(n.Content); i += 2 {
		name, value := n.Content[i], n.Content[i+1]
		at := indexOf(keys, name.Value)
		switch {
		case at < 0 || name.Kind != yaml.ScalarNode:
			r.refuse(name, "unknown key %s%s", name.Value, suggestion(name.Value, keys))
		case seen[at]:
			r.refuse(name, "%s stands twice in %s", name.Value, what)
		default:
			seen[at] = true
			if lines != nil {
				lines[name.Value] = name.Line
			}
			r.value(value, keys[at])
		}
	}
	for i, k := range keys {
		if k.required && !seen[i] {
			r.refuse(n, "%s is missing", k.name)
		}
	}
}

func (r *reader) value(n *yaml.Node, k key) {
	if n.Tag == "!!null" {
		r.refuse(n, "%s has no value; leave it out, or give one", k.name)
		return
	}
	r.key = k.name
	k.read(r, n)
}

func indexOf(keys []key, name string) int {
	for i := range keys {
		if keys[i].name == name {
			return i
		}
	}
	return -1
}

func suggestion(name string, keys []key) string {
	known := make([]string, len(keys))
	for i, k := range keys {
		known[i] = k.name
	}
	return staff.Suggest(name, known)
}

func kindOf(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	default:
		return fmt.Sprintf("%q", n.Value)
	}
}

// given reads a value that may be missing.
func given[T any](to **T, read func(*T) func(*reader, *yaml.Node)) func(*reader, *yaml.Node) {
	return func(r *reader, n *yaml.Node) {
		*to = new(T)
		read(*to)(r, n)
	}
}

// text reads a scalar as it is written: a name can be No, 1e3 or ~ in quotes.
func text(to *string) func(*reader, *yaml.Node) {
	return func(r *reader, n *yaml.Node) {
		if n.Kind != yaml.ScalarNode || n.Tag == "!!binary" {
			r.refuse(n, "%s is a text, not %s", r.key, kindOf(n))
			return
		}
		*to = n.Value
	}
}

// policy reads off also where a YAML 1.1 program has made it the boolean.
func policy(to *string) func(*reader, *yaml.Node) {
	return func(r *reader, n *yaml.Node) {
		text(to)(r, n)
		if n.Tag == "!!bool" && strings.EqualFold(n.Value, "false") {
			*to = string(staff.TwoFactorOff)
		}
	}
}

func flag(to *bool) func(*reader, *yaml.Node) {
	return func(r *reader, n *yaml.Node) {
		if n.Kind != yaml.ScalarNode || n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0 || n.Decode(to) != nil {
			r.refuse(n, "%s is true or false, not %s", r.key, kindOf(n))
		}
	}
}

// list reads a list of texts; an empty one is nil.
func list(to *[]string) func(*reader, *yaml.Node) {
	return func(r *reader, n *yaml.Node) {
		if n.Kind != yaml.SequenceNode {
			r.refuse(n, "%s is a list, not %s", r.key, kindOf(n))
			return
		}
		for _, item := range n.Content {
			var word string
			if item.Tag == "!!null" || item.Kind != yaml.ScalarNode {
				r.refuse(item, "%s is a list of texts, and one of them is %s", r.key, kindOf(item))
				return
			}
			text(&word)(r, item)
			*to = append(*to, word)
		}
	}
}

// words reads a word or a list of them, of which none alone is empty.
func words(to *[]string) func(*reader, *yaml.Node) {
	return func(r *reader, n *yaml.Node) {
		if n.Kind == yaml.ScalarNode {
			*to = []string{n.Value}
		} else {
			list(to)(r, n)
		}
		if len(*to) == 1 && (*to)[0] == string(staff.AccessNone) {
			*to = nil
		}
	}
}

// wordsOrNone is words where nothing reads none.
func wordsOrNone(to *[]string) func(*reader, *yaml.Node) {
	return func(r *reader, n *yaml.Node) {
		if words(to)(r, n); len(*to) == 0 {
			*to = []string{string(staff.AccessNone)}
		}
	}
}

// entries reads a list of mappings.
func entries[T any](keys func(*T, int) []key) func(*[]T) func(*reader, *yaml.Node) {
	return func(to *[]T) func(*reader, *yaml.Node) {
		return func(r *reader, n *yaml.Node) {
			if n.Kind != yaml.SequenceNode {
				r.refuse(n, "%s is a list of entries, not %s", r.key, kindOf(n))
				return
			}
			*to = make([]T, len(n.Content))
			for i, item := range n.Content {
				r.mapping(item, "an entry", keys(&(*to)[i], item.Line), nil)
			}
		}
	}
}
