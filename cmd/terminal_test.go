//go:build unix

package cmd

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// What a terminal shows is for a terminal to say: these tests run the program in
// tmux and look at its screen.

// screen is a terminal of a size, with a shell on it.
type screen struct {
	t      *testing.T
	socket string
	runs   int
}

// openScreen starts a terminal in an environment without a pager of its own.
func openScreen(t *testing.T, env []string, columns, rows int) *screen {
	t.Helper()
	if _, err := exec.LookPath("tmux"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip("tmux is not installed, which shows what a terminal does")
	}
	s := &screen{t: t, socket: filepath.Join(t.TempDir(), "tmux")}
	cmd := s.command("-f", "/dev/null", "new-session", "-d", "-x", strconv.Itoa(columns), "-y", strconv.Itoa(rows), "exec sh")
	cmd.Env = append(env, "LC_ALL=C.UTF-8", "PS1=", "ENV=", "NO_COLOR=")
	for i, variable := range cmd.Env {
		if strings.HasPrefix(variable, "PAGER=") || strings.HasPrefix(variable, "LESS") {
			cmd.Env[i] = "IGNORED="
		}
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("tmux: %v\n%s", err, out)
	}
	t.Cleanup(func() { _ = s.command("kill-server").Run() })
	return s
}

func (s *screen) command(args ...string) *exec.Cmd {
	return exec.CommandContext(s.t.Context(), "tmux", append([]string{"-u", "-S", s.socket}, args...)...)
}

func (s *screen) tmux(args ...string) string {
	s.t.Helper()
	out, err := s.command(args...).CombinedOutput()
	if err != nil {
		s.t.Fatalf("tmux %s: %v\n%s", args, err, out)
	}
	return string(out)
}

// enter types a line at the cleared screen.
func (s *screen) enter(line string) {
	s.t.Helper()
	s.keys("-l", "clear; "+line)
	s.keys("Enter")
}

func (s *screen) keys(keys ...string) { s.tmux(append([]string{"send-keys"}, keys...)...) }

// until looks at the screen until it is as wanted.
func (s *screen) until(wanted string, is func(shown string) bool) string {
	s.t.Helper()
	for began := time.Now(); ; {
		shown := strings.TrimRight(s.tmux("capture-pane", "-p"), "\n")
		if is(shown) {
			return shown
		}
		if time.Since(began) > longest {
			s.t.Fatalf("the terminal never showed %s but\n%s", wanted, shown)
		}
	}
}

// shows waits for a text.
func (s *screen) shows(text string) string {
	s.t.Helper()
	return s.until(text, func(shown string) bool { return strings.Contains(shown, text) })
}

// run runs a command to its end and returns what the screen shows of it.
func (s *screen) run(line string, exit int) string {
	s.t.Helper()
	s.runs++
	s.enter(fmt.Sprintf(`%s; echo "run %d ended $?"`, line, s.runs))
	last := fmt.Sprintf("run %d ended %d", s.runs, exit)
	shown, _, _ := strings.Cut(s.shows(last), last)
	return shown
}

// screenHome makes a store with people whose names are wide, joined or long, and
// with as many others.
func screenHome(t *testing.T, others int) []string {
	t.Helper()
	dir := t.TempDir()
	env := append(os.Environ(), "HOME="+dir, "XDG_CONFIG_HOME="+filepath.Join(dir, "config"), "XDG_DATA_HOME="+filepath.Join(dir, "data"),
		"STAFFCTL_STORE="+filepath.Join(dir, "store.db"), "GORACE=atexit_sleep_ms=0")
	staffctl(t, env, "", "init", "acme", "-q")
	rows := `{"email":"yamada.taro@example.com","first_name":"太郎","last_name":"山田","access":["invoices","orders"],"mail":["all"]}
{"email":"fam@example.com","first_name":"👩‍👩‍👦","last_name":"🇨🇭 m\u0308","access":["domains"],"mail":["invoices","news"]}
{"email":"sara@example.com","first_name":"שרה","last_name":"क्षत्रिय","access":["profile","team","contract","quotes"],"mail":["security","news","orders"]}
`
	for i := range others {
		rows += fmt.Sprintf(`{"email":"max.muster%d@example.com","first_name":"Max %[1]d","last_name":"Muster","access":["team"],"mail":["news"]}`+"\n", i)
	}
	staffctl(t, env, rows, "import", "-", "--format", "jsonl", "-q")
	return env
}

func TestScreenTable(t *testing.T) {
	t.Parallel()
	env := screenHome(t, 1)
	for _, c := range []struct {
		columns int
		want    string
	}{
		{200, `
NAME          USERNAME                 MAILS                   AREAS                            STATUS
Without access (4)
Max 0 Muster  max.muster0@example.com  news                    team                             no-login
שרה क्षत्रिय    sara@example.com         orders, security, news  profile, team, contract, quotes  no-login
太郎 山田     yamada.taro@example.com  all                     invoices, orders                 no-login
👩‍👩‍👦 🇨🇭 m\u0308       fam@example.com          invoices, news          domains                          no-login
`},
		{80, `
NAME          USERNAME                 MAILS           AREAS           STATUS
Without access (4)
Max 0 Muster  max.muster0@example.com  news            team            no-login
שרה क्षत्रिय    sara@example.com         orders,         profile, team,  no-login
                                       security, news  contract,
                                                       quotes
太郎 山田     yamada.taro@example.com  all             invoices,       no-login
                                                       orders
👩‍👩‍👦 🇨🇭 m\u0308       fam@example.com          invoices, news  domains         no-login
`},
		{40, `
Without access (4)
NAME      Max 0 Muster
USERNAME  max.muster0@example.com
MAILS     news
AREAS     team
STATUS    no-login

NAME      שרה क्षत्रिय
USERNAME  sara@example.com
MAILS     orders, security, news
AREAS     profile, team, contract,
          quotes
STATUS    no-login

NAME      太郎 山田
USERNAME  yamada.taro@example.com
MAILS     all
AREAS     invoices, orders
STATUS    no-login

NAME      👩‍👩‍👦 🇨🇭 m\u0308
USERNAME  fam@example.com
MAILS     invoices, news
AREAS     domains
STATUS    no-login
`},
	} {
		s := openScreen(t, env, c.columns, 40)
		if got := s.run("staffctl member list", 0); got != strings.ReplaceAll(c.want[1:], `\u0308`, "\u0308") {
			t.Errorf("%d columns show\n%s instead of\n%s", c.columns, got, c.want)
		}
	}
}

// In a pipe nothing is wrapped, and the terminal that it is shown on at last agrees
// where the last column begins.
func TestScreenAligns(t *testing.T) {
	t.Parallel()
	env := screenHome(t, 1)
	s := openScreen(t, env, 150, 40)
	table := staffctl(t, env, "", "member", "list")
	column := strings.Index(table, "STATUS")
	rows := 0
	for line := range strings.Lines(table) {
		begin, ok := strings.CutSuffix(line, "no-login\n")
		if !ok {
			continue
		}
		rows++
		file := filepath.Join(t.TempDir(), "line")
		if err := os.WriteFile(file, []byte(begin), 0o600); err != nil {
			t.Fatal(err)
		}
		s.enter("cat " + file + "; read x")
		s.until(fmt.Sprintf("the cursor in column %d", column), func(string) bool {
			return s.tmux("display", "-p", "#{cursor_x}") == fmt.Sprintln(column)
		})
		s.keys("Enter")
	}
	if rows != 4 {
		t.Errorf("%d rows in\n%s", rows, table)
	}
}

func TestScreenShow(t *testing.T) {
	t.Parallel()
	s := openScreen(t, screenHome(t, 0), 40, 40)
	got := s.run("staffctl member show sara@example.com --columns name,mail,must_change_password,areas", 0)
	if want := `NAME           שרה क्षत्रिय
MAILS          orders, security, news
MUST CHANGE    false
PASSWORD
AREAS          profile, team, contract,
               quotes
`; got != want {
		t.Error(got)
	}
}

// pagedHome has more people than a screen shows, and a pager that notes what it
// got.
func pagedHome(t *testing.T) (env []string, pager, noted string) {
	t.Helper()
	env = screenHome(t, 40)
	pager, noted = filepath.Join(t.TempDir(), "pager"), filepath.Join(t.TempDir(), "noted")
	script := "#!/bin/sh\necho $LESS; tee " + noted + " | head -3\n"
	if err := os.WriteFile(pager, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	return env, pager, noted
}

func TestPagerGetsWhatDoesNotFit(t *testing.T) {
	t.Parallel()
	env, pager, noted := pagedHome(t)
	s := openScreen(t, env, 80, 24)
	shown := s.run("PAGER="+pager+" staffctl member list --color never", 0)
	text, err := os.ReadFile(noted)
	if err != nil {
		t.Fatal(err)
	}
	begin := "FRX\n" + strings.Join(strings.SplitAfter(string(text), "\n")[:3], "")
	if shown != begin || strings.Count(string(text), "max.muster") != 40 {
		t.Errorf("the terminal shows\n%s and the pager got\n%s", shown, text)
	}
	for _, c := range []struct{ name, line, want string }{
		{"short", "PAGER=" + pager + " staffctl member list --limit 2", "no-login"},
		{"in a pipe", "PAGER=" + pager + " staffctl member list | tail -2", "fam@example.com"},
		{"for programs", "PAGER=" + pager + " staffctl member list -o jsonl", `{"id"`},
		{"none", "PAGER= staffctl member list", "fam@example.com"},
		{"cat", "PAGER=cat staffctl member list", "fam@example.com"},
		{"dumb", "TERM=dumb PAGER=" + pager + " staffctl member list", "fam@example.com"},
		{"input elsewhere", "PAGER=" + pager + " staffctl member list </dev/null", "fam@example.com"},
		{"missing", "PAGER=no-such-pager staffctl member list", "fam@example.com"},
		{"missing default", "PATH=${PATH%%:*} staffctl member list", "fam@example.com"},
	} {
		if shown := s.run(c.line, 0); !strings.Contains(shown, c.want) || strings.Contains(shown, "FRX") {
			t.Errorf("%s: the terminal shows\n%s", c.name, shown)
		}
	}
}

func TestPagerKeepsTheExitCode(t *testing.T) {
	t.Parallel()
	env, pager, _ := pagedHome(t)
	team := filepath.Join(t.TempDir(), "team.yaml")
	var text strings.Builder
	text.WriteString("account: acme\nmembers:\n")
	for i := range 40 {
		fmt.Fprintf(&text, "  - {email: anna%d@example.ch, last_name: Muster}\n", i)
	}
	if err := os.WriteFile(team, []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	s := openScreen(t, env, 80, 24)
	for _, pager := range []string{pager, "true", "false"} {
		s.run("PAGER="+pager+" staffctl diff -q -f "+team, 11)
	}
	s.run("PAGER=false staffctl member list", 0)
}

// Less shows the beginning, Ctrl-C does not part it from the terminal, and q leaves
// it.
func TestPagerIsLess(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("less"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip("less is not installed")
	}
	env, _, _ := pagedHome(t)
	s := openScreen(t, env, 80, 24)
	s.enter(`staffctl member list; echo "ended $?"`)
	begun := s.shows("\n:")
	if !strings.HasPrefix(begun, "NAME") {
		t.Errorf("less begins with\n%s", begun)
	}
	s.keys("C-c")
	s.keys("G")
	s.shows("(END)")
	s.keys("q")
	s.shows("ended 0")
	if typed := s.run("echo typed", 0); typed != "typed\n" {
		t.Errorf("the terminal shows %q", typed)
	}
}
