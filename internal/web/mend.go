package web

import (
	"errors"
	"net/http"

	"github.com/staffctl/staffctl/internal/staff"
)

// mend says at the form of somebody who is signed in, or on the way to it, what is
// wrong; what no form can mend it answers by itself.
func (v *visit) mend(p *page, err error) {
	var e *staff.Error
	switch {
	case errors.Is(err, staff.ErrNoSession), !errors.As(err, &e), isOurs(err):
		v.failSigned(err)
	case e.Field == "token": // the link behind which it began
		v.showLinkProblem("ended", http.StatusGone, staff.ForSecondFactor)
	case v.mendField(p.Form, e):
		v.show(p)
	default:
		v.showRefusal("rule", http.StatusForbidden)
	}
}

// mendField reports whether it has found the field that the error is about.
func (v *visit) mendField(f *form, e *staff.Error) bool {
	name, text := v.fieldOf(e)
	x := f.field(name)
	switch {
	case x != nil:
		x.Error = text
	case name == "account":
		f.wrong = text
	case e.Code == staff.CodeConflict:
		f.wrong = v.t("form.busy")
	default:
		return false
	}
	return true
}

// fieldOf returns the field of a form that the error is about and what to say
// there; the domain names its own.
func (v *visit) fieldOf(e *staff.Error) (name, text string) {
	switch e.Field {
	case "tan":
		if e.Code == staff.CodeExpired {
			return "tan", v.t("error.tan.over")
		}
		return "tan", v.t("error.tan.wrong")
	case "phone":
		return "number", v.t("error.number.invalid")
	case "number":
		if errors.Is(e, staff.ErrTooManyTANs) {
			return "number", v.t("note.limit")
		}
		return "number", v.t("error.number.country")
	case "password":
		if e.Code == staff.CodeForbidden {
			return "present", v.t("error.present")
		}
		return "password", v.passwordError()
	case "new-password":
		return "password", v.t("error.password.same")
	case "username":
		return "username", v.t(usernameError(e.Code, false, false))
	case "email":
		return "email", v.t("error.email")
	case "account":
		return "account", v.t("error.account")
	default:
		return "", ""
	}
}

// noteFailure notes a failure of the service in the log, where somebody can go on
// all the same. Texts of errors name nobody.
func (v *visit) noteFailure(err error) {
	if err != nil && isOurs(err) {
		v.site.Log.Error("failed", "request_id", v.id, "code", string(staff.CodeOf(err)), "error", err.Error())
	}
}
