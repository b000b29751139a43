package staff

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestRule16MailPreferences: the set of categories that the portal mails to a
// member, with or without access.
func TestRule16MailPreferences(t *testing.T) {
	t.Parallel()
	change := func(c MailChange, keys ...string) []Action { return do(ChangeMail{by("anna@example.ch"), c, keys}) }
	with := func(keys ...string) *Facts { return team(of(anna(gets(keys...)))) }
	mail := func(c MailChange, before, after string) []string {
		return []string{"mail-prefs." + string(c) + " anna@example.ch", "  mail: " + before + " -> " + after}
	}
	unchanged := func(c MailChange) []string {
		return []string{"mail-prefs." + string(c) + " anna@example.ch unchanged"}
	}
	every := `["invoices","reminders","orders","domains","maintenance","security","support","news"]`
	runPlans(t, []planCase{
		{name: "set in the catalog's order", facts: with(), actions: change(MailSet, "news", "invoices", "news"), want: mail(MailSet, "null", `["invoices","news"]`)},
		{name: "set replaces", facts: with("news"), actions: change(MailSet, "orders"), want: mail(MailSet, `["news"]`, `["orders"]`)},
		{name: "set the same", facts: with("invoices", "news"), actions: change(MailSet, "news", "invoices"), want: unchanged(MailSet)},
		{name: "set all", facts: with("news"), actions: change(MailSet, "all"), want: mail(MailSet, `["news"]`, every)},
		{name: "set none", facts: with("news"), actions: change(MailSet, "none"), want: mail(MailSet, `["news"]`, "[]")},
		{name: "add", facts: with("news"), actions: change(MailAdd, "invoices"), want: mail(MailAdd, `["news"]`, `["invoices","news"]`)},
		{name: "add what is there", facts: with("invoices", "news"), actions: change(MailAdd, "news"), want: unchanged(MailAdd)},
		{name: "add all", facts: with("news"), actions: change(MailAdd, "all"), want: mail(MailAdd, `["news"]`, every)},
		{name: "add none", facts: with("news"), actions: change(MailAdd, "none"), want: unchanged(MailAdd)},
		{name: "remove", facts: with("invoices", "news"), actions: change(MailRemove, "invoices", "orders"), want: mail(MailRemove, `["invoices","news"]`, `["news"]`)},
		{name: "remove what is not there", facts: with("news"), actions: change(MailRemove, "orders"), want: unchanged(MailRemove)},
		{name: "remove all", facts: with("invoices", "news"), actions: change(MailRemove, "all"), want: mail(MailRemove, `["invoices","news"]`, "[]")},
		{name: "suspended", facts: team(of(anna(suspended))), actions: change(MailSet, "news"), want: mail(MailSet, "null", `["news"]`)},
		{name: "unknown", facts: with("news"), actions: change(MailAdd, "invoices", "reminder"), err: refused(CodeInvalid, "mail", `no mail category "reminder"`, "did you mean reminders?")},
		{name: "unlike any", facts: with("news"), actions: change(MailRemove, "rechnungen"), err: refused(CodeInvalid, "mail", `"rechnungen"`, "known are invoices, reminders")},
		{name: "all and more", facts: with("news"), actions: change(MailSet, "all", "news"), err: refused(CodeInvalid, "mail", `"all"`)},
		{name: "nobody", facts: team(nil), actions: change(MailSet, "news"), err: refused(CodeNotFound, "member", "anna@example.ch")},
	})
}

// TestRule17NobodyReceives: the check names the categories that nobody receives.
func TestRule17NobodyReceives(t *testing.T) {
	t.Parallel()
	s := newStaff(storeOf(team(of(anna(gets("invoices", "news")), bert(signsIn, gets("news")), cleo(suspended, gets("security"))))))
	r, err := s.Roster(t.Context(), "acme")
	if err != nil {
		t.Fatal(err)
	}
	readers, err := r.MailReaders(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]int{}
	for i, c := range readers {
		got[c.Category] = c.Count
		if e := r.Catalog.MailCategories[i]; c.Category != e.Key || c.Label != e.Label {
			t.Errorf("category %d is %s %v, want %s %v", i, c.Category, c.Label, e.Key, e.Label)
		}
	}
	want := map[string]int{"invoices": 1, "reminders": 0, "orders": 0, "domains": 0, "maintenance": 0, "security": 1, "support": 0, "news": 2}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("readers (-want +got):\n%s", d)
	}
}
