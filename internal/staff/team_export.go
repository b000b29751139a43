package staff

import "context"

// ExportTeam returns the account as a team that, applied to an empty account of
// the same name, makes another like it: without logins, and without what is the
// default.
func (s *Staff) ExportTeam(ctx context.Context, account string) (*Team, error) {
	facts, err := s.load(ctx, &Needs{Account: account, AllMembers: true, AllInvites: true})
	if err != nil {
		return nil, err
	}
	a := facts.Account
	t := &Team{Account: a.Name, Settings: Settings{DisplayName: &a.DisplayName, Tariff: stringOf(a.Tariff), TwoFactor: stringOf(a.TwoFactor),
		Language: stringOf(a.Language), DefaultAccess: new(a.DefaultAccess.List()), InviteOtherAddress: &a.InviteOtherAddress}}
	if a.Owner != "" {
		t.Owner = &a.Owner
	}
	t.Senders, t.Members, t.Subaccounts, t.Invites = &[]string{}, &[]TeamMember{}, &[]TeamSubaccount{}, &[]TeamInvite{}
	*t.Senders = append(*t.Senders, a.Senders...)
	for _, m := range facts.Found {
		t.include(m, a.Language)
	}
	now := s.Now().UnixMilli()
	for _, i := range facts.Invites {
		if i.Status(now) == InvitePending {
			*t.Invites = append(*t.Invites, TeamInvite{Email: i.Email, Access: i.Access.List(), Language: unless(i.Language, a.Language)})
		}
	}
	return t, nil
}

func stringOf[T ~string](value T) *string { return new(string(value)) }

// unless is a value, or "" where it is the default.
func unless[T ~string](value, byDefault T) string {
	if value == byDefault {
		return ""
	}
	return string(value)
}

// include adds the entry of a member.
func (t *Team) include(m *Member, language Language) {
	p := TeamPerson{Email: m.Email, Salutation: unless(m.Salutation, "none"), FirstName: m.FirstName, LastName: m.LastName,
		Language: unless(m.Language, language), Mail: m.Mail, Suspended: m.Suspended}
	for _, phone := range m.Phones {
		p.Phones = append(p.Phones, phone.String())
	}
	if m.Subaccount != "" {
		if p.FirstName == "" {
			p.LastName = unless(p.LastName, m.Subaccount)
		}
		*t.Subaccounts = append(*t.Subaccounts, TeamSubaccount{Name: m.Subaccount, Role: m.Access.Role, TeamPerson: p})
		return
	}
	e := TeamMember{TeamPerson: p}
	if m.Access.Kind != AccessNone {
		e.Access = m.Access.List()
	}
	if username := m.Username(); username != m.Email {
		e.Username = &username
	}
	*t.Members = append(*t.Members, e)
}
