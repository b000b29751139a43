package cmd

import (
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/staffctl/staffctl/internal/bulk"
	"github.com/staffctl/staffctl/internal/output"
	"github.com/staffctl/staffctl/internal/staff"
)

// The words that are the same for every store.

// fixed are words with what each means.
func fixed(known []string, about map[string]string) source {
	return func(*line) []choice {
		found := make([]choice, len(known))
		for i, w := range known {
			found[i] = choice{word: w, about: about[w]}
		}
		return found
	}
}

func languages() source {
	return fixed(staff.Languages, map[string]string{"de": "German", "en": "English"})
}

func salutations() source {
	return fixed(staff.Salutations, map[string]string{"mr": "Mr", "ms": "Ms", "mx": "Mx", "none": "the name alone"})
}

func plans() source {
	return fixed(staff.Tariffs, map[string]string{string(staff.Standard): "without subaccounts", string(staff.Enterprise): "with subaccounts"})
}

func twoFactors() source {
	return fixed(staff.TwoFactors, map[string]string{string(staff.TwoFactorOff): "username and password", string(staff.TwoFactorSMS): "a mobile TAN too, for everybody"})
}

func statuses() source {
	return fixed(staff.Statuses, map[string]string{
		string(staff.Suspended): "cannot sign in until resumed", string(staff.Pending): "a subaccount that is not confirmed",
		string(staff.NoLogin): "without a password", string(staff.Pending2FA): "enrols a mobile number at the next sign-in", string(staff.Active): "can sign in",
	})
}

func inviteStatuses() source {
	return fixed(staff.InviteStatuses, map[string]string{
		string(staff.InvitePending): "the link is open", string(staff.InviteAccepted): "the person has joined",
		string(staff.InviteRevoked): "the link was taken back", string(staff.InviteExpired): "the link has ended by itself",
	})
}

func mailStates() source {
	return fixed(staff.MailStates, map[string]string{
		string(staff.MailQueued): "waits", string(staff.MailSent): "the mail server has it",
		string(staff.MailFailed): "refused for good", string(staff.MailDiscarded): "taken from the outbox",
	})
}

func sortKeys() source {
	return fixed(staff.SortKeys, map[string]string{
		string(staff.SortID): "as they were added", string(staff.SortName): "by last and first name", string(staff.SortEmail): "by e-mail",
		string(staff.SortUsername): "by username", string(staff.SortCreated): "the oldest first", string(staff.SortUpdated): "the last changed at the end",
		string(staff.SortGroup): "who can sign in first, then by name",
	})
}

func onConflicts() source {
	return fixed(staff.OnConflicts, map[string]string{
		string(staff.Fail): "end with an error", string(staff.Skip): "leave what is there", string(staff.Update): "set what is given",
	})
}

func formats(known []string) source {
	return fixed(known, map[string]string{
		string(output.Table): "for people", string(output.Wide): "a table with more columns", string(output.JSON): "an array or an object",
		string(output.JSONL): "an object a line", string(output.CSV): "for spreadsheets", string(output.YAML): "for people and programs", string(output.Name): "names or ids alone",
	})
}

func colorings() source {
	return fixed(colorModes(), map[string]string{"auto": "on terminals", "always": "everywhere", "never": "nowhere"})
}

func delimiters() source {
	return fixed([]string{"comma", "semicolon", "tab"}, map[string]string{"comma": ",", "semicolon": ";", "tab": "the tabulator"})
}

func shells() source {
	return fixed(shellNames(), map[string]string{"bash": "needs the package bash-completion", "zsh": "needs compinit", "fish": "3.0 or newer", "powershell": "5.0 or newer"})
}

// phoneLabels are what a phone begins with.
func phoneLabels(*line) []choice {
	var found []choice
	for _, label := range staff.PhoneLabels {
		found = append(found, choice{word: label + "=", about: "a number behind it, such as +41 44 555 12 34"})
	}
	return found
}

// importFields are what a column of a file can hold, once it is named.
func importFields(l *line) []choice {
	column, _, isNamed := strings.Cut(l.typed, "=")
	if !isNamed {
		return nil
	}
	found := []choice{{word: column + "=-", about: "leaves the column out"}}
	for _, field := range bulk.Fields() {
		found = append(found, choice{word: column + "=" + field, about: strings.ReplaceAll(field, "_", " ")})
	}
	return found
}

// auditActions are those that the audit has, and their nouns.
func auditActions(*line) []choice {
	var found []choice
	nouns := map[string]bool{}
	for _, action := range slices.Sorted(maps.Keys(verbs)) {
		found = append(found, choice{word: action, about: verbs[action][1]})
		noun, _, _ := strings.Cut(action, ".")
		nouns[noun] = true
	}
	for _, noun := range slices.Sorted(maps.Keys(nouns)) {
		found = append(found, choice{word: noun, about: "all of " + noun})
	}
	return found
}

// storePlace is a file, or a cluster where so much of its scheme is typed that it is none.
func storePlace(l *line) ([]cobra.Completion, cobra.ShellCompDirective) {
	switch {
	case strings.Contains(l.typed, "://"):
		return nil, cobra.ShellCompDirectiveNoFileComp
	case strings.HasPrefix(l.typed, "rq"):
		return beginningWith(fixed([]string{"rqlite://", "rqlites://"}, map[string]string{"rqlite://": "a cluster", "rqlites://": "a cluster, with TLS"}))(l)
	default:
		return fileOf()(l)
	}
}

func schemaTypes(*line) []choice {
	var found []choice
	for _, s := range shapes() {
		found = append(found, choice{word: s.name, about: s.about})
	}
	return found
}
