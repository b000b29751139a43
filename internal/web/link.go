package web

import (
	"net/http"
	"strings"

	"github.com/staffctl/staffctl/internal/staff"
)

// pageOf is the page of each purpose.
var pageOf = map[staff.Purpose]string{staff.ForInvite: "/invite", staff.ForConfirmation: "/confirm", staff.ForReset: "/reset",
	staff.ForSecondFactor: "/second-factor", staff.ForEmail: "/email"}

// followLink swaps the token in the address for a cookie and changes nothing:
// mail scanners and browsers that look ahead come here too.
func (v *visit) followLink() {
	token := staff.Secret(strings.TrimPrefix(v.page, "/link/"))
	opened, err := v.domain().Open(v.r.Context(), token)
	if err != nil {
		v.showLinkError(opened, err)
		return
	}
	v.keepLink(token, opened.Link)
	v.speak(languageOf(opened))
	v.lead(pageOf[opened.Link.Purpose], "")
}

// languageOf is the language of the person whom the link is for.
func languageOf(o *staff.Opened) staff.Language {
	switch {
	case o.Invite != nil:
		return o.Invite.Language
	case o.Member != nil:
		return o.Member.Language
	default:
		return o.Account.Language
	}
}

// open opens the link in the cookie for one purpose, or answers why not and
// returns nil. A form that was posted has come from its page then.
func (v *visit) open(purpose staff.Purpose) (*staff.Opened, staff.Secret) {
	token := staff.Secret(v.cookie(linkCookie))
	if token == "" {
		v.showNoLink()
		return nil, ""
	}
	if v.isPost() && !v.receive(string(token)) {
		return nil, ""
	}
	opened, err := v.domain().Open(v.r.Context(), token)
	switch {
	case err != nil:
		v.showLinkError(opened, err)
		return nil, ""
	case opened.Link.Purpose != purpose:
		v.showNoLink()
		return nil, ""
	}
	v.speak(languageOf(opened))
	return opened, token
}

// showNoLink is for who comes back after the link was used, and for who comes
// without one.
func (v *visit) showNoLink() {
	switch {
	case v.cookie(linkCookie) == "" && v.cookie(usedCookie) != "":
		v.speak(staff.Language(v.cookie(usedCookie)))
		v.showLinkProblem("used", http.StatusGone, "")
	case v.isPost():
		v.showRefusal("form", http.StatusForbidden)
	default:
		v.showLinkProblem("missing", http.StatusNotFound, "")
	}
}

// showLinkError says why the link does not work, or that the service does not.
// opened is what it led to, or nil.
func (v *visit) showLinkError(opened *staff.Opened, err error) {
	switch code := staff.CodeOf(err); {
	case code == staff.CodeInvalid:
		v.showLinkProblem("incomplete", http.StatusNotFound, "")
	case code == staff.CodeNotFound:
		v.showLinkProblem("unknown", http.StatusNotFound, "")
	case code == staff.CodeExpired && opened != nil:
		v.speak(languageOf(opened))
		v.showLinkProblem(whyEnded(opened.Link), http.StatusGone, opened.Link.Purpose)
	case code == staff.CodeExpired:
		v.showLinkProblem("ended", http.StatusGone, "")
	default:
		v.fail(err)
	}
}

func whyEnded(l *staff.Link) string {
	switch l.State {
	case staff.LinkUsed:
		return "used"
	case staff.LinkOpen:
		return "expired"
	default:
		return "ended"
	}
}

// showLinkProblem says what is wrong with a link and what to do next.
func (v *visit) showLinkProblem(why string, status int, purpose staff.Purpose) {
	p := &page{Status: status, Tone: "problem", Title: v.t("link." + why + ".title"), Text: []string{v.t("link." + why + ".lead")}}
	switch next := purpose; {
	case why == "incomplete":
	case next != "":
		p.Text = append(p.Text, v.t("link.next."+string(next)))
	default:
		p.Text = append(p.Text, v.t("link.next.any"))
	}
	if purpose == "" || purpose == staff.ForReset {
		p.Links = []anchor{v.link("start.forgot", "/forgot")}
	}
	v.show(p)
}
