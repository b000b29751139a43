package sqlstore

import (
	"context"

	"github.com/staffctl/staffctl/internal/staff"
)

const (
	textsCheck = "texts"
	textsRule  = "each text is one that the program would write, and its key is made from it"
)

// texts are lists of texts, each with what it is, where, and its key: a name
// with its second part.
func texts() []listing {
	of := func(table, where string, by []sortedBy, columns string) listing {
		return listing{what: "texts", columns: columns, from: table, where: where, by: by}
	}
	return []listing{
		of(`members`, `1`, byID(`id`), `'email', 'member ' || id, email, '', email_key`),
		of(`members`, `username IS NOT NULL`, byID(`id`), `'username', 'member ' || id, username, '', username_key`),
		of(`members`, `1`, byID(`id`), `'name', 'member ' || id, last_name, first_name, name_key`),
		of(`logins`, `1`, byID(`id`), `'username', 'login ' || id, username, '', username_key`),
		of(`sender_addresses`, `1`, append(byID(`account_id`), sortedBy{`address_key`, ``}), `'email', 'sender address of account ' || account_id, address, '', address_key`),
		of(`accounts`, `1`, byID(`id`), `'display name', 'account ' || id, display_name, '', ''`),
	}
}

// checkTexts makes the keys of all texts again: SQL cannot, and a flipped bit in
// a text breaks no other rule.
func (s *Store) checkTexts(ctx context.Context) ([]Finding, error) {
	var findings []Finding
	for _, l := range texts() {
		err := s.list(ctx, l, func(r *row) bool {
			kind, where, text, second, key := r.text(), r.text(), r.text(), r.text(), r.text()
			if !r.isWhole() || staff.HoldsControls(text+second) || !keyFits(kind, text, second, key) {
				findings = append(findings, Finding{textsCheck, textsRule, where + ": " + kind})
			}
			r.bad, r.ended = false, true // a finding, not the end of the list
			return true
		})
		if err != nil {
			return findings, err
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
