package rqlite_test

import (
	"crypto/sha256"
	"fmt"
	"net/http"
	"strings"
	"sync"
)

func passOn(x *exchange) { x.give(x.ask()) }

// passOnTwice is what a node may do that is not the leader.
func passOnTwice(x *exchange) {
	x.ask()
	passOn(x)
}

// drop ends the connection instead of an answer.
func drop(x *exchange) { x.close("") }

// hang answers never.
func hang(x *exchange) { <-x.r.Context().Done() }

// after passes on, and the answer is lost.
func after(m mishap) mishap {
	return func(x *exchange) {
		x.ask()
		m(x)
	}
}

// interrupt ends the command that sent the request.
func interrupt(m mishap) mishap {
	return func(x *exchange) {
		x.cancel()
		m(x)
	}
}

// say answers without passing on.
func say(status int, text string) mishap {
	return func(x *exchange) { x.give(reply{status: status, text: []byte(text)}) }
}

// failed is how rqlite says that a request as a whole has failed.
func failed(text string) mishap { return say(http.StatusOK, `{"results":[],"error":"`+text+`"}`) }

// noLeader is what a node answers that knows no leader.
var noLeader = say(http.StatusServiceUnavailable, "leader not found\n")

// sendTo sends the client elsewhere.
func sendTo(status int, location string) mishap {
	return func(x *exchange) {
		x.give(reply{status, http.Header{"Location": {location + x.r.URL.RequestURI()}}, []byte("moved")})
	}
}

// edited passes on and changes the answer.
func edited(change func(text string) string) mishap {
	return func(x *exchange) {
		r := x.ask()
		r.text = []byte(change(string(r.text)))
		x.give(r)
	}
}

func half(text string) string { return text[:len(text)/2] }

// withoutLast takes the last result away.
func withoutLast(text string) string {
	i := strings.LastIndex(text, ",{")
	return text[:i] + "]}"
}

// cutShort passes on, and the connection ends in the middle of the answer.
func cutShort(x *exchange) {
	text := string(x.ask().text)
	x.close(fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(text), half(text)))
}

// held are requests that are kept back, to be passed on later.
type held struct {
	mu   sync.Mutex
	kept []*exchange
}

// keep keeps the request back and ends the connection.
func (h *held) keep(x *exchange) {
	h.mu.Lock()
	h.kept = append(h.kept, x)
	h.mu.Unlock()
	drop(x)
}

// release passes them on at last, and returns the last answer.
func (h *held) release() reply {
	h.mu.Lock()
	defer h.mu.Unlock()
	var last reply
	for _, x := range h.kept {
		last = x.ask()
	}
	return last
}

// many are the same mishap so often.
func many(n int, m mishap) []mishap {
	all := make([]mishap, n)
	for i := range all {
		all[i] = m
	}
	return all
}

// firstTime has a mishap befall each write the first time that it arrives, in
// turns.
func firstTime(mishaps ...mishap) mishap {
	var mu sync.Mutex
	known := map[[sha256.Size]byte]bool{}
	return func(x *exchange) {
		mu.Lock()
		sum := sha256.Sum256(x.body)
		m := passOn
		if !known[sum] {
			m = mishaps[len(known)%len(mishaps)]
		}
		known[sum] = true
		mu.Unlock()
		m(x)
	}
}
