package cmd

import (
	"strings"

	"github.com/staffctl/staffctl/internal/config"
	"github.com/staffctl/staffctl/internal/output"
	"github.com/staffctl/staffctl/internal/staff"
)

// columns are those that the command can print: most print what they have written.
func columns(l *line) []choice {
	path := strings.TrimPrefix(l.cmd.CommandPath(), l.cmd.Root().Name()+" ")
	found := inline(path)
	if view := views()[path]; view != nil {
		found = append(view(), found...)
	}
	if found == nil {
		return columnsOf(writtenView())
	}
	return found
}

// views are the columns of the commands that show something.
func views() map[string]func() []choice {
	account := func() []choice { return columnsOf(accountView()) }
	members := func() []choice { return columnsOf(memberView(&staff.Account{}, &staff.Catalog{})) }
	invites := func() []choice { return columnsOf(inviteView(&staff.InviteList{}, 0)) }
	readers := func() []choice { return columnsOf(readersView()) }
	mails := func() []choice { return columnsOf(outboxView()) }
	return map[string]func() []choice{
		"account list":     account,
		"account show":     account,
		"member list":      members,
		"subaccount list":  members,
		"member show":      func() []choice { return columnsOf(historyView(nobody(), 0)) },
		"subaccount show":  func() []choice { return columnsOf(personView(nobody())) },
		"member explain":   func() []choice { return columnsOf(reasonView()) },
		"invite list":      invites,
		"invite show":      invites,
		"mail-prefs list":  readers,
		"mail-prefs check": readers,
		"mail-prefs show":  func() []choice { return columnsOf(subscriptionView(&staff.Member{})) },
		"catalog show":     func() []choice { return columnsOf(catalogView()) },
		"export":           func() []choice { return columnsOf(exportView(true)) },
		"import":           func() []choice { return columnsOf(importedView()) },
		"outbox list":      mails,
		"outbox show":      mails,
		"outbox send":      func() []choice { return columnsOf(sendView()) },
		"audit list":       func() []choice { return columnsOf(auditView()) },
		"context list":     func() []choice { return columnsOf(contextView(&config.Config{})) },
		"store info":       func() []choice { return columnsOf(infoView()) },
		"store check":      func() []choice { return columnsOf(findingView()) },
		"store backup":     func() []choice { return columnsOf(backupView()) },
	}
}

// inline are the columns of answers, or those of them, that have no view of their own.
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
