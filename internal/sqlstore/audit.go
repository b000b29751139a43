package sqlstore

import "github.com/staffctl/staffctl/internal/staff"

// auditColumns are those of an audit row.
const auditColumns = `id, commit_id, action, account, member_id, subject, before, after`

// audit writes the audit. What it says of members who have just been added is made
// of their rows, without what is empty: half as much is sent to a cluster. A file
// gets it ready-made, which takes it half as long.
func (b *batch) audit(c *staff.Commit) {
	b.rows(`INSERT INTO audit (`+auditColumns+`)
		SELECT given.value ->> 0, given.value ->> 1, given.value ->> 2, a.name, m.id, m.email, NULL, json_patch('{}', json_object(
			'access', CASE m.access WHEN 'grants' THEN json(m.grants) ELSE json_array(m.access) END, 'email', m.email,
			'first_name', nullif(m.first_name, ''), 'language', m.language, 'last_name', nullif(m.last_name, ''), 'login_email', l.email,
			'mail', json(nullif(m.mail, '[]')), 'must_change', iif(l.must_change, json('true'), NULL), 'password', iif(l.id, 'set', NULL),
			'phones', json(nullif(m.phones, '[]')), 'salutation', m.salutation, 'suspended', iif(m.suspended, json('true'), NULL),
			'username', coalesce(l.username, m.username, m.email)))
		FROM given CROSS JOIN members AS m ON m.id = given.value ->> 3 JOIN accounts AS a ON a.id = m.account_id LEFT JOIN logins AS l ON l.id = m.login_id`,
		rowsOf(c.Audit, func(e staff.AuditEntry) []any {
			if e.Added == nil || b.tables {
				return nil
			}
			return []any{int64(e.ID), int64(c.ID), e.Action, int64(e.MemberID)}
		}))
	b.rows(insertInto(`audit`, auditColumns), rowsOf(c.Audit, func(e staff.AuditEntry) []any {
		if e.Added != nil {
			if !b.tables {
				return nil
			}
			e.After = addedText(e.Added)
		}
		return []any{int64(e.ID), int64(c.ID), e.Action, e.Account, idOrNull(e.MemberID), e.Subject, orNull(e.Before), orNull(e.After)}
	}))
}

// addedText is what the SQL above makes of the row of a member.
func addedText(m *staff.Member) string {
	t := make(objectText, 0, 512)
	t.list("access", m.Access.List())
	t.text("email", m.Email)
	t.text("first_name", m.FirstName)
	t.text("language", string(m.Language))
	t.text("last_name", m.LastName)
	if m.Login != nil {
		t.text("login_email", m.Login.Email)
	}
	t.list("mail", m.Mail)
	if m.Login != nil {
		t.flag("must_change", m.Login.MustChange)
		t.text("password", m.Login.PasswordHash.String())
	}
	if len(m.Phones) > 0 {
		t.key("phones")
		t = appendPhones(t, m.Phones)
	}
	t.text("salutation", m.Salutation)
	t.flag("suspended", m.Suspended)
	t.text("username", m.Username())
	return string(append(t, '}'))
}

// objectText is the text of a JSON object without what is empty.
type objectText []byte

func (t *objectText) key(key string) {
	*t = append(*t, "{,"[min(len(*t), 1)], '"')
	*t = append(append(*t, key...), '"', ':')
}

func (t *objectText) text(key, value string) {
	if value != "" {
		t.key(key)
		*t = appendQuoted(*t, value)
	}
}

func (t *objectText) list(key string, values []string) {
	if len(values) > 0 {
		t.key(key)
		*t = appendList(*t, values)
	}
}

func (t *objectText) flag(key string, value bool) {
	if value {
		t.key(key)
		*t = append(*t, "true"...)
	}
}

// appendQuoted appends a text as JSON.
func appendQuoted(dst []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c == '"' || c == '\\' || c < ' ' {
			return append(dst, jsonText(s)...)
		}
	}
	return append(append(append(dst, '"'), s...), '"')
}

// appendList appends texts as a JSON array.
func appendList(dst []byte, list []string) []byte {
	dst = append(dst, '[')
	for i, s := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendQuoted(dst, s)
	}
	return append(dst, ']')
}

// appendPhones appends phones as a JSON array.
func appendPhones(dst []byte, phones []staff.Phone) []byte {
	dst = append(dst, '[')
	for i, p := range phones {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendQuoted(append(dst, `{"label":`...), p.Label)
		dst = append(appendQuoted(append(dst, `,"number":`...), p.Number), '}')
	}
	return append(dst, ']')
}
