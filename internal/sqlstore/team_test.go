package sqlstore_test

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/staffctl/staffctl/internal/sqlstore/storetest"
	"github.com/staffctl/staffctl/internal/staff"
	"github.com/staffctl/staffctl/internal/teamfile"
)

// pruned is applying a team as if it were all there is.
func pruned() staff.TeamOptions {
	return staff.TeamOptions{Prune: true, MaxRemovals: staff.MaxRemovals{N: 100, Percent: true}}
}

type fataler interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
	Context() context.Context
}

func export(t fataler, s *staff.Staff) string {
	t.Helper()
	team, err := s.ExportTeam(t.Context(), "acme")
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := teamfile.Encode(&b, team); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func parsed(t fataler, file string) *staff.Team {
	t.Helper()
	team, err := teamfile.Parse("team.yaml", strings.NewReader(file))
	if err != nil {
		t.Fatalf("%v\n%s", err, file)
	}
	return team
}

// oddly are names that YAML, CSV or a careless program would misread.
var oddly = []string{"No", "1e3", "~", "null", "0x10", "12:30:45", "- a", "a: b", "a #b", "'", `"`, `\`, "Änne", "👩‍👩‍👧 Müller", "=1+1", "true", "@a", "*a", "&a", "!a", "%", "{}", "[x]", " y ", "\u200dz", "\uFFFE"}

// anything is an action of any kind on one of a few people.
func anything(t *rapid.T) staff.Action {
	who := rapid.SampledFrom([]string{"anna", "bert", "änne", "carl.o'brien+x"}).Draw(t, "who") + "@" + rapid.SampledFrom([]string{"example.ch", "zürich.example.de"}).Draw(t, "where")
	name := func() *string { return new(rapid.SampledFrom(oddly).Draw(t, "name")) }
	access := rapid.SampledFrom([][]string{{"all"}, {"all"}, {"none"}, {"invoices"}, {"orders.view", "support"}}).Draw(t, "access")
	mail := rapid.SampledFrom([][]string{{"none"}, {"all"}, {"news", "invoices"}}).Draw(t, "mail")
	language := new(rapid.SampledFrom(staff.Languages).Draw(t, "language"))
	details := staff.Details{Salutation: new(rapid.SampledFrom(staff.Salutations).Draw(t, "salutation")), LastName: name(), Language: language,
		Phones: rapid.SampledFrom([]*[]string{nil, {"work=+41 44 555 12 34", "other=+1 212 555 0100"}}).Draw(t, "phones")}
	if rapid.Bool().Draw(t, "both names") {
		details.FirstName = name()
	}
	subaccount := rapid.SampledFrom([]string{"7", "texter", "no", "0x1"}).Draw(t, "subaccount")
	switch rapid.IntRange(0, 15).Draw(t, "kind") {
	case 0, 1, 2:
		return staff.AddMember{Email: who, Details: details, Access: &access, Mail: &mail, OnConflict: staff.Update,
			Username: rapid.SampledFrom([]*string{nil, new("boss"), new("1e3"), new("no")}).Draw(t, "username")}
	case 3:
		return storetest.Password(who)
	case 4, 5:
		return staff.CreateSubaccount{Name: subaccount, Email: who, Role: rapid.SampledFrom(staff.DefaultCatalog().RoleKeys()).Draw(t, "role"), Details: details,
			Mail: &mail, OnConflict: staff.Update}
	case 6, 7:
		return staff.SendInvite{Email: who, Access: access, Language: language, OnConflict: staff.Update}
	case 8:
		return staff.Suspend{Member: storetest.By(who)}
	case 9:
		return staff.SetOwner{Member: storetest.By(who)}
	case 10:
		return staff.AddSender{Address: who}
	case 11:
		return staff.SetAccount{Settings: staff.Settings{DisplayName: name(), TwoFactor: new(rapid.SampledFrom(staff.TwoFactors).Draw(t, "policy")),
			Language: language, DefaultAccess: &access, InviteOtherAddress: new(rapid.Bool().Draw(t, "other"))}}
	case 12:
		return staff.SetUsername{Member: storetest.By(who), Username: rapid.SampledFrom([]string{"boss", "null", "Änni"}).Draw(t, "new username")}
	case 13:
		return staff.RemoveMember{Member: storetest.By(who)}
	case 14:
		return staff.EditMember{Member: storetest.By(who), Email: new("new." + who)}
	default:
		return staff.SetAccount{Settings: staff.Settings{Tariff: new(rapid.SampledFrom(staff.Tariffs).Draw(t, "plan"))}}
	}
}

// TestTeamRoundTrip: what an account exports, applied to an empty one of the same
// name, exports the same; and changes nothing in the account itself.
func TestTeamRoundTrip(t *testing.T) {
	first, _ := fresh(t)
	second, _ := fresh(t)
	sequences(t, "60")
	s, other := storetest.NewStaff(first), storetest.NewStaff(second)
	rapid.Check(t, func(t *rapid.T) {
		for _, empty := range []*staff.Staff{s, other} {
			if _, err := empty.Do(t.Context(), "acme", staff.DeleteAccount{}); err != nil {
				t.Fatal(err)
			}
			if _, err := empty.Do(t.Context(), "", storetest.Enterprise("acme")); err != nil {
				t.Fatal(err)
			}
		}
		for range rapid.IntRange(0, 30).Draw(t, "actions") {
			_, err := s.Do(t.Context(), "acme", anything(t))
			if c := codeOf(err); c == staff.CodeDamaged || c == staff.CodeInternal {
				t.Fatal(err)
			}
		}
		file := export(t, s)
		again, err := s.PlanTeam(t.Context(), parsed(t, file), pruned())
		if err != nil || again.Changed() {
			t.Fatalf("its own export: %v, %+v\n%s", err, again, file)
		}
		if _, err := other.ApplyTeam(t.Context(), parsed(t, file), pruned()); err != nil {
			t.Fatalf("%v\n%s", err, file)
		}
		if diff := cmp.Diff(file, export(t, other)); diff != "" {
			t.Fatalf("exported again (-first +second):\n%s", diff)
		}
	})
	storetest.AssertClean(t, first)
	storetest.AssertClean(t, second)
}

// TestTeamBetween: any account becomes any other by applying its file.
func TestTeamBetween(t *testing.T) {
	store, _ := fresh(t)
	sequences(t, "40")
	s := storetest.NewStaff(store)
	rapid.Check(t, func(t *rapid.T) {
		var files []string
		for range 2 {
			if _, err := s.Do(t.Context(), "acme", staff.DeleteAccount{}); err != nil {
				t.Fatal(err)
			}
			if _, err := s.Do(t.Context(), "", storetest.Enterprise("acme")); err != nil {
				t.Fatal(err)
			}
			for range rapid.IntRange(0, 20).Draw(t, "actions") {
				if _, err := s.Do(t.Context(), "acme", anything(t)); codeOf(err) == staff.CodeDamaged {
					t.Fatal(err)
				}
			}
			files = append(files, export(t, s))
		}
		// Rules may forbid it, but the store never refuses what they allow.
		_, err := s.ApplyTeam(t.Context(), parsed(t, files[0]), pruned())
		if c := codeOf(err); !slices.Contains([]staff.Code{"", staff.CodeForbidden, staff.CodeConflict}, c) {
			t.Fatalf("%v\nfrom\n%s\nto\n%s", err, files[1], files[0])
		}
		if err != nil {
			return
		}
		if again, err := s.PlanTeam(t.Context(), parsed(t, files[0]), pruned()); err != nil || again.Changed() {
			t.Fatalf("applied twice: %v, %+v", err, again)
		}
	})
	storetest.AssertClean(t, store)
}
