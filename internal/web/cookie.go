package web

import (
	"net/http"
	"time"

	"github.com/staffctl/staffctl/internal/staff"
)

// The cookies. A browser takes one with the prefix __Host- only from this host,
// by https and for all its paths, so that no neighbour can plant it.
const (
	linkCookie = "staffctl-link" // the token of the link that was followed
	usedCookie = "staffctl-used" // that the link was used, for who comes back: the language
	formCookie = "staffctl-form" // what forms are bound to before anybody is known
	// sessionCookie holds the token of the session. It is gone with the browser.
	sessionCookie = "staffctl-session"
)

// formLifetime is how long such a form may stay open.
const formLifetime = 12 * time.Hour

func (s *Site) cookieName(name string) string {
	if s.isSecure() {
		return "__Host-" + name
	}
	return name
}

// setCookie sets a cookie for some seconds; below 1 it is removed.
func (v *visit) setCookie(name, value string, seconds int) {
	if seconds < 1 {
		seconds = -1
	}
	http.SetCookie(v.w, v.site.newCookie(name, value, seconds))
}

// newCookie makes a cookie for some seconds; 0 is for as long as the browser runs.
func (s *Site) newCookie(name, value string, seconds int) *http.Cookie {
	return &http.Cookie{Name: s.cookieName(name), Value: value, Path: "/", MaxAge: seconds,
		Secure: s.isSecure(), HttpOnly: true, SameSite: http.SameSiteLaxMode}
}

// keepSession puts the token of a session into its cookie, in the place of the
// one before.
func (v *visit) keepSession(token staff.Secret) {
	http.SetCookie(v.w, v.site.newCookie(sessionCookie, string(token), 0))
}

// cookie returns the value of a cookie, or "".
func (v *visit) cookie(name string) string {
	c, err := v.r.Cookie(v.site.cookieName(name))
	if err != nil {
		return ""
	}
	return c.Value
}

// formBinding is what a form is bound to in a browser of which nothing else is
// known; where there is none yet, the cookie is set.
func (v *visit) formBinding() string {
	value := v.cookie(formCookie)
	if v.isPost() {
		return value
	}
	if len(value) != 64 {
		value = randomText(32)
	}
	v.setCookie(formCookie, value, int(formLifetime.Seconds()))
	return value
}

// keepLink puts the token into the cookie for as long as the link works.
func (v *visit) keepLink(token staff.Secret, l *staff.Link) {
	v.setCookie(linkCookie, string(token), int((l.ExpiresAt-v.domain().Now().UnixMilli())/1000))
	if v.cookie(usedCookie) != "" {
		v.setCookie(usedCookie, "", 0)
	}
}

// dropLink removes the token and remembers for an hour that it was used.
func (v *visit) dropLink() {
	v.setCookie(linkCookie, "", 0)
	v.setCookie(usedCookie, string(v.language), int(time.Hour.Seconds()))
}
