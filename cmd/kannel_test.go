//go:build unix

package cmd

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
	"unicode/utf16"

	"go.yaml.in/yaml/v3"

	"github.com/staffctl/staffctl/internal/config"
	"github.com/staffctl/staffctl/internal/sms"
)

// longText is more than one message holds, with what templates must escape and
// letters that GSM 03.38 has, and ends in one that it lacks.
const longText = `314159 ist Ihre TAN für "Müller & Söhne AG" + Größe = 100 % #1. Sie gilt 5 Minuten. Geben Sie sie niemandem weiter. ` +
	`Ça coûte 3 € à Genève. 314159 ist Ihre TAN für "Müller & Söhne AG".`

// TestKannel sends texts through the real Kannel, as docs/sms.md tells.
func TestKannel(t *testing.T) {
	t.Parallel()
	k := startKannel(t)
	withCoding := func(s config.SMS) config.SMS {
		s.Headers["X-Kannel-Coding"] = "2"
		return s
	}
	for _, c := range []struct {
		name   string
		config config.SMS
		text   string
		parts  int
	}{
		{"POST", k.settings("config.yaml, for Kannel"), longText[:strings.Index(longText, " Ça")], 1},
		{"GET", k.settings("config.yaml, for Kannel by GET"), longText[:strings.Index(longText, " Ça")], 1},
		{"two messages", k.settings("config.yaml, for Kannel"), strings.NewReplacer("Ç", "C", "û", "u").Replace(longText), 2},
		{"every letter", withCoding(k.settings("config.yaml, for Kannel")), "314159 ist Ihre TAN für Dvořák & Őry", 1},
		{"every letter in many messages", withCoding(k.settings("config.yaml, for Kannel")), longText + " ř", 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := c.config
			gateway, err := sms.New(sms.Settings{URL: s.URL, Method: s.Method, Headers: s.Headers, Body: s.Body, CredentialsFile: s.CredentialsFile, Countries: s.Countries})
			if err != nil {
				t.Fatal(err)
			}
			before := len(k.messages(t))
			if err := gateway.Send(t.Context(), "+41795551234", c.text); err != nil {
				t.Fatal(err)
			}
			waitFor(t, "the message arrives", func() bool { return len(k.messages(t)) >= before+c.parts })
			got := k.messages(t)[before:]
			text := ""
			for _, m := range got {
				text += m.text
				if m.to != "+41795551234" {
					t.Errorf("it was sent to %s", m.to)
				}
			}
			if text != c.text || len(got) != c.parts {
				t.Errorf("%d messages have arrived: %q", len(got), text)
			}
		})
	}
}

// TestKannelRefuses sends with a wrong password and to a Kannel that is gone.
func TestKannelRefuses(t *testing.T) {
	t.Parallel()
	k := startKannel(t)
	s := k.settings("config.yaml, for Kannel")
	s.Headers["X-Kannel-Password"] = "wrong"
	send := func() error {
		gateway, err := sms.New(sms.Settings{URL: s.URL, Headers: s.Headers, Body: s.Body, CredentialsFile: s.CredentialsFile, Countries: s.Countries})
		if err != nil {
			t.Fatal(err)
		}
		return gateway.Send(t.Context(), "+41795551234", longText)
	}
	if err := send(); err == nil || err.Error() != "the SMS gateway answers 403 and has not taken the message" {
		t.Errorf("a wrong password gives %v", err)
	}
	k.smsbox.stop(t)
	if err := send(); err == nil || err.Error() != "the SMS gateway cannot be reached: connection refused" {
		t.Errorf("without smsbox it gives %v", err)
	}
}

// TestSignInThroughKannel walks the holder of a subaccount from the link to what is
// open, and through a second sign-in, with TANs from the phone.
func TestSignInThroughKannel(t *testing.T) {
	t.Parallel()
	k := startKannel(t)
	p := startPortal(t, "Müller & Söhne AG", k.yaml("config.yaml, for Kannel"), "")
	link := webLink.FindString(staffctl(t, p.env, "", "subaccount", "create", "texter", "--email", "texter@example.ch", "--role", "copywriter", "--language", "de", "--show-link"))
	v := p.visitor(t)
	v.get(link).at("/team/confirm")
	v.submit("password", portalPassword, "repeat", portalPassword).at("/team/enrol")
	v.submit("number", "+1 202 555 0123").at("/team/enrol").says("In das Land dieser Nummer senden wir keine SMS")
	v.submit("number", "079 555 12 34").at("/team/enrol")
	v.submit("number", "+41 79 555 12 34").at("/team/enrol/tan")
	first := k.tan(t, 1)
	v.submit("tan", other(first)).at("/team/enrol/tan").says("Die TAN stimmt nicht")
	v.submit("tan", " "+first[:3]+" "+first[3:]).at("/team/access").says("texter", "E-Mails")

	v.get("/team/sign-out").submit().at("/team/done")
	v.get("/team/access").at("/team/sign-in").submit("username", "acme-texter", "password", portalPassword).at("/team/tan").says("34")
	second := k.tan(t, 2)
	v.submit("tan", first).at("/team/tan")
	v.submit("tan", second).at("/team/access").says("texter")
	p.server.stop(t)
	logs := p.server.String() + readDoc(t, filepath.Join(k.dir, "smsbox.log")) + readDoc(t, filepath.Join(k.dir, "bearerbox.log"))
	for _, secret := range []string{first, second, portalPassword, "795551234", sendPassword} {
		if strings.Contains(logs, secret) {
			t.Errorf("a log tells %q:\n%s", secret, logs)
		}
	}
}

// other is a TAN that was not sent.
func other(tan string) string { return string('0'+(tan[0]-'0'+1)%10) + tan[1:] }

// kannel is a Kannel whose phones are the output of its fakesmsc.
type kannel struct {
	t       *testing.T
	dir     string
	sendsms string // HOST:PORT
	smsbox  *program
	phones  *program
}

const sendPassword = "Kannel-Kennwort+&=1"

// startKannel starts the parts of Kannel one after the other.
func startKannel(t *testing.T) *kannel {
	t.Helper()
	bearerbox, smsbox, fakesmsc := lookUpProgram(t, "bearerbox", "kannel"), lookUpProgram(t, "smsbox", "kannel"), lookUpProgram(t, "/usr/lib/kannel/test/fakesmsc", "kannel-extras")
	ports := freePorts(t, 4)
	k := &kannel{t: t, dir: t.TempDir(), sendsms: "127.0.0.1:" + ports[2]}
	text := docBlock(t, "../docs/sms.md", "# /etc/kannel/kannel.conf")
	text = replaceAll(t, text, "= 13000", "= "+ports[0], "= 13001", "= "+ports[1], "= 13013", "= "+ports[2], "SENDSMS-PASSWORD", sendPassword, "/var/log/kannel/", k.dir+"/")
	text += "\n\ngroup = smsc\nsmsc = fake\nsmsc-id = fake\nhost = 127.0.0.1\nport = " + ports[3] + "\nconnect-allow-ip = 127.0.0.1\n"
	name := write(t, k.dir, "kannel.conf", text)
	write(t, k.dir, "credentials", "user=portal\npassword="+sendPassword)

	startProgram(t, nil, bearerbox, "-v", "2", name)
	for _, port := range []string{ports[1], ports[3]} {
		waitFor(t, "bearerbox listens", listens("127.0.0.1:"+port))
	}
	k.smsbox = startProgram(t, nil, smsbox, "-v", "2", name)
	k.phones = startProgram(t, nil, fakesmsc, "-H", "127.0.0.1", "-r", ports[3], "-m", "0", "1 2 text nothing")
	waitFor(t, "smsbox listens", listens(k.sendsms))
	waitFor(t, "Kannel is ready", func() bool {
		status := body(t, "http://127.0.0.1:"+ports[0]+"/status.txt?password=ADMIN-PASSWORD")
		return strings.Contains(status, "smsbox:") && strings.Contains(status, "(online")
	})
	return k
}

// yaml is a configuration of docs/sms.md with this Kannel in it.
func (k *kannel) yaml(title string) string {
	return replaceAll(k.t, docBlock(k.t, "../docs/sms.md", "# "+title), "127.0.0.1:13013", k.sendsms, "/etc/staffctl/sms", filepath.Join(k.dir, "credentials"))
}

func (k *kannel) settings(title string) config.SMS {
	k.t.Helper()
	var file struct {
		SMS struct {
			URL, Method     string
			Headers         map[string]string
			Body            string
			CredentialsFile string `yaml:"credentials_file"`
			Countries       []string
		}
	}
	if err := yaml.Unmarshal([]byte(k.yaml(title)), &file); err != nil {
		k.t.Fatal(err)
	}
	return config.SMS(file.SMS)
}

// message is what a phone has got.
type message struct{ to, text string }

var arrived = regexp.MustCompile(`(?m)Got message \d+: <Portal (\S+) (?:udh \S+ )?(text|data|ucs-2) (.*)>$`)

// messages are those that have arrived so far.
func (k *kannel) messages(t *testing.T) []message {
	t.Helper()
	var all []message
	for _, found := range arrived.FindAllStringSubmatch(k.phones.String(), -1) {
		text := found[3]
		if found[2] != "text" {
			raw, err := url.QueryUnescape(text)
			if err != nil {
				t.Fatal(err)
			}
			text = raw
			if strings.Contains(raw, "\x00") { // parts of a text are shown as data, whatever their letters
				text = fromUTF16(raw)
			}
		}
		all = append(all, message{found[1], text})
	}
	return all
}

// fromUTF16 reads big-endian UTF-16.
func fromUTF16(raw string) string {
	var units []uint16
	for i := 0; i+1 < len(raw); i += 2 {
		units = append(units, uint16(raw[i])<<8|uint16(raw[i+1]))
	}
	return string(utf16.Decode(units))
}

var tanInText = regexp.MustCompile(`^([0-9]{6}) ist Ihre TAN für Müller & Söhne AG\. Sie gilt 5 Minuten\.`)

// tan waits for the n-th message and returns its TAN.
func (k *kannel) tan(t *testing.T, n int) string {
	t.Helper()
	waitFor(t, "the TAN arrives", func() bool { return len(k.messages(t)) >= n })
	last := k.messages(t)[n-1]
	found := tanInText.FindStringSubmatch(last.text)
	if found == nil || last.to != "+41795551234" {
		t.Fatalf("the phone has got %+v", last)
	}
	return found[1]
}

// program is one that a test has started, with what it has printed.
type program struct {
	name string
	cmd  *exec.Cmd
	done chan struct{} // closed when it has ended
	mu   sync.Mutex
	text bytes.Buffer
}

func (p *program) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.Write(b)
}

// String is what it has printed so far.
func (p *program) String() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.String()
}

// startProgram starts a program that ends with the test.
func startProgram(t *testing.T, env []string, name string, args ...string) *program {
	t.Helper()
	p := &program{name: filepath.Base(name), cmd: exec.Command(name, args...), done: make(chan struct{})}
	p.cmd.Env, p.cmd.Stdout, p.cmd.Stderr = env, p, p
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = p.cmd.Wait()
		close(p.done)
	}()
	t.Cleanup(func() {
		p.stop(t)
		if t.Failed() {
			t.Logf("%s has printed:\n%s", p.name, p)
		}
	})
	return p
}

// stop ends the program, by force if it does not end itself.
func (p *program) stop(t *testing.T) {
	t.Helper()
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.done:
	case <-time.After(longest):
		t.Errorf("%s does not end", p.name)
		_ = p.cmd.Process.Kill()
		<-p.done
	}
}

// lookUpProgram returns the path of a program of the system. The test is skipped
// where it is not there, unless in CI.
func lookUpProgram(t *testing.T, name, debianPackage string) string {
	t.Helper()
	for _, path := range []string{name, "/usr/sbin/" + name} {
		if found, err := exec.LookPath(path); err == nil {
			return found
		}
	}
	missing := fmt.Sprintf("there is no %s, of Debian's package %s, to test with", name, debianPackage)
	if os.Getenv("CI") != "" {
		t.Fatal(missing)
	}
	t.Skip(missing)
	return ""
}

// freePorts returns ports of 127.0.0.1 that nobody listens on.
func freePorts(t *testing.T, n int) []string {
	t.Helper()
	ports := make([]string, n)
	for i := range ports {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer listener.Close() // all at once, so that they differ
		ports[i] = strconv.Itoa(listener.Addr().(*net.TCPAddr).Port)
	}
	return ports
}

// waitFor asks until it is so.
func waitFor(t *testing.T, what string, isSo func() bool) {
	t.Helper()
	for end := time.Now().Add(longest); time.Now().Before(end); <-time.After(10 * time.Millisecond) {
		if isSo() {
			return
		}
	}
	t.Fatalf("waited in vain until %s", what)
}

// listens tells whether somebody listens there.
func listens(address string) func() bool {
	return func() bool {
		conn, err := net.Dial("tcp", address)
		if err == nil {
			conn.Close()
		}
		return err == nil
	}
}

// body returns what is at an address, "" where nothing is.
func body(t *testing.T, address string) string {
	t.Helper()
	response, err := http.Get(address)
	if err != nil {
		return ""
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// docBlock returns the block of code of a document that begins with the line.
func docBlock(t *testing.T, file, line string) string {
	t.Helper()
	for i, block := range strings.Split(readDoc(t, file), "\n```") {
		_, code, _ := strings.Cut(block, "\n")
		if first, _, _ := strings.Cut(code, "\n"); i%2 == 1 && first == line {
			return code
		}
	}
	t.Fatalf("%s has no block that begins with %q", file, line)
	return ""
}

// replaceAll replaces pairs of texts, of which the first must be there.
func replaceAll(t *testing.T, text string, pairs ...string) string {
	t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(text, pairs[i]) {
			t.Fatalf("%q is not in\n%s", pairs[i], text)
		}
		text = strings.ReplaceAll(text, pairs[i], pairs[i+1])
	}
	return text
}

func write(t *testing.T, dir, name, text string) (path string) {
	t.Helper()
	path = filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
