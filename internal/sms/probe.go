package sms

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"

	"github.com/staffctl/staffctl/internal/staff"
)

// Probe connects to the gateway, or to the proxy that messages go through, and sends
// nothing. It returns whom it reached; an error is CodeUnavailable.
func (g *Gateway) Probe(ctx context.Context) (string, error) {
	request, err := g.request(ctx, &Message{Number: "+41790000000", Digits: "41790000000", Text: "probe", Credentials: g.credentials})
	if err != nil {
		return "", err
	}
	at := request.URL
	if proxy, err := http.ProxyFromEnvironment(request); err == nil && proxy != nil {
		at = proxy
	}
	port := at.Port()
	if port == "" {
		port = map[string]string{"https": "443"}[at.Scheme]
	}
	if port == "" {
		port = "80"
	}
	address := net.JoinHostPort(at.Hostname(), port)
	var conn net.Conn
	if at.Scheme == "https" {
		conn, err = (&tls.Dialer{Config: g.transport.TLSClientConfig}).DialContext(ctx, "tcp", address)
	} else {
		conn, err = (&net.Dialer{}).DialContext(ctx, "tcp", address)
	}
	if err != nil {
		return "", staff.Errorf(staff.CodeUnavailable, "sms.url", "the SMS gateway cannot be reached: %w", reason(err))
	}
	_ = conn.Close()
	return address, nil
}
