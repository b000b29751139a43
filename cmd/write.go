package cmd

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/staffctl/staffctl/internal/output"
	"github.com/staffctl/staffctl/internal/staff"
)

// written is what a command on people came to, for output.
type written struct {
	staff.Result
	catalog *staff.Catalog
	dryRun  bool
	now     int64  // Unix milliseconds
	mail    string // sent, queued, discarded or failed; "" where nothing is mailed
	link    string // to be shown
}

// do carries out the actions in the account, or with --dry-run plans them, and
// prints what came of each.
func (d *deps) do(cmd *cobra.Command, account string, actions ...staff.Action) error {
	s, c, err := d.staff()
	if err != nil {
		return err
	}
	if err := d.checkShowLink(cmd, s); err != nil {
		return err
	}
	if account == "" {
		account = c.Account
	}
	carryOut := s.Do
	if d.dryRun {
		carryOut = s.Plan
	}
	plan, err := carryOut(cmd.Context(), account, actions...)
	if err != nil {
		return err
	}
	return d.printPlan(cmd, plan)
}

// printPlan sends the mails of what was done and prints it.
func (d *deps) printPlan(cmd *cobra.Command, plan *staff.Plan) error {
	mails := d.deliver(cmd.Context(), plan)
	for _, r := range plan.Results {
		for _, w := range r.Warnings {
			d.say("warning: %s", output.Text(w))
		}
		w := &written{Result: r, catalog: plan.Catalog, dryRun: d.dryRun, now: d.now().UnixMilli(), mail: mails.state(r.Mail)}
		link, err := d.linkURL(r.Link)
		if err != nil {
			return err
		}
		w.link = link
		if showsLink(cmd) && r.Link == nil && !d.dryRun {
			d.say("warning: no link was made, since nothing asked for one changed; make a new one by resend --show-link")
		}
		if err := d.printWritten(w); err != nil {
			return err
		}
	}
	return d.sayDelivered(mails)
}

func (d *deps) printWritten(w *written) error {
	sentence := w.sentence()
	if d.dryRun || d.verbose() {
		sentence += w.details()
	}
	if w.link != "" && d.forPeople() {
		d.say("%s", sentence)
		_, err := fmt.Fprintln(d.ios.Out, w.link)
		return err
	}
	return answer(d, writtenView(), w, sentence)
}

// verbs are the words for each action, as a command and as done.
var verbs = map[string][2]string{
	"account.create":             {"create", "created"},
	"account.set":                {"change", "changed"},
	"account.set-owner":          {"change the owner of", "changed the owner of"},
	"account.delete":             {"delete", "deleted"},
	"account.sender-add":         {"add a sender address to", "added a sender address to"},
	"account.sender-remove":      {"remove a sender address from", "removed a sender address from"},
	"member.add":                 {"add", "added"},
	"member.edit":                {"change", "changed"},
	"member.set-username":        {"change the username of", "changed the username of"},
	"member.set-password":        {"set the password of", "set the password of"},
	"member.grant":               {"grant access to", "granted access to"},
	"member.revoke":              {"revoke access of", "revoked access of"},
	"member.set-access":          {"set the access of", "set the access of"},
	"member.suspend":             {"suspend", "suspended"},
	"member.resume":              {"resume", "resumed"},
	"member.remove":              {"remove", "removed"},
	"mail-prefs.set":             {"set the mails of", "set the mails of"},
	"mail-prefs.add":             {"add mails to", "added mails to"},
	"mail-prefs.remove":          {"remove mails from", "removed mails from"},
	"member.reset-password":      {"ask for a new password of", "asked for a new password of"},
	"subaccount.create":          {"create subaccount", "created subaccount"},
	"subaccount.set-role":        {"set the role of", "set the role of"},
	"subaccount.resend":          {"make a new link for", "made a new link for"},
	"subaccount.confirm":         {"confirm", "confirmed"},
	"subaccount.remove":          {"remove subaccount", "removed subaccount"},
	"invite.send":                {"invite", "invited"},
	"invite.resend":              {"invite again", "invited again"},
	"invite.revoke":              {"revoke the invite of", "revoked the invite of"},
	"invite.accept":              {"accept the invite for", "accepted the invite for"},
	"member.reset-second-factor": {"ask for a new number of", "asked for a new number of"},
	"member.unlock":              {"unlock", "unlocked"},
	"member.sign-out":            {"sign out", "signed out"},
	"member.choose-username":     {"change the username of", "changed the username of"},
	"member.ask-email":           {"ask for the new e-mail of", "asked for the new e-mail of"},
	"member.choose-email":        {"change the login e-mail of", "changed the login e-mail of"},
	"member.enrol-number":        {"enrol a number of", "enrolled a number of"},
	"member.choose-password":     {"set the password of", "set the password of"},
	"outbox.discard":             {"discard", "discarded"},
	"catalog.apply":              {"replace", "replaced"},
	"audit.prune":                {"prune", "pruned"},
	"store.copy":                 {"copy", "copied"},
}

// actions are the names of all of them, sorted.
func actions() []string { return slices.Sorted(maps.Keys(verbs)) }

func actionType() *output.Schema { return output.OneOf(actions())() }

// sentence says in words what was, or would be, done.
func (w *written) sentence() string {
	verb := verbs[w.Action]
	if (w.Action == "member.add" || w.Action == "subaccount.create") && w.Member.Version > 1 { // --on-conflict update
		verb = verbs["member.edit"]
	}
	switch {
	case !w.Changed && w.Action == "audit.prune":
		return "nothing to prune: the audit has no rows before that"
	case !w.Changed && w.Invite != nil:
		return fmt.Sprintf("nothing to change: the invite of %s is %s already", output.Text(w.Invite.Email), w.Invite.Status(w.now))
	case !w.Changed:
		return fmt.Sprintf("nothing to change: %s is so already", w.subject())
	case w.dryRun:
		return fmt.Sprintf("would %s %s", verb[0], w.subject())
	default:
		return fmt.Sprintf("%s %s", verb[1], w.subject())
	}
}

func (w *written) subject() string {
	switch {
	case w.Member != nil:
		return output.Text(fmt.Sprintf("%s <%s> in account %s", w.Member.FullName(), w.Member.Email, w.Account.Name))
	case w.Invite != nil:
		return output.Text(fmt.Sprintf("%s to account %s", w.Invite.Email, w.Account.Name))
	case w.Action == "outbox.discard":
		return "the mail"
	case w.Account != nil:
		return "account " + w.Account.Name
	case w.Action == "audit.prune":
		return fmt.Sprintf("the audit: %d rows", w.Rows)
	default:
		return "the catalog"
	}
}

// details lists the fields that change, one a line.
func (w *written) details() string {
	var b strings.Builder
	for _, c := range w.Changes {
		fmt.Fprintf(&b, "\n  %s: %s → %s", c.Field, valueText(c.Before), valueText(c.After))
	}
	return b.String()
}

func valueText(v any) string {
	if v == nil {
		return "(none)"
	}
	return output.Text(string(appendAny(nil, v)))
}

// writtenView is the JSON of every write.
func writtenView() output.View[*written] {
	return output.View[*written]{
		Name: (*written).name,
		Columns: []output.Column[*written]{
			flagOf("changed", "whether anything is or would be different from before", func(w *written) bool { return w.Changed }),
			flagOf("dry_run", "whether nothing was done and this is what would be", func(w *written) bool { return w.dryRun }),
			typed(text("action", "what was done", func(w *written) string { return w.Action }), actionType),
			flagOf("removed", "whether the member or account is gone and is as it was", func(w *written) bool { return w.Removed }),
			changesColumn(),
			list("warnings", "what to look at, in words", func(w *written) []string { return w.Warnings }),
			part("account", "the account as it is afterwards; null for what is of none", func(w *written) *staff.Account { return w.Account },
				func(*written) []output.Column[*staff.Account] { return accountColumns() }),
			part("member", "the member as it is afterwards", func(w *written) *staff.Member { return w.Member },
				func(w *written) []output.Column[*staff.Member] { return memberColumns(w.Account, w.catalog) }),
			part("invite", "the invite that the action was about, or what it accepted", func(w *written) *staff.Invite { return w.Invite },
				func(w *written) []output.Column[*staff.Invite] { return inviteColumns(w.Account, w.catalog, w.now) }),
			nullWhere(word("mail", "what came of the mail; null where none is sent, and with dry_run", staff.MailStates, func(w *written) string { return w.mail }), func(w *written) bool { return w.mail == "" }),
			orNull("mail_to", "the address that it goes to, or would go to", func(w *written) string {
				if w.Mail == nil {
					return ""
				}
				return w.Mail.To
			}),
			orNull("link", "the link, with --show-link", func(w *written) string { return w.link }),
		},
	}
}

func (w *written) name() string {
	switch {
	case w.link != "":
		return w.link
	case w.Member != nil:
		return w.Member.Email
	case w.Invite != nil:
		return w.Invite.ID.String()
	case w.Account != nil:
		return w.Account.Name
	default:
		return w.Action
	}
}

// part makes a column of what a write was about, whose columns depend on it; null
// where it was about none.
func part[S any](key, doc string, get func(*written) *S, columns func(*written) []output.Column[*S]) output.Column[*written] {
	return nullWhere(output.Column[*written]{
		Key: key, Doc: doc, Heading: heading(key), Type: output.Object(func() []output.Column[*S] { return columns(&written{}) }),
		JSON: func(b []byte, w *written) []byte { return appendObject(b, columns(w), get(w)) },
	}, func(w *written) bool { return get(w) == nil })
}

func changesColumn() output.Column[*written] {
	value := func(key, doc string, get func(staff.Change) any) output.Column[staff.Change] {
		return output.Column[staff.Change]{Key: key, Doc: doc, Type: output.Anything, JSON: func(b []byte, c staff.Change) []byte { return appendAny(b, get(c)) }}
	}
	return objects("changes", "the fields that change; a secret reads set", func(w *written) []staff.Change { return w.Changes }, nil,
		text("field", "the field, in the words of the audit", func(c staff.Change) string { return c.Field }),
		value("before", "its value before; null where there was none", func(c staff.Change) any { return c.Before }),
		value("after", "its value afterwards; null where it is gone", func(c staff.Change) any { return c.After }))
}

// appendAny appends a value that has no columns of its own.
func appendAny(b []byte, v any) []byte {
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic("a result does not marshal: " + err.Error())
	}
	return append(b, bytes.TrimSuffix(text.Bytes(), []byte("\n"))...)
}
