package web

import (
	"bytes"
	_ "embed"
	"html/template"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/staffctl/staffctl/internal/staff"
)

//go:embed assets/page.html
var pageTemplate string

// page is what one page shows, in its language.
type page struct {
	Status    int
	Tone      string // "", done or problem
	Title     string
	Text      []string
	Facts     []fact
	Form      *form
	Links     []anchor
	Below     []anchor // links after the form
	Reference string   // id of the request, for support
}

type fact struct {
	Term   string
	Values []string
}

type anchor struct{ Text, Target string }

// switched is a language to switch to.
type switched struct {
	Code, Name, Target string
	Current            bool
}

// layout is a page with what stands around it.
type layout struct {
	Page                       *page
	Language                   staff.Language
	Languages                  []switched
	DocumentTitle, Brand, Home string
	Style                      string
}

func (s *Site) parseTemplates() (map[staff.Language]*template.Template, error) {
	templates := map[staff.Language]*template.Template{}
	for _, l := range []staff.Language{staff.German, staff.English} {
		say := func(key string, args ...any) string { return s.text(l, key, args...) }
		t, err := template.New("page").Funcs(template.FuncMap{"t": say}).Parse(pageTemplate)
		if err != nil {
			return nil, staff.Errorf(staff.CodeInternal, "", "the embedded page: %w", err)
		}
		templates[l] = t
	}
	return templates, nil
}

// show answers with the page.
func (v *visit) show(p *page) {
	title := p.Title
	if p.Form != nil && len(p.Form.Failed()) > 0 {
		title = v.t("layout.error", title)
		p.Status = http.StatusUnprocessableEntity
	}
	s := v.site
	l := layout{Page: p, Language: v.language, Languages: v.languages(), Brand: s.public.Host, DocumentTitle: title + " – " + s.public.Host,
		Home: s.address("/", v.language, ""), Style: s.public.EscapedPath() + s.style.page}
	var body bytes.Buffer
	if err := s.templates[v.language].Execute(&body, l); err != nil {
		panic("page: " + err.Error())
	}
	v.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	v.w.Header().Set("Content-Language", string(v.language))
	v.write(max(p.Status, http.StatusOK), body.Bytes())
}

// languages are the links that show the same page in another language. They are
// relative, since a path may hold a token.
func (v *visit) languages() []switched {
	what := v.onward()
	if w := v.r.URL.Query().Get("what"); v.page == "/done" && slices.Contains(endings, w) {
		what = "&what=" + w
	}
	var all []switched
	for code, name := range map[staff.Language]string{staff.German: "Deutsch", staff.English: "English"} {
		all = append(all, switched{string(code), name, "?lang=" + string(code) + what, code == v.language})
	}
	slices.SortFunc(all, func(a, b switched) int { return strings.Compare(a.Code, b.Code) })
	return all
}

func (v *visit) link(text, page string) anchor {
	return anchor{v.t(text), v.site.address(page, v.language, "")}
}

var germanMonths = [...]string{"Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November", "Dezember"}

// moment writes a time in Unix milliseconds. Where the reader is nobody knows, so
// it is UTC.
func (v *visit) moment(unixMilli int64) string {
	t := time.UnixMilli(unixMilli).UTC()
	if v.language == staff.German {
		return t.Format("2. ") + germanMonths[t.Month()-1] + t.Format(" 2006, 15:04 UTC")
	}
	return t.Format("2 January 2006, 15:04 UTC")
}

// opens tells what the access opens, by the labels of areas.
func (v *visit) opens(c *staff.Catalog, a staff.Access) []string {
	if c.IsFull(a) {
		return []string{v.t("fact.all")}
	}
	open := c.OpenAreas(a)
	var labels []string
	for _, area := range c.Areas {
		if slices.Contains(open, area.Key) {
			labels = append(labels, in(v.language, area.Label))
		}
	}
	return labels
}
