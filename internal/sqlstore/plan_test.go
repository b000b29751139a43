package sqlstore_test

import (
	"database/sql"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/staffctl/staffctl/internal/sqlstore"
)

// planned are the steps of SQLite's plan for a query of a new store.
func planned(t *testing.T, query string, args ...any) []string {
	t.Helper()
	_, path := fresh(t)
	db, err := sql.Open("sqlite", "file:"+path+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer closing(t, db)
	rows, err := db.Query("EXPLAIN QUERY PLAN "+query, args...)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var found []string
	for rows.Next() {
		var id, parent, unused int
		var step string
		if err := rows.Scan(&id, &parent, &unused, &step); err != nil {
			t.Fatal(err)
		}
		found = append(found, step)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return found
}

// A member is shown as fast in an old store as in a new one.
func TestHistoriesAreSought(t *testing.T) {
	t.Parallel()
	sought := 0
	for _, step := range planned(t, sqlstore.Histories(), 1, 1, "a@example.ch", 1, 1, 1, 1) {
		if strings.HasPrefix(step, "SEARCH ") {
			sought++
		}
		if strings.HasPrefix(step, "SCAN ") && !strings.Contains(step, "subquery") || strings.Contains(step, "TEMP B-TREE") {
			t.Errorf("%s", step)
		}
	}
	if sought < 6 {
		t.Errorf("%d parts are sought", sought)
	}
}

// Each member that loses full access asks for another administrator, and each piece of
// an import counts them: reading those that are suspended or have lesser roles too
// would take a square of the time.
func TestAdministratorsAreSought(t *testing.T) {
	t.Parallel()
	want := []string{"SEARCH members USING INDEX members_full (account_id=? AND access=?)", "SEARCH members USING INDEX members_full (account_id=? AND access=? AND role=?)"}
	for query, others := range map[string]string{
		`SELECT 1 FROM administrators WHERE account_id = 1`:                                                    "",
		`SELECT a.name FROM accounts AS a WHERE EXISTS (SELECT 1 FROM administrators WHERE account_id = a.id)`: "",
		sqlstore.Counts("1"): "SEARCH members USING COVERING INDEX members_subaccount (account_id=? AND subaccount>?)",
	} {
		found := slices.DeleteFunc(planned(t, query), func(step string) bool { return step == others || !strings.Contains(step, " members") })
		if diff := cmp.Diff(want, found); diff != "" {
			t.Errorf("how administrators are found by %s (-want +got):\n%s", query, diff)
		}
	}
}
