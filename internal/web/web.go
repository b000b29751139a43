// Package web serves the pages behind mailed links, signing in with what belongs
// to it, and the question of a proxy whether an area is open to who asks for it.
//
// A link's page is reached in two steps: GET /link/TOKEN puts the token into a
// cookie and leads on by a 303, so that no address and no form holds it; only a
// POST with what a person supplies changes anything. All addresses come from
// [Options], none from what a client says of the host. Pages are HTML and one
// style sheet, without script.
package web

import (
	"cmp"
	"html/template"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/staffctl/staffctl/internal/staff"
)

// Options are what a [Site] is made of.
type Options struct {
	Staff *staff.Staff
	// Pages is the address that the pages have for a browser: public_url and
	// serve.path, without a slash at its end. It is https, or http on a loopback
	// host.
	Pages string
	// Path is the path that requests arrive under: serve.path.
	Path string
	// Portal is where somebody goes on to who is done: public_url.
	Portal string
	// Proxies are the addresses and networks whose X-Forwarded-For counts.
	Proxies []string
	// MinLength is the least length of a password in characters, as hints tell it.
	MinLength int
	Log       *slog.Logger
	// Mailed is called after an action that put a mail into the outbox; nil is
	// nobody.
	Mailed func()
	// Beat is what a sign-in that fails is answered on a multiple of, so that
	// time does not tell why; 0 is a second.
	Beat time.Duration
	// Sweep is how often sessions that are over are deleted; 0 is a minute.
	Sweep time.Duration
}

// Site is the handler of all pages. Close ends its background work.
type Site struct {
	Options
	key       staff.LinkKey
	public    *url.URL
	path      string // that requests arrive under, without a slash at its end
	proxies   []netip.Prefix
	texts     map[string]staff.Label
	templates map[staff.Language]*template.Template
	style     style
	origins   *http.CrossOriginProtection
	routes    map[string]route
	resets    *queue
	room      room
}

// New checks the options, reads the instance key and makes the site. What is
// wrong with the configuration is CodeInvalid with its key as field.
func New(o Options) (*Site, error) {
	s := &Site{Options: o, path: strings.TrimRight(o.Path, "/"), style: newStyle(), origins: http.NewCrossOriginProtection()}
	var err error
	if s.public, err = parsePublic(o.Pages); err != nil {
		return nil, err
	}
	if s.proxies, err = parseProxies(o.Proxies); err != nil {
		return nil, err
	}
	if s.key, err = o.Staff.Key(); err != nil {
		return nil, err
	}
	if s.texts, err = readTexts(); err != nil {
		return nil, err
	}
	if s.templates, err = s.parseTemplates(); err != nil {
		return nil, err
	}
	if err := s.origins.AddTrustedOrigin(s.public.Scheme + "://" + s.public.Host); err != nil {
		return nil, staff.Errorf(staff.CodeInvalid, "public_url", "public_url %s is no origin of pages: %w", o.Pages, err)
	}
	s.Beat, s.Sweep = cmp.Or(s.Beat, time.Second), cmp.Or(s.Sweep, time.Minute)
	s.routes = s.makeRoutes()
	s.resets = newQueue(s.askReset)
	s.room = make(room, roomSize)
	return s, nil
}

// parsePublic checks the address of the pages: a browser keeps the cookie of a
// link only where nobody can read along.
func parsePublic(pages string) (*url.URL, error) {
	if pages == "" {
		return nil, staff.Errorf(staff.CodeInvalid, "public_url", "public_url is not set; give the address that people open, such as https://portal.example.com")
	}
	u, err := url.Parse(pages)
	switch {
	case err != nil || u.Host == "":
		return nil, staff.Errorf(staff.CodeInvalid, "public_url", "public_url must be an absolute address such as https://portal.example.com")
	case u.Scheme == "https", u.Scheme == "http" && isLoopback(u.Hostname()):
		return u, nil
	default:
		return nil, staff.Errorf(staff.CodeInvalid, "public_url", "public_url %s must begin with https://; http:// is only for localhost", pages)
	}
}

func isLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	address, err := netip.ParseAddr(host)
	return err == nil && address.Unmap().IsLoopback()
}

// isSecure reports whether browsers reach the pages by https.
func (s *Site) isSecure() bool { return s.public.Scheme == "https" }

// address is the path of a page for a browser, in the language of the page that
// leads there; query begins with & or is "".
func (s *Site) address(page string, l staff.Language, query string) string {
	return s.public.EscapedPath() + page + "?lang=" + string(l) + query
}

// mailed tells who sends that a plan has put mails into the outbox.
func (s *Site) mailed(plan *staff.Plan) {
	if plan == nil || s.Mailed == nil {
		return
	}
	for i := range plan.Results {
		if plan.Results[i].Mail != nil {
			s.Mailed()
			return
		}
	}
}
