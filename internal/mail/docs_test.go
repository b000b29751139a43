package mail_test

import (
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/staffctl/staffctl/internal/mail"
)

// section returns the part of docs/mail.md between two marks.
func section(t *testing.T, mark string) string {
	t.Helper()
	text, err := os.ReadFile("../../docs/mail.md")
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(string(text), "<!-- "+mark+" -->")
	if len(parts) != 3 {
		t.Fatalf("docs/mail.md has no section %s", mark)
	}
	return parts[1]
}

// firstCells returns the code spans of the first column.
func firstCells(table string) (cells []string) {
	span := regexp.MustCompile("`([^`]+)`")
	for row := range strings.SplitSeq(table, "\n") {
		if columns := strings.Split(row, "|"); len(columns) > 2 {
			for _, found := range span.FindAllStringSubmatch(columns[1], -1) {
				cells = append(cells, found[1])
			}
		}
	}
	return cells
}

// The manual names each value of the templates, and no other, in their order.
func TestDocsNameTheData(t *testing.T) {
	var want []string
	for f := range reflect.TypeFor[mail.Data]().Fields() {
		want = append(want, f.Name)
	}
	if got := firstCells(section(t, "data")); !slices.Equal(got, want) {
		t.Errorf("docs/mail.md has %q, the templates %q", got, want)
	}
}

func TestDocsNameTheFiles(t *testing.T) {
	got, want := firstCells(section(t, "files")), mail.FileNames()
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("docs/mail.md has %q, the files are %q", got, want)
	}
}
