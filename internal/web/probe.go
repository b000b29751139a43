package web

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"

	"github.com/staffctl/staffctl/internal/staff"
)

// Probe asks the pages under an address whether they are well, as a monitor does. An
// error is CodeUnavailable and says what answers there instead.
func Probe(ctx context.Context, pages string) error {
	failed := func(format string, args ...any) error {
		return staff.Errorf(staff.CodeUnavailable, "public_url", format, args...)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, pages+"/healthz", nil)
	if err != nil {
		return failed("%s is no address to open", pages)
	}
	response, err := http.DefaultTransport.RoundTrip(request) // not a client, which would follow elsewhere
	if err != nil {
		var within *url.Error
		if errors.As(err, &within) {
			err = within.Err
		}
		return failed("%s cannot be opened: %w", pages, err)
	}
	defer func() { _ = response.Body.Close() }()
	text, _ := io.ReadAll(io.LimitReader(response.Body, 16)) // what is cut short is not ok
	switch {
	case response.StatusCode == http.StatusOK && string(text) == "ok\n":
		return nil
	case response.StatusCode == http.StatusServiceUnavailable:
		return failed("staffctl serve answers at %s, but cannot use its store; run staffctl doctor on its machine", pages)
	default:
		return failed("what answers %d at %s is no staffctl serve; check public_url, serve.path and the proxy in front of it", response.StatusCode, pages)
	}
}
