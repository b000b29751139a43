package web

import (
	"github.com/staffctl/staffctl/internal/staff"
)

// own is a page that changes something about the login of who is signed in. Each
// asks for the present password.
type own struct {
	*page
	signed *staff.Signed
	token  staff.Secret
}

// openOwn makes the page, or answers and returns nil. first are the fields that
// come before the password.
func (v *visit) openOwn(group string, fields func(*staff.Signed) []*field) *own {
	signed, token := v.signed(staff.StageOpen)
	if signed == nil {
		return nil
	}
	p := &page{Title: v.t(group + ".title"), Text: []string{v.t(group + ".lead")}, Below: []anchor{v.link("login.title", "/login")},
		Form: v.newForm(group+".submit", string(token), fields(signed)...)}
	return &own{p, signed, token}
}

func (v *visit) presentField() *field {
	return &field{Name: "present", Label: v.t("field.present"), Type: "password", Autocomplete: "current-password"}
}

// prove shows the form, or checks the present password in it. It returns nil once
// it has answered.
func (v *visit) prove(o *own) *staff.Proof {
	if !v.isPost() {
		v.show(o.page)
		return nil
	}
	v.typed(o.Form)
	proof, err := v.domain().Prove(v.r.Context(), o.signed.Login.Username, v.value("present"), v.network)
	switch {
	case staff.CodeOf(err) == staff.CodeForbidden:
		o.Form.field("present").Error = v.t("error.present")
		v.show(o.page)
	case err != nil:
		v.fail(err)
	default:
		return proof
	}
	return nil
}

// changed answers after a change: by the page of the login with a note, or with
// what is wrong.
func (v *visit) changed(o *own, plan *staff.Plan, err error, note string) {
	if err != nil {
		v.mend(o.page, err)
		return
	}
	v.site.mailed(plan)
	v.lead("/login", "&note="+note)
}

func (v *visit) changePassword() {
	o := v.openOwn("login-password", func(signed *staff.Signed) []*field {
		return append([]*field{v.fixedUsername(signed.Person.Member), v.presentField()}, v.newPasswordFields("field.new-password")...)
	})
	if o == nil {
		return
	}
	if v.isPost() && !v.checkRepeat(o.Form) {
		v.show(o.page)
		return
	}
	proof := v.prove(o)
	if proof == nil {
		return
	}
	token, _, plan, err := v.domain().ChangePassword(v.r.Context(), o.token, proof, staff.PlainPassword(v.value("password")), v.network)
	if token != "" {
		v.keepSession(token)
	}
	v.changed(o, plan, err, "password")
}

func (v *visit) changeUsername() {
	o := v.openOwn("login-username", func(signed *staff.Signed) []*field {
		return []*field{{Name: "username", Label: v.t("login-username.field"), Type: "text", Autocomplete: "username", Verbatim: true, Value: signed.Login.Username}, v.presentField()}
	})
	if o == nil {
		return
	}
	if proof := v.prove(o); proof != nil {
		plan, err := v.domain().ChangeUsername(v.r.Context(), o.token, proof, v.value("username"))
		v.changed(o, plan, err, "username")
	}
}

func (v *visit) changeEmail() {
	o := v.openOwn("login-email", func(*staff.Signed) []*field {
		return []*field{{Name: "email", Label: v.t("email.new"), Type: "email", Autocomplete: "email", Verbatim: true}, v.presentField()}
	})
	if o == nil {
		return
	}
	if proof := v.prove(o); proof != nil {
		plan, err := v.domain().ChangeEmail(v.r.Context(), o.token, proof, v.value("email"))
		v.changed(o, plan, err, "email")
	}
}

// changeNumber sends a TAN to another number; [visit.confirmNumber] takes it with
// the password.
func (v *visit) changeNumber() {
	if signed, token := v.signed(staff.StageOpen); signed != nil {
		p := v.numberPage("login-number", token)
		p.Below = []anchor{v.link("login.title", "/login")}
		v.takeNumber(p, token, "/login/number/tan")
	}
}

func (v *visit) confirmNumber() {
	signed, token := v.signed(staff.StageOpen)
	switch {
	case signed == nil:
		return
	case signed.TAN == nil:
		v.lead("/login/number", "")
		return
	}
	o := &own{v.tanPage("login-tan", token, signed.TAN.Number, v.presentField()), signed, token}
	o.Below = []anchor{v.link("enrol-tan.other", "/login/number"), v.link("login.title", "/login")}
	if v.isPost() && v.value("do") == "resend" {
		v.resend(token)
		return
	}
	v.note(o.page)
	proof := v.prove(o)
	if proof == nil {
		return
	}
	next, _, plan, err := v.domain().EnrolNumber(v.r.Context(), token, v.value("tan"), proof, v.network)
	if next != "" {
		v.keepSession(next)
	}
	v.changed(o, plan, err, "number")
}
