package cmd

import (
	"cmp"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/staffctl/staffctl/internal/output"
	"github.com/staffctl/staffctl/internal/staff"
)

func newAudit(d *deps) *cobra.Command {
	return noun("audit", "Read who changed what", `The audit has a row for each action: when, who, what, on whom, and the fields
before and after. The store refuses to change it; prune is the one way to delete.`,
		`  staffctl audit list --since 24h
  staffctl audit list --member anna.muster@example.ch -o jsonl`,
		newAuditList(d), newAuditPrune(d))
}

func newAuditList(d *deps) *cobra.Command {
	var q staff.AuditQuery
	var since string
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List what was changed, the oldest first",
		Long: `List prints the audit of the account that --account, the environment, the
context or the configuration names, or else of the whole store. A member is found
by the e-mail that they had then, or by the id.`,
		Example: `  staffctl audit list --since 2026-11-01 --action member.set-password
  staffctl audit list --actor root -o json`,
		Annotations: reads(),
		Args:        takes(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, c, err := d.staff()
			if err != nil {
				return err
			}
			if since != "" {
				if q.Since, err = d.moment("since", since); err != nil {
					return err
				}
			}
			if err := checkAction(q.Action); err != nil {
				return err
			}
			p, err := d.printer()
			if err != nil {
				return err
			}
			q.Account = c.Account
			return output.List(p, auditView(), s.Store.Audit(cmd.Context(), q))
		},
	}
	f := cmd.Flags()
	f.StringVar(&since, "since", "", "only from this time on: 2026-11-01, 2026-11-01T08:00:00Z, or 24h and 7d ago")
	f.StringVar(&q.Member, "member", "", "only on this member: an e-mail or an id")
	f.StringVar(&q.Action, "action", "", "only this action, such as member.add, or all of a noun, such as member")
	f.StringVar(&q.Actor, "actor", "", "only by this operating-system user, store user, claimed actor or person behind a link")
	return cmd
}

// checkAction refuses what is no action and no noun of one.
func checkAction(word string) error {
	known := actions()
	for _, action := range known {
		if noun, _, _ := strings.Cut(action, "."); word == "" || word == action || word == noun {
			return nil
		}
	}
	return staff.Errorf(staff.CodeInvalid, "action", "no action %q%s", word, staff.Suggest(word, known))
}

// moment reads a date, a time, or how long ago, as Unix milliseconds.
func (d *deps) moment(field, s string) (int64, error) {
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UnixMilli(), nil
		}
	}
	ago, err := staff.ParsePeriod(s)
	if err != nil || ago < 0 {
		return 0, staff.Errorf(staff.CodeInvalid, field, "%q is no time; give it as 2026-11-01, 2026-11-01T08:00:00Z, 24h or 7d", s)
	}
	return d.now().Add(-ago).UnixMilli(), nil
}

func beforeColumn() output.Column[*staff.AuditEntry] {
	return fieldsColumn("before", "the fields that changed, as they were; null for what is new", func(e *staff.AuditEntry) string { return e.Before })
}

func afterColumn() output.Column[*staff.AuditEntry] {
	return fieldsColumn("after", "the fields that changed, as they are; null for what is gone", func(e *staff.AuditEntry) string { return e.After })
}

// fieldsColumn makes a column of a JSON object, which is null where it is empty.
func fieldsColumn(key, doc string, get func(*staff.AuditEntry) string) output.Column[*staff.AuditEntry] {
	return output.Column[*staff.AuditEntry]{Key: key, Doc: doc, Type: output.OrNull(output.AnyObject), Heading: heading(key), JSON: func(b []byte, e *staff.AuditEntry) []byte {
		return append(b, cmp.Or(get(e), "null")...)
	}}
}

func auditView() output.View[*staff.AuditEntry] {
	return output.View[*staff.AuditEntry]{Empty: "no entries", Columns: shown([]output.Column[*staff.AuditEntry]{
		number("id", "the id, below 2^53", func(e *staff.AuditEntry) int64 { return int64(e.ID) }),
		moment("at", "when it was done", func(e *staff.AuditEntry) int64 { return e.At }),
		typed(text("action", "what was done", func(e *staff.AuditEntry) string { return e.Action }), actionType),
		orNull("account", "the name of the account; null for what is of none", func(e *staff.AuditEntry) string { return e.Account }),
		text("subject", "the member's e-mail as it was then, or the account's name", func(e *staff.AuditEntry) string { return e.Subject }),
		idOrNull("member_id", "the id of the member", func(e *staff.AuditEntry) staff.ID { return e.MemberID }),
		text("os_user", "the operating-system user who ran the program", func(e *staff.AuditEntry) string { return e.Actor.OSUser }),
		orNull("store_user", "the user of the cluster", func(e *staff.AuditEntry) string { return e.Actor.StoreUser }),
		orNull("actor", "who was claimed with --actor", func(e *staff.AuditEntry) string { return e.Actor.Claimed }),
		orNull("person", "the e-mail of who acted behind a link; null for an operator", func(e *staff.AuditEntry) string { return e.Actor.Person }),
		beforeColumn(), afterColumn(),
		number("commit_id", "the same for all entries of one command", func(e *staff.AuditEntry) int64 { return int64(e.CommitID) }),
	}, "at os_user actor person action account subject", "id before after")}
}

func newAuditPrune(d *deps) *cobra.Command {
	var before string
	cmd := &cobra.Command{
		Use:   "prune --before DATE",
		Short: "Delete the audit older than a date",
		Long:  `Prune deletes the audit of the whole store that is older. It is itself audited.`,
		Example: `  staffctl audit prune --before 2026-01-01 --dry-run
  staffctl audit prune --before 365d --yes`,
		Annotations: writes("deletes rows of the audit", nobody),
		Args:        takes(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if before == "" {
				return usage(cmd, "--before DATE is missing")
			}
			at, err := d.moment("before", before)
			if err != nil {
				return err
			}
			if err := d.confirm(cmd.Context(), "delete the audit before %s", time.UnixMilli(at).UTC().Format(time.RFC3339)); err != nil {
				return err
			}
			return d.do(cmd, "", staff.PruneAudit{Before: at})
		},
	}
	cmd.Flags().StringVar(&before, "before", "", "the date: 2026-01-01, 2026-01-01T00:00:00Z, or 365d ago")
	return cmd
}
