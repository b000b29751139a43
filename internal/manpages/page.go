package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/staffctl/staffctl/cmd"
	"github.com/staffctl/staffctl/internal/config"
)

// edition is what stands at the foot of each page.
type edition struct{ date, version string }

// pages returns the pages of a command and all below it by their file names.
func (e edition) pages(c *cobra.Command) map[string]string {
	all := map[string]string{nameOf(c) + ".1": e.page(c)}
	for _, verb := range c.Commands() {
		maps.Copy(all, e.pages(verb))
	}
	return all
}

func nameOf(c *cobra.Command) string { return strings.ReplaceAll(c.CommandPath(), " ", "-") }

// page is a manual page in the macros of man(7). It is written here and not by
// cobra/doc, which takes help for Markdown, writes a flag as --dry-run[=false], and
// has no place for the exit status and the environment.
func (e edition) page(c *cobra.Command) string {
	c.InitDefaultHelpFlag()
	var b roff
	b.line(".TH %s 1 %s \"staffctl %s\" \"staffctl\"", roffed(strings.ToUpper(nameOf(c))), e.date, roffed(e.version))
	b.line(".nh\n.ad l")
	b.section("NAME")
	b.line("%s \\- %s", roffed(nameOf(c)), roffed(c.Short))
	b.section("SYNOPSIS")
	b.line("\\fB%s\\fR%s", roffed(c.CommandPath()), roffed(strings.TrimPrefix(c.UseLine(), c.CommandPath())))
	b.section("DESCRIPTION")
	b.prose(c.Long)
	b.commands(c)
	b.section("OPTIONS")
	b.flags(c.LocalFlags())
	b.section("EXAMPLES")
	b.verbatim(c.Example)
	b.exitStatus(c)
	if c.HasParent() {
		b.section("SEE ALSO")
		b.seeAlso(c)
	} else {
		b.environment()
		b.files()
	}
	return b.String()
}

// roff is a page that is being written.
type roff struct{ strings.Builder }

func (b *roff) line(format string, args ...any) { fmt.Fprintf(&b.Builder, format+"\n", args...) }

func (b *roff) section(name string) { b.line(".SH %s", name) }

// item is a term with what it means.
func (b *roff) item(term, meaning string) { b.line(".TP\n%s\n%s", term, roffed(meaning)) }

// prose writes paragraphs, and keeps lines that are indented as they are.
func (b *roff) prose(text string) {
	for paragraph := range strings.SplitSeq(text, "\n\n") {
		b.line(".PP")
		for line := range strings.SplitSeq(paragraph, "\n") {
			if strings.HasPrefix(line, " ") {
				b.verbatim(line)
				continue
			}
			b.line("%s", roffed(line))
		}
	}
}

func (b *roff) verbatim(text string) { b.line(".nf\n%s\n.fi", roffed(text)) }

func (b *roff) commands(c *cobra.Command) {
	if !c.HasSubCommands() {
		return
	}
	b.section("COMMANDS")
	for _, verb := range c.Commands() {
		b.item(reference(verb), verb.Short)
	}
}

func (b *roff) flags(flags *pflag.FlagSet) {
	flags.VisitAll(func(f *pflag.Flag) {
		value, usage := pflag.UnquoteUsage(f)
		term := "\\fB" + roffed("--"+f.Name) + "\\fR"
		if f.Shorthand != "" {
			term = "\\fB" + roffed("-"+f.Shorthand) + "\\fR, " + term
		}
		if value != "" {
			term += " \\fI" + roffed(value) + "\\fR"
		}
		if !slices.Contains([]string{"", "false", "0", "[]"}, f.DefValue) {
			usage += " (default " + f.DefValue + ")"
		}
		b.item(term, usage)
	})
}

func (b *roff) seeAlso(c *cobra.Command) {
	c.VisitParents(func(parent *cobra.Command) {
		if parent.HasParent() {
			b.item(reference(parent), parent.Short)
		}
	})
	b.item(reference(c.Root()), "The options that each command takes, the exit status, the environment and the files")
}

func reference(c *cobra.Command) string { return "\\fB" + roffed(nameOf(c)) + "\\fR(1)" }

func (b *roff) exitStatus(c *cobra.Command) {
	heading := false
	for code, meaning := range cmd.ExitCodes(c) {
		if !heading {
			b.section("EXIT STATUS")
			heading = true
		}
		b.item(fmt.Sprintf("\\fB%d\\fR", code), meaning)
	}
}

func (b *roff) environment() {
	b.section("ENVIRONMENT")
	b.prose("A variable that is set stands in the place of a configuration key; a flag counts over both.")
	for _, key := range config.Keys() {
		if key.Variable != "" {
			b.item("\\fB"+roffed(key.Variable)+"\\fR", key.Meaning)
		}
	}
}

func (b *roff) files() {
	b.section("FILES")
	b.item("\\fI"+roffed("$XDG_CONFIG_HOME/staffctl/config.yaml")+"\\fR", "The configuration; without that variable below ~/.config.")
	b.item("\\fI"+roffed("$XDG_CONFIG_HOME/staffctl/instance.key")+"\\fR", "The instance key, from which links and TANs are computed. Keep it with the backups of the store.")
	b.item("\\fI"+roffed("$XDG_DATA_HOME/staffctl/staffctl.db")+"\\fR", "The store, unless another is named; without that variable below ~/.local/share.")
}

var special = strings.NewReplacer(`\`, `\e`, `-`, `\-`, `'`, `\(aq`, "`", `\(ga`, `^`, `\(ha`, `~`, `\(ti`, `"`, `\(dq`)

// roffed is a text of which roff takes no character for a request or an escape,
// and which is ASCII, as not every man reads UTF-8.
func roffed(text string) string {
	var b strings.Builder
	for i, r := range special.Replace(text) {
		switch {
		case r == '.' && (i == 0 || strings.HasSuffix(b.String(), "\n")):
			b.WriteString(`\&.`)
		case r > 126:
			fmt.Fprintf(&b, `\[u%04X]`, r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
