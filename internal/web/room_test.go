package web_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/staffctl/staffctl/internal/staff"
	"github.com/staffctl/staffctl/internal/web"
)

// turns are passwords that take their time, two at once.
type turns struct {
	staff.Passwords
	at chan struct{}
}

func (p turns) Verify(phc, plain string) (bool, error) {
	p.at <- struct{}{}
	defer func() { <-p.at }()
	time.Sleep(2 * time.Millisecond)
	return p.Passwords.Verify(phc, plain)
}

// A flood of sign-ins is let in as far as there is room; before it and after it
// everybody gets in.
func TestFlood(t *testing.T) {
	t.Parallel()
	const posts = 1000
	w := newWorldAt(t, web.Options{Pages: pages, Path: "/", Beat: 50 * time.Millisecond})
	w.person("acme", anna, "en", "all")
	w.staff.Passwords = turns{w.staff.Passwords, make(chan struct{}, 2)}
	w.visitor("en").signsIn(anna, secret).at("/access")
	v := w.visitor("en").get("/sign-in")
	form, action := v.document.form(t)
	form.Set("username", "nobody")
	form.Set("password", "wrong")
	var mu sync.Mutex
	var group sync.WaitGroup
	answers := map[int]int{}
	for range posts {
		group.Go(func() {
			other := w.visitor("en")
			other.cookies["__Host-staffctl-form"] = v.cookies["__Host-staffctl-form"]
			other.send(http.MethodPost, action, form)
			if other.status == http.StatusServiceUnavailable {
				other.shows(other.status, "Very many are signing in")
			}
			if got := other.answer.Get("Retry-After"); (got == "5") != (other.status == http.StatusServiceUnavailable) {
				t.Errorf("%d has Retry-After %q", other.status, got)
			}
			mu.Lock()
			defer mu.Unlock()
			answers[other.status]++
		})
	}
	group.Wait()
	if answers[http.StatusServiceUnavailable] < posts/4 || answers[http.StatusUnprocessableEntity] < 64 || len(answers) != 2 {
		t.Errorf("the answers are %v", answers)
	}
	w.advance(time.Hour)
	for range 70 { // places are given back
		v.submit("username", "nobody", "password", "wrong").shows(http.StatusUnprocessableEntity)
	}
	w.advance(time.Hour)
	v.signsIn(anna, secret).at("/access")
}

// held is a body that somebody is slow to send.
type held struct {
	reading chan<- struct{}
	until   <-chan struct{}
}

func (h held) Read([]byte) (int, error) {
	h.reading <- struct{}{}
	<-h.until
	return 0, io.EOF
}

// A form that is slow to come keeps nobody out.
func TestSlowFormsTakeNoRoom(t *testing.T) {
	t.Parallel()
	w := newWorldAt(t, web.Options{Pages: pages, Path: "/", Beat: 50 * time.Millisecond})
	w.person("acme", anna, "en", "all")
	v := w.visitor("en").get("/sign-in")
	reading, until := make(chan struct{}), make(chan struct{})
	var group sync.WaitGroup
	for range 200 {
		r := httptest.NewRequest(http.MethodPost, "/sign-in", held{reading, until})
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		r.AddCookie(&http.Cookie{Name: "__Host-staffctl-form", Value: v.cookies["__Host-staffctl-form"]})
		group.Go(func() { w.site.ServeHTTP(httptest.NewRecorder(), r) })
		<-reading
	}
	v.signsIn(anna, secret).at("/access")
	close(until)
	group.Wait()
}

// sweeps tells that sessions are swept.
type sweeps struct {
	staff.Store
	done chan int64
}

func (s sweeps) SweepSessions(ctx context.Context, now int64) error {
	defer func() {
		select {
		case s.done <- now:
		default:
		}
	}()
	return s.Store.SweepSessions(ctx, now)
}

func TestServeSweeps(t *testing.T) {
	t.Parallel()
	w := newWorldAt(t, web.Options{Pages: pages, Path: "/", Sweep: time.Millisecond})
	store := sweeps{w.staff.Store, make(chan int64)}
	w.staff.Store = store
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- w.site.Serve(ctx, listener, nil) }()
	for range 2 {
		if got := <-store.done; got != w.staff.Now().UnixMilli() {
			t.Errorf("it sweeps what was over at %d", got)
		}
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
