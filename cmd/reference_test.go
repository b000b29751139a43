package cmd

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"

	"github.com/staffctl/staffctl/internal/iostreams"
)

// TestDocsCommands compares docs/commands with what the tree of commands says
// of itself. With -update it writes the pages.
func TestDocsCommands(t *testing.T) { isGenerated(t, "../docs/commands", reference(t)) }

// TestQuickHelp compares what internal/quickhelp prints with what the commands do.
// With -update it writes the texts.
func TestQuickHelp(t *testing.T) {
	texts := map[string]string{}
	for _, cmd := range commandsOf(testTree()) {
		words := strings.Fields(cmd.CommandPath())
		ios, _, out, _ := iostreams.Test()
		d := &deps{ios: ios, lookupEnv: func(string) (string, bool) { return "", false }}
		if code := run(t.Context(), d, append(words[1:], "--help")); code != 0 {
			t.Errorf("%v --help ends with %d", words, code)
		}
		texts[strings.Join(words, "_")+".txt"] = out.String()
	}
	isGenerated(t, "../internal/quickhelp/text", texts)
}

// reference returns the pages by their file names.
func reference(t *testing.T) map[string]string {
	t.Helper()
	root := testTree()
	root.DisableAutoGenTag = true // the date
	pages := map[string]string{}
	for _, cmd := range commandsOf(root) {
		cmd.InitDefaultHelpFlag()
		cmd.Long = wholeText(cmd)
		var page bytes.Buffer
		if err := doc.GenMarkdownCustom(cmd, &page, func(link string) string { return link }); err != nil {
			t.Fatal(err)
		}
		pages[pageOf(cmd)] = withExits(cmd, strings.TrimRight(page.String(), "\n")+"\n")
	}
	return pages
}

// withExits puts the exit codes before the links to other pages.
func withExits(cmd *cobra.Command, page string) string {
	exits := exitsOf(cmd)
	if exits == nil {
		return page
	}
	var b strings.Builder
	b.WriteString("### Exit codes\n\n")
	for _, e := range exits {
		fmt.Fprintf(&b, "- %d: %s\n", e.exit, e.meaning)
	}
	return strings.Replace(page, "### SEE ALSO", b.String()+"\n### SEE ALSO", 1)
}

func pageOf(cmd *cobra.Command) string {
	return strings.ReplaceAll(cmd.CommandPath(), " ", "_") + ".md"
}

var pageLink = regexp.MustCompile(`\]\(([^)]*)\)`)

// The pages are the same on every machine, whoever runs the tests, and their
// links lead somewhere.
func TestReferenceIsStable(t *testing.T) {
	t.Setenv("HOME", "/home/somebody-else")
	t.Setenv("STAFFCTL_OUTPUT", "json")
	pages := reference(t)
	if diff := cmp.Diff(reference(t), pages); diff != "" {
		t.Errorf("two runs differ:\n%s", diff)
	}
	for name, text := range pages {
		for _, word := range []string{"/home/", "/root", "/Users/", "202", "Auto generated"} {
			if at := strings.Index(text, word); at >= 0 && !isExample(text, at) {
				t.Errorf("%s holds %q", name, word)
			}
		}
		for _, link := range pageLink.FindAllStringSubmatch(text, -1) {
			if _, ok := pages[link[1]]; !ok {
				t.Errorf("%s links to %s, which there is not", name, link[1])
			}
		}
	}
}

// isExample tells whether the place is within an example or a flag's text, which
// hold dates.
func isExample(text string, at int) bool {
	start := strings.LastIndexByte(text[:at], '\n') + 1
	line, _, _ := strings.Cut(text[start:], "\n")
	return slices.ContainsFunc([]string{"  staffctl ", "      --"}, func(prefix string) bool { return strings.HasPrefix(line, prefix) })
}
