package cmd

import (
	"context"

	"github.com/staffctl/staffctl/internal/iostreams"
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
	progress := d.ios.Progress("entries")
	defer progress.End()
	progress.Stage("reading")
	w, err := untilInterrupted(ctx, read)
	if err != nil {
		return nil, err
	}
	w.options.Progress = comparing(progress, "comparing")
	if w.plan, err = s.PlanTeam(ctx, w.team, w.options); err == nil && w.saved != nil {
		err = w.saved.check(w.path, w.plan)
	}
	return w, err
}

// applyTeam carries it out.
func (d *deps) applyTeam(ctx context.Context, s *staff.Staff, w *teamWork) (*staff.TeamPlan, error) {
	progress := d.ios.Progress("entries")
	defer progress.End()
	progress.Stage("reading")
	w.options.Progress = comparing(progress, "writing")
	return s.ApplyTeam(ctx, w.team, w.options)
}

// comparing shows how many entries of a team are planned, and names the stage that
// follows.
func comparing(p *iostreams.Progress, after string) func(done, total int64) {
	return func(done, total int64) {
		switch done {
		case 0:
			p.Stage("comparing")
		case total:
			p.Stage(after)
		default:
			p.Show(done, total)
		}
	}
}
