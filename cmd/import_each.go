package cmd

import (
	"bufio"
	"bytes"
	"fmt"
	"strings"

	"github.com/staffctl/staffctl/internal/output"
	"github.com/staffctl/staffctl/internal/staff"
)

// each tells what becomes of each row that changes something: a line on standard
// output, for people or with -o name of the e-mail alone.
type each struct {
	*importing
	names bool
	out   *bufio.Writer
	kept  bytes.Buffer // what is told once it is done
	to    []string     // whom it would mail
}

// tellEach lets the rows be told: to people with --dry-run while they are read, with
// --verbose once they are imported, as e-mails are.
func (o *importing) tellEach(rows *staff.Import) *each {
	e := &each{importing: o, names: o.deps.format() == output.Name}
	lines := o.forPeople() && !o.quiet()
	if lines && o.dryRun {
		e.out = bufio.NewWriterSize(o.ios.Out, 64<<10)
	}
	if e.out != nil || o.dryRun && o.mail {
		rows.Each = e.row
	}
	if e.names || lines && o.verbose() && !o.dryRun {
		e.out, rows.Each = bufio.NewWriter(&e.kept), e.row
		read := rows.Rows
		rows.Rows = func(yield func(staff.Row, error) bool) { // again where others were in between
			e.kept.Reset()
			e.out.Reset(&e.kept)
			read(yield)
		}
	}
	return e
}

func (e *each) row(line int, r *staff.Result) {
	if r.Mail != nil && e.dryRun {
		e.to = append(e.to, r.Mail.To)
	}
	switch { // the writer keeps its error
	case !r.Changed || e.out == nil:
	case !e.names:
		_, _ = fmt.Fprintf(e.out, "line %d: %s\n", line, rowText(r, e.dryRun))
	case r.Invite != nil:
		_, _ = fmt.Fprintln(e.out, r.Invite.Email)
	default:
		_, _ = fmt.Fprintln(e.out, r.Member.Email)
	}
}

// end tells the rest; what was not done is not told.
func (e *each) end(refused bool) error {
	if !refused {
		for _, to := range e.to {
			e.say("would mail %s", output.Text(to))
		}
	}
	if e.out == nil {
		return nil
	}
	if err := e.out.Flush(); err != nil || refused {
		return err
	}
	_, err := e.kept.WriteTo(e.ios.Out)
	return err
}

// rowText says in a line what a row does, or did.
func rowText(r *staff.Result, would bool) string {
	isNew := r.Invite != nil && r.Invite.Version == 0 || r.Invite == nil && r.Member.Version == 0
	action := r.Action
	if !isNew {
		action = "member.edit"
	}
	verb := verbs[action][1]
	if would {
		verb = verbs[action][0]
	}
	who := ""
	switch {
	case r.Invite == nil:
		who = fmt.Sprintf("%s <%s>", r.Member.FullName(), r.Member.Email)
	case isNew:
		who = r.Invite.Email
	default:
		who = "the invite of " + r.Invite.Email
	}
	text := verb + " " + output.Text(who)
	if isNew {
		return text
	}
	changes := make([]string, len(r.Changes))
	for i, c := range r.Changes {
		changes[i] = fmt.Sprintf("%s: %s → %s", c.Field, valueText(c.Before), valueText(c.After))
	}
	return text + ": " + strings.Join(changes, "; ")
}
