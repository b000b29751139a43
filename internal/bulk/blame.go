package bulk

import "github.com/staffctl/staffctl/internal/staff"

// actionFields are fields of actions that a file calls by another name.
var actionFields = map[string]field{"first-name": firstNameField, "last-name": lastNameField, "hash": hashField, "password": hashField, "new-password": hashField,
	"phone": phonesField, "member": emailField, "invite": emailField, "name": subaccountField}

// Blame lets a failure name the column that it comes from, as the file calls it,
// and not the field of an action. Objects have the names that are documented.
func (r *Reader) Blame(f *staff.Failure) {
	at, known := actionFields[f.Err.Field]
	for i := kindField; i < lineField && !known; i++ {
		at, known = i, fields[i].name == f.Err.Field
	}
	rec, _ := f.Source.(*record)
	if !known || rec == nil {
		return
	}
	if at = rec.blamed(at); rec.given&at.bit() == 0 && at == usernameField {
		at = emailField // which is the username then
	}
	err := *f.Err
	err.Field = fields[at].name
	if r.format == CSV && r.columns[at] > 0 {
		err.Field = r.header[r.columns[at]-1]
	}
	f.Err = &err
}

// blamed is the column of phones in which one is that cannot be read.
func (r *record) blamed(f field) field {
	if f != phonesField {
		return f
	}
	for f := phonesField; f <= otherField; f++ {
		one := *r
		if one.given &= f.bit(); one.given == 0 {
			continue
		}
		list, err := phones(&one)
		if err != nil {
			return f
		}
		for _, phone := range *list {
			if _, err := staff.ParsePhone(phone); err != nil {
				return f
			}
		}
	}
	return f
}
