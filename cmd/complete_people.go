package cmd

import (
	"context"
	"slices"
	"strings"

	"github.com/staffctl/staffctl/internal/staff"
)

// findMembers are e-mails, and usernames where these begin with what is typed.
func findMembers(ctx context.Context, a *asked) ([]choice, error) {
	roster, err := a.store.Roster(ctx, a.account)
	if err != nil {
		return nil, err
	}
	var found []choice
	typed := staff.ParseSelector(a.typed)
	for m, err := range roster.Beginning(ctx, typed.Value, most, false) {
		if err != nil {
			return nil, err
		}
		if word := selectorOf(m, typed); word != "" {
			found = append(found, choice{word: word, about: m.FullName() + ", " + string(m.Status(roster.Account.TwoFactor))})
		}
	}
	return found, nil
}

// selectorOf is how the member can be named where so much of it is typed, or "".
func selectorOf(m *staff.Member, typed staff.Selector) string {
	for _, s := range []staff.Selector{{Kind: "email", Value: m.Email}, {Kind: "username", Value: m.Username()}} {
		if (typed.Kind == "" || typed.Kind == s.Kind) && strings.HasPrefix(s.Value, typed.Value) {
			return staff.Selector{Kind: typed.Kind, Value: s.Value}.String()
		}
	}
	return ""
}

func findSubaccounts(ctx context.Context, a *asked) ([]choice, error) {
	roster, err := a.store.Roster(ctx, a.account)
	if err != nil {
		return nil, err
	}
	var found []choice
	for m, err := range roster.Beginning(ctx, a.typed, most, true) {
		if err != nil {
			return nil, err
		}
		found = append(found, choice{word: m.Subaccount, about: m.Email + ", " + a.roleLabel(roster.Catalog, m.Access.Role)})
	}
	return found, nil
}

func findAccounts(ctx context.Context, a *asked) ([]choice, error) {
	accounts, err := a.store.Store.Accounts(ctx)
	if err != nil {
		return nil, err
	}
	var found []choice
	for _, account := range accounts {
		found = append(found, choice{word: account.Name, about: account.DisplayName})
	}
	return found, nil
}

func findSenders(ctx context.Context, a *asked) ([]choice, error) {
	facts, err := a.store.Account(ctx, a.account)
	if err != nil {
		return nil, err
	}
	var found []choice
	for _, address := range facts.Account.Senders {
		found = append(found, choice{word: address, about: facts.Account.DisplayName})
	}
	return found, nil
}

// findPhones are the labels of the phones that the member has.
func findPhones(ctx context.Context, a *asked) ([]choice, error) {
	person, err := a.person(ctx)
	if err != nil {
		return nil, err
	}
	var found []choice
	for _, p := range person.Phones {
		found = append(found, choice{word: p.Label, about: p.Number})
	}
	return found, nil
}

// invites finds those of which one of the statuses holds.
func invites(statuses ...staff.InviteStatus) finding {
	return func(ctx context.Context, a *asked) ([]choice, error) {
		list, err := a.store.Invites(ctx, a.account, staff.InviteFilter{})
		if err != nil {
			return nil, err
		}
		var found []choice
		for _, i := range list.Invites {
			status := i.Status(a.now().UnixMilli())
			if slices.Contains(statuses, status) {
				found = append(found, choice{word: i.ID.String(), about: i.Email + ", " + string(status)})
			}
		}
		return found, nil
	}
}

// mails finds the newest of the outbox in one state, or in any.
func mails(state staff.MailState) finding {
	return func(ctx context.Context, a *asked) ([]choice, error) {
		var found []choice
		for m, err := range a.store.Store.Mails(ctx, staff.OutboxQuery{Account: a.account, State: state, Newest: most, Beginning: a.typed}) {
			if err != nil {
				return nil, err
			}
			found = append(found, choice{word: m.ID.String(), about: string(m.Template) + " to " + m.To + ", " + string(m.State)})
		}
		return found, nil
	}
}

// contexts are those of the configuration, with what they choose.
func contexts(l *line) []choice {
	c, err := l.quietly().config()
	if err != nil {
		return nil
	}
	var found []choice
	for name, context := range c.Contexts {
		found = append(found, choice{word: name, about: strings.Join(words([]string{context.Store, context.Account}), ", ")})
	}
	return found
}
