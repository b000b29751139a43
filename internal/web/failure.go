package web

import (
	"errors"
	"net/http"

	"github.com/staffctl/staffctl/internal/staff"
)

// settle answers after an action: with the done page, or with what is wrong.
func (v *visit) settle(p *page, token staff.Secret, plan *staff.Plan, err error, done string) {
	if err == nil {
		v.site.mailed(plan)
		v.dropLink()
		v.lead("/done", "&what="+done)
		return
	}
	var e *staff.Error
	if !errors.As(err, &e) || isOurs(err) {
		v.fail(err)
		return
	}
	// What stands in the way may be that somebody has just used the same link.
	opened, ended := v.domain().Open(v.r.Context(), token)
	switch {
	case ended != nil:
		v.showLinkError(opened, ended)
	case v.explain(p.Form, e):
		v.show(p)
	default:
		v.showRefusal(refusal(opened, e), http.StatusForbidden)
	}
}

// refusal names the text for what a rule refuses whatever is typed.
func refusal(o *staff.Opened, e *staff.Error) string {
	switch {
	case o.Member != nil && o.Member.Suspended:
		return "suspended"
	case e.Code == staff.CodeConflict && e.Field == "email":
		return "member"
	default:
		return "rule"
	}
}

// explain says at the field concerned what is wrong, if it is one of the form.
func (v *visit) explain(f *form, e *staff.Error) bool {
	x := f.field(e.Field)
	switch {
	case e.Code == staff.CodeConflict && e.Field == "":
		f.wrong = v.t("form.busy")
		return true
	case x == nil || e.Code != staff.CodeInvalid && e.Code != staff.CodeConflict && e.Code != staff.CodeForbidden:
		return false
	case e.Field == "password":
		x.Error = v.passwordError()
	case e.Field == "username":
		x.Error = v.t(usernameError(e.Code, x.Fixed, f.field("repeat") == nil))
	case x.Choices != nil:
		x.Error = v.t("error.choice")
	default:
		x.Error = v.t("error." + e.Field)
	}
	return true
}

// usernameError names the text for a username: given, of a login that signs in,
// or chosen.
func usernameError(code staff.Code, isGiven, signsIn bool) string {
	switch {
	case isGiven:
		return "error.username.fixed"
	case signsIn && code == staff.CodeForbidden:
		return "error.login.unfit"
	case signsIn:
		return "error.login.joined"
	case code == staff.CodeInvalid:
		return "error.username.invalid"
	default:
		return "error.username.taken"
	}
}

// fail answers what nobody at the page can mend, and logs it; the page only has
// the id by which the log tells what it was.
func (v *visit) fail(err error) {
	code := staff.CodeOf(err)
	if isOurs(err) {
		v.site.Log.Error("failed", "request_id", v.id, "code", string(code), "error", err.Error())
	} else {
		v.site.Log.Error("failed", "request_id", v.id, "code", string(code))
	}
	switch code {
	case staff.CodeUnavailable, staff.CodeInterrupted:
		v.w.Header().Set("Retry-After", "30")
		v.showFailure("unavailable", http.StatusServiceUnavailable)
	case staff.CodeUnknown:
		v.w.Header().Set("Retry-After", "30")
		v.showFailure("unknown", http.StatusServiceUnavailable)
	default:
		v.showFailure("internal", http.StatusInternalServerError)
	}
}

func (v *visit) showFailure(kind string, status int) {
	v.show(&page{Status: status, Tone: "problem", Title: v.t("failed." + kind + ".title"), Text: []string{v.t("failed." + kind + ".lead")}, Reference: v.id})
}

// showRefusal answers what is refused whatever is typed.
func (v *visit) showRefusal(kind string, status int) {
	p := &page{Status: status, Tone: "problem", Title: v.t("refused." + kind + ".title"), Text: []string{v.t("refused." + kind + ".lead")}}
	if kind == "form" {
		p.Text = append(p.Text, v.t("refused.form.next"))
	}
	p.Links = []anchor{v.link("refused.start", "/")}
	v.show(p)
}
