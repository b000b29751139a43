//go:build unix

package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

const (
	signInPassword = "Zwetschgen, Quitten und Mirabellen"
	floodSize      = 1000
	// floodMemory is the most that a server may take in a flood, in KiB.
	floodMemory = 400 << 10
	timedTries  = 500
	// timedSpread is how far the medians of failing sign-ins may be apart.
	timedSpread = 2 * time.Millisecond
)

// portal is `staffctl serve` behind a proxy that we play.
type portal struct {
	*trial
	base    string
	process *os.Process
	ended   chan struct{}
	clients atomic.Int64 // each has an address of its own
}

// signIn floods a server with sign-ins, and compares how long those take that
// fail for different reasons.
func signIn(t *trial) {
	s := t.newStore("sign-in")
	for _, name := range []string{"known", "suspended", "silent", "waiting"} {
		s.expect("a member", s.add(name+"@example.ch"), 0)
	}
	for _, name := range []string{"known", "suspended", "waiting"} {
		s.expect("a password", t.start(command{store: s.path, args: []string{"member", "set-password", name + "@example.ch", "--password-stdin"}, stdin: signInPassword + "\n"}), 0)
	}
	s.expect("a suspension", s.do("member", "suspend", "suspended@example.ch"), 0)
	p := t.serve(s)
	if p == nil {
		return
	}
	defer p.stop()
	p.mustSignIn("before the flood")
	p.flood()
	p.mustSignIn("after the flood")
	p.compare()
}

// serve starts the server and waits until it answers.
func (t *trial) serve(s *store) *portal {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if !t.check(err) {
		return nil
	}
	address := listener.Addr().String()
	_ = listener.Close()
	cmd := exec.CommandContext(t.ctx, t.program, "serve")
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.dir + "/home", "STAFFCTL_STORE=" + s.path, "STAFFCTL_SERVE_LISTEN=" + address,
		"STAFFCTL_PUBLIC_URL=http://" + address, "STAFFCTL_SERVE_TRUSTED_PROXIES=127.0.0.1"}
	if !t.check(cmd.Start()) {
		return nil
	}
	p := &portal{trial: t, base: "http://" + address, process: cmd.Process, ended: make(chan struct{})}
	go func() {
		_ = cmd.Wait()
		close(p.ended)
	}()
	for range 500 {
		response, err := http.Get(p.base + "/healthz")
		if err == nil {
			_ = response.Body.Close()
			return p
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.problem("the server does not answer")
	p.stop()
	return nil
}

func (p *portal) stop() {
	_ = p.process.Signal(syscall.SIGTERM)
	<-p.ended
}

// answer is what came of a sign-in.
type answer struct {
	status int
	where  string // it led to
	retry  string
	took   time.Duration
	err    error
}

var formToken = regexp.MustCompile(`name="form" value="([^"]*)"`)

// visitor is a browser on the page to sign in, from an address of its own.
type visitor struct {
	http.Client
	portal *portal
	from   string
	token  string
}

func (p *portal) visitor() (*visitor, error) {
	jar, err := cookiejar.New(nil)
	n := p.clients.Add(1)
	v := &visitor{Client: http.Client{Jar: jar, Timeout: patience, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
		portal: p, from: fmt.Sprintf("10.%d.%d.%d", n>>16, n>>8&255, n&255)}
	if err != nil {
		return nil, err
	}
	a, body := v.send(http.MethodGet, nil)
	if a.err != nil {
		return nil, a.err
	}
	found := formToken.FindSubmatch(body)
	if found == nil {
		return nil, fmt.Errorf("status %d without a form", a.status)
	}
	v.token = string(found[1])
	return v, nil
}

func (v *visitor) send(method string, form url.Values) (answer, []byte) {
	begin := time.Now()
	request, err := http.NewRequestWithContext(v.portal.ctx, method, v.portal.base+"/sign-in", strings.NewReader(form.Encode()))
	if err != nil {
		return answer{err: err}, nil
	}
	request.Header.Set("X-Forwarded-For", v.from)
	request.Header.Set("Origin", v.portal.base)
	if form != nil {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	response, err := v.Do(request)
	if err != nil {
		return answer{err: err}, nil
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	return answer{status: response.StatusCode, where: response.Header.Get("Location"), retry: response.Header.Get("Retry-After"), took: time.Since(begin), err: err}, body
}

func (v *visitor) signIn(username, password string) answer {
	a, _ := v.send(http.MethodPost, url.Values{"form": {v.token}, "username": {username}, "password": {password}})
	return a
}

func (p *portal) mustSignIn(when string) {
	v, err := p.visitor()
	if !p.check(err) {
		return
	}
	if a := v.signIn("known@example.ch", signInPassword); a.err != nil || a.status != http.StatusSeeOther || !strings.Contains(a.where, "/access") {
		p.problem("a right sign-in %s: %+v", when, a)
	}
}

// flood sends many sign-ins at once.
func (p *portal) flood() {
	visitors := make([]*visitor, p.scaled(floodSize, 100))
	for i := range visitors {
		var err error
		if visitors[i], err = p.visitor(); !p.check(err) {
			return
		}
	}
	var mu sync.Mutex
	counts := map[int]int{}
	var all sync.WaitGroup
	gate := make(chan struct{})
	for i, v := range visitors {
		all.Go(func() {
			<-gate
			a := v.signIn(fmt.Sprintf("nobody%d@example.ch", i), signInPassword)
			mu.Lock()
			defer mu.Unlock()
			counts[a.status]++
			if a.err != nil || a.status == http.StatusServiceUnavailable && a.retry == "" {
				p.problem("a sign-in of the flood: %+v", a)
			}
		})
	}
	close(gate)
	all.Wait()
	memory := p.memory()
	p.note("flood of %d: %v, %d MiB at most", len(visitors), counts, memory>>10)
	if memory > floodMemory {
		p.problem("the server took %d MiB", memory>>10)
	}
}

// memory is the most that the server has taken, in KiB.
func (p *portal) memory() int {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.process.Pid))
	if err != nil {
		p.note("memory is not known here")
		return 0
	}
	for line := range bytes.Lines(status) {
		if text, ok := strings.CutPrefix(string(line), "VmHWM:"); ok {
			kib, _ := strconv.Atoi(strings.Fields(text)[0])
			return kib
		}
	}
	return 0
}

// compare measures how long failing sign-ins take, each reason in turn.
func (p *portal) compare() {
	reasons := []string{"unknown@example.ch", "suspended@example.ch", "silent@example.ch", "waiting@example.ch"}
	p.lock("waiting@example.ch")
	times := map[string][]time.Duration{}
	var mu sync.Mutex
	tries := p.scaled(timedTries, 9)
	// A few at once: each waits for its second, and none for another's hash.
	var all sync.WaitGroup
	for _, username := range reasons {
		all.Go(func() {
			for range tries {
				v, err := p.visitor()
				if err != nil || p.ctx.Err() != nil {
					p.check(err)
					return
				}
				a := v.signIn(username, signInPassword+"!")
				mu.Lock()
				times[username] = append(times[username], a.took)
				mu.Unlock()
			}
		})
	}
	all.Wait()
	var medians []time.Duration
	for _, username := range reasons {
		slices.Sort(times[username])
		if n := len(times[username]); n > 0 {
			medians = append(medians, times[username][n/2])
		}
	}
	if len(medians) < len(reasons) || context.Cause(p.ctx) != nil {
		return
	}
	spread := slices.Max(medians) - slices.Min(medians)
	p.note("medians of %d failing sign-ins each are %.2f ms apart", tries, float64(spread.Microseconds())/1000)
	if spread > timedSpread {
		p.problem("the medians are %v apart: %v", spread, medians)
	}
}

// lock fails often enough that the username has to wait.
func (p *portal) lock(username string) {
	for range 12 {
		v, err := p.visitor()
		if !p.check(err) {
			return
		}
		v.signIn(username, "wrong")
	}
}
