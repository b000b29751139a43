package cmd

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/staffctl/staffctl/internal/output"
	"github.com/staffctl/staffctl/internal/staff"
)

// What a command says of itself in its annotations, so that whatever prints help
// finds it: verbs that go on "It …" and "and mails …", and the codes that it can
// end with beside those of every command.
const (
	changesNote = "changes"
	mailsNote   = "mails"
	codesNote   = "codes"
)

const (
	nothing = "changes nothing"
	nobody  = "nobody"
)

// reads is for a command that looks something up in the store; codes are those
// that it has beside what follows from that.
func reads(codes ...staff.Code) map[string]string { return ofStore(nothing, nobody, codes) }

// writes is for a command that changes the store. Another may always have been
// faster, and the answer of a cluster be lost.
func writes(changes, mails string, codes ...staff.Code) map[string]string {
	return ofStore(changes, mails, append(codes, staff.CodeConflict, staff.CodeUnknown))
}

func ofStore(changes, mails string, codes []staff.Code) map[string]string {
	return apart(changes, mails, append(codes, staff.CodeInvalid, staff.CodeNotFound, staff.CodeDamaged)...)
}

// apart is for a command that works on no store, or not only on that.
func apart(changes, mails string, codes ...staff.Code) map[string]string {
	names := make([]string, len(codes))
	for i, c := range codes {
		names[i] = string(c)
	}
	return map[string]string{changesNote: changes, mailsNote: mails, codesNote: strings.Join(names, " ")}
}

// everyCommand has the codes that any command can end with: when its line is
// wrong, when what it prints cannot be written, or on Ctrl-C.
var everyCommand = []staff.Code{"", staff.CodeInternal, staff.CodeUsage, staff.CodeUnavailable, staff.CodeInterrupted}

// exitsOf returns what a verb can end with; none for a noun, which only has help.
func exitsOf(cmd *cobra.Command) []exitCode {
	codes, known := cmd.Annotations[codesNote]
	if !known {
		return nil
	}
	own := strings.Fields(codes)
	return slices.DeleteFunc(exitCodes(), func(e exitCode) bool {
		return !slices.Contains(everyCommand, e.code) && !slices.Contains(own, string(e.code))
	})
}

// exitsText lists them in lines for a terminal, no number apart from its words.
func exitsText(exits []exitCode) string {
	const glue = "\u00a0"
	parts := make([]string, len(exits))
	for i, e := range exits {
		parts[i] = strings.ReplaceAll(e.brief(), " ", glue)
	}
	lines := output.Wrap(strings.Join(parts, ", ")+"; see staffctl help exit-codes", textWidth-2)
	return strings.ReplaceAll(strings.Join(lines, "\n  "), glue, " ")
}

// wholeText is the text of a command with what it changes and whom it mails. It is
// made when it is printed, since wrapping would slow down every other command.
func wholeText(cmd *cobra.Command) string {
	text := cmd.Long
	if changes, known := cmd.Annotations[changesNote]; known {
		comma := ","
		if changes == nothing {
			comma = ""
		}
		text += "\n\nIt " + changes + comma + " and mails " + cmd.Annotations[mailsNote] + "."
	}
	return wrapped(text)
}

// wrapped breaks the lines of paragraphs anew, but for those that are lists.
func wrapped(text string) string {
	paragraphs := strings.Split(text, "\n\n")
	for i, p := range paragraphs {
		if !strings.Contains("\n"+p, "\n ") {
			paragraphs[i] = strings.Join(output.Wrap(strings.ReplaceAll(p, "\n", " "), textWidth), "\n")
		}
	}
	return strings.Join(paragraphs, "\n\n")
}
