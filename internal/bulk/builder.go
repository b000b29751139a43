package bulk

import (
	"math/bits"
	"strings"

	"github.com/staffctl/staffctl/internal/staff"
)

// builder makes actions of records.
type builder struct {
	onConflict staff.OnConflict
	mail       bool
	// What repeats from row to row is shared: kinds, words and lists by their cells.
	kinds       map[string]kind
	salutations map[string]*string
	languages   map[string]*string
	lists       map[string]*[]string
	flags       map[string]*bool
	labels      map[uint32][]string // of the columns with one kind of phone that a row gives
	taken       map[kind]uint32     // the fields that a row of the kind takes, by their bits
}

// kindWords, and the tables below it, have the words of both languages.
var (
	kindWords       = map[string]kind{"member": member, "mitarbeiter": member, "mitarbeiterin": member, "subaccount": subaccount, "unterkonto": subaccount, "invite": invite, "einladung": invite}
	salutationWords = map[string]string{"mr": "mr", "ms": "ms", "mx": "mx", "none": "none", "herr": "mr", "frau": "ms", "mrs": "ms", "miss": "ms", "divers": "mx", "keine": "none"}
	languageWords   = map[string]string{"de": "de", "en": "en", "deutsch": "de", "german": "de", "englisch": "en", "english": "en"}
	listWords       = map[string]string{"ohnezugriff": "none", "keine": "none", "kein": "none", "alle": "all", "alleberechtigungen": "all"}
	flagWords       = map[string]bool{"yes": true, "true": true, "1": true, "ja": true, "wahr": true, "vrai": true,
		"no": false, "false": false, "0": false, "nein": false, "falsch": false, "faux": false}
	kindNames = map[kind]string{member: "a member", subaccount: "a subaccount", invite: "an invite"}
)

// phoneLabels are the labels of the columns with one kind of phone.
var phoneLabels = map[field]string{workField: "work=", mobileField: "mobile=", homeField: "home=", faxField: "fax=", otherField: "other="}

const (
	allPhones  = 1<<phonesField | 1<<workField | 1<<mobileField | 1<<homeField | 1<<faxField | 1<<otherField
	none       = "none"
	maxShared  = 4096 // of each kind of what repeats
	maxExpires = "7d"
)

func newBuilder(onConflict staff.OnConflict, mail bool) *builder {
	b := &builder{onConflict: onConflict, mail: mail, kinds: map[string]kind{}, salutations: map[string]*string{}, languages: map[string]*string{},
		lists: map[string]*[]string{}, flags: map[string]*bool{}, labels: map[uint32][]string{}, taken: map[kind]uint32{}}
	for f := range fieldCount {
		for k := range kindNames {
			if fields[f].kinds&k != 0 {
				b.taken[k] |= f.bit()
			}
		}
	}
	return b
}

// action makes the one action that a record is.
func (b *builder) action(r *record) (staff.Action, error) {
	k, err := b.kindOf(r)
	if err != nil {
		return nil, err
	}
	if err := b.check(k, r); err != nil {
		return nil, err
	}
	switch k {
	case subaccount:
		return b.subaccount(r)
	case invite:
		return b.invite(r)
	default:
		return b.member(r)
	}
}

func (b *builder) kindOf(r *record) (kind, error) {
	text := r.text(kindField)
	switch {
	case text != "":
		k := shared(b.kinds, text, func() kind { return kindWords[plain(text)] })
		if k == 0 {
			return 0, staff.Errorf(staff.CodeInvalid, "kind", "no kind %q%s", brief(text), staff.Suggest(text, []string{"member", "subaccount", "invite"}))
		}
		return k, nil
	case r.given&subaccountField.bit() != 0:
		return subaccount, nil
	default:
		return member, nil
	}
}

// needed are the fields that a row of a kind must give.
var needed = map[kind][]field{member: {emailField}, subaccount: {emailField, subaccountField, roleField}, invite: {emailField, accessField}}

// check refuses what a row of the kind does not take, and what it lacks.
func (b *builder) check(k kind, r *record) error {
	if wrong := r.given &^ b.taken[k]; wrong != 0 {
		name := fields[bits.TrailingZeros32(wrong)].name
		return staff.Errorf(staff.CodeInvalid, name, "%s has no %s: leave it empty, or say with the field kind what the row is", kindNames[k], name)
	}
	for _, f := range needed[k] {
		if r.given&f.bit() == 0 {
			return staff.Errorf(staff.CodeInvalid, fields[f].name, "%s needs %s, which is missing", kindNames[k], fields[f].name)
		}
	}
	return nil
}

func (b *builder) member(r *record) (staff.Action, error) {
	var h holder
	if err := b.person(r, &h); err != nil {
		return nil, err
	}
	return staff.AddMember{Email: r.text(emailField), Details: h.details, Username: r.pointer(usernameField), Access: b.list(r, accessField), Mail: h.mail,
		Suspended: h.suspended, Password: h.password, MustChange: h.mustChange, OnConflict: b.onConflict}, nil
}

func (b *builder) subaccount(r *record) (staff.Action, error) {
	var h holder
	if err := b.person(r, &h); err != nil {
		return nil, err
	}
	return staff.CreateSubaccount{Name: r.text(subaccountField), Email: r.text(emailField), Role: r.text(roleField), Details: h.details, Mail: h.mail,
		Suspended: h.suspended, Password: h.password, MustChange: h.mustChange, OnConflict: b.onConflict, NoMail: !b.mail}, nil
}

func (b *builder) invite(r *record) (staff.Action, error) {
	a := staff.SendInvite{Email: r.text(emailField), Access: *b.list(r, accessField), Language: word(r, languageField, b.languages, languageWords),
		OnConflict: b.onConflict, NoMail: !b.mail}
	if text := r.text(expiresField); text != "" {
		var err error
		if a.Expires, err = staff.ParsePeriod(text); err != nil || a.Expires <= 0 {
			return nil, staff.Errorf(staff.CodeInvalid, "expires", "an invite lasts from a minute to 7 days, such as 72h or %s, not %q", maxExpires, brief(text))
		}
	}
	return a, nil
}

// holder is what members and subaccounts have in common.
type holder struct {
	details    staff.Details
	mail       *[]string
	suspended  *bool
	password   *staff.NewPassword
	mustChange bool
}

func (b *builder) person(r *record, h *holder) error {
	h.details = staff.Details{Salutation: word(r, salutationField, b.salutations, salutationWords), FirstName: r.pointer(firstNameField),
		LastName: r.pointer(lastNameField), Language: word(r, languageField, b.languages, languageWords), PhonesOf: b.phonesOf(r)}
	h.mail = b.list(r, mailField)
	var err error
	if h.details.Phones, err = phones(r); err != nil {
		return err
	}
	if h.suspended, err = b.flag(r, suspendedField); err != nil {
		return err
	}
	mustChange, err := b.flag(r, mustChangeField)
	if err != nil {
		return err
	}
	h.mustChange = mustChange != nil && *mustChange
	if hash := r.text(hashField); hash != "" {
		h.password = staff.HashedPassword(hash)
	} else if h.mustChange {
		return staff.Errorf(staff.CodeInvalid, fields[mustChangeField].name, "must_change is of a password: give password_hash too")
	}
	return nil
}

// shared keeps what is made of a cell.
func shared[T any](made map[string]T, cell string, read func() T) T {
	if v, ok := made[cell]; ok {
		return v
	}
	v := read()
	if len(made) < maxShared {
		made[strings.Clone(cell)] = v
	}
	return v
}

// word reads one of a few words; what is not among them is left to the domain,
// which knows what is.
func word(r *record, f field, made map[string]*string, words map[string]string) *string {
	cell := r.text(f)
	if cell == "" {
		return nil
	}
	return shared(made, cell, func() *string {
		meant, ok := words[plain(cell)]
		if !ok {
			meant, ok = words[plain(withoutTitles(cell))]
		}
		if !ok {
			meant = strings.Clone(cell)
		}
		return &meant
	})
}

func (b *builder) flag(r *record, f field) (*bool, error) {
	cell := r.text(f)
	if cell == "" {
		return nil, nil
	}
	flag := shared(b.flags, cell, func() *bool {
		if v, ok := flagWords[plain(cell)]; ok {
			return &v
		}
		return nil
	})
	if flag == nil {
		return nil, staff.Errorf(staff.CodeInvalid, fields[f].name, "%s is yes or no, not %q", fields[f].name, brief(cell))
	}
	return flag, nil
}

// list reads keys of areas, permissions or mail categories. Lists are shared by
// rows, and not to be changed.
func (b *builder) list(r *record, f field) *[]string {
	if list, ok := r.lists[f]; ok {
		return &list
	}
	cell := r.text(f)
	if cell == "" {
		return nil
	}
	return shared(b.lists, cell, func() *[]string {
		list := strings.FieldsFunc(strings.ToLower(strings.Clone(cell)), func(c rune) bool { return strings.ContainsRune(",;| \u00a0\t\r\n", c) })
		if meant, ok := listWords[plain(cell)]; ok {
			list = []string{meant}
		}
		return &list
	})
}

// phonesOf are the labels of the columns that a row gives, where it does not say
// all phones.
func (b *builder) phonesOf(r *record) []string {
	given := r.given & allPhones
	if given == 0 || given&phonesField.bit() != 0 {
		return nil
	}
	labels, ok := b.labels[given]
	if !ok {
		for f := workField; f <= otherField; f++ {
			if given&f.bit() != 0 {
				labels = append(labels, strings.TrimSuffix(phoneLabels[f], "="))
			}
		}
		b.labels[given] = labels
	}
	return labels
}

// phones reads the phones of all columns together.
func phones(r *record) (*[]string, error) {
	if r.given&allPhones == 0 {
		return nil, nil
	}
	r.phones = r.phone[:0]
	for f := phonesField; f <= otherField; f++ {
		if r.given&f.bit() == 0 {
			continue
		}
		if list, ok := r.lists[f]; ok {
			for _, phone := range list {
				r.addPhone(f, phone)
			}
			continue
		}
		if err := checkNumber(f, r.text(f)); err != nil {
			return nil, err
		}
		for phone := range strings.FieldsFuncSeq(r.text(f), func(c rune) bool { return strings.ContainsRune(",;|\n", c) }) {
			r.addPhone(f, strings.TrimSpace(phone))
		}
	}
	return &r.phones, nil
}

// addPhone gives a number its label: that of its column, or work.
func (r *record) addPhone(f field, phone string) {
	label, number := phoneLabels[f], phone
	if f == phonesField {
		label = phoneLabels[workField]
		if at := strings.IndexByte(phone, '=') + 1; at > 0 {
			label, number = phone[:at], strings.TrimSpace(phone[at:])
		}
	}
	if phone != "" && phone != none {
		r.phones = append(r.phones, label+dialled(number))
	}
}
