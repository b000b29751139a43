package sqlstore_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/staffctl/staffctl/internal/sqlstore"
)

// refusals break the rules of the schema by SQL, in a store that
// [storetest.Fill] made, by the trigger and what it says.
var refusals = map[string][]string{
	"guard_holds: changed meanwhile": {`INSERT INTO guard (ok) VALUES (0)`, `INSERT INTO guard (ok) VALUES (NULL)`, `INSERT INTO guard (ok) VALUES ((SELECT 1 WHERE 0))`, `INSERT INTO guard (ok) VALUES (2)`},

	"accounts_insert: a login has a username with the prefix of the account": {`UPDATE logins SET username_key = 'new-carl' WHERE username = 'carl';
		INSERT INTO accounts SELECT 7, 'new', display_name, plan, two_factor, language, default_access, default_grants, 1, NULL, 0, 1, 1, 1, 1 FROM accounts WHERE name = 'other'`},
	"accounts_update: the name of an account never changes":      {`UPDATE accounts SET name = 'acme2' WHERE name = 'acme'`, `UPDATE accounts SET id = id + 1 WHERE name = 'acme'`},
	"accounts_update: a plan with subaccounts is not downgraded": {`UPDATE accounts SET plan = 'standard' WHERE name = 'acme'`},
	"accounts_update: the owner is a member of the account with access all": {
		`UPDATE accounts SET owner_id = (SELECT id FROM members WHERE email = 'zoe@example.ch') WHERE name = 'acme'`,
		`UPDATE accounts SET owner_id = (SELECT id FROM members WHERE email = 'carl@example.ch') WHERE name = 'acme'`,
		`UPDATE members SET suspended = 1 WHERE email = 'bert@example.ch'; UPDATE accounts SET owner_id = (SELECT id FROM members WHERE email = 'bert@example.ch') WHERE name = 'acme'`,
		`UPDATE accounts SET owner_id = 7 WHERE name = 'acme'`},

	"sender_addresses_insert: a registration e-mail is no sender address": {`INSERT INTO sender_addresses SELECT id, 'news@example.ch', 'news@example.ch', 9 FROM accounts WHERE name = 'other'`},

	"logins_insert: the username has the prefix of an account": {
		`INSERT INTO logins SELECT 7, 'acme-x', 'acme-x', password_hash, 1, 0, email, 1, NULL, 1, 1, 1 FROM logins WHERE username = 'carl'`,
		`INSERT INTO logins SELECT 7, 'other-', 'other-', password_hash, 1, 0, email, 1, NULL, 1, 1, 1 FROM logins WHERE username = 'carl'`},
	"logins_update: the username has the prefix of an account": {`UPDATE logins SET username_key = 'acme-x' WHERE username = 'carl'`, `UPDATE logins SET username_key = 'other-shop' WHERE username_key = 'acme-shop'`},

	"members_insert: only plan enterprise has subaccounts":       {`UPDATE members SET login_id = login_id WHERE 0; DELETE FROM members WHERE subaccount IS NOT NULL; UPDATE accounts SET plan = 'standard' WHERE name = 'acme';` + insertSubaccount("x@example.ch")},
	"members_insert: a sender address is no registration e-mail": {insertSubaccount("info@acme.ch")},

	"members_update: a member stays in its account":              {`UPDATE members SET account_id = (SELECT id FROM accounts WHERE name = 'other') WHERE email = 'carl@example.ch'`, `UPDATE members SET id = 7 WHERE email = 'dora@example.ch'`},
	"members_update: a subaccount keeps its name":                {`UPDATE members SET subaccount = 'shop2' WHERE subaccount = 'shop'`, `UPDATE members SET subaccount = NULL WHERE subaccount = 'shop'`},
	"members_update: a sender address is no registration e-mail": {`UPDATE members SET email_key = 'info@acme.ch' WHERE subaccount = 'news'`},
	"members_update: the owner is not suspended or restricted":   {`UPDATE members SET suspended = 1 WHERE email = 'anna@example.ch'`, `UPDATE members SET access = 'none' WHERE email = 'anna@example.ch'`},
	"members_update: the last administrator stays": {
		`UPDATE members SET suspended = 1 WHERE email LIKE '%@example.ch' AND access IN ('all', 'role') AND email <> 'anna@example.ch'; UPDATE accounts SET owner_id = NULL; UPDATE members SET login_id = NULL WHERE email = 'anna@example.ch'`,
		noOwner + lastIs("shop") + `UPDATE members SET suspended = 1 WHERE subaccount = 'shop'`,
		noOwner + lastIs("shop") + `UPDATE members SET role = 'copywriter' WHERE subaccount = 'shop'`},

	"members_delete: the owner is not removed":     {`DELETE FROM members WHERE email = 'anna@example.ch'`},
	"members_delete: the last administrator stays": {noOwner + `DELETE FROM members WHERE account_id = (SELECT id FROM accounts WHERE name = 'acme')`, noOwner + lastIs("shop") + `DELETE FROM members WHERE subaccount = 'shop'`},

	"catalog_update: a key in use is not dropped":  {`UPDATE catalog SET body = json_remove(body, '$.roles[1]')`, `UPDATE catalog SET body = json_remove(body, '$.mail_categories')`, `UPDATE catalog SET body = '{}'`, `UPDATE catalog SET body = json_remove(body, '$.areas')`},
	"catalog_update: the last administrator stays": {noOwner + lastIs("shop") + `UPDATE catalog SET body = json_set(body, '$.roles[0].grants', json('["domains"]'))`},

	"commits_update: a commit is not changed": {`UPDATE commits SET at = 1`, `UPDATE commits SET os_user = 'nobody' WHERE id = (SELECT max(id) FROM commits)`},
	"commits_delete: a commit is not deleted": {`DELETE FROM commits`, `INSERT INTO audit_pruning VALUES (1); DELETE FROM commits`},
	"audit_update: the audit is not changed":  {`UPDATE audit SET after = NULL`, `UPDATE audit SET subject = subject`},
	"audit_delete: the audit is not deleted":  {`DELETE FROM audit`, `INSERT INTO audit_pruning VALUES (1); DELETE FROM audit`},
}

const noOwner = `UPDATE accounts SET owner_id = NULL;`

// lastIs removes the other administrators of acme.
func lastIs(subaccount string) string {
	return `DELETE FROM members WHERE account_id = (SELECT id FROM accounts WHERE name = 'acme') AND access IN ('all', 'role') AND subaccount IS NOT '` + subaccount + `';`
}

func insertSubaccount(email string) string {
	return `INSERT INTO members (id, account_id, email, email_key, salutation, first_name, last_name, name_key, language, phones, mail, access, role, grants,
		suspended, subaccount, pending, version, created_at, updated_at) SELECT 7, id, '` + email + `', '` + email + `', 'none', 'x', 'x', 'x', 'de', '[]', '[]', 'role',
		'copywriter', '[]', 0, 'x', 1, 1, 1, 1 FROM accounts WHERE name = 'acme'`
}

var (
	triggerName = regexp.MustCompile(`CREATE TRIGGER (\w+)`)
	raised      = regexp.MustCompile(`RAISE \(ABORT, '([^']+)'\)`)
)

func TestEachTriggerRefuses(t *testing.T) {
	t.Parallel()
	for _, m := range sqlstore.Migrations() {
		for _, sql := range m.Statements() {
			name := triggerName.FindStringSubmatch(sql)
			if name == nil {
				continue
			}
			for _, message := range raised.FindAllStringSubmatch(sql, -1) {
				if key := name[1] + ": " + message[1]; len(refusals[key]) == 0 {
					t.Errorf("no case for %s", key)
				}
			}
		}
	}
	for key, cases := range refusals {
		t.Run(key, func(t *testing.T) {
			t.Parallel()
			trigger, message, _ := strings.Cut(key, ": ")
			for _, sql := range cases {
				if err := raw(t, filled(t), `BEGIN;`+sql); err == nil || !strings.Contains(err.Error(), message) {
					t.Errorf("%s\ngave %v", sql, err)
				}
				// It is this trigger that refuses: without it, the batch goes through
				// or fails at something else.
				if err := raw(t, filled(t), `DROP TRIGGER `+trigger+`; BEGIN;`+sql); err != nil && strings.Contains(err.Error(), message) {
					t.Errorf("%s\nwithout %s still gave %v", sql, trigger, err)
				}
			}
		})
	}
}

func TestEachConstraintRefuses(t *testing.T) {
	t.Parallel()
	path := filled(t)
	for _, sql := range []string{
		`UPDATE accounts SET counter = NULL`, `UPDATE accounts SET display_name = ''`, `UPDATE accounts SET plan = 'gold'`, `UPDATE accounts SET two_factor = 'mail'`,
		`UPDATE accounts SET language = 'fr'`, `UPDATE accounts SET default_access = 'role'`, `UPDATE accounts SET default_access = 'grants', default_grants = '[]'`,
		`UPDATE accounts SET default_access = 'none', default_grants = '["api"]'`, `UPDATE accounts SET default_grants = 'api'`, `UPDATE accounts SET invite_other_address = 2`,
		`UPDATE accounts SET version = 'one'`,
		`UPDATE logins SET username = ''`, `UPDATE logins SET username_key = 'same'`, `UPDATE logins SET username_key = ''`, `UPDATE logins SET password_hash = 'secret'`,
		`UPDATE logins SET password_hash = ''`, `UPDATE logins SET password_hash = '$'`, `UPDATE logins SET holder_set = 2`, `UPDATE logins SET must_change = -1`,
		`UPDATE logins SET email = ''`, `UPDATE logins SET mobile = '0791234567'`, `UPDATE logins SET mobile = '+'`,
		`UPDATE members SET email = 'nobody'`, `UPDATE members SET email_key = 'a@b.ch'`, `UPDATE members SET salutation = 'dr'`, `UPDATE members SET first_name = '', last_name = ''`,
		`UPDATE members SET language = 'fr'`, `UPDATE members SET phones = '{}'`, `UPDATE members SET mail = 'news'`, `UPDATE members SET grants = NULL`,
		`UPDATE members SET access = 'some'`, `UPDATE members SET access = 'grants'` + dora, `UPDATE members SET grants = '["api"]'` + dora,
		`UPDATE members SET access = 'role', grants = '[]'` + carl, `UPDATE members SET role = 'copywriter'` + dora, `UPDATE members SET suspended = 2`,
		`UPDATE members SET pending = 1` + carl, `UPDATE members SET pending = 1 WHERE subaccount = 'shop'`, `UPDATE members SET username = 'x'` + carl,
		`UPDATE members SET username_key = NULL` + dora, `UPDATE members SET login_id = 7` + dora, `UPDATE members SET username_key = 'acme-news'` + dora,
		`UPDATE members SET login_id = (SELECT id FROM logins WHERE username = 'carl'), username = NULL, username_key = NULL` + dora,
		insertSubaccount("y@example.ch") + ` AND 0 UNION ALL SELECT 8, id, 'y@example.ch', 'y@example.ch', 'none', 'x', 'x', 'x', 'de', '[]', '[]', 'role', 'copywriter', '[]', 0, 'shop', 1, 1, 1, 1 FROM accounts WHERE name = 'acme'`,
		strings.Replace(insertSubaccount("y@example.ch"), `0, 'x', 1`, `0, 'X', 1`, 1), strings.Replace(insertSubaccount("y@example.ch"), `0, 'x', 1`, `0, '-x', 1`, 1),
		strings.Replace(insertSubaccount("y@example.ch"), `0, 'x', 1`, `0, '`+strings.Repeat("x", 33)+`', 1`, 1),
		`UPDATE invites SET email = 'nobody'`, `UPDATE invites SET email_key = 'same', state = 'pending'`, `UPDATE invites SET language = 'fr'`, `UPDATE invites SET access = 'role'`,
		`UPDATE invites SET access = 'none', grants = '[]'`, `UPDATE invites SET access = 'grants', grants = '[]'`, `UPDATE invites SET access = 'all', grants = '["api"]'`,
		`UPDATE invites SET grants = '{}'`, `UPDATE invites SET state = 'gone'`, `UPDATE invites SET state = 'accepted'`, `UPDATE invites SET member_id = 7`, `UPDATE invites SET account_id = 7`,
		`UPDATE links SET purpose = ''`, `UPDATE links SET email = 'nobody'`, `UPDATE links SET shown = 2`, `UPDATE links SET state = 'gone'`, `UPDATE links SET member_id = NULL, invite_id = NULL`,
		`UPDATE links SET invite_id = (SELECT max(id) FROM invites) WHERE member_id IS NOT NULL`, `UPDATE links SET member_id = 7 WHERE member_id IS NOT NULL`,
		`UPDATE links SET invite_id = 7 WHERE invite_id IS NOT NULL`, `UPDATE links SET login_id = 7`, `UPDATE links SET account_id = 7`,
		`UPDATE outbox SET template = ''`, `UPDATE outbox SET language = 'fr'`, `UPDATE outbox SET recipient = 'nobody'`, `UPDATE outbox SET data = '{'`, `UPDATE outbox SET state = 'gone'`,
		`UPDATE outbox SET state = 'sent'`, `UPDATE outbox SET data = '{"at":1}' WHERE state <> 'queued'`, `UPDATE outbox SET link_id = 7 WHERE state <> 'queued'`,
		`UPDATE outbox SET state = 'sent', link_id = NULL WHERE data <> '{}'`, `UPDATE outbox SET state = 'sent', data = '{}' WHERE link_id IS NOT NULL`,
		`INSERT INTO tries SELECT key, mark, at FROM tries`, `UPDATE tries SET at = NULL`,
		`INSERT INTO catalog VALUES (2, '{}', 1)`, `UPDATE catalog SET body = '{'`, `INSERT INTO sender_addresses VALUES (7, 'x@y.ch', 'x@y.ch', 0)`,
		`INSERT INTO audit VALUES (7, 7, 'x', 'x', NULL, 'x', NULL, NULL)`, `INSERT INTO audit SELECT 7, id, 'x', 'x', NULL, 'x', '{', NULL FROM commits LIMIT 1`,
		`INSERT INTO accounts SELECT 7, 'Acme', display_name, plan, two_factor, language, default_access, default_grants, 1, NULL, 0, 1, 1, 1, 1 FROM accounts WHERE name = 'other'`,
		`INSERT INTO accounts SELECT 7, 'acme', display_name, plan, two_factor, language, default_access, default_grants, 1, NULL, 0, 1, 1, 1, 1 FROM accounts WHERE name = 'other'`,
	} {
		if err := raw(t, path, sql); err == nil || !strings.Contains(err.Error(), "constraint failed") && !strings.Contains(err.Error(), "cannot store") && !strings.Contains(err.Error(), "malformed JSON") {
			t.Errorf("%s gave %v", sql, err)
		}
	}
}
