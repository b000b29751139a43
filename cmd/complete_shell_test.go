//go:build unix

package cmd

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/creack/pty"
)

// shell is one that completes in a terminal.
type shell struct {
	name, rc string
	tabs     string // what lists several words
	shows    string // how it shows what a word means, as $word and $about
}

func bashShell(settings string) shell {
	return shell{"bash", settings + `
		bind 'set bell-style none'
		bind 'set page-completions off'
		bind 'set enable-bracketed-paste off'
		PS1='ready> '
		source <(staffctl completion bash)`,
		"\t\t", "$word  ($about)"}
}

func zshShell() shell {
	return shell{"zsh", `
		bindkey -e
		unset zle_bracketed_paste
		setopt no_beep no_prompt_sp
		autoload -U compinit
		compinit -u -D
		PS1='ready> '
		source <(staffctl completion zsh)`,
		"\t", "$word  -- $about"}
}

// at starts the shell in a directory where there is a file that nobody asks for.
func (s shell) at(t *testing.T) *console {
	t.Helper()
	env, dir := promptHome(t), t.TempDir()
	for _, word := range []string{"anchor", "max", "zzz"} {
		if err := os.WriteFile(filepath.Join(dir, word+".file"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	rc := filepath.Join(dir, ".zshrc")
	if err := os.WriteFile(rc, []byte(s.rc+"\ncd "+dir+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"-i"}
	if s.name == "bash" {
		args = []string{"--noprofile", "--rcfile", rc, "-i"}
	}
	c := typeTo(t, append(env, "ZDOTDIR="+dir, "INPUTRC=/dev/null", "LC_ALL=C.UTF-8", "BASH_SILENCE_DEPRECATION_WARNING=1"), s.name, args...)
	if err := pty.Setsize(c.master, &pty.Winsize{Rows: 40, Cols: 200}); err != nil {
		t.Fatal(err)
	}
	c.expect("ready> ")
	return c
}

// words types keys and returns the words that then stand on the line, and all that the
// terminal has shown meanwhile.
func (c *console) words(keys string) (words []string, shown string) {
	c.t.Helper()
	from := c.read
	c.enter(keys)
	c.enter("\x01printf '<%s>' ^^ \x05 '$$'\r")
	c.expect("<^^>")
	at := c.read
	c.expect("<$$>")
	line := c.shown.String()[at : c.read-len("<$$>")]
	c.expect("ready> ")
	return strings.FieldsFunc(line, func(r rune) bool { return r == '<' || r == '>' }), c.shown.String()[from:at]
}

func (s shell) test(t *testing.T) {
	t.Parallel()
	lookUpProgram(t, s.name, s.name)
	c := s.at(t)
	for _, k := range []struct{ keys, want string }{
		{"staffctl member show an\t", "staffctl member show anna.muster@example.ch"},
		{"staffctl member show username:an\t", "staffctl member show username:anna.muster@example.ch"},
		{"staffctl memb\tsho\tmax\t--colu\temail,user\t", "staffctl member show max.muster@example.ch --columns email,username"},
		{"staffctl member list --area=invo\t", "staffctl member list --area=invoices"},
		{"staffctl subaccount create x --role web\t", "staffctl subaccount create x --role website-builder"},
		{"staffctl member add x --access api.use,doma\t", "staffctl member add x --access api.use,domains"},
		{"staffctl member list --store rqlites\t", "staffctl member list --store rqlites://"},
		{"staffctl apply --plan anch\t", "staffctl apply --plan anchor.file"},
		{"staffctl member show anch\t", "staffctl member show anch"},
		{"staffctl member show zz\t", "staffctl member show zz"},
		{"staffctl --store ./none.db member show an\t", "staffctl --store ./none.db member show an"},
		{"staffctl --store ./max.file member show ma\t", "staffctl --store ./max.file member show ma"},
		{"staffctl --store rqlite://user@127.0.0.1:1 member show ma\t", "staffctl --store rqlite://user@127.0.0.1:1 member show ma"},
	} {
		words, shown := c.words(k.keys)
		if got := strings.Join(words, " "); got != k.want {
			t.Errorf("%q became %q instead of %q", k.keys, got, k.want)
		}
		for _, word := range []string{"error", "store at", "assword", "not found", "directive"} {
			if strings.Contains(shown, word) {
				t.Errorf("%q showed %q", k.keys, shown)
			}
		}
	}
	_, shown := c.words("staffctl subaccount create x --role c" + s.tabs)
	for word, about := range map[string]string{"copywriter      ": "Copywriter", "customer-support": "Customer support"} {
		if want := strings.NewReplacer("$word", word, "$about", about).Replace(s.shows); !strings.Contains(shown, want) {
			t.Errorf("it did not show %q, but %q", want, shown)
		}
	}
}

func TestCompletionInBash(t *testing.T) {
	const file = "/usr/share/bash-completion/bash_completion"
	if _, err := os.Stat(file); err != nil {
		lookUpProgram(t, file, "bash-completion")
	}
	bashShell("source " + file).test(t)
}

func TestCompletionInZsh(t *testing.T) { zshShell().test(t) }

func TestCompletionInFish(t *testing.T) {
	t.Parallel()
	lookUpProgram(t, "fish", "fish")
	env := promptHome(t)
	for line, want := range map[string]string{
		"staffctl member show an":                            "anna.muster@example.ch\tAnna Muster, active\n",
		"staffctl subaccount create x --role copy":           "copywriter\tCopywriter\n",
		"staffctl --store /dev/null/none.db member show an":  "",
		"staffctl --store rqlite://127.0.0.1:1 member show ": "",
	} {
		cmd := exec.CommandContext(t.Context(), "fish", "--no-config", "-c", "staffctl completion fish | source; complete --do-complete $argv[1]", line)
		cmd.Env = append(env, "LC_ALL=C.UTF-8")
		out, err := cmd.CombinedOutput()
		if err != nil || string(out) != want {
			t.Errorf("%s: %q, %v", line, out, err)
		}
	}
}
