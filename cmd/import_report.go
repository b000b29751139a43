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
	sent              *mail.Report // nil where nothing was to be sent
	unsent            string       // why the rest waits
}

// good counts the rows that are imported, or would be.
func (r *imported) good() int64 { return r.Rows - int64(len(r.Failures)) }

// refused tells whether bad rows kept the good ones from being imported.
func (r *imported) refused() bool { return len(r.Failures) > 0 && !r.keepGoing }

func (r *imported) changed() bool { return !r.refused() && r.Added+r.Updated > 0 }

// count counts the mails of a state.
func (r *imported) count(state staff.MailState) (n int64) {
	if r.sent == nil {
		return 0
	}
	for i := range r.sent.Mails {
		if r.sent.Mails[i].State == state {
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

// code is what an import with bad rows ends with.
func (r *imported) code() staff.Code {
	if r.keepGoing {
		return staff.CodePartial
	}
	return r.Failures[0].Err.Code
}

// explains tells whether it is the bad rows that an import has failed for.
func (r *imported) explains(err error) bool {
	return len(r.Failures) > 0 && staff.CodeOf(err) == r.code()
}

// failure is the error that an import with bad rows ends with.
func (r *imported) failure(file string) error {
	first := &r.Failures[0]
	what := "nothing was changed: mend the file, or import the others with --keep-going"
	switch {
	case r.dryRun && r.keepGoing:
		what = "the others would be imported"
	case r.keepGoing && file != "":
		what = "the others are imported; mend " + file + " and import it"
	case r.keepGoing:
		what = "the others are imported"
	}
	return staff.Errorf(r.code(), first.Err.Field, "refused: %d of %s, the first in %s; %s", len(r.Failures), amount(r.Rows, "row"), lineOf(first), what)
}

func (d *deps) printImported(r *imported) error {
	word, verb := "imported", "mails queued"
	if r.dryRun {
		word, verb = "would import", "mails that would be queued"
	}
	sentence := fmt.Sprintf("%s %s: %d added, %d updated, %d unchanged, %d failed", word, amount(r.good(), "row"), r.Added, r.Updated, r.Unchanged, len(r.Failures))
	if r.Mails > 0 {
		sentence += fmt.Sprintf("\n%s: %d", verb, r.Mails)
	}
	return answer(d, importedView(), r, sentence)
}

// importedView is the JSON of an import.
func importedView() output.View[*imported] {
	return output.View[*imported]{Columns: []output.Column[*imported]{
		flagOf("changed", (*imported).changed),
		flagOf("dry_run", func(r *imported) bool { return r.dryRun }),
		number("rows", func(r *imported) int64 { return r.Rows }),
		number("added", func(r *imported) int64 { return r.Added }),
		number("updated", func(r *imported) int64 { return r.Updated }),
		number("unchanged", func(r *imported) int64 { return r.Unchanged }),
		number("failed", func(r *imported) int64 { return int64(len(r.Failures)) }),
		number("mails_queued", func(r *imported) int64 { return r.Mails }),
		number("mails_sent", func(r *imported) int64 { return r.count(staff.MailSent) }),
		list("warnings", func(r *imported) []string { return r.Warnings }),
		{Key: "failures", Heading: "FAILURES", JSON: appendFailures},
	}}
}

func appendFailures(b []byte, r *imported) []byte {
	b = append(b, '[')
	for i := range r.Failures {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendObject(b, failureColumns(), &r.Failures[i], false)
	}
	return append(b, ']')
}

func failureColumns() []output.Column[*staff.Failure] {
	return []output.Column[*staff.Failure]{
		number("line", func(f *staff.Failure) int64 { return int64(f.Line) }),
		orNull("field", func(f *staff.Failure) string { return f.Err.Field }),
		text("code", func(f *staff.Failure) string { return string(f.Err.Code) }),
		text("message", func(f *staff.Failure) string { return f.Err.Message }),
	}
}

// tellBad tells each bad row on standard error, at once however many they are.
func (d *deps) tellBad(failures []staff.Failure) {
	var b []byte
	for i := range failures {
		b = append(b, lineOf(&failures[i])+"\n"...)
	}
	_, _ = d.ios.Err.Write(b)
}

// sendQueued sends what waits for it. Whatever goes wrong, the change stands and
// the mails wait in the outbox.
func (d *deps) sendQueued(ctx context.Context, r *imported) {
	if r.Mails == 0 {
		return
	}
	w, err := d.mailer()
	switch {
	case err != nil:
		r.unsent = err.Error()
		return
	case w == nil:
		r.unsent = notConfigured(d.loaded)
		return
	}
	report, err := w.Deliver(ctx, nil, false)
	r.sent, r.unsent = &report, report.Down
	switch {
	case ctx.Err() != nil:
		r.unsent = "interrupted"
	case err != nil:
		r.unsent = err.Error()
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
	if waiting := r.Mails - sent; waiting > 0 && !r.dryRun && !d.format().Machine() {
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
