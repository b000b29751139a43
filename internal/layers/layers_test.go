// Package layers holds who may import whom, as docs/architecture.md says it.
// It reads the imports of all files, whatever system they are for.
package layers

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const (
	module = "github.com/staffctl/staffctl"
	root   = "../.."
	domain = "internal/staff"
)

// anything is a layer that may import every package of ours.
var anything = []string{"*"}

// layers says which packages of ours each package may import. A new package
// gets a row here, in .golangci.yml and in docs/architecture.md.
var layers = map[string][]string{
	".":                           {"cmd", "internal/quickhelp"},
	"cmd":                         anything,
	"docs":                        nil, // documents that are printed
	domain:                        nil,
	"internal/config":             {domain, "internal/wholefile"},
	"internal/iostreams":          {domain},
	"internal/password":           {domain},
	"internal/ownership":          {domain},
	"internal/wholefile":          nil,
	"internal/secretfile":         {domain, "internal/ownership"},
	"internal/mail":               {domain, "internal/secretfile"},
	"internal/sms":                {domain, "internal/ownership"},
	"internal/web":                {domain},
	"internal/sqlstore":           {domain},
	"internal/yamlfile":           {domain},
	"internal/teamfile":           {domain, "internal/yamlfile"},
	"internal/output":             {domain, "internal/iostreams", "internal/yamlfile"},
	"internal/bulk":               {domain, "internal/output", "internal/wholefile"},
	"internal/sqlstore/sqlite":    {domain, "internal/sqlstore", "internal/ownership"},
	"internal/sqlstore/rqlite":    {domain, "internal/sqlstore", "internal/ownership"},
	"internal/sqlstore/storetest": {domain, "internal/sqlstore"}, // the contract, for tests
	"internal/rqlitetest":         nil,                           // servers for tests and programs
	"internal/bench":              anything,                      // a program
	"internal/manpages":           {"cmd", "internal/config"},    // a program
	"internal/stress":             anything,                      // a program
	"internal/quickhelp":          nil,                           // set up before all others
	"internal/layers":             nil,
}

// libraries says which of our packages alone may import a library or a part of
// the standard library. A path counts with all below it.
var libraries = map[string][]string{
	"database/sql":                       {"internal/sqlstore", "internal/sqlstore/sqlite", "internal/stress"},
	"modernc.org/sqlite":                 {"internal/sqlstore/sqlite", "internal/stress"},
	"github.com/spf13/cobra":             {"cmd", "internal/manpages"},
	"github.com/spf13/pflag":             {"cmd", "internal/config", "internal/manpages"},
	"github.com/spf13/viper":             {"internal/config"},
	"github.com/olekukonko/tablewriter":  {"internal/output"},
	"go.yaml.in/yaml":                    {"cmd", "internal/config", "internal/output", "internal/teamfile", "internal/yamlfile"},
	"github.com/go-json-experiment/json": {"internal/bulk"},
	"golang.org/x/crypto":                {"internal/password"},
	"golang.org/x/term":                  {"internal/iostreams"},
	"github.com/wneessen/go-mail":        {"internal/mail"},
	"log":                                nil,
	"net/http":                           {"internal/bench", "internal/rqlitetest", "internal/sms", "internal/sqlstore/rqlite", "internal/stress", "internal/web"},
}

// choosers are the files that choose what a store runs on.
var choosers = []string{"cmd/deps.go"}

// file is one file of the module with what it imports.
type file struct {
	path, pkg string // slashed, from the root
	imports   []string
}

func TestLayers(t *testing.T) {
	for _, f := range files(t) {
		allowed, known := layers[f.pkg]
		if !known {
			t.Errorf("%s: package %s has no layer; give it a row in layers", f.path, f.pkg)
			continue
		}
		for _, imported := range f.imports {
			ours, isOurs := strings.CutPrefix(imported, module+"/")
			if isOurs && !slices.Equal(allowed, anything) && !slices.Contains(allowed, ours) {
				t.Errorf("%s imports %s: %s may import %v of ours", f.path, ours, f.pkg, allowed)
			}
			if strings.HasPrefix(ours, "internal/sqlstore/") && f.pkg == "cmd" && !slices.Contains(choosers, f.path) {
				t.Errorf("%s imports %s: only %v choose what a store runs on", f.path, ours, choosers)
			}
		}
	}
}

func TestLibraries(t *testing.T) {
	for _, f := range files(t) {
		for _, imported := range f.imports {
			for library, users := range libraries {
				if below(imported, library) && !slices.Contains(users, f.pkg) {
					t.Errorf("%s imports %s: only %v may", f.path, imported, users)
				}
			}
		}
	}
}

// The domain can be used and tested without files, a network or an environment.
func TestDomainIsPure(t *testing.T) {
	for _, f := range files(t) {
		for _, outside := range []string{"os", "net", "io/fs", "path/filepath", "syscall", "flag"} {
			if f.pkg == domain && slices.Contains(f.imports, outside) {
				t.Errorf("%s imports %s: the domain asks for what it needs through a port", f.path, outside)
			}
		}
	}
}

// No row outlives its package.
func TestRows(t *testing.T) {
	var packages []string
	for _, f := range files(t) {
		packages = append(packages, f.pkg)
	}
	for pkg := range layers {
		if !slices.Contains(packages, pkg) && pkg != "internal/layers" {
			t.Errorf("layers has a row for %s, which is no package", pkg)
		}
	}
}

func below(imported, library string) bool {
	return imported == library || strings.HasPrefix(imported, library+"/") && imported != "log/slog"
}

// files reads all Go files of the module but its tests.
func files(t *testing.T) []file {
	t.Helper()
	var found []file
	err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		base := entry.Name()
		if entry.IsDir() && name != root && (strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_") || base == "testdata") {
			return filepath.SkipDir
		}
		if entry.IsDir() || !strings.HasSuffix(base, ".go") || strings.HasSuffix(base, "_test.go") {
			return nil
		}
		relative, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		f := file{path: filepath.ToSlash(relative)}
		f.pkg = path.Dir(f.path)
		syntax, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, spec := range syntax.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			f.imports = append(f.imports, imported)
		}
		found = append(found, f)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(found) == 0 {
		t.Fatal("no files found: the test reads the wrong directory")
	}
	return found
}
