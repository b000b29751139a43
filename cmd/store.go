package cmd

import (
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/staffctl/staffctl/internal/output"
	"github.com/staffctl/staffctl/internal/sqlstore"
	"github.com/staffctl/staffctl/internal/staff"
)

func newStore(d *deps) *cobra.Command {
	return noun("store", "Look after the store", `The store keeps accounts, members, logins, the catalog and the audit. It is a
SQLite file, or a cluster of rqlite servers.`,
		`  staffctl store info
  staffctl store backup team-backup.db`,
		newStoreInfo(d), newStoreMigrate(d), newStoreCheck(d), newStoreBackup(d), newStoreCopy(d))
}

// migrated is what store migrate came to.
type migrated struct {
	from, to int
	dryRun   bool
}

func newStoreMigrate(d *deps) *cobra.Command {
	return &cobra.Command{
		Use:   "migrate",
		Short: "Bring the store to the schema of this program",
		Long: `Migrate changes the schema step by step, each whole or not at all. Make a backup
first: an older program does not work on a newer schema.`,
		Example: `  staffctl store migrate --dry-run
  staffctl store migrate`,
		Annotations: writes("changes the schema of the store", nobody),
		Args:        takes(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			store, err := d.store()
			if err != nil {
				return err
			}
			m := migrated{to: sqlstore.Schema(), dryRun: d.dryRun}
			if d.dryRun {
				applied, err := store.Applied(cmd.Context())
				if err != nil {
					return err
				}
				m.from = len(applied)
				return d.printMigrated(m)
			}
			if m.from, m.to, err = store.Migrate(cmd.Context(), d.now().UnixMilli()); err != nil {
				return err
			}
			d.wrote = m.from != m.to
			return d.printMigrated(m)
		},
	}
}

func (d *deps) printMigrated(m migrated) error {
	sentence := fmt.Sprintf("nothing to migrate: the store has schema %d", m.to)
	if m.from != m.to {
		sentence = fmt.Sprintf("schema %d → %d", m.from, m.to)
	}
	return answer(d, migratedView(), m, sentence)
}

func migratedView() output.View[migrated] {
	return output.View[migrated]{Columns: []output.Column[migrated]{
		flagOf("changed", "whether anything is or would be different from before", func(m migrated) bool { return m.from != m.to }),
		flagOf("dry_run", "whether nothing was done and this is what would be", func(m migrated) bool { return m.dryRun }),
		number("from", "the version of the schema before", func(m migrated) int64 { return int64(m.from) }),
		number("to", "the version of the schema afterwards", func(m migrated) int64 { return int64(m.to) }),
	}}
}

func newStoreCheck(d *deps) *cobra.Command {
	return &cobra.Command{
		Use:   "check",
		Short: "Look for what is wrong with the store",
		Long: `Check verifies the integrity of the file, its schema, and each rule about people
as a query. It lists what it finds and ends with 12 when there is something.`,
		Example: `  staffctl store check
  staffctl store check -o json`,
		Annotations: reads(),
		Args:        takes(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			store, err := d.store()
			if err != nil {
				return err
			}
			findings, rules, err := store.Check(cmd.Context())
			if err != nil {
				return err
			}
			p, err := d.printer()
			if err != nil {
				return err
			}
			view := findingView()
			view.Empty = fmt.Sprintf("%d checks, nothing found", rules)
			if err := output.List(p, view, all(slices.Values(findings))); err != nil || len(findings) == 0 {
				return err
			}
			return silent(staff.CodeDamaged)
		},
	}
}

func findingView() output.View[sqlstore.Finding] {
	return output.View[sqlstore.Finding]{Columns: shown([]output.Column[sqlstore.Finding]{
		text("check", "the name of the check", func(f sqlstore.Finding) string { return f.Check }),
		text("rule", "what should hold", func(f sqlstore.Finding) string { return f.Rule }),
		text("detail", "where it does not", func(f sqlstore.Finding) string { return f.Detail }),
	}, "check rule detail", "")}
}

func newStoreBackup(d *deps) *cobra.Command {
	return &cobra.Command{
		Use:   "backup FILE",
		Short: "Copy the store to a new file",
		Long: `Backup writes the store, as it is at one moment, to a new file that only its
owner can read, while others go on working. To restore it, put it in the place of
the store while no command runs.`,
		Example: `  staffctl store backup team-2026-11-22.db
  staffctl store backup ~/staffctl-backup.db`,
		Annotations: reads(staff.CodeConflict),
		Args:        takes("FILE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if d.dryRun {
				return staff.Errorf(staff.CodeUsage, "dry-run", "a backup changes nothing in the store, so it has no --dry-run")
			}
			if _, err := d.store(); err != nil {
				return err
			}
			ctx, stop := interruptible(cmd.Context())
			defer stop()
			if err := d.opened.Backup(ctx, args[0]); err != nil {
				return err
			}
			return answer(d, backupView(), args[0], "wrote "+output.Text(args[0]))
		},
	}
}

func backupView() output.View[string] {
	return output.View[string]{Columns: []output.Column[string]{
		text("backup", "the file that was written", func(path string) string { return path }),
		flagOf("changed", "false: a backup changes nothing in the store", func(string) bool { return false }),
	}}
}
