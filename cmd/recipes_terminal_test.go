//go:build unix

package cmd

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/charmap"
)

// recipeSessions are what somebody types at a terminal who follows docs/recipes.md,
// after what was so before.
var recipeSessions = map[string]struct{ before, typed []string }{
	"onboard": {typed: []string{
		"sh onboard.sh hr.csv departments.csv",
		"sh onboard.sh hr.csv departments.csv --yes",
		"sh onboard.sh hr.csv departments.csv --yes",
		"staffctl member list",
		"staffctl invite list --status pending --columns email,access,grants",
	}},
	"offboard": {typed: []string{
		"sh offboard.sh max.muster@example.ch anna",
		"sh offboard.sh max.muster@example.ch anna --yes",
		"sh offboard.sh max.muster@example.ch anna --yes",
		"sh offboard.sh anna erika.beispiel@example.de",
		"echo $?",
		"staffctl member remove max.muster@example.ch --yes",
	}},
	"access-review": {
		before: []string{"staffctl export --format yaml >approved.yaml", "staffctl member grant max.muster@example.ch support"},
		typed: []string{
			"sh access-review.sh begin approved.yaml review.yaml",
			"sed 's/orders.view, support/orders.view/' review.yaml >edited.yaml; mv edited.yaml review.yaml",
			"sh access-review.sh finish approved.yaml review.yaml",
			"sh access-review.sh finish approved.yaml review.yaml --yes",
			"staffctl member show max.muster@example.ch --columns name,access,grants",
		}},
	"nightly": {
		before: []string{"staffctl export --format yaml >team.yaml", "printf '  - email: neu@example.ch\\n    access: [orders]\\n' >>team.yaml"},
		typed: []string{
			"sh nightly.sh team.yaml backups",
			"sh nightly.sh team.yaml backups --yes",
			"echo $?",
			"cat backups/changes-*.txt",
			"sh nightly.sh team.yaml backups --yes",
		}},
	"support-call": {typed: []string{
		"export STAFFCTL_ACTOR='call 4711'",
		"staffctl member list --search muster",
		"staffctl member list --search '555 12 34' -o name",
		"staffctl member show anna",
		"staffctl member explain anna --columns area,open,reason",
		"staffctl member unlock anna",
		"staffctl member reset-password anna",
		"sh support-call.sh beispiel invite",
		"sh support-call.sh max password --yes",
		"staffctl audit list --actor 'call 4711' --columns at,action,subject",
	}},
}

// TestRecipeSessions records each session in terminals of 80 and 200 columns, and
// compares docs/recipes.md with the files that it shows.
func TestRecipeSessions(t *testing.T) {
	tmux := lookUpProgram(t, "tmux", "tmux")
	t.Run("recorded", func(t *testing.T) {
		for name, session := range recipeSessions {
			for _, columns := range []int{80, 200} {
				golden := fmt.Sprintf("%s.%d.txt", name, columns)
				t.Run(golden, func(t *testing.T) {
					t.Parallel()
					a := newAdmin(t, "")
					for _, line := range session.before {
						a.run(0, line)
					}
					at := newPane(a, tmux, columns)
					for _, line := range session.typed {
						at.enter(line)
					}
					compareGolden(t, filepath.Join(recipeDir, golden), at.recorded())
				})
			}
		}
	})
	checkRecipeDocs(t)
}

func compareGolden(t *testing.T, file, got string) {
	t.Helper()
	want, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	if got == string(want) {
		return
	}
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	t.Errorf("%s is not what was recorded, see go test ./cmd -update (-want +got):\n%s", file, cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")))
}

// pane is a terminal of tmux with a shell on it.
type pane struct {
	t       *testing.T
	tmux    []string // the program, with the server that is ours
	env     []string
	columns int
	typed   int
}

func newPane(a *admin, tmux string, columns int) *pane {
	a.t.Helper()
	// Not a.dir, whose name may be too long for a socket.
	sockets, err := os.MkdirTemp("", "staffctl")
	if err != nil {
		a.t.Fatal(err)
	}
	a.write(".profile", "PS1='$ '\n") // in the environment it is not for root
	p := &pane{t: a.t, tmux: []string{tmux, "-u", "-S", filepath.Join(sockets, "s"), "-f", "/dev/null"}, columns: columns,
		env: append(slices.DeleteFunc(slices.Clone(a.env), func(v string) bool { return strings.HasPrefix(v, "TMUX") || strings.HasPrefix(v, "NO_COLOR=") }), "TERM=xterm-256color", "ENV="+filepath.Join(a.dir, ".profile"))}
	a.t.Cleanup(func() {
		_, _ = p.control("kill-server")
		if err := os.RemoveAll(sockets); err != nil {
			a.t.Error(err)
		}
	})
	p.must("start-server", ";", "set-option", "-g", "history-limit", "20000", ";", "set-option", "-g", "default-terminal", "screen-256color", ";",
		"set-option", "-g", "status", "off", ";", "new-session", "-d", "-x", fmt.Sprint(columns), "-y", "50", "-c", a.dir, "exec sh -i")
	p.settle()
	return p
}

func (p *pane) control(args ...string) (string, error) {
	cmd := exec.Command(p.tmux[0], slices.Concat(p.tmux[1:], args)...)
	cmd.Env = p.env
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	return out.String(), err
}

func (p *pane) must(args ...string) string {
	p.t.Helper()
	out, err := p.control(args...)
	if err != nil {
		p.t.Fatalf("tmux %q: %v\n%s", args, err, out)
	}
	return out
}

// enter types a line and waits for the next prompt.
func (p *pane) enter(line string) {
	p.t.Helper()
	p.must("send-keys", "-l", line)
	p.must("send-keys", "Enter")
	p.typed++
	p.settle()
}

// settle waits until the shell asks for the next line.
func (p *pane) settle() {
	p.t.Helper()
	var lines []string
	for until := time.Now().Add(longest); time.Now().Before(until); <-time.After(20 * time.Millisecond) {
		lines = p.lines()
		if prompts := p.prompts(lines); len(prompts) == p.typed+1 && lines[len(lines)-1] == "$" {
			return
		}
	}
	p.t.Fatalf("there is no prompt after %d lines but:\n%s", p.typed, strings.Join(lines, "\n"))
}

func (p *pane) prompts(lines []string) []string {
	return slices.DeleteFunc(slices.Clone(lines), func(line string) bool { return line != "$" && !strings.HasPrefix(line, "$ ") })
}

// lines are all lines that were written so far, whole, though the terminal has
// broken those that are longer than it is wide.
func (p *pane) lines() []string {
	p.t.Helper()
	return trimmedLines(p.must("capture-pane", "-p", "-J", "-S", "-"))
}

func trimmedLines(text string) []string {
	lines := strings.Split(strings.TrimRight(text, " \n"), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return lines
}

// recorded is what the terminal shows, with what differs from run to run replaced by
// words of the same width. Nothing is written across the edge of the terminal but
// what was typed and sentences, and those are broken where it ends.
func (p *pane) recorded() string {
	p.t.Helper()
	lines := p.lines()
	if got := trimmedLines(p.must("capture-pane", "-p", "-S", "-")); !slices.Equal(got, broken(lines, p.columns)) {
		p.t.Errorf("the terminal has broken its lines otherwise (-want +got):\n%s", cmp.Diff(broken(lines, p.columns), got))
	}
	for _, line := range lines {
		if utf8.RuneCountInString(line) > p.columns && !strings.HasPrefix(line, "$ ") && strings.Contains(strings.TrimSpace(line), "  ") {
			p.t.Errorf("a table is wider than the terminal: %s", line)
		}
	}
	lines = lines[:len(lines)-1] // the last prompt
	return strings.Join(broken(strings.Split(steady(strings.Join(lines, "\n")), "\n"), p.columns), "\n") + "\n"
}

// broken breaks lines as a terminal does. All characters of the recipes are one
// column wide.
func broken(lines []string, columns int) (screen []string) {
	for _, line := range lines {
		runes := []rune(line)
		for len(runes) > columns {
			screen = append(screen, strings.TrimRight(string(runes[:columns]), " "))
			runes = runes[columns:]
		}
		screen = append(screen, string(runes))
	}
	return screen
}

var (
	sessionTime = regexp.MustCompile(`\b20\d\d-\d\d-\d\d(T\d\d:?\d\d:?\d\d(\.\d\d\dZ)?)?`)
	sessionID   = regexp.MustCompile(`\b3\d{14}\b`)
)

// steady replaces times and ids by others of the same width.
func steady(text string) string {
	text = sessionTime.ReplaceAllStringFunc(text, func(at string) string {
		if strings.Contains(at, ":") {
			return "2026-11-22T13:00:00.000Z"[:len(at)]
		}
		return "2026-11-22T130000"[:len(at)]
	})
	ids := map[string]string{}
	return sessionID.ReplaceAllStringFunc(text, func(id string) string {
		if ids[id] == "" {
			ids[id] = fmt.Sprint(374_000_000_000_001 + len(ids))
		}
		return ids[id]
	})
}

// recipeBlock is a block of docs/recipes.md that shows a file.
var recipeBlock = regexp.MustCompile("(?ms)^```([a-z]+) ([a-z0-9.-]+)\n(.*?)^```$")

// checkRecipeDocs compares the document with the files that it shows, among them
// each script and its session in 80 columns.
func checkRecipeDocs(t *testing.T) {
	t.Helper()
	const document = "../docs/recipes.md"
	shown := map[string]bool{}
	text := readDoc(t, document)
	got := recipeBlock.ReplaceAllStringFunc(text, func(block string) string {
		found := recipeBlock.FindStringSubmatch(block)
		shown[found[2]] = true
		return "```" + found[1] + " " + found[2] + "\n" + recipeFile(t, found[2]) + "```"
	})
	for name := range recipeSessions {
		for _, file := range []string{name + ".sh", name + ".80.txt"} {
			if !shown[file] {
				t.Errorf("docs/recipes.md does not show %s", file)
			}
		}
	}
	if got == text {
		return
	}
	if *update {
		if err := os.WriteFile(document, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	t.Errorf("docs/recipes.md shows other files, see go test ./cmd -update (-want +got):\n%s", cmp.Diff(strings.Split(got, "\n"), strings.Split(text, "\n")))
}

// recipeFile is a file as a document shows it: in UTF-8, with the ends of lines of
// Unix.
func recipeFile(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(recipeDir, name))
	if err == nil && !utf8.Valid(text) {
		text, err = charmap.Windows1252.NewDecoder().Bytes(text)
	}
	if err != nil {
		t.Error(err)
	}
	return strings.ReplaceAll(string(text), "\r\n", "\n")
}
