package staff

import (
	_ "embed"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

//go:embed catalog.json
var defaultCatalog []byte

// Label is a name in the two languages of the portal.
type Label struct {
	German  string `json:"de" yaml:"de"`
	English string `json:"en" yaml:"en"`
}

// Entry is a key with its label: an action, or a mail category.
type Entry struct {
	Key   string `json:"key" yaml:"key"`
	Label Label  `json:"label" yaml:"label"`
}

// Area is a part of the portal with the actions in it.
type Area struct {
	Key     string  `json:"key" yaml:"key"`
	Label   Label   `json:"label" yaml:"label"`
	Actions []Entry `json:"actions" yaml:"actions"`
}

// Role is a named set of grants; its grants are ["all"] for full access.
type Role struct {
	Key    string   `json:"key" yaml:"key"`
	Label  Label    `json:"label" yaml:"label"`
	Grants []string `json:"grants" yaml:"grants"`
}

// Catalog says what there is to grant and to mail. It is data of the store.
type Catalog struct {
	Areas          []Area  `json:"areas" yaml:"areas"`
	Roles          []Role  `json:"roles" yaml:"roles"`
	MailCategories []Entry `json:"mail_categories" yaml:"mail_categories"`
	Version        int64   `json:"-" yaml:"-"` // raised when it is replaced
}

// DefaultCatalog returns the catalog that ships with the program, from the
// three manuals that staffctl follows.
func DefaultCatalog() *Catalog {
	c := &Catalog{Version: 1}
	if err := json.Unmarshal(defaultCatalog, c); err != nil {
		panic("the embedded catalog: " + err.Error())
	}
	return c
}

func (c *Catalog) area(key string) *Area {
	i := slices.IndexFunc(c.Areas, func(a Area) bool { return a.Key == key })
	if i < 0 {
		return nil
	}
	return &c.Areas[i]
}

func (c *Catalog) role(key string) *Role {
	i := slices.IndexFunc(c.Roles, func(r Role) bool { return r.Key == key })
	if i < 0 {
		return nil
	}
	return &c.Roles[i]
}

// AreaKeys returns the keys of the areas in the catalog's order.
func (c *Catalog) AreaKeys() []string {
	return keysOf(c.Areas, func(a Area) string { return a.Key })
}

// RoleKeys returns the keys of the roles in the catalog's order.
func (c *Catalog) RoleKeys() []string {
	return keysOf(c.Roles, func(r Role) string { return r.Key })
}

// MailCategoryKeys returns the keys of the mail categories in the catalog's
// order.
func (c *Catalog) MailCategoryKeys() []string {
	return keysOf(c.MailCategories, func(e Entry) string { return e.Key })
}

// Permissions returns every area.action.
func (c *Catalog) Permissions() []string {
	var out []string
	for _, a := range c.Areas {
		for _, action := range a.Actions {
			out = append(out, a.Key+"."+action.Key)
		}
	}
	return out
}

func keysOf[T any](list []T, key func(T) string) []string {
	out := make([]string, len(list))
	for i, x := range list {
		out[i] = key(x)
	}
	return out
}

// HasPermission reports whether the word is an area or a permission.
func (c *Catalog) HasPermission(word string) bool {
	areaKey, action, isPermission := strings.Cut(word, ".")
	area := c.area(areaKey)
	if area == nil || !isPermission {
		return area != nil
	}
	return slices.ContainsFunc(area.Actions, func(e Entry) bool { return e.Key == action })
}

func (c *Catalog) example() string {
	if p := c.Permissions(); len(p) > 0 {
		return p[0]
	}
	return "area.action"
}

func (c *Catalog) checkGrant(fieldName, grant string) error {
	if c.HasPermission(grant) {
		return nil
	}
	areaKey, _, isPermission := strings.Cut(grant, ".")
	area := c.area(areaKey)
	switch {
	case c.role(grant) != nil:
		return Errorf(CodeInvalid, fieldName, "%s is a role, which subaccounts have; give permissions or areas, such as %s", grant, strings.Join(c.role(grant).Grants, ", "))
	case strings.HasPrefix(grant, "$"):
		return Errorf(CodeInvalid, fieldName, "no area %s%s", quotedKey(grant), Suggest(grant, c.AreaKeys()))
	case isPermission && area != nil:
		actions := keysOf(area.Actions, func(e Entry) string { return areaKey + "." + e.Key })
		return Errorf(CodeInvalid, fieldName, "area %s has no permission %q%s", areaKey, grant, Suggest(grant, actions))
	case isPermission:
		return Errorf(CodeInvalid, fieldName, "no permission %q%s", grant, Suggest(grant, c.Permissions()))
	default:
		return Errorf(CodeInvalid, fieldName, "no area %q%s", grant, Suggest(grant, c.AreaKeys()))
	}
}

// CheckArea refuses what is no area, with the nearest that is.
func (c *Catalog) CheckArea(fieldName, key string) error {
	return checkKey(fieldName, "area", key, c.AreaKeys())
}

// CheckRole refuses what is no role, with the nearest that is.
func (c *Catalog) CheckRole(fieldName, key string) error {
	return checkKey(fieldName, "role", key, c.RoleKeys())
}

// CheckMail refuses what is no mail category, with the nearest that is.
func (c *Catalog) CheckMail(fieldName string, keys ...string) error {
	for _, key := range keys {
		if err := checkKey(fieldName, "mail category", key, c.MailCategoryKeys()); err != nil {
			return err
		}
	}
	return nil
}

func checkKey(fieldName, what, key string, known []string) error {
	if slices.Contains(known, key) {
		return nil
	}
	return Errorf(CodeInvalid, fieldName, "no %s %s%s", what, quotedKey(key), Suggest(key, known))
}

// quotedKey is a key as it was given, unless it may be a password hash that got into
// the wrong place.
func quotedKey(key string) string {
	if strings.HasPrefix(key, "$") {
		return "as it was given (it is not shown, since it looks like a password hash)"
	}
	return strconv.Quote(key)
}

// sortMail returns the categories without repeats in the catalog's order.
func (c *Catalog) sortMail(keys []string) []string {
	var out []string
	for _, k := range c.MailCategoryKeys() {
		if slices.Contains(keys, k) {
			out = append(out, k)
		}
	}
	return out
}

// Check refuses a catalog that cannot work: keys that are no keys or stand
// twice, labels that are missing, areas without actions, grants that it does
// not know itself. It writes the grants of roles in their sorted form.
func (c *Catalog) Check() error {
	if len(c.Areas) == 0 {
		return Errorf(CodeInvalid, "areas", "the catalog has no areas; give at least one")
	}
	seen := map[string]bool{}
	for _, a := range c.Areas {
		if err := checkEntry(seen, "area", a.Key, a.Label); err != nil {
			return err
		}
		if len(a.Actions) == 0 {
			return Errorf(CodeInvalid, "areas", "area %s has no actions; give at least one", a.Key)
		}
		for _, e := range a.Actions {
			if err := checkEntry(seen, "action of "+a.Key, e.Key, e.Label); err != nil {
				return err
			}
		}
	}
	for _, e := range c.MailCategories {
		if err := checkEntry(seen, "mail category", e.Key, e.Label); err != nil {
			return err
		}
	}
	return c.checkRoles(seen)
}

func (c *Catalog) checkRoles(seen map[string]bool) error {
	for i, r := range c.Roles {
		if err := checkEntry(seen, "role", r.Key, r.Label); err != nil {
			return err
		}
		access, err := ParseAccess(c, "roles", r.Grants)
		if err != nil {
			return err
		}
		if access.Kind == AccessNone {
			return Errorf(CodeInvalid, "roles", "role %s grants nothing; give it all or grants", r.Key)
		}
		c.Roles[i].Grants = access.List()
	}
	return nil
}

func checkEntry(seen map[string]bool, what, key string, label Label) error {
	switch {
	case !isCatalogKey(key):
		return Errorf(CodeInvalid, "key", "%s %q is no key: use a to z, 0 to 9 and -, at most 64 characters", what, key)
	case key == string(AccessAll) || key == string(AccessNone):
		return Errorf(CodeInvalid, "key", "%s %q has a reserved name; choose another key", what, key)
	case seen[what+" "+key]:
		return Errorf(CodeInvalid, "key", "%s %s stands twice", what, key)
	case label.German == "" || label.English == "":
		return Errorf(CodeInvalid, "label", "%s %s needs a German and an English label", what, key)
	}
	seen[what+" "+key] = true
	return nil
}

func isCatalogKey(key string) bool {
	return key != "" && len(key) <= 64 && key[0] != '-' && strings.Trim(key, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}
