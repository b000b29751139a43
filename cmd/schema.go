package cmd

import (
	"encoding/json"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/staffctl/staffctl/internal/output"
	"github.com/staffctl/staffctl/internal/staff"
)

const (
	dialect   = "https://json-schema.org/draft/2020-12/schema"
	schemaIDs = "https://github.com/staffctl/staffctl/schema/" // names; nothing is there to be fetched
)

func newSchema(d *deps) *cobra.Command {
	return &cobra.Command{
		Use:   "schema [TYPE]",
		Short: "Print the JSON Schema of what commands print and read",
		Long: `Schema lists the types of the JSON that commands print or read, and with TYPE
prints the JSON Schema of one, whatever -o says. It describes one object;
#/$defs/list in it is the array that a list is with -o json.`,
		Example: `  staffctl schema
  staffctl schema member >member.schema.json`,
		Annotations: apart(nothing, nobody, staff.CodeInvalid, staff.CodeNotFound),
		Args:        takes("[TYPE]"),
		RunE: func(_ *cobra.Command, args []string) error {
			p, err := d.printer()
			if err != nil {
				return err
			}
			if len(args) == 0 {
				return output.List(p, shapeView(), all(slices.Values(shapes())))
			}
			at := slices.Index(shapeNames(), args[0])
			if at < 0 {
				return staff.Errorf(staff.CodeInvalid, "type", "no type %q%s", args[0], staff.Suggest(args[0], shapeNames()))
			}
			return shapes()[at].write(d.ios.Out)
		},
	}
}

// shape is a kind of JSON. Commands stand without staffctl, separated by commas.
type shape struct {
	name, about string
	prints      string // the commands that print one object
	lists       string // those that print a list of them
	reads       string // those that read one
	loads       string // those that read a list
	schema      func() *output.Schema
	whole       string // the document, where it is not made of schema
}

func shapeNames() []string {
	var names []string
	for _, s := range shapes() {
		names = append(names, s.name)
	}
	return names
}

func shapeView() output.View[shape] {
	commands := func(key, doc string, get func(shape) string) output.Column[shape] {
		return list(key, doc, func(s shape) []string {
			return slices.DeleteFunc(strings.Split(get(s), ", "), func(command string) bool { return command == "" })
		})
	}
	return output.View[shape]{Columns: shown([]output.Column[shape]{
		text("name", "the name, which schema takes", func(s shape) string { return s.name }),
		text("about", "what one object is", func(s shape) string { return s.about }),
		commands("printed_by", "the commands that print one", func(s shape) string { return s.prints }),
		commands("listed_by", "the commands that print a list of them", func(s shape) string { return s.lists }),
		commands("read_by", "the commands that read it", func(s shape) string { return s.reads + s.loads }),
	}, "name about", "printed_by listed_by read_by")}
}

// write prints the document.
func (s *shape) write(w io.Writer) error {
	if s.whole != "" {
		_, err := io.WriteString(w, s.whole)
		return err
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(s.document())
}

func (s *shape) document() *output.Schema {
	doc := s.schema()
	doc.Dialect, doc.ID, doc.Title = dialect, schemaIDs+s.name+".json", "staffctl "+s.name
	doc.Description = s.about + "."
	if doc.Additional == nil && s.prints+s.lists != "" {
		doc.Description += " Later versions may have more properties and more words; with --columns the ones not named are missing, required or not."
	}
	if s.lists+s.loads != "" {
		doc.Defs = map[string]*output.Schema{"list": {Description: "Several of them as one JSON array.", Type: output.Types{"array"}, Items: &output.Schema{Ref: "#"}}}
	}
	return doc
}

// inputSchema describes an object that is read, and whose keys are all known.
func inputSchema(required []string, properties ...output.Property) *output.Schema {
	closed := false
	return &output.Schema{Type: output.Types{"object"}, Properties: properties, Required: required, Additional: &closed}
}
