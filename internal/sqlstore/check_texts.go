package sqlstore

import (
	"context"

	"github.com/staffctl/staffctl/internal/staff"
)

const (
	textsCheck = "texts"
	textsRule  = "each text is one that the program would write, and its key is made from it"
)

// textsQuery answers each text with what it is, where, and its key: a name with
// its second part.
var textsQuery = `SELECT ` + packed(`'email', 'member ' || id, email, '', email_key`) + ` FROM members
	UNION ALL SELECT ` + packed(`'username', 'member ' || id, username, '', username_key`) + ` FROM members WHERE username IS NOT NULL
	UNION ALL SELECT ` + packed(`'name', 'member ' || id, last_name, first_name, name_key`) + ` FROM members
	UNION ALL SELECT ` + packed(`'username', 'login ' || id, username, '', username_key`) + ` FROM logins
	UNION ALL SELECT ` + packed(`'email', 'sender address of account ' || account_id, address, '', address_key`) + ` FROM sender_addresses
	UNION ALL SELECT ` + packed(`'display name', 'account ' || id, display_name, '', ''`) + ` FROM accounts`

// checkTexts makes the keys of all texts again: SQL cannot, and a flipped bit in
// a text breaks no other rule.
func (s *Store) checkTexts(ctx context.Context) ([]Finding, error) {
	var findings []Finding
	for packed, err := range s.exec.Stream(ctx, Statement{SQL: textsQuery}) {
		if err != nil {
			return findings, err
		}
		r := row{rest: packed}
		kind, where, text, second, key := r.text(), r.text(), r.text(), r.text(), r.text()
		if r.err("texts") != nil || staff.HoldsControls(text+second) || !keyFits(kind, text, second, key) {
			findings = append(findings, Finding{textsCheck, textsRule, where + ": " + kind})
		}
	}
	return findings, nil
}

func keyFits(kind, text, second, key string) bool {
	switch kind {
	case "email":
		email, err := staff.ParseEmail("email", text)
		return err == nil && email.Key == key
	case "username":
		return staff.UsernameKey(text) == key
	case "name":
		return staff.NameKey(&staff.Member{LastName: text, FirstName: second}) == key
	default:
		return true
	}
}
