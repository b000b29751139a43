package staff

import (
	"slices"
	"strings"
)

// AccessKind says how a member's access is given.
type AccessKind string

// The kinds of access.
const (
	AccessNone   AccessKind = "none"
	AccessAll    AccessKind = "all"
	AccessRole   AccessKind = "role"
	AccessGrants AccessKind = "grants"
)

// AccessKinds are the values of [AccessKind].
var AccessKinds = []string{string(AccessNone), string(AccessAll), string(AccessRole), string(AccessGrants)}

// Access is what a person may open: nothing, everything, what a role opens, or
// chosen grants. A grant is a permission (area.action) or an area, which stands
// for every action in it. Grants are sorted and none stands within another.
type Access struct {
	Kind   AccessKind
	Role   string   // with AccessRole
	Grants []string // with AccessGrants, never empty
}

// NoAccess opens nothing.
func NoAccess() Access { return Access{Kind: AccessNone} }

// FullAccess opens everything.
func FullAccess() Access { return Access{Kind: AccessAll} }

// ParseAccess reads "all", "none" or grants that the catalog knows.
func ParseAccess(c *Catalog, fieldName string, words []string) (Access, error) {
	words = slices.DeleteFunc(slices.Clone(words), func(w string) bool { return w == "" })
	switch {
	case len(words) == 0:
		return Access{}, Errorf(CodeInvalid, fieldName, "no access named; give all, none or grants such as %s", c.example())
	case len(words) == 1 && words[0] == string(AccessNone):
		return NoAccess(), nil
	case len(words) == 1 && words[0] == string(AccessAll):
		return FullAccess(), nil
	}
	for _, w := range words {
		if w == string(AccessNone) || w == string(AccessAll) {
			return Access{}, Errorf(CodeInvalid, fieldName, "%q stands alone: give it or grants, not both", w)
		}
		if err := c.checkGrant(fieldName, w); err != nil {
			return Access{}, err
		}
	}
	return Access{Kind: AccessGrants, Grants: reduceGrants(words)}, nil
}

// List returns the access as its words: ["all"], ["none"], the grants, or
// ["role:KEY"].
func (a Access) List() []string {
	switch a.Kind {
	case AccessGrants:
		return a.Grants
	case AccessRole:
		return []string{"role:" + a.Role}
	default:
		return []string{string(a.Kind)}
	}
}

func (a Access) clone() Access {
	a.Grants = slices.Clone(a.Grants)
	return a
}

// reduceGrants sorts grants and drops the ones that an area among them covers.
func reduceGrants(grants []string) []string {
	out := slices.Clone(grants)
	slices.Sort(out)
	out = slices.Compact(out)
	return slices.DeleteFunc(out, func(g string) bool {
		area, _, isPermission := strings.Cut(g, ".")
		return isPermission && slices.Contains(out, area)
	})
}

// grantsOf returns the grants that the access stands for: ["all"] for full
// access, the role's grants for a role.
func (c *Catalog) grantsOf(a Access) []string {
	switch a.Kind {
	case AccessAll:
		return []string{string(AccessAll)}
	case AccessRole:
		if r := c.role(a.Role); r != nil {
			return r.Grants
		}
		return nil
	default:
		return a.Grants
	}
}

// IsFull reports whether the access opens everything, by itself or by its role.
func (c *Catalog) IsFull(a Access) bool {
	return slices.Contains(c.grantsOf(a), string(AccessAll))
}

// Allows returns the grant by which the access holds the permission, which may
// be an area (then any permission in it counts), or "" when it does not.
// It does not check that the permission exists.
func (c *Catalog) Allows(a Access, permission string) string {
	area, _, isPermission := strings.Cut(permission, ".")
	for _, g := range c.grantsOf(a) {
		grantArea, _, _ := strings.Cut(g, ".")
		switch {
		case g == string(AccessAll), g == area, g == permission, !isPermission && grantArea == area:
			return g
		}
	}
	return ""
}

// OpenAreas returns the areas that are open to somebody with the access, in the
// catalog's order.
func (c *Catalog) OpenAreas(a Access) []string {
	if a.Kind == AccessNone {
		return nil
	}
	var open []string
	for i := range c.Areas {
		if c.Allows(a, c.Areas[i].Key) != "" {
			open = append(open, c.Areas[i].Key)
		}
	}
	return open
}
