// Package sms sends text messages through the HTTP interface of a gateway. What
// the request looks like is configuration: templates for the address, the
// headers and the body.
package sms

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"text/template"
	"time"

	"github.com/staffctl/staffctl/internal/staff"
)

const (
	// sendPeriod is how long the gateway has to take a message.
	sendPeriod = 10 * time.Second
	// maxAnswer is how much of its answer is read, in bytes: the headers alone.
	maxAnswer = 64 << 10
)

// Settings are those of the configuration's sms.* keys. URL, the values of
// Headers and Body are templates of package text/template with the fields of
// [Message].
type Settings struct {
	URL, Method, Body string
	Headers           map[string]string
	CredentialsFile   string
	Countries         []string // ISO 3166 codes that messages may go to
}

// Message is what templates are filled with.
type Message struct {
	Number string // E.164, such as +41791234567
	Digits string // the same without the plus
	Text   string
	// Credentials are the NAME=VALUE lines of the credentials file.
	Credentials map[string]string
}

// Gateway sends messages: a [staff.Messenger].
type Gateway struct {
	settings    Settings
	credentials map[string]string
	address     *template.Template
	body        *template.Template
	headers     map[string]*template.Template
	transport   *http.Transport
	period      time.Duration // how long it has to take a message
}

var _ staff.Messenger = (*Gateway)(nil)

// New checks the settings and reads the credentials. What cannot be used is
// CodeInvalid with its key as field, a file of another user CodeUnavailable.
func New(s Settings) (*Gateway, error) {
	g := &Gateway{settings: s, transport: newTransport(), period: sendPeriod}
	if err := checkCountries(s.Countries); err != nil {
		return nil, err
	}
	var err error
	if g.credentials, err = readCredentials(s.CredentialsFile); err != nil {
		return nil, err
	}
	if err := g.parse(); err != nil {
		return nil, err
	}
	return g, g.try()
}

// newTransport makes one that opens a connection for each message: on an old one
// that turns out to be closed, a GET would be repeated.
func newTransport() *http.Transport {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.DisableKeepAlives = true
	t.MaxResponseHeaderBytes = maxAnswer
	return t
}

// Check refuses a number in a country that is not configured.
func (g *Gateway) Check(number string) error {
	countries := countriesOf(strings.TrimPrefix(number, "+"))
	if slices.ContainsFunc(countries, func(c string) bool { return slices.Contains(g.settings.Countries, c) }) {
		return nil
	}
	return staff.Errorf(staff.CodeForbidden, "number", "no text messages are sent to the country of this number; give another number")
}

// Send sends a text. It is not repeated: the text would be old by then. Nothing
// but the status of the answer is looked at.
func (g *Gateway) Send(ctx context.Context, number, text string) error {
	ctx, cancel := context.WithTimeout(ctx, g.period)
	defer cancel()
	request, err := g.request(ctx, &Message{Number: number, Digits: strings.TrimPrefix(number, "+"), Text: text, Credentials: g.credentials})
	if err != nil {
		return err
	}
	// Not a client, which would follow where the gateway leads, with the text and
	// the credentials.
	response, err := g.transport.RoundTrip(request)
	if err != nil {
		return staff.Errorf(staff.CodeUnavailable, "sms.url", "the SMS gateway cannot be reached: %w", reason(err))
	}
	_ = response.Body.Close()
	if response.StatusCode/100 != 2 {
		return staff.Errorf(staff.CodeUnavailable, "sms.url", "the SMS gateway answers %d and has not taken the message", response.StatusCode)
	}
	return nil
}
