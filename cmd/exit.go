package cmd

import (
	"errors"
	"fmt"
	"iter"
	"strings"

	"github.com/spf13/cobra"

	"github.com/staffctl/staffctl/internal/iostreams"
	"github.com/staffctl/staffctl/internal/output"
	"github.com/staffctl/staffctl/internal/staff"
)

// exitCode is one row of the table in docs/exit-codes.md.
type exitCode struct {
	code    staff.Code
	exit    int
	meaning string
}

// brief is the exit code with the first words of its meaning.
func (e exitCode) brief() string {
	words := e.meaning
	if end := strings.IndexAny(words, ":;,"); end >= 0 {
		words = words[:end]
	}
	return fmt.Sprintf("%d %s", e.exit, words)
}

// exitCodes maps the codes of errors to exit codes: the only place that does.
func exitCodes() []exitCode {
	return []exitCode{
		{"", 0, "done; also when the reader of a pipe has gone"},
		{staff.CodeInternal, 1, "internal error: please report it"},
		{staff.CodeUsage, 2, "usage: an unknown command or flag, or too many or too few arguments"},
		{staff.CodeInvalid, 3, "invalid input: a value, a file or the configuration"},
		{staff.CodeNotFound, 4, "not found: a store, an account, a member, a file"},
		{staff.CodeConflict, 5, "conflict: there already, ambiguous, or changed meanwhile"},
		{staff.CodeExpired, 6, "expired or used"},
		{staff.CodeForbidden, 7, "not allowed by a rule; with access check: denied or unknown"},
		{staff.CodeUnavailable, 8, "unavailable: the store, the mail or the SMS service; also a store of another version, or an output that takes nothing"},
		{staff.CodePartial, 9, "some of many failed"},
		{staff.CodeUnknown, 10, "outcome unknown: a write whose answer was lost"},
		{staff.CodeDiffers, 11, "differs from what it should be: with diff, mail-prefs check"},
		{staff.CodeDamaged, 12, "store damaged"},
		{staff.CodeInterrupted, 130, "interrupted, or declined at a prompt"},
	}
}

// ExitCodes are those that a command of [Tree] can end with, and their meanings: all
// of the program itself, none of a noun.
func ExitCodes(c *cobra.Command) iter.Seq2[int, string] {
	exits := exitsOf(c)
	if !c.HasParent() {
		exits = exitCodes()
	}
	return func(yield func(int, string) bool) {
		for _, e := range exits {
			if !yield(e.exit, e.meaning) {
				return
			}
		}
	}
}

// fail reports an error, if any, and returns the exit code.
func (d *deps) fail(err error) int {
	if err == nil || iostreams.IsClosedPipe(err) {
		return 0
	}
	var e *staff.Error
	switch {
	case errors.As(err, &e):
	case iostreams.IsUnwritten(err):
		e = staff.Errorf(staff.CodeUnavailable, "", "the result cannot be printed: %w%s", err, d.stands())
	default:
		e = &staff.Error{Code: staff.CodeInternal, Message: err.Error(), Cause: err}
	}
	if e.Message != "" {
		d.report(e)
	}
	for _, row := range exitCodes() {
		if row.code == e.Code {
			return row.exit
		}
	}
	return 1
}

// stands says that what was written is not undone, where something was.
func (d *deps) stands() string {
	if !d.wrote {
		return ""
	}
	return "; what the command has changed stands"
}

func (d *deps) report(e *staff.Error) {
	if d.format().Machine() {
		fmt.Fprintf(d.ios.Err, "%s\n", appendObject(nil, errorView().Columns, e))
		return
	}
	if d.loaded == nil {
		d.setColor(d.early("color", "STAFFCTL_COLOR"))
	}
	prefix := "error:"
	if d.ios.ColorErr() {
		prefix = "\x1b[31m" + prefix + "\x1b[0m"
	}
	fmt.Fprintln(d.ios.Err, prefix, output.Text(e.Message))
	if d.verbose() && e.Cause != nil && !strings.Contains(e.Message, e.Cause.Error()) {
		fmt.Fprintln(d.ios.Err, "cause:", output.Text(e.Cause.Error()))
	}
}

// errorView is the JSON of an error.
func errorView() output.View[*staff.Error] {
	columns := []output.Column[*staff.Error]{
		typed(text("code", "the kind of failure, which the exit code tells too", func(e *staff.Error) string { return string(e.Code) }), codeType),
		text("message", "what is wrong and what to do next, in words", func(e *staff.Error) string { return e.Message }),
		text("field", "the argument, flag, variable or key at fault, without dashes, or empty", func(e *staff.Error) string { return e.Field }),
	}
	return output.View[*staff.Error]{Columns: []output.Column[*staff.Error]{{
		Key: "error", Doc: "what went wrong", Type: output.Object(func() []output.Column[*staff.Error] { return columns }),
		JSON: func(b []byte, e *staff.Error) []byte { return appendObject(b, columns, e) },
	}}}
}

// codeType is one of the codes of errors.
func codeType() *output.Schema {
	var codes []staff.Code
	for _, row := range exitCodes() {
		if row.code != "" {
			codes = append(codes, row.code)
		}
	}
	return output.OneOf(codes)()
}

// silent ends a command with a code and without a message: the result that was
// printed says it all.
func silent(code staff.Code) error { return &staff.Error{Code: code} }
