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
	formCookie = "staffctl-form" // what the form for a forgotten password is bound to
)

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
	http.SetCookie(v.w, &http.Cookie{Name: v.site.cookieName(name), Value: value, Path: "/", MaxAge: seconds,
		Secure: v.site.isSecure(), HttpOnly: true, SameSite: http.SameSiteLaxMode})
}

// cookie returns the value of a cookie, or "".
func (v *visit) cookie(name string) string {
	c, err := v.r.Cookie(v.site.cookieName(name))
	if err != nil {
		return ""
	}
	return c.Value
}

// keepLink puts the token into the cookie for as long as the link works.
func (v *visit) keepLink(token staff.Secret, l *staff.Link) {
	v.setCookie(linkCookie, string(token), int((l.ExpiresAt-v.site.Staff.Now().UnixMilli())/1000))
	if v.cookie(usedCookie) != "" {
		v.setCookie(usedCookie, "", 0)
	}
}

// dropLink removes the token and remembers for an hour that it was used.
func (v *visit) dropLink() {
	v.setCookie(linkCookie, "", 0)
	v.setCookie(usedCookie, string(v.language), int(time.Hour.Seconds()))
}
