package sms

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"text/template"
	"unicode"

	"github.com/staffctl/staffctl/internal/staff"
)

// parse reads the templates.
func (g *Gateway) parse() (err error) {
	if g.address, err = parse("sms.url", g.settings.URL); err != nil {
		return err
	}
	if g.body, err = parse("sms.body", g.settings.Body); err != nil {
		return err
	}
	g.headers = map[string]*template.Template{}
	for _, name := range slices.Sorted(maps.Keys(g.settings.Headers)) {
		if g.headers[name], err = parse("sms.headers "+name, g.settings.Headers[name]); err != nil {
			return err
		}
	}
	return nil
}

// parse reads a template; beside those of text/template, such as urlquery, it
// knows the function json, which quotes a text for JSON. The name is the key,
// for a header with its name.
func parse(name, text string) (*template.Template, error) {
	t, err := template.New(name).Option("missingkey=error").Funcs(template.FuncMap{"json": quote}).Parse(text)
	if err != nil {
		return nil, invalid(name, "%s is no template: %s", name, strings.TrimPrefix(err.Error(), "template: "+name+":"))
	}
	return t, nil
}

func quote(s string) (string, error) {
	text, err := json.Marshal(s)
	return string(text), err
}

// invalid is the answer to a template that cannot be used; its field is the key.
func invalid(name, format string, args ...any) error {
	key, _, _ := strings.Cut(name, " ")
	return staff.Errorf(staff.CodeInvalid, key, format, args...)
}

// fill returns the text of a template. Its error names the place in the template
// and never what would have come there.
func (m *Message) fill(t *template.Template) (string, error) {
	var b bytes.Buffer
	if err := t.Execute(&b, m); err != nil {
		at := ""
		if _, rest, ok := strings.Cut(err.Error(), " at <"); ok {
			place, _, _ := strings.Cut(rest, ">: ")
			at = " at " + place
		}
		return "", invalid(t.Name(), "%s cannot be filled in%s; the fields are .Number, .Digits, .Text and .Credentials.NAME for each NAME in sms.credentials_file", t.Name(), at)
	}
	return b.String(), nil
}

// request fills the templates in.
func (g *Gateway) request(ctx context.Context, m *Message) (*http.Request, error) {
	address, err := m.fill(g.address)
	if err != nil {
		return nil, err
	}
	body, err := m.fill(g.body)
	if err != nil {
		return nil, err
	}
	var content io.Reader
	if body != "" {
		content = strings.NewReader(body)
	}
	request, err := http.NewRequestWithContext(ctx, cmp.Or(g.settings.Method, http.MethodPost), address, content)
	if err != nil || request.URL.Host == "" {
		return nil, invalid("sms.url", "sms.url makes no address; values in it need urlquery, as in {{.Text | urlquery}}")
	}
	for name, t := range g.headers {
		value, err := m.fill(t)
		if err != nil {
			return nil, err
		}
		if strings.ContainsFunc(value, unicode.IsControl) {
			return nil, invalid(t.Name(), "%s gets a control character, which no header may have", t.Name())
		}
		request.Header.Set(name, value)
	}
	return request, nil
}

// sample has what needs escaping in addresses, forms, JSON and XML.
const sample = `ä "b" \ <c> & d=e+f #%`

// try makes a request that is not sent, so that what a template lacks is told now
// and not when somebody waits for a TAN, or has an & in the name.
func (g *Gateway) try() error {
	m := &Message{Number: "+41790000000", Digits: "41790000000", Text: sample, Credentials: g.credentials}
	request, err := g.request(context.Background(), m)
	if err != nil {
		return err
	}
	address, err := m.fill(g.address)
	if err != nil {
		return err
	}
	if _, query, _ := strings.Cut(address, "?"); m.isRawIn(query) {
		return invalid("sms.url", "sms.url takes a value as it is, which breaks it; write {{.Text | urlquery}}, and so for each value")
	}
	if request.Body == nil {
		return nil
	}
	if request.Method == http.MethodGet {
		return invalid("sms.body", "sms.body cannot be sent with sms.method GET; take POST or PUT, or leave it empty")
	}
	body, err := m.fill(g.body)
	if err != nil {
		return err
	}
	return m.checkBody(strings.ToLower(request.Header.Get("Content-Type")), strings.TrimSpace(body))
}

// checkBody refuses a body that some texts would break.
func (m *Message) checkBody(kind, body string) error {
	switch {
	case strings.Contains(kind, "json") || strings.HasPrefix(body, "{"):
		if !json.Valid([]byte(body)) {
			return invalid("sms.body", "sms.body makes no JSON; write {{json .Text}} without quotes around it, and so for each value")
		}
	case strings.Contains(kind, "form-urlencoded"):
		if m.isRawIn(body) {
			return invalid("sms.body", "sms.body takes a value as it is, which breaks the form; write {{.Text | urlquery}}, and so for each value")
		}
	case strings.Contains(kind, "xml") || strings.HasPrefix(body, "<"):
		if strings.Contains(body, m.Text) {
			return invalid("sms.body", "sms.body takes the text as it is, which breaks the XML; write {{html .Text}}, and so for each value")
		}
	}
	return nil
}

// isRawIn tells whether a value that has to be escaped in queries stands in one as
// it is.
func (m *Message) isRawIn(query string) bool {
	values := append(slices.Collect(maps.Values(m.Credentials)), m.Number, m.Text)
	return slices.ContainsFunc(values, func(v string) bool { return url.QueryEscape(v) != v && strings.Contains(query, v) })
}
