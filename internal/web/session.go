package web

import (
	"errors"
	"slices"

	"github.com/staffctl/staffctl/internal/staff"
)

// pageOfStage is the page that somebody goes through at each stage.
var pageOfStage = map[staff.Stage]string{staff.StageTAN: "/tan", staff.StagePassword: "/password", staff.StageAccount: "/account",
	staff.StageEnrol: "/enrol", staff.StageRenew: "/enrol", staff.StageOpen: "/access"}

// signed is who is signed in, at one of the stages, and the token of the session.
// Whoever is not is led to where they are, and nil is returned. A form that was
// posted has come from its page then.
func (v *visit) signed(stages ...staff.Stage) (*staff.Signed, staff.Secret) {
	token := staff.Secret(v.cookie(sessionCookie))
	if token == "" {
		v.lead("/sign-in", v.onward())
		return nil, ""
	}
	signed, err := v.domain().Signed(v.r.Context(), token)
	if err != nil {
		v.failSigned(err)
		return nil, ""
	}
	v.speak(signed.Person.Language)
	switch {
	case !slices.Contains(stages, signed.Session.Stage):
		v.lead(pageOfStage[signed.Session.Stage], v.onward())
	case v.isPost() && !v.receive(string(token)):
	default:
		return signed, token
	}
	return nil, ""
}

// present is whose session is open in the browser, or nil: for pages that work
// without one too.
func (v *visit) present() *staff.Signed {
	token := v.cookie(sessionCookie)
	if token == "" {
		return nil
	}
	signed, err := v.domain().Signed(v.r.Context(), staff.Secret(token))
	if err != nil || signed.Session.Stage != staff.StageOpen {
		return nil
	}
	return signed
}

// failSigned answers where a session has ended, or the service fails. The cookie
// stays: another request of the same browser may have put a newer one there.
func (v *visit) failSigned(err error) {
	if errors.Is(err, staff.ErrNoSession) {
		v.lead("/sign-in", v.onward())
		return
	}
	v.fail(err)
}

// goOn leads to the page of the stage that a session has come to, or to where
// somebody wanted to. err is what went wrong on arriving there.
func (v *visit) goOn(token staff.Secret, signed *staff.Signed, err error) {
	if token == "" || signed == nil {
		v.failSigned(err)
		return
	}
	v.keepSession(token)
	v.speak(signed.Person.Language)
	note := noteOf(err)
	switch {
	case err != nil && note == "":
		v.failSigned(err)
	case signed.Session.Stage == staff.StageOpen:
		v.leadBack()
	default:
		v.noteFailure(err)
		v.lead(pageOfStage[signed.Session.Stage], note+v.onward())
	}
}

// leadBack leads to where somebody wanted to, or to what is open to them.
func (v *visit) leadBack() {
	to := returnAddress(v.r.URL.RawQuery)
	if to == "" {
		v.lead("/access", "")
		return
	}
	v.leadTo(to)
}

// What pages may begin with: that all is well, or why no TAN was sent.
var (
	goodNotes = []string{"password", "username", "email", "number"}
	badNotes  = []string{"gateway", "limit", "country"}
)

// note puts the note that the query names on the page.
func (v *visit) note(p *page) *page {
	switch n := v.r.URL.Query().Get("note"); {
	case slices.Contains(badNotes, n):
		p.Tone, p.Text = "problem", []string{v.t("note." + n)}
	case n == "sent":
		p.Text = append([]string{v.t("note." + n)}, p.Text...)
	case slices.Contains(goodNotes, n):
		p.Tone, p.Text = "done", []string{v.t("note." + n)}
	}
	return p
}

// noteOf is the part of a query that tells why no TAN was sent, or "" for another
// error and for none.
func noteOf(err error) string {
	var e *staff.Error
	switch {
	case !errors.As(err, &e):
		return ""
	case e.Code == staff.CodeUnavailable && e.Field == "sms.url":
		return "&note=gateway"
	case errors.Is(err, staff.ErrTooManyTANs):
		return "&note=limit"
	case e.Code == staff.CodeForbidden && e.Field == "number":
		return "&note=country"
	default:
		return ""
	}
}
