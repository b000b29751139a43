package cmd

import (
	"strings"

	"github.com/staffctl/staffctl/internal/output"
	"github.com/staffctl/staffctl/internal/staff"
)

// text makes a column of a string.
func text[T any](key string, get func(T) string) output.Column[T] {
	return output.Column[T]{Key: key, Heading: heading(key), JSON: func(b []byte, v T) []byte { return output.AppendString(b, get(v)) }}
}

// orNull makes a column of a string that is null when it is empty.
func orNull[T any](key string, get func(T) string) output.Column[T] {
	c := text(key, get)
	c.JSON = func(b []byte, v T) []byte {
		if s := get(v); s != "" {
			return output.AppendString(b, s)
		}
		return append(b, "null"...)
	}
	return c
}

func list[T any](key string, get func(T) []string) output.Column[T] {
	return output.Column[T]{Key: key, Heading: heading(key), JSON: func(b []byte, v T) []byte { return output.AppendStrings(b, get(v)) },
		Text: func(v T) string { return strings.Join(get(v), ", ") }}
}

func flagOf[T any](key string, get func(T) bool) output.Column[T] {
	return output.Column[T]{Key: key, Heading: heading(key), JSON: func(b []byte, v T) []byte { return output.AppendBool(b, get(v)) }}
}

func number[T any](key string, get func(T) int64) output.Column[T] {
	return output.Column[T]{Key: key, Heading: heading(key), JSON: func(b []byte, v T) []byte { return output.AppendInt(b, get(v)) }}
}

// idOrNull makes a column of an id that is null where there is no row.
func idOrNull[T any](key string, get func(T) staff.ID) output.Column[T] {
	return output.Column[T]{Key: key, Heading: heading(key), JSON: func(b []byte, v T) []byte {
		if id := get(v); id != 0 {
			return output.AppendInt(b, int64(id))
		}
		return append(b, "null"...)
	}}
}

func moment[T any](key string, get func(T) int64) output.Column[T] {
	return output.Column[T]{Key: key, Heading: heading(key), JSON: func(b []byte, v T) []byte { return output.AppendTime(b, get(v)) }}
}

func atText(unixMilli int64) string {
	return strings.Trim(string(output.AppendTime(nil, unixMilli)), `"`)
}

// objects makes a column of a list of things, each as a text for people and as an
// object for programs.
func objects[T any](key string, list []T, show func(T) (string, map[string]any)) output.Column[*staff.Member] {
	var texts []string
	all := []map[string]any{}
	for _, x := range list {
		text, object := show(x)
		texts, all = append(texts, text), append(all, object)
	}
	return output.Column[*staff.Member]{Key: key, Heading: heading(key), Text: func(*staff.Member) string { return strings.Join(texts, ", ") },
		JSON: func(b []byte, _ *staff.Member) []byte { return appendAny(b, all) }}
}

// byKey makes a column of a list of things, each with a key of its own: for people
// as texts, for programs as one object.
func byKey[T any](key string, list []T, show func(T) (key, value string)) output.Column[*staff.Member] {
	return output.Column[*staff.Member]{Key: key, Heading: heading(key),
		Text: func(*staff.Member) string {
			texts := make([]string, len(list))
			for i, x := range list {
				name, value := show(x)
				texts[i] = name + " by " + value
			}
			return strings.Join(texts, "; ")
		},
		JSON: func(b []byte, _ *staff.Member) []byte {
			b = append(b, '{')
			for i, x := range list {
				if i > 0 {
					b = append(b, ',')
				}
				name, value := show(x)
				b = output.AppendString(append(output.AppendString(b, name), ':'), value)
			}
			return append(b, '}')
		}}
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
		number("id", func(a *staff.Account) int64 { return int64(a.ID) }),
		text("name", func(a *staff.Account) string { return a.Name }),
		text("display_name", func(a *staff.Account) string { return a.DisplayName }),
		text("plan", func(a *staff.Account) string { return string(a.Tariff) }),
		text("two_factor", func(a *staff.Account) string { return string(a.TwoFactor) }),
		text("language", func(a *staff.Account) string { return string(a.Language) }),
		list("default_access", func(a *staff.Account) []string { return a.DefaultAccess.List() }),
		flagOf("invite_other_address", func(a *staff.Account) bool { return a.InviteOtherAddress }),
		orNull("owner", func(a *staff.Account) string { return a.Owner }),
		list("senders", func(a *staff.Account) []string { return a.Senders }),
		moment("created_at", func(a *staff.Account) int64 { return a.CreatedAt }),
		moment("updated_at", func(a *staff.Account) int64 { return a.UpdatedAt }),
	}, "name display_name plan two_factor owner", "id language default_access invite_other_address senders created_at")
}

// memberColumns are the columns of members of one account, whose policy their
// status depends on and whose catalog their areas.
func memberColumns(a *staff.Account, c *staff.Catalog) []output.Column[*staff.Member] {
	status := text("status", func(m *staff.Member) string { return string(m.Status(a.TwoFactor)) })
	status.Style = func(m *staff.Member) output.Style { return statusStyle(m.Status(a.TwoFactor)) }
	mail := mailColumn(c)
	areas := areasColumn(c)
	name := text("name", (*staff.Member).FullName)
	return shown([]output.Column[*staff.Member]{
		number("id", func(m *staff.Member) int64 { return int64(m.ID) }),
		text("account", func(*staff.Member) string { return a.Name }),
		name,
		text("email", func(m *staff.Member) string { return m.Email }),
		text("username", (*staff.Member).Username),
		text("salutation", func(m *staff.Member) string { return m.Salutation }),
		text("first_name", func(m *staff.Member) string { return m.FirstName }),
		text("last_name", func(m *staff.Member) string { return m.LastName }),
		text("language", func(m *staff.Member) string { return string(m.Language) }),
		mail,
		areas,
		status,
		text("access", func(m *staff.Member) string { return string(m.Access.Kind) }),
		orNull("role", func(m *staff.Member) string { return m.Access.Role }),
		list("grants", func(m *staff.Member) []string { return m.Access.Grants }),
		phonesColumn(),
		orNull("subaccount", func(m *staff.Member) string { return m.Subaccount }),
		moment("created_at", func(m *staff.Member) int64 { return m.CreatedAt }),
		moment("updated_at", func(m *staff.Member) int64 { return m.UpdatedAt }),
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
	column := list("mail", func(m *staff.Member) []string { return m.Mail })
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
	column := list("areas", func(m *staff.Member) []string { return c.OpenAreas(m.Access) })
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
	return output.Column[*staff.Member]{
		Key: "phones", Heading: "PHONES",
		JSON: func(b []byte, m *staff.Member) []byte {
			b = append(b, '[')
			for i, p := range m.Phones {
				if i > 0 {
					b = append(b, ',')
				}
				b = output.AppendString(append(b, `{"label":`...), p.Label)
				b = append(output.AppendString(append(b, `,"number":`...), p.Number), '}')
			}
			return append(b, ']')
		},
		Text: func(m *staff.Member) string {
			texts := make([]string, len(m.Phones))
			for i, p := range m.Phones {
				texts[i] = p.String()
			}
			return strings.Join(texts, ", ")
		},
	}
}
