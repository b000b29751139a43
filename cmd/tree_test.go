package cmd

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/spf13/cobra"

	"github.com/staffctl/staffctl/internal/config"
	"github.com/staffctl/staffctl/internal/iostreams"
	"github.com/staffctl/staffctl/internal/staff"
)

// testTree returns the tree of commands, as the program has it.
func testTree() *cobra.Command {
	ios, _, _, _ := iostreams.Test()
	return newRoot(&deps{ios: ios, lookupEnv: func(string) (string, bool) { return "", false }})
}

// commandsOf returns the command and all below it.
func commandsOf(cmd *cobra.Command) []*cobra.Command {
	all := []*cobra.Command{cmd}
	for _, c := range cmd.Commands() {
		all = append(all, commandsOf(c)...)
	}
	return all
}

// Every command says what it does, shows two examples, and checks its arguments.
func TestTreeIsDocumented(t *testing.T) {
	for _, cmd := range commandsOf(testTree()) {
		t.Run(cmd.CommandPath(), func(t *testing.T) {
			switch {
			case cmd.Short == "" || strings.HasSuffix(cmd.Short, ".") || !isUpper(cmd.Short[0]):
				t.Errorf("Short is %q: give a phrase with a capital and without a full stop", cmd.Short)
			case cmd.Long == "" || !strings.HasSuffix(cmd.Long, "."):
				t.Errorf("Long is %q: give whole sentences", cmd.Long)
			case cmd.Args == nil:
				t.Error("the arguments are not checked")
			case cmd.Run == nil && cmd.RunE == nil:
				t.Error("it cannot be run, so what it is given is not checked either")
			}
			if n := len(strings.Split(cmd.Example, "\n")); n != 2 {
				t.Errorf("%d examples instead of two", n)
			}
			if !cmd.HasSubCommands() && cmd.ValidateArgs(slices.Repeat([]string{"x"}, 40)) == nil && !strings.Contains(cmd.Use, "…") {
				t.Errorf("%q takes any number of arguments, and does not say so", cmd.Use)
			}
			for _, f := range localFlags(cmd) {
				if f.Usage == "" || strings.HasSuffix(f.Usage, ".") || isUpper(f.Usage[0]) {
					t.Errorf("--%s is described as %q: give a phrase without a capital and a full stop", f.Name, f.Usage)
				}
			}
		})
	}
}

// Help fits a terminal of 80 columns, but for examples and the line of usage.
func TestHelpFits(t *testing.T) {
	for _, cmd := range commandsOf(testTree()) {
		text := strings.Replace(wholeText(cmd)+"\n"+wrappedUsage(cmd), cmd.Example, "", 1)
		for line := range strings.SplitSeq(text, "\n") {
			if len([]rune(line)) > textWidth && !strings.HasPrefix(line, "  "+cmd.CommandPath()+" ") && !strings.HasPrefix(line, "Use ") {
				t.Errorf("%s: %q is wider than %d columns", cmd.CommandPath(), line, textWidth)
			}
		}
	}
}

func isUpper(b byte) bool { return 'A' <= b && b <= 'Z' }

// localFlags are the flags of the command itself, without --help.
func localFlags(cmd *cobra.Command) []*flag {
	var flags []*flag
	cmd.LocalFlags().VisitAll(func(f *flag) {
		if f.Name != "help" {
			flags = append(flags, f)
		}
	})
	return flags
}

// Each line of an example is one that the command would take.
func TestTreeExamplesWork(t *testing.T) {
	lines := 0
	for _, cmd := range commandsOf(testTree()) {
		for line := range strings.SplitSeq(cmd.Example, "\n") {
			own := false
			for _, words := range shellCommands(line) {
				args, ours := argsOf(words)
				if !ours {
					continue
				}
				lines++
				if err := lookUp(args, true); err != nil {
					t.Errorf("%s: the example %q: %v", cmd.CommandPath(), line, err)
				}
				own = own || strings.HasPrefix(strings.Join(words, " ")+" ", cmd.CommandPath()+" ")
			}
			if !own {
				t.Errorf("%s: the example %q does not show it", cmd.CommandPath(), line)
			}
		}
	}
	if lines < 80 {
		t.Errorf("only %d command lines found: the test has lost its way", lines)
	}
}

// product lists, verb by verb, the flags that section 3 of the product's page
// names for what there is so far; … stands for arguments.
const product = `
init --display-name --plan --file
account create --display-name --plan --two-factor --language --default-access --invite-other-address
account list
account show
account set --display-name --plan --two-factor --language --default-access --invite-other-address
account set-owner
account delete
account sender add
account sender list
account sender remove
member add --first-name --last-name --salutation --username --phone --access --mail --language --on-conflict
member list --status --area --mail --role --search --sort --limit
member show
member exists
member explain
member edit --salutation --first-name --last-name --email --phone --remove-phone --language
member set-username
member set-password --password-stdin --password-file --hash-stdin --generate --must-change
member reset-password --show-link
member reset-second-factor
member unlock
member sign-out
member grant
member revoke
member set-access
member suspend
member resume
member remove
subaccount create --email --role --salutation --first-name --last-name --language --on-conflict --show-link
subaccount list
subaccount show
subaccount set-role
subaccount resend --show-link
subaccount confirm
subaccount remove
invite send --access --expires --language --on-conflict --show-link
invite list --status --email
invite show
invite resend --show-link
invite revoke
invite accept
mail-prefs set
mail-prefs add
mail-prefs remove
mail-prefs show
mail-prefs list
mail-prefs check
catalog show
catalog apply --file
diff --file --prune --max-removals --mail --save
apply --file --plan --prune --max-removals --mail
access check
import --format --delimiter --map --on-conflict --keep-going --errors --mail
export --format --with-password-hashes
outbox list --state
outbox show
outbox send
outbox discard
serve
doctor
audit list --since --actor --member --action
audit prune --before
store info
store migrate
store check
store backup
store copy --to --abandon
context list
context use
context set
context remove
schema
completion
version
help
`

const productGlobals = "--store --store-password-file --store-ca --store-cert --store-key --account --context --config --output --columns --no-headers --quiet --verbose --color --yes --dry-run --actor"

// The tree has what the product names, and no verb or flag beside it.
func TestTreeIsTheProduct(t *testing.T) {
	root := testTree()
	named := map[string]bool{}
	for line := range strings.Lines(strings.TrimSpace(product)) {
		words := strings.Fields(line)
		verb := slices.IndexFunc(append(words, "--"), func(w string) bool { return strings.HasPrefix(w, "--") })
		cmd, rest, err := root.Find(words[:verb])
		if err != nil || len(rest) > 0 || cmd == root {
			t.Errorf("there is no command %s", strings.Join(words[:verb], " "))
			continue
		}
		named[cmd.CommandPath()] = true
		// Some commands have a flag of their own with the name of a global one.
		missing, surplus := compareFlags(words[verb:], localFlags(cmd))
		if missing != nil || surplus != nil {
			t.Errorf("%s lacks the flags %v and has %v beside the product's", cmd.CommandPath(), missing, surplus)
		}
	}
	for _, cmd := range commandsOf(root) {
		if !cmd.HasSubCommands() && !named[cmd.CommandPath()] {
			t.Errorf("%s is not in the product", cmd.CommandPath())
		}
	}
	if missing, surplus := compareFlags(strings.Fields(productGlobals), localFlags(root)); missing != nil || surplus != nil {
		t.Errorf("the global flags lack %v and have %v beside the product's", missing, surplus)
	}
}

func compareFlags(want []string, have []*flag) (missing, surplus []string) {
	var names []string
	for _, f := range have {
		names = append(names, "--"+f.Name)
	}
	missing = slices.DeleteFunc(slices.Clone(want), func(n string) bool { return slices.Contains(names, n) })
	surplus = slices.DeleteFunc(names, func(n string) bool { return slices.Contains(want, n) })
	if len(missing) == 0 {
		missing = nil
	}
	if len(surplus) == 0 {
		surplus = nil
	}
	return missing, surplus
}

// Each global flag but --yes and --dry-run has a configuration key, with the
// same name and default.
func TestGlobalFlagsAreKeys(t *testing.T) {
	keys := map[string]config.Key{}
	for _, k := range config.Keys() {
		if k.Flag != "" {
			keys[k.Flag] = k
		}
	}
	for _, f := range localFlags(testTree()) {
		k, ok := keys[f.Name]
		delete(keys, f.Name)
		switch {
		case f.Name == "yes" || f.Name == "dry-run":
			if ok {
				t.Errorf("--%s has a key", f.Name)
			}
		case !ok:
			t.Errorf("--%s has no key", f.Name)
		case k.Variable != "STAFFCTL_"+strings.ToUpper(strings.ReplaceAll(f.Name, "-", "_")):
			t.Errorf("--%s has the variable %s", f.Name, k.Variable)
		case !k.Computed && f.DefValue != k.Default && f.DefValue != "[]":
			t.Errorf("--%s has the default %q and its key %q", f.Name, f.DefValue, k.Default)
		}
	}
	for name := range keys {
		t.Errorf("a key names the flag --%s, which there is not", name)
	}
}

// Every verb is run by a script, and every flag of its own and every global one
// given in one: what no script uses, no test would miss.
func TestScriptsUseEveryCommandAndFlag(t *testing.T) {
	used := map[string]bool{}
	for _, line := range scriptLines(t) {
		_, args, ours := scriptRun(line)
		if !ours {
			continue
		}
		root := testTree()
		cmd, rest, err := root.Find(args)
		if err != nil || cmd.ParseFlags(rest) != nil {
			continue // a script about a mistake
		}
		used[cmd.CommandPath()] = true
		cmd.Flags().Visit(func(f *flag) {
			used[cmd.CommandPath()+" --"+f.Name] = true
			if root.PersistentFlags().Lookup(f.Name) == f {
				used["staffctl --"+f.Name] = true
			}
		})
	}
	for _, cmd := range commandsOf(testTree()) {
		if !used[cmd.CommandPath()] && !cmd.HasSubCommands() {
			t.Errorf("no script runs %s", cmd.CommandPath())
		}
		for _, f := range localFlags(cmd) {
			if !used[cmd.CommandPath()+" --"+f.Name] {
				t.Errorf("no script uses %s --%s", cmd.CommandPath(), f.Name)
			}
		}
	}
}

// scriptLines returns the command lines of all scripts, split into words.
func scriptLines(t *testing.T) [][]string {
	t.Helper()
	var lines [][]string
	for _, file := range scriptFiles(t, func(string) bool { return true }) {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(archive.Comment)) {
			lines = append(lines, shellCommands(strings.TrimSpace(line))...)
		}
	}
	return lines
}

// scriptRun splits a line that runs staffctl into the exit code that it wants, or
// -1 for any but 0, and the arguments.
func scriptRun(words []string) (exit int, args []string, ours bool) {
	for len(words) > 0 && strings.HasPrefix(words[0], "[") {
		words = words[1:]
	}
	switch {
	case len(words) > 2 && words[0] == "exits":
		n, err := strconv.Atoi(words[1])
		args, ours = argsOf(words[2:])
		return n, args, ours && err == nil
	case len(words) > 1 && words[0] == "!":
		args, ours = argsOf(words[1:])
		return -1, args, ours
	default:
		args, ours = argsOf(words)
		return 0, args, ours
	}
}

// Each code that the domain can end with has one exit code, and each exit code
// one meaning.
func TestExitCodes(t *testing.T) {
	want := map[staff.Code]int{
		"": 0, staff.CodeInternal: 1, staff.CodeUsage: 2, staff.CodeInvalid: 3, staff.CodeNotFound: 4, staff.CodeConflict: 5,
		staff.CodeExpired: 6, staff.CodeForbidden: 7, staff.CodeUnavailable: 8, staff.CodePartial: 9, staff.CodeUnknown: 10,
		staff.CodeDiffers: 11, staff.CodeDamaged: 12, staff.CodeInterrupted: 130,
	}
	got := map[staff.Code]int{}
	exits := map[int]bool{}
	for _, row := range exitCodes() {
		if _, twice := got[row.code]; twice || exits[row.exit] {
			t.Errorf("%q or %d has a second row", row.code, row.exit)
		}
		if row.meaning == "" {
			t.Errorf("%d has no meaning", row.exit)
		}
		got[row.code], exits[row.exit] = row.exit, true
		ios, _, _, stderr := iostreams.Test()
		d := &deps{ios: ios, lookupEnv: func(string) (string, bool) { return "", false }}
		newRoot(d)
		if code := d.fail(silent(row.code)); row.code != "" && code != row.exit || stderr.Len() > 0 {
			t.Errorf("a silent %q ends with %d and prints %q", row.code, code, stderr)
		}
	}
	for code, exit := range want {
		if got[code] != exit {
			t.Errorf("%q ends with %d instead of %d", code, got[code], exit)
		}
	}
	for _, code := range declaredCodes(t) {
		if _, ok := got[staff.Code(code)]; !ok {
			t.Errorf("the domain's code %q has no exit code", code)
		}
	}
}

// The libraries that only tests need stay out of the program.
func TestBinaryHasNoTestLibraries(t *testing.T) {
	tool, err := exec.LookPath("go")
	if err != nil {
		t.Skip("without the go tool the imports cannot be listed")
	}
	list := exec.CommandContext(t.Context(), tool, "list", "-deps", ".")
	list.Dir = filepath.Dir(mustAbs(t, "."))
	out, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	imports := strings.Fields(string(out))
	if !slices.Contains(imports, "github.com/spf13/cobra") {
		t.Fatalf("the list is not one of imports: %d lines", len(imports))
	}
	for _, name := range imports {
		for _, test := range []string{"github.com/spf13/cobra/doc", "github.com/creack/pty", "github.com/rogpeppe/", "github.com/cpuguy83/", "github.com/google/go-cmp", "github.com/santhosh-tekuri/", "testing"} {
			if name == test || strings.HasPrefix(name, test+"/") || strings.HasSuffix(test, "/") && strings.HasPrefix(name, test) {
				t.Errorf("the program imports %s", name)
			}
		}
	}
}

func mustAbs(t *testing.T, path string) string {
	t.Helper()
	abs, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	return abs
}

// What the tests above must be able to find.
func TestCompareFlags(t *testing.T) {
	missing, surplus := compareFlags([]string{"--a", "--b"}, []*flag{{Name: "b"}, {Name: "c"}})
	if fmt.Sprint(missing, surplus) != "[--a] [--c]" {
		t.Errorf("missing %v, surplus %v", missing, surplus)
	}
}

// For speed the program makes only the commands that its arguments begin with:
// they must be as in the whole tree.
func TestTreeInPart(t *testing.T) {
	for _, noun := range testTree().Commands() {
		ios, _, _, _ := iostreams.Test()
		root := newRoot(&deps{ios: ios}, noun.Name(), "whatever")
		part, _, err := root.Find([]string{noun.Name()})
		if err != nil || part == root {
			t.Errorf("%s is missing when asked for: %v", noun.Name(), err)
			continue
		}
		want, got := pathsOf(noun), pathsOf(part)
		if !slices.Equal(want, got) {
			t.Errorf("%s has %v instead of %v when asked for", noun.Name(), got, want)
		}
	}
}

func pathsOf(cmd *cobra.Command) []string {
	var paths []string
	for _, c := range commandsOf(cmd) {
		paths = append(paths, c.CommandPath())
	}
	return paths
}
