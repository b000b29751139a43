package bulk

import (
	"strings"
	"unicode"

	"github.com/staffctl/staffctl/internal/staff"
)

// field is what a column or a key can hold.
type field int8

const (
	kindField field = iota
	emailField
	salutationField
	firstNameField
	lastNameField
	usernameField
	languageField
	phonesField
	workField
	mobileField
	homeField
	faxField
	otherField
	accessField
	mailField
	suspendedField
	subaccountField
	roleField
	expiresField
	hashField
	mustChangeField
	lineField // the last three are those of a file of errors
	fieldField
	reasonField
	fieldCount
	leftOut field = -1
	unnamed field = -2
)

// kind is what a row is about, as a bit.
type kind uint8

const (
	member kind = 1 << iota
	subaccount
	invite
	person = member | subaccount
	any3   = member | subaccount | invite
)

// fields names each field: first as in a file that staffctl writes, then as other
// programs do, in English and German, without case, accents and signs. The seeds'
// terms are among them. kinds are those that take the field.
var fields = [fieldCount]struct {
	name, others string
	kinds        kind
}{
	kindField:       {"kind", "type art typ", any3},
	emailField:      {"email", "emailaddress emailadresse mailadresse mailaddress emailgeschaftlich emailgeschaeftlich registrierungsemail registrationemail", any3},
	salutationField: {"salutation", "anrede anredeform", person},
	firstNameField:  {"first_name", "vorname givenname rufname forename", person},
	lastNameField:   {"last_name", "nachname name surname familyname familienname", person},
	usernameField:   {"username", "benutzername kontoname anmeldename loginname login user", member},
	languageField:   {"language", "sprache korrespondenzsprache lang", any3},
	phonesField:     {"phones", "phone telefon telefone tel telefonnummer telefonnummern telephone phonenumber phonenumbers", person},
	workField: {"phone_work", "workphone businessphone telefongeschaftlich telefongeschaeftlich telefongeschaft telefongeschaeft telefonarbeit telefonburo " +
		"telefonbuero telgeschaftlich telgeschaeftlich geschaftlich geschaeftlich geschaftstelefon geschaeftstelefon", person},
	mobileField: {"phone_mobile", "mobile mobilephone cell cellphone mobil handy natel mobiltelefon handynummer mobilnummer mobilenumber mobilnr handynr telefonmobil", person},
	homeField:   {"phone_home", "homephone privatephone telefonprivat telprivat privat festnetz", person},
	faxField:    {"phone_fax", "fax telefax faxnummer faxnumber", person},
	otherField:  {"phone_other", "otherphone telefonandere telefonweitere weiterestelefon anderestelefon", person},
	accessField: {"access", "areas area grants permissions zugriff zugriffe bereich bereiche berechtigung berechtigungen rechte", member | invite},
	mailField: {"mail", "mails mailcategories mailpreferences emailpreferences mailkategorie mailkategorien emailkategorien emailversand mailversand " +
		"einstellungenemailversand", person},
	suspendedField:  {"suspended", "gesperrt suspendiert deaktiviert disabled", person},
	subaccountField: {"subaccount", "unterkonto", subaccount},
	roleField:       {"role", "rolle", subaccount},
	expiresField:    {"expires", "gultigkeit gueltigkeit ablauf lauftab laeuftab frist validity", invite},
	hashField:       {"password_hash", "hash passworthash kennworthash passworthashwert", person},
	mustChangeField: {"must_change", "mustchangepassword passwortandern passwortaendern temporarespasswort temporaerespasswort", person},
	lineField:       {"line", "", any3},
	fieldField:      {"field", "", any3},
	reasonField:     {"reason", "", any3},
}

// ofErrors tells whether the field is one of a file of errors, which is not read.
func (f field) ofErrors() bool { return f >= lineField }

func (f field) bit() uint32 { return 1 << f }

// Fields are the names of what a column or a key can hold.
func Fields() []string {
	list := make([]string, 0, fieldCount)
	for _, f := range fields[:lineField] {
		list = append(list, f.name)
	}
	return list
}

// plain is a name without case, accents, blanks and signs.
func plain(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, staff.Fold(name))
}

// names knows the field of each column and key.
type names struct {
	fields map[string]field
	asked  map[string]string // what --map names, as it was given, by its plain name
	seen   map[string]field  // names as files have them
}

// newNames makes names of what is known and of the mappings, COLUMN=FIELD.
func newNames(mappings []string) (*names, error) {
	n := &names{fields: map[string]field{}, asked: map[string]string{}, seen: map[string]field{}}
	for i, f := range fields {
		n.fields[plain(f.name)] = field(i)
		for other := range strings.FieldsSeq(f.others) {
			n.fields[other] = field(i)
		}
	}
	for _, m := range mappings {
		at := strings.LastIndexByte(m, '=')
		if at < 1 {
			return nil, staff.Errorf(staff.CodeInvalid, "map", "%q maps nothing; give --map COLUMN=FIELD, or COLUMN=- to leave the column out", brief(m))
		}
		column, name := m[:at], strings.TrimSpace(m[at+1:])
		f, known := n.fields[plain(name)]
		if name == "-" {
			f, known = leftOut, true
		}
		if !known || f.ofErrors() {
			return nil, staff.Errorf(staff.CodeInvalid, "map", "--map %s: no field %q%s", m, name, staff.Suggest(name, Fields()))
		}
		if twice := n.asked[plain(column)]; twice != "" {
			return nil, staff.Errorf(staff.CodeInvalid, "map", "--map names column %q twice", column)
		}
		n.asked[plain(column)] = column
		n.fields[plain(column)] = f
	}
	return n, nil
}

// find returns the field of a column or key, or refuses it with what is near.
func (n *names) find(what, name string) (field, error) {
	if f, ok := n.seen[name]; ok {
		return f, nil
	}
	f, ok := n.fields[plain(name)]
	if !ok {
		at := "file"
		if what == "key" {
			at = brief(name)
		}
		return 0, staff.Errorf(staff.CodeInvalid, at, "no field for %s %q%s; say with --map %s=FIELD which it is, or leave it out with --map %s=-",
			what, brief(name), staff.Suggest(strings.NewReplacer(" ", "_", "-", "_").Replace(name), Fields()), shown(name), shown(name))
	}
	if len(n.seen) < 1000 {
		n.seen[strings.Clone(name)] = f
	}
	return f, nil
}

// shown is a name as it is typed to a shell.
func shown(name string) string {
	if brief(name) != name {
		return "COLUMN"
	}
	if strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '-' && r != '_' }) {
		return "'" + name + "'"
	}
	return name
}
