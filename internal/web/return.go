package web

import (
	"net/url"
	"strings"
)

// maxReturn is how long a return address may be in bytes.
const maxReturn = 2048

// returnAddress is where somebody wants to go on to who signs in: a path of the
// portal's host that the query names after return=, or "". A proxy may give the
// path as it is: where it begins with a slash, it is all that follows.
func returnAddress(query string) string {
	_, address, _ := strings.Cut("&"+query, "&return=")
	if !strings.HasPrefix(address, "/") {
		address, _, _ = strings.Cut(address, "&")
		decoded, err := url.QueryUnescape(address)
		if err != nil {
			return ""
		}
		address = decoded
	}
	if !isLocal(address) {
		return ""
	}
	return address
}

// isLocal reports whether an address leads nowhere but to this host, however a
// browser reads it.
func isLocal(address string) bool {
	strange := func(r rune) bool { return r <= ' ' || r >= 0x7f || r == '\\' }
	if len(address) > maxReturn || strings.ContainsFunc(address, strange) {
		return false
	}
	path := address
	if i := strings.IndexAny(path, "?#"); i >= 0 {
		path = path[:i]
	}
	u, err := url.Parse(address)
	return err == nil && u.Scheme == "" && u.Host == "" && strings.HasPrefix(path, "/") && !strings.Contains(path, "//")
}

// onward is the part of a query that keeps where somebody wants to go on to: it
// begins with & or is "".
func (v *visit) onward() string {
	if to := returnAddress(v.r.URL.RawQuery); to != "" {
		return "&return=" + url.QueryEscape(to)
	}
	return ""
}
