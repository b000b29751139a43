package sqlstore

import (
	"context"
	"errors"

	"github.com/staffctl/staffctl/internal/staff"
)

// Finding is something that is wrong with a store.
type Finding struct {
	Check  string // the name of the check
	Rule   string // what should hold
	Detail string // where it does not
}

// check is a rule as a query that answers a text for each place where the rule
// does not hold.
type check struct{ name, rule, query string }

// checks are the rules of the product that a store can break, and the ones of
// its schema that an edit by hand can.
func checks() []check {
	return []check{
		{"integrity", "the file is whole", `SELECT integrity_check FROM pragma_integrity_check WHERE integrity_check <> 'ok'`},
		{"references", "each reference leads somewhere", `SELECT 'table ' || "table" || ', row ' || coalesce(rowid, '?') || ' refers to no ' || parent FROM pragma_foreign_key_check`},
		{"catalog", "there is a catalog", `SELECT 'no catalog' WHERE NOT EXISTS (SELECT 1 FROM catalog)`},
		{"catalog-keys", "each grant, role and mail category in use is in the catalog",
			`SELECT u.kind || ' ' || coalesce(u.key, 'null') FROM keys_in_use AS u WHERE NOT EXISTS (SELECT 1 FROM catalog_keys AS k WHERE k.kind = u.kind AND k.key = u.key)`},
		{"email-unique", "an e-mail is one member's in an account",
			`SELECT email_key FROM members GROUP BY account_id, email_key HAVING count(*) > 1`},
		{"username-unique", "a username is one login's in the store",
			`SELECT username_key FROM logins GROUP BY username_key HAVING count(*) > 1`},
		{"username-account", "a username, or one proposed, is one member's in an account",
			`SELECT m.email FROM members AS m JOIN logins AS l ON l.username_key = coalesce(m.username_key, m.email_key)
				JOIN members AS o ON o.login_id = l.id AND o.account_id = m.account_id WHERE m.login_id IS NULL`},
		{"login-orphan", "a login serves a member", `SELECT username FROM logins WHERE NOT EXISTS (SELECT 1 FROM members WHERE login_id = logins.id)`},
		{"login-twice", "a login serves one member in an account",
			`SELECT 'login ' || login_id FROM members WHERE login_id IS NOT NULL GROUP BY account_id, login_id HAVING count(*) > 1`},
		{"login-shared-holder", "the holder of a login of several accounts set its password",
			`SELECT username FROM logins WHERE holder_set = 0 AND (SELECT count(*) FROM members WHERE login_id = logins.id) > 1`},
		{"username-prefix", "a username with an account's prefix is a subaccount's",
			`SELECT l.username FROM logins AS l JOIN accounts AS a ON l.username_key >= a.name || '-' AND l.username_key < a.name || '.'
				WHERE NOT EXISTS (SELECT 1 FROM members AS m WHERE m.account_id = a.id AND m.login_id = l.id AND m.subaccount = substr(l.username_key, length(a.name) + 2))`},
		{"owner", "the owner is a member of the account with access all, not suspended",
			`SELECT a.name FROM accounts AS a WHERE a.owner_id IS NOT NULL AND NOT EXISTS
				(SELECT 1 FROM members AS m WHERE m.id = a.owner_id AND m.account_id = a.id AND m.access = 'all' AND m.suspended = 0)`},
		{"administrator", "an account that had an administrator has one",
			`SELECT a.name FROM accounts AS a WHERE a.had_administrator = 1 AND NOT EXISTS (SELECT 1 FROM administrators WHERE account_id = a.id)`},
		{"subaccount-plan", "only an account on plan enterprise has subaccounts",
			`SELECT a.name FROM accounts AS a WHERE a.plan <> 'enterprise' AND EXISTS (SELECT 1 FROM members WHERE account_id = a.id AND subaccount IS NOT NULL)`},
		{"subaccount-role", "a subaccount, and nobody else, has a role",
			`SELECT email FROM members WHERE (subaccount IS NULL) <> (role IS NULL)`},
		{"registration-email", "a registration e-mail is nobody's sender address",
			`SELECT m.email FROM members AS m JOIN sender_addresses AS s ON s.address_key = m.email_key WHERE m.subaccount IS NOT NULL`},
		{"json", "phones, mails and grants are lists of what they should be",
			`SELECT m.email FROM members AS m WHERE EXISTS (SELECT 1 FROM json_each(m.mail) WHERE type <> 'text') OR EXISTS (SELECT 1 FROM json_each(m.grants) WHERE type <> 'text')
				OR EXISTS (SELECT 1 FROM json_each(m.phones) AS p WHERE p.value ->> '$.label' NOT IN ('work', 'mobile', 'home', 'fax', 'other')
					OR p.value ->> '$.label' IS NULL OR coalesce(p.value ->> '$.number', '') NOT GLOB '+[1-9]*')`},
		{"invite-pending", "an account has one pending invite for an e-mail",
			`SELECT email FROM invites WHERE state = 'pending' GROUP BY account_id, email_key HAVING count(*) > 1`},
		{"link-person", "an open link is for a person of its account, with its login",
			`SELECT 'link ' || k.id FROM links AS k WHERE k.state = 'open' AND NOT CASE k.purpose
				WHEN 'invite' THEN EXISTS (SELECT 1 FROM invites AS i WHERE i.id = k.invite_id AND i.account_id = k.account_id AND i.state IN ('pending', 'expired'))
				WHEN 'confirm' THEN EXISTS (SELECT 1 FROM members AS m WHERE m.id = k.member_id AND m.account_id = k.account_id AND m.pending)
				ELSE EXISTS (SELECT 1 FROM members AS m WHERE m.id = k.member_id AND m.account_id = k.account_id AND m.login_id = k.login_id) END`},
		{"link-newest", "a person has one open link of a kind",
			`SELECT purpose || ' link for ' || email FROM links WHERE state = 'open' GROUP BY purpose, coalesce(member_id, -invite_id) HAVING count(*) > 1`},
		{"session-person", "a session is of a member, with its login, in its account, and at a stage that there is",
			`SELECT 'session of login ' || v.login_id FROM sessions AS v WHERE v.stage NOT IN ('tan', 'password', 'account', 'enrol', 'open', 'renew')
				OR NOT EXISTS (SELECT 1 FROM members AS m WHERE m.id = v.member_id AND m.account_id = v.account_id AND m.login_id = v.login_id)`},
		{"outbox-wiped", "a mail that no longer waits keeps nothing that makes a link",
			`SELECT 'mail ' || id FROM outbox WHERE state <> 'queued' AND (data <> '{}' OR link_id IS NOT NULL)`},
		{"control-characters", "no text has control characters",
			`SELECT 'member ' || id FROM members WHERE concat(email, first_name, last_name, username) GLOB '*[' || char(1) || '-' || char(31) || ']*'`},
		{"audit", "the audit is of commits that happened, and no prune is under way",
			`SELECT 'row ' || id FROM audit WHERE commit_id NOT IN (SELECT id FROM commits) UNION ALL SELECT 'prune' FROM audit_pruning`},
		{"audit-members", "each member stands in the audit, unless it was pruned or the account deleted",
			`SELECT m.email FROM members AS m WHERE m.created_at >= (SELECT coalesce(min(at), 0) FROM commits)
				AND NOT EXISTS (SELECT 1 FROM audit WHERE member_id = m.id)`},
	}
}

// Check looks for what is wrong, one rule after the other, and returns how
// many rules it looked at.
func (s *Store) Check(ctx context.Context) (findings []Finding, rules int, err error) {
	if _, err := s.schema(ctx); err != nil {
		return nil, 0, err
	}
	findings, err = s.checkObjects(ctx)
	if err != nil {
		return nil, 0, err
	}
	for _, c := range checks() {
		details, err := s.exec.Search(ctx, Statement{SQL: c.query})
		if err != nil {
			detail, err := whyUnchecked(err)
			if err != nil {
				return nil, 0, err
			}
			details = []string{detail}
		}
		for _, detail := range details {
			findings = append(findings, Finding{c.name, c.rule, detail})
		}
	}
	texts, err := s.checkTexts(ctx)
	findings = append(findings, texts...)
	if err != nil {
		detail, err := whyUnchecked(err)
		if err != nil {
			return nil, 0, err
		}
		findings = append(findings, Finding{textsCheck, textsRule, detail})
	}
	return findings, len(checks()) + 2, nil
}

// whyUnchecked says why a check could not be made where damage is the reason,
// and returns other errors.
func whyUnchecked(err error) (string, error) {
	var e *staff.Error
	if errors.As(err, &e) && e.Code != staff.CodeDamaged {
		return "", err
	}
	if e != nil && e.Cause != nil {
		err = e.Cause
	}
	return "the check cannot be made, go back to a backup: " + err.Error(), nil
}

// checkObjects compares the schema with what the migrations make: each table,
// index, view and trigger must be there as it is written.
func (s *Store) checkObjects(ctx context.Context) ([]Finding, error) {
	if _, err := s.Applied(ctx); err != nil {
		return nil, err
	}
	answers, err := s.exec.Read(ctx, []Statement{{SQL: `SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL`}})
	if err != nil {
		return nil, err
	}
	want := map[string]bool{migrationsTable: true}
	for _, sql := range schemaObjects(Migrations()) {
		want[sql] = true
	}
	sealing := map[string]bool{sealTable: true} // there may be, all or none
	for _, sql := range sealTriggers() {
		sealing[sql] = true
	}
	var findings []Finding
	for _, sql := range answers[0] {
		if !want[sql] && !sealing[sql] {
			findings = append(findings, Finding{"schema", schemaRule, "not from a migration: " + firstLine(sql)})
		}
		delete(want, sql)
	}
	for sql := range want {
		findings = append(findings, Finding{"schema", schemaRule, "missing: " + firstLine(sql)})
	}
	return findings, nil
}

const schemaRule = "the schema is what the migrations made"
