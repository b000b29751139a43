package cmd

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/staffctl/staffctl/internal/config"
	"github.com/staffctl/staffctl/internal/output"
)

// piece is some text of the program, of a page or mail, or of a document.
type piece struct {
	where, text string
	document    bool
}

// foreign are names in texts that are not ours.
var foreign = map[string]string{
	"--cacert": "of curl", "--cert": "of curl", "--key": "of curl",
	"--check": "of sha256sum", "--ignore-missing": "of sha256sum", "--clean": "of goreleaser", "--skip": "of goreleaser",
	"--allow-untrusted": "of apk", "--rm": "of docker", "mail.json": "a file",
	"STAFFCTL_VERSION":       "a pipeline's own",
	"github_token":           "of GitLab",
	"json_each":              "of SQLite",
	"log_skip":               "of Caddy",
	"name_key":               "a column of the store",
	"sms.example":            "a host",
	"staffctl store already": "said of a store that is one of staffctl",
}

// prose are words after the name of the program in a sentence, in what keys are
// derived for, or in a file that names people, programs and addresses.
var prose = strings.Fields("administers again and answers as asks authors does env form has https instead is knows link needs nodes plans promises tan that too use uses waits works would")

// TestTextsNameWhatExists looks for flags, commands, variables and keys in all
// that people read: string literals of the program, templates of mails and pages,
// documents and examples.
func TestTextsNameWhatExists(t *testing.T) {
	n := newNames()
	pieces := append(literals(t), textFiles(t)...)
	found := 0
	for _, p := range pieces {
		for _, name := range n.in(p) {
			if strings.HasPrefix(p.where, "../internal/web/") && keyName.MatchString(name) {
				continue // the keys of its texts look so too, and a test there looks them up
			}
			found++
			if !n.known[name] && foreign[name] == "" {
				t.Errorf("%s names %s, which there is not", p.where, name)
			}
		}
	}
	if found < 1500 {
		t.Errorf("only %d names found: the test has lost its way", found)
	}
}

// What the test above must be able to find.
func TestNames(t *testing.T) {
	n := newNames()
	text := "run `staffctl member add %s --first-nam`, staffctl membr, staffctl account sender ad; `staffctl doctor --dry-run --prune`; --nonsense, STAFFCTL_NONSENSE, mail.hots and `public_uri` or public_uri"
	var unknown []string
	for _, name := range n.in(piece{"", text, true}) {
		if !n.known[name] {
			unknown = append(unknown, name)
		}
	}
	want := []string{"--first-nam", "--nonsense", "STAFFCTL_NONSENSE", "mail.hots", "public_uri", "staffctl member add --first-nam", "staffctl membr", "staffctl account sender ad", "staffctl doctor --prune"}
	if diff := cmp.Diff(want, unknown); diff != "" {
		t.Errorf("unknown (-want +got):\n%s", diff)
	}
}

// names finds names in texts, and knows which there are.
type names struct {
	known map[string]bool
	// command is one with the words that follow it.
	command *regexp.Regexp
}

var (
	flagName     = regexp.MustCompile(`(?:^|[^\w-])(--[a-z][a-z0-9-]*[a-z0-9])`)
	variableName = regexp.MustCompile(`STAFFCTL_[A-Z_]*[A-Z]\b`)
	keyName      = regexp.MustCompile(`\b(?:mail|sms|password|serve)\.[a-z_]+\b`)
	snakeName    = regexp.MustCompile(`(?:^|[^\w.-])([a-z]+(?:_[a-z]+)+)(?:[^\w(.]|$)`)
	fileName     = regexp.MustCompile(`\.(?:md|go)$`)
)

func newNames() *names {
	n := &names{known: map[string]bool{}}
	root := testTree()
	nouns := []string{}
	for _, cmd := range commandsOf(root) {
		path := cmd.CommandPath()
		n.known[path], n.known["--help"], n.known[path+" --help"] = true, true, true
		cmd.Flags().AddFlagSet(root.PersistentFlags())
		cmd.Flags().VisitAll(func(f *flag) { n.known["--"+f.Name], n.known[path+" --"+f.Name] = true, true })
		if cmd.HasSubCommands() && cmd != root {
			nouns = append(nouns, strings.TrimPrefix(path, "staffctl ")+" ")
		}
	}
	for _, k := range config.Keys() {
		n.known[k.Name], n.known[k.Variable] = true, true
	}
	for _, s := range shapes() {
		if s.schema != nil {
			n.addFields(s.document())
		}
	}
	slices.Reverse(nouns) // account sender before account
	n.command = regexp.MustCompile(`\b(staffctl (?:` + strings.Join(nouns, "|") + `|)[a-z]+(?:-[a-z]+)*)\b([^` + "`" + `\n;,|&()#]*)`)
	return n
}

// addFields makes the fields of JSON known that a schema describes, and their values.
func (n *names) addFields(s *output.Schema) {
	for _, p := range s.Properties {
		n.known[p.Name] = true
		n.addFields(p.Schema)
	}
	for _, value := range s.Enum {
		n.known[fmt.Sprint(value)] = true
	}
	if s.Items != nil {
		n.addFields(s.Items)
	}
}

// in returns the names in a text.
func (n *names) in(p piece) (found []string) {
	text := p.text
	for _, m := range flagName.FindAllStringSubmatch(text, -1) {
		found = append(found, m[1])
	}
	found = append(found, variableName.FindAllString(text, -1)...)
	for _, m := range keyName.FindAllString(text, -1) {
		if !fileName.MatchString(m) {
			found = append(found, m)
		}
	}
	if p.document {
		for _, code := range codeSpan.FindAllString(text, -1) {
			for _, m := range snakeName.FindAllStringSubmatch(code, -1) {
				found = append(found, m[1])
			}
		}
	}
	for _, m := range n.command.FindAllStringSubmatch(text, -1) {
		if slices.Contains(prose, strings.TrimPrefix(m[1], "staffctl ")) || strings.Contains(text, `"title": "`+m[1]) {
			continue
		}
		found = append(found, m[1])
		for _, f := range flagName.FindAllStringSubmatch(m[2], -1) {
			found = append(found, m[1]+" "+f[1])
		}
	}
	return found
}

// literals are the strings of the program's source.
func literals(t *testing.T) (found []piece) {
	t.Helper()
	for _, path := range under(t, []string{"../cmd", "../internal"}, ".go") {
		if strings.HasSuffix(path, "_test.go") || strings.HasPrefix(path, "../internal/bench/") || strings.HasPrefix(path, "../internal/stress/") {
			continue
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(node ast.Node) bool {
			if literal, ok := node.(*ast.BasicLit); ok && literal.Kind == token.STRING {
				text, err := strconv.Unquote(literal.Value)
				if err != nil {
					t.Fatal(err)
				}
				found = append(found, piece{where: set.Position(literal.Pos()).String(), text: text})
			}
			_, isImport := node.(*ast.ImportSpec)
			return !isImport
		})
	}
	return found
}

// textFiles are the documents and what people read of the program beside its source.
func textFiles(t *testing.T) (found []piece) {
	t.Helper()
	paths := append(under(t, []string{"../docs"}, ".md", ".json"), under(t, []string{"../internal/mail/templates", "../internal/web/assets"}, ".html", ".txt", ".json")...)
	paths = append(paths, under(t, []string{"../testdata/recipes"}, ".sh", ".txt")...)
	for _, path := range append(paths, "../README.md", "../CHANGELOG.md", "../CONTRIBUTING.md", "../testdata/team.yaml", "../.goreleaser.yaml", "../Dockerfile") {
		for i, line := range strings.Split(readDoc(t, path), "\n") {
			found = append(found, piece{path + ":" + strconv.Itoa(i+1), line, strings.HasSuffix(path, ".md")})
		}
	}
	return found
}

// under lists the files in directories whose names end so.
func under(t *testing.T, dirs []string, endings ...string) (paths []string) {
	t.Helper()
	for _, dir := range dirs {
		err := fs.WalkDir(os.DirFS(dir), ".", func(path string, entry fs.DirEntry, err error) error {
			if err == nil && !entry.IsDir() && slices.Contains(endings, filepath.Ext(path)) {
				paths = append(paths, filepath.Join(dir, path))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return paths
}
