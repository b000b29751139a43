//go:build unix

package cmd

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/charmap"

	"github.com/staffctl/staffctl/internal/rqlitetest"
)

const recipeDir = "../testdata/recipes"

// admin runs the recipes in a directory that has them, on a store with the team of
// testdata/team.yaml, in which Anna and Max can sign in, and Max is the only one who
// gets news; a mail server takes what is mailed.
type admin struct {
	t   *testing.T
	dir string
	env []string
}

// newAdmin makes the store, in a file unless it is named.
func newAdmin(t *testing.T, store string) *admin {
	t.Helper()
	lookUpProgram(t, "iconv", "libc-bin")
	a := &admin{t: t, dir: t.TempDir()}
	settings, end, err := startMailServer(a.dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := end(); err != nil {
			t.Errorf("mail server: %v", err)
		}
	})
	if store == "" {
		store = filepath.Join(a.dir, "store.db")
	}
	a.env = append(withoutSettings(os.Environ()), "HOME="+a.dir, "STAFFCTL_STORE="+store, "STAFFCTL_PUBLIC_URL=https://portal.example.ch",
		"GORACE=atexit_sleep_ms=0", "LC_ALL=C.UTF-8", "TZ=UTC", "PAGER=cat")
	for name, value := range settings {
		a.env = append(a.env, name+"="+value)
	}
	if err := os.CopyFS(a.dir, os.DirFS(recipeDir)); err != nil {
		t.Fatal(err)
	}
	a.write("team.yaml", readDoc(t, "../testdata/team.yaml"))
	a.write("hash.txt", foreignHash+"\n")
	a.run(0, "staffctl init -f team.yaml --actor anna")
	for _, who := range []string{"anna", "max.muster@example.ch"} {
		a.run(0, "staffctl member set-password "+who+" --hash-stdin --actor anna <hash.txt")
	}
	a.run(0, "staffctl mail-prefs set erika.beispiel@example.de invoices,reminders,orders,domains,maintenance,security,support")
	return a
}

func (a *admin) write(file, text string) {
	a.t.Helper()
	if err := os.WriteFile(filepath.Join(a.dir, file), []byte(text), 0o600); err != nil {
		a.t.Fatal(err)
	}
}

func (a *admin) read(file string) string {
	a.t.Helper()
	return readDoc(a.t, filepath.Join(a.dir, file))
}

// run has a shell run a line, expects an exit code, and returns what was printed.
func (a *admin) run(want int, line string) string {
	a.t.Helper()
	cmd := exec.CommandContext(a.t.Context(), "sh", "-c", line)
	cmd.Dir, cmd.Env = a.dir, a.env
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) || cmd.ProcessState.ExitCode() != want {
		a.t.Fatalf("%s: %v instead of %d\n%s", line, err, want, out)
	}
	return string(out)
}

// shows expects what a line prints.
func (a *admin) shows(line, want string) {
	a.t.Helper()
	if got := a.run(0, line); got != want {
		a.t.Errorf("%s shows %q instead of %q", line, got, want)
	}
}

// says expects an exit code of a line, and some words of what it prints.
func (a *admin) says(exit int, line string, words ...string) {
	a.t.Helper()
	out := a.run(exit, line)
	for _, w := range words {
		if !strings.Contains(out, w) {
			a.t.Errorf("%s does not say %q but\n%s", line, w, out)
		}
	}
}

// changes says whether the line changes the store or mails somebody; all that does
// is in the audit or the outbox.
func (a *admin) changes(want bool, exit int, line string) {
	a.t.Helper()
	look := func() string {
		return a.run(0, "staffctl audit list -o jsonl && staffctl outbox list -o csv --columns id,state")
	}
	before := look()
	out := a.run(exit, line)
	if after := look(); (before != after) != want {
		a.t.Errorf("that %s changes something should be %v:\n%s\nbefore:\n%s\nafter:\n%s", line, want, out, before, after)
	}
}

// mails lists who got the mails so far.
func (a *admin) mails() (to []string) {
	for n := 1; ; n++ {
		text, err := os.ReadFile(filepath.Join(a.dir, fmt.Sprintf("mail%d.txt", n)))
		if err != nil {
			return to
		}
		line, _, _ := bytes.Cut(text, []byte("\n"))
		to = append(to, strings.TrimPrefix(string(line), "To: "))
	}
}

// onEachStore runs a test on a file and on a cluster.
func onEachStore(t *testing.T, test func(*testing.T, *admin)) {
	t.Parallel()
	t.Run("file", func(t *testing.T) { test(t, newAdmin(t, "")) })
	t.Run("cluster", func(t *testing.T) {
		test(t, newAdmin(t, "rqlite://"+rqlitetest.ForTest(t, rqlitetest.Options{}).Nodes[0].Addr))
	})
}

func TestRecipeOnboard(t *testing.T) {
	t.Parallel()
	a := newAdmin(t, "")
	a.says(2, "sh onboard.sh hr.csv", "usage: ")
	a.changes(false, 0, "sh onboard.sh hr.csv departments.csv")
	a.says(0, "sh onboard.sh hr.csv departments.csv --yes", "line 5: bjoern.muster@example.ch has left", "line 7: juergen.beispiel@example.ch stands in line 3 too", "sent 3 mails")
	a.changes(false, 0, "sh onboard.sh hr.csv departments.csv --yes")

	people := "Jürgen Beispiel,orders\nZoë Beispiel,maintenance\nAnna Groß,\"invoices, security\"\nKäthe Müller-Muster,\"invoices, reminders\"\n"
	a.shows("staffctl member list --search jürgen -o csv --no-headers --columns salutation,phones,access", "mr,\"work=+41445551241, mobile=+41795551241\",none\n")
	a.shows("for name in Jürgen Zoë Groß Käthe; do staffctl member list --search $name -o csv --no-headers --columns name,mail; done", people)
	a.run(4, "staffctl member exists bjoern.muster@example.ch")
	a.shows("staffctl invite list -o csv --no-headers --columns email,access,grants,sender --status pending", "max.beispiel@example.com,grants,support,anna\nkaethe.muster@example.ch,grants,invoices,onboard.sh\njuergen.beispiel@example.ch,grants,\"orders, products\",onboard.sh\nanna.gross@example.ch,all,,onboard.sh\n")
	if got := strings.Join(a.mails(), " "); got != "kaethe.muster@example.ch juergen.beispiel@example.ch anna.gross@example.ch" {
		t.Errorf("mailed %s", got)
	}

	// Who has accepted stays as they are, also where the invite is long gone.
	a.run(0, "staffctl member set-password kaethe.muster@example.ch --hash-stdin <hash.txt")
	a.changes(false, 0, "sh onboard.sh hr.csv departments.csv --yes")
}

// The same export in UTF-8, with and without its mark, in quotes, and with a slip.
func TestRecipeOnboardReads(t *testing.T) {
	t.Parallel()
	latin, err := os.ReadFile(filepath.Join(recipeDir, "hr.csv"))
	if err != nil {
		t.Fatal(err)
	}
	utf8, err := charmap.Windows1252.NewDecoder().String(string(latin))
	if err != nil || !strings.Contains(utf8, "Käthe") || !strings.Contains(utf8, "\r\n") || bytes.Equal(latin, []byte(utf8)) {
		t.Fatalf("hr.csv is not in Windows-1252: %q, %v", latin, err)
	}
	quoted := strings.ReplaceAll(`"`+strings.TrimSuffix(strings.ReplaceAll(strings.ReplaceAll(utf8, ";", `";"`), "\r\n", "\"\r\n\""), `"`), "\n\"\r", "\n\r")
	a := newAdmin(t, "")
	want := a.run(0, "sh onboard.sh hr.csv departments.csv")
	for name, text := range map[string]string{"utf8.csv": utf8, "bom.csv": "\ufeff" + utf8, "lf.csv": strings.ReplaceAll(utf8, "\r", ""), "quoted.csv": quoted} {
		a.write(name, text)
		a.shows("sh onboard.sh "+name+" departments.csv", want)
	}
	for slip, c := range map[string]struct {
		old, new, says string
		exit           int
	}{
		"a department that is not known": {"Lager", "Labor", `line 4: departments.csv has no department "Labor"`, 3},
		"a column that is missing":       {"Austritt", "Ende", "line 1: there is no column Austritt", 3},
		"a semicolon in a cell":          {"Frau;Groß", "Frau;\"Groß; Dr.\"", "line 6: a cell with a semicolon", 3},
		"no e-mail":                      {"zoe.beispiel@example.ch", "", "line 4: E-Mail: ", 3},
		"a phone that is none":           {"+41 44 555 12 40", "intern 40", "line 2: Telefon: ", 3},
	} {
		t.Run(slip, func(t *testing.T) {
			a := &admin{t, a.dir, a.env}
			if !strings.Contains(utf8, c.old) {
				t.Fatalf("hr.csv has no %q", c.old)
			}
			a.write("slip.csv", strings.Replace(utf8, c.old, c.new, 1))
			a.says(c.exit, "sh onboard.sh slip.csv departments.csv --yes", c.says)
			a.changes(false, c.exit, "sh onboard.sh slip.csv departments.csv --yes")
		})
	}
	// A slip in what a department opens is found before anybody is added.
	a.write("slips.csv", strings.Replace(a.read("departments.csv"), "products", "product", 1))
	a.changes(false, 3, "sh onboard.sh hr.csv slips.csv --yes")
}

func TestRecipeOffboard(t *testing.T) {
	onEachStore(t, func(_ *testing.T, a *admin) {
		a.says(2, "sh offboard.sh anna anna", "own successor")
		a.changes(false, 4, "sh offboard.sh max.muster@example.ch nobody@example.ch --yes")
		a.changes(false, 4, "sh offboard.sh nobody@example.ch anna --yes")
		a.says(7, "sh offboard.sh anna max.muster@example.ch --yes", "owns account acme", "staffctl account set-owner acme max.muster@example.ch")

		a.run(0, "staffctl invite send erika.beispiel@example.de --access orders")
		a.changes(false, 0, "sh offboard.sh erika.beispiel@example.de anna")
		a.run(0, "sh offboard.sh erika.beispiel@example.de anna --yes")
		a.changes(false, 0, "sh offboard.sh erika.beispiel@example.de anna --yes")
		a.shows("staffctl member list --status suspended -o name", "erika.beispiel@example.de\n")
		a.shows("staffctl mail-prefs show erika.beispiel@example.de -o name", "")
		a.shows("staffctl mail-prefs show anna -o csv --no-headers --columns receives,category | grep false", "false,news\n")
		a.shows("staffctl invite list -o csv --no-headers --columns email,status", "max.beispiel@example.com,pending\nerika.beispiel@example.de,revoked\n")
		a.shows("staffctl audit list --actor offboard.sh -o csv --no-headers --columns action", "member.suspend\ninvite.revoke\nmail-prefs.add\nmail-prefs.remove\n")

		// The owner goes once somebody else is.
		a.run(0, "staffctl member set-access max.muster@example.ch all && staffctl account set-owner acme max.muster@example.ch")
		a.run(0, "sh offboard.sh anna max.muster@example.ch --yes")
		a.run(0, "staffctl mail-prefs remove max.muster@example.ch news")
		a.says(11, "sh offboard.sh anna max.muster@example.ch --yes", "news", "nobody gets these mails")
	})
}

func TestRecipeAccessReview(t *testing.T) {
	t.Parallel()
	a := newAdmin(t, "")
	a.says(2, "sh access-review.sh approved.yaml review.yaml", "usage: ")
	a.changes(false, 0, "sh access-review.sh begin approved.yaml review.yaml")
	a.says(5, "sh access-review.sh begin approved.yaml review.yaml", "review.yaml is there already")
	a.changes(false, 0, "sh access-review.sh finish approved.yaml review.yaml --yes")
	a.run(0, "test ! -e review.yaml")

	a.run(0, "staffctl member add neu@example.ch --first-name Eva --last-name Beispiel --access orders && staffctl member grant max.muster@example.ch support")
	a.says(0, "sh access-review.sh begin approved.yaml review.yaml", "- member Eva Beispiel <neu@example.ch>", "access: invoices, orders.view, support → invoices, orders.view", "way back")
	review := a.read("review.yaml")
	a.write("review.yaml", strings.Replace(review, "members:", "member:", 1))
	a.changes(false, 3, "sh access-review.sh finish approved.yaml review.yaml --yes")
	a.write("review.yaml", strings.Replace(review, ", support]", "]", 1))
	a.changes(false, 0, "sh access-review.sh finish approved.yaml review.yaml")
	a.run(0, "sh access-review.sh finish approved.yaml review.yaml --yes")
	a.changes(false, 4, "sh access-review.sh finish approved.yaml review.yaml --yes")
	a.shows("staffctl member show max.muster@example.ch -o csv --no-headers --columns grants", "\"invoices, orders.view\"\n")
	a.run(0, "staffctl diff -f approved.yaml --prune")

	// A file that lacks most people is a slip, unless somebody says so.
	a.write("review.yaml", "account: acme\nmembers: []\nsubaccounts: []\n")
	a.changes(false, 7, "sh access-review.sh finish approved.yaml review.yaml --yes")
	if approved := a.read("approved.yaml"); !strings.Contains(approved, "neu@example.ch") {
		t.Errorf("what was refused is approved:\n%s", approved)
	}
	a.changes(true, 0, "MAX_REMOVALS=9 sh access-review.sh finish approved.yaml review.yaml --yes")
}

func TestRecipeNightly(t *testing.T) {
	onEachStore(t, func(t *testing.T, a *admin) {
		a.run(0, "staffctl export --format yaml >team.yaml")
		a.changes(false, 0, "sh nightly.sh team.yaml backups")
		a.changes(false, 0, "sh nightly.sh team.yaml backups --yes")
		a.shows("ls backups | grep -c '^staffctl-'", "1\n")

		team := a.read("team.yaml")
		more := strings.Replace(team, "invites:\n", "invites:\n  - email: neu@example.ch\n    access: [orders]\n", 1)
		a.write("team.yaml", more)
		a.says(11, "staffctl diff -f team.yaml", "+ invite neu@example.ch")
		a.run(0, "sh nightly.sh team.yaml backups --yes")
		a.changes(false, 0, "sh nightly.sh team.yaml backups --yes")
		if got := strings.Join(a.mails(), " "); got != "neu@example.ch" {
			t.Errorf("mailed %s", got)
		}
		a.shows("cat backups/changes-*.txt | grep '^[+~-]'; ls backups | grep -c '^[^s]'", "+ invite neu@example.ch\n1\n")
		a.shows("find backups -type f \\( -perm -040 -o -perm -004 \\)", "")
		a.shows("staffctl --store $(ls backups/*.db) invite list -o csv --no-headers --columns email", "max.beispiel@example.com\n")

		// What it made goes after 30 days, and nothing else.
		a.run(0, "mkdir backups/yearly")
		for _, name := range []string{"staffctl-2020-01-01.db", "changes-2020-01-01T010203.txt", "staffctl-live.db", "yearly/staffctl-2020-01-01.db"} {
			a.write("backups/"+name, "")
			if err := os.Chtimes(filepath.Join(a.dir, "backups", name), time.Time{}, time.Now().AddDate(0, 0, -40)); err != nil {
				t.Fatal(err)
			}
		}
		a.run(0, "sh nightly.sh team.yaml backups --yes")
		a.shows("find backups -name '*2020*' -o -name '*live*' | sort", "backups/staffctl-live.db\nbackups/yearly/staffctl-2020-01-01.db\n")

		// Who goes wrong is told with the exit code of the first.
		a.write("few.yaml", "account: acme\nmembers: []\nsubaccounts: []\ninvites: []\n")
		a.changes(false, 7, "sh nightly.sh few.yaml backups --yes")
		a.run(0, "staffctl mail-prefs remove erika.beispiel@example.de support && staffctl export --format yaml >team.yaml")
		a.says(11, "sh nightly.sh team.yaml backups --yes", "support", "nobody gets these mails: name somebody in team.yaml")
		a.write("team.yaml", strings.Replace(more, "neu@", "refused@", 1))
		a.says(9, "MAX_REMOVALS=1 sh nightly.sh team.yaml backups --yes", "a mail was refused")
	})
}

// A store that is damaged is left as it is.
func TestRecipeNightlyDamaged(t *testing.T) {
	t.Parallel()
	a := newAdmin(t, "")
	if err := changeFile(filepath.Join(a.dir, "store.db"), "DROP TRIGGER audit_update"); err != nil {
		t.Fatal(err)
	}
	a.changes(false, 12, "sh nightly.sh team.yaml backups --yes")
	a.run(1, "test -e backups")
}

func TestRecipeSupportCall(t *testing.T) {
	t.Parallel()
	a := newAdmin(t, "")
	a.says(4, "sh support-call.sh nobody", `nobody fits "nobody"`)
	a.says(5, "sh support-call.sh muster", "more than one fits", "anna.muster@example.ch", "max.muster@example.ch")
	a.changes(false, 0, "sh support-call.sh '555 12 34'")
	a.says(0, "sh support-call.sh '555 12 34'", "Anna Muster", "all, by access all")
	a.changes(false, 0, "sh support-call.sh max password")
	a.says(0, "sh support-call.sh max password --yes", "asked for a new password of Max Muster")
	a.says(4, "sh support-call.sh erika invite --yes", "was never invited")
	a.run(0, "staffctl invite send erika.beispiel@example.de --access orders")
	a.changes(false, 0, "sh support-call.sh erika invite")
	a.says(0, "sh support-call.sh erika invite --yes", "invited again erika.beispiel@example.de")
	a.changes(false, 0, "sh support-call.sh anna unlock --yes")
	a.says(2, "sh support-call.sh anna dance", "cannot dance")
	if got := strings.Join(a.mails(), " "); got != "max.muster@example.ch erika.beispiel@example.de erika.beispiel@example.de" {
		t.Errorf("mailed %s", got)
	}
}
