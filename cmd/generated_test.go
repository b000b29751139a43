package cmd

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// isGenerated compares the files of a directory with what they should hold, by name.
// With -update it writes them.
func isGenerated(t *testing.T, dir string, want map[string]string) {
	t.Helper()
	there, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range there {
		if _, ok := want[filepath.Base(file)]; ok {
			continue
		}
		if !*update {
			t.Errorf("%s is of nothing that there is: run go test ./cmd -run %s -update", file, t.Name())
		} else if err := os.Remove(file); err != nil {
			t.Fatal(err)
		}
	}
	for name, text := range want {
		file := filepath.Join(dir, name)
		if *update {
			if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		got, err := os.ReadFile(file)
		if err != nil {
			t.Error(err)
		}
		if diff := cmp.Diff(text, string(got)); diff != "" {
			t.Errorf("%s differs, see go test ./cmd -run %s -update (-want +got):\n%s", file, t.Name(), diff)
		}
	}
}
