package cmd

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/staffctl/staffctl/internal/config"
	"github.com/staffctl/staffctl/internal/output"
	"github.com/staffctl/staffctl/internal/secretfile"
	"github.com/staffctl/staffctl/internal/sqlstore"
	"github.com/staffctl/staffctl/internal/staff"
)

func newInit(d *deps) *cobra.Command {
	var displayName, plan string
	cmd := &cobra.Command{
		Use:   "init [ACCOUNT]",
		Short: "Make a store, and a first account in it",
		Long: `Init makes the store that --store or the configuration names, and the instance
key beside the configuration unless there is one. It is the only command that
creates a store, and refuses one that exists.`,
		Example: `  staffctl init acme --display-name "ACME AG" --plan enterprise
  staffctl init --store ./team.db`,
		Args: takes("[ACCOUNT]"),
	}
	cmd.Flags().StringVar(&displayName, "display-name", "", "the account's name that people read")
	cmd.Flags().StringVar(&plan, "plan", string(staff.Standard), "the account's plan: standard or enterprise")
	choices(cmd, "plan", staff.Tariffs)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			if cmd.Flags().Changed("display-name") || cmd.Flags().Changed("plan") {
				return usage(cmd, "--display-name and --plan are of an account: name it")
			}
			return d.init(cmd)
		}
		a := staff.CreateAccount{Name: args[0], Settings: staff.Settings{Tariff: &plan}}
		if displayName != "" {
			a.DisplayName = &displayName
		}
		return d.init(cmd, a)
	}
	return cmd
}

// init makes the store and carries out the actions in the same step.
func (d *deps) init(cmd *cobra.Command, actions ...staff.Action) error {
	c, err := d.config()
	if err != nil {
		return err
	}
	// Planned first, so that what is refused leaves nothing behind.
	if _, err := d.staffOn(c, nil).PlanInit(sqlstore.Schema(), actions...); err != nil {
		return err
	}
	if err := d.checkNoStore(cmd.Context()); err != nil {
		return err
	}
	if d.dryRun {
		return d.printInit(c)
	}
	if _, err := secretfile.EnsureKey(c.KeyFile); err != nil {
		return err
	}
	if d.opened, err = d.open(c, c.Store, created); err != nil {
		return err
	}
	if _, err = d.staffOn(c, sqlstore.New(d.opened)).Init(cmd.Context(), sqlstore.Schema(), actions...); err != nil {
		return err
	}
	return d.printInit(c)
}

// checkNoStore refuses a place where a store is already: before an instance key is
// made, which would not be that of the store.
func (d *deps) checkNoStore(ctx context.Context) error {
	store, err := d.store()
	if staff.CodeOf(err) == staff.CodeNotFound {
		return nil
	}
	if err != nil {
		return err
	}
	err = errors.Join(store.CheckEmpty(ctx), d.close())
	d.opened = nil
	return err
}

func (d *deps) printInit(c *config.Config) error {
	word := "made"
	if d.dryRun {
		word = "would make"
	}
	err := answer(d, output.View[*config.Config]{Columns: []output.Column[*config.Config]{
		text("store", func(c *config.Config) string { return c.Store }),
		text("key_file", func(c *config.Config) string { return c.KeyFile }),
		flagOf("changed", func(*config.Config) bool { return true }),
		flagOf("dry_run", func(*config.Config) bool { return d.dryRun }),
	}}, c, fmt.Sprintf("%s the store %s", word, output.Text(c.Store)))
	if !d.dryRun {
		d.say("the instance key is %s: keep it with the store's backups", output.Text(c.KeyFile))
	}
	return err
}
