package web

import (
	"net/http"
	"strings"

	"github.com/staffctl/staffctl/internal/staff"
)

// invite accepts an invite with a login that it makes.
func (v *visit) invite() {
	opened, token := v.openInvite()
	if opened == nil {
		return
	}
	p := v.invitePage(opened, token)
	if v.isPost() {
		v.typed(p.Form)
	}
	if !v.isPost() || !v.checkNew(p.Form) {
		v.show(p)
		return
	}
	plan, err := v.domain().Do(v.r.Context(), "", staff.AcceptInvite{Token: token, Username: v.value("username"),
		Password: staff.PlainPassword(v.value("password")), Details: v.details()})
	v.settle(p, token, plan, err, "accepted")
}

// checkNew reports whether the domain need only look at what was typed for a
// new login.
func (v *visit) checkNew(f *form) bool {
	if strings.TrimSpace(v.value("username")) == "" {
		f.field("username").Error = v.t("error.username.empty")
	}
	return v.checkRepeat(f) && len(f.Failed()) == 0
}

func (v *visit) openInvite() (*staff.Opened, staff.Secret) {
	opened, token := v.open(staff.ForInvite)
	if opened != nil && opened.Invite == nil {
		v.showLinkProblem("unknown", http.StatusNotFound, "")
		return nil, ""
	}
	return opened, token
}

func (v *visit) invitePage(o *staff.Opened, token staff.Secret) *page {
	username := o.Invite.Email
	if m := invitee(o); m != nil {
		username = m.Username()
	}
	fields := append(v.nameFields(o), &field{Name: "username", Label: v.t("field.username"), Type: "text", Autocomplete: "username", Value: username,
		Verbatim: true, Hint: v.t("field.username.hint")})
	fields = append(fields, v.newPasswordFields("field.password")...)
	text, link := []string{v.t("invite.lead", o.Account.DisplayName)}, v.link("invite.to-sign-in", "/invite/sign-in")
	if name := v.presentUsername(); name != "" {
		text = append(text, v.t("invite.present", name))
		link.Text = v.t("invite.to-present", name)
	}
	return &page{Title: v.t("invite.title"), Text: text, Facts: v.inviteFacts(o), Links: []anchor{link}, Form: v.newForm("invite.submit", string(token), fields...)}
}

// invitee is the member without login whom the invite would give one, or nil.
func invitee(o *staff.Opened) *staff.Member {
	if o.Member == nil || o.Member.Login != nil {
		return nil
	}
	return o.Member
}

func (v *visit) inviteFacts(o *staff.Opened) []fact {
	return []fact{
		{v.t("fact.inviter"), []string{o.Account.DisplayName}},
		{v.t("fact.email"), []string{o.Invite.Email}},
		{v.t("fact.access"), v.opens(o.Catalog, o.Invite.Access)},
		{v.t("fact.until"), []string{v.moment(o.Link.ExpiresAt)}},
	}
}

// nameFields ask who the person is in the account.
func (v *visit) nameFields(o *staff.Opened) []*field {
	m := invitee(o)
	if m == nil {
		m = &staff.Member{Salutation: "none", Language: v.language}
	}
	return []*field{
		{Name: "salutation", Label: v.t("field.salutation"), Choices: v.choices("salutation.", m.Salutation, "none", "ms", "mr", "mx")},
		{Name: "first-name", Label: v.t("field.first-name"), Type: "text", Autocomplete: "given-name", Value: m.FirstName, Optional: true},
		{Name: "last-name", Label: v.t("field.last-name"), Type: "text", Autocomplete: "family-name", Value: m.LastName, Optional: true},
		{Name: "language", Label: v.t("field.language"), Choices: []choice{
			{"de", "Deutsch", m.Language == staff.German}, {"en", "English", m.Language != staff.German}}},
	}
}

func (v *visit) choices(prefix, chosen string, values ...string) []choice {
	var all []choice
	for _, value := range values {
		all = append(all, choice{value, v.t(prefix + value), value == chosen})
	}
	return all
}

// details are what was typed into the fields of [visit.nameFields].
func (v *visit) details() staff.Details {
	return staff.Details{Salutation: new(v.value("salutation")), FirstName: new(v.value("first-name")),
		LastName: new(v.value("last-name")), Language: new(v.value("language"))}
}
