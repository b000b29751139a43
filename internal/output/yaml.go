package output

import (
	"bytes"
	"encoding/json"
	"fmt"

	"go.yaml.in/yaml/v3"

	"github.com/staffctl/staffctl/internal/yamlfile"
)

// yamlRows is a sequence of mappings, or the one mapping.
type yamlRows[T any] struct {
	*lines[T]
	one     bool
	rows    int
	compact []byte
}

func newYAML[T any](p *Printer, cols []Column[T], one bool) *yamlRows[T] {
	return &yamlRows[T]{lines: newLines(p, cols), one: one}
}

func (e *yamlRows[T]) row(v T) {
	e.rows++
	e.compact = e.append(e.compact[:0], v)
	if err := e.write(e.compact); err != nil {
		e.out.fail(fmt.Errorf("write a row as YAML: %w", err))
	}
}

// write prints each row as a sequence of its own: one after the other they are
// one sequence.
func (e *yamlRows[T]) write(object []byte) error {
	d := json.NewDecoder(bytes.NewReader(object))
	d.UseNumber()
	node, err := yamlNode(d)
	if err != nil {
		return err
	}
	if !e.one {
		node = &yaml.Node{Kind: yaml.SequenceNode, Content: []*yaml.Node{node}}
	}
	w := yaml.NewEncoder(e.out)
	w.SetIndent(2)
	if err := w.Encode(node); err != nil {
		return err
	}
	return w.Close()
}

func (e *yamlRows[T]) end(complete bool) {
	if complete && e.rows == 0 {
		e.out.buf = append(e.out.buf, "[]\n"...)
	}
}

func yamlNode(d *json.Decoder) (*yaml.Node, error) {
	token, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch t := token.(type) {
	case json.Delim:
		return yamlCollection(d, t)
	case string:
		return yamlString(t), nil
	case json.Number:
		return &yaml.Node{Kind: yaml.ScalarNode, Value: t.String()}, nil
	case bool:
		return &yaml.Node{Kind: yaml.ScalarNode, Value: fmt.Sprint(t)}, nil
	default:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Value: "null"}, nil
	}
}

// yamlCollection reads the rest of an array or object. The keys of an object
// are strings like any other here.
func yamlCollection(d *json.Decoder, open json.Delim) (*yaml.Node, error) {
	node := &yaml.Node{Kind: yaml.MappingNode}
	if open == '[' {
		node.Kind = yaml.SequenceNode
	}
	for d.More() {
		child, err := yamlNode(d)
		if err != nil {
			return nil, err
		}
		node.Content = append(node.Content, child)
	}
	_, err := d.Token()
	return node, err
}

func yamlString(s string) *yaml.Node {
	node := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s}
	if !yamlfile.IsBare(s) {
		node.Style = yaml.DoubleQuotedStyle
	}
	return node
}
