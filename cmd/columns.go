package cmd

import (
	"strings"

	"github.com/staffctl/staffctl/internal/output"
	"github.com/staffctl/staffctl/internal/staff"
)

// The constructors of columns: each knows the type of its values, and doc says
// what they mean, in a phrase for the schema that staffctl schema prints.

// text makes a column of a string.
func text[T any](key, doc string, get func(T) string) output.Column[T] {
	return output.Column[T]{Key: key, Doc: doc, Type: output.String, Heading: heading(key), JSON: func(b []byte, v T) []byte { return output.AppendString(b, get(v)) }}
}

// word makes a column of a string that is one of a few.
func word[T any, S ~string](key, doc string, words []S, get func(T) string) output.Column[T] {
	return typed(text(key, doc, get), output.OneOf(words))
}

// typed gives a column another type.
func typed[T any](c output.Column[T], t output.Type) output.Column[T] {
	c.Type = t
	return c
}

// orNull makes a column of a string that is null when it is empty.
func orNull[T any](key, doc string, get func(T) string) output.Column[T] {
	return nullWhere(text(key, doc, get), func(v T) bool { return get(v) == "" })
}

// nullWhere makes a column null for some rows.
func nullWhere[T any](c output.Column[T], isNull func(T) bool) output.Column[T] {
	inner := c.JSON
	c.Type = output.OrNull(c.Type)
	c.JSON = func(b []byte, v T) []byte {
		if isNull(v) {
			return append(b, "null"...)
		}
		return inner(b, v)
	}
	return c
}

// list makes a column of a list of strings.
func list[T any](key, doc string, get func(T) []string) output.Column[T] {
	return output.Column[T]{Key: key, Doc: doc, Type: output.Strings, Heading: heading(key), JSON: func(b []byte, v T) []byte { return output.AppendStrings(b, get(v)) },
		Text: func(v T) string { return strings.Join(get(v), ", ") }}
}

func flagOf[T any](key, doc string, get func(T) bool) output.Column[T] {
	return output.Column[T]{Key: key, Doc: doc, Type: output.Boolean, Heading: heading(key), JSON: func(b []byte, v T) []byte { return output.AppendBool(b, get(v)) }}
}

func number[T any](key, doc string, get func(T) int64) output.Column[T] {
	return output.Column[T]{Key: key, Doc: doc, Type: output.Integer, Heading: heading(key), JSON: func(b []byte, v T) []byte { return output.AppendInt(b, get(v)) }}
}

// idOrNull makes a column of an id that is null where there is no row.
func idOrNull[T any](key, doc string, get func(T) staff.ID) output.Column[T] {
	return nullWhere(number(key, doc, func(v T) int64 { return int64(get(v)) }), func(v T) bool { return get(v) == 0 })
}

// moment makes a column of a time in milliseconds since 1970.
func moment[T any](key, doc string, get func(T) int64) output.Column[T] {
	return output.Column[T]{Key: key, Doc: doc, Type: output.Time, Heading: heading(key), JSON: func(b []byte, v T) []byte { return output.AppendTime(b, get(v)) }}
}

// momentOrNull makes a column of a time that is null when it is 0.
func momentOrNull[T any](key, doc string, get func(T) int64) output.Column[T] {
	return typed(moment(key, doc, get), output.OrNull(output.Time))
}

// objects makes a column of a list of things, each as an object with the columns,
// and for people as show says it, if it is given.
func objects[T, S any](key, doc string, get func(T) []S, show func(S) string, columns ...output.Column[S]) output.Column[T] {
	c := output.Column[T]{
		Key: key, Doc: doc, Type: output.ListOf(output.Object(func() []output.Column[S] { return columns })), Heading: heading(key),
		JSON: func(b []byte, v T) []byte {
			b = append(b, '[')
			for i, x := range get(v) {
				if i > 0 {
					b = append(b, ',')
				}
				b = appendObject(b, columns, x)
			}
			return append(b, ']')
		},
	}
	if show != nil {
		c.Text = func(v T) string {
			things := get(v)
			texts := make([]string, len(things))
			for i, x := range things {
				texts[i] = show(x)
			}
			return strings.Join(texts, ", ")
		}
	}
	return c
}

// appendObject appends a row as a JSON object.
func appendObject[T any](b []byte, columns []output.Column[T], row T) []byte {
	for i, c := range columns {
		b = append(b, "{,"[min(i, 1)])
		b = append(output.AppendString(b, c.Key), ':')
		b = c.JSON(b, row)
	}
	return append(b, '}')
}

func atText(unixMilli int64) string {
	return strings.Trim(string(output.AppendTime(nil, unixMilli)), `"`)
}

func heading(key string) string { return strings.ToUpper(strings.ReplaceAll(key, "_", " ")) }

// shown marks the columns of the narrow and the wide table.
func shown[T any](columns []output.Column[T], table, wide string) []output.Column[T] {
	for i := range columns {
		c := &columns[i]
		c.Table = strings.Contains(" "+table+" ", " "+c.Key+" ")
		c.Wide = strings.Contains(" "+wide+" ", " "+c.Key+" ")
	}
	return columns
}

func accountColumns() []output.Column[*staff.Account] {
	return shown([]output.Column[*staff.Account]{
		number("id", "the id, below 2^53", func(a *staff.Account) int64 { return int64(a.ID) }),
		text("name", "the name, which commands take", func(a *staff.Account) string { return a.Name }),
		text("display_name", "the name that people read", func(a *staff.Account) string { return a.DisplayName }),
		word("plan", "what the account has bought: only enterprise has subaccounts", staff.Tariffs, func(a *staff.Account) string { return string(a.Tariff) }),
		word("two_factor", "the policy for the second factor: with sms everybody signs in with a mobile TAN too", staff.TwoFactors, func(a *staff.Account) string { return string(a.TwoFactor) }),
		word("language", "the language of new members", staff.Languages, func(a *staff.Account) string { return string(a.Language) }),
		list("default_access", "what the first password opens where access is none: all alone, none alone, or grants", func(a *staff.Account) []string { return a.DefaultAccess.List() }),
		flagOf("invite_other_address", "whether a login with another e-mail may accept an invite", func(a *staff.Account) bool { return a.InviteOtherAddress }),
		orNull("owner", "the e-mail of the member who owns the account", func(a *staff.Account) string { return a.Owner }),
		list("senders", "the addresses that the account sends from", func(a *staff.Account) []string { return a.Senders }),
		moment("created_at", "when it was added", func(a *staff.Account) int64 { return a.CreatedAt }),
		moment("updated_at", "when it was last changed", func(a *staff.Account) int64 { return a.UpdatedAt }),
	}, "name display_name plan two_factor owner", "id language default_access invite_other_address senders created_at")
}

// memberColumns are the columns of members of one account, whose policy their
// status depends on and whose catalog their areas.
func memberColumns(a *staff.Account, c *staff.Catalog) []output.Column[*staff.Member] {
	status := word("status", "whether the person can sign in, and if not why", staff.Statuses, func(m *staff.Member) string { return string(m.Status(a.TwoFactor)) })
	status.Style = func(m *staff.Member) output.Style { return statusStyle(m.Status(a.TwoFactor)) }
	mail := mailColumn(c)
	areas := areasColumn(c)
	name := text("name", "first and last name", (*staff.Member).FullName)
	return shown([]output.Column[*staff.Member]{
		number("id", "the id, below 2^53", func(m *staff.Member) int64 { return int64(m.ID) }),
		text("account", "the name of the account", func(*staff.Member) string { return a.Name }),
		name,
		text("email", "the e-mail address, unique in the account", func(m *staff.Member) string { return m.Email }),
		text("username", "the username of the login, or the one proposed where there is none", (*staff.Member).Username),
		word("salutation", "how the person is addressed", staff.Salutations, func(m *staff.Member) string { return m.Salutation }),
		text("first_name", "the first name; may be empty", func(m *staff.Member) string { return m.FirstName }),
		text("last_name", "the last name; may be empty", func(m *staff.Member) string { return m.LastName }),
		word("language", "the language of mails and pages", staff.Languages, func(m *staff.Member) string { return string(m.Language) }),
		mail,
		areas,
		status,
		word("access", "how access is given", staff.AccessKinds, func(m *staff.Member) string { return string(m.Access.Kind) }),
		orNull("role", "the role, with access role", func(m *staff.Member) string { return m.Access.Role }),
		list("grants", "the areas and permissions, with access grants; else empty", func(m *staff.Member) []string { return m.Access.Grants }),
		phonesColumn(),
		orNull("subaccount", "the name of a subaccount after the account's prefix", func(m *staff.Member) string { return m.Subaccount }),
		moment("created_at", "when it was added", func(m *staff.Member) int64 { return m.CreatedAt }),
		moment("updated_at", "when it was last changed", func(m *staff.Member) int64 { return m.UpdatedAt }),
	}, "name username mail areas status", "id email language phones created_at")
}

func statusStyle(s staff.Status) output.Style {
	switch s {
	case staff.Active:
		return output.Good
	case staff.Suspended:
		return output.Bad
	case staff.Pending, staff.Pending2FA:
		return output.Warn
	default:
		return output.Faint
	}
}

// mailColumn shows the mail categories; a member who gets all of them reads
// "all" in tables.
func mailColumn(c *staff.Catalog) output.Column[*staff.Member] {
	column := list("mail", "the mail categories that the person gets, keys of the catalog", func(m *staff.Member) []string { return m.Mail })
	inner := column.Text
	column.Heading = "MAILS"
	column.Text = func(m *staff.Member) string {
		if len(m.Mail) > 1 && len(m.Mail) == len(c.MailCategories) {
			return string(staff.AccessAll)
		}
		return inner(m)
	}
	column.Style = func(*staff.Member) output.Style { return output.Info }
	return column
}

// areasColumn shows the areas that are open by the member's access; a member
// who opens all of them reads "all" in tables.
func areasColumn(c *staff.Catalog) output.Column[*staff.Member] {
	column := list("areas", "the areas that the access opens, whether or not the person can sign in", func(m *staff.Member) []string { return c.OpenAreas(m.Access) })
	inner := column.Text
	column.Text = func(m *staff.Member) string {
		if c.IsFull(m.Access) {
			return "all"
		}
		return inner(m)
	}
	column.Style = func(*staff.Member) output.Style { return output.Faint }
	return column
}

func phonesColumn() output.Column[*staff.Member] {
	return objects("phones", "the phones", func(m *staff.Member) []staff.Phone { return m.Phones }, staff.Phone.String,
		word("label", "what kind of phone it is", staff.PhoneLabels, func(p staff.Phone) string { return p.Label }),
		text("number", "the number as E.164", func(p staff.Phone) string { return p.Number }))
}
