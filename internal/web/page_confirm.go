package web

import (
	"net/http"

	"github.com/staffctl/staffctl/internal/staff"
)

// confirm sets the password of a subaccount.
func (v *visit) confirm() {
	opened, token := v.open(staff.ForConfirmation)
	switch {
	case opened == nil:
		return
	case opened.Member == nil:
		v.showLinkProblem("unknown", http.StatusNotFound, "")
		return
	}
	p := v.confirmPage(opened, token)
	if !v.isPost() || !v.checkRepeat(p.Form) {
		v.show(p)
		return
	}
	plan, err := v.domain().Do(v.r.Context(), "", staff.ConfirmSubaccount{Token: token, Password: staff.PlainPassword(v.value("password"))})
	if err == nil && opened.Account.TwoFactor == staff.TwoFactorSMS {
		v.site.mailed(plan)
		v.dropLink()
		v.enrolAtOnce(opened.Member.Username(), v.value("password"))
		return
	}
	v.settle(p, token, plan, err, "confirmed")
}

func (v *visit) confirmPage(o *staff.Opened, token staff.Secret) *page {
	m := o.Member
	fields := append([]*field{v.fixedUsername(m)}, v.newPasswordFields("field.password")...)
	p := &page{Title: v.t("confirm.title"), Text: []string{v.t("confirm.lead")}, Form: v.newForm("confirm.submit", string(token), fields...)}
	p.Facts = []fact{{v.t("fact.account"), []string{o.Account.DisplayName}}}
	for _, r := range o.Catalog.Roles {
		if r.Key == m.Access.Role {
			p.Facts = append(p.Facts, fact{v.t("fact.role"), []string{in(v.language, r.Label)}})
		}
	}
	p.Facts = append(p.Facts, fact{v.t("fact.access"), v.opens(o.Catalog, m.Access)}, fact{v.t("fact.until"), []string{v.moment(o.Link.ExpiresAt)}})
	return p
}

// fixedUsername shows the username, so that password managers keep it with the
// password.
func (v *visit) fixedUsername(m *staff.Member) *field {
	return &field{Name: "username", Label: v.t("field.username"), Type: "text", Autocomplete: "username", Value: m.Username(), Fixed: true,
		Hint: v.t("field.username.fixed")}
}
