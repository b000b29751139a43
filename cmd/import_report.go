package cmd

import (
	"context"
	"fmt"

	"github.com/staffctl/staffctl/internal/mail"
	"github.com/staffctl/staffctl/internal/output"
	"github.com/staffctl/staffctl/internal/staff"
)

// imported is what an import came to, for output.
type imported struct {
	*staff.Imported
	dryRun, keepGoing bool
	refused           bool // bad rows kept the good ones from being imported
	sent              []mail.Result
	unsent            string // why the rest waits
}

// good counts the rows that are imported, or would be.
func (r *imported) good() int64 { return r.Rows - int64(len(r.Failures)) }

func (r *imported) changed() bool { return !r.refused && r.Added+r.Updated > 0 }

// count counts the mails of a state.
func (r *imported) count(state staff.MailState) (n int64) {
	for i := range r.sent {
		if r.sent[i].State == state {
			n++
		}
	}
	return n
}

// lineOf says what is wrong with a row, and in which line it is.
func lineOf(f *staff.Failure) string {
	if f.Err.Field == "" {
		return fmt.Sprintf("line %d: %s", f.Line, output.Text(f.Err.Message))
	}
	return fmt.Sprintf("line %d: %s: %s", f.Line, output.Text(f.Err.Field), output.Text(f.Err.Message))
}

// failure is the error that an import with bad rows ends with.
func (r *imported) failure(file string) error {
	first := &r.Failures[0]
	code, what, which := staff.CodePartial, r.became(), "the first in"
	if r.refused {
		code = first.Err.Code
	} else if file != "" && !r.dryRun {
		what += "; mend " + output.Text(file) + " and import it"
	}
	switch {
	case r.Stopped: // perhaps not in the order of the file
		which, what = "one in", fmt.Sprintf("stopped after %d bad rows; the rest was not looked at; %s", len(r.Failures), what)
	case len(r.Failures) == 1:
		which = "in"
	}
	rows := "the only row"
	if r.Rows > 1 {
		rows = fmt.Sprintf("%d of %d rows", len(r.Failures), r.Rows)
	}
	return staff.Errorf(code, first.Err.Field, "refused: %s, %s %s; %s", rows, which, lineOf(first), what)
}

// became says what became of the good rows.
func (r *imported) became() string {
	others := r.good() > 0 || r.Stopped
	switch {
	case r.refused && others && !r.keepGoing:
		return "nothing was changed: mend the file, or import the others with --keep-going"
	case r.refused || !others:
		return "nothing was changed"
	case r.dryRun:
		return "the others would be imported"
	default:
		return "the others are imported"
	}
}

func (d *deps) printImported(r *imported) error {
	if d.format() == output.Name {
		return nil // which was told of each row
	}
	word, verb := "imported", "mails queued"
	if r.dryRun {
		word, verb = "would import", "mails that would be queued"
	}
	sentence := fmt.Sprintf("%s %s: %d added, %d updated, %d unchanged, %d failed", word, amount(r.good(), "row"), r.Added, r.Updated, r.Unchanged, len(r.Failures))
	if len(r.Mails) > 0 {
		sentence += fmt.Sprintf("\n%s: %d", verb, len(r.Mails))
	}
	return answer(d, importedView(), r, sentence)
}

// importedView is the JSON of an import.
func importedView() output.View[*imported] {
	return output.View[*imported]{Columns: []output.Column[*imported]{
		flagOf("changed", "whether anything is or would be different from before", (*imported).changed),
		flagOf("dry_run", "whether nothing was done and this is what would be", func(r *imported) bool { return r.dryRun }),
		number("rows", "how many rows were read", func(r *imported) int64 { return r.Rows }),
		number("added", "how many were added", func(r *imported) int64 { return r.Added }),
		number("updated", "how many were changed", func(r *imported) int64 { return r.Updated }),
		number("unchanged", "how many were so already", func(r *imported) int64 { return r.Unchanged }),
		number("failed", "how many are bad", func(r *imported) int64 { return int64(len(r.Failures)) }),
		number("mails_queued", "how many mails were, or would be, queued", func(r *imported) int64 { return int64(len(r.Mails)) }),
		number("mails_sent", "how many of these were sent", func(r *imported) int64 { return r.count(staff.MailSent) }),
		list("warnings", "what to look at, in words", func(r *imported) []string { return r.Warnings }),
		objects("failures", "the bad rows", func(r *imported) []staff.Failure { return r.Failures }, nil,
			number("line", "the line in the file, from 1", func(f staff.Failure) int64 { return int64(f.Line) }),
			orNull("field", "the field at fault", func(f staff.Failure) string { return f.Err.Field }),
			typed(text("code", "the kind of failure", func(f staff.Failure) string { return string(f.Err.Code) }), codeType),
			text("message", "what is wrong, in words", func(f staff.Failure) string { return f.Err.Message })),
	}}
}

// tellBad tells each bad row on standard error, at once however many they are.
func (d *deps) tellBad(failures []staff.Failure) {
	var b []byte
	for i := range failures {
		b = append(b, lineOf(&failures[i])+"\n"...)
	}
	_, _ = d.ios.Err.Write(b)
}

// sendQueued sends the mails of what was imported. Whatever goes wrong, the change
// stands and its mails wait in the outbox.
func (d *deps) sendQueued(ctx context.Context, r *imported) {
	if len(r.Mails) > 0 {
		r.sent, r.unsent = d.sendNow(ctx, r.Mails)
	}
	if ctx.Err() != nil {
		r.unsent = "interrupted"
	}
}

// sayQueued tells what came of the mails, and refuses what the server refused.
func (d *deps) sayQueued(r *imported) error {
	sent, failed := r.count(staff.MailSent), r.count(staff.MailFailed)
	if sent > 0 {
		d.say("sent %s", amount(sent, "mail"))
	}
	if failed > 0 {
		return staff.Errorf(staff.CodePartial, "mail", "the change stands, but the mail server refuses %s; see staffctl outbox list", amount(failed, "mail"))
	}
	for i := range r.sent {
		if r.sent[i].State == staff.MailQueued && r.unsent == "" {
			r.unsent = r.sent[i].Answer
		}
	}
	if waiting := int64(len(r.Mails)) - sent; waiting > 0 && !r.dryRun && !d.format().Machine() {
		d.say("waiting in the outbox: %s: %s; staffctl outbox send or serve sends them", amount(waiting, "mail"), output.Text(r.unsent))
	}
	return nil
}

// amount is a number of things.
func amount(n int64, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}
