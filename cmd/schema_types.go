package cmd

import (
	"github.com/staffctl/staffctl/docs"
	"github.com/staffctl/staffctl/internal/bulk"
	"github.com/staffctl/staffctl/internal/config"
	"github.com/staffctl/staffctl/internal/output"
	"github.com/staffctl/staffctl/internal/staff"
)

// shapes are all kinds of JSON that commands print or read, in the order of
// docs/json-output.md.
func shapes() []shape {
	return []shape{
		{name: "member", about: "A member of an account", lists: "member list, subaccount list", schema: memberView(nil, nil).Schema},
		{name: "member-details", about: "A member with what is known of the login and the sign-ins", prints: "member show", schema: historyView(&staff.Person{}, 0, "").Schema},
		{name: "subaccount-details", about: "A subaccount with what is known of the login", prints: "subaccount show", schema: personView(&staff.Person{}).Schema},
		{name: "account", about: "An account", lists: "account list", schema: accountView().Schema},
		{name: "account-details", about: "An account with how many people it has", prints: "account show", schema: accountDetailsView(nil).Schema},
		{name: "sender", about: "An address that an account sends from", lists: "account sender list", schema: senderView().Schema},
		{name: "write", about: "What a command changed, or would change", prints: writers, lists: "diff, apply", schema: writtenView().Schema},
		{name: "invite", about: "An invite", prints: "invite show", lists: "invite list", schema: inviteView(&staff.InviteList{}, 0).Schema},
		{name: "mail", about: "A mail of the outbox", prints: "outbox show", lists: "outbox list", schema: outboxView().Schema},
		{name: "sent-mail", about: "What came of a mail that was tried", lists: "outbox send", schema: sendView().Schema},
		{name: "audit-entry", about: "An entry of the audit", lists: "audit list", schema: auditView().Schema},
		{name: "access-decision", about: "Whether a member may use a permission now", prints: "access check", schema: decisionView().Schema},
		{name: "explanation", about: "By what an area is open or closed to a member", lists: "member explain", schema: reasonView().Schema},
		{name: "mail-preference", about: "A mail category, and whether a member gets it", lists: "mail-prefs show", schema: subscriptionView(nil).Schema},
		{name: "mail-readers", about: "A mail category, and how many get it", lists: "mail-prefs list, mail-prefs check", schema: readersView().Schema},
		{name: "catalog", about: "What there is to grant and to mail", prints: "catalog show", reads: "catalog apply", schema: wholeCatalogView().Schema},
		{name: "store-info", about: "Where the store is and what is in it", prints: "store info", schema: infoView().Schema},
		{name: "store-finding", about: "What is wrong with the store", lists: "store check", schema: findingView().Schema},
		{name: "store-migration", about: "What a migration came to", prints: "store migrate", schema: migratedView().Schema},
		{name: "store-backup", about: "A backup that was made", prints: "store backup", schema: backupView().Schema},
		{name: "store-copy", about: "A store that was moved, or would be", prints: "store copy", schema: movedView().Schema},
		{name: "store-seal", about: "A store whose seal store copy --abandon took away", prints: "store copy", schema: abandonedView().Schema},
		{name: "init", about: "A store that was made, or would be", prints: "init", schema: initView(false).Schema},
		{name: "check", about: "What doctor found of one thing", lists: "doctor", schema: doctorView(false).Schema},
		{name: "context", about: "A context of the configuration", lists: "context list", schema: contextView(&config.Config{}).Schema},
		{name: "context-change", about: "What was done to a context", prints: "context use, context set, context remove", schema: contextChangeView("", "").Schema},
		{name: "version", about: "What the program is made of", prints: "version", schema: buildView().Schema},
		{name: "type", about: "A type of JSON that has a schema", lists: "schema", schema: shapeView().Schema},
		{name: "error", about: "Why a command failed, a line on standard error with -o json and -o jsonl", schema: errorView().Schema},
		{name: "log-entry", about: "A line of the log of serve, on standard error; what it is about decides what else it has", schema: logSchema},
		{name: "import", about: "What an import came to", prints: "import", schema: importedView().Schema},
		{name: "import-row", about: "A row of a file of JSON or JSON lines", loads: "import", schema: bulk.RowSchema},
		{name: "export-row", about: "A member, subaccount or invite as import reads it", lists: "export", schema: exportSchema},
		{name: "subaccount-confirm", about: "The object on standard input that confirms a subaccount", reads: "subaccount confirm", schema: confirmSchema},
		{name: "invite-accept", about: "The object on standard input that accepts an invite", reads: "invite accept", schema: acceptSchema},
		{name: "team", about: "A team file, which is YAML or JSON", prints: "export", reads: "diff, apply, init", whole: docs.TeamSchema},
	}
}

// writers are the commands that print one write.
const writers = "account create, account set, account set-owner, account delete, account sender add, account sender remove, " +
	"member add, member edit, member set-username, member set-password, member reset-password, member reset-second-factor, member unlock, member sign-out, " +
	"member grant, member revoke, member set-access, member suspend, member resume, member remove, " +
	"subaccount create, subaccount set-role, subaccount resend, subaccount confirm, subaccount remove, " +
	"invite send, invite resend, invite revoke, invite accept, mail-prefs set, mail-prefs add, mail-prefs remove, catalog apply, outbox discard, audit prune"

// exportSchema requires what is there without --with-password-hashes.
func exportSchema() *output.Schema {
	s := exportView(true).Schema()
	s.Required = exportView(false).Schema().Required
	return s
}

// logSchema has what package slog writes of every message, and what messages of
// internal/web and internal/mail add.
func logSchema() *output.Schema {
	return &output.Schema{Type: output.Types{"object"}, Required: []string{"time", "level", "msg"}, Properties: output.Properties{
		output.Described("time", "when it was", output.Time),
		output.Described("level", "how grave it is", output.OneOf([]string{"INFO", "WARN", "ERROR"})),
		output.Described("msg", "what happened, in words", output.String),
		output.Described("request_id", "the id of a request, which its page of an internal error shows", output.String),
		output.Described("method", "the method of a request, or other", output.String),
		output.Described("route", "the pattern of its path, without a token", output.String),
		output.Described("status", "the HTTP status of its answer", output.Integer),
		output.Described("duration_ms", "how long it took, in milliseconds", output.Integer),
		output.Described("network", "where it came from, as sign-ins are counted by", output.String),
		output.Described("id", "the id of a mail in the outbox", output.Integer),
		output.Described("template", "the kind of a mail", output.OneOf(staff.Templates)),
		output.Described("answer", "what the mail server said, without addresses", output.String),
		output.Described("reason", "why no mail can be sent", output.String),
		output.Described("again_in", "when mails are tried again, in nanoseconds from then on", output.Integer),
		output.Described("code", "the kind of failure", codeType),
		output.Described("error", "what went wrong, in words", output.String),
		output.Described("stack", "where the program was", output.String),
	}}
}
