package cmd

import (
	"cmp"
	"context"

	"github.com/spf13/cobra"

	"github.com/staffctl/staffctl/internal/staff"
)

func newApply(d *deps) *cobra.Command {
	var f teamFlags
	var saved string
	cmd := &cobra.Command{
		Use:   "apply -f TEAM.yaml | --plan PLAN",
		Short: "Make an account what a team file says",
		Long: `Apply shows what it would do, asks, and does it in one step: all of it or nothing.
Applying the same file twice changes nothing. Without --prune nobody is removed;
with it the owner and the last administrator stay all the same.

A plan that diff --save has written is carried out only while the account is
still what it was. Mails go out only with --mail.`,
		Example: `  staffctl apply -f team.yaml --dry-run
  staffctl apply --plan plan.json --yes`,
		Annotations: writes("changes, adds and removes what the file asks for, in one account", "with --mail the new subaccounts and the people newly invited, and else nobody", staff.CodeForbidden, staff.CodePartial),
		Args:        takes(),
	}
	f.add(cmd)
	cmd.Flags().StringVar(&saved, "plan", "", "the plan to carry out, which diff --save has written")
	cmd.MarkFlagsOneRequired("file", "plan")
	for _, name := range []string{"file", "prune", "max-removals", "mail"} {
		cmd.MarkFlagsMutuallyExclusive("plan", name)
	}
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if saved != "" {
			return d.applySaved(cmd, saved)
		}
		return d.applyFile(cmd, &f)
	}
	return cmd
}

func (d *deps) applyFile(cmd *cobra.Command, f *teamFlags) error {
	options, err := f.options()
	if err != nil {
		return err
	}
	s, c, err := d.staff()
	if err != nil {
		return err
	}
	return d.apply(cmd.Context(), s, func() (*teamWork, error) {
		team, err := d.readTeam(f.path, c.Account)
		return &teamWork{team: team, options: options}, err
	})
}

func (d *deps) applySaved(cmd *cobra.Command, path string) error {
	s, c, err := d.staff()
	if err != nil {
		return err
	}
	return d.apply(cmd.Context(), s, func() (*teamWork, error) {
		file, err := readPlan(path)
		if err != nil {
			return nil, err
		}
		if err := checkTeamAccount(file.Team, c.Account); err != nil {
			return nil, err
		}
		options, err := file.options()
		return &teamWork{team: file.Team, options: options, saved: file, path: path}, err
	})
}

// apply plans, shows, asks, and carries it out.
func (d *deps) apply(ctx context.Context, s *staff.Staff, read func() (*teamWork, error)) error {
	ctx, stop := interruptible(ctx)
	defer stop()
	w, err := d.planTeam(ctx, s, read)
	if err != nil {
		return orInterrupted(ctx, err, "interrupted; nothing was changed")
	}
	d.sayTeam(w.plan)
	if d.dryRun || !w.plan.Changed() {
		return d.printPlanned(ctx, w.plan)
	}
	shown, err := d.askTeam(ctx, w)
	if err != nil {
		return err
	}
	done, err := d.applyTeam(ctx, s, w)
	if err != nil {
		return orInterrupted(ctx, err, "interrupted; nothing was changed")
	}
	delivered := d.deliver(ctx, &done.Plan)
	err = d.printApplied(done, delivered, shown)
	return cmp.Or(d.sayDelivered(delivered), err)
}

// askTeam shows what is to be done, and asks. Where nobody is asked it is not shown
// before it is done, so that it does not depend on who reads it.
func (d *deps) askTeam(ctx context.Context, w *teamWork) (shown bool, err error) {
	if shown = d.forPeople() && !d.yes; shown {
		if err := d.showTeam(w.plan, &deliveries{}, false); err != nil {
			return true, staff.Errorf(staff.CodeUnavailable, "", "the plan cannot be shown: %v; nothing was changed", err)
		}
	}
	if !d.yes { // what was shown is what is done
		w.options.Basis = &w.plan.Basis
	}
	_, t := blocksOf(w.plan.Results)
	mails := mailsOf(w.plan)
	if mails > 0 {
		d.say("%s will be mailed", many(mails, "person", "people"))
	}
	return shown, d.confirm(ctx, "apply %s to account %s%s", t.asked(), w.plan.Account.Name, alsoMails(mails))
}

// printPlanned tells what is not carried out.
func (d *deps) printPlanned(ctx context.Context, plan *staff.TeamPlan) error {
	if err := d.showTeam(plan, &deliveries{}, d.dryRun); err != nil {
		return err
	}
	if !plan.Changed() {
		return d.sayInSync(plan)
	}
	_, t := blocksOf(plan.Results)
	if err := d.sentence("%s", t); err != nil {
		return err
	}
	return d.sayDelivered(d.deliver(ctx, &plan.Plan))
}

func alsoMails(n int) string {
	if n == 0 {
		return ""
	}
	return " and mail " + many(n, "person", "people")
}

func mailsOf(plan *staff.TeamPlan) int {
	n := 0
	for i := range plan.Results {
		if plan.Results[i].Mail != nil {
			n++
		}
	}
	return n
}

// printApplied tells what was done.
func (d *deps) printApplied(done *staff.TeamPlan, mails *deliveries, shown bool) error {
	if !shown {
		if err := d.showTeam(done, mails, false); err != nil {
			return err
		}
	}
	_, t := blocksOf(done.Results)
	if hasMore(done) {
		return d.sentence("changed account %s: %s", done.Account.Name, t.done())
	}
	return d.sentence("account %s is as the file says: %s", done.Account.Name, t.done())
}
