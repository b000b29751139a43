package cmd

import (
	"github.com/spf13/cobra"

	"github.com/staffctl/staffctl/internal/iostreams"
	"github.com/staffctl/staffctl/internal/staff"
)

func newDiff(d *deps) *cobra.Command {
	var f teamFlags
	var save string
	cmd := &cobra.Command{
		Use:   "diff -f TEAM.yaml",
		Short: "Show what would make an account what a team file says",
		Long: `Diff compares an account with a team file and shows what apply would do, and
changes nothing. It ends with 0 where the account is as the file says, and with
11 where it differs.

Without --prune, people who are not in the file stay and are only counted. With
--save the plan goes to a file, which apply --plan carries out only while the
account is still what it was.`,
		Example: `  staffctl diff -f team.yaml
  staffctl diff -f team.yaml --prune --save plan.json`,
		Annotations: reads(staff.CodeForbidden, staff.CodeConflict, staff.CodeDiffers),
		Args:        takes(),
	}
	f.add(cmd)
	cmd.Flags().StringVar(&save, "save", "", "the file to write the plan to, for apply --plan")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if f.path == "" {
			return usage(cmd, "-f TEAM.yaml is missing")
		}
		if save == "-" {
			return usage(cmd, "a plan is saved to a file; name one, or print what would change with -o json")
		}
		return d.diff(cmd, &f, save)
	}
	return cmd
}

func (d *deps) diff(cmd *cobra.Command, f *teamFlags, save string) error {
	d.dryRun = true // the store is opened for reading
	options, err := f.options()
	if err != nil {
		return err
	}
	s, c, err := d.staff()
	if err != nil {
		return err
	}
	ctx, stop := interruptible(cmd.Context())
	defer stop()
	w, err := d.planTeam(ctx, s, func() (*teamWork, error) {
		team, err := d.readTeam(f.path, c.Account)
		return &teamWork{team: team, options: options}, err
	})
	if err != nil {
		return orInterrupted(ctx, err, "interrupted")
	}
	if save != "" {
		if err := savePlan(save, newPlanFile(w.plan, w.team, options)); err != nil {
			return err
		}
	}
	d.sayTeam(w.plan)
	return d.printDiff(w.plan)
}

// printDiff prints what would be done, which is an error of its own kind, also
// where the reader has seen enough.
func (d *deps) printDiff(plan *staff.TeamPlan) error {
	err := d.showTeam(plan, &deliveries{}, true)
	if !plan.Changed() {
		if err != nil {
			return err
		}
		return d.sayInSync(plan)
	}
	if err == nil {
		_, t := blocksOf(plan.Results)
		err = d.sentence("%s", t)
	}
	if err != nil && !iostreams.IsClosedPipe(err) {
		return err
	}
	return silent(staff.CodeDiffers)
}
