package web

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/staffctl/staffctl/internal/staff"
)

// authorize answers a proxy that asks whether a request may go on to an area of
// the portal: 200 with who it is, 401 without an open session, 403 where what it
// names is not open or not known, 503 where that cannot be found out.
func (v *visit) authorize() {
	signed, err := v.authorized()
	switch {
	case err != nil:
		v.noteFailure(err)
		v.w.Header().Set("Retry-After", "30")
		v.showFailure("unavailable", http.StatusServiceUnavailable)
	case signed == nil:
		v.refuseUnsigned()
	case !v.isOpen(signed.Person):
		v.speak(signed.Person.Language)
		v.refuseArea()
	default:
		v.nameSigned(signed)
		v.write(http.StatusOK, nil)
	}
}

func (v *visit) refuseArea() {
	v.show(&page{Status: http.StatusForbidden, Tone: "problem", Title: v.t("refused.area.title"), Text: []string{v.t("refused.area.lead")},
		Links: []anchor{v.link("access.title", "/access")}})
}

// refuseUnsigned answers who is not signed in: what the catalog does not know is
// refused to them too, so that a mistake in a proxy shows at once.
func (v *visit) refuseUnsigned() {
	catalog, err := v.domain().Catalog(v.r.Context())
	if err != nil {
		v.noteFailure(err)
		v.w.Header().Set("Retry-After", "30")
		v.showFailure("unavailable", http.StatusServiceUnavailable)
		return
	}
	if _, known := v.wanted(catalog); !known {
		v.refuseArea()
		return
	}
	v.askToSignIn()
}

// authorized is who has an open session, or nil.
func (v *visit) authorized() (*staff.Signed, error) {
	token := v.cookie(sessionCookie)
	if token == "" {
		return nil, nil
	}
	signed, err := v.domain().Signed(v.r.Context(), staff.Secret(token))
	switch {
	case errors.Is(err, staff.ErrNoSession):
		return nil, nil
	case err != nil:
		return nil, err
	case signed.Session.Stage != staff.StageOpen:
		return nil, nil
	default:
		return signed, nil
	}
}

// wanted are the areas and permissions that the query names, one at least, each in
// the catalog; false where it names anything else. Nothing of a query is passed
// over, since what is not understood must not open.
func (v *visit) wanted(c *staff.Catalog) ([]string, bool) {
	query, err := url.ParseQuery(v.r.URL.RawQuery)
	if err != nil {
		return nil, false
	}
	var keys []string
	for name, values := range query {
		if name == "lang" { // of the page that a refusal shows
			continue
		}
		for _, key := range values {
			if isPermission := strings.Contains(key, "."); name != "area" && name != "permission" || isPermission != (name == "permission") || !c.HasPermission(key) {
				return nil, false
			}
			keys = append(keys, key)
		}
	}
	return keys, len(keys) > 0
}

// isOpen reports whether all that the query names is open to the person, by the
// rules of access check.
func (v *visit) isOpen(p *staff.Person) bool {
	keys, known := v.wanted(p.Catalog)
	return known && p.Status().CanSignIn() && !slices.ContainsFunc(keys, func(key string) bool { return p.Catalog.Allows(p.Access, key) == "" })
}

// nameSigned tells the proxy who it is.
func (v *visit) nameSigned(signed *staff.Signed) {
	h, p := v.w.Header(), signed.Person
	h.Set("Remote-User", headerText(signed.Login.Username))
	h.Set("Remote-Account", headerText(p.Account.Name))
	h.Set("Remote-Areas", headerText(strings.Join(p.Catalog.OpenAreas(p.Access), ",")))
	if name := p.FullName(); name != "" {
		h.Set("Remote-Name", headerText(name))
	}
}

// headerText writes a text for a header: what is no printable ASCII, and the
// percent sign, is percent-encoded as UTF-8.
func headerText(s string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '%' {
			b.Write([]byte{'%', hex[c>>4], hex[c&15]})
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// askToSignIn answers who is not signed in; a proxy may show the page, whose link
// then leads back to what it says was asked for.
func (v *visit) askToSignIn() {
	to := ""
	if asked := v.r.Header.Get("X-Forwarded-Uri"); isLocal(asked) {
		to = "&return=" + url.QueryEscape(asked)
	}
	v.show(&page{Status: http.StatusUnauthorized, Title: v.t("refused.session.title"), Text: []string{v.t("refused.session.lead")},
		Links: []anchor{{v.t("in.title"), v.site.address("/sign-in", v.language, to)}}})
}
