package cmd

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/staffctl/staffctl/internal/output"
	"github.com/staffctl/staffctl/internal/staff"
)

// memberPage is a member as somebody reads it during a call: in sections, each no
// longer than what there is to say.
func memberPage(person *staff.Person, now int64, next string) []output.Section {
	return []output.Section{
		whoSection(person), signInSection(person, now, next), areasSection(person),
		{Heading: "MAILS", Text: cmp.Or(mailColumn(person.Catalog).Text(person.Member), "none")},
		linksSection(person.History), changesSection(person.History),
	}
}

func whoSection(person *staff.Person) output.Section {
	account := person.Account.Name
	if person.ID == person.Account.OwnerID {
		account += ", owner"
	}
	s := output.Section{Heading: "MEMBER", Text: cmp.Or(person.FullName(), person.Email)}
	s.Add("e-mail", person.Email)
	s.Add("username", person.Username())
	s.Add("phones", phonesColumn().Text(person.Member))
	s.Add("account", account)
	s.Add("subaccount", person.Subaccount)
	s.Add("language", string(person.Language))
	s.Add("id", person.ID.String())
	s.Add("added", atText(person.CreatedAt))
	return s
}

func signInSection(person *staff.Person, now int64, next string) output.Section {
	status := person.Status()
	s := output.Section{Heading: "SIGN-IN", Text: "yes", Style: output.Good}
	switch {
	case !status.CanSignIn():
		s.Text, s.Style = "no: "+person.SignIn(), statusStyle(status)
	case person.History.Wait > 0:
		s.Text, s.Style = "not before "+atText(now+person.History.Wait.Milliseconds())+": "+person.SignIn(), output.Bad
	case status == staff.Pending2FA:
		s.Text, s.Style = "yes; a mobile number is enrolled first", output.Warn
	}
	s.AddStyled("what to do", next, output.Command)
	l := person.Login
	if l == nil {
		return s
	}
	if l.MustChange {
		s.Add("password", "temporary: to be changed at the next sign-in")
	}
	s.Add("second factor", cmp.Or(l.Mobile, "none"))
	if l.Email != person.Email {
		s.Add("login e-mail", l.Email)
	}
	if l.Accounts > 1 {
		s.Add("login", fmt.Sprintf("serves %d accounts", l.Accounts))
	}
	if n := person.History.Sessions; n > 0 {
		s.Add("open sessions", fmt.Sprint(n))
	}
	if len(person.History.SignIns) == 0 {
		s.Add("last sign-ins", "none")
	}
	for _, in := range person.History.SignIns {
		s.Add(atText(in.At), "signed in from "+in.Network)
	}
	return s
}

func areasSection(person *staff.Person) output.Section {
	opens := person.Opens()
	s := output.Section{Heading: "AREAS", Text: fmt.Sprintf("%d of %d", len(opens), len(person.Catalog.Areas))}
	switch {
	case len(opens) == 0:
		s.Text = "none"
	case person.Catalog.IsFull(person.Access):
		s.Text = "all, by " + opens[0].By
	default:
		for _, o := range opens {
			s.Add(o.Area, o.By)
		}
	}
	return s
}

// linksSection leaves out the links of the invites that it shows.
func linksSection(h *staff.History) output.Section {
	s := output.Section{Heading: "LINKS", Text: "none open"}
	for _, l := range h.Links {
		if l.Purpose != staff.ForInvite {
			s.Add(string(l.Purpose), "to "+l.Email+" until "+atText(l.ExpiresAt))
		}
	}
	for _, i := range h.Invites {
		s.Add("invite "+i.ID.String(), strings.Join(i.Access.List(), ", ")+", by "+i.Sender+", until "+atText(i.ExpiresAt))
	}
	if len(s.Lines) > 0 {
		s.Text = ""
	}
	return s
}

func changesSection(h *staff.History) output.Section {
	s := output.Section{Heading: "CHANGES", Text: "none"}
	for _, e := range h.Changes {
		s.Text = ""
		s.Add(atText(e.At), who(e.Actor)+": "+e.Action+fieldsOf(e))
	}
	return s
}

// fieldsOf says what a change was about: values that are short, else the field. Of a
// member who was added all is on the page.
func fieldsOf(e *staff.AuditEntry) string {
	var before, after map[string]any
	if e.Before == "" || json.Unmarshal([]byte(e.Before), &before) != nil || e.After != "" && json.Unmarshal([]byte(e.After), &after) != nil {
		return ""
	}
	changed := maps.Clone(before)
	maps.Copy(changed, after)
	var fields []string
	for _, key := range slices.Sorted(maps.Keys(changed)) {
		from, to := valueText(before[key]), valueText(after[key])
		if len(from)+len(to) > 40 {
			fields = append(fields, key)
		} else {
			fields = append(fields, key+" "+from+" → "+to)
		}
	}
	return ", " + strings.Join(fields, ", ")
}
