package cmd

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/staffctl/staffctl/internal/config"
	"github.com/staffctl/staffctl/internal/output"
)

// topic is help that belongs to no command alone.
type topic struct {
	name, short string
	text        func(*deps) string
}

func topics() []topic {
	return []topic{
		{"environment", "Variables, with their keys and flags", (*deps).aboutEnvironment},
		{"exit-codes", "What a command can end with", func(*deps) string { return aboutExitCodes() }},
		{"output", "Formats, columns and colours", func(*deps) string { return aboutOutput() }},
		{"stores", "Files and clusters, and which one is used", (*deps).aboutStores},
	}
}

func topicNames() (names []string) {
	for _, t := range topics() {
		names = append(names, t.name)
	}
	return names
}

// page is the text of a topic.
type page struct{ strings.Builder }

// say adds a paragraph.
func (p *page) say(format string, args ...any) {
	if p.Len() > 0 {
		p.WriteByte('\n')
	}
	p.WriteString(strings.Join(output.Wrap(fmt.Sprintf(format, args...), textWidth), "\n") + "\n")
}

// list adds terms and what they mean, in a column that begins at a width.
func (p *page) list(indent int, rows ...[2]string) {
	p.WriteByte('\n')
	for _, row := range rows {
		term := fmt.Sprintf("  %-*s", indent-2, row[0])
		if len(term) > indent || row[0] != "" && term[len(term)-1] != ' ' {
			p.WriteString(term + "\n")
			term = strings.Repeat(" ", indent)
		}
		for i, line := range output.Wrap(row[1], textWidth-indent) {
			if i > 0 {
				term = strings.Repeat(" ", indent)
			}
			p.WriteString(term + line + "\n")
		}
	}
}

func aboutExitCodes() string {
	var p page
	p.say("A command ends with one of these codes. The help of each says which it can end with. With -o json or jsonl the error on standard error has the code in words too.")
	var rows [][2]string
	for _, e := range exitCodes() {
		meaning := e.meaning
		if e.code != "" {
			meaning += " (" + string(e.code) + ")"
		}
		rows = append(rows, [2]string{fmt.Sprintf("%3d", e.exit), meaning})
	}
	p.list(7, rows...)
	return p.String()
}

func (d *deps) aboutEnvironment() string {
	var p page
	p.say("A setting is taken from its flag, or else its variable, or else the context in force, or else the configuration file, or else it has its default. --verbose says where each comes from. A secret is never in a variable: variables name files.")
	dirs := config.UserDirs(d.lookupEnv)
	p.say("CONFIG is here %s, and DATA %s.", orUnknown(dirs.Config), orUnknown(dirs.Data))
	var rows [][2]string
	for _, k := range config.Keys() {
		if k.Variable != "" {
			rows = append(rows, [2]string{k.Variable, settingText(&k)})
		}
	}
	p.list(8, rows...)
	p.say("Variables that are not staffctl's own:")
	p.list(8,
		[2]string{"NO_COLOR", "Not empty: no colours, unless --color says otherwise."},
		[2]string{"TERM", "With dumb there are no colours, and no pager."},
		[2]string{"PAGER", "What shows results that are longer than the screen; less where it is not set, none where it is empty or cat. LESS=FRX goes with it unless LESS is set."},
		[2]string{"LC_ALL, LC_MESSAGES, LANG", "Where the first that is set begins with de, completion explains in German."},
		[2]string{"HTTPS_PROXY, HTTP_PROXY, NO_PROXY", "The proxy for the SMS gateway, and for doctor to the pages."},
		[2]string{strings.Join(config.HomeVariables(), ", "), "Where the configuration file and the default store are."},
		[2]string{"GOMEMLIMIT", "The memory that serve keeps to, instead of a limit of its own."})
	return p.String()
}

// settingText says what a key means, and how else it is given.
func settingText(k *config.Key) string {
	parts := []string{"key " + k.Name}
	if k.FlagOnly {
		parts = nil
	}
	if k.Flag != "" {
		parts = append(parts, "--"+k.Flag)
	}
	if k.Default != "" {
		parts = append(parts, "default "+k.Default)
	}
	return k.Meaning + " (" + strings.Join(parts, "; ") + ")"
}

func orUnknown(dir string) string { return cmp.Or(dir, "unknown, since there is no home directory") }

func aboutOutput() string {
	var p page
	p.say("Results stand on standard output, all else on standard error, so a pipe gets results alone. A reader that goes away early, such as head, is no error.")
	p.say("-o, or the key output, chooses the format:")
	var rows [][2]string
	for _, name := range output.Formats() {
		rows = append(rows, [2]string{name, output.Format(name).Meaning()})
	}
	p.list(10, rows...)
	p.say("--columns prints the columns named, in that order; their names are the keys of -o json, and a name that there is not is refused with those that there are. --no-headers leaves out the headings of tables and CSV, --quiet all but results and errors.")
	p.say("In JSON, keys are snake_case and always there, times RFC 3339 in UTC, and ids integers. A command that writes prints an object with changed true or false. An error is one object on standard error, with a JSON format: {\"error\":{\"code\",\"message\",\"field\"}}.")
	p.say("Tables are as wide as the terminal and wrap their cells; elsewhere nothing is cut or wrapped. Characters that would steer a terminal are shown escaped. CSV cells that a spreadsheet would take for a formula begin with an apostrophe, which import takes away again.")
	p.say("--color is %s. auto colours on a terminal, unless NO_COLOR is set or TERM is dumb.", strings.Join(colorModes(), ", "))
	return p.String()
}

func colorModes() []string {
	keys := config.Keys()
	return keys[slices.IndexFunc(keys, func(k config.Key) bool { return k.Flag == "color" })].Values
}

func (d *deps) aboutStores() string {
	var p page
	p.say("A store keeps accounts, members, logins, the catalog and the audit. It is a file or a cluster of rqlite servers; --store, STAFFCTL_STORE, a context or the key store names it. staffctl init makes it, and nothing else does.")
	p.list(4,
		[2]string{"PATH", "A SQLite file, which only its owner can read."},
		[2]string{"rqlite://USER@HOST:4001,HOST:4001", "A cluster: as many of its servers as you like. One that answers is enough."},
		[2]string{"rqlites://USER@HOST:4001,HOST:4001", "The same with TLS."})
	p.say("Unless one is named it is staffctl.db in this directory: %s", orUnknown(config.UserDirs(d.lookupEnv).Data))
	p.say("A cluster with TLS and passwords:")
	var rows [][2]string
	for _, k := range config.Keys() {
		if strings.HasPrefix(k.Flag, "store-") {
			rows = append(rows, [2]string{"--" + k.Flag, k.Meaning})
		}
	}
	p.list(4, rows...)
	p.say("A context keeps such settings under a name, in the configuration file:")
	p.WriteString("\n  staffctl context set live --store rqlites://db1.example.com:4001 --account acme\n  staffctl context use live\n")
	p.say("staffctl store info describes the store, store check looks for what is wrong, store backup copies it, store copy moves it to a cluster or back, and store migrate brings it to the schema of this program.")
	return p.String()
}
