package quickhelp

import (
	"bytes"
	"os"
	"os/exec"
	"strings"
	"testing"
)

func TestOf(t *testing.T) {
	for args, file := range map[string]string{
		"--help":            "staffctl",
		"-h":                "staffctl",
		"member --help":     "staffctl_member",
		"member add -h":     "staffctl_member_add",
		"mail-prefs --help": "staffctl_mail-prefs",

		"":                             "",
		"member add":                   "",
		"member_add --help":            "",
		"member ad --help":             "",
		"member add --help --help":     "",
		"--help member add":            "",
		"member add anna --help":       "",
		"member add --name=x --help":   "",
		"member  add --help":           "", // an empty word
		"../text/staffctl --help":      "",
		"-- member add --help":         "",
		"member add --help=false":      "",
		"member add --output x --help": "",
	} {
		var want []byte
		if file != "" {
			var err error
			if want, err = os.ReadFile("text/" + file + ".txt"); err != nil {
				t.Fatal(err)
			}
		}
		var words []string
		if args != "" {
			words = strings.Split(args, " ")
		}
		if got := of(words); !bytes.Equal(got, want) {
			t.Errorf("%q: got %.30q…, want %.30q…", args, got, want)
		}
	}
}

// TestMain is also the program that has this package: it ends with 7 where main would
// have begun.
func TestMain(m *testing.M) {
	if os.Getenv("QUICKHELP_PROGRAM") != "" {
		os.Exit(7)
	}
	os.Exit(m.Run())
}

func TestAnswersFirst(t *testing.T) {
	read, closed, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	read.Close()
	defer closed.Close()
	for _, c := range []struct {
		args   string
		stdout *os.File // or a buffer
		exit   int
	}{
		{"member add --help", nil, 0},
		{"member ad --help", nil, 7},
		{"member add --help", closed, 7},
	} {
		program := exec.Command(os.Args[0], strings.Fields(c.args)...)
		program.Env = append(os.Environ(), "QUICKHELP_PROGRAM=1")
		var out bytes.Buffer
		program.Stdout = &out
		if c.stdout != nil {
			program.Stdout = c.stdout
		}
		_ = program.Run()
		var want []byte
		if c.exit == 0 {
			want = of(strings.Fields(c.args))
		}
		if exit := program.ProcessState.ExitCode(); exit != c.exit || !bytes.Equal(out.Bytes(), want) {
			t.Errorf("%+v ends with %v and prints %q", c, program.ProcessState, &out)
		}
	}
}
