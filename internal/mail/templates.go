package mail

import (
	"bytes"
	"embed"
	"html/template"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	text "text/template"

	"github.com/staffctl/staffctl/internal/staff"
)

//go:embed templates
var builtIn embed.FS

const layoutFile = "layout.html"

// templates parses templates when they are first needed.
type templates struct {
	dir    string
	custom map[string]string // contents by file name

	mu    sync.Mutex
	plain map[string]*text.Template
	rich  map[string]*template.Template
}

// rendered is a mail in words.
type rendered struct{ subject, text, html string }

// loadTemplates reads the templates of a directory, if one is given, and tries
// each, so that a fault is found before a mail has to be sent.
func loadTemplates(dir string) (*templates, error) {
	t := &templates{dir: dir, custom: map[string]string{}, plain: map[string]*text.Template{}, rich: map[string]*template.Template{}}
	if dir == "" {
		return t, nil
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, staff.Errorf(staff.CodeNotFound, "mail.templates", "the directory with templates cannot be read: %w", err)
	}
	for _, e := range entries {
		if err := t.read(e); err != nil {
			return nil, err
		}
	}
	return t, t.try()
}

// fileName is where a template stands: KIND.LANGUAGE.txt or .html.
func fileName(kind staff.Template, language, extension string) string {
	return string(kind) + "." + language + "." + extension
}

// fileNames lists all files that a directory of templates may have.
func fileNames() []string {
	names := []string{layoutFile}
	for _, kind := range staff.Templates {
		for _, language := range staff.Languages {
			names = append(names, fileName(kind, language, "txt"), fileName(kind, language, "html"))
		}
	}
	return names
}

// read takes a file of the directory. Hidden ones are left alone.
func (t *templates) read(e fs.DirEntry) error {
	name := e.Name()
	if strings.HasPrefix(name, ".") {
		return nil
	}
	if !slices.Contains(fileNames(), name) {
		return staff.Errorf(staff.CodeInvalid, "mail.templates", "%s is no template%s", filepath.Join(t.dir, name), staff.Suggest(name, fileNames()))
	}
	content, err := os.ReadFile(filepath.Join(t.dir, name))
	if err != nil {
		return staff.Errorf(staff.CodeInvalid, "mail.templates", "template %s cannot be read: %w", filepath.Join(t.dir, name), err)
	}
	t.custom[name] = strings.ReplaceAll(string(content), "\r\n", "\n")
	return nil
}

// source returns the text of a template: of the directory, or else the built-in one.
func (t *templates) source(name string) string {
	if content, ok := t.custom[name]; ok {
		return content
	}
	content, err := builtIn.ReadFile("templates/" + name)
	if err != nil {
		panic("no template " + name)
	}
	return string(content)
}

// render fills the templates of a kind of mail.
func (t *templates) render(kind staff.Template, d Data) (*rendered, error) {
	r := &rendered{}
	if err := t.renderText(fileName(kind, d.Language, "txt"), d, r); err != nil {
		return nil, err
	}
	return r, t.renderHTML(fileName(kind, d.Language, "html"), d, r)
}

// renderText fills a text: a line "Subject: …", an empty one, and the body.
func (t *templates) renderText(name string, d Data, r *rendered) error {
	parsed, err := t.parseText(name)
	if err != nil {
		return err
	}
	var b strings.Builder
	if err := parsed.Execute(&b, d); err != nil {
		return t.fault(err, name)
	}
	head, body, _ := strings.Cut(b.String(), "\n")
	r.subject = line(strings.TrimPrefix(head, subjectMark))
	r.text = strings.TrimLeft(body, "\n")
	return nil
}

const subjectMark = "Subject: "

func (t *templates) parseText(name string) (*text.Template, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if parsed := t.plain[name]; parsed != nil {
		return parsed, nil
	}
	source := t.source(name)
	head, rest, _ := strings.Cut(source, "\n")
	switch {
	case !strings.HasPrefix(head, subjectMark) || strings.TrimSpace(head) == strings.TrimSpace(subjectMark):
		return nil, t.invalid(name, 1, `begin it with a line "Subject: …"`)
	case !strings.HasPrefix(rest, "\n"):
		return nil, t.invalid(name, 2, "leave it empty, between the subject and the body")
	}
	parsed, err := text.New(name).Funcs(text.FuncMap{"join": join}).Parse(source)
	if err != nil {
		return nil, t.fault(err, name)
	}
	t.plain[name] = parsed
	return parsed, nil
}

func join(items []string) string { return strings.Join(items, ", ") }

// page is what the layout is filled with.
type page struct {
	Data
	Subject string
	Content template.HTML // the filled template of the mail, escaped already
}

func (t *templates) renderHTML(name string, d Data, r *rendered) error {
	parsed, err := t.parseHTML(name)
	if err != nil {
		return err
	}
	var content, b bytes.Buffer
	if err := parsed.ExecuteTemplate(&content, name, d); err != nil {
		return t.fault(err, name)
	}
	p := page{d, r.subject, template.HTML(content.String())}
	if err := parsed.ExecuteTemplate(&b, layoutFile, p); err != nil {
		return t.fault(err, name)
	}
	r.html = b.String()
	return nil
}

func (t *templates) parseHTML(name string) (*template.Template, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if parsed := t.rich[name]; parsed != nil {
		return parsed, nil
	}
	parsed, err := template.New(layoutFile).Funcs(template.FuncMap{"join": join}).Parse(t.source(layoutFile))
	if err != nil {
		return nil, t.fault(err, layoutFile)
	}
	if _, err := parsed.New(name).Parse(t.source(name)); err != nil {
		return nil, t.fault(err, name)
	}
	t.rich[name] = parsed
	return parsed, nil
}

// invalid is a fault in a line of a file.
func (t *templates) invalid(name string, number int, problem string) error {
	return staff.Errorf(staff.CodeInvalid, "mail.templates", "%s:%d: %s", filepath.Join(t.dir, name), number, problem)
}

// fault makes an error of package template one that begins with the file and the
// line. What fails in a built-in template is for the layout to mend.
func (t *templates) fault(err error, name string) error {
	message := err.Error()
	for _, file := range []string{name, layoutFile} {
		if _, rest, found := strings.Cut(message, file+":"); found {
			name, message = file, rest
			break
		}
	}
	if _, ok := t.custom[name]; !ok {
		return staff.Errorf(staff.CodeInvalid, "mail.templates", "%s does not fit the built-in %s:%s", filepath.Join(t.dir, layoutFile), name, message)
	}
	return staff.Errorf(staff.CodeInvalid, "mail.templates", "%s:%s", filepath.Join(t.dir, name), message)
}

const sampleLink = "https://portal.example/link/sample-of-a-token"

// samples are data that between them fill every branch of a template.
func samples(language string) []Data {
	d := Data{Language: language, Greeting: "Hello Anna Muster", Salutation: "ms", FirstName: "Anna", LastName: "Muster", Account: "ACME",
		Username: "anna", Role: "Copywriter", Areas: []string{"E-mails", "Forms"}, Link: sampleLink, ValidFor: "72 hours",
		ValidUntil: "25 November 2026, 09:30 (UTC)", At: "22 November 2026, 09:30 (UTC)"}
	all := d
	all.Role, all.Areas, all.All = "", nil, true
	return []Data{d, all, {Language: language, Greeting: "Hello", Salutation: "none", Link: sampleLink}}
}

// try fills all templates, once a directory replaces some.
func (t *templates) try() error {
	for _, kind := range staff.Templates {
		for _, language := range staff.Languages {
			for _, d := range samples(language) {
				r, err := t.render(kind, d)
				if err != nil {
					return err
				}
				if err := t.checkLink(kind, language, r); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// checkLink refuses a mail that is for its link and leaves it out.
func (t *templates) checkLink(kind staff.Template, language string, r *rendered) error {
	for extension, filled := range map[string]string{"txt": r.text, "html": r.html} {
		name := fileName(kind, language, extension)
		if kind.HasLink() && !strings.Contains(filled, sampleLink) {
			if _, ok := t.custom[name]; !ok {
				name = layoutFile
			}
			return staff.Errorf(staff.CodeInvalid, "mail.templates", "%s leaves out the link; write {{.Link}} where it belongs", filepath.Join(t.dir, name))
		}
	}
	return nil
}
