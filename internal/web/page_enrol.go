package web

import (
	"net/http"
	"time"

	"github.com/staffctl/staffctl/internal/staff"
)

// offerNumber takes a number that is to be enrolled, and sends a TAN to it.
func (v *visit) offerNumber() {
	if signed, token := v.signed(staff.StageEnrol, staff.StageRenew); signed != nil {
		p := v.numberPage("enrol", token, signed.Person.Account.DisplayName)
		p.Below = []anchor{v.link("tan.other", "/sign-in")}
		v.takeNumber(p, token, "/enrol/tan")
	}
}

func (v *visit) numberPage(group string, token staff.Secret, args ...any) *page {
	return &page{Title: v.t(group + ".title"), Text: []string{v.t(group+".lead", args...)}, Form: v.newForm("enrol.submit", string(token),
		&field{Name: "number", Label: v.t("field.number"), Hint: v.t("field.number.hint"), Type: "tel", Autocomplete: "tel"})}
}

// takeNumber sends a TAN to the number in the form and leads to the page that
// takes it, also where the gateway has not answered: it can be sent again there.
func (v *visit) takeNumber(p *page, token staff.Secret, next string) {
	if !v.isPost() {
		v.show(p)
		return
	}
	v.typed(p.Form)
	err := v.domain().OfferNumber(v.r.Context(), token, v.value("number"))
	switch note := noteOf(err); {
	case err == nil:
		v.lead(next, v.onward())
	case note == "&note=gateway":
		v.noteFailure(err)
		v.lead(next, note+v.onward())
	default:
		v.mend(p, err)
	}
}

// enrolNumber takes the TAN that was sent to the new number.
func (v *visit) enrolNumber() {
	signed, token := v.signed(staff.StageEnrol, staff.StageRenew)
	switch {
	case signed == nil:
		return
	case signed.TAN == nil:
		v.lead("/enrol", v.onward())
		return
	}
	p := v.tanPage("enrol-tan", token, signed.TAN.Number)
	p.Below = []anchor{v.link("enrol-tan.other", "/enrol")}
	switch {
	case !v.isPost():
		v.show(v.note(p))
	case v.value("do") == "resend":
		v.resend(token)
	default:
		next, signed, plan, err := v.domain().EnrolNumber(v.r.Context(), token, v.value("tan"), nil, v.network)
		v.site.mailed(plan)
		if err == nil && next == "" { // behind a link, where it ends
			v.setCookie(sessionCookie, "", 0)
			v.dropLink()
			v.lead("/done", "&what=number")
			return
		}
		v.advance(p, next, signed, err)
	}
}

// renew asks for the password behind the link of who has lost the phone; then
// comes the page of [visit.offerNumber].
func (v *visit) renew() {
	beat := time.NewTicker(v.site.Beat)
	defer beat.Stop()
	opened, link := v.open(staff.ForSecondFactor)
	switch {
	case opened == nil:
		return
	case opened.Member == nil:
		v.showLinkProblem("unknown", http.StatusNotFound, staff.ForSecondFactor)
		return
	}
	p := &page{Title: v.t("renew.title"), Text: []string{v.t("renew.lead")}, Facts: []fact{{v.t("fact.until"), []string{v.moment(opened.Link.ExpiresAt)}}},
		Form: v.newForm("renew.submit", string(link), v.signInFields(opened.Member.Username())...), Below: []anchor{v.link("start.forgot", "/forgot")}}
	if !v.isPost() {
		v.show(p)
		return
	}
	v.typed(p.Form)
	token, _, err := v.domain().BeginRenewal(v.r.Context(), link, v.value("username"), v.value("password"), v.network)
	if err != nil {
		v.refuseSignIn(p, beat, err)
		return
	}
	v.endSession(v.cookie(sessionCookie))
	v.keepSession(token)
	v.lead("/enrol", "")
}

// enrolAtOnce signs the holder of a subaccount in who has just confirmed it, since
// its account asks for a number (rule 11). Where that cannot be, they sign in
// themselves.
func (v *visit) enrolAtOnce(username, password string) {
	token, signed, err := v.domain().SignIn(v.r.Context(), username, password, v.network)
	if token == "" {
		v.noteFailure(err)
		v.lead("/done", "&what=confirmed")
		return
	}
	v.endSession(v.cookie(sessionCookie))
	v.goOn(token, signed, err)
}
