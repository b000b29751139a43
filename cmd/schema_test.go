package cmd

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/staffctl/staffctl/internal/output"
)

// schemas are the documents, compiled by a validator that is not ours.
type schemas struct {
	types  []shape
	closed map[string]*jsonschema.Schema // by name, and name#list; no other properties
	narrow map[string]*jsonschema.Schema // the same without what is required
}

var theSchemas = sync.OnceValues(func() (*schemas, error) {
	s := &schemas{types: shapes(), closed: map[string]*jsonschema.Schema{}, narrow: map[string]*jsonschema.Schema{}}
	for i := range s.types {
		for target, narrow := range map[*map[string]*jsonschema.Schema]bool{&s.closed: false, &s.narrow: true} {
			if err := compileInto(*target, &s.types[i], narrow); err != nil {
				return nil, err
			}
		}
	}
	return s, nil
})

func compileInto(to map[string]*jsonschema.Schema, s *shape, narrow bool) error {
	var text bytes.Buffer
	if err := s.write(&text); err != nil {
		return err
	}
	document, err := jsonschema.UnmarshalJSON(&text)
	if err != nil {
		return err
	}
	closeObjects(document)
	object, _ := document.(map[string]any)
	if narrow {
		delete(object, "required")
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	id := fmt.Sprint(object["$id"])
	if err := c.AddResource(id, document); err != nil {
		return err
	}
	if to[s.name], err = c.Compile(id); err != nil || s.lists+s.loads == "" {
		return err
	}
	to[s.name+"#list"], err = c.Compile(id + "#/$defs/list")
	return err
}

// closeObjects refuses, within a schema, the properties that it does not name, so
// that none stays without a description.
func closeObjects(schema any) {
	switch s := schema.(type) {
	case map[string]any:
		if _, says := s["additionalProperties"]; s["properties"] != nil && !says {
			s["additionalProperties"] = false
		}
		for _, part := range s {
			closeObjects(part)
		}
	case []any:
		for _, part := range s {
			closeObjects(part)
		}
	}
}

func has(commands, command string) bool {
	return slices.Contains(strings.Split(commands, ", "), command)
}

// read validates what a command read.
func (s *schemas) read(command string, value any) error {
	if _, isList := value.([]any); isList {
		return s.either(command, value, func(t *shape) (string, bool) { return t.name + "#list", has(t.loads, command) })
	}
	return s.either(command, value, func(t *shape) (string, bool) { return t.name, has(t.reads, command) || has(t.loads, command) })
}

// printed validates what a command printed.
func (s *schemas) printed(command string, format output.Format, narrow bool, value any) error {
	if command == "schema" && isSchema(value) {
		return nil // which TestSchemas compiles
	}
	if narrow {
		s = &schemas{types: s.types, closed: s.narrow}
	}
	_, isList := value.([]any)
	return s.either(command, value, func(t *shape) (string, bool) {
		if format == output.JSONL || !isList {
			return t.name, has(t.prints, command) || format == output.JSONL && has(t.lists, command)
		}
		return t.name + "#list", has(t.lists, command)
	})
}

// onStderr validates a line of standard error.
func (s *schemas) onStderr(value any) error {
	if object, _ := value.(map[string]any); object["msg"] != nil {
		return s.is("log-entry", value)
	}
	return s.is("error", value)
}

func isSchema(value any) bool {
	object, _ := value.(map[string]any)
	return object["$schema"] == dialect
}

// either validates a value against each type that it may have.
func (s *schemas) either(command string, value any, of func(*shape) (string, bool)) error {
	var problems []error
	for i := range s.types {
		name, may := of(&s.types[i])
		if !may {
			continue
		}
		err := s.is(name, value)
		if err == nil {
			return nil
		}
		problems = append(problems, err)
	}
	if problems == nil {
		return fmt.Errorf("no type in cmd/schema_types.go says that %s prints or reads this: %v", command, value)
	}
	return errors.Join(problems...)
}

// is validates a value against one type.
func (s *schemas) is(name string, value any) error {
	text, err := json.Marshal(value) // YAML too becomes what the validator knows
	if err != nil {
		return err
	}
	if value, err = jsonschema.UnmarshalJSON(bytes.NewReader(text)); err != nil {
		return err
	}
	if err := s.closed[name].Validate(value); err != nil {
		return fmt.Errorf("the type %s does not describe %s: %w", name, text, err)
	}
	if list, isList := value.([]any); !isList || len(list) > 0 {
		met.Store(strings.TrimSuffix(name, "#list"), true)
	}
	return nil
}

// Each document is a JSON Schema that says what every property is and means.
func TestSchemas(t *testing.T) {
	for _, s := range shapes() {
		t.Run(s.name, func(t *testing.T) {
			var text bytes.Buffer
			if err := s.write(&text); err != nil {
				t.Fatal(err)
			}
			document, err := jsonschema.UnmarshalJSON(&text)
			if err != nil {
				t.Fatal(err)
			}
			c := jsonschema.NewCompiler()
			if err := c.AddResource("schema.json", document); err != nil {
				t.Fatal(err)
			}
			if _, err := c.Compile("schema.json"); err != nil {
				t.Error(err) // the compiler validates against the dialect's own schema
			}
			if object, _ := document.(map[string]any); object["$schema"] != dialect || object["title"] == nil || object["description"] == nil {
				t.Errorf("the head is %v, %v, %v", object["$schema"], object["title"], object["description"])
			}
			if s.whole == "" {
				isDescribed(t, s.name, s.document())
			}
		})
	}
}

func isDescribed(t *testing.T, at string, s *output.Schema) {
	t.Helper()
	if s.Type == nil && s.Ref == "" {
		t.Errorf("%s has no type: make its column with a constructor of cmd/columns.go, or set Type", at)
	}
	if s.Items != nil {
		isDescribed(t, at+"[]", s.Items)
	}
	for _, p := range s.Properties {
		if p.Description == "" || isUpper(p.Description[0]) || strings.HasSuffix(p.Description, ".") {
			t.Errorf("%s.%s is described as %q: give a phrase without a capital and a full stop", at, p.Name, p.Description)
		}
		isDescribed(t, at+"."+p.Name, p.Schema)
	}
}

// Each command that prints or reads JSON stands in a type, and no other.
func TestSchemasNameCommands(t *testing.T) {
	silent := []string{"member exists", "serve", "completion", "help"}
	commands := map[string]bool{}
	for _, cmd := range commandsOf(testTree()) {
		if path := strings.TrimPrefix(cmd.CommandPath(), "staffctl "); !cmd.HasSubCommands() && !slices.Contains(silent, path) {
			commands[path] = false
		}
	}
	for _, s := range shapes() {
		for _, command := range strings.Split(strings.Join([]string{s.prints, s.lists, s.reads, s.loads}, ", "), ", ") {
			if _, ok := commands[command]; !ok && command != "" {
				t.Errorf("%s names the command %q, which there is not or prints no JSON", s.name, command)
			}
			commands[command] = has(s.prints, command) || has(s.lists, command) || commands[command]
		}
	}
	for command, printed := range commands {
		if !printed && command != "" {
			t.Errorf("no type in cmd/schema_types.go says what %s prints", command)
		}
	}
}

// What is decoded is what is described.
func TestSchemasOfInput(t *testing.T) {
	for name, c := range map[string]struct {
		input  any
		schema *output.Schema
	}{"confirm": {confirmInput{}, confirmSchema()}, "accept": {acceptInput{}, acceptSchema()}} {
		var want, got []string
		for i := range reflect.TypeOf(c.input).NumField() {
			want = append(want, reflect.TypeOf(c.input).Field(i).Tag.Get("json"))
		}
		for _, p := range c.schema.Properties {
			got = append(got, p.Name)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s is described otherwise than it is read (-read +described):\n%s", name, diff)
		}
	}
}

// TestDocsSchema compares docs/schema with what is printed, so that a change of a
// shape is seen. With -update it writes the files.
func TestDocsSchema(t *testing.T) {
	files := map[string]string{}
	for _, s := range shapes() {
		if s.whole != "" {
			continue // a document of its own
		}
		var text strings.Builder
		if err := s.write(&text); err != nil {
			t.Fatal(err)
		}
		files[s.name+".json"] = text.String()
	}
	isGenerated(t, "../docs/schema", files)
}

// docs/json-output.md names each type with its file.
func TestDocsNameTypes(t *testing.T) {
	text := readDoc(t, "../docs/json-output.md")
	for _, s := range shapes() {
		file := "schema/" + s.name + ".json"
		if s.whole != "" {
			file = s.name + ".schema.json"
		}
		if link := "[`" + s.name + "`](" + file + ")"; !strings.Contains(text, link) {
			t.Errorf("docs/json-output.md does not have %s", link)
		}
	}
}
