package web

import (
	"net/http"

	"github.com/staffctl/staffctl/internal/staff"
)

// showAccess shows who is signed in, and what is open to them.
func (v *visit) showAccess() {
	signed, token := v.signed(staff.StageOpen)
	if signed == nil {
		return
	}
	person := signed.Person
	p := &page{Title: v.t("access.title"), Facts: []fact{
		{v.t("access.person"), nonEmpty(person.FullName(), signed.Login.Username)},
		{v.t("fact.account"), nonEmpty(person.Account.DisplayName)},
	}}
	for _, r := range person.Catalog.Roles {
		if r.Key == person.Access.Role {
			p.Facts = append(p.Facts, fact{v.t("fact.role"), []string{in(v.language, r.Label)}})
		}
	}
	if labels := v.opens(person.Catalog, person.Access); len(labels) > 0 {
		p.Facts = append(p.Facts, fact{v.t("access.areas"), labels})
	} else {
		p.Text = append(p.Text, v.t("access.none"))
	}
	p.Links = append(p.Links, v.link("login.title", "/login"))
	if len(signed.Serves) > 1 {
		p.Links = append(p.Links, v.link("access.switch", "/account"))
	}
	if v.site.Portal != v.site.Pages {
		p.Links = append(p.Links, anchor{v.t("done.portal"), v.site.Portal})
	}
	p.Form = v.newFormTo("/sign-out", "", string(token))
	p.Form.Buttons = []button{{Name: "do", Value: "sign-out", Text: v.t("out.submit")}}
	v.show(p)
}

func nonEmpty(values ...string) []string {
	var some []string
	for _, value := range values {
		if value != "" {
			some = append(some, value)
		}
	}
	return some
}

// showLogin shows how the person signs in, with the ways to change it.
func (v *visit) showLogin() {
	signed, _ := v.signed(staff.StageOpen)
	if signed == nil {
		return
	}
	l := signed.Login
	number := l.Mobile
	if number == "" {
		number = v.t("login.no-number")
	}
	p := &page{Title: v.t("login.title"), Facts: []fact{{v.t("field.username"), []string{l.Username}}, {v.t("login.email"), []string{l.Email}},
		{v.t("field.number"), []string{number}}}}
	p.Links = []anchor{v.link("login-password.title", "/login/password")}
	if signed.Person.Subaccount == "" { // its username never changes
		p.Links = append(p.Links, v.link("login-username.title", "/login/username"))
	}
	p.Links = append(p.Links, v.link("login-email.title", "/login/email"), v.link("login-number.title", "/login/number"), v.link("login.back", "/access"))
	v.show(v.note(p))
}

// useEmail makes the address that a link was mailed to the e-mail of the login.
func (v *visit) useEmail() {
	opened, token := v.open(staff.ForEmail)
	switch {
	case opened == nil:
		return
	case opened.Member == nil:
		v.showLinkProblem("unknown", http.StatusNotFound, staff.ForEmail)
		return
	}
	p := &page{Title: v.t("email.title"), Text: []string{v.t("email.lead")}, Form: v.newForm("email.submit", string(token)),
		Facts: []fact{{v.t("field.username"), []string{opened.Member.Username()}}, {v.t("email.new"), []string{opened.Link.Email}},
			{v.t("fact.until"), []string{v.moment(opened.Link.ExpiresAt)}}}}
	if !v.isPost() {
		v.show(p)
		return
	}
	plan, err := v.domain().Do(v.r.Context(), "", staff.UseEmail{Token: token})
	v.settle(p, token, plan, err, "email")
}
