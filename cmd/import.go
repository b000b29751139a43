package cmd

import (
	"context"
	"errors"
	"os"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/staffctl/staffctl/internal/bulk"
	"github.com/staffctl/staffctl/internal/output"
	"github.com/staffctl/staffctl/internal/staff"
)

// importing is one run of import.
type importing struct {
	*deps
	format, delimiter, conflict, errorsFile string
	maps                                    []string
	keepGoing, mail                         bool
}

func newImport(d *deps) *cobra.Command {
	o := &importing{deps: d}
	cmd := &cobra.Command{
		Use:   "import FILE",
		Short: "Import members, subaccounts and invites from CSV or JSON",
		Long: `Import reads a file, or standard input where FILE is -, and adds or changes a
person a row: all rows in one step, or none of them where one is refused. With
--keep-going the good rows are imported and the bad ones written to --errors,
where they can be mended and imported again. A second import changes nothing.

It finds out the encoding, the delimiter and, by their English and German names,
the columns; docs/bulk.md has them all. A row is a member, or with a name under
subaccount a subaccount, or what the column kind says. An empty cell leaves what
is there as it is; the word none empties it.

With --dry-run it tells each row that would change something, and how.
Nobody is mailed without --mail: subaccount resend and invite resend do later.`,
		Example: `  staffctl import team.csv --map Company=- --on-conflict update --dry-run
  staffctl import people.jsonl --keep-going --errors bad.jsonl`,
		Annotations: writes("adds and changes members, subaccounts and invites", "with --mail the new subaccounts and the people newly invited, and else nobody", staff.CodeForbidden, staff.CodePartial),
		Args:        takes("FILE"),
		RunE:        o.run,
	}
	f := cmd.Flags()
	f.StringVar(&o.format, "format", "", "the file's format: csv, json, jsonl; found out unless given")
	f.StringVar(&o.delimiter, "delimiter", "", "what stands between cells of CSV: comma, semicolon, tab or a character; found out unless given")
	f.StringArrayVar(&o.maps, "map", nil, "a column with what it holds, as COLUMN=FIELD; COLUMN=- leaves it out; may be repeated")
	f.BoolVar(&o.keepGoing, "keep-going", false, "import the good rows though others are bad")
	f.StringVar(&o.errorsFile, "errors", "", "the file to write the bad rows to, with line, field and reason")
	f.BoolVar(&o.mail, "mail", false, "mail the links of new subaccounts and invites")
	onConflict(cmd, &o.conflict)
	return cmd
}

func (o *importing) run(cmd *cobra.Command, args []string) (err error) {
	if o.errorsFile != "" && !o.keepGoing {
		return usage(cmd, "--errors takes the rows that --keep-going leaves out: give both")
	}
	options, err := o.options(args[0])
	if err != nil {
		return err
	}
	ctx, stop := interruptible(cmd.Context())
	defer stop()
	in, err := untilInterrupted(ctx, func() (*input, error) { return o.openInput(args[0]) })
	if err != nil {
		return orInterrupted(ctx, err, "interrupted; nothing was changed")
	}
	defer func() { err = errors.Join(err, in.close()) }()
	if err := o.checkErrorsFile(in); err != nil {
		return err
	}
	reader, err := bulk.New(in.file, in.size, options)
	if err != nil {
		return err
	}
	s, c, err := o.deps.staff()
	if err != nil {
		return err
	}
	return o.carryOut(ctx, s, reader, staff.Import{Account: c.Account, Rows: reader.Rows(), KeepGoing: o.keepGoing})
}

func (o *importing) options(name string) (bulk.Options, error) {
	conflict, err := conflictOf(o.conflict)
	if err != nil {
		return bulk.Options{}, err
	}
	if conflict == staff.Fail {
		conflict = staff.Same // so that a file can be imported twice
	}
	options := bulk.Options{Name: name, Format: bulk.Format(o.format), Map: o.maps, OnConflict: conflict, Mail: o.mail}
	if o.format != "" {
		if err := checkFormat(o.format, bulk.Formats); err != nil {
			return options, err
		}
	}
	switch {
	case o.delimiter == "comma":
		options.Delimiter = ','
	case o.delimiter == "semicolon":
		options.Delimiter = ';'
	case o.delimiter == "tab", o.delimiter == `\t`:
		options.Delimiter = '\t'
	case utf8.RuneCountInString(o.delimiter) == 1:
		options.Delimiter, _ = utf8.DecodeRuneInString(o.delimiter)
	case o.delimiter != "":
		return options, staff.Errorf(staff.CodeInvalid, "delimiter", "no delimiter %q; give comma, semicolon, tab or one character", o.delimiter)
	}
	return options, nil
}

func checkFormat(format string, known []string) error {
	for _, f := range known {
		if f == format {
			return nil
		}
	}
	return staff.Errorf(staff.CodeInvalid, "format", "no format %q%s", format, staff.Suggest(format, known))
}

// checkErrorsFile makes sure that the bad rows can be written, before anything is
// changed, and that they do not take the place of the good ones.
func (o *importing) checkErrorsFile(in *input) error {
	if o.errorsFile == "" {
		return nil
	}
	there, err := os.Stat(o.errorsFile)
	read, readErr := in.file.Stat()
	if err == nil && readErr == nil && os.SameFile(there, read) {
		return staff.Errorf(staff.CodeConflict, "errors", "%s is the file that is imported; name another for the errors", o.errorsFile)
	}
	return bulk.CheckErrorsFile(o.errorsFile)
}

// carryOut imports the rows or, with --dry-run, finds out what that would come to.
func (o *importing) carryOut(ctx context.Context, s *staff.Staff, reader *bulk.Reader, rows staff.Import) error {
	if o.dryRun {
		told := o.tellEach(&rows)
		would, err := o.pass(ctx, s.PlanImport, reader, rows)
		return errors.Join(told.end(would == nil || would.refused), o.end(reader, would, err))
	}
	if o.mail { // how many is said first (rule 26)
		would, err := o.pass(ctx, s.PlanImport, reader, rows)
		if err != nil && staff.CodeOf(err) != staff.CodePartial {
			return o.end(reader, would, err)
		}
		if mails := int64(len(would.Mails)); mails > 0 {
			if o.yes {
				o.say("importing %s, with %s", amount(would.good(), "row"), amount(mails, "mail"))
			}
			if err := o.confirm(ctx, "import %s and send %s", amount(would.good(), "row"), amount(mails, "mail")); err != nil {
				return err
			}
		}
	}
	told := o.tellEach(&rows)
	done, err := o.pass(ctx, s.Import, reader, rows)
	isDone := err == nil || staff.CodeOf(err) == staff.CodePartial
	if isDone {
		o.sendQueued(ctx, done)
	}
	return errors.Join(told.end(!isDone), o.end(reader, done, err))
}

// pass reads all rows once, at least, and shows how far that is.
func (o *importing) pass(ctx context.Context, carryOut func(context.Context, staff.Import) (*staff.Imported, error), reader *bulk.Reader, rows staff.Import) (*imported, error) {
	progress := o.ios.Progress("rows")
	defer progress.End()
	if rows.Each == nil || !o.dryRun || !o.ios.OutIsTerminal() { // else the rows show it
		rows.Progress = func(n, failed int64) {
			read, size := reader.Progress()
			progress.ShowFailed(n, max(n, int64(float64(n)*float64(size)/float64(max(read, 1)))), failed)
		}
	}
	rows.Writing = func() { progress.Stage("writing") }
	done, err := carryOut(ctx, rows)
	switch {
	case errors.Is(err, context.Canceled) || staff.CodeOf(err) == staff.CodeInterrupted:
		return nil, staff.Errorf(staff.CodeInterrupted, "", "interrupted; nothing was changed")
	case done == nil:
		return nil, err
	}
	for i := range done.Failures {
		reader.Blame(&done.Failures[i])
	}
	r := &imported{Imported: done, dryRun: o.dryRun, keepGoing: o.keepGoing, refused: errors.Is(err, staff.ErrBadRows)}
	if r.refused {
		r.Added, r.Updated, r.Unchanged, r.Mails = 0, 0, 0, nil // since nothing is
	}
	return r, err
}

// end tells what the import came to: the bad rows, then the report, then the error.
func (o *importing) end(reader *bulk.Reader, done *imported, err error) error {
	if done == nil || err != nil && !done.refused && staff.CodeOf(err) != staff.CodePartial {
		return err
	}
	written, unwritten := o.writeBad(reader, done)
	if !written && !o.deps.format().Machine() {
		o.tellBad(done.Failures)
	}
	o.warn(done)
	if !done.refused || !o.forPeople() {
		if err := o.printImported(done); err != nil {
			return err
		}
	}
	switch {
	case unwritten != nil:
		return unwritten
	case len(done.Failures) > 0:
		return done.failure(o.errorsFile)
	default:
		return o.sayQueued(done)
	}
}

func (o *importing) warn(done *imported) {
	for _, w := range done.Warnings {
		o.say("warning: %s", output.Text(w))
	}
	if more := done.WarningCount - int64(len(done.Warnings)); more > 0 {
		o.say("warning: %s more like these", amount(more, "warning"))
	}
}

// writeBad writes the bad rows to the file for them, once the good ones are
// imported: mended and imported alone they are then all that was missing.
func (o *importing) writeBad(reader *bulk.Reader, done *imported) (written bool, err error) {
	if o.errorsFile == "" || o.dryRun || done.refused {
		return false, nil
	}
	err = reader.WriteErrorsFile(o.errorsFile, done.Failures)
	return err == nil, err
}
