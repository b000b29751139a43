package cmd

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/staffctl/staffctl/internal/output"
	"github.com/staffctl/staffctl/internal/staff"
)

// How long a check may take: one of a service, and one that reads the whole store.
const (
	serviceTime = 10 * time.Second
	storeTime   = 30 * time.Second
)

// The statuses of findings.
const (
	wellStatus    = "ok"
	noteStatus    = "note" // nothing to worry about, such as what is not configured
	warningStatus = "warning"
	problemStatus = "problem"
)

// diagnosis is what a check of the doctor came to.
type diagnosis struct {
	check, status, found, advice string
	code                         staff.Code // of a problem
}

func well(check, found string) diagnosis {
	return diagnosis{check: check, status: wellStatus, found: found}
}

func note(check, found, advice string) diagnosis {
	return diagnosis{check: check, status: noteStatus, found: found, advice: advice}
}

func warn(check, found, advice string) diagnosis {
	return diagnosis{check: check, status: warningStatus, found: found, advice: advice}
}

func problem(check, found, advice string, code staff.Code) diagnosis {
	return diagnosis{check, problemStatus, found, advice, code}
}

func newDoctor(d *deps) *cobra.Command {
	return &cobra.Command{
		Use:   "doctor",
		Short: "Check configuration, store and services, and say what to do",
		Long: `Doctor checks one thing after the other, whatever came of those before:
configuration, instance key, store, account, outbox, clock, mail server, SMS
gateway and the pages at public_url. It says what it found and what to do. It
changes nothing and sends neither mail nor text message: it signs in to the mail
server and connects to the gateway. What is not configured is a note. With
--dry-run it asks neither of them, nor the pages.

It ends with 0 unless there is a problem: with 12 where the store is damaged, else
with 8 where the store, the key or a service cannot be used, else with the code
of the first one, such as 3 for the configuration and 4 for a store that is not
there.`,
		Example: `  staffctl doctor --dry-run
  staffctl doctor --dry-run -o json --columns check,status,advice`,
		Annotations: apart(nothing, nobody, staff.CodeInvalid, staff.CodeNotFound, staff.CodeDamaged),
		Args:        takes(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx, stop := interruptible(cmd.Context())
			defer stop()
			findings := d.examine(ctx)
			if ctx.Err() != nil {
				return staff.Errorf(staff.CodeInterrupted, "", "interrupted; nothing was changed")
			}
			var options output.Options
			if d.loaded != nil {
				options = d.options()
			} else if format, err := output.ParseFormat(string(d.format())); err == nil { // else that is what was found
				options.Format = format
			}
			if err := output.List(output.New(d.ios, options), doctorView(d.forPeople()), all(slices.Values(findings))); err != nil {
				return err
			}
			if code := worst(findings); code != "" {
				return silent(code)
			}
			return nil
		},
	}
}

// examine makes all checks. Those of the store come one after the other, those of
// services at once with them.
func (d *deps) examine(ctx context.Context) []diagnosis {
	c, err := d.config()
	if err != nil {
		return []diagnosis{failed("configuration", err), note("all else", "not checked without a configuration", "")}
	}
	groups := []func(context.Context) []diagnosis{
		func(context.Context) []diagnosis { return []diagnosis{configFinding(c), keyFinding(c)} },
		d.storeFindings,
		func(ctx context.Context) []diagnosis { return []diagnosis{d.mailFinding(ctx, c)} },
		func(ctx context.Context) []diagnosis { return []diagnosis{d.smsFinding(ctx)} },
		func(ctx context.Context) []diagnosis { return []diagnosis{d.pagesFinding(ctx, c)} },
	}
	found := make([][]diagnosis, len(groups))
	var running sync.WaitGroup
	for i, group := range groups {
		running.Go(func() { found[i] = group(ctx) })
	}
	running.Wait()
	return slices.Concat(found...)
}

// failed is a check that found a problem. Errors say what is wrong, and most of them
// after a semicolon what to do.
func failed(check string, err error) diagnosis {
	found, advice, _ := strings.Cut(err.Error(), "; ")
	usual := map[string]string{
		"configuration": "correct the file or the variable, or name another file with --config",
		"instance key":  "bring the key of this store back from where it was kept",
		"mail":          "see that the server runs, and check mail.host, mail.port, mail.tls and the firewall",
		"sms":           "see that the gateway runs, and check sms.url and the firewall",
		"pages":         "see that staffctl serve and its proxy run, and check public_url and serve.path",
	}
	return problem(check, found, cmp.Or(advice, usual[check], "run staffctl store info --verbose for more"), staff.CodeOf(err))
}

// worst is the code of the problem that matters most, or "".
func worst(findings []diagnosis) (code staff.Code) {
	for _, f := range findings {
		switch {
		case f.status != problemStatus:
		case code == "", f.code == staff.CodeDamaged, f.code == staff.CodeUnavailable && code != staff.CodeDamaged:
			code = f.code
		}
	}
	return code
}

// doctorView marks the findings for people.
func doctorView(marked bool) output.View[diagnosis] {
	looks := map[string]struct {
		mark  string
		style output.Style
	}{wellStatus: {"✓", output.Good}, noteStatus: {"·", output.Faint}, warningStatus: {"!", output.Warn}, problemStatus: {"✗", output.Bad}}
	status := word("status", "ok, note for what is no fault, warning, or problem", []string{wellStatus, noteStatus, warningStatus, problemStatus}, func(f diagnosis) string { return f.status })
	if marked {
		status.Text = func(f diagnosis) string { return looks[f.status].mark + " " + f.status }
	}
	status.Style = func(f diagnosis) output.Style { return looks[f.status].style }
	advice := orNull("advice", "what to do; null where nothing is", func(f diagnosis) string { return f.advice })
	advice.Heading = "WHAT TO DO"
	return output.View[diagnosis]{
		Name: func(f diagnosis) string { return f.check },
		Columns: shown([]output.Column[diagnosis]{
			status,
			text("check", "what was checked", func(f diagnosis) string { return f.check }),
			text("found", "what was found", func(f diagnosis) string { return f.found }),
			advice,
		}, "status check found advice", ""),
	}
}
