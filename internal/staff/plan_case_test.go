package staff

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// planCase is a row of a rule's table: actions on facts, and what they come to.
type planCase struct {
	name    string
	facts   *Facts
	actions []Action
	want    []string // the lines of the plan
	err     refusal
	check   func(t *testing.T, p *Plan) // of what the lines do not show
}

func do(actions ...Action) []Action { return actions }

func runPlans(t *testing.T, cases []planCase) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newStaff(nil)
			known := copyOf(c.facts)
			plan, err := s.planOn(c.facts, c.actions)
			if d := cmp.Diff(known, c.facts); d != "" {
				t.Errorf("planning has changed the facts (-before +after):\n%s", d)
			}
			c.err.check(t, err)
			if err != nil {
				return
			}
			if d := cmp.Diff(c.want, lines(plan)); d != "" {
				t.Errorf("plan (-want +got):\n%s", d)
			}
			checkCommit(t, c.facts, plan)
			checkSecrets(t, c.facts, c.actions, plan)
			again, err := s.planOn(c.facts, c.actions)
			if err != nil {
				t.Fatalf("planning again: %v", err)
			}
			if d := cmp.Diff(lines(plan), lines(again)); d != "" {
				t.Errorf("planned again (-first +second):\n%s", d)
			}
			if c.check != nil {
				c.check(t, plan)
			}
		})
	}
}

// lines shows what a plan comes to: a line an action, and below one a change, a
// warning and what is mailed or shown.
func lines(p *Plan) []string {
	var out []string
	for _, r := range p.Results {
		line := r.Action
		switch {
		case r.Member != nil:
			line += " " + r.Member.Email
		case r.Invite != nil:
			line += " " + r.Invite.Email
		case r.Account != nil:
			line += " " + r.Account.Name
		}
		if r.Removed {
			line += " removed"
		}
		if !r.Changed {
			line += " unchanged"
		}
		out = append(out, line)
		for _, c := range r.Changes {
			out = append(out, fmt.Sprintf("  %s: %s -> %s", c.Field, jsonOf(c.Before), jsonOf(c.After)))
		}
		for _, w := range r.Warnings {
			out = append(out, "  ! "+w)
		}
		if m := r.Mail; m != nil {
			out = append(out, fmt.Sprintf("  @ %s in %s to %s", m.Template, m.Language, m.To))
		}
		if l := r.Link; l != nil {
			out = append(out, fmt.Sprintf("  @ shown: %s for %s", l.Purpose, l.Email))
		}
	}
	return out
}

func jsonOf(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(text)
}

func copyOf(f *Facts) *Facts {
	c := *f
	if f.Account != nil {
		c.Account = f.Account.clone()
	}
	c.Found = nil
	for _, m := range f.Found {
		c.Found = append(c.Found, m.clone())
	}
	c.Invites = nil
	for _, i := range f.Invites {
		c.Invites = append(c.Invites, i.clone())
	}
	if f.Link != nil {
		c.Link = new(*f.Link)
	}
	if f.Login != nil {
		c.Login = new(*f.Login)
	}
	return &c
}

// checkCommit holds what is so of every commit: an audit row a change, nothing
// at all without one, and versions that count up from what was read.
func checkCommit(t *testing.T, f *Facts, p *Plan) {
	t.Helper()
	c := p.commit
	var changed []Result
	for _, r := range p.Results {
		if r.Changed != (len(r.Changes) > 0) {
			t.Errorf("%s: changed is %v with %d changes", r.Action, r.Changed, len(r.Changes))
		}
		if r.Changed {
			changed = append(changed, r)
		}
	}
	if len(c.Audit) != len(changed) {
		t.Fatalf("%d audit rows for %d changes", len(c.Audit), len(changed))
	}
	for i, r := range changed {
		checkAudit(t, &c.Audit[i], &r)
	}
	if len(changed) == 0 {
		if n := len(c.Guards) + len(c.Members) + len(c.Logins) + len(c.Accounts) + len(c.Touched) + len(c.Invites) + len(c.Links) + len(c.Mails) + len(c.EndSessions) + len(c.ForgetTries); n > 0 || c.Catalog != nil || c.DropAccount != 0 || c.PruneBefore != 0 || c.UsedTAN != 0 {
			t.Errorf("a commit without a change is not empty: %+v", c)
		}
		return
	}
	if c.At != noon.UnixMilli() || c.ID < firstNewID || c.Schema != f.Schema || c.Actor.OSUser != "operator" || c.Nonce < 0 || c.Nonce >= 1<<53 {
		t.Errorf("commit %d at %d on schema %d by %+v, nonce %d", c.ID, c.At, c.Schema, c.Actor, c.Nonce)
	}
	for _, d := range c.Members {
		if d.Before != nil && !slices.Contains(f.Found, d.Before) {
			t.Errorf("a change of %s is not on what was read", d.Before.Email)
		}
		if d.After != nil {
			checkVersion(t, d.After.Email, versionOf(d.Before), d.After.Version, d.After.UpdatedAt)
		}
	}
	for _, d := range c.Accounts {
		var was int64
		if d.Before != nil {
			was = d.Before.Version
		}
		checkVersion(t, d.After.Name, was, d.After.Version, d.After.UpdatedAt)
	}
	for _, d := range c.Invites {
		var was int64
		if d.Before != nil {
			was = d.Before.Version
		}
		checkVersion(t, d.After.Email, was, d.After.Version, d.After.UpdatedAt)
	}
	checkLinks(t, f, c)
}

// checkLinks holds what is so of every link: it is open, ends those before it,
// goes out by one mail unless it is shown, and what it is made for is guarded.
func checkLinks(t *testing.T, f *Facts, c *Commit) {
	t.Helper()
	mailed := map[ID]int{}
	for _, m := range c.Mails {
		mailed[m.LinkID]++
		if m.AccountID != f.Account.ID || m.CreatedAt != noon.UnixMilli() || m.Data.Account != f.Account.DisplayName || m.Data.At != noon.UnixMilli() || !strings.Contains(m.To, "@") {
			t.Errorf("mail %+v", m)
		}
	}
	for _, l := range c.Links {
		if l.State != LinkOpen || l.ID < firstNewID || l.AccountID != f.Account.ID || l.CreatedAt != noon.UnixMilli() || l.ExpiresAt <= l.CreatedAt {
			t.Errorf("link %+v", l)
		}
		if want := map[bool]int{true: 0, false: 1}[l.Shown]; mailed[l.ID] != want {
			t.Errorf("the %s link to %s goes out by %d mails, want %d", l.Purpose, l.Email, mailed[l.ID], want)
		}
		ends := func(e LinkEnd) bool {
			return e.Member == l.MemberID && e.Invite == l.InviteID && e.Login == 0 && (e.Purpose == "" || e.Purpose == l.Purpose)
		}
		if !slices.ContainsFunc(c.EndLinks, ends) {
			t.Errorf("the %s link to %s does not end those before it: %+v", l.Purpose, l.Email, c.EndLinks)
		}
		for _, m := range f.Found {
			if m.ID == l.MemberID && !slices.Contains(c.Guards, Guard{GuardMember, m.ID, m.Version}) && !slices.ContainsFunc(c.Members, func(d Diff[Member]) bool { return d.Before == m }) {
				t.Errorf("nothing holds on to %s, whom a link is made for", m.Email)
			}
		}
	}
}

func versionOf(m *Member) int64 {
	if m == nil {
		return 0
	}
	return m.Version
}

func checkVersion(t *testing.T, what string, was, is, updated int64) {
	t.Helper()
	if is != was+1 || updated != noon.UnixMilli() {
		t.Errorf("%s goes from version %d to %d, updated at %d", what, was, is, updated)
	}
}

// checkAudit compares an audit row with the changes that it records.
func checkAudit(t *testing.T, e *AuditEntry, r *Result) {
	t.Helper()
	want := map[string]map[string]json.RawMessage{"before": {}, "after": {}}
	for _, c := range r.Changes {
		if c.Before != nil {
			want["before"][c.Field] = json.RawMessage(jsonOf(c.Before))
		}
		if c.After != nil {
			want["after"][c.Field] = json.RawMessage(jsonOf(c.After))
		}
	}
	if e.Added != nil { // what the store makes of the row must be what has changed: see the contract of stores
		if r.Member != e.Added || len(want["before"]) > 0 {
			t.Errorf("%s of %+v is not the whole of a new member", r.Action, r.Member)
		}
		want["after"] = nil
	}
	for side, text := range map[string]string{"before": e.Before, "after": e.After} {
		if d := cmp.Diff(textOf(want[side]), text); d != "" {
			t.Errorf("%s, audited %s (-want +got):\n%s", r.Action, side, d)
		}
	}
	if e.Action != r.Action || e.ID <= firstNewID || e.Subject == "" {
		t.Errorf("audit row %+v", e)
	}
	if r.Member != nil && (e.MemberID != r.Member.ID || e.Account != r.Account.Name) {
		t.Errorf("%s is audited of member %d in %q", r.Action, e.MemberID, e.Account)
	}
}

func textOf(side map[string]json.RawMessage) string {
	if len(side) == 0 {
		return ""
	}
	return jsonOf(side)
}

// checkSecrets looks for passwords, hashes and tokens in everything that may be shown.
func checkSecrets(t *testing.T, f *Facts, actions []Action, p *Plan) {
	t.Helper()
	secrets := []string{"$fake$", newSecret}
	for _, l := range append(p.commit.Links, f.Link) {
		if l != nil {
			secrets = append(secrets, string(testKey.Token(l)))
		}
	}
	shown := []string{strings.Join(lines(p), "\n")}
	show := func(v any) {
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatalf("%T does not marshal: %v", v, err)
		}
		shown = append(shown, string(text), fmt.Sprint(v), fmt.Sprintf("%+v", v), fmt.Sprintf("%#v", v))
	}
	for _, a := range actions {
		show(a)
		if s, ok := a.(SetPassword); ok {
			show(s.Password)
			show(*s.Password)
		}
	}
	for _, r := range p.Results {
		show(r)
		if r.Member != nil {
			show(*r.Member)
		}
	}
	for _, d := range p.commit.Logins {
		show(d)
		for _, l := range []*Login{d.Before, d.After} {
			if l != nil {
				show(*l)
			}
		}
	}
	show(p.commit.Audit)
	for _, l := range p.commit.Links {
		show(*l)
	}
	for _, m := range p.commit.Mails {
		show(*m)
	}
	for _, text := range shown {
		for _, secret := range secrets {
			if strings.Contains(text, secret) {
				t.Errorf("a secret is shown: %s", text)
			}
		}
	}
}

// addedMember returns the one member that the plan adds.
func addedMember(t *testing.T, p *Plan) *Member {
	t.Helper()
	for _, d := range p.commit.Members {
		if d.Before == nil {
			return d.After
		}
	}
	t.Fatal("the plan adds nobody")
	return nil
}

// loginAfter returns the one login that the plan writes, nil where it deletes.
func loginAfter(t *testing.T, p *Plan) *Login {
	t.Helper()
	if len(p.commit.Logins) != 1 {
		t.Fatalf("the plan writes %d logins, want 1", len(p.commit.Logins))
	}
	return p.commit.Logins[0].After
}
