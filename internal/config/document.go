package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/staffctl/staffctl/internal/staff"
)

// checker walks a file's nodes and collects their settings.
type checker struct {
	*document
	keys []Key
}

// check returns the settings of a parsed file.
func check(keys []Key, path string, doc *yaml.Node) (*document, error) {
	c := checker{keys: keys, document: &document{
		path: path, settings: layer{}, contexts: map[string]Context{}, contextLayers: map[string]layer{},
	}}
	if doc.Kind == 0 {
		return c.document, nil
	}
	return c.document, c.section("", doc.Content[0])
}

// fail makes an error about the node n.
func (c *checker) fail(n *yaml.Node, key, format string, args ...any) error {
	return staff.Errorf(staff.CodeInvalid, cmp.Or(key, "config"), "%s: %s", c.at(n), fmt.Sprintf(format, args...))
}

func (c *checker) at(n *yaml.Node) string { return fmt.Sprintf("%s:%d", c.path, n.Line) }

// each calls visit with the pairs of a mapping; a null counts as an empty one.
func (c *checker) each(key string, n *yaml.Node, visit func(name, value *yaml.Node) error) error {
	if isNull(n) {
		return nil
	}
	if n.Kind != yaml.MappingNode {
		return c.fail(n, key, "%s must be a mapping of keys to values", cmp.Or(key, "the file"))
	}
	lines := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		name, value := n.Content[i], n.Content[i+1]
		if name.Kind != yaml.ScalarNode {
			return c.fail(name, key, "a key must be a single word")
		}
		if line, ok := lines[name.Value]; ok {
			return c.fail(name, dotted(key, name.Value), "duplicate key %s; line %d has it already", dotted(key, name.Value), line)
		}
		lines[name.Value] = name.Line
		if err := visit(name, value); err != nil {
			return err
		}
	}
	return nil
}

// section checks the top of the file (prefix "") or a group such as mail.
func (c *checker) section(prefix string, n *yaml.Node) error {
	return c.each(prefix, n, func(name, value *yaml.Node) error {
		full := dotted(prefix, name.Value)
		i := slices.IndexFunc(c.keys, func(k Key) bool { return k.Name == full && !k.FlagOnly })
		switch {
		case full == "contexts":
			return c.eachContext(value)
		case i >= 0 && !(prefix == "" && strings.Contains(name.Value, ".")):
			return c.set(c.settings, &c.keys[i], c.at(value), value)
		case prefix == "" && slices.Contains(c.names(""), full):
			return c.section(full, value)
		default:
			return c.unknown(name, prefix)
		}
	})
}

func (c *checker) unknown(name *yaml.Node, prefix string) error {
	full := dotted(prefix, name.Value)
	known := c.names(prefix)
	if group, key, ok := strings.Cut(full, "."); ok && prefix == "" && slices.Contains(c.names(group), full) {
		return c.fail(name, full, "unknown key %s; write %s below %s:", full, key, group)
	}
	return c.fail(name, full, "unknown key %s%s", full, staff.Suggest(full, known))
}

// names lists the keys and groups that may stand in a group, or at the top.
func (c *checker) names(prefix string) []string {
	var names []string
	for _, k := range c.keys {
		group, _, nested := strings.Cut(k.Name, ".")
		switch {
		case k.FlagOnly:
		case prefix != "" && nested && group == prefix:
			names = append(names, k.Name)
		case prefix == "" && !slices.Contains(names, group):
			names = append(names, group)
		}
	}
	return names
}

// set checks one value and puts it into l; a null leaves the key unset.
func (c *checker) set(l layer, k *Key, origin string, n *yaml.Node) error {
	if isNull(n) {
		return nil
	}
	raw, err := c.raw(k, n)
	if err != nil {
		return err
	}
	value, err := k.accept(c.at(n)+": "+k.Name, raw)
	if err != nil {
		return err
	}
	if path, ok := value.(string); ok && k.Kind == Path {
		value = beside(c.path, path)
	}
	l[k.Name] = setting{value, origin}
	return nil
}

// raw reads a node as the key's kind wants it: text as it is written, so that
// the account 007 stays that.
func (c *checker) raw(k *Key, n *yaml.Node) (any, error) {
	switch {
	case k.Kind == List && n.Kind == yaml.SequenceNode:
		items := make([]string, len(n.Content))
		for i, item := range n.Content {
			if !isPlain(item) {
				return nil, c.fail(item, k.Name, "%s must be a list of single values", k.Name)
			}
			items[i] = item.Value
		}
		return items, nil
	case k.Kind == Mapping && n.Kind == yaml.MappingNode:
		m := map[string]string{}
		return m, c.each(k.Name, n, func(name, value *yaml.Node) error {
			m[name.Value] = value.Value
			if !isPlain(value) {
				return c.fail(value, k.Name, "%s must map names to single values", k.Name)
			}
			return nil
		})
	case k.Kind != List && k.Kind != Mapping && isPlain(n):
		return n.Value, nil
	}
	return nil, c.fail(n, k.Name, "%s must be %s", k.Name, k.wants())
}

// wants says the kind with the accepted values.
func (k *Key) wants() string {
	switch {
	case k.Values != nil:
		return "one of " + strings.Join(k.Values, ", ")
	case k.Kind == Bool:
		return string(k.Kind)
	case k.Kind == Number:
		return fmt.Sprintf("a number from %d to %d", k.min, k.max)
	case k.Kind == List, k.Kind == Mapping:
		return "a " + string(k.Kind)
	default:
		return "a single value"
	}
}

// isPlain tells a scalar without a tag of somebody's own.
func isPlain(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode &&
		slices.Contains([]string{"!!str", "!!int", "!!float", "!!bool", "!!timestamp"}, n.ShortTag())
}

// eachContext checks the contexts and collects them.
func (c *checker) eachContext(n *yaml.Node) error {
	return c.each("contexts", n, func(name, value *yaml.Node) error {
		if !isContextName(name.Value) {
			return c.fail(name, "contexts", "%s", badContextName(name.Value))
		}
		full := dotted("contexts", name.Value)
		l := layer{}
		err := c.each(full, value, func(key, value *yaml.Node) error {
			i := slices.IndexFunc(c.keys, func(k Key) bool { return k.Name == key.Value })
			if !slices.Contains(ContextKeys, key.Value) {
				return c.fail(key, dotted(full, key.Value), "unknown key %s%s",
					dotted(full, key.Value), staff.Suggest(key.Value, ContextKeys))
			}
			return c.set(l, &c.keys[i], "context "+name.Value+" in "+c.at(value), value)
		})
		c.contextLayers[name.Value] = l
		var context Context
		for _, key := range ContextKeys {
			*context.Field(key) = l.text(key)
		}
		c.contexts[name.Value] = context
		return err
	})
}

func (l layer) text(key string) string {
	s, _ := l[key].value.(string)
	return s
}

func badContextName(name string) string {
	return fmt.Sprintf("context name %q must be 1 to 32 lower-case letters, digits and dashes, not a dash first", name)
}

func dotted(prefix, name string) string {
	if prefix == "" {
		return name
	}
	return prefix + "." + name
}
