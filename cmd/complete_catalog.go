package cmd

import (
	"context"
	"slices"

	"github.com/staffctl/staffctl/internal/staff"
)

// ofCatalog finds what the store's catalog has.
func ofCatalog(pick func(l *line, c *staff.Catalog) []choice) source {
	return fromStore(func(ctx context.Context, a *asked) ([]choice, error) {
		catalog, err := a.store.Catalog(ctx)
		if err != nil {
			return nil, err
		}
		return pick(a.line, catalog), nil
	})
}

// with adds words that go with no other, which need no store.
func with(from source, alone ...choice) source {
	return func(l *line) []choice {
		for i := range alone {
			alone[i].alone = true
		}
		return slices.Concat(alone, from(l))
	}
}

func areas(l *line, c *staff.Catalog) []choice {
	var found []choice
	for _, a := range c.Areas {
		found = append(found, choice{word: a.Key, about: l.label(a.Label)})
	}
	return found
}

// grants are the areas and the permissions in them.
func grants(l *line, c *staff.Catalog) []choice {
	found := areas(l, c)
	for _, a := range c.Areas {
		for _, action := range a.Actions {
			found = append(found, choice{word: a.Key + "." + action.Key, about: l.label(a.Label) + ", " + l.label(action.Label)})
		}
	}
	return found
}

func roles(l *line, c *staff.Catalog) []choice {
	var found []choice
	for _, r := range c.Roles {
		found = append(found, choice{word: r.Key, about: l.label(r.Label)})
	}
	return found
}

func (l *line) roleLabel(c *staff.Catalog, key string) string {
	for _, r := range roles(l, c) {
		if r.word == key {
			return r.about
		}
	}
	return key
}

func categories(l *line, c *staff.Catalog) []choice {
	var found []choice
	for _, e := range c.MailCategories {
		found = append(found, choice{word: e.Key, about: l.label(e.Label)})
	}
	return found
}

// heldGrants are what the member that the line names may have revoked.
func heldGrants(ctx context.Context, a *asked) ([]choice, error) {
	person, err := a.person(ctx)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(append(grants(a.line, person.Catalog), allGrants()), func(c choice) bool {
		return !slices.Contains(person.Access.List(), c.word)
	}), nil
}

// categoriesOf are the categories of which the member that the line names gets the mails, or
// else those of which not.
func categoriesOf(gets bool) finding {
	return func(ctx context.Context, a *asked) ([]choice, error) {
		person, err := a.person(ctx)
		if err != nil {
			return nil, err
		}
		return slices.DeleteFunc(categories(a.line, person.Catalog), func(c choice) bool {
			return slices.Contains(person.Mail, c.word) != gets
		}), nil
	}
}

func allGrants() choice { return choice{word: string(staff.AccessAll), about: "every area"} }
func noGrants() choice  { return choice{word: string(staff.AccessNone), about: "no area"} }
func allMails() choice  { return choice{word: string(staff.AccessAll), about: "every category"} }
func noMails() choice   { return choice{word: string(staff.AccessNone), about: "no mails"} }
