package web

import (
	"errors"
	"net/url"
	"time"

	"github.com/staffctl/staffctl/internal/staff"
)

// acceptSignedIn accepts an invite with a login that the person has.
func (v *visit) acceptSignedIn() {
	beat := time.NewTicker(v.site.Beat)
	defer beat.Stop()
	opened, token := v.openInvite()
	if opened == nil {
		return
	}
	p := v.acceptPage(opened, token)
	if !v.isPost() {
		v.show(p)
		return
	}
	v.typed(p.Form)
	proof, err := v.domain().Prove(v.r.Context(), v.value("username"), v.value("password"), v.network)
	if err != nil {
		v.refuseSignIn(p, beat, err)
		return
	}
	plan, err := v.domain().Accept(v.r.Context(), staff.AcceptInvite{Token: token, Proof: proof, SecondFactor: v.presentIs(v.value("username"))})
	if errors.Is(err, staff.ErrSecondFactor) {
		v.lead("/sign-in", "&return="+url.QueryEscape(v.site.address("/invite/sign-in", v.language, "")))
		return
	}
	if errors.Is(err, staff.ErrNotHolders) {
		v.site.mailed(plan)
		v.lead("/done", "&what=mailed")
		return
	}
	v.settle(p, token, plan, err, "accepted")
}

// presentIs reports whether the session that is open in the browser is of the
// username: it has passed the TAN then.
func (v *visit) presentIs(username string) bool {
	signed := v.present()
	return signed != nil && staff.UsernameKey(signed.Login.Username) == staff.UsernameKey(username)
}

// presentUsername is that of the session that is open in the browser and could
// accept an invite, or "" (rule 14).
func (v *visit) presentUsername() string {
	signed := v.present()
	if signed == nil || signed.Person.Subaccount != "" {
		return ""
	}
	return signed.Login.Username
}

func (v *visit) acceptPage(o *staff.Opened, token staff.Secret) *page {
	text, username := []string{v.t("sign-in.lead", o.Account.DisplayName)}, v.presentUsername()
	if username != "" {
		text = append(text, v.t("invite.present", username), v.t("invite.consent"))
	}
	return &page{Title: v.t("sign-in.title"), Text: text, Facts: v.inviteFacts(o),
		Links: []anchor{v.link("invite.to-new", "/invite"), v.link("start.forgot", "/forgot")},
		Form:  v.newForm("sign-in.submit", string(token), v.signInFields(username)...)}
}
