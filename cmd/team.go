package cmd

import (
	"os"

	"github.com/spf13/cobra"

	"github.com/staffctl/staffctl/internal/staff"
	"github.com/staffctl/staffctl/internal/teamfile"
)

// teamFlags are those that say what is applied, and how.
type teamFlags struct {
	path  string
	prune bool
	max   string
	mail  bool
}

func (f *teamFlags) add(cmd *cobra.Command) {
	teamFileFlag(cmd, &f.path)
	cmd.Flags().BoolVar(&f.prune, "prune", false, "remove people, and revoke invites, that the file does not have")
	cmd.Flags().StringVar(&f.max, "max-removals", staff.DefaultMaxRemovals().String(), "how many people and pending invites may go: a number, or a part of those there are, rounded up")
	cmd.Flags().BoolVar(&f.mail, "mail", false, "mail new subaccounts and invites their links")
}

func teamFileFlag(cmd *cobra.Command, path *string) {
	cmd.Flags().StringVarP(path, "file", "f", "", "the team file to read; - is standard input")
}

func (f *teamFlags) options() (staff.TeamOptions, error) {
	limit, err := staff.ParseMaxRemovals("max-removals", f.max)
	return staff.TeamOptions{Prune: f.prune, MaxRemovals: limit, Mail: f.mail}, err
}

// readTeam reads a team file, which must be for the account that is selected where
// one is.
func (d *deps) readTeam(path, selected string) (*staff.Team, error) {
	team, err := d.parseTeam(path)
	if err != nil {
		return nil, err
	}
	if team.Account == "" {
		team.Account = selected
	}
	return team, checkTeamAccount(team, selected)
}

func (d *deps) parseTeam(path string) (*staff.Team, error) {
	if path == "-" {
		return teamfile.Parse("standard input", d.ios.In)
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, fileError("file", err)
	}
	defer func() { _ = file.Close() }()
	if info, err := file.Stat(); err == nil && info.IsDir() {
		return nil, staff.Errorf(staff.CodeInvalid, "file", "%s is a directory; name a team file in it", path)
	}
	return teamfile.Parse(path, file)
}

func checkTeamAccount(team *staff.Team, selected string) error {
	if selected == "" || team.Account == selected {
		return nil
	}
	return staff.Errorf(staff.CodeInvalid, "account", "%s is for account %s, and account %s is selected; choose one of them with --account",
		team.File, team.Account, selected)
}

// sayTeam tells what a plan leaves as it is.
func (d *deps) sayTeam(plan *staff.TeamPlan) {
	for _, why := range plan.Kept {
		d.say("warning: %s", why)
	}
	for i := range plan.Results {
		for _, w := range plan.Results[i].Warnings {
			d.say("warning: %s", w)
		}
	}
	if n := plan.Unlisted; n > 0 {
		d.say("%s in the account and not in the file; --prune removes them", many(n, "person is", "people are"))
	}
	if n := plan.UnlistedInvites; n > 0 {
		d.say("%s pending and not in the file; --prune revokes them", many(n, "invite is", "invites are"))
	}
}
