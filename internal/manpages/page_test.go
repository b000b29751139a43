package main

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/staffctl/staffctl/cmd"
)

// Each command has a page, as it has one in docs/commands, and a page is the same
// bytes each time.
func TestPages(t *testing.T) {
	once, again := t.TempDir(), t.TempDir()
	for _, dir := range []string{once, again} {
		if err := run([]string{"-date", "2026-11-26", "-version", "1.0.0", dir}); err != nil {
			t.Fatal(err)
		}
	}
	var want, got []string
	for _, name := range glob(t, "../../docs/commands/*.md") {
		page := strings.TrimSuffix(filepath.Base(name), ".md")
		want = append(want, strings.ReplaceAll(page, "_", "-")+".1.gz")
	}
	for _, name := range glob(t, filepath.Join(once, "*")) {
		got = append(got, filepath.Base(name))
		if !bytes.Equal(content(t, name), content(t, filepath.Join(again, filepath.Base(name)))) {
			t.Errorf("%s differs from one time to the next", name)
		}
	}
	slices.Sort(want)
	if !slices.Equal(want, got) {
		t.Errorf("there are the pages %v instead of %v", got, want)
	}
	z, err := gzip.NewReader(bytes.NewReader(content(t, filepath.Join(once, "staffctl.1.gz"))))
	if err != nil {
		t.Fatal(err)
	}
	if text, err := io.ReadAll(z); err != nil || !strings.HasPrefix(string(text), `.TH STAFFCTL 1 2026-11-26 "staffctl 1.0.0"`) {
		t.Errorf("the page begins with %.60q, %v", text, err)
	}
}

// What is shown of a page holds every word of the command's help, and groff, which
// man calls, finds nothing to warn of.
func TestShownPagesHoldAll(t *testing.T) {
	groff, err := exec.LookPath("groff")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip("without groff, of the package groff-base, no page can be shown")
	}
	var pages strings.Builder
	all := commandsOf(cmd.Tree())
	for _, c := range all {
		pages.WriteString(edition{"2026-11-26", "1.0.0"}.page(c))
	}
	show := exec.CommandContext(t.Context(), groff, "-man", "-ww", "-Tutf8", "-P-cbou", "-rLL=120n")
	show.Stdin = strings.NewReader(pages.String())
	var warnings bytes.Buffer
	show.Stderr = &warnings
	out, err := show.Output()
	if err != nil || warnings.Len() > 0 {
		t.Errorf("%v: %s", err, &warnings)
	}
	shown := strings.Split(string(out), "\nNAME\n") // with which each page begins
	if len(shown) != len(all)+1 {
		t.Fatalf("%d pages are shown of %d", len(shown)-1, len(all))
	}
	for i, c := range all {
		holdsAll(t, words(shown[i+1]), c)
	}
}

func holdsAll(t *testing.T, page string, c *cobra.Command) {
	t.Helper()
	parts := []string{c.Short, c.UseLine(), c.Long, c.Example}
	c.LocalFlags().VisitAll(func(f *pflag.Flag) {
		_, usage := pflag.UnquoteUsage(f)
		parts = append(parts, "--"+f.Name, usage)
	})
	for _, verb := range c.Commands() {
		parts = append(parts, nameOf(verb)+"(1) "+verb.Short)
	}
	for _, part := range parts {
		if !strings.Contains(page, words(part)) {
			t.Errorf("the page of %s lacks %q", c.CommandPath(), words(part))
		}
	}
}

func commandsOf(c *cobra.Command) []*cobra.Command {
	all := []*cobra.Command{c}
	for _, verb := range c.Commands() {
		all = append(all, commandsOf(verb)...)
	}
	return all
}

// words is a text with one space for all that lies between words.
func words(text string) string { return strings.Join(strings.Fields(text), " ") }

// What roff would take for a request, an escape or a quote stays text.
func TestRoffed(t *testing.T) {
	for text, want := range map[string]string{
		".TH":         `\&.TH`,
		"a\n.b c.d":   "a\n" + `\&.b c.d`,
		`a\b`:         `a\eb`,
		"--dry-run":   `\-\-dry\-run`,
		"'who' «I» …": `\(aqwho\(aq \[u00AB]I\[u00BB] \[u2026]`,
	} {
		if got := roffed(text); got != want {
			t.Errorf("%q is %q instead of %q", text, got, want)
		}
	}
}

func glob(t *testing.T, pattern string) []string {
	t.Helper()
	names, err := filepath.Glob(pattern)
	if err != nil || len(names) == 0 {
		t.Fatalf("%s: %v, %v", pattern, names, err)
	}
	return names
}

func content(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
