package cmd

import (
	"context"

	"github.com/staffctl/staffctl/internal/staff"
)

// teamWork is a team with what applying it would come to.
type teamWork struct {
	team    *staff.Team
	options staff.TeamOptions
	plan    *staff.TeamPlan
	saved   *planFile // where it was planned before
	path    string
}

// planTeam reads what is to be applied, and plans it.
func (d *deps) planTeam(ctx context.Context, s *staff.Staff, read func() (*teamWork, error)) (*teamWork, error) {
	progress, end := d.teamProgress("reading")
	defer end()
	w, err := untilInterrupted(ctx, read)
	if err != nil {
		return nil, err
	}
	w.options.Progress = progress
	if w.plan, err = s.PlanTeam(ctx, w.team, w.options); err == nil && w.saved != nil {
		err = w.saved.check(w.path, w.plan)
	}
	return w, err
}

// applyTeam carries it out.
func (d *deps) applyTeam(ctx context.Context, s *staff.Staff, w *teamWork) (*staff.TeamPlan, error) {
	progress, end := d.teamProgress("reading")
	defer end()
	w.options.Progress = progress
	return s.ApplyTeam(ctx, w.team, w.options)
}

// teamProgress shows how far the work on a team is, from a first stage on.
func (d *deps) teamProgress(stage string) (show func(done, total int64), end func()) {
	p := d.ios.Progress("entries")
	p.Stage(stage)
	return func(done, total int64) {
		switch done {
		case 0:
			p.Stage("comparing")
		case total:
			p.Stage("writing")
		default:
			p.Show(done, total)
		}
	}, p.End
}
