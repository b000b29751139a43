package staff

import (
	"slices"
	"strings"
)

// Grant adds grants to a member's access.
type Grant struct {
	Member Selector `json:"member"`
	Grants []string `json:"grants"`
}

// Kind names the action.
func (Grant) Kind() string { return "member.grant" }

func (a Grant) needs(n *Needs) { n.Members = append(n.Members, a.Member) }

func (a Grant) plan(p *planner) error {
	m, err := p.editAccess(a.Member)
	if err != nil {
		return err
	}
	if slices.Contains(a.Grants, string(AccessNone)) {
		return Errorf(CodeInvalid, "grant", "none is no grant; take access away with staffctl member set-access %s none", a.Member)
	}
	added, err := p.accessOf("grant", a.Grants)
	switch {
	case err != nil:
		return err
	case m.Access.Kind == AccessAll:
	case added.Kind == AccessAll:
		m.Access = added
	default:
		m.Access = Access{Kind: AccessGrants, Grants: reduceGrants(slices.Concat(m.Access.Grants, added.Grants))}
	}
	return nil
}

// Revoke takes grants from a member's access.
type Revoke struct {
	Member Selector `json:"member"`
	Grants []string `json:"grants"`
}

// Kind names the action.
func (Revoke) Kind() string { return "member.revoke" }

func (a Revoke) needs(n *Needs) { n.Members = append(n.Members, a.Member) }

func (a Revoke) plan(p *planner) error {
	m, err := p.editAccess(a.Member)
	if err != nil {
		return err
	}
	for _, g := range a.Grants {
		if err := p.revoke(m, g); err != nil {
			return err
		}
	}
	return p.checkOwner(m)
}

func (p *planner) revoke(m *Member, grant string) error {
	p.guardCat = true
	if grant == string(AccessAll) {
		m.Access = NoAccess()
		return nil
	}
	if err := p.catalog.checkGrant("grant", grant); err != nil {
		return err
	}
	area, _, isPermission := strings.Cut(grant, ".")
	switch {
	case m.Access.Kind == AccessAll:
		return tooWide(m, grant, string(AccessAll))
	case isPermission && slices.Contains(m.Access.Grants, area):
		return tooWide(m, grant, area)
	}
	left := slices.DeleteFunc(slices.Clone(m.Access.Grants), func(g string) bool {
		return g == grant || strings.HasPrefix(g, grant+".")
	})
	m.Access.Grants = left
	if len(left) == 0 {
		m.Access = NoAccess()
	}
	return nil
}

func tooWide(m *Member, grant, wider string) error {
	return Errorf(CodeInvalid, "grant", "%s has %s, of which %s is a part; say what is to be left with staffctl member set-access", m.Email, wider, grant)
}

// SetAccess replaces a member's access.
type SetAccess struct {
	Member Selector `json:"member"`
	Access []string `json:"access"` // all, none or grants
}

// Kind names the action.
func (SetAccess) Kind() string { return "member.set-access" }

func (a SetAccess) needs(n *Needs) { n.Members = append(n.Members, a.Member) }

func (a SetAccess) plan(p *planner) error {
	m, err := p.editAccess(a.Member)
	if err != nil {
		return err
	}
	if m.Access, err = p.accessOf("access", a.Access); err != nil {
		return err
	}
	return p.checkOwner(m)
}

// editAccess is edit for a member whose access can be given by itself (rule 6).
func (p *planner) editAccess(s Selector) (*Member, error) {
	m, err := p.edit(s)
	if err != nil {
		return nil, err
	}
	return m, p.checkNoSubaccount(m)
}

func (p *planner) checkNoSubaccount(m *Member) error {
	if m.Subaccount == "" {
		return nil
	}
	return Errorf(CodeForbidden, "member", "%s is a subaccount: what it opens is given by its role, %s; change it with staffctl subaccount set-role", m.Username(), m.Access.Role)
}

// MailChange says what happens to the categories that are named.
type MailChange string

// The changes of mail preferences.
const (
	MailSet    MailChange = "set"
	MailAdd    MailChange = "add"
	MailRemove MailChange = "remove"
)

// ChangeMail changes which mails a member gets (rule 16).
type ChangeMail struct {
	Member     Selector   `json:"member"`
	Change     MailChange `json:"change"`
	Categories []string   `json:"categories"` // or "all" or "none" alone
}

// Kind names the action.
func (a ChangeMail) Kind() string { return "mail-prefs." + string(a.Change) }

func (a ChangeMail) needs(n *Needs) { n.Members = append(n.Members, a.Member) }

func (a ChangeMail) plan(p *planner) error {
	m, err := p.edit(a.Member)
	if err != nil {
		return err
	}
	named, err := p.mailOf(a.Categories)
	if err != nil {
		return err
	}
	switch a.Change {
	case MailAdd:
		m.Mail = p.catalog.sortMail(slices.Concat(m.Mail, named))
	case MailRemove:
		m.Mail = slices.DeleteFunc(slices.Clone(m.Mail), func(k string) bool { return slices.Contains(named, k) })
	default:
		m.Mail = named
	}
	return nil
}
