package web

import (
	"crypto/subtle"
	"errors"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"
)

// maxForm is how many bytes a form may have.
const maxForm = 64 << 10

// form is a form of a page.
type form struct {
	Action, Token, Submit string
	Fields                []*field
	// Buttons stand below; the first button, Submit, is the one that Enter presses.
	// It may be "".
	Buttons []button
	wrong   string // what is wrong with the form as a whole
}

type field struct {
	Name, Label, Hint, Error string
	Type, Value              string
	Autocomplete             string
	Choices                  []choice
	Optional                 bool // may be empty, such as one of two names
	Fixed                    bool // shown, for password managers too, and not to be changed
	Verbatim                 bool // no prose: not to be corrected or capitalised
	Digits                   bool // of digits
}

// button sends the form with a value of its own under its name.
type button struct{ Name, Value, Text, Hint string }

type choice struct {
	Value, Text string
	Chosen      bool
}

// ID is the field's id in the page.
func (f *field) ID() string { return "field-" + f.Name }

// Describedby names what describes the field.
func (f *field) Describedby() string {
	var ids []string
	if f.Hint != "" {
		ids = append(ids, f.ID()+"-hint")
	}
	if f.Error != "" {
		ids = append(ids, f.ID()+"-error")
	}
	return strings.Join(ids, " ")
}

// Failed lists what is wrong, in the order of the form.
func (f *form) Failed() []*field {
	var failed []*field
	if f.wrong != "" {
		failed = append(failed, &field{Error: f.wrong})
	}
	for _, x := range f.Fields {
		if x.Error != "" {
			failed = append(failed, x)
		}
	}
	return failed
}

func (f *form) field(name string) *field {
	i := slices.IndexFunc(f.Fields, func(x *field) bool { return x.Name == name })
	if i < 0 {
		return nil
	}
	return f.Fields[i]
}

// newForm makes the form of the page at hand, bound to a cookie's value.
func (v *visit) newForm(submit, cookie string, fields ...*field) *form {
	return v.newFormTo(v.page, submit, cookie, fields...)
}

// newFormTo makes a form that another page takes. Without submit it has none but
// the buttons that it is given.
func (v *visit) newFormTo(page, submit, cookie string, fields ...*field) *form {
	f := &form{Action: v.site.address(page, v.language, v.onward()), Token: v.formToken(page, cookie), Fields: fields}
	if submit != "" {
		f.Submit = v.t(submit)
	}
	return f
}

// formToken shows that a form for a page was sent to this browser.
func (v *visit) formToken(page, cookie string) string {
	return v.site.key.Sum("staffctl form\x00" + page + "\x00" + cookie)
}

// receive reads the form that was posted, and reports whether it came from its
// page. Otherwise it answers.
func (v *visit) receive(cookie string) bool {
	if err := v.site.origins.Check(v.r); err != nil {
		v.showRefusal("form", http.StatusForbidden)
		return false
	}
	v.r.Body = http.MaxBytesReader(v.w, v.r.Body, maxForm)
	var tooLarge *http.MaxBytesError
	if err := v.r.ParseForm(); errors.As(err, &tooLarge) {
		v.showRefusal("large", http.StatusRequestEntityTooLarge)
		return false
	}
	token := v.r.PostForm.Get("form")
	if cookie == "" || subtle.ConstantTimeCompare([]byte(token), []byte(v.formToken(v.page, cookie))) != 1 {
		v.showRefusal("form", http.StatusForbidden)
		return false
	}
	// Only now, so that no place waits for somebody's slow body.
	if v.hashes && !v.enterRoom() {
		v.w.Header().Set("Retry-After", "5")
		v.showFailure("busy", http.StatusServiceUnavailable)
		return false
	}
	return true
}

// typed puts into the form what was typed, but passwords.
func (v *visit) typed(f *form) {
	for _, x := range f.Fields {
		value := v.r.PostForm.Get(x.Name)
		switch {
		case x.Fixed || x.Type == "password":
		case x.Choices != nil:
			for i := range x.Choices {
				x.Choices[i].Chosen = x.Choices[i].Value == value
			}
		default:
			x.Value = value
		}
	}
}

// value is what was typed into the field.
func (v *visit) value(name string) string { return v.r.PostForm.Get(name) }

// newPasswordFields ask for a new password, twice since nobody sees it.
func (v *visit) newPasswordFields(label string) []*field {
	return []*field{
		{Name: "password", Label: v.t(label), Type: "password", Autocomplete: "new-password", Hint: v.t("field.password.hint", v.site.MinLength)},
		{Name: "repeat", Label: v.t("field.repeat"), Type: "password", Autocomplete: "new-password"},
	}
}

// checkRepeat reports whether the password was typed alike twice.
func (v *visit) checkRepeat(f *form) bool {
	if v.value("password") == v.value("repeat") {
		return true
	}
	f.field("repeat").Error = v.t("error.repeat")
	return false
}

// passwordError says why the password in the form is refused. The policy gives
// its reasons in English only: the length is told apart, the rest said at once.
func (v *visit) passwordError() string {
	switch typed := v.value("password"); {
	case typed == "":
		return v.t("error.password.empty")
	case len(typed) > 1024:
		return v.t("error.password.long")
	case utf8.RuneCountInString(typed) < v.site.MinLength:
		return v.t("error.password.short", v.site.MinLength)
	default:
		return v.t("error.password.weak", v.site.MinLength)
	}
}
