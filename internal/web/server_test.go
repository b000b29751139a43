package web_test

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/staffctl/staffctl/internal/staff"
	"github.com/staffctl/staffctl/internal/web"
)

// delayed answers a Load when it is let to.
type delayed struct {
	staff.Store
	begun, free chan struct{}
}

func (d delayed) Load(ctx context.Context, n *staff.Needs) (*staff.Facts, error) {
	d.begun <- struct{}{}
	<-d.free
	return d.Store.Load(ctx, n)
}

// The end of the server waits for the request under way.
func TestServeFinishes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	store := delayed{w.staff.Store, make(chan struct{}, 1), make(chan struct{})}
	w.staff.Store = store
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	lender := httptest.NewTLSServer(nil)
	defer lender.Close()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- w.site.Serve(ctx, listener, &tls.Config{Certificates: lender.TLS.Certificates, MinVersion: tls.VersionTLS12})
	}()
	answer := make(chan string, 1)
	go func() {
		r, err := lender.Client().Get("https://" + listener.Addr().String() + "/healthz")
		if err != nil {
			answer <- err.Error()
			return
		}
		defer r.Body.Close()
		body, err := io.ReadAll(r.Body)
		if err != nil {
			body = []byte(err.Error())
		}
		answer <- string(body)
	}()
	<-store.begun
	cancel()
	select {
	case err := <-ended:
		t.Fatal("it has ended before the request was answered:", err)
	case <-time.After(100 * time.Millisecond):
	}
	close(store.free)
	if got := <-answer; got != "ok\n" {
		t.Errorf("the request under way gets %q", got)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// A sign-in that fails is answered on the beat, however little there was to do.
func TestSignInOnTheBeat(t *testing.T) {
	t.Parallel()
	w := newWorldAt(t, web.Options{Pages: pages, Path: "/", Beat: 150 * time.Millisecond})
	v := w.visitor("en").get("/link/" + w.invited("anna@example.ch", "en", "all"))
	v.get("/invite/sign-in?lang=en")
	began := time.Now()
	v.submit("username", "max", "password", "wrong").shows(http.StatusUnprocessableEntity)
	if took := time.Since(began); took < 150*time.Millisecond {
		t.Errorf("it took %s", took)
	}
	if strings.Contains(w.log.String(), "max") {
		t.Error("the log holds the username")
	}
}
