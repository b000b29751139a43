package cmd

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestExitDocs compares the table in docs/exit-codes.md with exitCodes. With
// -update it writes it.
func TestExitDocs(t *testing.T) {
	const file, mark = "../docs/exit-codes.md", "<!-- exit codes -->\n"
	parts := strings.Split(readDoc(t, file), mark)
	if len(parts) != 3 {
		t.Fatalf("%s has %d marks %q instead of 2", file, len(parts)-1, mark)
	}
	var b strings.Builder
	b.WriteString("\n| exit | `code` in JSON | meaning |\n|---|---|---|\n")
	for _, row := range exitCodes() {
		code := ""
		if row.code != "" {
			code = "`" + string(row.code) + "`"
		}
		fmt.Fprintf(&b, "| %d | %s | %s |\n", row.exit, code, row.meaning)
	}
	b.WriteString("\n")
	if *update {
		parts[1] = b.String()
		if err := os.WriteFile(file, []byte(strings.Join(parts, mark)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(b.String(), parts[1]); diff != "" {
		t.Errorf("the table differs, see go test ./cmd -update (-want +got):\n%s", diff)
	}
}
