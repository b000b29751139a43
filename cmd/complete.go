package cmd

import (
	"io"
	"slices"
	"strings"
	"unicode"

	"github.com/spf13/cobra"

	"github.com/staffctl/staffctl/internal/output"
)

// isCompletion tells whether a shell asks how a command line could go on.
func isCompletion(args []string) bool {
	return len(args) > 0 && (args[0] == cobra.ShellCompRequestCmd || args[0] == cobra.ShellCompNoDescRequestCmd)
}

// chosen are the words of a line to be completed that choose its command: all but the
// last, which is being typed.
func chosen(args []string) []string { return args[1:max(1, len(args)-1)] }

// line is a command line of which one word is being typed.
type line struct {
	*deps
	cmd   *cobra.Command
	args  []string // those before
	typed string
	given []string // what the flag, or the argument that is repeated, has already
}

// choice is a word that can be typed, and what it means.
type choice struct {
	word, about string
	alone       bool // it goes with no other
}

// source finds what can be typed; it need not look at what is.
type source func(l *line) []choice

// meaning is how an argument or the value of a flag is completed.
type meaning func(l *line) ([]cobra.Completion, cobra.ShellCompDirective)

// oneOf is a word of a source.
func oneOf(from source) meaning {
	return func(l *line) ([]cobra.Completion, cobra.ShellCompDirective) {
		return l.offer(from, ""), cobra.ShellCompDirectiveNoFileComp
	}
}

// beginningWith is a word of a source to which something has to be added.
func beginningWith(from source) meaning {
	return func(l *line) ([]cobra.Completion, cobra.ShellCompDirective) {
		return l.offer(from, ""), cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	}
}

// someOf are words of a source with commas between them.
func someOf(from source) meaning {
	return func(l *line) ([]cobra.Completion, cobra.ShellCompDirective) {
		completions, directive := someArguments(from)(l)
		return completions, directive | cobra.ShellCompDirectiveNoSpace
	}
}

// someArguments are arguments, each of which may be some with commas between them.
func someArguments(from source) meaning {
	return func(l *line) ([]cobra.Completion, cobra.ShellCompDirective) {
		at := strings.LastIndexByte(l.typed, ',') + 1
		last := *l
		last.typed, last.given = l.typed[at:], slices.Concat(words([]string{l.typed[:at]}), words(l.given))
		return last.offer(from, l.typed[:at]), cobra.ShellCompDirectiveNoFileComp
	}
}

// fileOf is a file with one of the extensions, or with any.
func fileOf(extensions ...string) meaning {
	return func(*line) ([]cobra.Completion, cobra.ShellCompDirective) {
		if len(extensions) == 0 {
			return nil, cobra.ShellCompDirectiveDefault
		}
		return extensions, cobra.ShellCompDirectiveFilterFileExt
	}
}

// most is how many words are offered.
const most = 100

// offer are the words of the source that go on from what is typed, behind what stands
// before it in the same word.
func (l *line) offer(from source, before string) []cobra.Completion {
	var fit []choice
	for _, c := range from(l) {
		isGiven := slices.Contains(l.given, c.word)
		if c.alone && isGiven {
			return nil
		}
		if !isGiven && (!c.alone || len(l.given) == 0) && strings.HasPrefix(c.word, l.typed) && canBeTyped(c.word) {
			fit = append(fit, c)
		}
	}
	completions := []cobra.Completion{}
	for _, c := range few(fit) {
		completions = append(completions, cobra.CompletionWithDesc(before+c.word, output.Text(c.about)))
	}
	return completions
}

// few are not more than can be offered, with the last among them: a shell types what
// all of them begin with.
func few(choices []choice) []choice {
	if len(choices) <= most {
		return choices
	}
	slices.SortFunc(choices, func(a, b choice) int { return strings.Compare(a.word, b.word) })
	return append(choices[:most-1], choices[len(choices)-1])
}

// canBeTyped tells whether the word passes through the protocol of completion, which
// has a line for each, its end trimmed, and a tab before what the word means.
func canBeTyped(word string) bool {
	return word == strings.TrimSpace(word) && !strings.ContainsFunc(word, unicode.IsControl)
}

// addCompletions gives each argument and each flag of the tree its completion.
func (d *deps) addCompletions(root *cobra.Command) {
	root.SetErr(io.Discard) // what cobra says of each answer
	all := meanings()
	var add func(cmd *cobra.Command)
	add = func(cmd *cobra.Command) {
		if cmd.ValidArgsFunction == nil { // help has one
			cmd.ValidArgsFunction = d.argumentCompletion(all)
		}
		cmd.LocalFlags().VisitAll(func(f *flag) { d.completeFlag(all, cmd, f) })
		for _, c := range cmd.Commands() {
			add(c)
		}
	}
	add(root)
}

func (d *deps) argumentCompletion(all map[string]meaning) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
		l := &line{deps: d, cmd: cmd, args: args, typed: typed}
		names := argumentNames(cmd)
		at := min(len(args), len(names)-1)
		if at < 0 || at < len(args) && !strings.HasSuffix(names[at], "…") {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		l.given = words(args[at:])
		return completed(all, cmd, argumentName(names[at]), l)
	}
}

func (d *deps) completeFlag(all map[string]meaning, cmd *cobra.Command, f *flag) {
	if f.NoOptDefVal != "" { // it is given or not
		return
	}
	complete := func(cmd *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
		l := &line{deps: d, cmd: cmd, args: args, typed: typed}
		if values, ok := f.Value.(cobra.SliceValue); ok {
			l.given = values.GetSlice()
		}
		return completed(all, cmd, "--"+f.Name, l)
	}
	if err := cmd.RegisterFlagCompletionFunc(f.Name, complete); err != nil {
		panic(err) // the flag does not exist
	}
}

func completed(all map[string]meaning, cmd *cobra.Command, name string, l *line) ([]cobra.Completion, cobra.ShellCompDirective) {
	if m, _ := meaningOf(all, cmd, name); m != nil {
		return m(l)
	}
	return nil, cobra.ShellCompDirectiveNoFileComp
}

// meaningOf finds the meaning of an argument or a flag: in this command, in one of this
// noun, or everywhere.
func meaningOf(all map[string]meaning, cmd *cobra.Command, name string) (m meaning, known bool) {
	for c := cmd; c != nil; c = c.Parent() {
		path := strings.TrimPrefix(strings.TrimPrefix(c.CommandPath(), cmd.Root().Name()), " ")
		if m, known = all[strings.TrimPrefix(path+" "+name, " ")]; known {
			break
		}
	}
	return m, known
}

// argumentNames are the arguments of the command as its Use names them, such as MEMBER
// and GRANT….
func argumentNames(cmd *cobra.Command) []string {
	names := strings.Fields(cmd.Use)[1:]
	if end := slices.IndexFunc(names, func(n string) bool { return strings.HasPrefix(strings.TrimPrefix(n, "["), "-") }); end >= 0 {
		names = names[:end]
	}
	for i, n := range names {
		names[i] = strings.Trim(n, "[]")
	}
	return names
}

// argumentName is GRANT of all|none|GRANT….
func argumentName(name string) string {
	return strings.TrimSuffix(name[strings.LastIndexByte(name, '|')+1:], "…")
}
