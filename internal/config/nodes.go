package config

import "go.yaml.in/yaml/v3"

// indexOf returns where a mapping holds key's name, or -1.
func indexOf(mapping *yaml.Node, key string) int {
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		if mapping.Content[i].Value == key {
			return i
		}
	}
	return -1
}

// child returns the node of key's value, which it adds when missing.
func child(mapping *yaml.Node, key string) *yaml.Node {
	if i := indexOf(mapping, key); i >= 0 {
		return mapping.Content[i+1]
	}
	if len(mapping.Content) == 0 {
		// An empty mapping was written {}; what is added stands on lines of its own.
		mapping.Style = 0
	}
	name, value := &yaml.Node{}, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null"}
	name.SetString(key)
	mapping.Content = append(mapping.Content, name, value)
	return value
}

// childMapping returns key's mapping, which it makes when missing or null.
func childMapping(mapping *yaml.Node, key string) *yaml.Node {
	n := child(mapping, key)
	if n.Kind != yaml.MappingNode {
		n.Kind, n.Tag, n.Value = yaml.MappingNode, "!!map", ""
	}
	return n
}

// setText sets key to text and tells whether that changed anything.
func setText(mapping *yaml.Node, key, text string) bool {
	n := child(mapping, key)
	if !isNull(n) && n.Value == text {
		return false
	}
	n.SetString(text)
	return true
}

func removeKey(mapping *yaml.Node, key string) {
	if i := indexOf(mapping, key); i >= 0 {
		mapping.Content = append(mapping.Content[:i], mapping.Content[i+2:]...)
	}
}

// spellNulls writes out the empty values inside braces, which the encoder
// would turn into empty text.
func spellNulls(n *yaml.Node, inFlow bool) {
	if inFlow && isNull(n) && n.Value == "" {
		n.Value = "null"
	}
	for _, child := range n.Content {
		spellNulls(child, inFlow || n.Style&yaml.FlowStyle != 0)
	}
}
