package cmd

import (
	"bytes"
	"errors"
	"os"

	"github.com/spf13/cobra"
	"go.yaml.in/yaml/v3"

	"github.com/staffctl/staffctl/internal/output"
	"github.com/staffctl/staffctl/internal/staff"
	"github.com/staffctl/staffctl/internal/yamlfile"
)

func newCatalog(d *deps) *cobra.Command {
	return noun("catalog", "Show and replace what there is to grant and to mail", `The catalog has the areas with their actions, the roles and the mail categories,
each with a key and a German and an English label. It is data of the store.`,
		`  staffctl catalog show
  staffctl catalog apply -f catalog.yaml`,
		newCatalogShow(d), newCatalogApply(d))
}

// catalogEntry is a line of the catalog.
type catalogEntry struct {
	kind, key string
	label     staff.Label
	holds     []string // the permissions of an area, the grants of a role
}

func entriesOf(c *staff.Catalog) []catalogEntry {
	var entries []catalogEntry
	for _, a := range c.Areas {
		var permissions []string
		for _, action := range a.Actions {
			permissions = append(permissions, a.Key+"."+action.Key)
		}
		entries = append(entries, catalogEntry{"area", a.Key, a.Label, permissions})
	}
	for _, r := range c.Roles {
		entries = append(entries, catalogEntry{"role", r.Key, r.Label, r.Grants})
	}
	for _, e := range c.MailCategories {
		entries = append(entries, catalogEntry{"mail", e.Key, e.Label, nil})
	}
	return entries
}

func catalogView() output.View[catalogEntry] {
	return output.View[catalogEntry]{
		Name: func(e catalogEntry) string { return e.key },
		Group: func(e catalogEntry) string {
			return map[string]string{"area": "Areas", "role": "Roles", "mail": "Mail categories"}[e.kind]
		},
		Columns: shown([]output.Column[catalogEntry]{
			text("kind", "area, role or mail", func(e catalogEntry) string { return e.kind }),
			text("key", "the key", func(e catalogEntry) string { return e.key }),
			text("label_de", "its label in German", func(e catalogEntry) string { return e.label.German }),
			text("label_en", "its label in English", func(e catalogEntry) string { return e.label.English }),
			list("grants", "the permissions of an area, the grants of a role", func(e catalogEntry) []string { return e.holds }),
		}, "key label_en grants", "label_de"),
	}
}

func newCatalogShow(d *deps) *cobra.Command {
	return &cobra.Command{
		Use:   "show",
		Short: "Show the catalog",
		Long: `Show prints areas, roles and mail categories. What -o yaml and -o json print,
catalog apply reads.`,
		Example: `  staffctl catalog show
  staffctl catalog show -o yaml`,
		Annotations: reads(),
		Args:        takes(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, _, err := d.staff()
			if err != nil {
				return err
			}
			catalog, err := s.Catalog(cmd.Context())
			if err != nil {
				return err
			}
			return d.printCatalog(catalog)
		},
	}
}

func (d *deps) printCatalog(c *staff.Catalog) error {
	p, err := d.printer()
	if err != nil {
		return err
	}
	switch d.format() {
	case output.YAML:
		// By way of memory: the encoder tells of a failed write in words only.
		var text bytes.Buffer
		e := yaml.NewEncoder(&text)
		e.SetIndent(2)
		if err := errors.Join(e.Encode(c), e.Close()); err != nil {
			return err
		}
		_, err := text.WriteTo(d.ios.Out)
		return err
	case output.JSON, output.JSONL:
		return output.One(p, wholeCatalogView(), c)
	default:
		return output.List(p, catalogView(), all(func(yield func(catalogEntry) bool) {
			for _, e := range entriesOf(c) {
				if !yield(e) {
					return
				}
			}
		}))
	}
}

// wholeCatalogView has the keys of the YAML, which the tags of [staff.Catalog] name.
func wholeCatalogView() output.View[*staff.Catalog] {
	return output.View[*staff.Catalog]{Columns: []output.Column[*staff.Catalog]{
		objects("areas", "the areas of the portal", func(c *staff.Catalog) []staff.Area { return c.Areas }, nil,
			text("key", "the key, which grants name", func(a staff.Area) string { return a.Key }),
			labelColumn(func(a staff.Area) staff.Label { return a.Label }),
			objects("actions", "what can be done in the area; a permission is AREA.ACTION", func(a staff.Area) []staff.Entry { return a.Actions }, nil, entryColumns()...)),
		objects("roles", "the roles of subaccounts", func(c *staff.Catalog) []staff.Role { return c.Roles }, nil,
			text("key", "the key", func(r staff.Role) string { return r.Key }),
			labelColumn(func(r staff.Role) staff.Label { return r.Label }),
			list("grants", "the areas and permissions that it gives, or all alone", func(r staff.Role) []string { return r.Grants })),
		objects("mail_categories", "what the portal mails", func(c *staff.Catalog) []staff.Entry { return c.MailCategories }, nil, entryColumns()...),
	}}
}

func entryColumns() []output.Column[staff.Entry] {
	return []output.Column[staff.Entry]{text("key", "the key", func(e staff.Entry) string { return e.Key }), labelColumn(func(e staff.Entry) staff.Label { return e.Label })}
}

func labelColumn[T any](get func(T) staff.Label) output.Column[T] {
	columns := []output.Column[staff.Label]{
		text("de", "in German", func(l staff.Label) string { return l.German }),
		text("en", "in English", func(l staff.Label) string { return l.English }),
	}
	return output.Column[T]{Key: "label", Doc: "what people read", Type: output.Object(func() []output.Column[staff.Label] { return columns }),
		JSON: func(b []byte, v T) []byte { return appendObject(b, columns, get(v)) }}
}

func newCatalogApply(d *deps) *cobra.Command {
	var path string
	cmd := &cobra.Command{
		Use:   "apply -f FILE",
		Short: "Replace the catalog by a file",
		Long: `Apply replaces the catalog by the one in a YAML or JSON file, - being standard
input. A key that is in use cannot be dropped.`,
		Example: `  staffctl catalog apply -f catalog.yaml --dry-run
  staffctl catalog show -o yaml | staffctl catalog apply -f -`,
		Annotations: writes("replaces the catalog", nobody, staff.CodeForbidden),
		Args:        takes(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if path == "" {
				return usage(cmd, "-f FILE is missing")
			}
			catalog, err := d.readCatalog(path)
			if err != nil {
				return err
			}
			return d.do(cmd, "", staff.ApplyCatalog{Catalog: catalog})
		},
	}
	cmd.Flags().StringVarP(&path, "file", "f", "", "the file to read; - is standard input")
	return cmd
}

func (d *deps) readCatalog(path string) (*staff.Catalog, error) {
	catalog := &staff.Catalog{}
	if path == "-" {
		return catalog, yamlfile.Decode("standard input", d.ios.In, catalog)
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, fileError("file", err)
	}
	defer func() { _ = file.Close() }()
	return catalog, yamlfile.Decode(path, file, catalog)
}
