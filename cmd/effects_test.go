package cmd

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/staffctl/staffctl/internal/staff"
)

// Each verb says what it changes, whom it mails, and what it can end with.
func TestEffectsAreTold(t *testing.T) {
	for _, cmd := range commandsOf(testTree()) {
		if _, known := cmd.Annotations[codesNote]; known == cmd.HasSubCommands() {
			t.Errorf("%s: nouns say nothing of what they change, and verbs all", cmd.CommandPath())
			continue
		}
		changes, mails := cmd.Annotations[changesNote], cmd.Annotations[mailsNote]
		if exits := exitsOf(cmd); !cmd.HasSubCommands() && len(exits) < len(everyCommand) {
			t.Errorf("%s ends with %v only", cmd.CommandPath(), exits)
		}
		for _, text := range []string{changes, mails} {
			if !cmd.HasSubCommands() && (text == "" || isUpper(text[0]) || strings.HasSuffix(text, ".")) {
				t.Errorf("%s: %q is no middle of a sentence", cmd.CommandPath(), text)
			}
		}
		for line := range strings.Lines(wholeText(cmd)) {
			if utf8.RuneCountInString(strings.TrimSpace(line)) > 84 {
				t.Errorf("%s has the long line %q", cmd.CommandPath(), line)
			}
		}
	}
}

// Each exit code that a script sees is one that the command says it has, and each
// that a command says is seen, but for those of whole families of commands.
func TestExitsAreTold(t *testing.T) {
	seen := map[string]bool{}
	root := testTree()
	for _, line := range scriptLines(t) {
		exit, args, ours := scriptRun(line)
		cmd, _, err := root.Find(args)
		if !ours || err != nil || exit < 0 || cmd.HasSubCommands() {
			continue
		}
		if !slices.ContainsFunc(exitsOf(cmd), func(e exitCode) bool { return e.exit == exit }) {
			t.Errorf("%s does not say that it can end with %d: %s", cmd.CommandPath(), exit, strings.Join(line, " "))
		}
		seen[told(cmd, exit)] = true
	}
	if len(seen) < 150 {
		t.Fatalf("only %d ends found: the test has lost its way", len(seen))
	}
	family := append(slices.Clone(everyCommand), staff.CodeConflict, staff.CodeUnknown, staff.CodeInvalid, staff.CodeNotFound, staff.CodeDamaged)
	for _, cmd := range commandsOf(testTree()) {
		for _, e := range exitsOf(cmd) {
			if name := told(cmd, e.exit); !seen[name] && !slices.Contains(family, e.code) {
				t.Errorf("no script sees %s", name)
			}
		}
	}
}

func told(cmd *cobra.Command, exit int) string {
	return strings.TrimPrefix(cmd.CommandPath(), "staffctl ") + " " + strconv.Itoa(exit)
}
