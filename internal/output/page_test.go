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
