// Package cmd is the command line of staffctl: a noun a file, a verb a file.
// A verb asks the domain for one thing and writes one result; it holds no rule.
package cmd

import (
	"cmp"
	"context"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/staffctl/staffctl/internal/iostreams"
	"github.com/staffctl/staffctl/internal/staff"
)

// Main runs the command line of this process and returns its exit code.
func Main() int {
	// Else writing to a closed pipe would end the process before it can clean up.
	ignoreClosedPipes()
	return run(context.Background(), systemDeps(), os.Args[1:])
}

// Tree returns the commands with the whole of their texts, for programs that
// describe them.
func Tree() *cobra.Command {
	root := newRoot(systemDeps())
	var complete func(c *cobra.Command)
	complete = func(c *cobra.Command) {
		c.Long = wholeText(c)
		for _, verb := range c.Commands() {
			complete(verb)
		}
	}
	complete(root)
	return root
}

func systemDeps() *deps {
	return &deps{ios: iostreams.System(), lookupEnv: os.LookupEnv, now: time.Now, ids: &staff.IDs{}}
}

// run runs one command line.
func run(ctx context.Context, d *deps, args []string) (code int) {
	d.args = args
	root := newRoot(d, args...)
	root.SetArgs(args)
	defer func() {
		if r := recover(); r != nil {
			code = d.fail(staff.Errorf(staff.CodeInternal, "", "internal error: %v; please report it with the command that you gave", r))
		}
	}()
	err := cmp.Or(root.ExecuteContext(ctx), d.helped)
	if closing := d.close(); err == nil {
		err = closing
	}
	return d.fail(err)
}
