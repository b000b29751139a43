package sqlstore_test

import (
	"slices"
	"testing"

	"github.com/staffctl/staffctl/internal/sqlstore"
	"github.com/staffctl/staffctl/internal/sqlstore/storetest"
)

const (
	noForeignKeys = `PRAGMA foreign_keys = off`
	noChecks      = `PRAGMA ignore_check_constraints = on`
	noIndexes     = `DROP INDEX members_email; DROP INDEX members_proposal; DROP INDEX members_login`
	noRules       = `DROP TRIGGER accounts_insert; DROP TRIGGER accounts_update; DROP TRIGGER sender_addresses_insert; DROP TRIGGER logins_insert;
		DROP TRIGGER logins_update; DROP TRIGGER members_insert; DROP TRIGGER members_update; DROP TRIGGER members_delete; DROP TRIGGER catalog_update;
		DROP TRIGGER commits_update; DROP TRIGGER commits_delete; DROP TRIGGER audit_update; DROP TRIGGER audit_delete`
	carl = ` WHERE email = 'carl@example.ch'`
	dora = ` WHERE email = 'dora@example.ch'`
)

// breaches break one rule each, of a store that [storetest.Fill] made, by SQL.
var breaches = map[string][][]string{
	"integrity": {
		{noChecks, `UPDATE members SET salutation = 'dr'` + carl},
		{noChecks, `UPDATE members SET phones = '{}'` + carl},
		{`PRAGMA writable_schema = on`, `UPDATE sqlite_schema SET sql = replace(sql, 'mx', 'xx') WHERE name = 'members'`, `UPDATE members SET salutation = 'mx'` + carl},
	},
	"references": {
		{noForeignKeys, `UPDATE members SET login_id = 7` + carl},
		{noForeignKeys, noRules, `UPDATE accounts SET owner_id = 7 WHERE name = 'acme'`},
		{noForeignKeys, `INSERT INTO sender_addresses VALUES (7, 'x@y.ch', 'x@y.ch', 0)`},
		{noForeignKeys, `INSERT INTO sessions SELECT 'x', login_id, account_id, 7, 'open', NULL, 1, 1 FROM members` + carl},
		{noForeignKeys, `INSERT INTO sign_ins VALUES (7, 1, 1, '')`},
	},
	"catalog": {{`DELETE FROM catalog`}},
	"catalog-keys": {
		{`UPDATE members SET grants = '["nothing"]'` + carl},
		{`UPDATE members SET mail = '["spam"]'` + carl},
		{`UPDATE accounts SET default_grants = '["domains.fly"]' WHERE name = 'acme'`},
		{`UPDATE members SET role = 'nobody' WHERE subaccount = 'news'`},
		{noRules, `UPDATE catalog SET body = json_remove(body, '$.roles[1]')`},
		{`UPDATE members SET grants = '[null]'` + carl},
	},
	"email-unique": {{noIndexes, `UPDATE members SET email_key = 'anna@example.ch'` + carl}},
	"username-unique": {{`PRAGMA writable_schema = on`, `UPDATE sqlite_schema SET sql = replace(sql, 'username_key TEXT NOT NULL UNIQUE', 'username_key TEXT NOT NULL') WHERE name = 'logins'`,
		`DELETE FROM sqlite_schema WHERE name LIKE 'sqlite_autoindex_logins%'`, `PRAGMA schema_version = 1000`, `VACUUM`, `UPDATE logins SET username_key = 'carl' WHERE username_key = 'anna@example.ch'`}},
	"username-account": {
		{`UPDATE members SET username_key = 'carl', username = 'carl'` + dora},
		{`UPDATE logins SET username_key = 'dora' WHERE username = 'carl'`},
	},
	"login-orphan": {
		{`UPDATE members SET login_id = NULL` + carl},
		{`DELETE FROM sessions`, `DELETE FROM members` + carl},
	},
	"login-twice":         {{noIndexes, `UPDATE members SET login_id = (SELECT login_id FROM members WHERE email = 'bert@example.ch')` + carl}},
	"login-shared-holder": {{`UPDATE logins SET holder_set = 0 WHERE username = 'anna@example.ch'`}},
	"username-prefix": {
		{noRules, `UPDATE logins SET username_key = 'acme-carl' WHERE username = 'carl'`},
		{noRules, `UPDATE logins SET username_key = 'acme-news' WHERE username = 'carl'`}, // the subaccount is another's
		{noRules, `UPDATE logins SET username_key = 'other-x' WHERE username_key = 'acme-shop'`},
	},
	"administrator": {
		{noRules, `UPDATE members SET suspended = 1`},
	},
	"owner": {
		{noRules, `UPDATE accounts SET owner_id = (SELECT id FROM members WHERE email = 'zoe@example.ch') WHERE name = 'acme'`},
		{noRules, `UPDATE members SET suspended = 1 WHERE email = 'anna@example.ch'`},
		{noRules, `UPDATE members SET access = 'none' WHERE email = 'anna@example.ch'`},
	},
	"subaccount-plan":    {{noRules, `UPDATE accounts SET plan = 'standard' WHERE name = 'acme'`}},
	"subaccount-role":    {{`UPDATE members SET access = 'role', role = 'copywriter', grants = '[]'` + carl}, {noChecks, `UPDATE members SET role = NULL WHERE subaccount = 'news'`}},
	"registration-email": {{noRules, `INSERT INTO sender_addresses SELECT id, 'shop@example.ch', 'shop@example.ch', 9 FROM accounts WHERE name = 'other'`}},
	"json": {
		{`UPDATE members SET mail = '[1]'` + carl},
		{`UPDATE members SET grants = '[{}]'` + carl},
		{`UPDATE members SET grants = '[null]'` + carl},
		{`UPDATE members SET phones = '[1]'` + carl},
		{`UPDATE members SET phones = '["work"]'` + carl},
		{`UPDATE members SET phones = '[{"label":"boat","number":"+41445551234"}]'` + carl},
		{`UPDATE members SET phones = '[{"label":"work","number":"0445551234"}]'` + carl},
		{`UPDATE members SET phones = '[{"label":"work"}]'` + carl},
		{noChecks, `UPDATE members SET phones = 'nothing'` + carl},
		{noChecks, `UPDATE members SET mail = '['` + carl},
	},
	"invite-pending": {
		{`DROP INDEX invites_pending`, `UPDATE invites SET state = 'pending', email_key = 'ina@example.ch'`},
	},
	"link-person": {
		{`UPDATE invites SET state = 'revoked' WHERE email = 'ina@example.ch'`},
		{`UPDATE invites SET account_id = (SELECT id FROM accounts WHERE name = 'other') WHERE email = 'ina@example.ch'`},
		{`UPDATE links SET state = 'open' WHERE email = 'ivan@example.ch'`}, // of a revoked invite
		{noForeignKeys, `UPDATE links SET invite_id = 7 WHERE email = 'ina@example.ch'`},
		{`UPDATE members SET pending = 0 WHERE subaccount = 'news'`},
		{`UPDATE links SET member_id = (SELECT id FROM members WHERE email = 'dora@example.ch') WHERE purpose = 'confirm'`},
		{`UPDATE links SET account_id = (SELECT id FROM accounts WHERE name = 'other') WHERE purpose = 'confirm'`},
		{`UPDATE links SET member_id = (SELECT id FROM members WHERE email = 'carl@example.ch') WHERE purpose = 'reset'`},
		{`UPDATE links SET login_id = NULL WHERE purpose = 'reset'`},
		{`UPDATE links SET account_id = (SELECT id FROM accounts WHERE name = 'other') WHERE purpose = 'reset'`},
	},
	"link-newest": {
		{`INSERT INTO links SELECT 7, purpose, account_id, member_id, invite_id, login_id, email, shown, 'open', expires_at, created_at FROM links WHERE purpose = 'confirm'`},
		{`INSERT INTO links SELECT 7, purpose, account_id, member_id, invite_id, login_id, email, shown, 'open', expires_at, created_at FROM links WHERE purpose = 'reset'`},
		{`INSERT INTO links SELECT 7, purpose, account_id, member_id, invite_id, login_id, email, shown, 'open', expires_at, created_at FROM links WHERE email = 'ina@example.ch'`},
	},
	"session-person": {
		{`INSERT INTO sessions SELECT 'x', login_id, account_id, (SELECT id FROM members WHERE email = 'bert@example.ch'), 'open', NULL, 1, 1 FROM members` + carl},
		{`INSERT INTO sessions SELECT 'x', login_id, account_id, (SELECT id FROM members WHERE email = 'dora@example.ch'), 'open', NULL, 1, 1 FROM members` + carl},
		{`INSERT INTO sessions SELECT 'x', login_id, (SELECT id FROM accounts WHERE name = 'other'), id, 'open', NULL, 1, 1 FROM members` + carl},
		{`INSERT INTO sessions SELECT 'x', login_id, account_id, id, 'elsewhere', NULL, 1, 1 FROM members` + carl},
	},
	"outbox-wiped": {
		{noChecks, `UPDATE outbox SET data = '{"at":1}' WHERE state = 'sent'`},
		{noChecks, `UPDATE outbox SET link_id = 7 WHERE state = 'sent'`},
		{noChecks, `UPDATE outbox SET state = 'failed' WHERE link_id IS NOT NULL`},
	},
	"control-characters": {
		{`UPDATE members SET first_name = 'Ca' || char(31) || 'rl'` + carl},
		{`UPDATE members SET username = 'do' || char(10) || 'ra'` + dora},
	},
	"audit": {
		{noForeignKeys, noRules, `DELETE FROM commits WHERE id = (SELECT max(id) FROM commits)`},
		{`INSERT INTO audit_pruning VALUES (1)`},
	},
	"audit-members": {{noRules, `DELETE FROM audit WHERE subject = 'carl@example.ch'`}},
	"texts": {
		{`UPDATE members SET email = 'darl@example.ch'` + carl},
		{`UPDATE members SET last_name = 'Anders'` + carl},
		{`UPDATE members SET first_name = 'Ca' || char(127) || 'rl'` + carl},
		{`UPDATE logins SET username = 'ev' || char(27) || 'il' WHERE id = (SELECT min(id) FROM logins)`},
		{`UPDATE accounts SET display_name = 'A' || char(8238) || 'B'`},
	},
	"schema": {
		{`DROP TRIGGER audit_delete`},
		{`DROP INDEX members_email`},
		{`CREATE TABLE extra (id INTEGER)`},
		{`DROP VIEW people`, `CREATE VIEW people AS SELECT 1`},
	},
}

func TestCheckFindsEachBreach(t *testing.T) {
	t.Parallel()
	file := filled(t)
	storetest.AssertClean(t, open(t, file))
	for _, name := range append(sqlstore.CheckNames(), "schema", "texts") {
		if len(breaches[name]) == 0 {
			t.Errorf("check %s has no case that breaks it", name)
		}
		for _, statements := range breaches[name] {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				path := filled(t)
				mustRaw(t, path, statements...)
				if got := found(t, path); !slices.Contains(got, name) {
					t.Errorf("%q: found by %v", statements, got)
				}
			})
		}
	}
}

// found are the names of the checks that find something.
func found(t *testing.T, path string) []string {
	t.Helper()
	findings, rules, err := open(t, path).Check(t.Context())
	if err != nil || rules != len(sqlstore.CheckNames())+2 {
		t.Fatalf("looked at %d rules: %v", rules, err)
	}
	var names []string
	for _, f := range findings {
		if f.Rule == "" || f.Detail == "" {
			t.Errorf("finding %+v says nothing", f)
		}
		names = append(names, f.Check)
	}
	return slices.Compact(names)
}

func TestCheckIsCleanOnAFreshStore(t *testing.T) {
	t.Parallel()
	store, _ := fresh(t)
	storetest.AssertClean(t, store)
}
