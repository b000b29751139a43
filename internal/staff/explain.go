package staff

import (
	"context"
	"fmt"
	"strings"
)

// AreaReason says whether an area is open to a person, and by what.
type AreaReason struct {
	Area        string
	Open        bool
	Permissions []string // the ones in the area that the person holds
	Reason      string
}

// Explain names the rule behind each area of the catalog, in its order.
func (p *Person) Explain() []AreaReason {
	reasons := make([]AreaReason, 0, len(p.Catalog.Areas))
	for _, a := range p.Catalog.Areas {
		r := AreaReason{Area: a.Key, Reason: "closed: " + p.whyNot(a.Key)}
		for _, action := range a.Actions {
			permission := a.Key + "." + action.Key
			if grant := p.Catalog.Allows(p.Access, permission); grant != "" {
				r.Permissions = append(r.Permissions, permission)
				r.Reason = p.why(grant)
			}
		}
		r.Open = len(r.Permissions) > 0 && p.Status().CanSignIn()
		if len(r.Permissions) > 0 && !r.Open {
			r.Reason = fmt.Sprintf("closed: %s, though given by %s", p.SignIn(), r.Reason)
		}
		reasons = append(reasons, r)
	}
	return reasons
}

func (p *Person) why(grant string) string {
	if p.Access.Kind == AccessRole {
		return fmt.Sprintf("role %s, which grants %s", p.Access.Role, grant)
	}
	if grant == string(AccessAll) {
		return "access all"
	}
	return "grant " + grant
}

func (p *Person) whyNot(area string) string {
	switch p.Access.Kind {
	case AccessNone:
		return "access none"
	case AccessRole:
		return fmt.Sprintf("role %s does not grant %s", p.Access.Role, area)
	default:
		return "no grant for " + area
	}
}

// SignIn says in words whether the person can sign in, and if not why.
func (p *Person) SignIn() string {
	switch p.Status() {
	case Suspended:
		return "suspended"
	case Pending:
		return "the subaccount is not confirmed"
	case NoLogin:
		return "no password yet"
	}
	switch {
	case p.History != nil && p.History.Wait > 0:
		return "too many tries"
	case p.Status() == Pending2FA:
		return "can sign in; a mobile number is enrolled first"
	default:
		return "can sign in"
	}
}

// NextStep is the command by which a person gets in who cannot sign in, or opens no
// area; "" where nothing is to be done. GRANT in it is for the reader to choose. It
// begins with "staffctl ".
func (p *Person) NextStep() string {
	email := ShellWord(p.Email)
	if strings.HasPrefix(email, "-") {
		email = "-- " + email // no flag
	}
	switch status := p.Status(); {
	case status == Suspended:
		return "staffctl member resume " + email
	case status == Pending:
		return "staffctl subaccount resend " + p.Subaccount
	case p.History != nil && p.History.Wait > 0:
		return "staffctl member unlock " + email
	case status == NoLogin && p.History != nil && len(p.History.Invites) > 0:
		return "staffctl invite resend " + p.History.Invites[0].ID.String()
	case status == NoLogin && p.Access.Kind == AccessNone:
		return "staffctl invite send --access GRANT " + email
	case status == NoLogin:
		return "staffctl invite send --access " + strings.Join(p.Access.List(), ",") + " " + email
	case p.Access.Kind == AccessNone:
		return "staffctl member grant " + email + " GRANT"
	default:
		return ""
	}
}

// ShellWord quotes a word that a shell would take for more: commands are there to be
// pasted, and addresses come from anywhere.
func ShellWord(word string) string {
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@._+-/:,"
	if strings.Trim(word, plain) == "" {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// Opening is an area that a person's access opens.
type Opening struct {
	Area string
	By   string // what opens it: access all, role R, or grant G
}

// Opens names the areas that the person's access opens, in the catalog's order,
// whether or not the person can sign in.
func (p *Person) Opens() []Opening {
	var opens []Opening
	for _, area := range p.Catalog.OpenAreas(p.Access) {
		var grants []string
		for _, g := range p.Access.Grants {
			if held, _, _ := strings.Cut(g, "."); held == area {
				grants = append(grants, g)
			}
		}
		o := Opening{area, "grant " + strings.Join(grants, ", ")}
		switch p.Access.Kind {
		case AccessAll:
			o.By = "access all"
		case AccessRole:
			o.By = "role " + p.Access.Role
		}
		opens = append(opens, o)
	}
	return opens
}

// Decision is the answer to whether a person may do something.
type Decision struct {
	Member     string
	Permission string
	Allowed    bool
	Reason     string
}

// CheckAccess decides whether the person may use the permission, or open the
// area, now. What is unknown is denied.
func (s *Staff) CheckAccess(ctx context.Context, account string, member Selector, permission string) (Decision, error) {
	d := Decision{Member: member.String(), Permission: permission}
	person, err := s.Person(ctx, account, member)
	if IsUnknownMember(err) {
		d.Reason = err.Error()
		return d, nil
	}
	if err != nil {
		return d, err
	}
	d.Member = person.Email
	grant := person.Catalog.Allows(person.Access, permission)
	switch {
	case !person.Catalog.HasPermission(permission):
		d.Reason = person.Catalog.checkGrant("permission", permission).Error()
	case !person.Status().CanSignIn():
		d.Reason = person.SignIn()
	case grant == "":
		d.Reason = person.whyNot(permission)
	default:
		d.Allowed, d.Reason = true, person.why(grant)
	}
	return d, nil
}

// Readers counts who receives a mail category.
type Readers struct {
	Category string
	Label    Label
	Count    int
}

// MailReaders counts, for each mail category, the members that receive it
// (rule 17).
func (r *Roster) MailReaders(ctx context.Context) ([]Readers, error) {
	counts := map[string]int{}
	for m, err := range r.Members(ctx, SortID, MemberFilter{}) {
		if err != nil {
			return nil, err
		}
		for _, k := range m.Mail {
			counts[k]++
		}
	}
	readers := make([]Readers, len(r.Catalog.MailCategories))
	for i, e := range r.Catalog.MailCategories {
		readers[i] = Readers{Category: e.Key, Label: e.Label, Count: counts[e.Key]}
	}
	return readers, nil
}
