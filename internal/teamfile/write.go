package teamfile

import (
	"bufio"
	"io"

	"github.com/staffctl/staffctl/internal/staff"
	"github.com/staffctl/staffctl/internal/yamlfile"
)

// SchemaURL is where editors find the shape of a team file.
const SchemaURL = "https://raw.githubusercontent.com/staffctl/staffctl/main/docs/team.schema.json"

// Encode writes the team as a file that Parse reads back: without what is the
// default, the keys in the order of the documentation.
func Encode(w io.Writer, t *staff.Team) error {
	out := &writer{w: bufio.NewWriterSize(w, 64<<10)}
	out.line("# yaml-language-server: $schema=" + SchemaURL)
	out.given("account", &t.Account)
	out.settings(t)
	out.flowList("senders", t.Senders)
	section(out, "members", t.Members, (*writer).member)
	section(out, "subaccounts", t.Subaccounts, (*writer).subaccount)
	section(out, "invites", t.Invites, (*writer).invite)
	return out.w.Flush() // the first error of any write
}

// writer writes lines of YAML.
type writer struct {
	w      *bufio.Writer
	b      []byte
	indent string // of the next line: "" at the top, then that of an entry
}

func (o *writer) line(s string) { _, _ = o.w.WriteString(s + "\n") }

// begin is the start of a line, up to its value.
func (o *writer) begin(key string) {
	o.b = append(append(append(o.b[:0], o.indent...), key...), ": "...)
	if o.indent != "" {
		o.indent = "    " // the first key of an entry alone has a hyphen
	}
}

func (o *writer) end() {
	o.b = append(o.b, '\n')
	_, _ = o.w.Write(o.b)
}

// text writes a value unless it is empty.
func (o *writer) text(key, value string) {
	if value != "" {
		o.given(key, &value)
	}
}

// given writes a value that may be empty, unless it is missing.
func (o *writer) given(key string, value *string) {
	if value != nil {
		o.begin(key)
		o.b = yamlfile.AppendText(o.b, *value)
		o.end()
	}
}

// word is given for a word that stands bare whatever YAML 1.1 makes of it.
func (o *writer) word(key string, value *string) {
	if value != nil && *value == string(staff.TwoFactorOff) {
		o.begin(key)
		o.b = append(o.b, *value...)
		o.end()
		return
	}
	o.given(key, value)
}

func (o *writer) flag(key string, value bool) {
	o.begin(key)
	if value {
		o.b = append(o.b, "true"...)
	} else {
		o.b = append(o.b, "false"...)
	}
	o.end()
}

func (o *writer) flowList(key string, values *[]string) {
	if values == nil {
		return
	}
	o.begin(key)
	o.b = append(o.b, '[')
	for i, v := range *values {
		if i > 0 {
			o.b = append(o.b, ", "...)
		}
		o.b = yamlfile.AppendText(o.b, v)
	}
	o.b = append(o.b, ']')
	o.end()
}

// words writes all alone as a word, and others as a list, unless there are none.
func (o *writer) words(key string, values []string) {
	switch {
	case len(values) == 1 && (values[0] == string(staff.AccessAll) || values[0] == string(staff.AccessNone)):
		o.given(key, &values[0])
	case len(values) > 0:
		o.flowList(key, &values)
	}
}

func (o *writer) settings(t *staff.Team) {
	o.given("display_name", t.DisplayName)
	o.given("plan", t.Tariff)
	o.word("two_factor", t.TwoFactor)
	o.given("language", t.Language)
	if t.DefaultAccess != nil {
		o.words("default_access", *t.DefaultAccess)
	}
	if t.InviteOtherAddress != nil {
		o.flag("invite_other_address", *t.InviteOtherAddress)
	}
	o.given("owner", t.Owner)
}

func section[T any](o *writer, key string, entries *[]T, write func(*writer, *T)) {
	switch {
	case entries == nil:
		return
	case len(*entries) == 0:
		o.line(key + ": []")
		return
	}
	o.line(key + ":")
	for i := range *entries {
		o.indent = "  - "
		write(o, &(*entries)[i])
	}
	o.indent = ""
}

func (o *writer) member(m *staff.TeamMember) {
	o.given("email", &m.Email)
	o.names(&m.TeamPerson)
	o.given("username", m.Username)
	o.text("language", m.Language)
	o.phones(m.Phones)
	o.words("access", m.Access)
	o.rest(&m.TeamPerson)
}

func (o *writer) subaccount(s *staff.TeamSubaccount) {
	o.given("name", &s.Name)
	o.given("email", &s.Email)
	o.given("role", &s.Role)
	o.names(&s.TeamPerson)
	o.text("language", s.Language)
	o.phones(s.Phones)
	o.rest(&s.TeamPerson)
}

func (o *writer) invite(i *staff.TeamInvite) {
	o.given("email", &i.Email)
	if len(i.Access) == 0 {
		o.given("access", new(string(staff.AccessNone)))
	} else {
		o.words("access", i.Access)
	}
	o.text("language", i.Language)
}

func (o *writer) names(p *staff.TeamPerson) {
	o.text("salutation", p.Salutation)
	o.text("first_name", p.FirstName)
	o.text("last_name", p.LastName)
}

func (o *writer) phones(phones []string) {
	if len(phones) > 0 {
		o.flowList("phones", &phones)
	}
}

func (o *writer) rest(p *staff.TeamPerson) {
	o.words("mail", p.Mail)
	if p.Suspended {
		o.flag("suspended", true)
	}
}
