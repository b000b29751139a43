package web

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/staffctl/staffctl/internal/staff"
)

func TestProbe(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		status      int
		text, wrong string
	}{
		{200, "ok\n", ""},
		{200, "<html>welcome", "is no staffctl serve"},
		{404, "ok\n", "answers 404"},
		{302, "", "answers 302"},
		{503, "the store does not answer\n", "cannot use its store"},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/team/healthz" {
				t.Errorf("it asks for %s", r.URL.Path)
			}
			w.Header().Set("Location", "/elsewhere")
			w.WriteHeader(c.status)
			_, _ = w.Write([]byte(c.text))
		}))
		err := Probe(t.Context(), server.URL+"/team")
		server.Close()
		if c.wrong == "" && err != nil || c.wrong != "" && (staff.CodeOf(err) != staff.CodeUnavailable || !strings.Contains(err.Error(), c.wrong)) {
			t.Errorf("%d %q: %v", c.status, c.text, err)
		}
		if err := Probe(t.Context(), server.URL+"/team"); err == nil || !strings.Contains(err.Error(), "cannot be opened") {
			t.Errorf("gone: %v", err)
		}
	}
}
