package staff

import "strings"

// Action is something that somebody asks for. Its JSON holds no secret.
type Action interface {
	// Kind names the action in the audit: the noun, a dot and the verb.
	Kind() string
	// needs adds the facts that planning the action depends on.
	needs(n *Needs)
	// plan applies the action to what p knows.
	plan(p *planner) error
}

// OnConflict says what happens when what is to be added is there already.
type OnConflict string

// What can happen then.
const (
	Fail   OnConflict = "fail"
	Skip   OnConflict = "skip"
	Update OnConflict = "update"
	// Same is fail where it differs from what is there; else there is nothing to do.
	// An import fails so, and a second one of the same file does not.
	Same OnConflict = "same"
)

// OnConflicts are the values of [OnConflict] that an operator can choose.
var OnConflicts = []string{string(Fail), string(Skip), string(Update)}

// check refuses what differs from what was there, where that is asked for.
func (o OnConflict) check(p *planner, fieldName string) error {
	if o != Same {
		return nil
	}
	differs := compare(p.before, p.member.now.fields())
	if len(differs) == 0 {
		return nil
	}
	names := make([]string, len(differs))
	for i, c := range differs {
		names[i] = c.Field
	}
	return Errorf(CodeConflict, fieldName, "%s is in account %s already and differs in %s; give --on-conflict skip or update",
		p.member.now.Email, p.account.now.Name, strings.Join(names, ", "))
}

// checkChoice refuses a value that is not one of the known ones.
func checkChoice(fieldName, value string, known []string) error {
	return checkKey(fieldName, fieldName, value, known)
}

// given returns the value that was asked for, or else the one there is.
func given[T any](asked *T, present T) T {
	if asked != nil {
		return *asked
	}
	return present
}

// Details are what `member add` and `member edit` set of a person; nil leaves
// a field as it is.
type Details struct {
	Salutation *string   `json:"salutation,omitempty"`
	FirstName  *string   `json:"first_name,omitempty"`
	LastName   *string   `json:"last_name,omitempty"`
	Language   *string   `json:"language,omitempty"`
	Phones     *[]string `json:"phones,omitempty"` // LABEL=NUMBER
	// PhonesOf are the labels whose phones Phones replace, where others stay.
	PhonesOf []string `json:"phones_of,omitempty"`
}

// apply checks the details and writes them to m. Phones replace those there are,
// or those of the labels in PhonesOf.
func (d Details) apply(m *Member) (err error) {
	if m.FirstName, err = cleanName("first-name", given(d.FirstName, m.FirstName)); err != nil {
		return err
	}
	if m.LastName, err = cleanName("last-name", given(d.LastName, m.LastName)); err != nil {
		return err
	}
	if m.FullName() == "" {
		return Errorf(CodeInvalid, "first-name", "the member has no name; give a first or a last name")
	}
	m.Salutation = given(d.Salutation, m.Salutation)
	if err := checkChoice("salutation", m.Salutation, Salutations); err != nil {
		return err
	}
	m.Language = Language(given(d.Language, string(m.Language)))
	if err := checkChoice("language", string(m.Language), Languages); err != nil {
		return err
	}
	if d.Phones == nil {
		return nil
	}
	phones, err := parsePhones(*d.Phones)
	if d.PhonesOf != nil && len(m.Phones) > 0 && err == nil {
		phones = replacePhones(m.Phones, phones, d.PhonesOf)
		err = checkPhones(phones)
	}
	m.Phones = phones
	return err
}

// mailOf reads mail categories: keys of the catalog, or "all" or "none" alone.
func (p *planner) mailOf(words []string) ([]string, error) {
	if len(words) == 1 && words[0] == string(AccessNone) {
		return nil, nil
	}
	p.guardCat = true
	if len(words) == 1 && words[0] == string(AccessAll) {
		return p.catalog.MailCategoryKeys(), nil
	}
	if err := p.catalog.CheckMail("mail", words...); err != nil {
		return nil, err
	}
	return p.catalog.sortMail(words), nil
}

// accessOf reads "all", "none" or grants of the catalog.
func (p *planner) accessOf(fieldName string, words []string) (Access, error) {
	p.guardCat = true
	return ParseAccess(p.catalog, fieldName, words)
}
