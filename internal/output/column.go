package output

import (
	"slices"

	"github.com/staffctl/staffctl/internal/staff"
)

// Style is how a cell looks in a table on a terminal with colour.
type Style uint8

// The styles.
const (
	Plain   Style = iota
	Good          // green
	Warn          // yellow
	Bad           // red
	Info          // blue
	Faint         // grey
	Command       // not broken into lines, so that it can be pasted
	strong        // bold, for headings
)

// sgr returns the escape sequence that starts the style.
func (s Style) sgr() string {
	switch s {
	case Good:
		return "\x1b[32m"
	case Warn:
		return "\x1b[33m"
	case Bad:
		return "\x1b[31m"
	case Info:
		return "\x1b[34m"
	case Faint:
		return "\x1b[90m"
	case strong:
		return "\x1b[1m"
	default:
		return ""
	}
}

// Column describes one value of a T for every format.
type Column[T any] struct {
	// Key is the JSON key (snake_case), the CSV header, and the name in --columns.
	Key string
	// Doc says what the value means, and Type what it is in JSON, for the schema.
	Doc  string
	Type Type
	// Heading stands over the column in a table, in upper case, and before the
	// value when there is one row.
	Heading string
	// JSON appends the value as compact JSON.
	JSON func(dst []byte, v T) []byte
	// Text returns the value for tables and CSV. Without it the text is that of
	// JSON: strings unquoted, arrays joined by commas, null empty.
	Text func(v T) string
	// Style colours the cell; it may be nil.
	Style func(v T) Style
	// Table and Wide show the column without --columns in those formats. What is
	// in a table is in a wide one, too.
	Table, Wide bool
}

// View describes a noun.
type View[T any] struct {
	Columns []Column[T]
	// Name returns what --output name prints; nil takes the first column.
	Name func(T) string
	// Group returns the heading that a row of a table belongs under. Rows must
	// arrive sorted by it.
	Group func(T) string
	// Empty is said on standard error when a table has no rows, such as "no
	// members".
	Empty string
}

// Keys returns the keys of all columns, for completion and help.
func (v View[T]) Keys() []string {
	keys := make([]string, len(v.Columns))
	for i, c := range v.Columns {
		keys[i] = c.Key
	}
	return keys
}

// pick returns the columns that were asked for, or those of the format.
func (v View[T]) pick(opts Options, one bool) ([]Column[T], error) {
	if len(opts.Columns) > 0 {
		return v.named(opts.Columns)
	}
	if one || opts.Format != Table && opts.Format != Wide {
		return v.Columns, nil
	}
	var cols []Column[T]
	for _, c := range v.Columns {
		if c.Table || c.Wide && opts.Format == Wide {
			cols = append(cols, c)
		}
	}
	return cols, nil
}

func (v View[T]) named(keys []string) ([]Column[T], error) {
	cols := make([]Column[T], len(keys))
	for i, key := range keys {
		at := slices.IndexFunc(v.Columns, func(c Column[T]) bool { return c.Key == key })
		if at < 0 {
			return nil, staff.Errorf(staff.CodeInvalid, "columns", "unknown column %q%s", key, staff.Suggest(key, v.Keys()))
		}
		if slices.Contains(keys[:i], key) {
			return nil, staff.Errorf(staff.CodeInvalid, "columns", "column %q is named twice", key)
		}
		cols[i] = v.Columns[at]
	}
	return cols, nil
}

func (v View[T]) name() func(T) string {
	if v.Name != nil {
		return v.Name
	}
	return func(row T) string { return v.Columns[0].text(row) }
}

func (c *Column[T]) text(v T) string {
	if c.Text != nil {
		return c.Text(v)
	}
	return plain(c.JSON(nil, v))
}

func (c *Column[T]) style(v T) Style {
	if c.Style == nil {
		return Plain
	}
	return c.Style(v)
}
