package mail

import (
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/staffctl/staffctl/internal/staff"
)

// Data is what templates are filled with. docs/mail.md describes each field.
type Data struct {
	Language   string   // de or en
	Greeting   string   // with the name: Guten Tag Frau Muster
	Salutation string   // mr, ms, mx or none
	FirstName  string   // empty where it is not known
	LastName   string   // empty where it is not known
	Account    string   // the account's display name
	Username   string   // empty in an invite
	Role       string   // label of the role, if the access is one
	Areas      []string // labels of the areas that are open; none where All is set
	All        bool     // whether everything is open
	Link       string   // empty in a notice
	ValidFor   string   // how long the link is good from now on: 72 Stunden
	ValidUntil string   // until when the link is good: 25. November 2026, 09:30 Uhr (UTC)
	At         string   // when the change was made, in the same form
}

// Button is what the template "button" of the layout is filled with.
type Button struct{ Language, Link, Label string }

// Button makes the button with a label that opens the link.
func (d Data) Button(label string) Button { return Button{d.Language, d.Link, label} }

// newData describes a mail that is sent at a time.
func newData(m *staff.QueuedMail, link string, now time.Time) Data {
	from := &m.Data
	d := Data{Language: string(staff.German), Salutation: from.Salutation, FirstName: line(from.FirstName), LastName: line(from.LastName),
		Account: line(from.Account), Username: line(from.Username), Role: line(from.Role), All: from.All, Link: link,
		At: moment(m.Language, from.At)}
	if m.Language == staff.English {
		d.Language = string(staff.English)
	}
	for _, a := range from.Areas {
		d.Areas = append(d.Areas, line(a))
	}
	d.Greeting = greeting(&d)
	if from.ExpiresAt > 0 {
		d.ValidFor = duration(m.Language, time.UnixMilli(from.ExpiresAt).Sub(now))
		d.ValidUntil = moment(m.Language, from.ExpiresAt)
	}
	return d
}

// line makes one line of what should be one already: a line break in a name
// could begin another header.
func line(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || r == unicode.ReplacementChar {
			return ' '
		}
		return r
	}, s))
}

// greeting is how the person is spoken to: in German by title and last name, where
// both are known, else by what names there are.
func greeting(d *Data) string {
	hello, titles := "Guten Tag", map[string]string{"mr": "Herr", "ms": "Frau"}
	if d.Language == string(staff.English) {
		hello, titles = "Hello", map[string]string{"mr": "Mr", "ms": "Ms", "mx": "Mx"}
	}
	name := strings.TrimSpace(d.FirstName + " " + d.LastName)
	title := titles[d.Salutation]
	if title != "" && d.LastName != "" && (d.FirstName == "" || d.Language == string(staff.German)) {
		name = title + " " + d.LastName
	}
	return strings.TrimSpace(hello + " " + name)
}

var germanMonths = [...]string{"Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November", "Dezember"}

// moment writes a time in Unix milliseconds to the minute, in UTC, and says so.
func moment(language staff.Language, unixMilli int64) string {
	t := time.UnixMilli(unixMilli).UTC()
	if language == staff.English {
		return t.Format("2 January 2006, 15:04") + " (UTC)"
	}
	return fmt.Sprintf("%d. %s %d, %s Uhr (UTC)", t.Day(), germanMonths[t.Month()-1], t.Year(), t.Format("15:04"))
}

// unit is a unit of time with its words, one and several.
type unit struct {
	length  time.Duration
	de, en  [2]string
	atLeast int // as many as make the unit fit
}

var units = [...]unit{
	{24 * time.Hour, [2]string{"Tag", "Tage"}, [2]string{"day", "days"}, 4},
	{time.Hour, [2]string{"Stunde", "Stunden"}, [2]string{"hour", "hours"}, 1},
	{time.Minute, [2]string{"Minute", "Minuten"}, [2]string{"minute", "minutes"}, 1},
}

// duration writes how long something is still good, rounded down; the minute that
// it takes to send a mail does not count.
func duration(language staff.Language, d time.Duration) string {
	d += time.Minute
	u, n := units[len(units)-1], 1
	for _, candidate := range units {
		if fits := int(d / candidate.length); fits >= candidate.atLeast {
			u, n = candidate, fits
			break
		}
	}
	words := u.de
	if language == staff.English {
		words = u.en
	}
	return fmt.Sprintf("%d %s", n, words[min(n, 2)-1])
}
