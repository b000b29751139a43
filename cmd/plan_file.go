package cmd

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"

	"github.com/staffctl/staffctl/internal/staff"
	"github.com/staffctl/staffctl/internal/wholefile"
)

const (
	planVersion = 1
	maxPlan     = 256 << 20 // bytes: more than the plan of any team file
)

// planFile is a plan that waits to be carried out, as JSON.
type planFile struct {
	Version int            `json:"staffctl_plan"`
	Account string         `json:"account"`
	Basis   staff.Basis    `json:"basis"`
	Options planOptions    `json:"options"`
	Digest  string         `json:"digest"` // SHA-256 of the changes, hexadecimal
	Changes []*plannedWork `json:"changes"`
	Team    *staff.Team    `json:"team"`
}

type planOptions struct {
	Prune       bool   `json:"prune"`
	MaxRemovals string `json:"max_removals"`
	Mail        bool   `json:"mail"`
}

// plannedWork is what one action changes, without what differs from one planning
// to the next.
type plannedWork struct {
	Action  string          `json:"action"`
	Subject string          `json:"subject"` // an e-mail, or the account
	Changes json.RawMessage `json:"changes"`
}

// plannedChange is a change, without a side that there is not.
type plannedChange struct {
	Field  string `json:"field"`
	Before any    `json:"before,omitempty"`
	After  any    `json:"after,omitempty"`
}

func newPlanFile(plan *staff.TeamPlan, team *staff.Team, o staff.TeamOptions) *planFile {
	f := &planFile{Version: planVersion, Account: plan.Account.Name, Basis: plan.Basis, Changes: workOf(plan), Team: team,
		Options: planOptions{o.Prune, o.MaxRemovals.String(), o.Mail}}
	team.Account = plan.Account.Name
	f.Digest = digestOf(f.Changes)
	return f
}

func workOf(plan *staff.TeamPlan) []*plannedWork {
	work := []*plannedWork{}
	for i := range plan.Results {
		r := &plan.Results[i]
		if !r.Changed {
			continue
		}
		w := &plannedWork{Action: r.Action, Subject: r.Account.Name}
		switch {
		case r.Member != nil:
			w.Subject = r.Member.Email
		case r.Invite != nil:
			w.Subject = r.Invite.Email
		}
		lasting := []plannedChange{}
		for _, c := range r.Changes {
			if c.Field != "expires_at" { // counted from when it is done
				lasting = append(lasting, plannedChange(c))
			}
		}
		w.Changes = appendAny(nil, lasting)
		work = append(work, w)
	}
	return work
}

// digestOf is the same however the JSON is indented.
func digestOf(work []*plannedWork) string {
	sum := sha256.New()
	e := json.NewEncoder(sum)
	e.SetEscapeHTML(false)
	for _, w := range work {
		if e.Encode(w) != nil { // what was read is no JSON
			return ""
		}
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// savePlan writes the plan to a file that only its owner reads: a new one, or in
// the place of another plan.
func savePlan(path string, f *planFile) error {
	if _, err := readPlan(path); err != nil && staff.CodeOf(err) != staff.CodeNotFound {
		return staff.Errorf(staff.CodeConflict, "save", "%s is there and is no plan of this version; name another file, or remove it", path)
	}
	err := wholefile.Replace(path, func(w io.Writer) error {
		e := json.NewEncoder(w)
		e.SetEscapeHTML(false)
		return e.Encode(f)
	})
	if err != nil {
		return staff.Errorf(staff.CodeUnavailable, "save", "the plan cannot be written to %s: %w", path, err)
	}
	return nil
}

// readPlan reads a plan, and refuses what is none, or was changed since.
func readPlan(path string) (*planFile, error) {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, staff.Errorf(staff.CodeNotFound, "plan", "there is no plan %s; make one with staffctl diff --save", path)
	}
	if err != nil {
		return nil, fileError("plan", err)
	}
	defer func() { _ = file.Close() }()
	f := &planFile{}
	decoder := json.NewDecoder(io.LimitReader(file, maxPlan))
	switch err := decoder.Decode(f); {
	case err != nil || f.Version == 0 || f.Team == nil:
		return nil, staff.Errorf(staff.CodeInvalid, "plan", "%s is no plan; make one with staffctl diff --save", path)
	case f.Version != planVersion:
		return nil, staff.Errorf(staff.CodeInvalid, "plan", "%s is a plan of version %d, and this program knows version %d; make it again with staffctl diff --save", path, f.Version, planVersion)
	case digestOf(f.Changes) != f.Digest || f.Team.Account != f.Account:
		return nil, staff.Errorf(staff.CodeInvalid, "plan", "%s was changed since it was made; make it again with staffctl diff --save", path)
	}
	return f, nil
}

func (f *planFile) options() (staff.TeamOptions, error) {
	limit, err := staff.ParseMaxRemovals("plan", f.Options.MaxRemovals)
	return staff.TeamOptions{Prune: f.Options.Prune, MaxRemovals: limit, Mail: f.Options.Mail, Basis: &f.Basis}, err
}

// check refuses a plan that would do something else by now.
func (f *planFile) check(path string, plan *staff.TeamPlan) error {
	if digestOf(workOf(plan)) == f.Digest {
		return nil
	}
	return staff.Errorf(staff.CodeConflict, "plan", "%s would change something else by now, such as an invite that has expired meanwhile; make it again with staffctl diff --save", path)
}
