package bulk

import "github.com/staffctl/staffctl/internal/output"

// RowSchema describes a row as JSON, by the keys that staffctl writes. That keys
// have other names too, and what else they can hold, is in docs/bulk.md.
func RowSchema() *output.Schema {
	s := &output.Schema{Type: output.Types{"object"}}
	for f, doc := range [fieldCount]string{
		kindField:       "member, subaccount or invite; without it a row with a subaccount is one, and each other a member",
		emailField:      "the e-mail address, which each row must have",
		salutationField: "mr, ms, mx or none",
		firstNameField:  "the first name",
		lastNameField:   "the last name; a new person has one of the two",
		usernameField:   "the username to propose; the e-mail unless given",
		languageField:   "de or en; the account's unless given",
		phonesField:     "all phones, each as LABEL=NUMBER, a number or an object",
		workField:       "the numbers at work, in the place of those that there are",
		mobileField:     "the mobile numbers, in the place of those that there are",
		homeField:       "the numbers at home, in the place of those that there are",
		faxField:        "the fax numbers, in the place of those that there are",
		otherField:      "other numbers, in the place of those that there are",
		accessField:     "areas and permissions, or all or none alone",
		mailField:       "mail categories, or all or none alone",
		suspendedField:  "whether the person is suspended: true, false, yes or no",
		subaccountField: "the name of a subaccount after the account's prefix",
		roleField:       "the role of a subaccount",
		expiresField:    "how long an invite lasts, such as 24h or 7d",
		hashField:       "the hash of a password: argon2id, bcrypt or scrypt",
		mustChangeField: "whether the password of the hash is temporary: true, false, yes or no",
		lineField:       "the line of a row that was refused; not read",
		fieldField:      "the field at fault in a row that was refused; not read",
		reasonField:     "why a row was refused; not read",
	} {
		s.Properties = append(s.Properties, output.Described(fields[f].name, doc, valueOf(field(f))))
	}
	return s
}

// valueOf is the type of a value. A null leaves what is there as it is.
func valueOf(f field) output.Type {
	switch f {
	case lineField:
		return output.OrNull(output.Integer)
	case suspendedField, mustChangeField:
		return func() *output.Schema { return &output.Schema{Type: output.Types{"boolean", "string", "null"}} }
	case phonesField:
		return orList(phone)
	case accessField, mailField, workField, mobileField, homeField, faxField, otherField:
		return orList(output.String)
	default:
		return output.OrNull(output.String)
	}
}

// orList is a text with separators, or a list.
func orList(element output.Type) output.Type {
	return func() *output.Schema {
		return &output.Schema{Type: output.Types{"string", "array", "null"}, Items: element()}
	}
}

// phone is a text or an object.
func phone() *output.Schema {
	return &output.Schema{Type: output.Types{"string", "object"}, Properties: output.Properties{
		output.Described("label", "what kind of phone it is", output.String), output.Described("number", "the number", output.String),
	}, Required: []string{"label", "number"}}
}
