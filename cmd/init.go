package cmd

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/staffctl/staffctl/internal/config"
	"github.com/staffctl/staffctl/internal/output"
	"github.com/staffctl/staffctl/internal/secretfile"
	"github.com/staffctl/staffctl/internal/sqlstore"
	"github.com/staffctl/staffctl/internal/staff"
)

func newInit(d *deps) *cobra.Command {
	var displayName, plan, path string
	cmd := &cobra.Command{
		Use:   "init [ACCOUNT] [-f TEAM.yaml]",
		Short: "Make a store, and a first account in it",
		Long: `Init makes the store that --store or the configuration names, and the instance
key beside the configuration unless there is one. It is the only command that
creates a store, and refuses one that exists.

With -f the store begins with the account that a team file describes, with its
people, in the same step. Nobody is mailed: subaccount resend and invite resend
do that.`,
		Example: `  staffctl init acme --display-name "ACME AG" --plan enterprise
  staffctl init -f team.yaml --store ./team.db`,
		Annotations: writes("makes the store and, unless there is one, the instance key", "nobody", staff.CodeForbidden),
		Args:        takes("[ACCOUNT]"),
	}
	cmd.Flags().StringVar(&displayName, "display-name", "", "the account's name that people read")
	cmd.Flags().StringVar(&plan, "plan", string(staff.Standard), "the account's plan: standard or enterprise")
	teamFileFlag(cmd, &path)
	for _, name := range []string{"display-name", "plan"} {
		cmd.MarkFlagsMutuallyExclusive("file", name)
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if path != "" {
			return d.initTeam(cmd, path, strings.Join(args, ""))
		}
		if len(args) == 0 {
			if cmd.Flags().Changed("display-name") || cmd.Flags().Changed("plan") {
				return usage(cmd, "--display-name and --plan are of an account: name it")
			}
			return d.init(cmd, beginWith())
		}
		a := staff.CreateAccount{Name: args[0], Settings: staff.Settings{Tariff: &plan}}
		if displayName != "" {
			a.DisplayName = &displayName
		}
		return d.init(cmd, beginWith(a))
	}
	return cmd
}

// beginning is what a new store has.
type beginning struct {
	check func(*staff.Staff) error // before anything is made
	make  func(context.Context, *staff.Staff) error
}

func beginWith(actions ...staff.Action) beginning {
	return beginning{
		check: func(s *staff.Staff) error { _, err := s.PlanInit(sqlstore.Schema(), actions...); return err },
		make: func(ctx context.Context, s *staff.Staff) error {
			_, err := s.Init(ctx, sqlstore.Schema(), actions...)
			return err
		},
	}
}

// initTeam begins with the account of a team file.
func (d *deps) initTeam(cmd *cobra.Command, path, account string) error {
	c, err := d.config()
	if err != nil {
		return err
	}
	if account == "" {
		account = c.Account
	}
	ctx, stop := interruptible(cmd.Context())
	defer stop()
	cmd.SetContext(ctx)
	var team *staff.Team
	err = d.init(cmd, beginning{
		check: func(s *staff.Staff) (err error) {
			progress := d.ios.Progress("entries")
			defer progress.End()
			progress.Stage("reading")
			if team, err = untilInterrupted(ctx, func() (*staff.Team, error) { return d.readTeam(path, account) }); err != nil {
				return err
			}
			_, err = s.PlanInitTeam(ctx, sqlstore.Schema(), team, staff.TeamOptions{Progress: comparing(progress, "comparing")})
			return err
		},
		make: func(ctx context.Context, s *staff.Staff) error {
			progress := d.ios.Progress("entries")
			defer progress.End()
			_, err := s.InitTeam(ctx, sqlstore.Schema(), team, staff.TeamOptions{Progress: comparing(progress, "writing")})
			return err
		},
	})
	if err != nil {
		return orInterrupted(ctx, err, "interrupted; no store was made")
	}
	if d.dryRun {
		people, invites := team.Size()
		d.say("account %s would be as %s says: %s and %s", team.Account, output.Text(team.File), many(people, "person", "people"), many(invites, "invite", "invites"))
		return nil
	}
	d.say("account %s is as %s says", team.Account, output.Text(team.File))
	return nil
}

// init makes the store and what it begins with in the same step.
func (d *deps) init(cmd *cobra.Command, b beginning) error {
	c, err := d.config()
	if err != nil {
		return err
	}
	// Planned first, so that what is refused leaves nothing behind.
	if err := b.check(d.staffOn(c, nil)); err != nil {
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
	if err := b.make(cmd.Context(), d.staffOn(c, sqlstore.New(d.opened))); err != nil {
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
	err := answer(d, initView(d.dryRun), c, fmt.Sprintf("%s the store %s", word, output.Text(c.Store)))
	if !d.dryRun {
		d.say("the instance key is %s: keep it with the store's backups", output.Text(c.KeyFile))
	}
	return err
}

func initView(dryRun bool) output.View[*config.Config] {
	return output.View[*config.Config]{Columns: []output.Column[*config.Config]{
		text("store", "the store that was made", func(c *config.Config) string { return c.Store }),
		text("key_file", "the file of the instance key", func(c *config.Config) string { return c.KeyFile }),
		flagOf("changed", "whether anything is or would be different from before", func(*config.Config) bool { return true }),
		flagOf("dry_run", "whether nothing was done and this is what would be", func(*config.Config) bool { return dryRun }),
	}}
}
