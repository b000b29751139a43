package web_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// document is a page that was parsed.
type document struct{ root *html.Node }

// all returns the elements with one of the names, in the order of the page.
func (d document) all(names ...string) []*html.Node {
	var found []*html.Node
	if d.root == nil {
		return nil
	}
	for n := range d.root.Descendants() {
		if n.Type == html.ElementNode && (names == nil || slices.Contains(names, n.Data)) {
			found = append(found, n)
		}
	}
	return found
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, name string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == name })
}

func textOf(n *html.Node) string {
	var words []string
	for x := range n.Descendants() {
		if x.Type == html.TextNode {
			words = append(words, strings.Fields(x.Data)...)
		}
	}
	return strings.Join(words, " ")
}

func (d document) text() string { return textOf(d.root) }

func (d document) title() string { return textOf(d.all("title")[0]) }

// form returns what the form of the page would send as it stands.
func (d document) form(t *testing.T) (values url.Values, action string) {
	t.Helper()
	forms := d.all("form")
	if len(forms) != 1 {
		t.Fatalf("the page has %d forms:\n%s", len(forms), d.text())
	}
	values = url.Values{}
	for _, n := range d.all("input") {
		values.Set(attribute(n, "name"), attribute(n, "value"))
	}
	for _, s := range d.all("select") {
		for _, o := range (document{s}).all("option") {
			if has(o, "selected") || !values.Has(attribute(s, "name")) {
				values.Set(attribute(s, "name"), attribute(o, "value"))
			}
		}
	}
	return values, attribute(forms[0], "action")
}

// checkHTML fails what a browser would have to mend, or a screen reader could not
// tell.
func checkHTML(t *testing.T, where, body string) document {
	t.Helper()
	checkNesting(t, where, body)
	root, err := html.Parse(strings.NewReader(body))
	if err != nil {
		t.Errorf("%s: %v", where, err)
	}
	d := document{root}
	ids := map[string]bool{}
	for _, n := range d.all() {
		id := attribute(n, "id")
		if id != "" && ids[id] {
			t.Errorf("%s has two elements with id %s", where, id)
		}
		ids[id] = true
		if has(n, "style") || slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return strings.HasPrefix(a.Key, "on") }) {
			t.Errorf("%s has style or script in <%s>", where, n.Data)
		}
	}
	for _, n := range d.all("script", "style", "iframe", "img", "object", "base") {
		t.Errorf("%s has a <%s>", where, n.Data)
	}
	d.checkReferences(t, where, ids)
	d.checkLandmarks(t, where)
	return d
}

// checkReferences looks for what labels, descriptions and links within the page
// refer to.
func (d document) checkReferences(t *testing.T, where string, ids map[string]bool) {
	t.Helper()
	labelled := map[string]bool{}
	for _, n := range d.all("label") {
		labelled[attribute(n, "for")] = textOf(n) != ""
	}
	for _, n := range d.all("input", "select") {
		if attribute(n, "type") != "hidden" && !labelled[attribute(n, "id")] {
			t.Errorf("%s: field %s has no label", where, attribute(n, "name"))
		}
	}
	for _, n := range d.all() {
		for id := range strings.FieldsSeq(attribute(n, "aria-describedby")) {
			if !ids[id] {
				t.Errorf("%s: %s is described by %s, which is not there", where, attribute(n, "id"), id)
			}
		}
		if id, within := strings.CutPrefix(attribute(n, "href"), "#"); within && !ids[id] {
			t.Errorf("%s: a link leads to #%s, which is not there", where, id)
		}
		if has(n, "aria-invalid") && !strings.HasSuffix(attribute(n, "aria-describedby"), "-error") {
			t.Errorf("%s: %s is wrong and not described by its error", where, attribute(n, "id"))
		}
	}
}

func (d document) checkLandmarks(t *testing.T, where string) {
	t.Helper()
	for _, name := range []string{"html", "title", "header", "nav", "main", "h1"} {
		if n := len(d.all(name)); n != 1 {
			t.Errorf("%s has %d <%s>", where, n, name)
		}
	}
	if lang := attribute(d.all("html")[0], "lang"); lang != "de" && lang != "en" {
		t.Errorf("%s has the language %q", where, lang)
	}
	if first := d.all("a")[0]; attribute(first, "href") != "#main" {
		t.Errorf("%s does not begin with a link to its content", where)
	}
	summary := slices.ContainsFunc(d.all("div"), func(n *html.Node) bool { return attribute(n, "role") == "alert" && has(n, "autofocus") })
	wrong := strings.HasPrefix(d.title(), "Error: ") || strings.HasPrefix(d.title(), "Fehler: ")
	if summary != wrong {
		t.Errorf("%s: the title %q and the summary of errors disagree", where, d.title())
	}
}

// checkNesting finds end tags that are missing or too many, which the parser
// would mend silently.
func checkNesting(t *testing.T, where, body string) {
	t.Helper()
	void := []string{"meta", "link", "input", "br"}
	var open []string
	tokens := html.NewTokenizer(strings.NewReader(body))
	for {
		switch tokens.Next() {
		case html.ErrorToken:
			if len(open) > 0 {
				t.Errorf("%s leaves %v open", where, open)
			}
			return
		case html.StartTagToken:
			if name, _ := tokens.TagName(); !slices.Contains(void, string(name)) {
				open = append(open, string(name))
			}
		case html.EndTagToken:
			name, _ := tokens.TagName()
			if len(open) == 0 || open[len(open)-1] != string(name) {
				t.Errorf("%s closes %s within %v", where, name, open)
				return
			}
			open = open[:len(open)-1]
		}
	}
}
