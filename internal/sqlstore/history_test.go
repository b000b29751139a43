package sqlstore_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/staffctl/staffctl/internal/sqlstore"
	"github.com/staffctl/staffctl/internal/sqlstore/sqlite"
	"github.com/staffctl/staffctl/internal/staff"
)

// A member is shown as fast in an old store as in a new one.
func TestHistoriesAreSought(t *testing.T) {
	t.Parallel()
	_, path := fresh(t)
	db, err := sql.Open("sqlite", "file:"+path+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer closing(t, db)
	rows, err := db.Query(`EXPLAIN QUERY PLAN `+sqlstore.Histories(), 1, 1, "a@example.ch", 1, 1, 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	sought := 0
	for rows.Next() {
		var id, parent, unused int
		var step string
		if err := rows.Scan(&id, &parent, &unused, &step); err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(step, "SEARCH ") {
			sought++
		}
		if strings.HasPrefix(step, "SCAN ") && !strings.Contains(step, "subquery") || strings.Contains(step, "TEMP B-TREE") {
			t.Errorf("%s", step)
		}
	}
	if sought < 6 || rows.Err() != nil {
		t.Errorf("%d parts are sought, %v", sought, rows.Err())
	}
}

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
