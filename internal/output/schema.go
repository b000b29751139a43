package output

import (
	"bytes"
	"encoding/json"
)

// Schema is a JSON Schema (2020-12) with the keywords that describe results.
type Schema struct {
	Dialect     string     `json:"$schema,omitempty"`
	ID          string     `json:"$id,omitempty"`
	Title       string     `json:"title,omitempty"`
	Description string     `json:"description,omitempty"`
	Type        Types      `json:"type,omitempty"`
	Format      string     `json:"format,omitempty"`
	Enum        []any      `json:"enum,omitempty"`
	Items       *Schema    `json:"items,omitempty"`
	Properties  Properties `json:"properties,omitempty"`
	Required    []string   `json:"required,omitempty"`
	// Additional says whether there may be other properties: nil leaves it open
	// for those of later versions.
	Additional *bool              `json:"additionalProperties,omitempty"`
	Ref        string             `json:"$ref,omitempty"`
	Defs       map[string]*Schema `json:"$defs,omitempty"`
}

// Types are the types that a value may have.
type Types []string

// MarshalJSON writes one type as a string and several as an array.
func (t Types) MarshalJSON() ([]byte, error) {
	if len(t) == 1 {
		return json.Marshal(t[0])
	}
	return json.Marshal([]string(t))
}

// Property is a value of an object.
type Property struct {
	Name string
	*Schema
}

// Properties are the values of an object in the order in which they are printed.
type Properties []Property

// MarshalJSON writes them as an object.
func (p Properties) MarshalJSON() ([]byte, error) {
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	for i, property := range p {
		text.WriteByte("{,"[min(i, 1)])
		text.Write(append(AppendString(nil, property.Name), ':'))
		if err := e.Encode(property.Schema); err != nil {
			return nil, err
		}
	}
	text.WriteByte('}')
	return text.Bytes(), nil
}

// Type returns the schema of a value, without its description. It is called for
// a schema only, so that columns cost nothing when results are printed.
type Type func() *Schema

// String is a text.
func String() *Schema { return &Schema{Type: Types{"string"}} }

// Integer is a whole number.
func Integer() *Schema { return &Schema{Type: Types{"integer"}} }

// Boolean is true or false.
func Boolean() *Schema { return &Schema{Type: Types{"boolean"}} }

// Time is what [AppendTime] appends.
func Time() *Schema { return &Schema{Type: Types{"string"}, Format: "date-time"} }

// Strings is what [AppendStrings] appends.
func Strings() *Schema { return ListOf(String)() }

// Anything is any value.
func Anything() *Schema {
	return &Schema{Type: Types{"string", "number", "boolean", "array", "object", "null"}}
}

// AnyObject is an object whose keys are not known beforehand.
func AnyObject() *Schema {
	open := true
	return &Schema{Type: Types{"object"}, Additional: &open}
}

// OneOf is one of a few words.
func OneOf[S ~string](words []S) Type {
	return func() *Schema {
		s := String()
		for _, w := range words {
			s.Enum = append(s.Enum, w)
		}
		return s
	}
}

// OrNull is a value of the type, or null.
func OrNull(t Type) Type {
	return func() *Schema {
		s := t()
		s.Type = append(s.Type, "null")
		if s.Enum != nil {
			s.Enum = append(s.Enum, nil)
		}
		return s
	}
}

// ListOf is an array of values of the type.
func ListOf(t Type) Type {
	return func() *Schema { return &Schema{Type: Types{"array"}, Items: t()} }
}

// Object is an object with the values of columns.
func Object[T any](columns func() []Column[T]) Type {
	return func() *Schema { return View[T]{Columns: columns()}.Schema() }
}

// Schema describes a row as an object, with all of its columns.
func (v View[T]) Schema() *Schema {
	s := &Schema{Type: Types{"object"}}
	for _, c := range v.Columns {
		s.Properties = append(s.Properties, Described(c.Key, c.Doc, c.Type))
		s.Required = append(s.Required, c.Key)
	}
	return s
}

// Described is a property of the type. Without one it can be anything, which no
// column should be by mistake.
func Described(name, doc string, t Type) Property {
	s := &Schema{}
	if t != nil {
		s = t()
	}
	s.Description = doc
	return Property{name, s}
}
