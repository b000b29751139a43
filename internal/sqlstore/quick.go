package sqlstore

import (
	"context"
	"strings"

	"github.com/staffctl/staffctl/internal/staff"
)

// QuickCheck verifies the pages of the database without its indexes and the rules,
// which [Store.Check] does. What is wrong is CodeDamaged.
func (s *Store) QuickCheck(ctx context.Context) error {
	found, err := s.exec.Search(ctx, Statement{SQL: `SELECT quick_check FROM pragma_quick_check WHERE quick_check <> 'ok' LIMIT 5`})
	if err != nil {
		return s.explain(ctx, err)
	}
	if len(found) > 0 {
		return staff.Errorf(staff.CodeDamaged, "store", "%s is damaged: %s; keep a copy of it, run staffctl store check, and go back to a backup", s.Name(), strings.Join(found, ", "))
	}
	return nil
}
