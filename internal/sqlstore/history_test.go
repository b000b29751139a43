package sqlstore_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/staffctl/staffctl/internal/sqlstore"
	"github.com/staffctl/staffctl/internal/sqlstore/sqlite"
	"github.com/staffctl/staffctl/internal/staff"
)

func TestQuickCheck(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile(filled(t))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "quick.db")
	check := func() error {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		file, err := sqlite.Open(path, true)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = file.Close() }()
		return sqlstore.New(file).QuickCheck(t.Context())
	}
	if err := check(); err != nil {
		t.Errorf("whole: %v", err)
	}
	clear(content[len(content)/2:])
	if err := check(); staff.CodeOf(err) != staff.CodeDamaged {
		t.Errorf("half of it overwritten: %v", err)
	}
}
