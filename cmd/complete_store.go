package cmd

import (
	"context"
	"io"
	"strings"
	"time"

	"github.com/staffctl/staffctl/internal/config"
	"github.com/staffctl/staffctl/internal/iostreams"
	"github.com/staffctl/staffctl/internal/staff"
)

// patience is how long who types waits for a store.
const patience = 500 * time.Millisecond

// quietly is deps that only reads, and neither says nor asks anything.
func (d *deps) quietly() *deps {
	return &deps{ios: &iostreams.IOStreams{In: strings.NewReader(""), Out: io.Discard, Err: io.Discard},
		lookupEnv: d.lookupEnv, now: d.now, ids: d.ids, globals: d.globals, dryRun: true, looking: true}
}

// asked is a line with the store and the account that it is about.
type asked struct {
	*line
	store   *staff.Staff
	account string
}

// finding asks a store for choices.
type finding func(ctx context.Context, a *asked) ([]choice, error)

// fromStore asks the store; one that fails, or does not answer in time, offers nothing.
func fromStore(find finding) source {
	return func(l *line) []choice {
		ctx, cancel := context.WithTimeout(l.cmd.Context(), patience)
		defer cancel()
		found := make(chan []choice, 1)
		go func() { found <- l.ask(ctx, find) }() // ends with the process
		select {
		case choices := <-found:
			return choices
		case <-ctx.Done():
			return nil
		}
	}
}

func (l *line) ask(ctx context.Context, find finding) (choices []choice) {
	defer func() {
		if recover() != nil {
			choices = nil // silent, whatever is wrong
		}
	}()
	d := l.quietly()
	s, c, err := d.staff()
	if err != nil {
		return nil
	}
	defer func() { _ = d.close() }()
	if choices, err = find(ctx, &asked{l, s, l.account(c)}); err != nil {
		return nil
	}
	return choices
}

// account is the account that the command works on: account set-owner names it.
func (l *line) account(c *config.Config) string {
	if l.cmd.HasParent() && l.cmd.Parent().Name() == "account" && len(l.args) > 0 {
		return l.args[0]
	}
	return c.Account
}

// person is the member that the first argument names.
func (a *asked) person(ctx context.Context) (*staff.Person, error) {
	if len(a.args) == 0 {
		return nil, staff.Errorf(staff.CodeUsage, "", "MEMBER is missing")
	}
	return a.store.Person(ctx, a.account, staff.ParseSelector(a.args[0]))
}

// label is in German where the environment is, or else in English.
func (l *line) label(label staff.Label) string {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if locale, _ := l.lookupEnv(name); locale != "" {
			if strings.HasPrefix(locale, "de") {
				return label.German
			}
			break
		}
	}
	return label.English
}
