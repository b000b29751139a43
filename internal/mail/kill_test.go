package mail_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"github.com/staffctl/staffctl/cmd"
	"github.com/staffctl/staffctl/internal/mail"
	"github.com/staffctl/staffctl/internal/sqlstore"
	"github.com/staffctl/staffctl/internal/sqlstore/sqlite"
	"github.com/staffctl/staffctl/internal/sqlstore/storetest"
	"github.com/staffctl/staffctl/internal/staff"
)

var (
	kills    = flag.Int("kills", fewKills, "how often a worker is killed; 200 take some ten seconds")
	killSeed = flag.Uint64("seed", 1, "where the random moments of kills come from")
)

// Variables that make this binary another program.
const (
	asWorker = "STAFFCTL_TEST_WORKER" // one delivery; the value is its orders
	asCLI    = "STAFFCTL_TEST_CLI"    // staffctl itself
)

func TestMain(m *testing.M) {
	if orders := os.Getenv(asWorker); orders != "" {
		if err := work(orders); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	if os.Getenv(asCLI) != "" {
		os.Exit(cmd.Main())
	}
	os.Exit(m.Run())
}

// orders are what a worker process is told.
type orders struct {
	Store string
	Port  int
	Now   int64  // Unix milliseconds on its clock
	Halt  string // a step at which it says so and waits for its end
}

// work is a worker process: it delivers once what is due.
func work(text string) error {
	var o orders
	if err := json.Unmarshal([]byte(text), &o); err != nil {
		return err
	}
	file, err := sqlite.Open(o.Store, false)
	if err != nil {
		return err
	}
	defer file.Close()
	m, err := mail.NewMailer(mail.Settings{Host: "127.0.0.1", Port: o.Port, TLS: mail.TLSNone, From: "portal@example.ch"})
	if err != nil {
		return err
	}
	w := &mail.Worker{Outbox: halting{sqlstore.New(file), o.Halt}, Mailer: m, Pages: pages, Now: func() time.Time { return time.UnixMilli(o.Now) },
		Key: func() (staff.LinkKey, error) { return storetest.Key, nil }}
	_, err = w.Deliver(context.Background(), nil, false)
	return err
}

// halting is an outbox that stops the process at a step.
type halting struct {
	staff.Outbox
	at string
}

func (h halting) reach(step string) {
	if h.at == step {
		fmt.Println(step)
		_, _ = io.Copy(io.Discard, os.Stdin) // until the end
	}
}

func (h halting) Lease(ctx context.Context, l staff.Lease) ([]*staff.QueuedMail, error) {
	h.reach("leasing")
	mails, err := h.Outbox.Lease(ctx, l)
	h.reach("leased")
	return mails, err
}

func (h halting) Settle(ctx context.Context, t staff.Settlement) error {
	h.reach("settling")
	err := h.Outbox.Settle(ctx, t)
	h.reach("settled")
	return err
}

// killAttempts is how often each kill is tried at most, on average.
const killAttempts = 4

// step is where a worker is killed, and what has to be then.
type step struct {
	name     string
	byServer bool            // the server sees it come, and kills
	accepted int             // how often the server has taken the mail whole
	state    staff.MailState // "" where chance decides
}

var steps = []step{
	{"leasing", false, 0, staff.MailQueued},
	{"leased", false, 0, staff.MailQueued},
	{"connect", true, 0, staff.MailQueued},
	{"MAIL", true, 0, staff.MailQueued},
	{"RCPT", true, 0, staff.MailQueued},
	{"dot", true, 1, staff.MailQueued}, // taken, and not yet told
	{"settling", false, 1, staff.MailQueued},
	{"settled", false, 1, staff.MailSent},
	{"after the dot", true, 1, ""}, // at a random moment
	{"after the dot", true, 1, ""},
}

// murder is a series of workers being killed.
type murder struct {
	*post
	random *rand.Rand
	usual  time.Duration // from the last dot to the end of the process
	hits   int
	twice  int

	mu     sync.Mutex
	victim *exec.Cmd
	at     string
}

// TestKill ends worker processes by kill -9 around the last dot. Each mail is
// taken at least once, and twice only by whoever was killed between the server's
// answer and the settling: then as the same mail.
func TestKill(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no kill -9")
	}
	n := *kills
	if testing.Short() {
		n = min(n, len(steps))
	}
	k := &murder{post: newPost(t), random: rand.New(rand.NewPCG(*killSeed, 0)), usual: time.Millisecond}
	k.server.onConnect = func(*smtp.Conn) error { return k.reached("connect") }
	k.server.onMail = func(*smtp.Conn) error { return k.reached("MAIL") }
	k.server.onRcpt = func(*smtp.Conn, string) error { return k.reached("RCPT") }
	k.server.onDot = func(*smtp.Conn, received) error {
		if err := k.reached("dot"); err != nil {
			return err
		}
		return k.reached("after the dot")
	}
	struck := 0
	for ; k.hits < n && struck < killAttempts*n; struck++ { // some have ended before
		k.strike(struck, steps[struck%len(steps)])
	}
	if k.hits < n {
		t.Errorf("only %d of %d kills hit", k.hits, n)
	}
	t.Logf("%d of %d workers were killed in time, %d mails were taken twice", k.hits, struck, k.twice)
}

// reached kills the victim where the server has come to its step.
func (k *murder) reached(name string) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.victim == nil || k.at != name {
		return nil
	}
	victim := k.victim
	k.victim = nil
	if name == "after the dot" {
		time.AfterFunc(time.Duration(k.random.Int64N(int64(k.usual))), func() { _ = victim.Process.Kill() })
		return nil
	}
	_ = victim.Process.Kill()
	return errGone
}

// strike kills one worker with a mail of its own, and lets another finish.
func (k *murder) strike(i int, s step) {
	k.Helper()
	what := fmt.Sprintf("kill %d at %s", i, s.name)
	m := k.invite(fmt.Sprintf("person%d@example.ch", i))
	k.run(what, s)
	accepted := k.accepted(m.ID)
	state := k.queued(m.ID).State
	if accepted != s.accepted || s.state != "" && state != s.state {
		k.Errorf("%s: taken %d times and %s, want %d times and %s", what, accepted, state, s.accepted, s.state)
	}
	k.run(what, step{}) // the lease of the dead one still holds
	if got := k.accepted(m.ID); s.name != "leasing" && got != accepted {
		k.Errorf("%s: taken %d times while the dead one's lease holds", what, got)
	}
	k.advance(mail.LeaseTime)
	k.run(what, step{})
	want := accepted
	if state == staff.MailQueued {
		want++
	}
	if got := k.accepted(m.ID); got != want || got < 1 || got > 2 {
		k.Errorf("%s: taken %d times in the end, want %d", what, got, want)
	}
	if want == 2 {
		k.twice++
	}
	k.stands(m.ID, staff.MailSent, 1, "250")
}

// accepted counts how often the server has taken a mail, by its Message-ID.
func (k *murder) accepted(id staff.ID) (n int) {
	for _, m := range k.server.taken() {
		if m.id == fmt.Sprintf("<%d.staffctl@example.ch>", id) {
			n++
		}
	}
	return n
}

// run lets a worker process deliver once, killed at a step if one is named.
func (k *murder) run(what string, s step) {
	k.Helper()
	o := orders{Store: k.path, Port: k.server.port, Now: k.clock().UnixMilli()}
	if !s.byServer {
		o.Halt = s.name
	}
	text, err := json.Marshal(o)
	if err != nil {
		k.Fatal(err)
	}
	worker := exec.CommandContext(k.Context(), os.Args[0])
	worker.Env = append(os.Environ(), asWorker+"="+string(text))
	var said strings.Builder
	worker.Stderr = &said
	stdin, err := worker.StdinPipe() // held open, so that it can wait
	if err != nil {
		k.Fatal(err)
	}
	defer stdin.Close()
	stdout, err := worker.StdoutPipe()
	if err != nil {
		k.Fatal(err)
	}
	k.mu.Lock() // the server must not come to the step before the victim is known
	err = worker.Start()
	if s.byServer {
		k.victim, k.at = worker, s.name
	}
	k.mu.Unlock()
	if err != nil {
		k.Fatal(err)
	}
	for lines := bufio.NewScanner(stdout); lines.Scan(); {
		if lines.Text() == s.name {
			_ = worker.Process.Kill()
		}
	}
	err = worker.Wait()
	var exit *exec.ExitError
	killed := errors.As(err, &exit) && exit.ExitCode() == -1
	if err != nil && !killed || s.name == "" && killed || said.Len() > 0 {
		k.Errorf("%s: a worker ended with %v: %s", what, err, said.String())
	}
	if killed {
		k.hits++
	}
	if s.state != "" && !killed {
		k.Errorf("%s: the worker was not killed", what)
	}
}
