package staff

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// errorf is a refusal of something in a line of the team file.
func (t *Team) errorf(line int, code Code, fieldName, format string, args ...any) *Error {
	return Errorf(code, fieldName, "%s%s", t.at(line, ""), fmt.Sprintf(format, args...))
}

// at is what the messages about an entry begin with.
func (t *Team) at(line int, entry string) string {
	var b strings.Builder
	if t.File != "" {
		b.WriteString(t.File + ": ")
	}
	if line > 0 {
		b.WriteString("line " + strconv.Itoa(line) + ": ")
	}
	if entry != "" {
		b.WriteString(entry + ": ")
	}
	return b.String()
}

// named names the file in what a rule says of the plan as a whole.
func (t *Team) named(err error) error {
	var e *Error
	if !errors.As(err, &e) || strings.HasPrefix(e.Message, t.at(0, "")) {
		return err
	}
	return &Error{Code: e.Code, Field: e.Field, Cause: e, Message: t.at(0, "") + e.Message}
}

// place says where an entry stands.
type place struct {
	line          int
	section, name string
}

// entryAction is what an entry of a team comes to.
type entryAction struct {
	Action
	team *Team
	place
	// id is that of what it adds: whoever stands first in the file is first in lists,
	// whatever order the rules ask for.
	id ID
}

// plan names the entry where a rule refuses it.
func (a entryAction) plan(p *planner) error {
	p.reserved = a.id
	err := a.Action.plan(p)
	p.reserved = 0
	if t := p.member; t != nil && t.now != nil {
		delete(p.leaving, t.now.ID)
	}
	var e *Error
	if !errors.As(err, &e) {
		return err
	}
	line, entry := a.line, a.section
	if a.name != "" {
		entry += ": " + a.name
	}
	if line == 0 { // of the settings
		entry = strings.ReplaceAll(e.Field, "-", "_")
		line = a.team.Lines[entry]
	}
	return &Error{Code: e.Code, Field: e.Field, Cause: e, Message: a.team.at(line, entry) + e.Message}
}

// checkRepeats refuses who stands in the file twice.
func (t *Team) checkRepeats() error {
	people := repeats{t, map[string]place{}}
	for _, m := range all(t.Members) {
		if err := people.check(EmailKey(m.Email), place{m.Line, "members", m.Email}); err != nil {
			return err
		}
	}
	names := repeats{t, map[string]place{}}
	for _, e := range all(t.Subaccounts) {
		if err := people.check(EmailKey(e.Email), place{e.Line, "subaccounts", e.Email}); err != nil {
			return err
		}
		if err := names.check(e.Name, place{e.Line, "subaccounts", e.Name}); err != nil {
			return err
		}
	}
	invited := repeats{t, map[string]place{}}
	for _, i := range all(t.Invites) {
		if err := invited.check(EmailKey(i.Email), place{i.Line, "invites", i.Email}); err != nil {
			return err
		}
	}
	senders := repeats{t, map[string]place{}}
	for _, address := range all(t.Senders) {
		if err := senders.check(EmailKey(address), place{t.Lines["senders"], "senders", address}); err != nil {
			return err
		}
	}
	return nil
}

type repeats struct {
	team *Team
	seen map[string]place
}

func (r repeats) check(key string, at place) error {
	first, repeated := r.seen[key]
	if !repeated {
		r.seen[key] = at
		return nil
	}
	return Errorf(CodeInvalid, at.section, "%s%s stands in line %d too; leave one of them", r.team.at(at.line, at.section), at.name, first.line)
}

// MaxRemovals bounds how many people and pending invites a plan may remove.
type MaxRemovals struct {
	N       int
	Percent bool // N is a part of those there are, rounded up
}

// DefaultMaxRemovals is a tenth of them.
func DefaultMaxRemovals() MaxRemovals { return MaxRemovals{10, true} }

// ParseMaxRemovals reads a number, or a percentage such as 10%.
func ParseMaxRemovals(fieldName, s string) (MaxRemovals, error) {
	digits, percent := strings.CutSuffix(s, "%")
	n, err := strconv.Atoi(digits)
	switch {
	case err != nil || n < 0:
		return MaxRemovals{}, Errorf(CodeInvalid, fieldName, "%q is neither a number nor a percentage; give it as in 20 or 10%%", s)
	case percent && n > 100:
		return MaxRemovals{}, Errorf(CodeInvalid, fieldName, "%s is too much; give 0%% to 100%%, or a number", s)
	}
	return MaxRemovals{n, percent}, nil
}

// String returns the bound as it is given.
func (m MaxRemovals) String() string {
	if m.Percent {
		return strconv.Itoa(m.N) + "%"
	}
	return strconv.Itoa(m.N)
}

// of is how many of the people may be removed.
func (m MaxRemovals) of(people int) int {
	if m.Percent {
		return (people*m.N + 99) / 100
	}
	return m.N
}
