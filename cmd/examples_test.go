//go:build unix

package cmd

import (
	"bufio"
	"context"
	"database/sql"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/spf13/cobra"
)

// people is where most examples hold: an account with an administrator, Anna who
// can sign in, Erika who only gets mails, a subaccount and an invite, whose mails
// wait since no mail server is configured yet.
const people = `cp "$TEAM" team.yaml
staffctl init acme --display-name "ACME AG" --plan enterprise
staffctl member add max.muster@example.ch --first-name Max --last-name Muster --access all --mail all
staffctl member set-password max.muster@example.ch --hash-stdin <hash.txt
staffctl member add anna.muster@example.ch --first-name Anna --last-name Muster --username anna --access invoices.view,invoices.pay,orders --mail news
staffctl member set-password anna.muster@example.ch --hash-stdin <hash.txt
staffctl member add erika.beispiel@example.de --first-name Erika --last-name Beispiel --mail reminders
staffctl subaccount create texter --email texter@example.ch --role copywriter
staffctl invite send max.beispiel@example.com --access support
staffctl catalog show -o yaml >catalog.yaml
`

// held is what is done before the examples of a command, and before a block of a
// document, where they do not hold among people as they are. What begins with the
// line people is done there.
var held = map[string]string{
	"README.md":                      `mkdir bin; printf '#!/bin/sh\nshift 2\nexec staffctl "$@"\n' >bin/go; chmod +x bin/go; ln -s "$SOURCE/testdata" testdata`,
	"docs/portal.md":                 "people\n" + confirmFile + acceptFile,
	"staffctl":                       "",
	"staffctl init":                  `cp "$TEAM" team.yaml`,
	"staffctl account":               "staffctl init",
	"staffctl account create":        "staffctl init",
	"staffctl account set-owner":     "people\nstaffctl member set-access anna.muster@example.ch all",
	"staffctl account sender remove": "people\nstaffctl account sender add news@example.ch",
	"staffctl apply": `people
staffctl export --format yaml | sed 's/Erika/Ella/' >team.yaml
staffctl diff -f team.yaml --save plan.json || test $? = 11`,
	"staffctl completion":     "mkdir -p .local/share/bash-completion/completions .config/fish/completions",
	"staffctl context remove": "staffctl context set live --account acme; staffctl context set test --account acme",
	"staffctl context use":    "staffctl context set live --account acme; staffctl context set test --account acme",
	"staffctl diff":           `cp "$TEAM" team.yaml; staffctl init -f team.yaml`,
	"staffctl export":         "people\nstaffctl --store new.db init acme --plan enterprise",
	"staffctl import": `people
staffctl export | sed '1s/$/,Company/; 2,$s/$/,ACME/' >team.csv
staffctl export --format jsonl >people.jsonl`,
	"staffctl invite":              "staffctl init acme",
	"staffctl invite accept":       "people\n" + acceptFile,
	"staffctl invite send":         "staffctl init acme",
	"staffctl mail-prefs remove":   "people\nstaffctl mail-prefs set anna.muster@example.ch all",
	"staffctl member":              "staffctl init acme",
	"staffctl member add":          "staffctl init acme",
	"staffctl member resume":       "people\nstaffctl member suspend anna.muster@example.ch",
	"staffctl member set-password": "people\n(umask 077; echo 'ein langer Satz mit 31 Zeichen' >anna.txt)",
	"staffctl member set-username": "people\nstaffctl member set-username anna.muster@example.ch muster",
	"staffctl serve":               "people\necho 'mail: {port: 25}' >portal.yaml; cp .config/staffctl/instance.key .",
	"staffctl subaccount":          "staffctl init acme --plan enterprise",
	"staffctl subaccount confirm":  "people\n" + confirmFile,
	"staffctl subaccount create":   "staffctl init acme --plan enterprise",
}

const (
	acceptFile = `link=$(staffctl invite send ina@example.com --access support --show-link)
echo "{\"token\": \"${link##*/}\", \"login\": \"new\", \"first_name\": \"Ina\", \"last_name\": \"Beispiel\", \"password\": \"ein langer Satz mit 31 Zeichen\"}" >accept.json
`
	confirmFile = `link=$(staffctl subaccount resend texter --show-link)
echo "{\"token\": \"${link##*/}\", \"password\": \"ein langer Satz mit 31 Zeichen\"}" >confirm.json
`
)

// unshown are the verbs whose examples do not show what they change or whom they
// mail: on pages, with an older store, with rows of the audit that are old enough,
// for people who have tried to sign in or are signed in, with another catalog, or
// with --mail.
var unshown = []string{"staffctl serve", "staffctl store migrate", "staffctl audit prune", "staffctl member unlock", "staffctl member sign-out",
	"staffctl catalog apply", "staffctl apply", "staffctl import"}

// TestExamples runs the examples of each command one after the other, as they
// stand, in a shell and a home of their own. What they leave is what the command
// says of itself.
func TestExamples(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "darwin" {
		t.Skip("a Mac keeps the store and the configuration elsewhere, and the examples look for them where Linux does")
	}
	among := newReaderHome(t, "")
	among.run(t, people)
	among.settle(t)
	for _, cmd := range commandsOf(testTree()) {
		t.Run(strings.ReplaceAll(cmd.CommandPath(), " ", "_"), func(t *testing.T) {
			t.Parallel()
			h := startReading(t, among, cmd.CommandPath())
			was := h.traces(t)
			for line := range strings.SplitSeq(cmd.Example, "\n") {
				h.run(t, strings.TrimSpace(line))
			}
			if !cmd.HasSubCommands() {
				checkEffects(t, cmd, was, h.traces(t))
			}
		})
	}
}

func checkEffects(t *testing.T, cmd *cobra.Command, was, is traces) {
	t.Helper()
	changed, mailed := was.commits != is.commits || was.config != is.config || was.schema != is.schema || is.settled > was.settled, is.mails > was.mails || is.settled > was.settled
	changes, mails := cmd.Annotations[changesNote] != nothing, cmd.Annotations[mailsNote] != nobody
	if slices.Contains(unshown, cmd.CommandPath()) {
		changed, mailed = changed || changes, mailed || mails
	}
	if changed != changes {
		t.Errorf("it says it %s; its examples have left %+v of %+v", cmd.Annotations[changesNote], is, was)
	}
	if mailed != mails {
		t.Errorf("it says it mails %s; its examples have left %+v of %+v", cmd.Annotations[mailsNote], is, was)
	}
}

// readerHome is where a reader tries out what help and documents show.
type readerHome struct {
	dir string
	env []string
}

// startReading makes a home in which what comes next holds.
func startReading(t *testing.T, among *readerHome, what string) *readerHome {
	t.Helper()
	lines, other := held[what]
	rest, there := strings.CutPrefix(lines, "people\n")
	from := ""
	if there || !other {
		from = among.dir
	}
	h := newReaderHome(t, from)
	h.run(t, rest)
	mail, stop, err := startMailServer(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
	for name, value := range mail {
		h.env = append(h.env, name+"="+value)
	}
	return h
}

// newReaderHome makes a home, with what stands in another one unless that is "".
func newReaderHome(t *testing.T, from string) *readerHome {
	t.Helper()
	h := &readerHome{dir: filepath.Join(t.TempDir(), "home")}
	h.env = []string{"PATH=" + filepath.Join(h.dir, "bin") + ":" + os.Getenv("PATH"), "HOME=" + h.dir, "TEAM=" + mustAbs(t, "../testdata/team.yaml"), "SOURCE=" + mustAbs(t, ".."),
		"GORACE=atexit_sleep_ms=0", "STAFFCTL_PUBLIC_URL=https://portal.example.ch", "STAFFCTL_SERVE_LISTEN=127.0.0.1:0"}
	if from != "" {
		if text, err := exec.CommandContext(t.Context(), "cp", "-Rp", from, h.dir).CombinedOutput(); err != nil {
			t.Fatalf("copy the home: %v: %s", err, text)
		}
		return h
	}
	if err := os.Mkdir(h.dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(h.dir, "hash.txt"), []byte(foreignHash+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return h
}

// run runs lines in a shell, each of which must end with 0.
func (h *readerHome) run(t *testing.T, lines string) {
	t.Helper()
	if strings.HasPrefix(lines, "staffctl serve") {
		h.serve(t, lines)
		return
	}
	shell := exec.CommandContext(t.Context(), "sh", "-euc", lines)
	shell.Dir, shell.Env = h.dir, h.env
	if text, err := shell.CombinedOutput(); err != nil {
		t.Fatalf("%s\n%v\n%s", lines, err, text)
	}
}

// serve runs a line that goes on until it is ended, and ends it once it listens.
func (h *readerHome) serve(t *testing.T, line string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), longest)
	defer cancel()
	shell := exec.CommandContext(ctx, "sh", "-euc", "exec "+line)
	shell.Dir, shell.Env = h.dir, h.env
	said, err := shell.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := shell.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(said)
	first, _ := lines.ReadString('\n')
	if !strings.HasPrefix(first, "serving ") {
		rest, _ := io.ReadAll(lines)
		t.Errorf("%s says %s%s", line, first, rest)
	}
	if err := shell.Process.Signal(syscall.SIGTERM); err != nil {
		t.Error(err)
	}
	_, _ = io.Copy(io.Discard, lines)
	if err := shell.Wait(); err != nil {
		t.Errorf("%s: %v", line, err)
	}
}

func (h *readerHome) store() string { return filepath.Join(h.dir, ".local/share/staffctl/staffctl.db") }

// settle gives the invite and the mail the ids that the examples have, and Anna a
// number, for which somebody would have to sign in.
func (h *readerHome) settle(t *testing.T) {
	t.Helper()
	const change = `PRAGMA foreign_keys = off;
		UPDATE links SET invite_id = 371190743040112 WHERE invite_id IS NOT NULL; UPDATE invites SET id = 371190743040112;
		UPDATE outbox SET id = 371190743040113 WHERE template = 'invite';
		UPDATE logins SET mobile = '+41790000000' WHERE username = 'anna'`
	if err := changeFile(h.store(), change); err != nil {
		t.Fatal(err)
	}
}

// traces are what commands leave.
type traces struct {
	commits, mails, settled, schema int
	config                          string
}

func (h *readerHome) traces(t *testing.T) (found traces) {
	t.Helper()
	config, err := os.ReadFile(filepath.Join(h.dir, ".config/staffctl/config.yaml"))
	if err == nil {
		found.config = string(config)
	}
	if _, err := os.Stat(h.store()); err != nil {
		return found
	}
	db, err := sql.Open("sqlite", "file:"+h.store()+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	row := db.QueryRowContext(t.Context(), `SELECT (SELECT count(*) FROM commits), count(*), coalesce(sum(state = 'sent'), 0), (SELECT count(*) FROM sqlite_schema) FROM outbox`)
	if err := row.Scan(&found.commits, &found.mails, &found.settled, &found.schema); err != nil {
		t.Fatal(err)
	}
	return found
}

var shBlock = regexp.MustCompile("(?ms)^```sh\n(.*?)^```$")

// TestDocsExamples runs each block of shell lines with staffctl of all documents
// but docs/cluster.md, which has a test of its own.
func TestDocsExamples(t *testing.T) {
	t.Parallel()
	among := newReaderHome(t, "")
	among.run(t, people)
	ran := 0
	for _, file := range docFiles(t) {
		for _, block := range shBlock.FindAllStringSubmatch(readDoc(t, file), -1) {
			ours := slices.ContainsFunc(shellCommands(strings.ReplaceAll(block[1], "\n", ";")), func(words []string) bool {
				_, ours := argsOf(words)
				return ours
			})
			if ours && file != "../docs/cluster.md" {
				startReading(t, among, strings.TrimPrefix(file, "../")).run(t, block[1])
				ran++
			}
		}
	}
	if ran < 4 {
		t.Errorf("only %d blocks found: the test has lost its way", ran)
	}
}
