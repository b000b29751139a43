package cmd

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/staffctl/staffctl/internal/output"
	"github.com/staffctl/staffctl/internal/sqlstore"
	"github.com/staffctl/staffctl/internal/staff"
)

func newStoreCopy(d *deps) *cobra.Command {
	var to string
	var abandon bool
	cmd := &cobra.Command{
		Use:   "copy --to STORE",
		Short: "Move the store to an empty place, such as a cluster",
		Long: `Copy moves everything to an empty cluster or a new file, and compares what has
arrived with what was there. The store that it moves is sealed: from then on it
can be read and no longer changed. Sessions, what is counted of tries, and open
links stay behind, but for the links of mails that are still to be sent: those
move with their mails. Everybody signs in again.

A copy that fails leaves the store as it was. One that was killed leaves it
sealed: run it again. --abandon takes the seal away where that is no longer
possible, if you know that the other place is not in use.

--store-password-file, --store-ca, --store-cert and --store-key are for the
cluster, whichever of the two it is.`,
		Example: `  staffctl store copy --to team-copy.db --dry-run
  staffctl store copy --to team-copy.db --yes`,
		Annotations: writes("fills the other store, and seals this one against changes", nobody),
		Args:        takes(),
	}
	cmd.Flags().StringVar(&to, "to", "", "the empty place: a new file, or rqlite://USER@HOST:4001,HOST:4001")
	cmd.Flags().BoolVar(&abandon, "abandon", false, "take the seal of a copy away that was begun and not finished")
	cmd.MarkFlagsMutuallyExclusive("to", "abandon")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		switch {
		case abandon:
			return d.abandonCopy(cmd)
		case to == "":
			return usage(cmd, "say with --to where to")
		}
		return d.copyStore(cmd, to)
	}
	return cmd
}

// moved is what store copy came to.
type moved struct {
	from, to string
	*sqlstore.Copied
	dryRun bool
}

func (d *deps) copyStore(cmd *cobra.Command, to string) error {
	from, err := d.store()
	if err != nil {
		return err
	}
	if to, err = absolute(to); err != nil {
		return err
	}
	m := moved{from: from.Name(), to: to, dryRun: d.dryRun}
	if m.Copied, err = d.planCopy(cmd.Context(), from, to); err != nil {
		return err
	}
	if d.dryRun {
		return d.printMoved(m)
	}
	if err := d.confirm(cmd.Context(), "move %d rows from %s to %s, and seal %s against changes", m.Rows, m.from, m.to, m.from); err != nil {
		return err
	}
	target, end, err := d.copyTarget(to, false)
	if err != nil {
		return err
	}
	defer end()
	ctx, stop := interruptible(cmd.Context())
	defer stop()
	source, err := absolute(m.from)
	if err != nil {
		return err
	}
	commit := d.staffOn(d.loaded, from).CopyCommit(source, sqlstore.Schema())
	commit.Actor.StoreUser = storeUser(to)
	progress := d.ios.Progress("rows")
	m.Copied, err = from.CopyTo(ctx, target, commit, progress.Show)
	d.wrote = err == nil
	progress.End()
	if err != nil {
		return err
	}
	return d.printMoved(m)
}

// absolute is a name that means the same from another directory.
func absolute(store string) (string, error) {
	if strings.Contains(store, "://") {
		return store, nil
	}
	path, err := filepath.Abs(store)
	if err != nil {
		return "", staff.Errorf(staff.CodeUnavailable, "to", "%s: %w", store, err)
	}
	return path, nil
}

// planCopy makes sure that the copy can begin, and counts what would move.
func (d *deps) planCopy(ctx context.Context, from *sqlstore.Store, to string) (*sqlstore.Copied, error) {
	target, end, err := d.copyTarget(to, true)
	if err != nil {
		return nil, err
	}
	defer end()
	return from.CopyPlan(ctx, target, to)
}

func (d *deps) printMoved(m moved) error {
	sentence := fmt.Sprintf("moved %d rows from %s to %s, where they are the same: SHA-256 %s\n%s is sealed; use %s from now on, with the instance key that you have",
		m.Rows, output.Text(m.from), output.Text(m.to), m.Digest, output.Text(m.from), output.Text(m.to))
	if m.dryRun {
		sentence = fmt.Sprintf("would move %d rows from %s to %s", m.Rows, output.Text(m.from), output.Text(m.to))
	}
	if m.Links > 0 {
		sentence += fmt.Sprintf("\nopen links that stay behind: %d; send them again with staffctl invite resend, subaccount resend or member reset-password", m.Links)
	}
	if m.Mails > 0 {
		sentence += fmt.Sprintf("\nmails that wait and move: %d; staffctl outbox send or serve sends them", m.Mails)
	}
	return answer(d, movedView(), m, sentence)
}

func movedView() output.View[moved] {
	return output.View[moved]{Columns: []output.Column[moved]{
		flagOf("changed", "whether anything is or would be different from before", func(moved) bool { return true }),
		flagOf("dry_run", "whether nothing was done and this is what would be", func(m moved) bool { return m.dryRun }),
		text("from", "the store that is moved and then sealed", func(m moved) string { return m.from }),
		text("to", "the store that has everything from then on", func(m moved) string { return m.to }),
		number("rows", "how many rows move", func(m moved) int64 { return m.Rows }),
		orNull("digest", "the SHA-256 of all rows, hexadecimal, the same in both; null with dry_run", func(m moved) string { return m.Digest }),
		number("links_left", "how many open links stay behind", func(m moved) int64 { return m.Links }),
		number("mails_queued", "how many mails move and wait to be sent", func(m moved) int64 { return m.Mails }),
	}}
}

func (d *deps) abandonCopy(cmd *cobra.Command) error {
	if d.dryRun {
		return usage(cmd, "--abandon has no --dry-run: staffctl store info says whether a copy has begun")
	}
	store, err := d.store()
	if err != nil {
		return err
	}
	info, err := store.Info(cmd.Context())
	if err != nil {
		return err
	}
	if info.MovedTo == "" {
		return staff.Errorf(staff.CodeNotFound, "abandon", "no copy of %s has begun", store.Name())
	}
	if err := d.confirm(cmd.Context(), "take the seal of %s away; is %s not in use", store.Name(), info.MovedTo); err != nil {
		return err
	}
	if err := store.AbandonCopy(cmd.Context()); err != nil {
		return err
	}
	return answer(d, abandonedView(), store.Name(), output.Text(store.Name())+" is as it was before the copy")
}

func abandonedView() output.View[string] {
	return output.View[string]{Columns: []output.Column[string]{
		flagOf("changed", "whether anything is different from before", func(string) bool { return true }),
		text("store", "the store whose seal was taken away", func(name string) string { return name }),
	}}
}
