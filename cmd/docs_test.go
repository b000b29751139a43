package cmd

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"

	"github.com/staffctl/staffctl/internal/iostreams"
	"github.com/staffctl/staffctl/internal/staff"
)

// docFiles are the documents that people write. docs/commands is generated and
// has a test of its own.
func docFiles(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("../docs/*.md")
	if err != nil || len(files) == 0 {
		t.Fatalf("no documents found: %v", err)
	}
	return append(files, "../README.md", "../CONTRIBUTING.md", "../CHANGELOG.md")
}

// TestDocsNameWhatExists looks up each command line of the documents, with its
// flags and arguments, in the tree of commands.
func TestDocsNameWhatExists(t *testing.T) {
	lines := 0
	for _, file := range docFiles(t) {
		for _, line := range linesWithCode(readDoc(t, file)) {
			for _, words := range shellCommands(line.text) {
				args, ours := argsOf(words)
				if !ours && !line.whole && isVerb(words) {
					args, ours = words, true
				}
				if !ours {
					continue
				}
				lines++
				if err := lookUp(args, line.whole); err != nil {
					t.Errorf("%s:%d: %s: %v", file, line.number, strings.Join(words, " "), err)
				}
			}
		}
	}
	if lines < 50 {
		t.Errorf("only %d command lines found: the test has lost its way", lines)
	}
}

// isVerb tells whether words in a code span are a command without staffctl in
// front of it, such as member show.
func isVerb(words []string) bool {
	return len(words) > 1 && slices.ContainsFunc(testTree().Commands(), func(c *cobra.Command) bool { return c.Name() == words[0] })
}

// TestDocsNameFilesThatExist looks for the target of each relative link and for
// each path of the source in a code span.
func TestDocsNameFilesThatExist(t *testing.T) {
	link, source := regexp.MustCompile(`\]\(([^)#:]+)(?:#[^)]*)?\)`), regexp.MustCompile("`((?:cmd|internal|docs|testdata|\\.ci)/[^`* ]*)`")
	for _, file := range docFiles(t) {
		text := readDoc(t, file)
		for _, found := range link.FindAllStringSubmatch(text, -1) {
			if _, err := os.Stat(filepath.Join(filepath.Dir(file), found[1])); err != nil {
				t.Errorf("%s links to what is not there: %v", file, err)
			}
		}
		for _, found := range source.FindAllStringSubmatch(text, -1) {
			if _, err := os.Stat(filepath.Join("..", found[1])); err != nil {
				t.Errorf("%s names what is not there: %v", file, err)
			}
		}
	}
}

// lookUp finds the command and parses its flags; whole says that the arguments
// and values must be complete too.
func lookUp(args []string, whole bool) error {
	ios, _, _, _ := iostreams.Test()
	root := newRoot(&deps{ios: ios})
	root.InitDefaultHelpCmd()
	cmd, rest, err := root.Find(args)
	if err != nil {
		return err
	}
	cmd.InitDefaultHelpFlag()
	if err := cmd.ParseFlags(rest); err != nil && (whole || !strings.HasPrefix(err.Error(), "flag needs an argument")) {
		return err
	}
	if operands := cmd.Flags().Args(); whole || cmd.HasSubCommands() {
		return cmd.ValidateArgs(operands)
	}
	return nil
}

// TestDocsShowRealOutput runs the console blocks of each document, one after
// the other in a directory of their own with testdata/team.yaml, and compares what
// they print. A block that begins with a name, such as ```csv team.csv, is a file
// there. A line …
// stands for any number of lines. With -update it writes what they print.
func TestDocsShowRealOutput(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the documents show the paths of Linux")
	}
	for _, file := range docFiles(t) {
		text := readDoc(t, file)
		if !strings.Contains(text, "\n```console\n") {
			continue
		}
		t.Run(filepath.Base(file), func(t *testing.T) {
			name, err := filepath.Abs(file)
			if err != nil {
				t.Fatal(err)
			}
			got := newReader(t).read(text)
			if !*update {
				if diff := cmp.Diff(strings.Split(unstable(text), "\n"), strings.Split(unstable(got), "\n")); diff != "" {
					t.Errorf("what the commands print differs, see go test ./cmd -update (-want +got):\n%s", diff)
				}
				return
			}
			if unstable(got) == unstable(text) {
				return
			}
			if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// reader follows a document as a person would who types what it shows.
type reader struct {
	t    *testing.T
	home string
	now  time.Time
	ids  map[string]string
	exit int
}

func newReader(t *testing.T) *reader {
	home := t.TempDir()
	if err := os.WriteFile(filepath.Join(home, "team.yaml"), []byte(readDoc(t, "../testdata/team.yaml")), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Chdir(home)
	return &reader{t: t, home: home, now: time.Date(2026, 11, 22, 13, 0, 0, 0, time.UTC), ids: map[string]string{}}
}

var (
	consoleBlock = regexp.MustCompile("(?ms)^```console\n(.*?)^```$")
	fileBlock    = regexp.MustCompile("(?ms)^```[a-z]+ ([a-z.-]+)\n(.*?)^```$")
)

// read returns the document with what its commands print.
func (r *reader) read(text string) string {
	for _, file := range fileBlock.FindAllStringSubmatch(text, -1) {
		if err := os.WriteFile(file[1], []byte(file[2]), 0o600); err != nil {
			r.t.Fatal(err)
		}
	}
	return consoleBlock.ReplaceAllStringFunc(text, func(block string) string {
		body := strings.TrimSuffix(strings.TrimPrefix(block, "```console\n"), "```")
		var b strings.Builder
		b.WriteString("```console\n")
		for step := range strings.SplitSeq(strings.TrimPrefix(body, "$ "), "\n$ ") {
			command, shown := cutCommand(strings.TrimSuffix(step, "\n"))
			printed := r.run(command)
			if elided(shown, printed) {
				printed = shown
			}
			b.WriteString("$ " + command + "\n" + printed)
		}
		b.WriteString("```")
		return b.String()
	})
}

// cutCommand cuts a step into the command, which ends where a line does not end
// with a backslash, and what is shown below it.
func cutCommand(step string) (command, shown string) {
	lines := strings.SplitAfter(step+"\n", "\n")
	end := slices.IndexFunc(lines, func(line string) bool { return !strings.HasSuffix(line, "\\\n") })
	return strings.TrimSuffix(strings.Join(lines[:end+1], ""), "\n"), strings.Join(lines[end+1:], "")
}

// elided tells whether what is shown has lines … and is else what was printed.
func elided(shown, printed string) bool {
	parts := strings.Split("\n"+unstable(shown), "\n…\n")
	rest, ok := strings.CutPrefix("\n"+unstable(printed), parts[0])
	for _, part := range parts[1:] {
		at := strings.LastIndex(rest, "\n"+part)
		if at < 0 {
			return false
		}
		rest = rest[at+1+len(part):]
	}
	return ok && len(parts) > 1 && rest == ""
}

// run runs one line of a console.
func (r *reader) run(line string) string {
	r.t.Helper()
	if line == "echo $?" {
		return fmt.Sprintln(r.exit)
	}
	commands := shellCommands(strings.ReplaceAll(line, "\\\n", ""))
	args, ours := argsOf(commands[0])
	if len(commands) != 1 || !ours {
		r.t.Fatalf("a console block runs single staffctl commands only, not %q", line)
	}
	r.now = r.now.Add(time.Minute)
	ios, _, _, _ := iostreams.Test()
	out := &bytes.Buffer{}
	ios.Out, ios.Err = out, out
	d := &deps{ios: ios, now: func() time.Time { return r.now }, ids: &staff.IDs{}, lookupEnv: func(name string) (string, bool) {
		if name == "HOME" {
			return r.home, true
		}
		return "", false
	}}
	r.exit = run(r.t.Context(), d, args)
	return r.stable(out.String())
}

var (
	docID       = regexp.MustCompile(`\b3[0-9]{14}\b`)
	docPassword = regexp.MustCompile(`\b[a-z2-7]{4}(-[a-z2-7]{4}){5}\b`)
	docOSUser   = regexp.MustCompile(`("os_user": ?)"[^"]*"`)
	docUnstable = regexp.MustCompile(`("(?:sqlite|commit|go|bytes)": ?)("[^"]*"|null|[0-9]+)`)
	docSpaces   = regexp.MustCompile(`(?m) +$`)
)

// stable replaces what differs from run to run by what could be printed as well.
func (r *reader) stable(s string) string {
	s = strings.ReplaceAll(s, r.home, "/home/anna")
	s = docPassword.ReplaceAllString(s, "k3vq-7hzt-a2mf-xw5p-jd6r-bn4e")
	s = docOSUser.ReplaceAllString(s, `$1"anna"`)
	s = docSpaces.ReplaceAllString(s, "")
	return docID.ReplaceAllStringFunc(s, func(id string) string {
		n, err := strconv.ParseInt(id, 10, 64)
		if err != nil {
			r.t.Fatal(err)
		}
		if r.ids[id] == "" {
			// The second in it, and how many were seen instead of what is random.
			r.ids[id] = strconv.FormatInt((n>>12)/1000*1000<<12+int64(len(r.ids)), 10)
		}
		return r.ids[id]
	})
}

// unstable blanks what may differ from one version of a library to the next.
func unstable(s string) string { return docUnstable.ReplaceAllString(s, `$1"?"`) }

func readDoc(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// codeLine is a line of a document that may hold commands.
type codeLine struct {
	number int
	text   string
	whole  bool // in a block, so with all its arguments
}

// pipelineStep is a line of a pipeline that runs a staffctl.
var pipelineStep = regexp.MustCompile(`^ *(?:- )?(?:run: )?(staffctl .*)$`)

var codeSpan = regexp.MustCompile("`([^`]+)`")

// linesWithCode returns the lines of sh blocks, the ones with a prompt of
// console blocks, the steps of pipelines in yaml blocks, and the code spans of all else. A line that ends with a
// backslash goes on in the next.
func linesWithCode(text string) []codeLine {
	var found []codeLine
	fence, goesOn := "", false
	for i, line := range strings.Split(text, "\n") {
		prompted, hasPrompt := strings.CutPrefix(line, "$ ")
		switch mark, isFence := strings.CutPrefix(strings.TrimSpace(line), "```"); {
		case isFence && fence == "":
			fence = "```" + mark
		case isFence:
			fence = ""
		case goesOn:
			last := &found[len(found)-1]
			last.text = strings.TrimSuffix(last.text, "\\") + strings.TrimSpace(line)
		case fence == "```sh" || fence == "```console" && hasPrompt:
			found = append(found, codeLine{i + 1, prompted, true})
		case fence == "```yaml" && pipelineStep.MatchString(line):
			found = append(found, codeLine{i + 1, pipelineStep.FindStringSubmatch(line)[1], true})
		case fence == "":
			for _, span := range codeSpan.FindAllStringSubmatch(line, -1) {
				found = append(found, codeLine{i + 1, span[1], false})
			}
		}
		goesOn = (goesOn || fence == "```sh" || fence == "```console" && hasPrompt) && strings.HasSuffix(line, "\\")
	}
	return found
}

// argsOf returns the arguments of staffctl, with which the words, or those after
// variables, begin.
func argsOf(words []string) ([]string, bool) {
	for len(words) > 0 && regexp.MustCompile(`^[A-Z_]+=`).MatchString(words[0]) {
		words = words[1:]
	}
	switch {
	case len(words) > 0 && words[0] == "staffctl":
		return words[1:], true
	case len(words) > 3 && slices.Equal(words[:3], []string{"go", "run", "."}):
		return words[3:], true
	default:
		return nil, false
	}
}

// shellCommands splits a line into commands and these into words, as a shell
// does, as far as the documents need it.
func shellCommands(line string) [][]string {
	var commands [][]string
	var words []string
	var word strings.Builder
	quote, inWord, redirected := rune(0), false, false
	endWord := func() {
		if inWord && !redirected {
			words = append(words, word.String())
		}
		redirected = redirected && !inWord
		word.Reset()
		inWord = false
	}
	endCommand := func() {
		endWord()
		if words != nil {
			commands = append(commands, words)
		}
		words, redirected = nil, false
	}
	for _, c := range line {
		switch {
		case quote != 0 && c == quote:
			quote = 0
		case quote != 0:
			word.WriteRune(c)
		case c == '\'' || c == '"':
			quote, inWord = c, true
		case c == ' ':
			endWord()
		case strings.ContainsRune("|&;()", c):
			endCommand()
		case c == '<' || c == '>':
			endWord()
			redirected = true
		case c == '#' && !inWord:
			endCommand()
			return commands
		default:
			word.WriteRune(c)
			inWord = true
		}
	}
	endCommand()
	return commands
}

func TestShellCommands(t *testing.T) {
	got := shellCommands(`A=b staffctl member add x@example.ch --phone "work=+41 44" <in >out | jq '.[0] | .id' && (staffctl version; echo "") # end`)
	want := [][]string{
		{"A=b", "staffctl", "member", "add", "x@example.ch", "--phone", "work=+41 44"}, {"jq", ".[0] | .id"}, {"staffctl", "version"}, {"echo", ""},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("split (-want +got):\n%s", diff)
	}
}

// What the documents must not get past.
func TestLookUpRefuses(t *testing.T) {
	for _, args := range [][]string{{"nonsense"}, {"member", "nonsense"}, {"member", "list", "--nonsense"}, {"member", "show"}, {"version", "x"}} {
		if lookUp(args, true) == nil {
			t.Errorf("%q is not refused", args)
		}
	}
	if err := lookUp([]string{"--context", "prod", "member", "show"}, false); err != nil {
		t.Errorf("a span needs no arguments: %v", err)
	}
}

func TestElided(t *testing.T) {
	for _, c := range []struct {
		shown, printed string
		want           bool
	}{
		{"a\n…\nd\n", "a\nb\nc\nd\n", true},
		{"…\nd\n", "a\nd\n", true},
		{"a\n…\n", "a\nb\n", true},
		{"a\n…\ne\n", "a\nb\nd\n", false},
		{"a\nb\n", "a\nb\n", false},
	} {
		if got := elided(c.shown, c.printed); got != c.want {
			t.Errorf("elided(%q, %q) is %v", c.shown, c.printed, got)
		}
	}
}

// Each test that docs/security.md names is there.
func TestDocsNameTestsThatExist(t *testing.T) {
	var tests strings.Builder
	err := filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		content, err := os.ReadFile(path)
		tests.Write(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile("`(Test[A-Za-z0-9]+)`").FindAllStringSubmatch(readDoc(t, "../docs/security.md"), -1)
	for _, name := range named {
		if !strings.Contains(tests.String(), "\nfunc "+name[1]+"(") {
			t.Errorf("docs/security.md names %s, which is no test", name[1])
		}
	}
	if len(named) < 20 {
		t.Errorf("docs/security.md names %d tests only", len(named))
	}
}
