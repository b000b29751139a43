package mail_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"github.com/staffctl/staffctl/internal/mail"
	"github.com/staffctl/staffctl/internal/staff"
)

// What the server answers at each step decides whether the mail is tried again.
func TestAnswers(t *testing.T) {
	for _, step := range []string{"MAIL", "RCPT", "DATA", "dot"} {
		for code, state := range map[int]staff.MailState{421: staff.MailQueued, 451: staff.MailQueued, 550: staff.MailFailed, 554: staff.MailFailed} {
			t.Run(fmt.Sprint(step, code), func(t *testing.T) {
				s := newServer(t, mail.TLSNone)
				answer := says(code, "because of "+step)
				switch step {
				case "MAIL":
					s.onMail = func(*smtp.Conn) error { return answer }
				case "RCPT":
					s.onRcpt = func(*smtp.Conn, string) error { return answer }
				case "DATA":
					s.onData = func(*smtp.Conn) error { return answer }
				case "dot":
					s.onDot = func(*smtp.Conn, received) error { return answer }
				}
				got := try(t, s.settings(mail.TLSNone))
				expect(t, got, state, false, fmt.Sprint(code, " because of ", step))
				if !got.Tried {
					t.Error("not counted as a try")
				}
			})
		}
	}
}

// Answers that go-smtp never gives, from a server that follows a script.
func TestScriptedAnswers(t *testing.T) {
	for name, c := range map[string]struct {
		greeting string
		answers  map[string]string
		state    staff.MailState
		down     bool
		want     string
	}{
		"as usual":         {"220 hi", nil, staff.MailSent, false, "250 OK"},
		"DATA refused":     {"220 hi", map[string]string{"DATA": "554 5.7.1 not you"}, staff.MailFailed, false, "554 5.7.1 not you"},
		"DATA later":       {"220 hi", map[string]string{"DATA": "452 4.3.1 full"}, staff.MailQueued, false, "452 4.3.1 full"},
		"in several lines": {"220 hi", map[string]string{"MAIL": "550-one\r\n550 two"}, staff.MailFailed, false, "550 one two"},
		"no service":       {"554 go away", nil, staff.MailQueued, true, "554 go away"},
		"EHLO refused":     {"220 hi", map[string]string{"EHLO": "502 what", "HELO": "421 bye"}, staff.MailQueued, true, "502 what"},
		"HELO only":        {"220 hi", map[string]string{"EHLO": "502 what"}, staff.MailSent, false, "250 OK"},
		"nonsense":         {"220 hi", map[string]string{"RCPT": "hello there"}, staff.MailQueued, false, "at the recipient"},
		"251 is taken":     {"220 hi", map[string]string{"RCPT": "251 elsewhere"}, staff.MailSent, false, "250 OK"},
	} {
		t.Run(name, func(t *testing.T) {
			expect(t, try(t, scriptedServer(t, c.greeting, c.answers)), c.state, c.down, c.want)
		})
	}
}

// scriptedServer answers each command with what the script has for its first
// word, or else with 250, and what follows DATA at its end.
func scriptedServer(t *testing.T, greeting string, answers map[string]string) mail.Settings {
	t.Helper()
	settings := silentServer(t)
	settings.Port = listen(t, func(conn net.Conn) {
		lines := bufio.NewScanner(conn)
		_, _ = fmt.Fprintf(conn, "%s\r\n", greeting)
		for content := false; lines.Scan(); {
			word, _, _ := strings.Cut(lines.Text(), " ")
			answer := "250 OK"
			switch {
			case content && word != ".":
				continue
			case content:
				content = false
			case answers[word] != "":
				answer = answers[word]
			case word == "DATA":
				content, answer = true, "354 go on"
			}
			_, _ = fmt.Fprintf(conn, "%s\r\n", answer)
		}
	})
	return settings
}

// A connection that the server closes, at whatever step, is tried again.
func TestClosedConnection(t *testing.T) {
	for step, set := range map[string]func(*server){
		"connect": func(s *server) { s.onConnect = hangUpOn },
		"MAIL":    func(s *server) { s.onMail = hangUpOn },
		"RCPT":    func(s *server) { s.onRcpt = func(c *smtp.Conn, _ string) error { return hangUpOn(c) } },
		"DATA":    func(s *server) { s.onData = hangUpOn },
		"dot":     func(s *server) { s.onDot = func(c *smtp.Conn, _ received) error { return hangUpOn(c) } },
	} {
		t.Run(step, func(t *testing.T) {
			s := newServer(t, mail.TLSNone)
			set(s)
			want := ""
			if step == "dot" {
				want = "sent again with the same Message-ID"
			}
			expect(t, try(t, s.settings(mail.TLSNone)), staff.MailQueued, step == "connect", want)
		})
	}
}

// The server goes after the last dot: the mail is sent again as the same mail.
func TestCutAfterDot(t *testing.T) {
	s := newServer(t, mail.TLSStart)
	s.onDot = func(c *smtp.Conn, m received) error {
		if m.conn == 1 {
			return hangUpOn(c)
		}
		return nil
	}
	expect(t, try(t, s.settings(mail.TLSStart)), staff.MailQueued, false, "the same Message-ID")
	expect(t, try(t, s.settings(mail.TLSStart)), staff.MailSent, false, "250")
	if taken := s.taken(); len(taken) != 2 || taken[0].id != taken[1].id || taken[0].raw != taken[1].raw {
		t.Errorf("the server got %v", taken)
	}
}

// A server that says nothing is given up, whichever bound is the first.
func TestHanging(t *testing.T) {
	const short, long = 40 * time.Millisecond, time.Hour
	for name, c := range map[string]struct {
		connect, command, whole time.Duration
		set                     func(s *server, hang func(*smtp.Conn) error)
		down                    bool
	}{
		"greeting, connect": {short, long, long, nil, true},
		"greeting, command": {long, short, long, nil, true},
		"MAIL, command":     {long, short, long, func(s *server, hang func(*smtp.Conn) error) { s.onMail = hang }, false},
		"MAIL, whole":       {long, long, short, func(s *server, hang func(*smtp.Conn) error) { s.onMail = hang }, false},
		"RCPT, whole": {long, long, short, func(s *server, hang func(*smtp.Conn) error) {
			s.onRcpt = func(c *smtp.Conn, _ string) error { return hang(c) }
		}, false},
		"RCPT, command": {long, short, long, func(s *server, hang func(*smtp.Conn) error) {
			s.onRcpt = func(c *smtp.Conn, _ string) error { return hang(c) }
		}, false},
		"dot, whole": {long, long, short, func(s *server, hang func(*smtp.Conn) error) {
			s.onDot = func(c *smtp.Conn, _ received) error { return hang(c) }
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			done := make(chan struct{})
			var settings mail.Settings
			if c.set == nil {
				settings = silentServer(t)
			} else {
				s := newServer(t, mail.TLSNone)
				c.set(s, func(c *smtp.Conn) error {
					<-done
					return hangUpOn(c)
				})
				settings = s.settings(mail.TLSNone)
			}
			settings.Connect, settings.Command, settings.Mail = c.connect, c.command, c.whole
			got := try(t, settings)
			close(done)
			expect(t, got, staff.MailQueued, c.down, "took too long")
		})
	}
}

// silentServer takes connections and says nothing.
func silentServer(t *testing.T) mail.Settings {
	t.Helper()
	port := listen(t, func(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) })
	return mail.Settings{Host: "127.0.0.1", Port: port, TLS: mail.TLSNone, From: "portal@example.ch"}
}

// listen serves connections one after the other.
func listen(t *testing.T, serve func(net.Conn)) (port int) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			serve(conn)
			_ = conn.Close()
		}
	}()
	return l.Addr().(*net.TCPAddr).Port
}

// The strongest way to sign in is taken among those that the server offers.
func TestWayToSignIn(t *testing.T) {
	for offered, want := range map[string]string{
		"PLAIN LOGIN SCRAM-SHA-256 SCRAM-SHA-1 CRAM-MD5": "SCRAM-SHA-256",
		"SCRAM-SHA-256-PLUS SCRAM-SHA-1":                 "SCRAM-SHA-1", // PLUS is for TLS
		"CRAM-MD5 LOGIN PLAIN":                           "PLAIN",
		"CRAM-MD5 LOGIN":                                 "LOGIN",
		"GSSAPI CRAM-MD5":                                "CRAM-MD5",
		"GSSAPI":                                         "",
	} {
		var chosen string
		settings := silentServer(t)
		settings.Username, settings.PasswordFile = "portal", passwordFile(t, testPassword, 0o600)
		settings.Port = listen(t, func(conn net.Conn) {
			lines := bufio.NewScanner(conn)
			_, _ = fmt.Fprint(conn, "220 hi\r\n")
			for lines.Scan() {
				answer := "250-hi\r\n250 AUTH " + offered
				if words := strings.Fields(lines.Text()); words[0] == "AUTH" {
					chosen, answer = words[1], "535 no"
				}
				_, _ = fmt.Fprintf(conn, "%s\r\n", answer)
			}
		})
		got := try(t, settings)
		if got.State != staff.MailQueued || !got.Down || chosen != want {
			t.Errorf("%s: chosen %q, want %q; %+v", offered, chosen, want, got)
		}
	}
}
