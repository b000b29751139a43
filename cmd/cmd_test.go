package cmd

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"

	"github.com/staffctl/staffctl/internal/iostreams"
	"github.com/staffctl/staffctl/internal/output"
	"github.com/staffctl/staffctl/internal/staff"
)

// What scripts reach badly or not at all. Else a command is tested by the
// scripts in testdata/script.

func TestMoment(t *testing.T) {
	now := time.Date(2026, 11, 22, 13, 0, 0, 0, time.UTC)
	d := &deps{now: func() time.Time { return now }}
	for _, c := range []struct {
		in   string
		want string // "" for refused
	}{
		{"2026-11-01", "2026-11-01T00:00:00Z"},
		{"2026-11-01T08:00:00Z", "2026-11-01T08:00:00Z"},
		{"2026-11-01T08:00:00+01:00", "2026-11-01T07:00:00Z"},
		{"2026-11-01T08:00:00.5Z", "2026-11-01T08:00:00.5Z"},
		{"2024-02-29", "2024-02-29T00:00:00Z"},
		{"24h", "2026-11-21T13:00:00Z"},
		{"1h30m", "2026-11-22T11:30:00Z"},
		{"0s", "2026-11-22T13:00:00Z"},
		{"1d", "2026-11-21T13:00:00Z"},
		{"365d", "2025-11-22T13:00:00Z"},
		{"", ""},
		{"-1h", ""},
		{"-1d", ""},
		{"1", ""},
		{"d", ""},
		{"1w", ""},
		{"1h1d", ""},
		{"1.5d", ""},
		{"+1d", ""},
		{"yesterday", ""},
		{"2026-13-01", ""},
		{"2026-02-29", ""},
		{"22.11.2026", ""},
		{"2026-11-01T08:00:00", ""},
		{"99999999999d", ""},
	} {
		got, err := d.moment("since", c.in)
		if c.want == "" {
			var e *staff.Error
			if !errors.As(err, &e) || e.Code != staff.CodeInvalid || e.Field != "since" || !strings.Contains(e.Message, fmt.Sprintf("%q", c.in)) {
				t.Errorf("moment(%q) is %d, %v", c.in, got, err)
			}
			continue
		}
		want, errWant := time.Parse(time.RFC3339, c.want)
		if errWant != nil {
			t.Fatal(errWant)
		}
		if err != nil || got != want.UnixMilli() {
			t.Errorf("moment(%q) is %s, %v; want %s", c.in, time.UnixMilli(got).UTC(), err, c.want)
		}
	}
}

func TestTakes(t *testing.T) {
	for _, c := range []struct {
		names []string
		args  string
		want  string // part of the message, "" for accepted
	}{
		{nil, "", ""},
		{nil, "a", `"a" is too much: x takes no arguments; see x --help`},
		{[]string{"NAME"}, "a", ""},
		{[]string{"NAME"}, "", "NAME is missing; see x --help"},
		{[]string{"NAME"}, "a b", `"b" is too much: x takes NAME`},
		{[]string{"NAME", "MEMBER"}, "a b", ""},
		{[]string{"NAME", "MEMBER"}, "a", "MEMBER is missing"},
		{[]string{"NAME", "MEMBER"}, "a b c d", `"c" is too much: x takes NAME MEMBER`},
		{[]string{"[NAME]"}, "", ""},
		{[]string{"[NAME]"}, "a", ""},
		{[]string{"[NAME]"}, "a b", `"b" is too much`},
		{[]string{"MEMBER", "GRANT…"}, "a b c d e", ""},
		{[]string{"MEMBER", "GRANT…"}, "a", "GRANT is missing"},
		{[]string{"MEMBER", "GRANT…"}, "", "MEMBER is missing"},
		{[]string{"[CATEGORY…"}, "", ""},
		{[]string{"[CATEGORY…"}, "a b c", ""},
	} {
		err := takes(c.names...)(&cobra.Command{Use: "x"}, strings.Fields(c.args))
		switch {
		case c.want == "" && err != nil:
			t.Errorf("takes(%q) refuses %q: %v", c.names, c.args, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want) || staff.CodeOf(err) != staff.CodeUsage):
			t.Errorf("takes(%q) says of %q: %v", c.names, c.args, err)
		}
	}
}

func TestTakesRefusesFlagsThatExclude(t *testing.T) {
	for args, want := range map[string]staff.Code{"--a --b": staff.CodeUsage, "--a": "", "": ""} {
		cmd := &cobra.Command{Use: "x", Args: takes(), RunE: func(*cobra.Command, []string) error { return nil }, SilenceErrors: true, SilenceUsage: true}
		cmd.Flags().Bool("a", false, "")
		cmd.Flags().Bool("b", false, "")
		cmd.MarkFlagsMutuallyExclusive("a", "b")
		cmd.SetArgs(strings.Fields(args))
		if err := cmd.Execute(); (err == nil) != (want == "") || err != nil && staff.CodeOf(err) != want {
			t.Errorf("%q gives %v", args, err)
		} else if err != nil && !strings.HasPrefix(err.Error(), "--a and --b do not go together") {
			t.Errorf("%q says %v", args, err)
		}
	}
}

func TestFlagMessage(t *testing.T) {
	root := testTree()
	cmd, _, err := root.Find([]string{"member", "list"})
	if err != nil {
		t.Fatal(err)
	}
	for in, want := range map[string]string{
		"unknown flag: --statsu":            "unknown flag: --statsu; did you mean --status?",
		"unknown flag: --acount":            "unknown flag: --acount; did you mean --account?",
		"unknown flag: --nothing-like-it":   "unknown flag: --nothing-like-it",
		"unknown shorthand flag: 'x' in -x": "unknown shorthand flag: 'x' in -x",
		"flag needs an argument: --limit":   "flag needs an argument: --limit",
		`invalid argument "x" for "--limit" flag: strconv.ParseInt: parsing "x": invalid syntax`: `invalid argument "x" for "--limit" flag`,
	} {
		if got := flagMessage(cmd, errors.New(in)); got != want {
			t.Errorf("flagMessage(%q) is %q, want %q", in, got, want)
		}
	}
}

func TestWords(t *testing.T) {
	for _, c := range []struct{ in, want []string }{
		{nil, nil},
		{[]string{"a", "b"}, []string{"a", "b"}},
		{[]string{"a,b", "c"}, []string{"a", "b", "c"}},
		{[]string{" a , ,b,"}, []string{"a", "b"}},
		{[]string{"", ","}, []string{}},
	} {
		if diff := cmp.Diff(c.want, words(c.in)); diff != "" {
			t.Errorf("words(%q) (-want +got):\n%s", c.in, diff)
		}
	}
}

func TestFirstLine(t *testing.T) {
	for in, want := range map[string]string{"secret": "secret", "secret\n": "secret", "secret\r\nmore": "secret", " a b \n": " a b "} {
		if got, err := firstLine("password", strings.NewReader(in)); got != want || err != nil {
			t.Errorf("firstLine(%q) is %q, %v", in, got, err)
		}
	}
	for _, in := range []string{"", "\n", "\r\nsecret"} {
		if _, err := firstLine("password", strings.NewReader(in)); staff.CodeOf(err) != staff.CodeInvalid {
			t.Errorf("firstLine(%q) gives %v", in, err)
		}
	}
	// Endless input is cut, not read into memory, and a failing reader is no empty line.
	if got, err := firstLine("password", endless{}); err != nil || len(got) > maxSecret {
		t.Errorf("%d bytes of endless input, %v", len(got), err)
	}
	if _, err := firstLine("password", failing{}); staff.CodeOf(err) != staff.CodeUnavailable || strings.Contains(err.Error(), "secret") {
		t.Errorf("a failing reader gives %v", err)
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'a'
	}
	return len(p), nil
}

type failing struct{}

func (failing) Read(p []byte) (int, error) { return copy(p, "secret"), io.ErrUnexpectedEOF }

func TestFileError(t *testing.T) {
	for _, c := range []struct {
		err  error
		code staff.Code
		want string
	}{
		{&fs.PathError{Op: "open", Path: "a.txt", Err: syscall.ENOENT}, staff.CodeNotFound, "cannot open a.txt, which --file names: no such file or directory"},
		{&fs.PathError{Op: "open", Path: "a.txt", Err: syscall.EACCES}, staff.CodeUnavailable, "cannot open a.txt, which --file names: permission denied"},
		{errors.New("odd"), staff.CodeUnavailable, "odd"},
	} {
		err := fileError("file", c.err)
		if staff.CodeOf(err) != c.code || err.Error() != c.want || !errors.Is(err, c.err) && !errors.Is(c.err, errors.Unwrap(err)) {
			t.Errorf("fileError(%v) is %v with %s", c.err, err, staff.CodeOf(err))
		}
	}
}

// fakeDeps are dependencies without a store, on streams in memory.
func fakeDeps(vars map[string]string) (*deps, *streams) {
	ios, in, out, stderr := iostreams.Test()
	d := &deps{ios: ios, now: func() time.Time { return time.Unix(0, 0) }, ids: &staff.IDs{}, lookupEnv: func(name string) (string, bool) {
		value, ok := vars[name]
		return value, ok
	}}
	return d, &streams{in, out, stderr}
}

type streams struct{ in, out, err fmt.Stringer }

func TestFail(t *testing.T) {
	for _, c := range []struct {
		name string
		vars map[string]string
		err  error
		exit int
		want string
	}{
		{"nothing", nil, nil, 0, ""},
		{"a closed pipe", nil, fmt.Errorf("write: %w", syscall.EPIPE), 0, ""},
		{"a closed pipe in a failure of ours", nil, staff.Errorf(staff.CodeUnavailable, "", "write: %w", syscall.EPIPE), 0, ""},
		{"not ours", nil, errors.New("odd"), 1, "error: odd\n"},
		{"ours", nil, staff.Errorf(staff.CodeConflict, "email", "there already"), 5, "error: there already\n"},
		{"wrapped", nil, fmt.Errorf("outer: %w", staff.Errorf(staff.CodeExpired, "", "too late")), 6, "error: too late\n"},
		{"escapes", nil, staff.Errorf(staff.CodeInvalid, "", "\x1b[31m"), 3, "error: \\u{1b}[31m\n"},
		{"silent", nil, silent(staff.CodeDiffers), 11, ""},
		{"JSON", map[string]string{"STAFFCTL_OUTPUT": "json"}, staff.Errorf(staff.CodeInvalid, "email", "a \"b\" <c>\n"), 3,
			`{"error":{"code":"invalid","message":"a \"b\" <c>\n","field":"email"}}` + "\n"},
		{"JSON not ours", map[string]string{"STAFFCTL_OUTPUT": "jsonl"}, errors.New("odd"), 1, `{"error":{"code":"internal","message":"odd","field":""}}` + "\n"},
		{"CSV", map[string]string{"STAFFCTL_OUTPUT": "csv"}, staff.Errorf(staff.CodeInvalid, "email", "bad"), 3, "error: bad\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, s := fakeDeps(c.vars)
			newRoot(d)
			if exit := d.fail(c.err); exit != c.exit || s.err.String() != c.want || s.out.String() != "" {
				t.Errorf("ended with %d and printed %q; want %d and %q", exit, s.err, c.exit, c.want)
			}
		})
	}
}

// A panic is an internal error, not a crash with memory in it.
func TestRunSurvivesPanics(t *testing.T) {
	d, s := fakeDeps(nil)
	broken := true
	d.lookupEnv = func(string) (string, bool) {
		if broken {
			broken = false
			panic("a bug")
		}
		return "", false
	}
	if code := run(t.Context(), d, []string{"member", "list"}); code != 1 || !strings.Contains(s.err.String(), "internal error: a bug; please report it") {
		t.Errorf("ended with %d and %q", code, s.err)
	}
}

func TestConfirm(t *testing.T) {
	for _, c := range []struct {
		name     string
		answer   string
		terminal bool
		yes, dry bool
		want     staff.Code // "" for confirmed
		asked    bool
	}{
		{"yes", "y\n", true, false, false, "", true},
		{"no", "n\n", true, false, false, staff.CodeInterrupted, true},
		{"the end of input", "", true, false, false, staff.CodeInterrupted, true},
		{"no terminal", "y\n", false, false, false, staff.CodeUsage, false},
		{"--yes", "", false, true, false, "", false},
		{"--dry-run", "", false, false, true, "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, s := fakeDeps(nil)
			newRoot(d)
			d.yes, d.dryRun = c.yes, c.dry
			d.ios.In = strings.NewReader(c.answer)
			d.ios.SetTerminals(c.terminal, false, c.terminal)
			err := d.confirm(t.Context(), "remove %s", "x")
			if err == nil && c.want != "" || err != nil && staff.CodeOf(err) != c.want {
				t.Errorf("the answer is %v", err)
			}
			if asked := strings.Contains(s.err.String(), "remove x? [y/N]"); asked != c.asked {
				t.Errorf("asked is %v: %q", asked, s.err)
			}
		})
	}
}

// Every result's sentence has its verbs: a new action must not print blanks.
func TestSentences(t *testing.T) {
	a := &staff.Account{Name: "acme"}
	m := &staff.Member{FirstName: "Anna", LastName: "Muster", Email: "anna.muster@example.ch"}
	for action, verb := range verbs {
		if verb[0] == "" || verb[1] == "" {
			t.Errorf("%s has no verbs", action)
		}
	}
	for _, c := range []struct {
		w    written
		want string
	}{
		{written{Result: staff.Result{Action: "member.add", Changed: true, Member: m, Account: a}}, "added Anna Muster <anna.muster@example.ch> in account acme"},
		{written{Result: staff.Result{Action: "member.add", Changed: true, Member: m, Account: a}, dryRun: true}, "would add Anna Muster <anna.muster@example.ch> in account acme"},
		{written{Result: staff.Result{Action: "member.edit", Member: m, Account: a}}, "nothing to change: Anna Muster <anna.muster@example.ch> in account acme is so already"},
		{written{Result: staff.Result{Action: "account.create", Changed: true, Account: a}}, "created account acme"},
		{written{Result: staff.Result{Action: "audit.prune", Changed: true, Rows: 3}}, "pruned the audit: 3 rows"},
	} {
		if got := c.w.sentence(); got != c.want {
			t.Errorf("the sentence is %q, want %q", got, c.want)
		}
	}
}

func TestValueText(t *testing.T) {
	for _, c := range []struct {
		in   any
		want string
	}{
		{nil, "(none)"},
		{"a & <b>", `"a & <b>"`},
		{[]string{"a", "b"}, `["a","b"]`},
		{"\x1b[31m", `"\u001b[31m"`},
		{"a\u202eb", `"a\u{202e}b"`},
		{staff.Secret("hash"), `"set"`},
		{true, "true"},
	} {
		if got := valueText(c.in); got != c.want {
			t.Errorf("valueText(%#v) is %s, want %s", c.in, got, c.want)
		}
	}
}

// Every column that a command marks as shown exists: shown takes words.
func TestShown(t *testing.T) {
	columns := shown([]output.Column[string]{{Key: "a"}, {Key: "ab"}, {Key: "b"}}, "a b", "ab")
	for _, c := range columns {
		if c.Table != (c.Key != "ab") || c.Wide != (c.Key == "ab") {
			t.Errorf("%s is shown in tables %v, in wide ones %v", c.Key, c.Table, c.Wide)
		}
	}
}
