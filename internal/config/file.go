package config

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/staffctl/staffctl/internal/staff"
)

// maxFileSize bounds the configuration file, in bytes (product.md, section 4).
const maxFileSize = 16 << 20

// document is a checked configuration file. Its path is empty when there is
// no file.
type document struct {
	path          string
	settings      layer
	contexts      map[string]Context
	contextLayers map[string]layer
}

// loadFile reads and checks the file at path. That it is absent is an error
// only when somebody named it.
func loadFile(keys []Key, path string, named bool) (*document, error) {
	if path == "" {
		return &document{}, nil
	}
	data, err := readFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		if named {
			return nil, staff.Errorf(staff.CodeNotFound, "config", "no configuration file %s: %w", path, err)
		}
		return &document{}, nil
	}
	if err != nil {
		return nil, err
	}
	root, err := parse(path, data)
	if err != nil {
		return nil, err
	}
	return check(keys, path, root)
}

// readFile returns the file's bytes; an absent one is fs.ErrNotExist.
func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if err != nil {
		return nil, staff.Errorf(staff.CodeUnavailable, "config", "cannot read the configuration: %w", err)
	}
	defer func() { _ = f.Close() }()
	data, err := io.ReadAll(io.LimitReader(f, maxFileSize+1))
	if err != nil {
		return nil, staff.Errorf(staff.CodeUnavailable, "config", "cannot read the configuration: %w", err)
	}
	if len(data) > maxFileSize {
		return nil, staff.Errorf(staff.CodeInvalid, "config", "%s: larger than 16 MiB", path)
	}
	return data, nil
}

// parse returns the document node of the YAML, whose one child is a mapping;
// without any content its kind is zero.
func parse(path string, data []byte) (*yaml.Node, error) {
	if !utf8.Valid(data) {
		return nil, staff.Errorf(staff.CodeInvalid, "config", "%s: broken YAML: not text in UTF-8", path)
	}
	var doc, second yaml.Node
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	if err := decoder.Decode(&doc); errors.Is(err, io.EOF) {
		return &doc, nil
	} else if err != nil {
		return nil, broken(path, err)
	}
	if err := decoder.Decode(&second); err == nil {
		return nil, staff.Errorf(staff.CodeInvalid, "config",
			"%s:%d: only one YAML document is allowed", path, second.Line)
	} else if !errors.Is(err, io.EOF) {
		return nil, broken(path, err)
	}
	if isNull(doc.Content[0]) {
		doc.Content[0].Kind, doc.Content[0].Tag, doc.Content[0].Value = yaml.MappingNode, "!!map", ""
	}
	return &doc, refuseAliases(path, &doc)
}

// broken puts the file and line before what the YAML reader says.
func broken(path string, err error) error {
	message := strings.TrimPrefix(err.Error(), "yaml: ")
	if rest, ok := strings.CutPrefix(message, "line "); ok {
		line, what, _ := strings.Cut(rest, ": ")
		if _, err := strconv.Atoi(line); err == nil {
			path, message = path+":"+line, what
		}
	}
	return staff.Errorf(staff.CodeInvalid, "config", "%s: broken YAML: %s", path, message)
}

func refuseAliases(path string, n *yaml.Node) error {
	if n.Kind == yaml.AliasNode || n.Anchor != "" {
		return staff.Errorf(staff.CodeInvalid, "config",
			"%s:%d: YAML anchors and aliases are not allowed; write the value out", path, n.Line)
	}
	for _, child := range n.Content {
		if err := refuseAliases(path, child); err != nil {
			return err
		}
	}
	return nil
}

func isNull(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null"
}
