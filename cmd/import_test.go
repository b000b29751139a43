package cmd

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/staffctl/staffctl/internal/iostreams"
	"github.com/staffctl/staffctl/internal/staff"
)

// desk is a home with a store, at which commands are run in this process.
type desk struct {
	*testing.T
	home string
	ids  *staff.IDs
}

func newDesk(t *testing.T) *desk {
	d := &desk{t, t.TempDir(), &staff.IDs{}}
	d.run(0, nil, "init", "acme", "--plan", "enterprise")
	return d
}

// run runs a command, at a terminal where somebody answers, and returns what it
// printed.
func (k *desk) run(want int, answer *string, args ...string) (stdout, stderr string) {
	k.Helper()
	return k.runIn(k.Context(), want, answer, args...)
}

func (k *desk) runIn(ctx context.Context, want int, answer *string, args ...string) (stdout, stderr string) {
	k.Helper()
	ios, in, out, errs := iostreams.Test()
	if answer != nil {
		in.WriteString(*answer)
		ios.SetTerminals(true, false, true)
	}
	if code := run(ctx, k.deps(ios), args); code != want {
		k.Fatalf("%v ended with %d instead of %d: %s", args, code, want, errs)
	}
	return out.String(), errs.String()
}

// deps knows nothing of the home of who runs the test.
func (k *desk) deps(ios *iostreams.IOStreams) *deps {
	return &deps{ios: ios, now: time.Now, ids: k.ids, lookupEnv: func(name string) (string, bool) {
		switch name {
		case "HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "AppData", "LocalAppData", "USERPROFILE":
			return k.home, true
		default:
			return "", false
		}
	}}
}

func (k *desk) file(name, text string) string {
	k.Helper()
	path := filepath.Join(k.home, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		k.Fatal(err)
	}
	return path
}

// Each of many bad rows is told with its line, and the mended ones are imported.
func TestImportManyBadRows(t *testing.T) {
	const rows, every = 10_000, 50
	k := newDesk(t)
	var b strings.Builder
	b.WriteString("E-Mail;Vorname;Nachname;Zugriff;Gesperrt\n")
	for i := range rows {
		access, suspended := "invoices", "nein"
		switch i % (2 * every) { // one that cannot be read, one that a rule refuses
		case 7:
			suspended = "vielleicht"
		case 7 + every:
			access = "nonsense"
		}
		fmt.Fprintf(&b, "person%05d@example.ch;Anna;Muster;%s;%s\n", i, access, suspended)
	}
	team, bad := k.file("team.csv", b.String()), filepath.Join(k.home, "bad.csv")
	_, stderr := k.run(3, nil, "import", team)
	for i := range rows / every {
		if !strings.Contains(stderr, fmt.Sprintf("\nline %d: ", i*every+7+2)) && i > 0 {
			t.Fatalf("line %d is missing", i*every+7+2)
		}
	}
	if stdout, _ := k.run(0, nil, "member", "list", "-o", "jsonl"); stdout != "" {
		t.Errorf("members after a refused import: %.200s", stdout)
	}
	stdout, _ := k.run(9, nil, "import", team, "--keep-going", "--errors", bad, "-o", "json", "--columns", "added,failed")
	var report struct{ Added, Failed int }
	if err := json.Unmarshal([]byte(stdout), &report); err != nil || report.Failed != rows/every || report.Added != rows-rows/every {
		t.Errorf("%+v, %v", report, err)
	}
	text, err := os.ReadFile(bad)
	if err != nil || bytes.Count(text, []byte("\n")) != rows/every+1 {
		t.Fatalf("the file of errors has %d lines: %v", bytes.Count(text, []byte("\n")), err)
	}
	mended := k.file("mended.csv", strings.NewReplacer("vielleicht", "ja", "nonsense", "orders").Replace(string(text)))
	if stdout, _ := k.run(0, nil, "import", mended); !strings.HasPrefix(stdout, fmt.Sprintf("imported %d rows: %d added", rows/every, rows/every)) {
		t.Errorf("mended: %s", stdout)
	}
}

func TestImportAsksBeforeItMails(t *testing.T) {
	k := newDesk(t)
	team := k.file("team.csv", "kind,email,access\ninvite,anna@example.ch,all\ninvite,max@example.ch,all\n")
	no, yes := "n\n", "y\n"
	_, stderr := k.run(130, &no, "import", team, "--mail")
	if !strings.Contains(stderr, "import 2 rows and send 2 mails? [y/N]") || !strings.Contains(stderr, "declined; nothing was changed") {
		t.Errorf("declined: %s", stderr)
	}
	if stdout, _ := k.run(0, nil, "invite", "list", "-o", "jsonl"); stdout != "" {
		t.Errorf("declined, and there is %s", stdout)
	}
	if stdout, _ := k.run(0, &yes, "import", team, "--mail"); !strings.Contains(stdout, "mails queued: 2") {
		t.Errorf("confirmed: %s", stdout)
	}
	// Nobody is asked where nobody is mailed.
	if _, stderr := k.run(0, &no, "import", team, "--mail"); strings.Contains(stderr, "[y/N]") {
		t.Errorf("again: %s", stderr)
	}
}

func TestImportInterrupted(t *testing.T) {
	k := newDesk(t)
	team := k.file("team.csv", "email,last_name\nanna@example.ch,Muster\n")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, mode := range [][]string{nil, {"--keep-going"}, {"--dry-run"}} {
		_, stderr := k.runIn(ctx, 130, nil, append([]string{"import", team}, mode...)...)
		if !strings.Contains(stderr, "interrupted; nothing was changed") {
			t.Errorf("%v: %s", mode, stderr)
		}
	}
	k.run(4, nil, "member", "exists", "anna@example.ch")
}

// Hashes are for files and programs.
func TestExportShowsNoHashes(t *testing.T) {
	k := newDesk(t)
	ios, _, out, errs := iostreams.Test()
	ios.SetTerminals(true, true, true)
	if code := run(t.Context(), k.deps(ios), []string{"export", "--with-password-hashes"}); code != 2 || out.Len() > 0 {
		t.Errorf("on a terminal it ends with %d and prints %q", code, out)
	}
	if !strings.Contains(errs.String(), "password hashes are not shown on a terminal") {
		t.Errorf("it says %q", errs)
	}
}

// A file of nothing but bad rows is not read on, unless the good ones are wanted.
func TestImportOfNothingButBadRows(t *testing.T) {
	k := newDesk(t)
	var b strings.Builder
	b.WriteString("email,last_name,suspended\n")
	for i := range staff.MaxFailures + 50 {
		fmt.Fprintf(&b, "person%05d@example.ch,Muster,perhaps\n", i)
	}
	b.WriteString("good@example.ch,Muster,no\n")
	team := k.file("team.csv", b.String())
	_, stderr := k.run(3, nil, "import", team)
	if !strings.Contains(stderr, "refused: 10000 of 10000 rows, one in line 2: ") || !strings.Contains(stderr, "stopped after 10000 bad rows; the rest was not looked at") {
		t.Errorf("it says %s", stderr[strings.LastIndex(stderr, "error:"):])
	}
	stdout, stderr := k.run(9, nil, "import", team, "--keep-going")
	if stdout != "imported 1 row: 1 added, 0 updated, 0 unchanged, 10050 failed\n" || !strings.Contains(stderr, "refused: 10050 of 10051 rows, the first in line 2: ") {
		t.Errorf("it goes on: %s%s", stdout, stderr[strings.LastIndex(stderr, "error:"):])
	}
}
