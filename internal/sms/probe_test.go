package sms_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/staffctl/staffctl/internal/sms"
	"github.com/staffctl/staffctl/internal/staff"
)

// The gateway is reached, and asked nothing.
func TestProbe(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	handler := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) })
	open, untrusted, gone := httptest.NewServer(handler), httptest.NewTLSServer(handler), httptest.NewServer(handler)
	gone.Close()
	t.Cleanup(open.Close)
	t.Cleanup(untrusted.Close)
	for address, wrong := range map[string]string{
		open.URL:      "",
		untrusted.URL: "its certificate is not trusted",
		gone.URL:      "connection refused",
		strings.Replace(open.URL, "http:", "https:", 1): "it does not speak TLS",
	} {
		g := newGateway(t, sms.Settings{URL: address + "/?to={{.Number | urlquery}}&text={{.Text | urlquery}}", Countries: []string{"CH"}})
		found, err := g.Probe(t.Context())
		switch {
		case wrong == "" && (err != nil || "http://"+found != address):
			t.Errorf("%s: %q, %v", address, found, err)
		case wrong != "" && (staff.CodeOf(err) != staff.CodeUnavailable || !strings.Contains(err.Error(), wrong)):
			t.Errorf("%s: %v, want %s", address, err, wrong)
		}
	}
	if n := asked.Load(); n != 0 {
		t.Errorf("it was asked %d times", n)
	}
}
