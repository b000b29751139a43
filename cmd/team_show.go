package cmd

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/staffctl/staffctl/internal/output"
	"github.com/staffctl/staffctl/internal/staff"
)

// deed is what happens to a person, an invite or the account's settings.
type deed byte

const (
	adds    deed = '+'
	changes deed = '~'
	removes deed = '-'
)

// colors are the SGR sequences of the deeds.
var colors = map[deed]string{adds: "\x1b[32m", changes: "\x1b[33m", removes: "\x1b[31m"}

// block is what a plan does to one of them, for people.
type block struct {
	deed   deed
	title  string
	fields []staff.Change
}

// tally counts the blocks.
type tally struct{ added, changed, removed int }

// String says the counts in words.
func (t tally) String() string {
	return fmt.Sprintf("%d to add, %d to change, %d to remove", t.added, t.changed, t.removed)
}

// asked is how the question before it names it.
func (t tally) asked() string {
	return fmt.Sprintf("%s, %s, %s", many(t.added, "addition", "additions"), many(t.changed, "change", "changes"), many(t.removed, "removal", "removals"))
}

// done is how the sentence after it does.
func (t tally) done() string {
	return fmt.Sprintf("%d added, %d changed, %d removed", t.added, t.changed, t.removed)
}

func many(n int, one, more string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, more)
}

// blocksOf are what a plan does, the account's settings first.
func blocksOf(results []staff.Result) ([]block, tally) {
	account := block{deed: changes}
	var blocks []block
	var t tally
	for i := range results {
		r := &results[i]
		switch {
		case !r.Changed:
		case r.Member == nil && r.Invite == nil:
			account.add(r)
		default:
			blocks = append(blocks, blockOf(r))
		}
	}
	if account.fields != nil {
		blocks = slices.Insert(blocks, 0, account)
	}
	for _, b := range blocks {
		switch b.deed {
		case adds:
			t.added++
		case changes:
			t.changed++
		case removes:
			t.removed++
		}
	}
	return blocks, t
}

// add joins another change of the account to those before.
func (b *block) add(r *staff.Result) {
	b.title = "account " + r.Account.Name
	for _, c := range r.Changes {
		at := slices.IndexFunc(b.fields, func(f staff.Change) bool { return f.Field == c.Field })
		switch {
		case r.Action == "account.create":
			b.deed = adds
			b.fields = append(b.fields, c)
		case at >= 0:
			b.fields[at].After = c.After
		default:
			b.fields = append(b.fields, c)
		}
	}
}

// blockOf is what happens to a person or an invite.
func blockOf(r *staff.Result) block {
	b := block{deed: changes, fields: slices.DeleteFunc(slices.Clone(r.Changes), func(c staff.Change) bool { return c.Field == "expires_at" })}
	isNew := slices.ContainsFunc(r.Changes, func(c staff.Change) bool { return c.Field == "email" && c.Before == nil })
	switch {
	case r.Removed || r.Action == "invite.revoke":
		b.deed, b.fields = removes, nil
	case isNew:
		b.deed = adds
		b.fields = slices.DeleteFunc(b.fields, func(c staff.Change) bool { return c.After == nil || isImplied(r, c) })
	}
	switch m := r.Member; {
	case m == nil:
		b.title = "invite " + r.Invite.Email
	case m.Subaccount == m.FullName():
		b.title = fmt.Sprintf("subaccount %s <%s>", m.Subaccount, m.Email)
	case m.Subaccount != "":
		b.title = fmt.Sprintf("subaccount %s %s <%s>", m.Subaccount, m.FullName(), m.Email)
	default:
		b.title = fmt.Sprintf("member %s <%s>", m.FullName(), m.Email)
	}
	return b
}

// isImplied reports what need not be said of somebody new: it stands in the title,
// or is so unless something else is said.
func isImplied(r *staff.Result, c staff.Change) bool {
	switch c.Field {
	case "email", "first_name", "last_name", "subaccount", "status", "pending":
		return true
	case "salutation", "access":
		return shownValue(c.After) == "none"
	case "username":
		return c.After == r.Member.Email
	default:
		return false
	}
}

// show writes the block in its colour, where there is colour.
func (b block) show(to *strings.Builder, color bool) {
	begin, end := "", ""
	if color {
		begin, end = colors[b.deed], "\x1b[0m"
	}
	fmt.Fprintf(to, "%s%c %s%s\n", begin, b.deed, output.Text(b.title), end)
	for _, f := range b.fields {
		value := shownValue(f.After)
		if b.deed == changes {
			value = shownValue(f.Before) + " → " + value
		}
		fmt.Fprintf(to, "%s    %s: %s%s\n", begin, f.Field, value, end)
	}
}

// shownValue is a value as people write it.
func shownValue(v any) string {
	var words []string
	switch value := v.(type) {
	case nil:
	case string:
		words = []string{value}
	case []string:
		words = value
	case []staff.Phone:
		for _, p := range value {
			words = append(words, p.String())
		}
	default:
		return valueText(v)
	}
	if text := strings.Join(words, ", "); text != "" {
		return output.Text(text)
	}
	return "(none)"
}

// showTeam prints what a plan does: for people in blocks, for programs as a list of
// writes. What is planned only may go through a pager.
func (d *deps) showTeam(plan *staff.TeamPlan, mails *deliveries, planned bool) error {
	if d.forPeople() {
		blocks, _ := blocksOf(plan.Results)
		var text strings.Builder
		for _, b := range blocks {
			b.show(&text, d.ios.ColorOut())
		}
		if planned {
			return d.ios.Page([]byte(text.String()))
		}
		_, err := io.WriteString(d.ios.Out, text.String()) // and what is asked or said next
		return err
	}
	p, err := d.printer()
	if err != nil {
		return err
	}
	now := d.now().UnixMilli()
	return output.List(p, writtenView(), all(func(yield func(*written) bool) {
		for _, r := range plan.Results {
			if r.Changed && !yield(&written{Result: r, catalog: plan.Catalog, dryRun: planned, now: now, mail: mails.state(r.Mail)}) {
				return
			}
		}
	}))
}

// sayInSync tells people that there is nothing to do.
func (d *deps) sayInSync(plan *staff.TeamPlan) error {
	if hasMore(plan) {
		return d.sentence("nothing to change in account %s", plan.Account.Name)
	}
	return d.sentence("account %s is as the file says", plan.Account.Name)
}

// hasMore reports whether somebody stays whom the file does not have.
func hasMore(plan *staff.TeamPlan) bool {
	return plan.Unlisted+plan.UnlistedInvites+len(plan.Kept) > 0
}

// sentence prints a line for people, which --quiet leaves out.
func (d *deps) sentence(format string, args ...any) error {
	if !d.forPeople() || d.quiet() {
		return nil
	}
	_, err := fmt.Fprintf(d.ios.Out, format+"\n", args...)
	return err
}
