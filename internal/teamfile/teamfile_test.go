package teamfile_test

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/staffctl/staffctl/internal/staff"
	"github.com/staffctl/staffctl/internal/teamfile"
)

// whole is a file with every key, as Encode writes it.
const whole = `# yaml-language-server: $schema=` + teamfile.SchemaURL + `
account: acme
display_name: "ACME \"AG\" & Söhne"
plan: enterprise
two_factor: off
language: de
default_access: none
invite_other_address: false
owner: anna.muster@example.ch
senders: [news@example.ch, info@example.ch]
members:
  - email: anna.muster@example.ch
    salutation: ms
    first_name: "No"
    last_name: "1e3"
    username: "~"
    language: en
    phones: ["work=+41445551234", "mobile=+41791234567"]
    access: all
    mail: [invoices, security]
    suspended: true
  - email: max@example.ch
    last_name: "👩‍🚀"
    access: [invoices, orders.view]
subaccounts:
  - name: "7"
    email: texter@example.ch
    role: copywriter
    mail: all
invites:
  - email: erika@example.de
    access: [support]
    language: en
`

var ignored = cmp.Options{cmpopts.IgnoreFields(staff.Team{}, "File", "Lines"), cmpopts.IgnoreFields(staff.TeamPerson{}, "Line"),
	cmpopts.IgnoreFields(staff.TeamInvite{}, "Line")}

func TestReadsWhatItWrites(t *testing.T) {
	team, err := teamfile.Parse("team.yaml", strings.NewReader(whole))
	if err != nil {
		t.Fatal(err)
	}
	want := &staff.Team{File: "team.yaml", Account: "acme",
		Settings: staff.Settings{DisplayName: new(`ACME "AG" & Söhne`), Tariff: new("enterprise"), TwoFactor: new("off"), Language: new("de"),
			DefaultAccess: &[]string{"none"}, InviteOtherAddress: new(false)},
		Owner: new("anna.muster@example.ch"), Senders: &[]string{"news@example.ch", "info@example.ch"},
		Members: &[]staff.TeamMember{
			{TeamPerson: staff.TeamPerson{Line: 12, Email: "anna.muster@example.ch", Salutation: "ms", FirstName: "No", LastName: "1e3", Language: "en",
				Phones: []string{"work=+41445551234", "mobile=+41791234567"}, Mail: []string{"invoices", "security"}, Suspended: true},
				Username: new("~"), Access: []string{"all"}},
			{TeamPerson: staff.TeamPerson{Line: 22, Email: "max@example.ch", LastName: "👩‍🚀"}, Access: []string{"invoices", "orders.view"}},
		},
		Subaccounts: &[]staff.TeamSubaccount{{Name: "7", Role: "copywriter", TeamPerson: staff.TeamPerson{Line: 26, Email: "texter@example.ch", Mail: []string{"all"}}}},
		Invites:     &[]staff.TeamInvite{{Line: 31, Email: "erika@example.de", Access: []string{"support"}, Language: "en"}},
	}
	if diff := cmp.Diff(want, team, cmpopts.IgnoreFields(staff.Team{}, "Lines")); diff != "" {
		t.Errorf("read (-want +got):\n%s", diff)
	}
	if team.Lines["owner"] != 9 || team.Lines["members"] != 11 {
		t.Errorf("lines %v", team.Lines)
	}
	if got := encoded(t, team); got != whole {
		t.Errorf("written (-want +got):\n%s", cmp.Diff(whole, got))
	}
}

func encoded(t testing.TB, team *staff.Team) string {
	t.Helper()
	var b bytes.Buffer
	if err := teamfile.Encode(&b, team); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// A section that is absent is not managed; an empty one is none.
func TestAbsentIsNotEmpty(t *testing.T) {
	team, err := teamfile.Parse("f", strings.NewReader("account: acme\nmembers: []\ntwo_factor: false\ndefault_access: [none]\n"))
	if err != nil {
		t.Fatal(err)
	}
	if team.Members == nil || len(*team.Members) != 0 || team.Subaccounts != nil || team.Invites != nil || team.Senders != nil || team.Owner != nil ||
		team.DisplayName != nil || *team.TwoFactor != "off" || (*team.DefaultAccess)[0] != "none" {
		t.Errorf("read %+v", team)
	}
}

func TestRefuses(t *testing.T) {
	for name, c := range map[string]struct{ file, want string }{
		"empty":           {"", "f: is empty"},
		"a list":          {"- a\n", "f: line 1: the file is a mapping of keys to values, not a list"},
		"a typo":          {"acount: acme\n", "f: line 1: unknown key acount; did you mean account?"},
		"a password":      {"members:\n  - email: a@example.ch\n    password: geheim\n", "f: line 3: unknown key password"},
		"a key twice":     {"account: a\naccount: b\n", "f: line 2: account stands twice in the file"},
		"no value":        {"account: acme\nmembers:\n", "f: line 2: members has no value; leave it out, or give one"},
		"an entry":        {"members:\n  - anna@example.ch\n", `f: line 2: an entry is a mapping`},
		"no e-mail":       {"members:\n  - first_name: Anna\n", "f: line 2: email is missing"},
		"a section":       {"members: anna\n", `f: line 1: members is a list of entries, not "anna"`},
		"a text":          {"members:\n  - email: [a]\n", "f: line 2: email is a text, not a list"},
		"a flag":          {"invite_other_address: \"true\"\n", `f: line 1: invite_other_address is true or false, not "true"`},
		"a flag in words": {"members:\n  - {email: a@example.ch, suspended: never}\n", `suspended is true or false, not "never"`},
		"phones":          {"members:\n  - {email: a@example.ch, phones: work=+41}\n", `phones is a list, not "work=+41"`},
		"a list in it":    {"senders: [[a]]\n", "senders is a list of texts, and one of them is a list"},
		"nothing in it":   {"senders: [~]\n", "senders is a list of texts"},
		"many problems":   {strings.Repeat("- a\n", 0) + "members:\n" + strings.Repeat("  - {mail: [a]}\n", 30), "; and 20 more"},
		"an alias":        {"members: &a []\nsubaccounts: *a\n", "f: line 1: anchors and aliases are not allowed"},
		"two documents":   {"account: a\n---\naccount: b\n", "more than one document"},
	} {
		_, err := teamfile.Parse("f", strings.NewReader(c.file))
		if staff.CodeOf(err) != staff.CodeInvalid || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(whole)
	f.Add("{account: a, members: [{email: \"\\u0000\", mail: none}], default_access: []}")
	f.Add("two_factor: False\ninvites:\n- {email: a, access: [all]}\n")
	if example, err := os.ReadFile("../../testdata/team.yaml"); err == nil {
		f.Add(string(example))
	}
	f.Fuzz(func(t *testing.T, file string) {
		team, err := teamfile.Parse("f", strings.NewReader(file))
		if err != nil {
			return
		}
		written := encoded(t, team)
		again, err := teamfile.Parse("f", strings.NewReader(written))
		if err != nil {
			t.Fatalf("what was written is refused: %v\n%s", err, written)
		}
		if diff := cmp.Diff(team, again, ignored); diff != "" {
			t.Errorf("written and read again (-before +after):\n%s", diff)
		}
	})
}
