package cmd

import (
	"maps"

	"github.com/staffctl/staffctl/internal/bulk"
	"github.com/staffctl/staffctl/internal/output"
	"github.com/staffctl/staffctl/internal/staff"
)

// meanings says what each argument and each flag is, by its name alone or behind that
// of a command. nil is for what nobody can know: names to be given, texts and numbers.
func meanings() map[string]meaning {
	all := map[string]meaning{}
	for _, some := range []map[string]meaning{argumentMeanings(), flagMeanings(), globalMeanings(), free()} {
		maps.Copy(all, some)
	}
	return all
}

func argumentMeanings() map[string]meaning {
	grants, categories := ofCatalog(grants), ofCatalog(categories)
	return map[string]meaning{
		"MEMBER":                        oneOf(fromStore(findMembers)),
		"account NAME":                  oneOf(fromStore(findAccounts)),
		"subaccount NAME":               oneOf(fromStore(findSubaccounts)),
		"context NAME":                  oneOf(contexts),
		"ROLE":                          oneOf(ofCatalog(roles)),
		"GRANT":                         someArguments(with(grants, allGrants())),
		"member set-access GRANT":       someArguments(with(grants, allGrants(), noGrants())),
		"member revoke GRANT":           someArguments(fromStore(heldGrants)),
		"PERMISSION":                    oneOf(grants),
		"CATEGORY":                      someArguments(categories),
		"mail-prefs set CATEGORY":       someArguments(with(categories, allMails(), noMails())),
		"mail-prefs add CATEGORY":       someArguments(fromStore(categoriesOf(false))),
		"mail-prefs remove CATEGORY":    someArguments(fromStore(categoriesOf(true))),
		"invite show ID":                oneOf(fromStore(invites(staff.InvitePending, staff.InviteAccepted, staff.InviteRevoked, staff.InviteExpired))),
		"invite resend ID":              oneOf(fromStore(invites(staff.InvitePending, staff.InviteExpired))),
		"invite revoke ID":              oneOf(fromStore(invites(staff.InvitePending, staff.InviteExpired))),
		"outbox show ID":                oneOf(fromStore(mails(""))),
		"outbox discard ID":             oneOf(fromStore(mails(staff.MailQueued))),
		"account sender remove ADDRESS": oneOf(fromStore(findSenders)),
		"SHELL":                         oneOf(shells()),
		"TYPE":                          oneOf(schemaTypes),
		"import FILE":                   fileOf("csv", "tsv", "txt", "json", "jsonl", "ndjson"),
		"FILE":                          fileOf(),
	}
}

func flagMeanings() map[string]meaning {
	grants, categories := ofCatalog(grants), ofCatalog(categories)
	return map[string]meaning{
		"--access":             someOf(with(grants, allGrants(), noGrants())),
		"invite send --access": someOf(with(grants, allGrants())),
		"--default-access":     someOf(with(grants, allGrants(), noGrants())),
		"--area":               oneOf(ofCatalog(areas)),
		"--role":               oneOf(ofCatalog(roles)),
		"member add --mail":    someOf(with(categories, allMails(), noMails())),
		"member list --mail":   oneOf(categories),
		"--member":             oneOf(fromStore(findMembers)),
		"--action":             oneOf(auditActions),
		"--phone":              beginningWith(phoneLabels),
		"--remove-phone":       someOf(fromStore(findPhones)),
		"--salutation":         oneOf(salutations()),
		"--language":           oneOf(languages()),
		"--plan":               oneOf(plans()),
		"apply --plan":         fileOf(),
		"--two-factor":         oneOf(twoFactors()),
		"member list --status": oneOf(statuses()),
		"invite list --status": oneOf(inviteStatuses()),
		"--state":              oneOf(mailStates()),
		"--sort":               oneOf(sortKeys()),
		"--on-conflict":        oneOf(onConflicts()),
		"import --format":      oneOf(formats(bulk.Formats)),
		"export --format":      oneOf(formats(exportFormats)),
		"--delimiter":          oneOf(delimiters()),
		"--map":                beginningWith(importFields),
		"--file":               fileOf("yaml", "yml"),
		"catalog apply --file": fileOf("yaml", "yml", "json"),
		"--save":               fileOf(),
		"--errors":             fileOf(),
		"--password-file":      fileOf(),
		"--to":                 storePlace,
	}
}

func globalMeanings() map[string]meaning {
	return map[string]meaning{
		"--store":               storePlace,
		"--store-password-file": fileOf(),
		"--store-ca":            fileOf("pem", "crt", "cer"),
		"--store-cert":          fileOf("pem", "crt", "cer"),
		"--store-key":           fileOf("pem", "key"),
		"--account":             oneOf(fromStore(findAccounts)),
		"--context":             oneOf(contexts),
		"--config":              fileOf("yaml", "yml"),
		"--output":              oneOf(formats(output.Formats())),
		"--columns":             someOf(columns),
		"--color":               oneOf(colorings()),
	}
}

// free are those that nobody can know.
func free() map[string]meaning {
	return map[string]meaning{
		"EMAIL": nil, "--email": nil, "ADDRESS": nil, "USERNAME": nil, "--username": nil, "--first-name": nil, "--last-name": nil, "--display-name": nil,
		"init ACCOUNT": nil, "account create NAME": nil, "subaccount create NAME": nil,
		"--search": nil, "--actor": nil, "--limit": nil, "--max-removals": nil, "--expires": nil, "--since": nil, "--before": nil,
	}
}
