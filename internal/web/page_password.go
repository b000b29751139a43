package web

import (
	"net/http"
	"strings"

	"github.com/staffctl/staffctl/internal/staff"
)

// maxUsername is the length in bytes of what may be a username at all.
const maxUsername = 4 * 254

// forgot takes the wish for a link to a new password. Its answer never depends
// on the username: the work comes later.
func (v *visit) forgot() {
	cookie := v.formBinding()
	if v.isPost() {
		v.takeWish(cookie)
		return
	}
	v.show(v.forgotPage(cookie))
}

func (v *visit) takeWish(cookie string) {
	if !v.receive(cookie) {
		return
	}
	username := strings.TrimSpace(v.value("username"))
	if username == "" {
		p := v.forgotPage(cookie)
		p.Form.field("username").Error = v.t("error.username.empty")
		v.show(p)
		return
	}
	if len(username) <= maxUsername && !v.site.resets.offer(wish{username, v.network, v.id}) {
		v.site.Log.Warn("too many wishes for new passwords at once; one was left out", "request_id", v.id)
	}
	v.lead("/done", "&what=asked")
}

func (v *visit) forgotPage(cookie string) *page {
	return &page{Title: v.t("forgot.title"), Text: []string{v.t("forgot.lead")}, Form: v.newForm("forgot.submit", cookie,
		&field{Name: "username", Label: v.t("field.username"), Type: "text", Autocomplete: "username", Verbatim: true})}
}

// reset sets the password that the holder of a login chooses.
func (v *visit) reset() {
	opened, token := v.open(staff.ForReset)
	switch {
	case opened == nil:
		return
	case opened.Member == nil:
		v.showLinkProblem("unknown", http.StatusNotFound, staff.ForReset)
		return
	}
	fields := append([]*field{v.fixedUsername(opened.Member)}, v.newPasswordFields("field.new-password")...)
	p := &page{Title: v.t("reset.title"), Text: []string{v.t("reset.lead")}, Form: v.newForm("reset.submit", string(token), fields...)}
	if !v.isPost() || !v.checkRepeat(p.Form) {
		v.show(p)
		return
	}
	plan, err := v.domain().Do(v.r.Context(), "", staff.ChoosePassword{Token: token, Password: staff.PlainPassword(v.value("password"))})
	v.settle(p, token, plan, err, "reset")
}
