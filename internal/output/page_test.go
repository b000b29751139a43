package output

import (
	"testing"

	"github.com/staffctl/staffctl/internal/iostreams"
)

func TestPage(t *testing.T) {
	t.Parallel()
	ios, _, out, _ := iostreams.Test()
	who := Section{Heading: "MEMBER", Text: "Anna Muster"}
	who.Add("e-mail", "anna.muster@example.ch")
	who.Add("phones", "")
	who.Add("note", "a\x1b[31mb")
	if err := Page(New(ios, Options{}), []Section{who, {Heading: "MAILS", Text: "none"}, {Heading: "CHANGES"}}); err != nil {
		t.Fatal(err)
	}
	want := "MEMBER    Anna Muster\n  e-mail  anna.muster@example.ch\n  note    a\\u{1b}[31mb\nMAILS     none\nCHANGES\n"
	if out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", out.String(), want)
	}
}

// On a narrow terminal a text is broken, and a command is not; on a very narrow one
// texts stand below their labels.
func TestPageFits(t *testing.T) {
	t.Parallel()
	for width, want := range map[int]string{
		40: "SIGN-IN       no: no password yet, and\n              no invite\n  what to do  staffctl invite send anna@example.ch\n  login       none\n",
		16: "SIGN-IN\n  no: no\n  password yet,\n  and no invite\n  what to do\n    staffctl invite send anna@example.ch\n  login\n    none\n",
	} {
		ios, _, out, _ := iostreams.Test()
		ios.SetTerminals(false, true, false)
		ios.SetColor("never", false)
		ios.SetWidth(width)
		s := Section{Heading: "SIGN-IN", Text: "no: no password yet, and no invite"}
		s.AddStyled("what to do", "staffctl invite send anna@example.ch", Command)
		s.Add("login", "none")
		if err := Page(New(ios, Options{}), []Section{s}); err != nil {
			t.Fatal(err)
		}
		if out.String() != want {
			t.Errorf("in %d columns:\n%s\nwant\n%s", width, out, want)
		}
	}
}
