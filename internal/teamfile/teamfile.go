// Package teamfile reads and writes team files: YAML that says what one account
// should be, with its members, subaccounts and invites. What the entries mean is
// [staff.Team]'s affair; here is how they are written. Its shape is published as
// docs/team.schema.json.
package teamfile

import (
	"io"

	"go.yaml.in/yaml/v3"

	"github.com/staffctl/staffctl/internal/staff"
	"github.com/staffctl/staffctl/internal/yamlfile"
)

// Parse reads a team file, with the line of each entry. What is no YAML, what
// yamlfile refuses, unknown and repeated keys, and values of another kind are
// [staff.CodeInvalid] with their lines.
func Parse(name string, r io.Reader) (*staff.Team, error) {
	root, err := yamlfile.Parse(name, r)
	if err != nil {
		return nil, err
	}
	t := &staff.Team{File: name, Lines: map[string]int{}}
	reader := &reader{name: name}
	reader.mapping(root, "the file", teamKeys(t), t.Lines)
	if err := reader.err(); err != nil {
		return nil, err
	}
	return t, nil
}

// key is a key of a mapping with what reads its value.
type key struct {
	name     string
	required bool
	read     func(*reader, *yaml.Node)
}

func teamKeys(t *staff.Team) []key {
	return []key{
		{"account", false, text(&t.Account)},
		{"display_name", false, given(&t.DisplayName, text)},
		{"plan", false, given(&t.Tariff, text)},
		{"two_factor", false, given(&t.TwoFactor, policy)},
		{"language", false, given(&t.Language, text)},
		{"default_access", false, given(&t.DefaultAccess, wordsOrNone)},
		{"invite_other_address", false, given(&t.InviteOtherAddress, flag)},
		{"owner", false, given(&t.Owner, text)},
		{"senders", false, given(&t.Senders, list)},
		{"members", false, given(&t.Members, entries(memberKeys))},
		{"subaccounts", false, given(&t.Subaccounts, entries(subaccountKeys))},
		{"invites", false, given(&t.Invites, entries(inviteKeys))},
	}
}

func memberKeys(m *staff.TeamMember, line int) []key {
	m.Line = line
	email, names, rest := personKeys(&m.TeamPerson)
	return joined(email, names, []key{{"username", false, given(&m.Username, text)}}, rest[:2],
		[]key{{"access", false, words(&m.Access)}}, rest[2:])
}

func subaccountKeys(s *staff.TeamSubaccount, line int) []key {
	s.Line = line
	email, names, rest := personKeys(&s.TeamPerson)
	return joined([]key{{"name", true, text(&s.Name)}}, email, []key{{"role", true, text(&s.Role)}}, names, rest)
}

// personKeys are those that members and subaccounts share, in the order in which
// they are written.
func personKeys(p *staff.TeamPerson) (email, names, rest []key) {
	return []key{{"email", true, text(&p.Email)}},
		[]key{{"salutation", false, text(&p.Salutation)}, {"first_name", false, text(&p.FirstName)}, {"last_name", false, text(&p.LastName)}},
		[]key{{"language", false, text(&p.Language)}, {"phones", false, list(&p.Phones)}, {"mail", false, words(&p.Mail)},
			{"suspended", false, flag(&p.Suspended)}}
}

func inviteKeys(i *staff.TeamInvite, line int) []key {
	i.Line = line
	return []key{{"email", true, text(&i.Email)}, {"access", true, words(&i.Access)}, {"language", false, text(&i.Language)}}
}

func joined(parts ...[]key) []key {
	var keys []key
	for _, p := range parts {
		keys = append(keys, p...)
	}
	return keys
}
