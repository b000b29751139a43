package web

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"

	"github.com/staffctl/staffctl/internal/staff"
)

// visit is one request and its answer.
type visit struct {
	site     *Site
	w        http.ResponseWriter
	r        *http.Request
	page     string // the path below that of the site
	id       string // of the request, in the log and on pages of failure
	network  string
	language staff.Language
	chosen   bool   // the language, on the page
	status   int    // as answered; 0 before
	leave    func() // the room for passwords, where it is in
	hashes   bool   // the form holds a password that is checked
}

// ServeHTTP answers one request and logs it.
func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	began := s.Staff.Now()
	v := &visit{site: s, w: w, r: r, id: randomText(8), network: s.network(r)}
	// Nothing that follows can take what a client says of the host for ours.
	r.Host, r.URL.Host = s.public.Host, ""
	v.language = accepted(r.Header.Get("Accept-Language"))
	if l := r.URL.Query().Get("lang"); isLanguage(l) {
		v.language, v.chosen = staff.Language(l), true
	}
	v.setHeaders()
	route := s.find(v)
	defer func() {
		if p := recover(); p != nil {
			v.panicked(p)
		}
		v.leaveRoom()
		v.log(route, s.Staff.Now().Sub(began).Milliseconds())
	}()
	v.answer(route)
}

func randomText(size int) string {
	bytes := make([]byte, size)
	rand.Read(bytes)
	return hex.EncodeToString(bytes)
}

// setHeaders sets what product.md section 4 asks of every page.
func (v *visit) setHeaders() {
	h := v.w.Header()
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	if v.site.isSecure() {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
}

func (v *visit) panicked(p any) {
	v.site.Log.Error("panic", "request_id", v.id, "error", fmt.Sprint(p), "stack", string(debug.Stack()))
	if v.status == 0 {
		v.showFailure("internal", http.StatusInternalServerError)
	}
}

// log notes the request under the pattern of its route: a path may hold a token.
func (v *visit) log(r route, milliseconds int64) {
	level := slog.LevelInfo
	if r.quiet && v.status == http.StatusOK {
		level = slog.LevelDebug
	}
	v.site.Log.Log(v.r.Context(), level, "request", "method", method(v.r), "route", r.pattern, "status", v.status,
		"duration_ms", milliseconds, "request_id", v.id, "network", v.network)
}

// method is the request's method for the log, where a client may send any word.
func method(r *http.Request) string {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodPatch, http.MethodOptions:
		return r.Method
	default:
		return "other"
	}
}

func (v *visit) write(status int, body []byte) {
	v.status = status
	v.w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	v.w.WriteHeader(status)
	// Who has gone cannot be told.
	_, _ = v.w.Write(body)
}

// lead sends the browser on to a page by a 303.
func (v *visit) lead(page, query string) {
	v.leadTo(v.site.address(page, v.language, query))
}

// leadTo is lead to an address of this host.
func (v *visit) leadTo(address string) {
	v.w.Header().Set("Location", address)
	v.write(http.StatusSeeOther, nil)
}

// find returns the route of the request and sets the page that it asks for.
func (s *Site) find(v *visit) route {
	page, under := strings.CutPrefix(v.r.URL.Path, s.path)
	if page == "" {
		page = "/"
	}
	token, isLink := strings.CutPrefix(page, "/link/")
	known, isKnown := s.routes[page]
	switch {
	case under && isLink && token != "" && !strings.Contains(token, "/"):
		v.page = page
		return route{pattern: "/link/{token}", answer: (*visit).followLink}
	case under && isKnown:
		v.page = page
		return known
	default:
		return route{pattern: "unknown", answer: func(v *visit) { v.showRefusal("path", http.StatusNotFound) }, any: true}
	}
}

func (v *visit) answer(r route) {
	v.hashes = r.hashes
	switch {
	case r.any, v.r.Method == http.MethodGet, v.r.Method == http.MethodHead, r.posts && v.isPost():
		r.answer(v)
	default:
		allowed := "GET, HEAD"
		if r.posts {
			allowed += ", POST"
		}
		v.w.Header().Set("Allow", allowed)
		v.showRefusal("method", http.StatusMethodNotAllowed)
	}
}

func (v *visit) isPost() bool { return v.r.Method == http.MethodPost }
