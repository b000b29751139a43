package cmd

import (
	"strings"

	"github.com/staffctl/staffctl/internal/config"
	"github.com/staffctl/staffctl/internal/output"
	"github.com/staffctl/staffctl/internal/staff"
)

// columns are those that the command can print.
func columns(l *line) []choice {
	path := strings.TrimPrefix(l.cmd.CommandPath(), l.cmd.Root().Name()+" ")
	if view := listed(path); view != nil {
		return view
	}
	return columnsOf(writtenView())
}

// listed are the columns of a command that does not change people, or nil.
func listed(path string) []choice {
	switch path {
	case "account list":
		return columnsOf(accountView())
	case "account show":
		return append(columnsOf(accountView()), inline(path)...)
	case "member list", "subaccount list":
		return columnsOf(memberView(&staff.Account{}, &staff.Catalog{}))
	case "member show":
		return columnsOf(historyView(nobody(), 0))
	case "subaccount show":
		return columnsOf(personView(nobody()))
	case "member explain":
		return columnsOf(reasonView())
	case "invite list", "invite show":
		return columnsOf(inviteView(&staff.InviteList{}, 0))
	case "mail-prefs list", "mail-prefs check":
		return columnsOf(readersView())
	case "mail-prefs show":
		return columnsOf(subscriptionView(&staff.Member{}))
	case "catalog show":
		return columnsOf(catalogView())
	case "export":
		return columnsOf(exportView(true))
	case "import":
		return columnsOf(importedView())
	case "outbox list", "outbox show":
		return columnsOf(outboxView())
	case "outbox send":
		return columnsOf(sendView())
	case "audit list":
		return columnsOf(auditView())
	case "context list":
		return columnsOf(contextView(&config.Config{}))
	case "store info":
		return columnsOf(infoView())
	case "store check":
		return columnsOf(findingView())
	case "store backup":
		return columnsOf(backupView())
	default:
		return inline(path)
	}
}

// inline are the columns of commands whose answer has no view of its own, or nil.
func inline(path string) []choice {
	keys := map[string]string{
		"access check":        "allowed member permission reason",
		"account show":        "members subaccounts administrators",
		"account sender list": "address",
		"context use":         "changed context file",
		"context set":         "changed context file",
		"context remove":      "changed context file",
		"init":                "store key_file changed dry_run",
		"store migrate":       "changed dry_run from to",
		"store copy":          "changed dry_run from to rows digest links_left mails_queued",
		"version":             "version commit go schema",
	}
	var found []choice
	for key := range strings.FieldsSeq(keys[path]) {
		found = append(found, choice{word: key, about: heading(key)})
	}
	return found
}

func nobody() *staff.Person {
	return &staff.Person{Member: &staff.Member{}, Account: &staff.Account{}, Catalog: &staff.Catalog{}, History: &staff.History{}}
}

func columnsOf[T any](v output.View[T]) []choice {
	var found []choice
	for _, c := range v.Columns {
		about := c.Heading
		switch {
		case c.Table:
			about += ", in tables"
		case c.Wide:
			about += ", in wide tables"
		}
		found = append(found, choice{word: c.Key, about: about})
	}
	return found
}
