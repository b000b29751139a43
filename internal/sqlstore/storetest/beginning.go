package storetest

import (
	"fmt"

	"github.com/staffctl/staffctl/internal/staff"
)

// beginning are the e-mails of the members whom the store finds by how a name begins.
func (w *world) beginning(id staff.ID, b staff.Beginning) []string {
	w.Helper()
	var emails []string
	for m, err := range w.store.Members(w.Context(), staff.MemberQuery{Account: id, Sort: staff.SortEmail, Beginning: &b}) {
		if err != nil {
			w.Fatal(err)
		}
		emails = append(emails, m.Email)
	}
	return emails
}

func listBeginning(w *world) {
	id := people(w)
	for prefix, want := range map[string][]string{
		"":             {"a@zürich.ch", "B@example.ch", "c@example.ch", "d@example.ch"},
		"b":            {"B@example.ch", "c@example.ch"}, // c by a username that is proposed
		"b@example.":   {"B@example.ch", "c@example.ch"},
		"b@example.c":  {"B@example.ch", "c@example.ch"},
		"b@example.co": {"c@example.ch"},
		"z":            {"a@zürich.ch"}, // by the username of a login
		"a":            {"a@zürich.ch", "B@example.ch"},
		"x":            nil, // of another account
		"%":            nil,
	} {
		w.same("beginning with "+prefix, want, w.beginning(id, staff.Beginning{Prefix: prefix, Some: 10}))
	}
}

// The last is among them, so that what all have in common is what these have.
func listBeginningOfMany(w *world) {
	id := crowd(w, crowded)
	w.same("some", []string{"person00100@example.ch", "person00101@example.ch", "person00199@example.ch"},
		w.beginning(id, staff.Beginning{Prefix: "person001", Some: 2}))
}

func listBeginningOfSubaccounts(w *world) {
	w.start()
	w.in("", Enterprise("big"))
	for _, name := range []string{"news", "new-york", "shop"} {
		w.in("big", staff.CreateSubaccount{Name: name, Email: fmt.Sprintf("%s@example.ch", name), Role: "copywriter"})
	}
	w.in("big", Add("new@example.ch"))
	w.same("subaccounts", []string{"new-york@example.ch", "news@example.ch"},
		w.beginning(w.account("big").ID, staff.Beginning{Prefix: "new", Some: 10, Subaccounts: true}))
}
