package cmd

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	goflag "flag" // package cmd has a type of that name
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/testscript"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/staffctl/staffctl/internal/config"
	"github.com/staffctl/staffctl/internal/rqlitetest"
	"github.com/staffctl/staffctl/internal/sqlstore"
	"github.com/staffctl/staffctl/internal/sqlstore/rqlite"
)

// Scripts run the real program against a store: one file a verb or a theme in
// testdata/script. Besides the commands of testscript they have
//
//	exits N staffctl ARG…          run it and expect this exit code
//	cmpmasked stdout|stderr FILE   compare with a golden section, after masking
//	                               ids, times, paths and versions (see mask)
//	same FILE1 FILE2               expect two files with the same bytes
//	silent stdout|stderr           expect that nothing was printed there
//	lastid FILE VARIABLE           set a variable to the last id in a file
//	withtoken FILE TEMPLATE OUT    write a template with the token of the link in a file
//	mailserver                     start a mail server, whose n-th mail is mail<n>.txt
//	await FILE                     wait for a file, such as a mail that serve sends
//	smsgateway                     start an SMS gateway, whose n-th message is sms<n>.txt
//	tan FILE                       set $TAN to the TAN in a message
//	portal                         choose where `staffctl serve &` listens
//	visit URL|FILE                 open a page, or the link in a file; its text is page.txt
//	submit NAME=VALUE…             send the form on the page
//	cluster NODES [secured]        start a cluster, whose nodes are $HOSTS, in cluster_* only
//	killnode N|leader              end a node of it
//	encode ENCODING FILE OUT       write a text as windows-1252 or utf-16le
//	sql STORE STATEMENTS           change a store behind staffctl's back
//	large FILE                     make a YAML file of 17 MiB
//
// With -update, cmpmasked rewrites the golden sections of the scripts instead.
//
// A script starts in an empty directory with a home of its own and no store.
// $STAFFCTL_STORE names the store that `staffctl init` is to make; scripts
// called file_*.txtar may depend on its being a file, all others may not. Those
// called cluster_*.txtar start clusters of their own.
// $TEAM is testdata/team.yaml.
// hash.txt is a password hash, so that a script about something else does not
// spend time on hashing: `stdin hash.txt`, then `set-password … --hash-stdin`.

var update = goflag.Bool("update", false, "rewrite the goldens in testdata/script and docs/commands")

const scriptDir = "../testdata/script"

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"staffctl": func() { os.Exit(recordedMain()) }})
}

// scriptStore is a store that scripts run on.
type scriptStore struct {
	// runs tells whether the script is one for this store.
	runs func(script string) bool
	// fresh returns the name of a store yet to be made, for one script alone.
	fresh func(env *testscript.Env) (string, error)
	// everyType tells that its scripts together print and read JSON of every type.
	everyType bool
}

func TestScriptsOnFile(t *testing.T) {
	runScripts(t, scriptStore{
		runs:  func(script string) bool { return !strings.HasPrefix(script, "cluster_") },
		fresh: func(env *testscript.Env) (string, error) { return filepath.Join(env.WorkDir, "store.db"), nil },

		everyType: true,
	})
}

// TestScriptsOnCluster runs the scripts on servers that are lent to them.
func TestScriptsOnCluster(t *testing.T) {
	servers := rqlitetest.PoolForTest(t, 2)
	runScripts(t, scriptStore{
		runs: func(script string) bool { return !strings.HasPrefix(script, "file_") },
		fresh: func(env *testscript.Env) (string, error) {
			node, err := servers.Take(context.Background())
			if err != nil {
				return "", err
			}
			env.Defer(func() { servers.Give(node) })
			return "rqlite://" + node.Addr, nil
		},
	})
}

func runScripts(t *testing.T, store scriptStore) {
	t.Helper()
	files := scriptFiles(t, store.runs)
	var ran atomic.Int64
	t.Cleanup(func() {
		if store.everyType && int(ran.Load()) == len(files) && !t.Failed() {
			checkAllMet(t)
		}
	})
	testscript.Run(t, testscript.Params{
		Files:               files,
		RequireUniqueNames:  true,
		RequireExplicitExec: false,
		Setup: func(env *testscript.Env) error {
			ran.Add(1)
			return setUpScript(env, store)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": cmdExits, "cmpmasked": cmdCmpMasked, "same": cmdSame, "silent": cmdSilent, "sql": cmdSQL,
			"withtoken": cmdWithToken, "mailserver": cmdMailServer, "portal": cmdPortal,
			"await": cmdAwait, "smsgateway": cmdSMSGateway, "tan": cmdTAN, "visit": cmdVisit, "submit": cmdSubmit, "lastid": cmdLastID,
			"encode": cmdEncode, "cluster": cmdCluster, "killnode": cmdKillNode, "large": cmdLarge,
		},
	})
}

// scriptFiles lists the scripts. One whose name begins with file_ is only for
// stores that run it.
func scriptFiles(t *testing.T, runs func(string) bool) []string {
	t.Helper()
	all, err := filepath.Glob(filepath.Join(scriptDir, "*.txtar"))
	if err != nil || len(all) == 0 {
		t.Fatalf("no scripts in %s: %v", scriptDir, err)
	}
	var files []string
	for _, file := range all {
		if runs(filepath.Base(file)) {
			files = append(files, file)
		}
	}
	return files
}

// foreignHash is an argon2id hash of no password that anybody knows.
const foreignHash = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0$mLD4kmYSUvOZVHBNKsDfsTnxs4MrZTtBaNqlUkGNwpc"

func setUpScript(env *testscript.Env, store scriptStore) error {
	name, err := store.fresh(env)
	if err != nil {
		return err
	}
	home := filepath.Join(env.WorkDir, "home")
	if err := os.Mkdir(home, 0o700); err != nil {
		return err
	}
	example, err := filepath.Abs("../testdata/team.yaml")
	if err != nil {
		return err
	}
	vars := map[string]string{
		"TEAM": example,
		"HOME": home, "XDG_CONFIG_HOME": filepath.Join(home, "config"), "XDG_DATA_HOME": filepath.Join(home, "data"),
		"USERPROFILE": home, "AppData": filepath.Join(home, "config"), "LocalAppData": filepath.Join(home, "data"),
		"TERM": "xterm-256color", "STAFFCTL_STORE": name,
		// Else each race-detecting subprocess would wait a second before it ends.
		"GORACE": "atexit_sleep_ms=0",
		// Characters that a script cannot hold as they are.
		"CR": "\r", "LF": "\n", "ESC": "\x1b", "TAB": "\t", "RLO": "\u202e", "BAD_UTF8": "\xff",
		"LONG100": strings.Repeat("a", 100), "LONG300": strings.Repeat("a", 300), "LONG10000": strings.Repeat("ä", 10_000),
	}
	for key, value := range vars {
		env.Setenv(key, value)
	}
	visitor, err := newBrowser()
	if err != nil {
		return err
	}
	env.Values["browser"] = visitor
	if err := recordScript(env); err != nil {
		return err
	}
	env.Values["cluster"] = &rqlitetest.Cluster{}
	return os.WriteFile(filepath.Join(env.WorkDir, "hash.txt"), []byte(foreignHash+"\n"), 0o600)
}

// cmdExits runs the program and compares its exit code.
func cmdExits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 || args[1] != "staffctl" {
		ts.Fatalf("usage: exits N staffctl ARG…")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("staffctl ended with %d instead of %d", got, want)
	}
}

func cmdCmpMasked(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: cmpmasked FILE GOLDEN")
	}
	got := newMask(ts).text(ts.ReadFile(args[0]))
	if *update {
		ts.Check(rewrite(filepath.Join(scriptDir, ts.Name()+".txtar"), args[1], got))
		return
	}
	if diff := cmp.Diff(strings.Split(ts.ReadFile(args[1]), "\n"), strings.Split(got, "\n")); diff != "" {
		ts.Fatalf("%s is not as in %s (-want +got), see go test ./cmd -update:\n%s", args[0], args[1], diff)
	}
}

// rewrite puts a text in the place of a section of a script, if it differs.
func rewrite(script, section, text string) error {
	archive, err := txtar.ParseFile(script)
	if err != nil {
		return err
	}
	for i := range archive.Files {
		if f := &archive.Files[i]; f.Name == section {
			if string(f.Data) == text {
				return nil
			}
			f.Data = []byte(text)
			return os.WriteFile(script, txtar.Format(archive), 0o600)
		}
	}
	return fmt.Errorf("%s has no section %s", script, section)
}

func cmdSame(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: same FILE1 FILE2")
	}
	if (ts.ReadFile(args[0]) == ts.ReadFile(args[1])) == neg {
		ts.Fatalf("%s and %s: the same is %v", args[0], args[1], neg)
	}
}

func cmdLarge(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: large FILE")
	}
	text := "account: acme\n" + strings.Repeat("# and so on, and so on, and so on\n", 17<<20/33)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o600))
}

func cmdSilent(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: silent stdout|stderr")
	}
	if text := ts.ReadFile(args[0]); text != "" {
		ts.Fatalf("%s holds %q", args[0], text)
	}
}

// cmdSQL changes a file while no staffctl runs, or a cluster by its first node.
func cmdSQL(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: sql STORE STATEMENTS")
	}
	change := changeFile
	if strings.Contains(args[0], "://") {
		change = changeCluster
	} else {
		args[0] = ts.MkAbs(args[0])
	}
	if err := change(args[0], args[1]); (err == nil) == neg {
		ts.Fatalf("the statements ended with %v", err)
	} else {
		ts.Logf("[%v]", err)
	}
}

func changeFile(path, statements string) error {
	db, err := sql.Open("sqlite", "file:"+path+"?mode=rw")
	if err != nil {
		return err
	}
	_, err = db.ExecContext(context.Background(), statements)
	return errors.Join(err, db.Close())
}

func changeCluster(address, statement string) error {
	c, err := config.ParseStore(address)
	if err != nil {
		return err
	}
	cluster, err := rqlite.Open(rqlite.Options{Hosts: c.Hosts})
	if err != nil {
		return err
	}
	return errors.Join(cluster.Write(context.Background(), sqlstore.Batch{Statements: []sqlstore.Statement{{SQL: statement}}}), cluster.Close())
}

// mask replaces what differs from run to run by placeholders. The same id gets
// the same one, so that a golden shows which ids are equal.
type mask struct {
	paths *strings.Replacer
	ids   map[string]string
}

var (
	// Two blanks after it mean a table, whose columns are to stay aligned.
	idPattern   = regexp.MustCompile(`\b[0-9]{15,16}\b(  )?`)
	timePattern = regexp.MustCompile(`\b20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z(  )?`)
	restPattern = []struct {
		pattern *regexp.Regexp
		with    string
	}{
		{regexp.MustCompile(`("os_user": ?)"[^"]*"`), `$1"<user>"`},
		{regexp.MustCompile(`("sqlite": ?)"[^"]*"`), `$1"<version>"`},
		{regexp.MustCompile(`("bytes": ?)[0-9]+`), `$1<bytes>`},
		{regexp.MustCompile(`\bgo1\.[0-9.]+\S*`), `<go>`},
		{regexp.MustCompile(`(?m)^(SQLITE +).*$`), `$1<version>`},
		{regexp.MustCompile(`(?m)^(BYTES +).*$`), `$1<bytes>`},
		{regexp.MustCompile(`(?m)[ \t]+$`), ``},
		{regexp.MustCompile(`/link/[A-Za-z0-9_-]+`), `/link/<token>`},
		{regexp.MustCompile(`\x1b`), `<ESC>`},
	}
)

func newMask(ts *testscript.TestScript) *mask {
	// The store first, since a file lies in the working directory.
	pairs := []string{ts.Getenv("STAFFCTL_STORE"), "<store>", ts.Getenv("HOME"), "<home>", ts.Getenv("WORK"), "<work>"}
	if pairs[0] == "" {
		pairs = pairs[2:]
	}
	return &mask{strings.NewReplacer(pairs...), map[string]string{}}
}

func (m *mask) text(s string) string {
	s = timePattern.ReplaceAllStringFunc(m.paths.Replace(s), func(at string) string { return inPlaceOf(at, "<time>") })
	s = idPattern.ReplaceAllStringFunc(s, m.id)
	for _, r := range restPattern {
		s = r.pattern.ReplaceAllString(s, r.with)
	}
	if s != "" && !strings.HasSuffix(s, "\n") {
		s += "\n" // as a section of a script always ends
	}
	return s
}

func (m *mask) id(found string) string {
	id := strings.TrimRight(found, " ")
	if m.ids[id] == "" {
		m.ids[id] = fmt.Sprintf("<id%d>", len(m.ids)+1)
	}
	return inPlaceOf(found, m.ids[id])
}

// inPlaceOf makes a placeholder as wide as what it replaces within a table.
func inPlaceOf(found, placeholder string) string {
	if !strings.HasSuffix(found, " ") {
		return placeholder
	}
	return fmt.Sprintf("%-*s", len(found), placeholder)
}

func TestMask(t *testing.T) {
	m := &mask{strings.NewReplacer("/w/store.db", "<store>", "/w", "<work>"), map[string]string{}}
	got := m.text("made /w/store.db in /w\n373904739102515 373904739102516 373904739102515 41445551234 2026-11-22T13:02:16.694Z\n" +
		"373904739102515  2026-11-22T13:02:16.694Z  x\n" +
		`"os_user": "root",` + "\nSQLITE  3.54.1\nSTATUS   \n" + "go1.26.0")
	want := "made <store> in <work>\n<id1> <id2> <id1> 41445551234 <time>\n" +
		"<id1>            <time>                    x\n" +
		`"os_user": "<user>",` + "\nSQLITE  <version>\nSTATUS\n<go>\n"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("masked (-want +got):\n%s", diff)
	}
}

func TestRewrite(t *testing.T) {
	file := filepath.Join(t.TempDir(), "x.txtar")
	if err := os.WriteFile(file, []byte("staffctl x\n-- a --\nold\n-- b --\nkept\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := rewrite(file, "a", "new\n"); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(file)
	if want := "staffctl x\n-- a --\nnew\n-- b --\nkept\n"; err != nil || !bytes.Equal(got, []byte(want)) {
		t.Errorf("rewritten to %q, %v; want %q", got, err, want)
	}
	if rewrite(file, "c", "new\n") == nil {
		t.Error("a section that is not there was rewritten")
	}
}
