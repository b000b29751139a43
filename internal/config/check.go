package config

import (
	"fmt"
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/staffctl/staffctl/internal/staff"
)

// accept checks a raw value, which is a string, a []string or a
// map[string]string, and returns it in the form of the key's kind. subject is
// what an error calls the place: "--output" or "FILE:3: output".
func (k *Key) accept(subject string, raw any) (any, error) {
	var value any
	var wrong string
	switch raw := raw.(type) {
	case []string:
		value, wrong = raw, k.firstWrong(raw)
	case map[string]string:
		value, wrong = raw, k.wrongInMapping(raw)
	case string:
		value, wrong = k.scalar(raw)
	}
	if wrong != "" {
		return nil, staff.Errorf(staff.CodeInvalid, k.Name, "%s %s", subject, wrong)
	}
	return value, nil
}

func (k *Key) scalar(s string) (value any, wrong string) {
	switch k.Kind {
	case Bool:
		return parseBool(s)
	case Number:
		n, err := strconv.Atoi(s)
		if err != nil || n < k.min || n > k.max {
			return nil, fmt.Sprintf("must be a number from %d to %d, not %q", k.min, k.max, s)
		}
		return n, ""
	}
	if k.Values != nil && !slices.Contains(k.Values, s) {
		return nil, fmt.Sprintf("must be one of %s, not %q", strings.Join(k.Values, ", "), s)
	}
	return s, k.wrongText(s)
}

func (k *Key) wrongText(s string) string {
	switch {
	case s == "":
		return "must not be empty"
	case k.check != nil:
		return k.check(s)
	default:
		return checkLine(s)
	}
}

func (k *Key) firstWrong(items []string) string {
	for _, s := range items {
		if wrong := k.wrongText(s); wrong != "" {
			return wrong
		}
	}
	return ""
}

func (k *Key) wrongInMapping(m map[string]string) string {
	for _, name := range sortedNames(m) {
		if !isToken(name) {
			return fmt.Sprintf("must not have the name %q: letters, digits and dashes only", name)
		}
		if wrong := checkLine(m[name]); wrong != "" {
			return wrong
		}
	}
	return ""
}

// isToken allows what header names are made of in practice, a part of RFC
// 9110's token.
func isToken(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return r > unicode.MaxASCII || !(unicode.IsLetter(r) || unicode.IsDigit(r) || r == '-' || r == '_')
	})
}

func parseBool(s string) (value any, wrong string) {
	switch strings.ToLower(s) {
	case "true", "yes", "on", "1":
		return true, ""
	case "false", "no", "off", "0":
		return false, ""
	}
	return nil, fmt.Sprintf("must be true or false, not %q", s)
}

// checkStore takes the path of a file or the address of a cluster, and refuses
// what SQLite would read as more than a path. Of a refused address it shows
// nothing, for it may hold a password.
func checkStore(s string) string {
	if strings.HasPrefix(strings.ToLower(s), "file:") {
		return `"file:…" must be a file path, or begin with rqlite:// or rqlites://`
	}
	if _, err := ParseStore(s); err != nil {
		return err.Error()
	}
	return checkLine(s)
}

func checkLine(s string) string {
	if strings.ContainsFunc(s, unicode.IsControl) {
		return "must not hold control characters"
	}
	return ""
}

func checkBody(s string) string {
	return checkLine(strings.NewReplacer("\n", "", "\r", "", "\t", "").Replace(s))
}

func checkURL(s string) string {
	u, err := url.Parse(s)
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Hostname() == "" || u.User != nil {
		return "must be an absolute http or https address without a user"
	}
	return ""
}

func checkPublicURL(s string) string {
	if wrong := checkURL(s); wrong != "" {
		return wrong
	}
	u, err := url.Parse(s)
	switch {
	case err != nil || strings.ContainsAny(s, "?#"):
		return "must be an address without a query or a fragment"
	case u.Scheme == "https" || isLoopback(u.Hostname()):
		return ""
	default:
		return "must begin with https://, since links and passwords cross it; http:// is for localhost alone"
	}
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func checkHost(s string) string {
	if net.ParseIP(s) == nil && strings.ContainsFunc(s, notInHostname) {
		return fmt.Sprintf("must be a host name or an IP address without a port, not %q", s)
	}
	return ""
}

func notInHostname(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '-' && r != '.' && r != '_'
}

func checkAddress(s string) string {
	if _, err := mail.ParseAddress(s); err != nil {
		return fmt.Sprintf("must be a mail address such as Portal <portal@example.com>, not %q", s)
	}
	return checkLine(s)
}

func checkCountry(s string) string {
	if len(s) != 2 || s[0] < 'A' || s[0] > 'Z' || s[1] < 'A' || s[1] > 'Z' {
		return fmt.Sprintf("must hold countries as two capital letters such as DE, not %q", s)
	}
	return ""
}

func checkListen(s string) string {
	_, port, err := net.SplitHostPort(s)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil {
		return fmt.Sprintf("must be ADDRESS:PORT such as 127.0.0.1:8080, not %q", s)
	}
	return ""
}

func checkURLPath(s string) string {
	if !strings.HasPrefix(s, "/") || strings.HasPrefix(s, "//") || strings.ContainsAny(s, "?#\\ ") {
		return fmt.Sprintf("must be a path such as /team, not %q", s)
	}
	return checkLine(s)
}

func checkNetwork(s string) string {
	_, err := netip.ParseAddr(s)
	if err != nil {
		_, err = netip.ParsePrefix(s)
	}
	if err != nil {
		return fmt.Sprintf("must hold IP addresses or networks such as 10.0.0.0/8, not %q", s)
	}
	return ""
}

// isContextName holds ^[a-z0-9][a-z0-9-]{0,31}$, without compiling it at start-up.
func isContextName(s string) bool {
	if s == "" || len(s) > 32 || s[0] == '-' {
		return false
	}
	return !strings.ContainsFunc(s, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-'
	})
}
