package teamfile

import (
	"encoding/json"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"github.com/staffctl/staffctl/internal/staff"
)

const schemaFile = "../../docs/team.schema.json"

// object is what the schema says of a mapping.
type object struct {
	Properties map[string]any    `json:"properties"`
	Required   []string          `json:"required"`
	Defs       map[string]object `json:"$defs"`
	ID         string            `json:"$id"`
}

// TestSchemaKnowsTheKeys: each key that is read stands in the schema, and the
// other way round.
func TestSchemaKnowsTheKeys(t *testing.T) {
	text, err := os.ReadFile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	var schema object
	if err := json.Unmarshal(text, &schema); err != nil {
		t.Fatal(err)
	}
	if schema.ID != SchemaURL {
		t.Errorf("the schema calls itself %s, and files name %s", schema.ID, SchemaURL)
	}
	for name, c := range map[string]struct {
		keys   []key
		schema object
	}{
		"team":       {teamKeys(&staff.Team{}), schema},
		"member":     {memberKeys(&staff.TeamMember{}, 1), schema.Defs["member"]},
		"subaccount": {subaccountKeys(&staff.TeamSubaccount{}, 1), schema.Defs["subaccount"]},
		"invite":     {inviteKeys(&staff.TeamInvite{}, 1), schema.Defs["invite"]},
	} {
		var read, required []string
		for _, k := range c.keys {
			read = append(read, k.name)
			if k.required {
				required = append(required, k.name)
			}
		}
		slices.Sort(read)
		if diff := cmp.Diff(slices.Sorted(maps.Keys(c.schema.Properties)), read); diff != "" {
			t.Errorf("keys of a %s (-schema +read):\n%s", name, diff)
		}
		slices.Sort(required)
		if diff := cmp.Diff(slices.Sorted(slices.Values(c.schema.Required)), required); diff != "" && len(required) > 0 {
			t.Errorf("required keys of a %s (-schema +read):\n%s", name, diff)
		}
	}
}

func TestSchemaFits(t *testing.T) {
	example, err := os.ReadFile("../../testdata/team.yaml")
	if err != nil {
		t.Fatal(err)
	}
	schema, err := jsonschema.NewCompiler().Compile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		file string
		fits bool
	}{
		"the example":         {string(example), true},
		"nothing":             {"{}", true},
		"YAML 1.1":            {"two_factor: false", true},
		"an unknown key":      {"members: [{email: a@example.ch, last_name: A, password: x}]", false},
		"a member by no name": {"members: [{email: a@example.ch}]", false},
		"another plan":        {"plan: gold", false},
		"a list of entries":   {"invites: {email: a@example.ch}", false},
	} {
		var value any
		if err := yaml.Unmarshal([]byte(c.file), &value); err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(value); (err == nil) != c.fits {
			t.Errorf("%s: %v", name, err)
		}
	}
	team, err := Parse("team.yaml", strings.NewReader(string(example)))
	if err != nil || len(*team.Members) != 3 {
		t.Errorf("the example: %v", err)
	}
}

// Each YAML block of the documentation is YAML, and the one that begins as a team
// file does is one that fits.
func TestDocumentedFiles(t *testing.T) {
	text, err := os.ReadFile("../../docs/teamfile.md")
	if err != nil {
		t.Fatal(err)
	}
	schema, err := jsonschema.NewCompiler().Compile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	teams := 0
	for _, part := range strings.Split(string(text), "\n```yaml\n")[1:] {
		block, _, _ := strings.Cut(part, "\n```\n")
		var value any
		if err := yaml.Unmarshal([]byte(block), &value); err != nil {
			t.Errorf("%v in\n%s", err, block)
		}
		if !strings.HasPrefix(block, "# yaml-language-server") {
			continue
		}
		teams++
		if _, err := Parse("docs/teamfile.md", strings.NewReader(block)); err != nil {
			t.Error(err)
		}
		if err := schema.Validate(value); err != nil {
			t.Error(err)
		}
	}
	if teams != 1 {
		t.Errorf("%d team files in the documentation", teams)
	}
}
