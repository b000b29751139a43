package web

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"github.com/staffctl/staffctl/internal/staff"
)

// parseProxies reads addresses and networks.
func parseProxies(words []string) ([]netip.Prefix, error) {
	var proxies []netip.Prefix
	for _, w := range words {
		prefix, err := netip.ParsePrefix(w)
		if address, failed := netip.ParseAddr(w); failed == nil {
			address = address.Unmap()
			prefix, err = netip.PrefixFrom(address, address.BitLen()), nil
		}
		if err != nil {
			return nil, staff.Errorf(staff.CodeInvalid, "serve.trusted_proxies", "serve.trusted_proxies must hold IP addresses or networks such as 10.0.0.0/8, not %q", w)
		}
		proxies = append(proxies, prefix.Masked())
	}
	return proxies, nil
}

// network says where a request comes from, for counting tries: the address of
// who connects, or, where that is a trusted proxy, the last address in
// X-Forwarded-For that is none. Of IPv6 it is the /64, which one home has.
func (s *Site) network(r *http.Request) string {
	client := addressOf(r.RemoteAddr)
	forwarded := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for _, entry := range slices.Backward(forwarded) {
		if !s.isProxy(client) {
			break
		}
		before := addressOf(strings.TrimSpace(entry))
		if !before.IsValid() {
			break
		}
		client = before
	}
	switch {
	case !client.IsValid():
		return "unknown"
	case client.Is4():
		return client.String()
	default:
		return netip.PrefixFrom(client, 64).Masked().String()
	}
}

// addressOf reads an address with or without a port; the zero address is for
// what is none.
func addressOf(s string) netip.Addr {
	if withPort, err := netip.ParseAddrPort(s); err == nil {
		return withPort.Addr().Unmap().WithZone("")
	}
	address, err := netip.ParseAddr(strings.Trim(s, "[]"))
	if err != nil {
		return netip.Addr{}
	}
	return address.Unmap().WithZone("")
}

func (s *Site) isProxy(a netip.Addr) bool {
	return slices.ContainsFunc(s.proxies, func(p netip.Prefix) bool { return p.Contains(a) })
}
