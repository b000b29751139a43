package sqlstore

import (
	"context"
	"strings"

	"github.com/staffctl/staffctl/internal/staff"
)

// rowTriggers are those that each new member and login calls, though few have
// anything to do with them: a tenth of what an import takes. Within its transaction
// they are away, and [batch.rules] asks the same of all rows at once.
const rowTriggers = `SELECT sql FROM sqlite_schema WHERE type = 'trigger' AND name IN ('members_insert', 'logins_insert') ORDER BY name`

// triggers are the texts that make them.
func (s *Store) triggers(ctx context.Context) ([]string, error) {
	answers, err := s.read(ctx, Statement{SQL: rowTriggers})
	if err != nil {
		return nil, err
	}
	return answers[0], nil
}

// without drops the triggers; again makes them anew.
func (b *batch) without(triggers []string) {
	for _, sql := range triggers {
		name, _, _ := strings.Cut(strings.TrimPrefix(sql, "CREATE TRIGGER "), " ")
		b.add(`DROP TRIGGER ` + name)
	}
}

func (b *batch) again(triggers []string) {
	for _, sql := range triggers {
		b.add(sql)
	}
}

// rules holds the new members and logins of a piece to what the triggers would.
func (b *batch) rules(c *staff.Commit) {
	b.rows(`INSERT INTO guard (ok) SELECT 0 FROM given WHERE (SELECT plan FROM accounts WHERE id = given.value ->> 0) IS NOT 'enterprise'
			OR EXISTS (SELECT 1 FROM sender_addresses WHERE address_key = given.value ->> 1)`,
		added(c.Members, func(m *staff.Member) []any {
			if m.Subaccount == "" {
				return nil
			}
			return []any{int64(m.AccountID), staff.EmailKey(m.Email)}
		}))
	b.rows(`INSERT INTO guard (ok) SELECT 0 FROM given CROSS JOIN accounts AS a ON a.name = given.value ->> 0
			WHERE NOT EXISTS (SELECT 1 FROM members WHERE account_id = a.id AND subaccount = given.value ->> 1)`,
		added(c.Logins, func(l *staff.Login) []any {
			prefix, name, reserved := strings.Cut(staff.UsernameKey(l.Username), "-")
			if !reserved {
				return nil
			}
			return []any{prefix, name}
		}))
	b.rows(`UPDATE accounts SET had_administrator = 1 FROM given
			WHERE had_administrator = 0 AND id = (SELECT account_id FROM administrators WHERE member_id = given.value ->> 0)`,
		added(c.Members, func(m *staff.Member) []any {
			if m.Access.Kind != staff.AccessAll && m.Access.Kind != staff.AccessRole {
				return nil
			}
			return []any{int64(m.ID)}
		}))
}
