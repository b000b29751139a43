package web

import (
	"github.com/staffctl/staffctl/internal/staff"
)

// enterTAN takes the TAN that was sent at the sign-in.
func (v *visit) enterTAN() {
	signed, token := v.signed(staff.StageTAN)
	if signed == nil {
		return
	}
	number := signed.Login.Mobile
	p := v.tanPage("tan", token, number[max(0, len(number)-2):])
	p.Below = []anchor{v.link("tan.other", "/sign-in")}
	switch {
	case !v.isPost():
		v.show(v.note(p))
	case v.value("do") == "resend":
		v.resend(token)
	default:
		next, signed, err := v.domain().EnterTAN(v.r.Context(), token, v.value("tan"), v.network)
		v.advance(p, next, signed, err)
	}
}

// tanPage asks for a TAN; group is that of its texts.
func (v *visit) tanPage(group string, token staff.Secret, number string, more ...*field) *page {
	fields := append([]*field{{Name: "tan", Label: v.t("field.tan"), Hint: v.t("field.tan.hint"), Type: "text", Autocomplete: "one-time-code", Verbatim: true, Digits: true}}, more...)
	p := &page{Title: v.t(group + ".title"), Text: []string{v.t(group+".lead", number)}, Form: v.newForm(group+".submit", string(token), fields...)}
	p.Form.Buttons = []button{{Name: "do", Value: "resend", Text: v.t("tan.resend")}}
	return p
}

// resend sends another TAN, and tells on the same page what came of it.
func (v *visit) resend(token staff.Secret) {
	err := v.domain().ResendTAN(v.r.Context(), token)
	note := noteOf(err)
	switch {
	case err == nil:
		note = "&note=sent"
	case note == "":
		v.failSigned(err)
		return
	}
	v.noteFailure(err)
	v.lead(v.page, note+v.onward())
}

// advance goes on to the next stage, or says at the form why not.
func (v *visit) advance(p *page, token staff.Secret, signed *staff.Signed, err error) {
	if token == "" && err != nil {
		v.mend(p, err)
		return
	}
	v.goOn(token, signed, err)
}

// changeTemporary takes a password in the place of a temporary one.
func (v *visit) changeTemporary() {
	signed, token := v.signed(staff.StagePassword)
	if signed == nil {
		return
	}
	fields := append([]*field{v.fixedUsername(signed.Person.Member)}, v.newPasswordFields("field.new-password")...)
	p := &page{Title: v.t("temporary.title"), Text: []string{v.t("temporary.lead")}, Form: v.newForm("reset.submit", string(token), fields...)}
	if !v.isPost() || !v.checkRepeat(p.Form) {
		v.show(p)
		return
	}
	next, signed, plan, err := v.domain().ChangePassword(v.r.Context(), token, nil, staff.PlainPassword(v.value("password")), v.network)
	v.site.mailed(plan)
	v.advance(p, next, signed, err)
}

// chooseAccount goes on in one of several accounts, or switches to it.
func (v *visit) chooseAccount() {
	signed, token := v.signed(staff.StageAccount, staff.StageOpen)
	if signed == nil {
		return
	}
	p := v.accountPage(signed, token)
	if !v.isPost() {
		v.show(p)
		return
	}
	next, signed, err := v.domain().ChooseAccount(v.r.Context(), token, v.value("account"), v.network)
	v.advance(p, next, signed, err)
}

func (v *visit) accountPage(signed *staff.Signed, token staff.Secret) *page {
	p := &page{Title: v.t("account.title"), Text: []string{v.t("account.lead")}, Form: v.newForm("", string(token))}
	isOpen := signed.Session.Stage == staff.StageOpen
	for _, m := range signed.Serves {
		if isOpen && m.AccountID == signed.Session.AccountID {
			p.Facts = []fact{{v.t("account.present"), []string{m.Name}}}
			continue
		}
		b := button{Name: "account", Value: m.Account, Text: m.Name}
		if m.Account != m.Name {
			b.Hint = m.Account
		}
		p.Form.Buttons = append(p.Form.Buttons, b)
	}
	if isOpen {
		p.Below = []anchor{v.link("access.title", "/access")}
	} else {
		p.Below = []anchor{v.link("tan.other", "/sign-in")}
	}
	return p
}
