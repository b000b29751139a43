package web

import (
	"time"

	"github.com/staffctl/staffctl/internal/staff"
)

// signIn begins a session with a username and a password.
func (v *visit) signIn() {
	beat := time.NewTicker(v.site.Beat)
	defer beat.Stop()
	cookie := v.formBinding()
	switch {
	case v.isPost() && v.receive(cookie):
		v.takeSignIn(v.signInPage(cookie), beat)
	case v.isPost():
	case v.present() != nil:
		v.leadBack()
	default:
		v.show(v.signInPage(cookie))
	}
}

func (v *visit) signInPage(cookie string) *page {
	return &page{Title: v.t("in.title"), Text: []string{v.t("in.lead")}, Below: []anchor{v.link("start.forgot", "/forgot")},
		Form: v.newForm("in.submit", cookie, v.signInFields("")...)}
}

func (v *visit) signInFields(username string) []*field {
	return []*field{
		{Name: "username", Label: v.t("field.username"), Type: "text", Autocomplete: "username", Verbatim: true, Value: username},
		{Name: "password", Label: v.t("field.password"), Type: "password", Autocomplete: "current-password"},
	}
}

func (v *visit) takeSignIn(p *page, beat *time.Ticker) {
	v.typed(p.Form)
	old := v.cookie(sessionCookie)
	token, signed, err := v.domain().SignIn(v.r.Context(), v.value("username"), v.value("password"), v.network)
	if token == "" {
		v.refuseSignIn(p, beat, err)
		return
	}
	v.endSession(old)
	v.goOn(token, signed, err)
}

// refuseSignIn answers a sign-in that fails: on the beat, and alike whatever the
// reason.
func (v *visit) refuseSignIn(p *page, beat *time.Ticker, err error) {
	if staff.CodeOf(err) != staff.CodeForbidden {
		v.fail(err)
		return
	}
	v.waitFor(beat)
	p.Form.field("username").Value = "" // the same bytes, whatever was typed
	p.Form.field("password").Error = v.t("error.sign-in")
	v.show(p)
}

// waitFor waits for the next beat, whatever has passed since the last. It makes
// room for others meanwhile.
func (v *visit) waitFor(beat *time.Ticker) {
	v.leaveRoom()
	select {
	case <-beat.C:
	default:
	}
	select {
	case <-beat.C:
	case <-v.r.Context().Done():
	}
}

// endSession ends a session that the browser has let go of. That it lasts until
// its time is over harms nobody, so a failure is noted and no more.
func (v *visit) endSession(token string) {
	if token == "" {
		return
	}
	if err := v.domain().SignOut(v.r.Context(), staff.Secret(token)); err != nil {
		v.noteFailure(err)
	}
}

// signOut ends the session. A page with a button stands where others lead to.
func (v *visit) signOut() {
	token := v.cookie(sessionCookie)
	switch {
	case token == "":
		v.lead("/done", "&what=signed-out")
	case !v.isPost():
		v.show(&page{Title: v.t("out.title"), Form: v.newForm("out.submit", token), Below: []anchor{v.link("access.title", "/access")}})
	case v.receive(token):
		if err := v.domain().SignOut(v.r.Context(), staff.Secret(token)); err != nil {
			v.fail(err)
			return
		}
		v.setCookie(sessionCookie, "", 0)
		v.lead("/done", "&what=signed-out")
	}
}
